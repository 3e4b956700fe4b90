//! Lengths of time: "30 seconds", "90min", "1h30m", "half an hour". Reads no moments.

use super::words::Word;

const SECOND: u64 = 1;
const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

const UNITS: &[(&[&str], u64)] = &[
    (&["s", "sec", "secs", "second", "seconds"], SECOND),
    (&["m", "min", "mins", "minute", "minutes"], MINUTE),
    (&["h", "hr", "hrs", "hour", "hours"], HOUR),
    (&["d", "day", "days"], DAY),
    (&["w", "week", "weeks"], 7 * DAY),
    (&["month", "months"], 30 * DAY),
];

const COUNTS: &[(&str, f64)] = &[
    ("a", 1.0),
    ("an", 1.0),
    ("one", 1.0),
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("fifteen", 15.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("forty", 40.0),
    ("sixty", 60.0),
    ("ninety", 90.0),
];

/// Seconds said at the beginning of the words, and how many of them that takes.
pub(super) fn read(words: &[Word]) -> Option<(u64, usize)> {
    let word = |i: usize| words.get(i).map_or("", |word| word.plain.as_str());
    if let Some(seconds) = glued(word(0)) {
        return Some((seconds, 1));
    }
    let (count, used) = match (word(0), word(1)) {
        ("half", "a" | "an") => (0.5, 2),
        ("half", _) => (0.5, 1),
        (first, _) => (count(first)?, 1),
    };
    seconds(count, unit(word(used))?).map(|seconds| (seconds, used + 1))
}

/// A lone unit, as in "the last hour".
pub(super) fn unit(word: &str) -> Option<u64> {
    UNITS
        .iter()
        .find(|(names, _)| names.contains(&word))
        .map(|(_, seconds)| *seconds)
}

fn count(word: &str) -> Option<f64> {
    let said = COUNTS
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, count)| *count);
    said.or_else(|| decimal(word.trim_start_matches('~')))
}

fn decimal(text: &str) -> Option<f64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.parse().ok().filter(|_| digits)
}

/// `30s`, `90min`, `1h30m`, `1h30`, `30-second`.
fn glued(word: &str) -> Option<u64> {
    // "since -2h": the sign says nothing that "since" does not.
    let mut rest = word.trim_start_matches(['~', '-']);
    let (mut total, mut previous): (u64, Option<u64>) = (0, None);
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, tail) = rest.split_at_checked(end)?;
        let end = tail
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (name, tail) = tail.split_at_checked(end)?;
        // Behind hours, digits alone are minutes.
        let size = match (name, previous) {
            ("", Some(HOUR)) => MINUTE,
            _ => unit(name.trim_start_matches('-'))?,
        };
        total = total.checked_add(seconds(decimal(number)?, size)?)?;
        previous = Some(size);
        rest = tail;
    }
    previous.map(|_| total)
}

/// `None` for more than a century: nobody means that.
fn seconds(count: f64, unit: u64) -> Option<u64> {
    #[expect(clippy::cast_precision_loss, reason = "units are small")]
    let total = (count * unit as f64).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked"
    )]
    (0.0..4e9).contains(&total).then_some(total as u64)
}
