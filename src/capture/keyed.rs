//! Maps whose keys are hashes already, as [`crate::sip::join::key`] makes them: hashed once is enough.
//! Not for numbers that somebody chose.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map by hashes.
pub(super) type Keyed<T> = HashMap<u64, T, BuildHasherDefault<AsItIs>>;

/// Hashes a number to itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn write(&mut self, bytes: &[u8]) {
        // Keys are whole numbers, which come by `write_u64`; whatever else comes is mixed in.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
}
