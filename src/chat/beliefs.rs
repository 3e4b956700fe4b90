//! What a platform said a while ago and is still believed, so that it is not asked again for each answer. Asks nobody.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// What is believed of things of one kind.
#[derive(Debug)]
pub struct Beliefs<K, T> {
    known: Mutex<HashMap<K, (Instant, T)>>,
    how_long: Duration,
}

impl<K: Hash + Eq, T: Clone> Beliefs<K, T> {
    /// Nothing yet; what is learnt is believed for so long.
    #[must_use]
    pub fn lasting(how_long: Duration) -> Beliefs<K, T> {
        Beliefs {
            known: Mutex::default(),
            how_long,
        }
    }

    /// What is believed of this.
    pub fn of<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<T>
    where
        K: std::borrow::Borrow<Q>,
    {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, it) = known.get(key)?;
        (Instant::now() < *until).then(|| it.clone())
    }

    /// From now on these are believed.
    pub fn learn(&self, these: impl IntoIterator<Item = (K, T)>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        known.retain(|_, (until, _)| *until > now);
        let until = now + self.how_long;
        known.extend(these.into_iter().map(|(key, it)| (key, (until, it))));
    }
}
