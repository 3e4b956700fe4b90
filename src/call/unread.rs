//! Words that look like a time but cannot be read as one: "25:00", "31/02/2026", "tomorrow". Only
//! finds them, once `times` has given up; what is said about them is decided elsewhere.

use super::times::{Opener, plain};
use super::words::Word;
use super::{clocks, days, durations};

/// Longest word that is said back.
const MAX_SAID: usize = 80;

/// How many words at the beginning look like a time.
pub(super) fn read(words: &[Word]) -> Option<usize> {
    let (first, next) = (plain(words, 0), plain(words, 1));
    match first {
        "tomorrow" => return Some(with_clock(words, 1 + usize::from(days::is_part(next)))),
        "next" if days::is_weekday(next) || ["week", "month", "night"].contains(&next) => {
            return Some(with_clock(words, 2));
        }
        "in" => {
            let (_, used) = durations::read(words.get(1..)?)?;
            return Some(used + 1);
        }
        _ => {}
    }
    if (is_clock(first) || is_date(first)) && !days::is_share(words) {
        return Some(with_clock(words, 1));
    }
    if let Some(used) = days::is_spoken(words) {
        return Some(with_clock(words, used));
    }
    opened(first, next, words)
}

/// "since 0h", "at 14", "last 99999999999 hours": figures behind a word that opens a time.
fn opened(first: &str, next: &str, words: &[Word]) -> Option<usize> {
    let point = ["at", "since", "until", "till", "before", "around"].contains(&first);
    let stretch = ["since", "last", "past"].contains(&first);
    let figures = next.trim_start_matches('-');
    let end = figures
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(figures.len());
    let (count, suffix) = figures.split_at_checked(end)?;
    if count.is_empty() || figures.len() > MAX_SAID {
        return None;
    }
    let behind = plain(words, 2);
    if stretch && durations::unit(suffix).is_some() {
        return Some(2);
    }
    if stretch && suffix.is_empty() && durations::unit(behind).is_some() {
        return Some(3);
    }
    let alone = !behind.chars().all(char::is_alphabetic) || behind.is_empty();
    let hour = suffix.is_empty() && count.len() <= 2 && alone;
    let dotted = suffix.is_empty() && clocks::is_dotted(words.get(1..)?);
    let half = ["am", "pm"].contains(&suffix);
    (point && (hour || dotted || half)).then_some(2)
}

/// A time of day behind a day that cannot be read says nothing by itself.
fn with_clock(words: &[Word], used: usize) -> usize {
    let link = usize::from(["at", "around", "about"].contains(&plain(words, used)));
    let rest = words.get(used + link..).unwrap_or_default();
    clocks::read(rest, Opener::At).map_or(used, |(_, _, more)| used + link + more)
}

/// `25:00`, `9:99pm`, `12:60:00`.
fn is_clock(plain: &str) -> bool {
    let figures = plain
        .trim_start_matches('~')
        .trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let parts: Vec<&str> = figures.split(':').collect();
    let short = plain.len() - figures.len() <= 4;
    match parts.as_slice() {
        [hour, minute] => short && is_number(hour, 1, 2) && is_number(minute, 2, 2),
        [hour, minute, second] => {
            let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
            short
                && is_number(hour, 1, 2)
                && is_number(minute, 2, 2)
                && is_number(second, 2, 2)
                && is_number(fraction, 1, 9)
        }
        _ => false,
    }
}

/// `31/02`, `31/02/2026`, `31.02.2026`, `2026/02/31`, `2026-02-31`.
fn is_date(plain: &str) -> bool {
    let written = plain.split('t').next().unwrap_or("");
    let separator = ['/', '.', '-'].into_iter().find(|c| written.contains(*c));
    let Some(separator) = separator.filter(|_| written.len() == plain.len() || plain.len() > 10)
    else {
        return false;
    };
    let parts: Vec<&str> = written.split(separator).collect();
    match parts.as_slice() {
        [one, two] => separator == '/' && is_number(one, 1, 2) && is_number(two, 1, 2),
        [one, two, three] => {
            let year_last = separator != '-'
                && is_number(one, 1, 2)
                && (is_number(three, 4, 4) || (separator == '/' && is_number(three, 2, 2)));
            let year_first = is_number(one, 4, 4) && is_number(three, 2, 2);
            (year_last && is_number(two, 1, 2)) || (year_first && is_number(two, 2, 2))
        }
        _ => false,
    }
}

fn is_number(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}
