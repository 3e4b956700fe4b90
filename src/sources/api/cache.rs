//! Good answers of the last minute, so that a question asked twice is sent once. Bounded in number
//! and bytes; knows nothing of what the answers mean.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::body::Body;

/// More answers than one minute of work brings.
const MOST_ENTRIES: usize = 256;

/// The keys count too: a question can be long.
#[derive(Debug)]
struct Entry {
    key: String,
    body: Body,
    until: Duration,
}

impl Entry {
    fn bytes(&self) -> usize {
        self.key.len().saturating_add(self.body.bytes.len())
    }
}

/// The answers, the oldest first.
#[derive(Debug)]
pub(super) struct Cache {
    entries: Mutex<VecDeque<Entry>>,
    life: Duration,
    most_bytes: usize,
}

impl Cache {
    /// An answer is kept for `life`, all of them together in `most_bytes`.
    pub(super) fn new(life: Duration, most_bytes: usize) -> Cache {
        Cache {
            entries: Mutex::default(),
            life,
            most_bytes,
        }
    }

    /// The answer to a question, if it is not older than it may be. `now` is steady time.
    pub(super) fn get(&self, key: &str, now: Duration) -> Option<Body> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| entry.until > now);
        let entry = entries.iter().find(|entry| entry.key == key);
        entry.map(|entry| entry.body.clone())
    }

    /// Keeps an answer; the oldest go where there is no room.
    pub(super) fn put(&self, key: String, body: Body, now: Duration) {
        let until = now.saturating_add(self.life);
        let entry = Entry { key, body, until };
        if until <= now || entry.bytes() > self.most_bytes {
            return;
        }
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|other| other.key != entry.key);
        entries.push_back(entry);
        while entries.len() > MOST_ENTRIES
            || entries.iter().map(Entry::bytes).sum::<usize>() > self.most_bytes
        {
            entries.pop_front();
        }
    }

    /// Forgets all.
    pub(super) fn clear(&self) {
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}
