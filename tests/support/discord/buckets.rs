//! The fake's rate limits: a bucket a route, and one for all that a bot calls.
//! <https://docs.discord.com/developers/topics/rate-limits>

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What was under way already when a limit was told is no fault.
const UNDER_WAY: Duration = Duration::from_millis(250);

/// How many calls a route takes, and in which time.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    pub calls: usize,
    pub every: Duration,
}

/// Every route has as much; none is told that a test does not mean to reach.
const ROOMY: Limit = Limit {
    calls: 1_000,
    every: Duration::from_secs(1),
};

#[derive(Debug)]
struct Bucket {
    used: usize,
    ends: Instant,
    /// When it was first said to be empty.
    refused: Option<Instant>,
}

#[derive(Debug)]
pub struct Buckets {
    pub limit: Limit,
    routes: BTreeMap<String, Bucket>,
    /// All are refused until then, and since when that was said.
    everywhere: Option<(Instant, Option<Instant>)>,
    /// How often a call was refused.
    pub refused: usize,
}

impl Default for Buckets {
    fn default() -> Self {
        Buckets {
            limit: ROOMY,
            routes: BTreeMap::new(),
            everywhere: None,
            refused: 0,
        }
    }
}

/// What becomes of a call.
pub struct Room {
    pub remaining: usize,
    pub reset_after: Duration,
    /// Whether it is refused, and then whether for all calls.
    pub refused: Option<bool>,
    /// Whether the bot had been told.
    pub is_fault: bool,
}

impl Buckets {
    /// Refuses everything for so long.
    pub fn shut(&mut self, time: Duration) {
        self.everywhere = Some((Instant::now() + time, None));
    }

    /// Counts a call; `is_bots` where it goes by the bot's own token.
    pub fn take(&mut self, route: &str, is_bots: bool) -> Room {
        let now = Instant::now();
        let told = |since: &mut Option<Instant>| {
            let is_fault = since.is_some_and(|it| now.duration_since(it) > UNDER_WAY);
            since.get_or_insert(now);
            is_fault
        };
        if let Some((until, since)) = self.everywhere.as_mut().filter(|it| is_bots && it.0 > now) {
            self.refused += 1;
            return Room {
                remaining: 0,
                reset_after: until.duration_since(now),
                refused: Some(true),
                is_fault: told(since),
            };
        }
        let limit = self.limit;
        let anew = || Bucket {
            used: 0,
            ends: now + limit.every,
            refused: None,
        };
        let bucket = self.routes.entry(route.to_owned()).or_insert_with(anew);
        if bucket.ends <= now {
            *bucket = anew();
        }
        let reset_after = bucket.ends.duration_since(now);
        if bucket.used >= limit.calls {
            self.refused += 1;
            return Room {
                remaining: 0,
                reset_after,
                refused: Some(false),
                is_fault: told(&mut bucket.refused),
            };
        }
        bucket.used += 1;
        Room {
            remaining: limit.calls - bucket.used,
            reset_after,
            refused: None,
            is_fault: false,
        }
    }
}
