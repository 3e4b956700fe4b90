//! Events (RFC 6665): what is subscribed to, and in which state the subscription is. Keeps no
//! subscriptions.

use crate::sip::uri::{find_param, read_params};

/// Event: the package a SUBSCRIBE, NOTIFY or PUBLISH is about (RFC 6665 section 8.2.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Event {
    /// The package with its templates, in lower case: `refer`, `message-summary`, `dialog`.
    pub package: String,
    /// Which of several subscriptions; for `refer` the CSeq number of the REFER (RFC 3515
    /// section 2.4.6).
    pub id: Option<String>,
}

impl Event {
    /// Reads `refer;id=93809824`; nothing where the package is missing.
    #[must_use]
    pub fn parse(value: &str) -> Option<Event> {
        let (package, params) = value.split_once(';').unwrap_or((value, ""));
        let package = package.trim().to_ascii_lowercase();
        (!package.is_empty()).then(|| Event {
            package,
            id: find_param(&read_params(params), "id").map(str::to_owned),
        })
    }
}

/// Subscription-State of a NOTIFY (RFC 6665 section 8.2.3).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SubscriptionState {
    /// In lower case: `active`, `pending`, `terminated`.
    pub state: String,
    /// Why it was terminated, in lower case: `noresource`, `timeout`, `rejected`.
    pub reason: Option<String>,
    /// For how many seconds more it lasts.
    pub expires: Option<u32>,
    /// After how many seconds a new one may be asked for.
    pub retry_after: Option<u32>,
}

impl SubscriptionState {
    /// Reads `terminated;reason=noresource`; nothing where the state is missing.
    #[must_use]
    pub fn parse(value: &str) -> Option<SubscriptionState> {
        let (state, params) = value.split_once(';').unwrap_or((value, ""));
        let state = state.trim().to_ascii_lowercase();
        if state.is_empty() {
            return None;
        }
        let params = read_params(params);
        let seconds = |name: &str| find_param(&params, name)?.parse().ok();
        Some(SubscriptionState {
            state,
            reason: find_param(&params, "reason").map(str::to_ascii_lowercase),
            expires: seconds("expires"),
            retry_after: seconds("retry-after"),
        })
    }

    /// Whether no more NOTIFY will follow.
    #[must_use]
    pub fn is_terminated(&self) -> bool {
        self.state == "terminated"
    }
}
