//! How long phones ring before somebody's timer ends it. Knows no parties.

use jiff::SignedDuration;

use crate::sip::{Hop, Signal};

/// Shorter ringing is no ring time that ran out.
pub const RING_TIME: SignedDuration = SignedDuration::from_secs(8);

/// Timer C (RFC 3261 section 16.6 step 11): a proxy waits more than three minutes after a provisional response. This
/// much about it still is it.
const TIMER_C: std::ops::RangeInclusive<i64> = 170..=190;

/// What is to be added where an attempt ended just when timer C of a proxy runs out, counted from the last provisional
/// response before that; else nothing.
#[must_use]
pub fn timer_c(hop: &Hop, end: &Signal) -> &'static str {
    let progress = hop.invites.iter().flat_map(|invite| invite.progress());
    let last = progress.filter(|it| it.number < end.number).last();
    let waited = last.map(|last| end.at().duration_since(last.at()).as_secs());
    if waited.is_some_and(|waited| TIMER_C.contains(&waited)) {
        " That is after about three minutes, when a proxy gives up (timer C)."
    } else {
        ""
    }
}
