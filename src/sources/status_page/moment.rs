//! The moments that pages of incidents write, in the forms they are written in. What is in none of
//! them is no moment: nothing is guessed.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;
use serde_json::Value;

/// The moment at a key.
pub(super) fn at(value: &Value, key: &str) -> Option<Timestamp> {
    read(value.get(key)?.as_str()?)
}

/// A moment as RFC 3339 or RFC 2822 write it, or JavaScript, or a database in UTC.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse::<Timestamp>()
        .ok()
        .or_else(|| of_mail(text))
        .or_else(|| of_javascript(text))
        .or_else(|| of_database(text))
}

/// RFC 2822 section 3.3, as RSS has it; "UTC" is not among its zones and is written all the same.
fn of_mail(text: &str) -> Option<Timestamp> {
    let zoned = text
        .strip_suffix(" UTC")
        .map(|time| format!("{time} +0000"));
    let parser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    parser
        .parse_timestamp(zoned.as_deref().unwrap_or(text))
        .ok()
}

/// "Sat Jun 11 2022 18:55:50 GMT+0000 (Coordinated Universal Time)"
fn of_javascript(text: &str) -> Option<Timestamp> {
    let text = text.split(" (").next()?;
    let read = strtime::parse("%a %b %d %Y %H:%M:%S GMT%z", text).ok()?;
    read.to_timestamp().ok()
}

/// "2026-02-16 09:10:00.123", in UTC
fn of_database(text: &str) -> Option<Timestamp> {
    let time: DateTime = text.parse().ok()?;
    TimeZone::UTC.to_timestamp(time).ok()
}
