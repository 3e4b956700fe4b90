//! Points and stretches of time as people say them: "since 2h", "yesterday between 9:00 and
//! 10:30", "2026-02-16 09:10Z". Asks no clock; what lacks a zone is read in the one of the context.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::words::Word;
use super::{Context, Window, clocks, days, durations};

/// One expression of time, not yet placed on the calendar.
#[derive(Debug, Clone)]
pub(super) enum Expression {
    /// The last so many seconds.
    Last(u64),
    /// From a moment until now.
    Since(Moment),
    /// From the beginning of that day until a moment.
    Before(Moment),
    /// From one moment to another.
    Range(Moment, Moment),
    /// A day, a part of it, or a quarter of an hour around a moment.
    At(Moment),
}

/// A moment in the pieces in which it was said; at least one is there.
#[derive(Debug, Clone, Default)]
pub(super) struct Moment {
    day: Option<Date>,
    /// Hours of the day, as "this morning" says them.
    part: Option<(i8, i8)>,
    clock: Option<Time>,
    offset: Option<Offset>,
    exact: Option<Timestamp>,
}

/// How a word before a moment says what the moment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opener {
    Nothing,
    At,
    Between,
    Since,
    Before,
}

/// The expression at the beginning of the words, and how many of them it takes.
pub(super) fn read(words: &[Word], context: &Context) -> Option<(Expression, usize)> {
    if let Some((seconds, used)) = last(words) {
        if seconds == 0 {
            return None;
        }
        return Some((Expression::Last(seconds), used));
    }
    let opener = match plain(words, 0) {
        "since" | "after" | "starting" | "from" => Opener::Since,
        "before" | "until" | "till" => Opener::Before,
        "between" => Opener::Between,
        "around" | "about" | "at" | "ca" | "circa" | "approx" | "on" | "in" | "during" | "~" => {
            Opener::At
        }
        _ => Opener::Nothing,
    };
    let from = plain(words, 0) == "from";
    let mut start = usize::from(opener != Opener::Nothing);
    // "since about 14:00", "at around noon", "since the 16 Feb"
    while start > 0
        && ["about", "around", "approx", "at", "on", "the"].contains(&plain(words, start))
    {
        start += 1;
    }
    if opener == Opener::Since && plain(words, 0) == "since" {
        let duration = durations::read(words.get(start..)?);
        if let Some((seconds, used)) = duration
            && plain(words, start + used) != "ago"
        {
            // Since nothing ago: no call can be in that.
            if seconds == 0 {
                return None;
            }
            return Some((Expression::Last(seconds), start + used));
        }
    }
    let (first, used) = moment(words.get(start..)?, opener, context)?;
    let end = start + used;
    let joined = match plain(words, end) {
        "and" => opener == Opener::Between,
        "to" | "until" | "till" | "-" => true,
        _ => false,
    };
    let second = if joined {
        let rest = words.get(end + 1..)?;
        moment(
            rest,
            if from { Opener::Since } else { Opener::Between },
            context,
        )
    } else {
        None
    };
    if let Some((second, used)) = second {
        return Some((Expression::Range(first, second), end + 1 + used));
    }
    let expression = match opener {
        Opener::Since => Expression::Since(first),
        Opener::Before => Expression::Before(first),
        _ => Expression::At(first),
    };
    Some((expression, end))
}

/// All that was said about time, as one window. A day said apart from a time belongs to it.
pub(super) fn resolve(mut said: Vec<Expression>, context: &Context) -> Option<Window> {
    let lone_day = |e: &Expression| matches!(e, Expression::At(m) if m.is_day());
    if let Some(at) = said.iter().position(lone_day)
        && said
            .iter()
            .any(|e| e.first().is_some_and(Moment::lacks_day))
        && let Expression::At(Moment { day, .. }) = said.remove(at)
    {
        for moment in said
            .iter_mut()
            .filter_map(Expression::first_mut)
            .filter(|m| m.lacks_day())
        {
            moment.day = day;
        }
    }
    let windows = said
        .into_iter()
        .filter_map(|expression| place(expression, context));
    windows.reduce(|one, other| {
        let both = (one.from.max(other.from), one.to.min(other.to));
        if both.0 <= both.1 {
            Window {
                from: both.0,
                to: both.1,
            }
        } else {
            Window {
                from: one.from.min(other.from),
                to: one.to.max(other.to),
            }
        }
    })
}

/// A Unix time in seconds (with a fraction perhaps) or milliseconds. Only of the last months: other
/// digits of that length are numbers.
pub(super) fn epoch(text: &str, now: Timestamp) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    let age = |seconds: i64| now.as_second() - seconds;
    let recent = -2 * 86_400..400 * 86_400;
    match whole.len() {
        10 if recent.contains(&age(number)) => {
            let nanos: i32 = format!("{fraction:0<9}").parse().ok()?;
            Timestamp::new(number, nanos).ok()
        }
        13 if recent.contains(&age(number / 1000)) => Timestamp::from_millisecond(number).ok(),
        _ => None,
    }
}

impl Expression {
    fn first(&self) -> Option<&Moment> {
        match self {
            Expression::Last(_) => None,
            Expression::Since(m) | Expression::Before(m) | Expression::At(m) => Some(m),
            Expression::Range(m, _) => Some(m),
        }
    }

    fn first_mut(&mut self) -> Option<&mut Moment> {
        match self {
            Expression::Last(_) => None,
            Expression::Since(m) | Expression::Before(m) | Expression::At(m) => Some(m),
            Expression::Range(m, _) => Some(m),
        }
    }
}

impl Moment {
    fn is_day(&self) -> bool {
        self.day.is_some() && self.part.is_none() && self.clock.is_none()
    }

    fn lacks_day(&self) -> bool {
        self.clock.is_some() && self.day.is_none()
    }

    /// The first and last instant that the moment can mean.
    fn bounds(&self, context: &Context) -> Option<(Timestamp, Timestamp)> {
        if let Some(exact) = self.exact {
            return Some((exact, exact));
        }
        let zone = self
            .offset
            .map_or_else(|| context.zone.clone(), TimeZone::fixed);
        let today = context.now.to_zoned(zone.clone()).date();
        let day = self.day.unwrap_or(today);
        let Some(clock) = self.clock else {
            let (from, to) = self.part.unwrap_or((0, 24));
            let start = instants(day.at(from, 0, 0, 0), &zone)?.0;
            let end = match to {
                24.. => day.tomorrow().ok()?.at(to - 24, 0, 0, 0),
                hour => day.at(hour, 0, 0, 0),
            };
            return Some((start, instants(end, &zone)?.0));
        };
        // "last night at 02:00" was on the next day.
        let over = self.part.is_some_and(|(_, to)| clock.hour() < to - 24);
        let day = if over { day.tomorrow().ok()? } else { day };
        let at = instants(day.to_datetime(clock), &zone)?;
        if self.day.is_none() && at.0 > context.now {
            return instants(day.yesterday().ok()?.to_datetime(clock), &zone);
        }
        Some(at)
    }
}

/// The instants that a local time names: two when clocks are set back, one shifted by the hour that
/// is missing when they are set forward.
fn instants(at: DateTime, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let (first, last) = match zone.to_ambiguous_timestamp(at).offset() {
        AmbiguousOffset::Unambiguous { offset } => (offset, offset),
        AmbiguousOffset::Gap { before, .. } => (before, before),
        AmbiguousOffset::Fold { before, after } => (before, after),
    };
    Some((first.to_timestamp(at).ok()?, last.to_timestamp(at).ok()?))
}

fn place(expression: Expression, context: &Context) -> Option<Window> {
    let now = context.now;
    match expression {
        Expression::Last(seconds) => Some(Window {
            from: back(now, seconds),
            to: now,
        }),
        Expression::Since(moment) => {
            let from = moment.bounds(context)?.0;
            // "this morning", said at four, began at midnight.
            let early = moment.part.is_some() && from > now;
            let whole = Moment {
                part: None,
                ..moment
            };
            Some(Window::new(
                if early {
                    whole.bounds(context)?.0
                } else {
                    from
                },
                now,
            ))
        }
        Expression::Before(moment) => {
            let to = moment.bounds(context)?.0;
            let zone = moment
                .offset
                .map_or_else(|| context.zone.clone(), TimeZone::fixed);
            Some(Window::new(
                to.to_zoned(zone).start_of_day().ok()?.timestamp(),
                to,
            ))
        }
        Expression::Range(first, second) => range(first, second, context),
        Expression::At(moment) => {
            let (from, to) = moment.bounds(context)?;
            if moment.clock.is_some() || moment.exact.is_some() {
                return Some(Window {
                    from: Window::around(from).from,
                    to: Window::around(to).to,
                });
            }
            // A day that is not over ends now.
            Some(Window {
                from,
                to: if from < now { to.min(now) } else { to },
            })
        }
    }
}

/// Day and zone said once hold for both ends; an end that would lie before its beginning is on the
/// next day.
fn range(mut first: Moment, mut second: Moment, context: &Context) -> Option<Window> {
    first.offset = first.offset.or(second.offset);
    second.offset = second.offset.or(first.offset);
    if first.lacks_day() {
        first.day = second.day;
    }
    let (from, _) = first.bounds(context)?;
    if second.lacks_day() {
        let zone = second
            .offset
            .map_or_else(|| context.zone.clone(), TimeZone::fixed);
        let day = from.to_zoned(zone).date();
        second.day = Some(day);
        if second.bounds(context)?.1 < from {
            second.day = day.tomorrow().ok();
        }
    }
    Some(Window::new(from, second.bounds(context)?.1))
}

fn back(now: Timestamp, seconds: u64) -> Timestamp {
    let duration = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    now.checked_sub(duration).unwrap_or(Timestamp::MIN)
}

pub(super) fn plain(words: &[Word], i: usize) -> &str {
    words.get(i).map_or("", |word| word.plain.as_str())
}

/// "last 2h", "in the past 3 days", "over the last hour".
fn last(words: &[Word]) -> Option<(u64, usize)> {
    let lead = [
        "in", "within", "over", "for", "during", "since", "the", "from",
    ];
    let start = words
        .iter()
        .take(2)
        .take_while(|w| lead.contains(&w.plain.as_str()))
        .count();
    if !["last", "past"].contains(&plain(words, start)) {
        return None;
    }
    let rest = words.get(start + 1..)?;
    if let Some((seconds, used)) = durations::read(rest) {
        return Some((seconds, start + 1 + used));
    }
    Some((
        durations::unit(plain(rest, 0)).filter(|unit| *unit > 1)?,
        start + 2,
    ))
}

/// A day, a time of day, or both in either order, with a zone perhaps.
fn moment(words: &[Word], opener: Opener, context: &Context) -> Option<(Moment, usize)> {
    if let Some((seconds, used)) = durations::read(words)
        && plain(words, used) == "ago"
    {
        let exact = Some(back(context.now, seconds));
        return Some((
            Moment {
                exact,
                ..Moment::default()
            },
            used + 1,
        ));
    }
    let first = words.first()?;
    if let Some(exact) = stamped(&first.typed) {
        return Some((
            Moment {
                exact: Some(exact),
                ..Moment::default()
            },
            1,
        ));
    }
    if opener != Opener::Nothing
        && let Some(exact) = epoch(&first.typed, context.now)
    {
        return Some((
            Moment {
                exact: Some(exact),
                ..Moment::default()
            },
            1,
        ));
    }
    let mut found = Moment::default();
    let mut used = 0;
    loop {
        let link =
            usize::from(used > 0 && ["at", "on", "around", "about"].contains(&plain(words, used)));
        let rest = words.get(used + link..).unwrap_or_default();
        if found.day.is_none()
            && let Some((day, part, clock, n)) = days::read(rest, context)
        {
            (found.day, found.part) = (Some(day), part);
            found.clock = found.clock.or(clock);
            used += link + n;
        } else if found.clock.is_none()
            && let Some((clock, offset, n)) = clocks::read(rest, opener)
        {
            (found.clock, found.offset) = (Some(clock), offset);
            used += link + n;
        } else {
            break;
        }
    }
    (used > 0).then_some((found, used))
}

/// A timestamp that carries its own zone.
fn stamped(text: &str) -> Option<Timestamp> {
    let begins_as_date = text
        .get(..10)
        .is_some_and(|date| date.parse::<Date>().is_ok());
    text.parse().ok().filter(|_| begins_as_date)
}
