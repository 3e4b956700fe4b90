//! Whose turn it is: how many requests may be under way at once, and how soon one may follow
//! another. Sends nothing and gives up nothing; whoever waits has the deadline.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::Clock as PaceClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::{Semaphore, SemaphorePermit, watch};

use super::Class;
use super::background::is_background;
use super::clock::Clock;
use super::failure::Failure;
use crate::config::Limits;

/// After this the API is tried once more, whatever it asked for: one absurd header must not leave
/// us blind for days.
const LONGEST_REST: Duration = Duration::from_secs(15 * 60);

type Pace = RateLimiter<NotKeyed, InMemoryState, Steady, NoOpMiddleware<Nanos>>;

/// Hands out turns, first come, first served; those whom nobody waits for come last.
#[derive(Debug)]
pub(super) struct Turns {
    under_way: Semaphore,
    cdr_under_way: Semaphore,
    /// What is asked in the background never takes all turns.
    in_background: Semaphore,
    /// How many of those whom people wait for are waiting.
    people: watch::Sender<usize>,
    /// Tokens; none where no spacing is wanted.
    pace: Option<Pace>,
    /// Who holds it is next: a waiting crowd would otherwise fight for each token.
    next: tokio::sync::Mutex<()>,
    /// Until when the API wants to be left alone, in steady time.
    rest_until: Mutex<Duration>,
    clock: Arc<dyn Clock>,
}

/// A request may be under way as long as this is held.
pub(super) struct Turn<'a> {
    _one_of_all: Option<SemaphorePermit<'a>>,
    _one_of_cdr: Option<SemaphorePermit<'a>>,
    _one_of_background: Option<SemaphorePermit<'a>>,
}

/// Somebody whom people wait for, waiting.
struct InLine<'a>(&'a watch::Sender<usize>);

impl<'a> InLine<'a> {
    fn join(people: &'a watch::Sender<usize>) -> InLine<'a> {
        people.send_modify(|count| *count += 1);
        InLine(people)
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Turns {
    pub(super) fn new(limits: &Limits, clock: Arc<dyn Clock>) -> Turns {
        let steady = Steady(Arc::clone(&clock));
        let pace = Quota::with_period(limits.spacing)
            .map(|quota| quota.allow_burst(limits.burst))
            .map(|quota| RateLimiter::direct_with_clock(quota, steady));
        Turns {
            under_way: Semaphore::new(limits.in_flight.get() as usize),
            cdr_under_way: Semaphore::new(limits.cdr_in_flight.get() as usize),
            in_background: Semaphore::new((limits.in_flight.get() as usize / 2).max(1)),
            people: watch::Sender::new(0),
            pace,
            next: tokio::sync::Mutex::default(),
            rest_until: Mutex::default(),
            clock,
        }
    }

    /// Waits for a turn. Fails at once when the API wants to be left alone until after `deadline`.
    pub(super) async fn turn(&self, class: Class, deadline: Duration) -> Result<Turn<'_>, Failure> {
        let (one_of_background, _in_line) = if is_background() {
            let one = self.in_background.acquire().await.ok();
            let mut people = self.people.subscribe();
            // The sender is ours and stays.
            let _ = people.wait_for(|waiting| *waiting == 0).await;
            (one, None)
        } else {
            (None, Some(InLine::join(&self.people)))
        };
        // Those of the CDR first, which fewer may hold: waiting for theirs, they take none from others.
        let one_of_cdr = match class {
            Class::Cdr => self.cdr_under_way.acquire().await.ok(),
            Class::Log | Class::Effect | Class::Probe => None,
        };
        let one_of_all = self.under_way.acquire().await.ok();
        self.pace(deadline).await?;
        Ok(Turn {
            _one_of_all: one_of_all,
            _one_of_cdr: one_of_cdr,
            _one_of_background: one_of_background,
        })
    }

    /// Waits until one more request may be sent.
    pub(super) async fn pace(&self, deadline: Duration) -> Result<(), Failure> {
        let _next = self.next.lock().await;
        loop {
            let now = self.clock.elapsed();
            let rest_until = *self
                .rest_until
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let rest = rest_until.saturating_sub(now);
            if rest > Duration::ZERO && rest_until >= deadline {
                return Err(Failure::TooOften { wait: Some(rest) });
            }
            let wait = match &self.pace {
                _ if rest > Duration::ZERO => rest,
                None => return Ok(()),
                Some(pace) => match pace.check() {
                    Ok(()) => return Ok(()),
                    Err(early) => early.wait_time_from(Steady(Arc::clone(&self.clock)).now()),
                },
            };
            self.clock.sleep(wait).await;
        }
    }

    /// Nobody asks before `wait` is over.
    pub(super) fn rest(&self, wait: Duration) {
        let until = self.clock.elapsed().saturating_add(wait.min(LONGEST_REST));
        let mut rest_until = self
            .rest_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *rest_until = until.max(*rest_until);
    }
}

/// Our steady clock, as the limiter wants to read it.
#[derive(Debug, Clone)]
struct Steady(Arc<dyn Clock>);

impl PaceClock for Steady {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.elapsed().into()
    }
}
