//! Ids of investigations.

use std::hash::{BuildHasher, RandomState};

use jiff::Timestamp;

/// An id that sorts by time and that nobody else makes in the same second.
#[must_use]
pub fn new_id(now: Timestamp) -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    // The standard library seeds each hasher from the system's randomness.
    let mut random = RandomState::new().hash_one(now.as_nanosecond());
    let mut id = now.strftime("%Y%m%d-%H%M%S-").to_string();
    for _ in 0..6 {
        let letter = usize::try_from(random % 32)
            .ok()
            .and_then(|at| LETTERS.get(at));
        id.extend(letter.map(|letter| char::from(*letter)));
        random /= 32;
    }
    id
}
