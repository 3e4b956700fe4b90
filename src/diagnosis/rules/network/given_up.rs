//! Who gave a call up that nobody answered, and when: what that node had tried without an INVITE being seen may be why.
//! Says nothing of what it had tried.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::diagnosis::case::{Case, shifted};
use crate::diagnosis::party::Side;
use crate::sip::Signal;

/// What is seen this long after the final answer may still belong to the attempt.
const AFTER: SignedDuration = SignedDuration::from_secs(2);

/// A node that had the call last, and what became of it there.
pub(in crate::diagnosis::rules) struct GivenUp<'a> {
    pub(in crate::diagnosis::rules) node: SocketAddr,
    pub(in crate::diagnosis::rules) invite: &'a Arc<Signal>,
    pub(in crate::diagnosis::rules) answer: Option<&'a Arc<Signal>>,
    /// Until when something may have to do with it.
    pub(in crate::diagnosis::rules) until: Timestamp,
}

impl<'a> GivenUp<'a> {
    /// Nothing where the call was answered.
    pub(in crate::diagnosis::rules) fn of(case: &Case<'a>) -> Option<GivenUp<'a>> {
        if case.answer().is_some() {
            return None;
        }
        let ingress = case.call.ingress()?;
        let answer = ingress.final_response();
        // Where the answer was made, or the last node that the INVITE reached.
        let node = match case.origin() {
            Some(origin) => origin.by,
            None => case.way().last()?.server,
        };
        let end = answer.map_or(case.call.ended()?, |answer| answer.at());
        Some(GivenUp {
            node,
            invite: ingress.first_invite()?,
            answer,
            until: shifted(end, AFTER),
        })
    }

    /// Whether this node may have tried the address for this call: no INVITE was seen to go there or come from there.
    pub(in crate::diagnosis::rules) fn may_have_tried(
        &self,
        case: &Case<'_>,
        from: SocketAddr,
        to: SocketAddr,
    ) -> bool {
        let ends = case.call.hops.iter().flat_map(|h| [h.client, h.server]);
        from.ip() == self.node.ip() && ends.into_iter().all(|end| end.ip() != to.ip())
    }

    /// Whether the refusal reads as if the node could not reach somebody at that time.
    pub(in crate::diagnosis::rules) fn fits(&self, case: &Case<'_>, at: Timestamp) -> bool {
        self.answer.is_some_and(|answer| {
            let code = answer.message().code().unwrap_or_default();
            let since = answer.at().duration_since(at);
            matches!(code, 408 | 430 | 477 | 478 | 480 | 500 | 502..=504)
                && case
                    .knowledge
                    .platform_reason(answer.message().reason_phrase())
                    .is_none()
                && answer.message().q850().is_none()
                && since >= SignedDuration::ZERO
                && since <= AFTER
        })
    }

    /// Whose the node behind it is: behind the platform stands the called peer; behind a lone far end, its own network.
    pub(in crate::diagnosis::rules) fn peer(&self, case: &Case<'_>) -> Side {
        match case.roles.side(self.node) {
            Side::Platform => Side::CalledPeer,
            _ => Side::CalledUser,
        }
    }

    /// The messages that show it.
    pub(in crate::diagnosis::rules) fn proof(
        &self,
    ) -> impl Iterator<Item = &'a Arc<Signal>> + use<'a> {
        [self.invite].into_iter().chain(self.answer)
    }
}

/// Said of what bears no Call-ID.
pub(in crate::diagnosis::rules) const MAY_BE_ANOTHERS: &str = "No INVITE of this call was seen to go there; that it was meant to, and not one \
     of another call, does not stand in the packets.";
