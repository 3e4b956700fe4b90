//! Requests that went on asking after their answer had passed: the answer did not reach who asked. Reads transactions
//! alone; whose loss it is, is for others to say.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::sip::{Call, Hop, Method, Signal, Transaction};

/// What comes this near after an answer may have crossed it.
pub const CROSSING: SignedDuration = SignedDuration::from_millis(200);

/// A request over UDP that went on asking after its answer.
pub struct Unheard<'a> {
    /// The request.
    pub request: &'a Arc<Transaction>,
    /// The first answer that should have stopped it: for an INVITE any, for others a final one.
    pub answer: &'a Arc<Signal>,
    /// The copies that came too late to have crossed it, two at least.
    pub late: Vec<&'a Arc<Signal>>,
}

impl<'a> Unheard<'a> {
    /// The request as such a one; nothing where its copies stopped with its answer.
    #[must_use]
    pub fn of(request: &'a Arc<Transaction>) -> Option<Unheard<'a>> {
        const FEWEST: usize = 2;
        let is_invite = request.method == Method::Invite;
        let first = request.request()?;
        if first.packet.transport.is_reliable() {
            return None;
        }
        let stops = |answer: &&Arc<Signal>| {
            answer.at() >= first.at()
                && (is_invite || answer.message().code().is_some_and(|code| code >= 200))
        };
        let answer = request.responses.iter().find(stops)?;
        let late: Vec<&Arc<Signal>> = request
            .requests
            .iter()
            .filter(|copy| copy.at().duration_since(answer.at()) > CROSSING)
            .collect();
        (late.len() >= FEWEST).then_some(Unheard {
            request,
            answer,
            late,
        })
    }

    /// The INVITE of a hop none of whose answers reached who sent it.
    #[must_use]
    pub fn on(call: &Call, hop: &'a Hop) -> Option<Unheard<'a>> {
        Unheard::of(hop.decisive()?).filter(|unheard| !unheard.went_on(call))
    }

    /// Whether who asked shows by what it sent afterwards that a later answer got there: an ACK, a CANCEL, which too may
    /// only be sent after an answer (RFC 3261 section 9.1), or a request inside the dialog.
    #[must_use]
    pub fn went_on(&self, call: &Call) -> bool {
        let request = self.request;
        let inside = || {
            call.transactions.iter().any(|other| {
                other.leg == request.leg
                    && other.client.ip() == request.client.ip()
                    && other.method != Method::Cancel
                    && other.in_dialog
                    && other.started() > Some(self.answer.at())
            })
        };
        !request.acks.is_empty() || !request.cancels.is_empty() || inside()
    }
}
