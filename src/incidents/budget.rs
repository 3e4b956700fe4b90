//! How many requests the watches may make: in all and each, by the hour, and less often after failures. Pure; the time
//! is a parameter, and whoever asks keeps to the answer.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// No look is put off for longer.
const LONGEST: SignedDuration = SignedDuration::from_mins(10);

/// What was spent in the last hour, by whom.
#[derive(Debug, Clone)]
pub struct Budget {
    in_all: usize,
    each: usize,
    spent: VecDeque<(Timestamp, String)>,
    by: BTreeMap<String, usize>,
    refused: usize,
}

impl Budget {
    /// So many requests an hour in all, and so many for one incident or watch.
    #[must_use]
    pub fn new(in_all: usize, each: usize) -> Budget {
        Budget {
            in_all,
            each,
            spent: VecDeque::new(),
            by: BTreeMap::new(),
            refused: 0,
        }
    }

    /// Takes so many requests, or none where they would be too many.
    pub fn take(&mut self, who: &str, requests: usize, now: Timestamp) -> bool {
        while let Some((_, name)) = self
            .spent
            .pop_front_if(|(at, _)| now.duration_since(*at) >= HOUR)
        {
            if let Some(count) = self.by.get_mut(&name) {
                *count = count.saturating_sub(1);
            }
        }
        self.by.retain(|_, count| *count > 0);
        let its = self.by.get(who).copied().unwrap_or(0);
        if self.spent.len() + requests > self.in_all || its + requests > self.each {
            self.refused += 1;
            return false;
        }
        for _ in 0..requests {
            self.spent.push_back((now, who.to_owned()));
        }
        *self.by.entry(who.to_owned()).or_default() += requests;
        true
    }

    /// How many were spent in the last hour.
    #[must_use]
    pub fn spent(&self) -> usize {
        self.spent.len()
    }
}

/// How long the next look waits after so many that failed one after another.
#[must_use]
pub fn wait(every: SignedDuration, failures: u32) -> SignedDuration {
    let times = 2_i32.saturating_pow(failures.min(10));
    every.saturating_mul(times).min(LONGEST.max(every))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_gives_no_more_than_it_has_and_one_watch_no_more_than_its_share() {
        let mut budget = Budget::new(10, 6);
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        assert!(budget.take("a", 6, at(0)));
        assert!(!budget.take("a", 1, at(1)));
        assert!(budget.take("b", 4, at(30)));
        assert!(!budget.take("c", 1, at(59)));
        assert!(budget.take("a", 6, at(60)));
        assert_eq!(budget.spent(), 10);
    }

    #[test]
    fn who_is_refused_waits_twice_as_long_each_time_and_ten_minutes_at_most() {
        let every = SignedDuration::from_secs(30);
        let waits: Vec<i64> = (0..7).map(|n| wait(every, n).as_secs()).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 600, 600]);
    }
}
