//! Times as log writers and sniffers write them. Says what stands there and what does not: the
//! date, the year, the zone and the fraction may each be missing; nothing is made up here.

use std::ops::Range;

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use super::date::{self, Day, Either, Order, two};

/// Bytes of a line in which its time is looked for.
const FARTHEST: usize = 256;

/// A time as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) when: When,
    /// Whether it has a fraction of a second.
    pub(super) exact: bool,
    /// Whether its date or year was taken from another line.
    pub(super) borrowed: bool,
    /// The order of day and month in its date, where that is known.
    pub(super) order: Option<Order>,
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

impl Written {
    fn new(when: When, exact: bool) -> Written {
        Written {
            when,
            exact,
            borrowed: false,
            order: None,
        }
    }

    /// The same with a full date, where day and month stand in this order.
    pub(super) fn ordered(mut self, order: Option<Order>) -> Written {
        let (When::Local(Day::Either(either), time), Some(order)) = (self.when, order) else {
            return self;
        };
        let date = either.date(order);
        let instant = |offset: Offset| offset.to_timestamp(date.to_datetime(time)).ok();
        self.when = match either.offset.and_then(instant) {
            Some(at) => When::Instant(at),
            None => When::Local(Day::Full(date), time),
        };
        self.order = Some(order);
        self
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
    let rest = line.get(at..)?;
    let ([h, hh, b':', m, mm, b':', s, ss, ..], short) = (match rest {
        [h, b':', m, mm, b':', s, ss, ..] => ([b'0', *h, b':', *m, *mm, b':', *s, *ss], true),
        _ => (*rest.first_chunk()?, false),
    }) else {
        return None;
    };
    let [hour, minute, second] = [(h, hh), (m, mm), (s, ss)].map(|(a, b)| two(a, b));
    let mut end = at + if short { 7 } else { 8 };
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
    let (behind, half) = half(line, end);
    end = behind;
    // A leap second is written as 60; no calendar here has it.
    let hour = of_day(hour?, half);
    let time = Time::new(hour, minute?, second?.min(59), nanoseconds(fraction)?).ok()?;
    let found = date::at_end(line.get(..at).unwrap_or_default());
    // An hour of one digit is that of a date, or of a half of the day; anything else may look so.
    if short && found.is_none() && half.is_none() {
        return None;
    }
    let (start, mut day) = found.map_or((at, Day::None), |it| (it.start, it.day));
    let (mut end, offset) = zone(line, end);
    if let (Day::NoYear(month, of_month), None) = (day, offset)
        && let Some([b' ', digits @ ..]) = line.get(end..end + 5)
        && let Some(year) = date::year(digits)
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
        (Day::Either(either), _) => When::Local(Day::Either(Either { offset, ..either }), time),
        (day, _) => When::Local(day, time),
    };
    let written = Written {
        order: found.and_then(|it| it.order),
        ..Written::new(when, exact)
    };
    Some((start..end, written))
}

/// The half of a day that an hour counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Am,
    Pm,
}

/// `AM` or `PM` behind a time of day, in any spelling, and where it ends.
fn half(line: &[u8], end: usize) -> (usize, Option<Half>) {
    let rest = line.get(end..).unwrap_or_default();
    // Browsers write a narrow blank that does not break.
    let blanks: [&[u8]; 3] = [b" ", b"\xc2\xa0", "\u{202f}".as_bytes()];
    let marked = blanks.iter().find_map(|it| rest.strip_prefix(*it));
    let word = marked.unwrap_or(rest);
    let half = match word.first() {
        Some(b'A' | b'a') => Half::Am,
        Some(b'P' | b'p') => Half::Pm,
        _ => return (end, None),
    };
    let tail = match word.get(1..) {
        Some([b'M' | b'm', tail @ ..]) => tail,
        Some([b'.', b'M' | b'm', tail @ ..]) => tail.strip_prefix(b".").unwrap_or(tail),
        _ => return (end, None),
    };
    if tail.first().is_some_and(u8::is_ascii_alphanumeric) {
        return (end, None);
    }
    (line.len() - tail.len(), Some(half))
}

/// The hour from 0 to 23. One that no half of a day has is left as it is.
fn of_day(hour: i8, half: Option<Half>) -> i8 {
    match (half, hour) {
        (Some(Half::Am), 12) => 0,
        (Some(Half::Pm), 1..=11) => hour + 12,
        _ => hour,
    }
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
