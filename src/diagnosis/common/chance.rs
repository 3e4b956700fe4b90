//! Whether what a few calls agree in may be chance: Fisher's exact test on four counts. Reads no call.

/// What happens by chance more often than this is said to be possibly chance. Several traits are
/// looked at, so that one in twenty would be too much.
const RARE: f64 = 0.01;

/// Whether so many failing calls could bear a trait by chance, with the same share of bearers among
/// all calls: `failing` of `all_failing`, `good` of `all_good`. One-sided; without good calls there
/// is nothing to tell it by, and it may be.
#[must_use]
pub(super) fn may_be_chance(
    failing: usize,
    all_failing: usize,
    good: usize,
    all_good: usize,
) -> bool {
    let (bearers, all) = (failing + good, all_failing + all_good);
    let most = bearers.min(all_failing);
    let logs = log_factorials(all);
    let log = |n: usize| logs.get(n).copied().unwrap_or_default();
    let choose = |n: usize, k: usize| log(n) - log(k) - log(n.saturating_sub(k));
    let chance: f64 = (failing..=most)
        .filter(|drawn| bearers - drawn <= all_good)
        .map(|drawn| {
            let ways = choose(all_failing, drawn) + choose(all_good, bearers - drawn);
            (ways - choose(all, bearers)).exp()
        })
        .sum();
    chance > RARE
}

/// The natural logarithms of 0! to n!.
fn log_factorials(n: usize) -> Vec<f64> {
    let mut sum = 0.0;
    let terms = (1..=n).map(|k| {
        sum += (k as f64).ln();
        sum
    });
    std::iter::once(0.0).chain(terms).collect()
}

#[cfg(test)]
mod tests {
    use super::may_be_chance;

    #[test]
    fn few_calls_may_agree_by_chance_and_many_do_not() {
        // 1 in 10, 1 in 20, 1 in 220: all of them at one carrier, none of the good ones.
        assert!(may_be_chance(3, 3, 0, 2));
        assert!(may_be_chance(3, 3, 0, 3));
        assert!(!may_be_chance(3, 3, 0, 9));
        assert!(!may_be_chance(12, 12, 0, 40));
        assert!(!may_be_chance(37, 120, 1, 400));
        // The same share in both.
        assert!(may_be_chance(9, 12, 30, 40));
        assert!(may_be_chance(5, 5, 0, 0));
        assert!(!may_be_chance(5000, 5000, 0, 5000));
    }
}
