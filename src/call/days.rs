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
