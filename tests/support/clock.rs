//! A clock that only a test moves, so that waits of minutes take no time and no test sleeps.

use std::ops::Range;
use std::sync::Mutex;
use std::time::Duration;

use calltriage::sources::api::Clock;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::{oneshot, watch};

/// Only to end a test that would otherwise wait for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// What it shows first: 2026-02-16 09:10:00 UTC.
pub const START: i64 = 1_771_233_000;

/// The clock.
#[derive(Debug)]
pub struct HandClock {
    start: Timestamp,
    time: Mutex<Duration>,
    sleepers: Mutex<Vec<(Duration, oneshot::Sender<()>)>>,
    fell_asleep: watch::Sender<usize>,
}

impl HandClock {
    pub fn new() -> HandClock {
        HandClock::at(Timestamp::from_second(START).unwrap())
    }

    /// One that shows this first.
    pub fn at(start: Timestamp) -> HandClock {
        HandClock {
            start,
            time: Mutex::default(),
            sleepers: Mutex::default(),
            fell_asleep: watch::Sender::new(0),
        }
    }

    /// Lets time pass; whoever has slept long enough wakes.
    pub fn advance(&self, by: Duration) {
        let mut time = self.time.lock().unwrap();
        *time += by;
        let mut sleepers = self.sleepers.lock().unwrap();
        for at in (0..sleepers.len()).rev() {
            if sleepers[at].0 <= *time {
                // It may have stopped waiting.
                let _ = sleepers.swap_remove(at).1.send(());
            }
        }
    }

    /// What somebody who still waits has left to sleep, if that is within `range`.
    pub fn asleep(&self, range: &Range<Duration>) -> Option<Duration> {
        let now = *self.time.lock().unwrap();
        let sleepers = self.sleepers.lock().unwrap();
        let waiting = sleepers.iter().filter(|(_, wake)| !wake.is_closed());
        let mut left = waiting.map(|(until, _)| *until - now);
        left.find(|left| range.contains(left))
    }

    /// Waits until somebody sleeps who has so long left, and says how long exactly.
    pub async fn until_asleep(&self, range: Range<Duration>) -> Duration {
        let mut fell_asleep = self.fell_asleep.subscribe();
        let look = async {
            loop {
                if let Some(left) = self.asleep(&range) {
                    return left;
                }
                fell_asleep.changed().await.unwrap();
            }
        };
        let found = tokio::time::timeout(PATIENCE, look).await;
        found.unwrap_or_else(|_| panic!("nobody sleeps for {range:?}"))
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        self.start + *self.time.lock().unwrap()
    }

    fn elapsed(&self) -> Duration {
        *self.time.lock().unwrap()
    }

    fn sleep(&self, length: Duration) -> BoxFuture<'static, ()> {
        if length.is_zero() {
            return Box::pin(async {});
        }
        let (wake, woken) = oneshot::channel();
        let until = self.elapsed().saturating_add(length);
        self.sleepers.lock().unwrap().push((until, wake));
        self.fell_asleep.send_modify(|count| *count += 1);
        Box::pin(async move {
            let _ = woken.await;
        })
    }
}
