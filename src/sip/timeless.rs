//! Messages whose times nobody recorded: a text without time stamps gives them moments that only keep
//! their order. No duration between such moments means anything.

use jiff::{SignedDuration, Timestamp};

/// How far apart messages without any time are put, from 1970-01-01T00:00:00Z on.
pub const APART: SignedDuration = SignedDuration::from_millis(100);

/// No recording is older, but one of a machine whose clock was never set; and that one does not give
/// every message a whole number of tenths of a second.
const OLDEST_YEAR: i64 = 1971;
const SECONDS_A_YEAR: i64 = 365 * 24 * 3600;

/// Whether these moments are given, not recorded.
#[must_use]
pub fn is_timeless(moments: impl IntoIterator<Item = Timestamp>) -> bool {
    let end = (OLDEST_YEAR - 1970) * SECONDS_A_YEAR;
    let step = i32::try_from(APART.as_nanos()).unwrap_or(i32::MAX);
    let mut moments = moments.into_iter().peekable();
    moments.peek().is_some()
        && moments
            .all(|at| (0..end).contains(&at.as_second()) && at.subsec_nanosecond() % step == 0)
}
