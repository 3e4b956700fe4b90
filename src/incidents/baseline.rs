//! What is usual: how often something came of how many calls, hour by hour over four weeks. Pure arithmetic; the time
//! is a parameter.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::watch::FEWEST;
use crate::diagnosis::patterns::Share;

/// An hour in seconds.
const HOUR: i64 = 3600;

/// The hours of a week.
const WEEK: i64 = 168;

/// So many weeks are remembered.
const WEEKS: i64 = 4;

/// Before so many hours are known nothing is usual.
const LEARNT: i64 = WEEK;

/// Until then this share is too much, whatever it is of: a fifth.
const ABSOLUTE: f64 = 0.2;

/// Fewer than this are no rise, whatever is usual.
const FEWEST_HITS: usize = 5;

/// The hours of the night, UTC, that are taken together: few calls fall into one of them.
const NIGHT: std::ops::Range<i64> = 0..6;

/// What is usual of one thing. The week's own hours are compared: Monday 9:00 with Mondays 9:00.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Baseline {
    /// By the hour since 1970: of how many calls, and how many were it.
    hours: BTreeMap<i64, (u32, u32)>,
}

fn hour(at: Timestamp) -> i64 {
    at.as_second().div_euclid(HOUR)
}

impl Baseline {
    /// Counts a call.
    pub fn note(&mut self, at: Timestamp, is_it: bool) {
        let (all, hits) = self.hours.entry(hour(at)).or_default();
        *all = all.saturating_add(1);
        *hits = hits.saturating_add(u32::from(is_it));
        let oldest = hour(at) - WEEKS * WEEK;
        if self
            .hours
            .first_key_value()
            .is_some_and(|(first, _)| *first < oldest)
        {
            self.hours = self.hours.split_off(&oldest);
        }
    }

    /// The share that is usual at that time of the week; nothing while less than a week is known, or too few calls.
    #[must_use]
    pub fn usual(&self, at: Timestamp) -> Option<Share> {
        let now = hour(at);
        let first = *self.hours.first_key_value()?.0;
        if now - first < LEARNT {
            return None;
        }
        let of_day = now.rem_euclid(24);
        let mut share = Share { part: 0, whole: 0 };
        for week in 1..=WEEKS {
            let same = now - week * WEEK;
            let hours = match NIGHT.contains(&of_day) {
                true => same - of_day + NIGHT.start..same - of_day + NIGHT.end,
                false => same..same + 1,
            };
            for (all, hits) in self.hours.range(hours).map(|(_, counts)| counts) {
                share.whole = share
                    .whole
                    .saturating_add(usize::try_from(*all).unwrap_or(0));
                share.part = share
                    .part
                    .saturating_add(usize::try_from(*hits).unwrap_or(0));
            }
        }
        (share.whole >= FEWEST).then_some(share)
    }

    /// How many calls an hour are usual at that time of the week.
    #[must_use]
    pub fn usual_calls(&self, at: Timestamp) -> Option<f64> {
        let now = hour(at);
        let first = *self.hours.first_key_value()?.0;
        let weeks = ((now - first) / WEEK).min(WEEKS);
        if weeks < 1 {
            return None;
        }
        let of = |week: i64| self.hours.get(&(now - week * WEEK)).map_or(0, |it| it.0);
        let sum: u32 = (1..=weeks).map(of).sum();
        #[expect(clippy::cast_precision_loss, reason = "four at most")]
        let weeks = weeks as f64;
        Some(f64::from(sum) / weeks)
    }

    /// Whether the share of a window is more than so many times what is usual, and surely so. While nothing is usual
    /// yet, more than a fifth is. Of the hours that the window touches the worse one is what is usual.
    #[must_use]
    pub fn is_rise(&self, now: Share, from: Timestamp, until: Timestamp, times: u32) -> bool {
        if now.part < FEWEST_HITS {
            return false;
        }
        let usual = [from, until].into_iter().filter_map(|at| self.usual(at));
        let limit = match usual.map(Share::ratio).reduce(f64::max) {
            // Of what never came, any share that is surely above one in a hundred is a rise.
            Some(usual) => (usual * f64::from(times)).max(0.01),
            None => ABSOLUTE,
        };
        now.at_least() > limit.min(0.95)
    }
}
