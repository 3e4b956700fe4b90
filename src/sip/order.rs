//! How far the order of two messages can be trusted: one capture point sees them in order, two have clocks of their own.
//! Looks at no message.

use jiff::SignedDuration;

/// Clocks of two capture points may differ by this much without anybody noticing.
pub const CLOCK_SKEW: SignedDuration = SignedDuration::from_millis(200);

/// What one capture point saw may stand in its file out of order by this much.
pub const DISORDER: SignedDuration = SignedDuration::from_millis(20);

/// By how much the times of two messages may be wrong against each other, by the files that hold them.
#[must_use]
pub fn skew(file: u32, other: u32) -> SignedDuration {
    match file == other {
        true => DISORDER,
        false => CLOCK_SKEW,
    }
}
