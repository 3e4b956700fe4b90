//! "Did you mean": the nearest of a few known words. Compares letters; knows nothing of what the words are for.

/// The candidate that `word` most likely was meant to be, if any is near enough to be worth asking.
///
/// One slip (a letter wrong, missing, extra or swapped) is allowed in each three letters, so that short words
/// are only corrected when they are nearly right.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let slips_allowed = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::osa_distance(&word, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(slips, candidate)| *slips <= slips_allowed && *slips < candidate.chars().count())
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, candidate)| candidate)
}
