//! Ids of investigations, reports and jobs.

use std::hash::{BuildHasher, RandomState};

use jiff::Timestamp;

/// An id that sorts by time, to a thousandth of a second, and that nobody else makes in the same one.
#[must_use]
pub fn new_id(now: Timestamp) -> String {
    // The standard library seeds each hasher from the system's randomness.
    let random = RandomState::new().hash_one(now.as_nanosecond());
    let part = u64::from(now.subsec_nanosecond().unsigned_abs()) * 1024 / 1_000_000_000;
    let mut id = now.strftime("%Y%m%d-%H%M%S-").to_string();
    id.extend(letters(part, 2));
    id.extend(letters(random, 6));
    id
}

/// So many letters of a number's end, five bits each, the highest first.
fn letters(number: u64, count: u32) -> impl Iterator<Item = char> {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    (0..count).rev().filter_map(move |place| {
        let letter = usize::try_from((number >> (5 * place)) % 32).ok()?;
        LETTERS.get(letter).map(|it| char::from(*it))
    })
}
