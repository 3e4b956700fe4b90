//! A message of the call that something besides the messages says did not arrive: whether the call bears that out,
//! how bad it is, and what only follows from it. Knows no kind of evidence; those who have one call it.

use std::sync::Arc;

use jiff::SignedDuration;

use super::{decides, request_words};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::Severity;
use crate::sip::{Method, Signal, Transaction};

/// What the message had been sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The INVITE or REGISTER that the whole is about.
    Setup,
    /// The ACK to a 2xx.
    Ack,
    /// A BYE.
    Bye,
    /// Another request.
    Request,
    /// An answer.
    Reply,
}

/// A message that could not be delivered.
pub(super) struct Undelivered<'a> {
    pub(super) signal: &'a Arc<Signal>,
    transaction: &'a Arc<Transaction>,
    pub(super) purpose: Purpose,
}

/// What may follow from a message that did not arrive; all of it where the setup came to nothing.
pub(super) const FOLLOWS: &[&str] = &[
    "no-response",
    "request-timeout",
    "server-failure",
    "other-refusal",
    "caller-gave-up",
    "platform-gave-up",
    "cancel-unseen",
    "cancel-unanswered",
    "call-in-progress",
    "registration-unanswered",
    "missing-ack",
    "hung-up",
    "platform-ended-call",
    "bye-unanswered",
    "ping-timeout",
    "reinvite-unanswered",
    "keep-alive-unanswered",
    "response-lost",
    "refusal-unacknowledged",
    "missing-prack",
    "udp-too-big",
    "message-cut-off",
];

impl<'a> Undelivered<'a> {
    /// Places the message in the call. Gives nothing where it arrived in the end.
    pub(super) fn of(case: &Case<'a>, signal: &'a Arc<Signal>) -> Option<Undelivered<'a>> {
        let is_it = |other: &Arc<Signal>| other.number == signal.number;
        let (transaction, purpose) = case.call.transactions.iter().find_map(|t| {
            if t.requests.iter().any(is_it) {
                let purpose = match t.method {
                    Method::Invite if !t.in_dialog => Purpose::Setup,
                    Method::Register => Purpose::Setup,
                    Method::Bye => Purpose::Bye,
                    Method::Ack => Purpose::Ack,
                    _ => Purpose::Request,
                };
                return Some((t, purpose));
            }
            let purpose = if t.acks.iter().any(is_it) {
                Purpose::Ack
            } else if t.responses.iter().any(is_it) {
                Purpose::Reply
            } else {
                return None;
            };
            Some((t, purpose))
        })?;
        let undelivered = Undelivered {
            signal,
            transaction,
            purpose,
        };
        undelivered.is_lost().then_some(undelivered)
    }

    /// Whether the call shows that this message, or the like of it, did not arrive.
    fn is_lost(&self) -> bool {
        /// What is this near may have crossed it on the way.
        const CROSSING: SignedDuration = SignedDuration::from_millis(200);
        let (t, sent) = (self.transaction, self.signal.at());
        let after = |later: &Arc<Signal>| later.at().duration_since(sent) > CROSSING;
        match self.purpose {
            Purpose::Setup | Purpose::Bye | Purpose::Request => {
                !t.responses.iter().any(|answer| answer.at() >= sent)
            }
            Purpose::Ack => t.responses.iter().any(after),
            Purpose::Reply => {
                let is_final = self.signal.message().code().is_some_and(|code| code >= 200);
                let owes_ack = t.method == Method::Invite && is_final;
                t.requests.iter().any(after)
                    || (owes_ack && !t.acks.iter().any(|ack| ack.at() >= sent))
            }
        }
    }

    /// What it was, as in `the INVITE`, `the 200 to the BYE`.
    pub(super) fn what(&self) -> String {
        let request = request_words(self.transaction);
        match (self.purpose, self.signal.message().code()) {
            (Purpose::Ack, _) => "the ACK".to_owned(),
            (_, Some(code)) => format!("the {code} to the {request}"),
            _ => format!("the {request}"),
        }
    }

    /// What did not become of it: `answered`, or where none is due `received`.
    pub(super) fn fate(&self) -> &'static str {
        match self.purpose {
            Purpose::Ack | Purpose::Reply => "received",
            _ => "answered",
        }
    }

    /// The messages that show it: of a request all its copies.
    pub(super) fn proof(&self) -> Vec<&'a Arc<Signal>> {
        match self.purpose {
            Purpose::Ack | Purpose::Reply => vec![self.signal],
            _ => self.transaction.requests.iter().collect(),
        }
    }

    /// How bad it is for this call, and which findings only follow from it.
    pub(super) fn bearing(&self, case: &Case<'_>) -> (Severity, &'static [&'static str]) {
        match self.purpose {
            Purpose::Setup if decides(case, self.transaction) => (Severity::Error, FOLLOWS),
            // The call went on by another way.
            Purpose::Setup => (Severity::Info, &[]),
            Purpose::Ack => (
                Severity::Error,
                &[
                    "missing-ack",
                    "hung-up",
                    "platform-ended-call",
                    "bye-unanswered",
                ],
            ),
            Purpose::Bye => (Severity::Warning, &["bye-unanswered"]),
            Purpose::Request => (
                Severity::Warning,
                &[
                    "ping-timeout",
                    "reinvite-unanswered",
                    "keep-alive-unanswered",
                    "cancel-unanswered",
                    "missing-prack",
                    "udp-too-big",
                    "message-cut-off",
                ],
            ),
            Purpose::Reply if self.transaction.method == Method::Invite => (
                Severity::Error,
                &[
                    "response-lost",
                    "missing-ack",
                    "missing-prack",
                    "refusal-unacknowledged",
                    "hung-up",
                    "platform-ended-call",
                    "bye-unanswered",
                    "caller-gave-up",
                    "cancel-unseen",
                    "udp-too-big",
                ],
            ),
            Purpose::Reply => (Severity::Warning, &["response-lost"]),
        }
    }
}
