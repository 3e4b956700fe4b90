//! Which calls of a text have a time at any message. Remembers no call, only that it was there, and forgets nothing: of
//! more calls than it has room for it holds that each has one.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// Calls remembered at most, by 8 bytes each.
const MOST: usize = 1_000_000;

/// Calls that have a time.
#[derive(Debug, Default)]
pub(super) struct Timed {
    hashes: HashSet<u64>,
    keys: RandomState,
}

impl Timed {
    /// Takes in that a message of this Call-ID has a time.
    pub(super) fn add(&mut self, call_id: &str) {
        if self.hashes.len() < MOST {
            self.hashes.insert(self.keys.hash_one(call_id));
        }
    }

    /// Whether a message of this Call-ID has one.
    pub(super) fn has(&self, call_id: &str) -> bool {
        self.hashes.len() >= MOST || self.hashes.contains(&self.keys.hash_one(call_id))
    }
}
