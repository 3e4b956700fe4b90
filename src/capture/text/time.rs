//! Times as log writers and sniffers write them. Says what stands there and what does not: the
//! date, the year, the zone and the fraction may each be missing; nothing is made up here.

use std::ops::Range;

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// Bytes of a line in which its time is looked for.
const FARTHEST: usize = 256;
const MONTHS: [&[u8; 3]; 12] = [
    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
];

/// A time as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) when: When,
    /// Whether it has a fraction of a second.
    pub(super) exact: bool,
    /// Whether its date or year was taken from another line.
    pub(super) borrowed: bool,
}

/// How much of a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// All of it, zone included.
    Instant(Timestamp),
    /// Date or part of it, time of day, and no zone.
    Local(Day, Time),
    /// Time since the message before or since the first one (`ngrep -T`).
    Since(SignedDuration),
}

/// How much of a date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    Full(Date),
    /// Month and day, as syslog writes them.
    NoYear(i8, i8),
    None,
}

impl Written {
    fn new(when: When, exact: bool) -> Written {
        Written {
            when,
            exact,
            borrowed: false,
        }
    }
}

/// The first time in a line.
pub(super) fn find(line: &[u8]) -> Option<Written> {
    locate(line).map(|(_, written)| written)
}

/// The first time in a line, and where it stands, its date and zone included.
pub(super) fn locate(line: &[u8]) -> Option<(Range<usize>, Written)> {
    (0..line.len().min(FARTHEST)).find_map(|at| time_at(line, at))
}

/// Whether a line begins with a time, perhaps in brackets or behind a syslog priority.
pub(super) fn begins_line(line: &[u8]) -> bool {
    locate(line.get(..64).unwrap_or(line)).is_some_and(|(at, _)| at.start <= 5)
}

/// Seconds since 1970 with a fraction, as sipdump writes them.
pub(super) fn unix(text: &str) -> Option<Written> {
    let (seconds, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let at = Timestamp::new(seconds.parse().ok()?, nanoseconds(fraction.as_bytes())?).ok()?;
    Some(Written::new(When::Instant(at), !fraction.is_empty()))
}

/// `+SECONDS.MICROSECONDS`, as `ngrep -T` writes it.
pub(super) fn since(word: &str) -> Option<Written> {
    let (seconds, fraction) = word.strip_prefix('+')?.split_once('.')?;
    let nanoseconds = nanoseconds(fraction.as_bytes())?;
    let since = SignedDuration::new(seconds.parse::<u32>().ok()?.into(), nanoseconds);
    Some(Written::new(When::Since(since), true))
}

fn time_at(line: &[u8], at: usize) -> Option<(Range<usize>, Written)> {
    let before = at.checked_sub(1).and_then(|before| line.get(before));
    // Such as the middle of an IPv6 or MAC address.
    if before.is_some_and(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')) {
        return None;
    }
    let [h, hh, b':', m, mm, b':', s, ss] = line.get(at..at + 8)? else {
        return None;
    };
    let [hour, minute, second] = [(h, hh), (m, mm), (s, ss)].map(|(a, b)| two(*a, *b));
    let mut end = at + 8;
    let mut fraction: &[u8] = &[];
    if let Some([b'.' | b',', after @ ..]) = line.get(end..) {
        let count = after.iter().take_while(|it| it.is_ascii_digit()).count();
        fraction = after.get(..count).unwrap_or_default();
        end += if count > 0 { count + 1 } else { 0 };
    }
    let next = line.get(end);
    if next.is_some_and(|it| *it == b':' && fraction.is_empty() && is_hex(line.get(end + 1))) {
        return None;
    }
    // A leap second is written as 60; no calendar here has it.
    let time = Time::new(hour?, minute?, second?.min(59), nanoseconds(fraction)?).ok()?;
    let (start, mut day) = day_before(line, at);
    let (mut end, offset) = zone(line, end);
    if let (Day::NoYear(month, of_month), None) = (day, offset)
        && let Some(year) = year_after(line, end)
        && let Ok(date) = Date::new(year, month, of_month)
    {
        day = Day::Full(date);
        end += 5;
    }
    let exact = !fraction.is_empty();
    let when = match (day, offset) {
        (Day::Full(date), Some(offset)) => {
            When::Instant(offset.to_timestamp(date.to_datetime(time)).ok()?)
        }
        (day, _) => When::Local(day, time),
    };
    Some((start..end, Written::new(when, exact)))
}

fn two(a: u8, b: u8) -> Option<i8> {
    let both = a.is_ascii_digit() && b.is_ascii_digit();
    both.then(|| ((a - b'0') * 10 + (b - b'0')).cast_signed())
}

fn is_hex(byte: Option<&u8>) -> bool {
    byte.is_some_and(u8::is_ascii_hexdigit)
}

fn nanoseconds(fraction: &[u8]) -> Option<i32> {
    let digits = fraction.iter().copied().chain(std::iter::repeat(b'0'));
    digits.take(9).try_fold(0_i32, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + i32::from(digit - b'0'))
    })
}

/// The date that ends where a time of day begins, and where it begins itself.
fn day_before(line: &[u8], time: usize) -> (usize, Day) {
    let head = line.get(..time).unwrap_or_default();
    let head = head.strip_suffix(b"T").unwrap_or(head).trim_ascii_end();
    full_date(head)
        .or_else(|| month_and_day(head))
        .unwrap_or((time, Day::None))
}

/// `2026-01-31` or `2026/01/31`.
fn full_date(head: &[u8]) -> Option<(usize, Day)> {
    let start = head.len().checked_sub(10)?;
    let [y, yy, yyy, yyyy, dash, m, mm, dash2, d, dd] = head.get(start..)? else {
        return None;
    };
    if dash != dash2 || !matches!(dash, b'-' | b'/') {
        return None;
    }
    let year = i16::from(two(*y, *yy)?) * 100 + i16::from(two(*yyy, *yyyy)?);
    let date = Date::new(year, two(*m, *mm)?, two(*d, *dd)?).ok()?;
    Some((start, Day::Full(date)))
}

/// `Jan 31` or `Jan  1`.
fn month_and_day(head: &[u8]) -> Option<(usize, Day)> {
    let digits = head.iter().rev().take_while(|it| it.is_ascii_digit());
    let (before, day) = head.split_at(head.len() - digits.count());
    let day = match day {
        [d] => two(b'0', *d)?,
        [d, dd] => two(*d, *dd)?,
        _ => return None,
    };
    let month = before.trim_ascii_end();
    let start = month.len().checked_sub(3)?;
    let name = month.get(start..)?;
    let number = MONTHS.iter().position(|it| it.eq_ignore_ascii_case(name))?;
    let month = i8::try_from(number + 1).ok()?;
    // A leap year, so that 29 February passes.
    Date::new(2000, month, day).ok()?;
    Some((start, Day::NoYear(month, day)))
}

/// The year behind the time, as `asctime` writes it.
fn year_after(line: &[u8], end: usize) -> Option<i16> {
    let [b' ', y, yy, yyy, yyyy] = line.get(end..end + 5)? else {
        return None;
    };
    let century = two(*y, *yy)?;
    (century == 19 || century == 20)
        .then(|| Some(i16::from(century) * 100 + i16::from(two(*yyy, *yyyy)?)))?
}

/// The zone behind a time of day, and where it ends.
fn zone(line: &[u8], end: usize) -> (usize, Option<Offset>) {
    let rest = line.get(end..).unwrap_or_default();
    let spaced = rest.strip_prefix(b" ");
    if rest.starts_with(b"Z") {
        return (end + 1, Some(Offset::UTC));
    }
    if spaced.is_some_and(|it| it.starts_with(b"UTC") || it.starts_with(b"GMT")) {
        return (end + 4, Some(Offset::UTC));
    }
    let (digits, space) = match spaced {
        Some(spaced) => (spaced, 1),
        None => (rest, 0),
    };
    let (sign, hours, minutes, length) = match digits {
        [sign @ (b'+' | b'-'), h, hh, b':', m, mm, ..] => (sign, two(*h, *hh), two(*m, *mm), 6),
        [sign @ (b'+' | b'-'), h, hh, m, mm, ..] => (sign, two(*h, *hh), two(*m, *mm), 5),
        _ => return (end, None),
    };
    let (Some(hours), Some(minutes)) = (hours, minutes) else {
        return (end, None);
    };
    let seconds = i32::from(hours) * 3600 + i32::from(minutes) * 60;
    let seconds = if *sign == b'-' { -seconds } else { seconds };
    match Offset::from_seconds(seconds) {
        Ok(offset) => (end + space + length, Some(offset)),
        Err(_) => (end, None),
    }
}
