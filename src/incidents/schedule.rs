//! When a digest is due. Pure calendar; posts nothing.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// A digest of one channel.
#[derive(Debug, Clone)]
pub struct Digest {
    /// The channel, as in "slack:C012AB3CD".
    pub channel: String,
    /// Whether it is told on Mondays only.
    pub weekly: bool,
    /// At what time.
    pub at: Time,
    /// In which zone.
    pub zone: TimeZone,
}

impl Digest {
    /// When the last one was due, and from when it tells.
    #[must_use]
    pub fn last_due(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let here = now.to_zoned(self.zone.clone());
        let mut day = here.date();
        if here.time() < self.at {
            day = day.yesterday().unwrap_or(day);
        }
        while self.weekly && day.weekday() != Weekday::Monday {
            day = day.yesterday().unwrap_or(day);
        }
        let days = if self.weekly { 7 } else { 1 };
        let at = |date: jiff::civil::Date| {
            date.to_datetime(self.at)
                .to_zoned(self.zone.clone())
                .map_or(now, |it| it.timestamp())
        };
        let from = day.checked_sub(days.days()).unwrap_or(day);
        (at(day), at(from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weekly_one_is_due_on_monday_in_its_own_zone() {
        let digest = Digest {
            channel: String::new(),
            weekly: true,
            at: Time::constant(8, 0, 0, 0),
            zone: TimeZone::get("Europe/Berlin").unwrap(),
        };
        let due = |now: &str| {
            let (due, from) = digest.last_due(now.parse().unwrap());
            format!("{from} to {due}")
        };
        assert_eq!(
            due("2026-02-16T06:59:00Z"),
            "2026-02-02T07:00:00Z to 2026-02-09T07:00:00Z"
        );
        assert_eq!(
            due("2026-02-16T07:00:00Z"),
            "2026-02-09T07:00:00Z to 2026-02-16T07:00:00Z"
        );
    }
}
