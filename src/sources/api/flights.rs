//! Identical work that is under way is shared: who asks for the same meanwhile waits for the same
//! answer. Keeps nothing once it has landed.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};

type Flight<T> = BoxFuture<'static, T>;

/// What is under way, by what was asked for.
pub struct Flights<K, T> {
    under_way: Mutex<HashMap<K, WeakShared<Flight<T>>>>,
}

impl<K: Eq + Hash, T: Clone> Flights<K, T> {
    /// Nothing is under way.
    #[must_use]
    pub fn new() -> Self {
        Flights {
            under_way: Mutex::default(),
        }
    }

    /// Joins what is under way for `key`, or begins it. The work goes on as long as one of those
    /// who joined still waits, and ends with the last of them.
    pub fn join(&self, key: K, begin: impl FnOnce() -> Flight<T>) -> Shared<Flight<T>> {
        let mut under_way = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = under_way.get(&key).and_then(WeakShared::upgrade) {
            return flight;
        }
        under_way.retain(|_, flight| flight.upgrade().is_some());
        let flight = begin().shared();
        if let Some(weak) = flight.downgrade() {
            under_way.insert(key, weak);
        }
        flight
    }
}

impl<K: Eq + Hash, T: Clone> Default for Flights<K, T> {
    fn default() -> Self {
        Flights::new()
    }
}

impl<K, T> fmt::Debug for Flights<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights").finish_non_exhaustive()
    }
}
