//! Times of day and their zones: "09:10:02Z", "2 pm", "14 Uhr", "noon CET". Knows no days.

use jiff::civil::Time;
use jiff::tz::Offset;

use super::durations;
use super::times::{Opener, plain};
use super::words::Word;

/// A time of day, its zone, and how many words that takes. A bare hour counts only between two.
pub(super) fn read(words: &[Word], opener: Opener) -> Option<(Time, Option<Offset>, usize)> {
    let word = plain(words, 0).trim_start_matches('~');
    match word {
        "noon" | "midday" => return Some((Time::constant(12, 0, 0, 0), None, 1)),
        "midnight" => return Some((Time::constant(0, 0, 0, 0), None, 1)),
        _ => {}
    }
    let end = word.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.');
    let (time, suffix) = word.split_at_checked(end.unwrap_or(word.len()))?;
    let next = plain(words, 1);
    let half = |text: &str| match text {
        "am" | "a.m" => Some(0),
        "pm" | "p.m" => Some(12),
        _ => None,
    };
    let (shift, mut used) = match (half(suffix), half(next)) {
        (Some(shift), _) => (Some(shift), 1),
        (None, Some(shift)) if suffix.is_empty() => (Some(shift), 2),
        _ => (None, 1),
    };
    let spoken = shift.is_none()
        && (suffix == "h" || suffix == "uhr" || (suffix.is_empty() && next == "uhr"));
    if spoken && suffix.is_empty() {
        used = 2;
    }
    // "at 14.53"
    let dotted = opener != Opener::Nothing && is_dotted(words);
    let with_colon = if dotted {
        time.replace('.', ":")
    } else {
        String::new()
    };
    let time = if dotted { with_colon.as_str() } else { time };
    let hour_alone = !time.contains(':');
    let allowed = !hour_alone
        || shift.is_some()
        || spoken && opener != Opener::Nothing
        || (opener == Opener::Between && suffix.is_empty());
    if !allowed || time.is_empty() || time.contains('.') && hour_alone {
        return None;
    }
    let mut time = read_clock(time)?;
    if let Some(shift) = shift {
        let hour = time.hour();
        let on_dial = (1..=12).contains(&hour);
        time = time
            .with()
            .hour(hour % 12 + shift)
            .build()
            .ok()
            .filter(|_| on_dial)?;
    }
    let glued = if shift.is_some() || spoken {
        ""
    } else {
        suffix
    };
    if !glued.is_empty() {
        return Some((time, Some(offset(glued)?), used));
    }
    let offset = offset(plain(words, used));
    Some((time, offset, used + usize::from(offset.is_some())))
}

/// `14.53`, when it is neither a share nor a length of time.
pub(super) fn is_dotted(words: &[Word]) -> bool {
    let (hour, minute) = plain(words, 0).split_once('.').unwrap_or_default();
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let share = words.iter().take(2).any(|word| word.raw.contains('%'));
    let length = durations::unit(plain(words, 1)).is_some();
    (1..=2).contains(&hour.len())
        && minute.len() == 2
        && digits(hour)
        && digits(minute)
        && !share
        && !length
}

/// `9`, `09:10`, `09:10:02`, `09:10:02.5`.
fn read_clock(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    let two = |part: Option<&str>| {
        part.map_or(Some(0), |p| p.parse::<i8>().ok().filter(|_| p.len() <= 2))
    };
    let (hour, minute) = (two(parts.next())?, two(parts.next())?);
    let (second, fraction) = match parts.next() {
        Some(seconds) => seconds.split_once('.').unwrap_or((seconds, "")),
        None => ("0", ""),
    };
    let nanos = format!("{fraction:0<9}")
        .parse()
        .ok()
        .filter(|_| fraction.len() <= 9)?;
    let time = Time::new(hour, minute, two(Some(second))?, nanos).ok()?;
    parts.next().is_none().then_some(time)
}

/// A zone by its offset or one of the few names that mean a single offset to most people.
fn offset(text: &str) -> Option<Offset> {
    let hours = match text {
        "z" | "utc" | "gmt" => 0,
        "bst" | "cet" => 1,
        "cest" => 2,
        "edt" => -4,
        "est" | "cdt" => -5,
        "cst" | "mdt" => -6,
        "mst" | "pdt" => -7,
        "pst" => -8,
        _ => return written_offset(text),
    };
    Offset::from_hours(hours).ok()
}

/// `+02:00`, `-0530`, `+2`, `utc+2`.
fn written_offset(text: &str) -> Option<Offset> {
    let text = text
        .strip_prefix("utc")
        .or(text.strip_prefix("gmt"))
        .unwrap_or(text);
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits: String = text.chars().skip(1).filter(|c| *c != ':').collect();
    let fits = digits.bytes().all(|b| b.is_ascii_digit());
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.as_str(), "0"),
        4 => digits.split_at_checked(2)?,
        _ => return None,
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60))
        .ok()
        .filter(|_| fits && minutes < 60)
}
