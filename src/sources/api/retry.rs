//! Whether and when a failed look-up is worth another try. Waits for nothing itself.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::Class;
use super::failure::{Failure, Unreachable};
use crate::config::Limits;

/// At most this part of a wait is added to it by chance, so that many do not come back at once.
const JITTER: f64 = 0.25;

/// How long to wait before another try, or nothing if there must be none. `tries` have failed.
pub(super) fn wait(
    failure: &Failure,
    class: Class,
    tries: u32,
    limits: &Limits,
) -> Option<Duration> {
    // What changes something may have happened although no answer came.
    if matches!(class, Class::Effect | Class::Probe) || tries > limits.retries {
        return None;
    }
    match failure {
        Failure::TooOften { wait: Some(wait) }
        | Failure::Failed {
            wait: Some(wait), ..
        } => Some(*wait),
        Failure::TooOften { wait: None }
        | Failure::Failed { wait: None, .. }
        | Failure::BrokenOff { .. } => Some(back_off(tries, limits)),
        Failure::Unreachable(why) if *why != Unreachable::Tls => Some(back_off(tries, limits)),
        _ => None,
    }
}

/// Twice as long after each try.
pub(super) fn back_off(tries: u32, limits: &Limits) -> Duration {
    let doubled = 2_u32.saturating_pow(tries.saturating_sub(1));
    let wait = limits.back_off.saturating_mul(doubled);
    wait.saturating_add(wait.mul_f64(JITTER * fastrand::f64()))
}

/// What `Retry-After` asks for (RFC 9110 section 10.2.3): seconds, or a date.
pub(super) fn asked_for(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date: SystemTime = httpdate::parse_http_date(text).ok()?;
    let left = Timestamp::try_from(date).ok()?.duration_since(now);
    // A date that is past asks for no wait at all.
    Some(Duration::try_from(left).unwrap_or_default())
}
