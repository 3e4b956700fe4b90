//! Days as people write and say them: "2026-02-16", "16 Feb", "last Monday", "this morning".

use jiff::Span;
use jiff::civil::{Date, DateTime, Time, Weekday};

use super::Context;
use super::times::plain;
use super::words::Word;

/// A day, the hours of a part of it, a time that was written with it, and how many words it takes.
pub(super) type Day = (Date, Option<(i8, i8)>, Option<Time>, usize);

/// The day at the beginning of the words.
pub(super) fn read(words: &[Word], context: &Context) -> Option<Day> {
    let now = context.now.to_zoned(context.zone.clone());
    let (today, hour) = (now.date(), now.hour());
    let yesterday = today.yesterday().ok()?;
    let of = |date: Date, name: &str, used: usize| Some((date, part(name), None, used));
    // The part of the day that has begun last: at four, tonight began yesterday.
    let latest = |name: &str, used: usize| {
        let (from, _) = part(name)?;
        match name {
            "morning" if hour < EARLY => Some((today, Some((0, 12)), None, used)),
            _ if hour < from => of(yesterday, name, used),
            _ => of(today, name, used),
        }
    };
    match (plain(words, 0), plain(words, 1)) {
        ("this", name) if part(name).is_some() => latest(name, 2),
        ("tonight", _) => latest("night", 1),
        ("last", "night") => of(yesterday, "night", 2),
        ("last", "evening") => of(yesterday, "evening", 2),
        ("yesterday", name) if part(name).is_some() => of(yesterday, name, 2),
        ("today", _) => of(today, "", 1),
        ("yesterday", _) => of(yesterday, "", 1),
        // Satellite phones.
        ("sat", "phone" | "phones") => None,
        ("last", name) => weekday(name, today, 7).map(|date| (date, None, None, 2)),
        (name, next) if is_weekday(name) && is_part(next) => of(weekday(name, today, 0)?, next, 2),
        (name, _) => weekday(name, today, 0)
            .map(|date| (date, None, None, 1))
            .or_else(|| written(words, today, context)),
    }
}

/// Until this hour, "this morning" is said of the hours since midnight.
const EARLY: i8 = 8;

/// Whether a word names a part of the day.
pub(super) fn is_part(name: &str) -> bool {
    part(name).is_some()
}

/// Hours from midnight; a night ends on the next day.
fn part(name: &str) -> Option<(i8, i8)> {
    match name {
        "morning" => Some((6, 12)),
        "afternoon" => Some((12, 18)),
        "evening" => Some((18, 24)),
        "night" => Some((18, 30)),
        _ => None,
    }
}

/// Whether a word names a day of the week.
pub(super) fn is_weekday(name: &str) -> bool {
    day_of_week(name).is_some()
}

fn day_of_week(name: &str) -> Option<Weekday> {
    Some(match name {
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" => Weekday::Tuesday,
        "wednesday" | "wed" => Weekday::Wednesday,
        "thursday" | "thu" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" | "sat" => Weekday::Saturday,
        "sunday" | "sun" => Weekday::Sunday,
        _ => return None,
    })
}

/// The last such weekday; today counts unless `least` days must have passed.
fn weekday(name: &str, today: Date, least: i32) -> Option<Date> {
    let named = day_of_week(name)?;
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
    if is_share(words) {
        return None;
    }
    if let Some((date, _)) = numeric(first, context) {
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
    Some((latest(month, day, today)?, None, None, 2))
}

/// The last such day that has begun.
fn latest(month: i8, day: i8, today: Date) -> Option<Date> {
    let this_year = Date::new(today.year(), month, day).ok();
    this_year
        .filter(|date| *date <= today)
        .or_else(|| Date::new(today.year().checked_sub(1)?, month, day).ok())
}

/// How many words a day of a month takes, whether or not the month has it: "30 Feb 2026".
pub(super) fn is_spoken(words: &[Word]) -> Option<usize> {
    let (one, two, year) = (plain(words, 0), plain(words, 1), plain(words, 2));
    let named = (day_of_month(one).is_some() && month(two).is_some())
        || (day_of_month(two).is_some() && month(one).is_some());
    named.then(|| 2 + usize::from(year.len() == 4 && number(year, 4).is_some()))
}

/// "2/3 of calls", "24/7": figures and a slash that are no date.
pub(super) fn is_share(words: &[Word]) -> bool {
    let first = plain(words, 0);
    let counted = ["of", "calls", "call", "attempts", "times"].contains(&plain(words, 1));
    first == "24/7" || (counted && first.matches('/').count() == 1)
}

/// What to say of a date whose day and month might as well be the other way round.
pub(super) fn assumed(text: &str, context: &Context) -> Option<String> {
    let (date, open) = numeric(text, context)?;
    open.then(|| format!("{text} was read as {}", date.strftime("%-d %B")))
}

/// Dots mean day first. So do slashes, except where the home country writes the month first. With
/// the date: whether it could be read the other way round.
fn numeric(text: &str, context: &Context) -> Option<(Date, bool)> {
    let slashes = text.contains('/');
    let parts: Vec<&str> = text.split(if slashes { '/' } else { '.' }).collect();
    let (one, two, year) = match parts.as_slice() {
        [year, month, day] if slashes && year.len() == 4 => {
            let date = Date::new(number(year, 4)?, i8_of(month)?, i8_of(day)?).ok()?;
            return Some((date, false));
        }
        [one, two, year] if year.len() == 4 => (one, two, Some(number(year, 4)?)),
        [one, two, year] if slashes && year.len() == 2 => {
            (one, two, Some(number(year, 2)?.checked_add(2000)?))
        }
        [one, two] if slashes => (one, two, None),
        _ => return None,
    };
    let (one, two) = (i8_of(one)?, i8_of(two)?);
    let american = slashes && context.home_country.as_deref() == Some("US");
    let (day, month) = if (american && one <= 12) || two > 12 {
        (two, one)
    } else {
        (one, two)
    };
    let today = context.now.to_zoned(context.zone.clone()).date();
    let date = match year {
        Some(year) => Date::new(year, month, day).ok()?,
        None => latest(month, day, today)?,
    };
    Some((date, slashes && one != two && one <= 12 && two <= 12))
}

fn number(text: &str, most: usize) -> Option<i16> {
    let fits = text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| fits)
}

fn i8_of(text: &str) -> Option<i8> {
    number(text, 2).and_then(|number| i8::try_from(number).ok())
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
