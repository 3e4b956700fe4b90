//! When nothing is to be posted although something is wrong: quiet hours and work that is planned. Pure; the time is a
//! parameter.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::grouping::Cause;
use super::watch::Scope;

/// Hours in which only what cannot wait is posted.
#[derive(Debug, Clone)]
pub struct Quiet {
    /// From when.
    pub from: Time,
    /// Until when; earlier than `from` where they go over midnight.
    pub to: Time,
    /// In which zone.
    pub zone: TimeZone,
}

impl Quiet {
    /// Whether it is quiet at that time.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        let time = now.to_zoned(self.zone.clone()).time();
        match self.from <= self.to {
            true => self.from <= time && time < self.to,
            false => self.from <= time || time < self.to,
        }
    }
}

/// Work on a carrier or customer that is known beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// On what.
    pub scope: Scope,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// What it is, in a few words.
    pub what: String,
}

impl Planned {
    /// Whether it explains that something is wrong with this now.
    #[must_use]
    pub fn covers(&self, cause: &Cause, now: Timestamp) -> bool {
        self.from <= now && now < self.to && self.scope.covers(cause)
    }
}
