//! The time that asking an API goes by: the calendar's for expiry and reports, a steady one for
//! waits. Decides nothing; tests hand in one that they move themselves.

use std::fmt;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use jiff::Timestamp;

/// What tells the time and waits.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The calendar's time. May jump when somebody sets the machine's clock.
    fn now(&self) -> Timestamp;

    /// How long it is since a moment that stays the same. Never goes back.
    fn elapsed(&self) -> Duration;

    /// Ends after `length`.
    fn sleep(&self, length: Duration) -> BoxFuture<'static, ()>;
}

/// The machine's own clock.
#[derive(Debug)]
pub struct SystemClock {
    began: Instant,
}

impl SystemClock {
    /// A clock whose steady time begins now.
    #[must_use]
    pub fn start() -> SystemClock {
        SystemClock {
            began: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    fn sleep(&self, length: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(length))
    }
}
