//! Points and stretches of time as people say them: "since 2h", "yesterday between 9:00 and
//! 10:30", "2026-02-16 09:10Z". Asks no clock; what lacks a zone is read in the one of the context.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Span, Timestamp};

use super::words::Word;
use super::{Context, Window, durations};

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
enum Opener {
    Nothing,
    At,
    Between,
    Since,
    Before,
}

/// The expression at the beginning of the words, and how many of them it takes.
pub(super) fn read(words: &[Word], context: &Context) -> Option<(Expression, usize)> {
    if let Some((seconds, used)) = last(words) {
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
                24 => day.tomorrow().ok()?.at(0, 0, 0, 0),
                hour => day.at(hour, 0, 0, 0),
            };
            return Some((start, instants(end, &zone)?.0));
        };
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

fn plain(words: &[Word], i: usize) -> &str {
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
            && let Some((day, part, clock, n)) = day(rest, context)
        {
            (found.day, found.part) = (Some(day), part);
            found.clock = found.clock.or(clock);
            used += link + n;
        } else if found.clock.is_none()
            && let Some((clock, offset, n)) = clock(rest, opener)
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

type Day = (Date, Option<(i8, i8)>, Option<Time>, usize);

fn day(words: &[Word], context: &Context) -> Option<Day> {
    let today = context.now.to_zoned(context.zone.clone()).date();
    let yesterday = today.yesterday().ok()?;
    let of = |date: Date, name: &str, used: usize| Some((date, part(name), None, used));
    match (plain(words, 0), plain(words, 1)) {
        ("this", name) if part(name).is_some() => of(today, name, 2),
        ("tonight", _) => of(today, "evening", 1),
        ("last", "night") => of(yesterday, "evening", 2),
        ("yesterday", name) if part(name).is_some() => of(yesterday, name, 2),
        ("today", _) => of(today, "", 1),
        ("yesterday", _) => of(yesterday, "", 1),
        ("last", name) => weekday(name, today, 7).map(|date| (date, None, None, 2)),
        (name, _) => weekday(name, today, 0)
            .map(|date| (date, None, None, 1))
            .or_else(|| written(words, today, context)),
    }
}

fn part(name: &str) -> Option<(i8, i8)> {
    match name {
        "morning" => Some((6, 12)),
        "afternoon" => Some((12, 18)),
        "evening" | "night" => Some((18, 24)),
        _ => None,
    }
}

/// The last such weekday; today counts unless `least` days must have passed.
fn weekday(name: &str, today: Date, least: i32) -> Option<Date> {
    let named = match name {
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" => Weekday::Tuesday,
        "wednesday" | "wed" => Weekday::Wednesday,
        "thursday" | "thu" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    };
    let days = i32::from(named.until(today.weekday()));
    let days = if days == 0 && least > 0 { 7 } else { days };
    today.checked_sub(Span::new().try_days(days).ok()?).ok()
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// `2026-02-16`, `2026-02-16T09:10`, `16.02.2026`, `16/02/2026`, `16 Feb`, `Feb 16th 2026`.
fn written(words: &[Word], today: Date, context: &Context) -> Option<Day> {
    let first = words.first()?.typed.as_str();
    let has_time = first.contains(['T', 't']);
    if first
        .get(..10)
        .is_some_and(|date| date.parse::<Date>().is_ok())
    {
        if let Ok(date) = first.parse::<Date>()
            && !has_time
        {
            return Some((date, None, None, 1));
        }
        let at: DateTime = first.parse().ok()?;
        return Some((at.date(), None, Some(at.time()), 1));
    }
    if let Some(date) = numeric(first, context) {
        return Some((date, None, None, 1));
    }
    let (one, two) = (plain(words, 0), plain(words, 1));
    let (day, month) = match (day_of_month(one), month(two)) {
        (Some(day), Some(month)) => (day, month),
        _ => (day_of_month(two)?, month(one)?),
    };
    let year: Option<i16> = Some(plain(words, 2))
        .filter(|year| year.len() == 4)
        .and_then(|year| year.parse().ok())
        .filter(|year| (2000..2100).contains(year));
    if let Some(year) = year {
        return Some((Date::new(year, month, day).ok()?, None, None, 3));
    }
    let this_year = Date::new(today.year(), month, day).ok();
    let date = this_year
        .filter(|date| *date <= today)
        .or_else(|| Date::new(today.year().checked_sub(1)?, month, day).ok())?;
    Some((date, None, None, 2))
}

/// Dots mean day first. So do slashes, except where the home country writes the month first.
fn numeric(text: &str, context: &Context) -> Option<Date> {
    let separator = if text.contains('/') { '/' } else { '.' };
    let mut parts = text.split(separator);
    let (one, two, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || one.len() > 2 || two.len() > 2 {
        return None;
    }
    let (one, two): (i8, i8) = (one.parse().ok()?, two.parse().ok()?);
    let american = separator == '/' && context.home_country.as_deref() == Some("US");
    let (day, month) = if (american && one <= 12) || two > 12 {
        (two, one)
    } else {
        (one, two)
    };
    Date::new(year.parse().ok()?, month, day).ok()
}

fn day_of_month(text: &str) -> Option<i8> {
    let digits = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|end| text.strip_suffix(end));
    let number = digits.unwrap_or(text);
    let short = number.len() <= 2 && number.bytes().all(|b| b.is_ascii_digit());
    number
        .parse()
        .ok()
        .filter(|day| short && (1..=31).contains(day))
}

fn month(text: &str) -> Option<i8> {
    let fits = |name: &str| name.get(..3) == Some(text) || name == text || text == "sept";
    let at = MONTHS
        .iter()
        .position(|name| fits(name) && (text != "sept" || *name == "september"));
    i8::try_from(at? + 1).ok()
}

/// A time of day, its zone, and how many words that takes. A bare hour counts only between two.
fn clock(words: &[Word], opener: Opener) -> Option<(Time, Option<Offset>, usize)> {
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
