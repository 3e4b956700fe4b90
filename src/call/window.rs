//! A stretch of time, and how it is said back. Reads nothing; see `times`.

use std::fmt;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::{Deserialize, Serialize};

/// When the calls were, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Window {
    /// The beginning.
    pub from: Timestamp,
    /// The end, never before the beginning.
    pub to: Timestamp,
}

impl Window {
    /// A window from the earlier of two moments to the later.
    #[must_use]
    pub fn new(one: Timestamp, other: Timestamp) -> Self {
        Self {
            from: one.min(other),
            to: one.max(other),
        }
    }

    /// A window of a quarter of an hour to either side of what somebody remembers.
    #[must_use]
    pub fn around(moment: Timestamp) -> Self {
        let slack = SignedDuration::from_mins(15);
        Self {
            from: moment.checked_sub(slack).unwrap_or(Timestamp::MIN),
            to: moment.checked_add(slack).unwrap_or(Timestamp::MAX),
        }
    }

    /// Whether a moment lies in the window.
    #[must_use]
    pub fn contains(&self, moment: Timestamp) -> bool {
        (self.from..=self.to).contains(&moment)
    }

    /// The window as people say it: local time, then UTC unless that is the same.
    #[must_use]
    pub fn said(&self, zone: &TimeZone) -> String {
        let (from, to) = (
            self.from.to_zoned(zone.clone()),
            self.to.to_zoned(zone.clone()),
        );
        let local = span(&from, &to, from.date().to_string() + " ");
        let (from_utc, to_utc) = (
            self.from.to_zoned(TimeZone::UTC),
            self.to.to_zoned(TimeZone::UTC),
        );
        if from.offset() == from_utc.offset() && to.offset() == to_utc.offset() {
            return format!("{local} UTC");
        }
        let name = zone
            .iana_name()
            .map_or_else(|| from.offset().to_string(), str::to_owned);
        let same_day = from.date() == from_utc.date();
        let date = if same_day {
            String::new()
        } else {
            format!("{} ", from_utc.date())
        };
        format!("{local} {name} ({} UTC)", span(&from_utc, &to_utc, date))
    }
}

/// Two times with the date before the first and, when it is another, before the second.
fn span(from: &Zoned, to: &Zoned, date: String) -> String {
    if from.date() == to.date() {
        format!("{date}{}–{}", clock(from), clock(to))
    } else {
        format!(
            "{} {} – {} {}",
            from.date(),
            clock(from),
            to.date(),
            clock(to)
        )
    }
}

/// Seconds are shown where there are any.
fn clock(at: &Zoned) -> String {
    let pattern = if at.second() == 0 {
        "%H:%M"
    } else {
        "%H:%M:%S"
    };
    at.strftime(pattern).to_string()
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from {} to {}", self.from, self.to)
    }
}
