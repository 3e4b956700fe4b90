//! How often each method may be called: Slack's tiers, and a message a second a channel. Counts only.
//!
//! <https://docs.slack.dev/apis/web-api/rate-limits>

use std::collections::BTreeMap;
use std::time::Duration;

/// How strictly the fake counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speed {
    /// As Slack does.
    Real,
    /// So many times as much as Slack grants; `Retry-After` stays in whole seconds, at least one.
    Times(u32),
    /// No limit.
    Unlimited,
}

/// Slack tolerates short bursts in a channel; it does not say how long.
const BURST: f64 = 3.0;

#[derive(Debug, Default)]
pub(super) struct Rates {
    /// What is left, and when it was counted.
    buckets: BTreeMap<String, (f64, Duration)>,
}

impl Rates {
    /// Takes one from a bucket: nothing if it may, else how long to wait.
    pub(super) fn take(
        &mut self,
        method: &str,
        channel: &str,
        now: Duration,
        speed: Speed,
    ) -> Option<u64> {
        let times = match speed {
            Speed::Real => 1.0,
            Speed::Times(times) => f64::from(times),
            Speed::Unlimited => return None,
        };
        let (name, per_second, size) = match (method, per_minute(method)) {
            ("chat.postMessage", _) => (format!("post {channel}"), 1.0, BURST),
            (_, None) => return None,
            (_, Some(calls)) => (method.to_owned(), calls / 60.0, calls),
        };
        let (per_second, size) = (per_second * times, size * times);
        let (left, at) = self.buckets.get(&name).copied().unwrap_or((size, now));
        let left = (left + per_second * now.saturating_sub(at).as_secs_f64()).min(size);
        let granted = left >= 1.0;
        let left = if granted { left - 1.0 } else { left };
        self.buckets.insert(name, (left, now));
        // Whole seconds, as the header has them: the wait itself is shorter or as long.
        let wait = ((1.0 - left) / per_second).ceil().max(1.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        (!granted).then_some(wait as u64)
    }
}

/// The tier of a method, as calls a minute; nothing where Slack names a special limit so high that no
/// bot meets it.
fn per_minute(method: &str) -> Option<f64> {
    Some(match method {
        "apps.connections.open" => 1.0 * 10.0,
        "usergroups.users.list" | "users.list" => 20.0,
        "chat.update"
        | "conversations.history"
        | "conversations.replies"
        | "conversations.info"
        | "conversations.open" => 50.0,
        "chat.postEphemeral"
        | "conversations.members"
        | "users.info"
        | "views.open"
        | "views.update"
        | "views.push"
        | "views.publish"
        | "files.getUploadURLExternal"
        | "files.completeUploadExternal"
        | "files.info" => 100.0,
        _ => return None,
    })
}
