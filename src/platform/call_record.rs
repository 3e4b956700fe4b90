//! A row of the call log: what the platform itself says of one call. Concludes nothing from it; a
//! row is only as good as the routing engine that wrote it.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Id;
use crate::sip::Transport;

/// One call as the platform's log has it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CallRecord {
    /// The Call-ID of the leg that came in.
    pub call_id: Option<String>,
    /// The Call-ID of the leg that went out; platforms that hide topology give it another one.
    pub outgoing_call_id: Option<String>,
    /// The verdict of routing, or the final code.
    pub code: Option<u16>,
    /// The text that goes with the code; tells more than the code does.
    pub reason: Option<String>,
    /// When the call came in.
    pub started: Option<Timestamp>,
    /// When it ended; of an unanswered call when routing ended, which need not be the hang-up.
    pub ended: Option<Timestamp>,
    /// The caller as presented: a number or a user name.
    pub from: Option<String>,
    /// The called number or user as dialled.
    pub to: Option<String>,
    /// The address that the call came from.
    pub source_ip: Option<IpAddr>,
    /// The port that it came from.
    pub source_port: Option<u16>,
    /// What carried the first request.
    pub transport: Option<Transport>,
    /// The platform's server as the log names it: an address or an alias.
    pub server: Option<String>,
    /// The address of the platform's server.
    pub server_ip: Option<IpAddr>,
    /// The switch as the log names it. Whose switch it is the documentation leaves open: compare it
    /// with the addresses of the trace.
    pub switch: Option<String>,
    /// Which node of the routing engine decided.
    pub engine: Option<String>,
    /// The User-Agent of the caller's device.
    pub user_agent: Option<String>,
    /// The user name under which the caller authenticated.
    pub auth_user: Option<String>,
    /// Whether the platform asked for credentials.
    pub offer_auth: Option<bool>,
    /// The address that the caller offered for media.
    pub rtp_ip: Option<IpAddr>,
    /// Who pays for the call, where the row says so.
    pub customer_id: Option<Id>,
    /// The platform's word for the direction (`Termination` goes out, `Origination` comes in). It
    /// reads Origination for every source that is not known, so that alone it proves nothing.
    pub direction: Option<String>,
    /// What routing decided, in order, in the platform's own sentences.
    pub log: Vec<String>,
    /// The carriers that routing had chosen, in order, whether they were tried or not.
    pub routes: Vec<Attempt>,
    /// The carriers that were tried, in order.
    pub attempts: Vec<Attempt>,
    /// What there is to say of an answered call; nothing where it was not, or not yet.
    pub answered: Option<Answered>,
    /// Whether it was made of a call detail record, which does not tell whom the platform tried.
    #[serde(default)]
    pub is_of_billing: bool,
    /// Whether the row has nothing at all on who was tried, not even that nobody was.
    #[serde(default)]
    pub is_silent_on_attempts: bool,
    /// The whole row as received.
    pub raw: Value,
}

impl CallRecord {
    /// Whether the row tells that nobody was tried: it says so, which a record of billing never does.
    #[must_use]
    pub fn was_tried_nowhere(&self) -> bool {
        self.attempts.is_empty() && !self.is_of_billing && !self.is_silent_on_attempts
    }

    /// The addresses that the row gives for the platform's own server. `switch` is not among them.
    pub fn server_addresses(&self) -> impl Iterator<Item = IpAddr> {
        let named = self.server.as_ref().and_then(|name| name.parse().ok());
        let told = self.server_ip.filter(|ip| Some(*ip) != named);
        named.into_iter().chain(told)
    }

    /// The Call-IDs of the legs that went out, each as often as the row has it.
    pub fn outgoing_call_ids(&self) -> impl Iterator<Item = &str> {
        let answered = self.answered.as_ref();
        let of_attempts = self.attempts.iter().map(|it| &it.outgoing_call_id);
        [
            Some(&self.outgoing_call_id),
            answered.map(|it| &it.outgoing_call_id),
        ]
        .into_iter()
        .flatten()
        .chain(of_attempts)
        .flatten()
        .map(String::as_str)
        .filter(|id| !id.is_empty())
    }

    /// Every Call-ID that the row names, the one that came in first.
    pub fn call_ids(&self) -> impl Iterator<Item = &str> {
        let incoming = self.call_id.as_deref().filter(|id| !id.is_empty());
        incoming.into_iter().chain(self.outgoing_call_ids())
    }

    /// The carriers that were tried, in order, and last the one that carried it; each as often as the
    /// row has it.
    pub fn carrier_ids(&self) -> impl DoubleEndedIterator<Item = Id> {
        let carried = self.answered.as_ref().and_then(|it| it.carrier_id);
        let tried = self.attempts.iter().filter_map(|it| it.carrier_id);
        tried.chain(carried)
    }

    /// Whether the call was only simulated: let through authentication and routing, and placed nowhere.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.call_id
            .as_deref()
            .is_some_and(|id| id.starts_with("SIM"))
    }

    /// Of a simulated call, whether routing takes it. The text decides, and the code where there is none;
    /// nothing where there is neither.
    #[must_use]
    pub fn is_routed(&self) -> Option<bool> {
        let reason = self.reason.as_deref().map(str::trim);
        match reason.filter(|reason| !reason.is_empty()) {
            Some(reason) => Some(reason.eq_ignore_ascii_case("OK")),
            None => self.code.map(|code| code < 300),
        }
    }

    /// Whether the call was not answered, as far as the row tells; of a simulated one, whether routing
    /// did not take it.
    #[must_use]
    pub fn failed(&self) -> bool {
        if self.is_simulated() {
            return self.is_routed() != Some(true);
        }
        self.answered.is_none() && self.code.is_none_or(|code| code >= 300)
    }

    /// Whether the platform took the call from whoever sent it: a carrier was chosen for it, or it was answered. Not
    /// where it asked for credentials or forbade it; nothing where it was refused for something else.
    #[must_use]
    pub fn is_let_in(&self) -> Option<bool> {
        if self.answered.is_some() || !self.attempts.is_empty() || !self.routes.is_empty() {
            return Some(true);
        }
        matches!(self.code, Some(401 | 403 | 407)).then_some(false)
    }

    /// Whether the row takes the call for one that comes in: in its own word, or because it was tried at a customer.
    /// The word stands in rows of strangers too.
    #[must_use]
    pub fn comes_in(&self) -> bool {
        let word = self.direction.as_deref().unwrap_or_default().trim();
        word.eq_ignore_ascii_case("origination")
            || self.attempts.iter().any(|it| it.customer_id.is_some())
    }

    /// Whether the call may still go on: the row tells neither an end nor an answered call's length.
    #[must_use]
    pub fn may_be_live(&self) -> bool {
        // What is billed is over.
        !self.is_of_billing
            && self.ended.is_none()
            && self
                .answered
                .as_ref()
                .is_none_or(|answered| answered.duration_ms.is_none())
    }
}

/// A carrier that was tried for a call.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Attempt {
    /// Which carrier.
    pub carrier_id: Option<Id>,
    /// What the platform calls it.
    pub carrier: Option<String>,
    /// Which customer, where the call was sent to one, as inbound calls are.
    pub customer_id: Option<Id>,
    /// What it answered.
    pub code: Option<u16>,
    /// The text that goes with the code.
    pub reason: Option<String>,
    /// The Call-ID of this attempt.
    pub outgoing_call_id: Option<String>,
    /// The whole element as received.
    pub raw: Value,
}

/// What the log says of an answered call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Answered {
    /// How long it was up, in milliseconds.
    pub duration_ms: Option<i64>,
    /// Why it ended, in the platform's words.
    pub release_reason: Option<String>,
    /// Which carrier carried it.
    pub carrier_id: Option<Id>,
    /// The Call-ID of the leg that was answered.
    pub outgoing_call_id: Option<String>,
}
