//! When Discord may be called again: calls of one route go one after another, and none before its bucket has room. For
//! calls that serenity's limiter does not see. Makes no call.
//!
//! <https://docs.discord.com/developers/topics/rate-limits>

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep_until};

/// From so many routes on, those that nobody waits for are forgotten.
const MANY: usize = 500;

/// Until when a route takes no call; one who holds it is the only one who calls.
type Door = Arc<tokio::sync::Mutex<Instant>>;

/// All pauses of one bot.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    doors: Mutex<HashMap<String, Door>>,
    everywhere: Mutex<Option<Instant>>,
}

/// The turn of one call.
pub(super) struct Turn(OwnedMutexGuard<Instant>);

impl Turn {
    /// Lets nobody call this route before so much time has passed.
    pub(super) fn shut_for(&mut self, wait: Duration) {
        *self.0 = Instant::now() + wait;
    }
}

impl Pauses {
    /// Waits for the turn of a call; nothing where that would take longer than `patience`. What a bot may call as a whole
    /// binds the call only where `is_ours`.
    pub(super) async fn turn(
        &self,
        route: &str,
        is_ours: bool,
        patience: Duration,
    ) -> Option<Turn> {
        let latest = Instant::now() + patience;
        let door = self.door(route);
        let held = tokio::time::timeout_at(latest, door.lock_owned());
        let held = held.await.ok()?;
        let mut until = *held;
        if let Some(everywhere) = self.everywhere().filter(|_| is_ours) {
            until = until.max(everywhere);
        }
        if until > latest {
            return None;
        }
        sleep_until(until).await;
        Some(Turn(held))
    }

    /// Lets nobody call anything before so much time has passed.
    pub(super) fn shut_everywhere(&self, wait: Duration) {
        let mut everywhere = self
            .everywhere
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *everywhere = (*everywhere).max(Some(Instant::now() + wait));
    }

    fn everywhere(&self) -> Option<Instant> {
        *self
            .everywhere
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn door(&self, route: &str) -> Door {
        let mut doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        if doors.len() >= MANY {
            let now = Instant::now();
            doors.retain(|_, door| door.try_lock().map_or(true, |until| *until > now));
        }
        let door = doors
            .entry(route.to_owned())
            .or_insert_with(|| Arc::new(tokio::sync::Mutex::new(Instant::now())));
        Arc::clone(door)
    }
}
