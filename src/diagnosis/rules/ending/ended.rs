//! Who ended an answered call, and which way the requests inside it went: what the rules of this
//! family share. Finds nothing itself.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::diagnosis::case::Case;
use crate::diagnosis::party::Side;
use crate::sip::{Hop, Name, Signal, Transaction};

/// Who sent the first BYE of an answered call.
pub(super) enum Ended<'a> {
    /// A node outside the platform.
    BySide(Side, &'a Arc<Transaction>),
    /// The platform, to both sides, before it got one; the earlier first.
    ByPlatform(&'a Arc<Transaction>, &'a Arc<Transaction>),
    /// The platform, to one side; nothing was seen of the other.
    Unseen(&'a Arc<Transaction>),
}

impl<'a> Ended<'a> {
    /// The first BYE.
    pub(super) fn bye(&self) -> &'a Arc<Transaction> {
        match self {
            Ended::BySide(_, bye) | Ended::ByPlatform(bye, _) | Ended::Unseen(bye) => bye,
        }
    }
}

/// The 2xx of a call that was answered for its caller too. A 2xx that crossed the CANCEL answers
/// nobody: the caller got another final.
pub(in crate::diagnosis::rules) fn answered<'a>(case: &Case<'a>) -> Option<&'a Arc<Signal>> {
    let told = case.call.ingress().and_then(Hop::final_code);
    case.answer().filter(|_| told.is_none_or(|code| code < 300))
}

/// Works out who ended the call. A platform passes a BYE on, so that its own is told from a
/// passed one by whether anybody sent it one before.
pub(super) fn ended<'a>(case: &Case<'a>) -> Option<Ended<'a>> {
    answered(case)?;
    let byes: Vec<&'a Arc<Transaction>> = case.own_byes().collect();
    let is_platform = |bye: &Arc<Transaction>| side_of(case, bye.client) == Side::Platform;
    let own = |to_caller: bool| {
        byes.iter()
            .copied()
            .find(|bye| is_platform(bye) && goes_to_caller(case, bye) == to_caller)
    };
    let outside = byes.iter().copied().find(|bye| !is_platform(bye));
    let (to_caller, to_called) = (own(true), own(false));
    if let (Some(to_caller), Some(to_called)) = (to_caller, to_called) {
        // A BYE that crosses the platform's own to the same side ended nothing any more.
        let came_first = outside.is_none_or(|bye| {
            let back = if goes_to_caller(case, bye) {
                to_called
            } else {
                to_caller
            };
            back.started() < bye.started()
        });
        if came_first && to_caller.started() <= to_called.started() {
            return Some(Ended::ByPlatform(to_caller, to_called));
        } else if came_first {
            return Some(Ended::ByPlatform(to_called, to_caller));
        }
    }
    match outside {
        Some(bye) => Some(Ended::BySide(sender(case, bye), bye)),
        None => Some(Ended::Unseen(to_caller.or(to_called)?)),
    }
}

/// The side that hung up first, and its BYE; nothing where none did.
pub(in crate::diagnosis::rules) fn hung_up_by<'a>(
    case: &Case<'a>,
) -> Option<(Side, &'a Arc<Transaction>)> {
    match ended(case)? {
        Ended::BySide(side, bye) => Some((side, bye)),
        Ended::ByPlatform(..) | Ended::Unseen(_) => None,
    }
}

/// The side a node is on; one that sends from another port than it did at setup is known by its
/// address.
pub(in crate::diagnosis::rules) fn side_of(case: &Case<'_>, node: SocketAddr) -> Side {
    let exact = case.roles.side(node);
    if exact != Side::Unknown {
        return exact;
    }
    let ends = case.call.hops.iter().flat_map(|h| [h.client, h.server]);
    ends.into_iter()
        .find(|end| end.ip() == node.ip())
        .map_or(Side::Unknown, |end| case.roles.side(end))
}

/// Which way a request inside a dialog goes: the side that sent the INVITE of its leg keeps its
/// From tag.
pub(in crate::diagnosis::rules) fn goes_to_caller(case: &Case<'_>, request: &Transaction) -> bool {
    match caller_tag(case, request.leg) {
        Some(tag) => request.from_tag.as_deref() != Some(tag),
        None => side_of(case, request.server) == Side::Caller,
    }
}

/// The side that sent a request: by its node, else by its From tag.
pub(super) fn sender(case: &Case<'_>, request: &Transaction) -> Side {
    match side_of(case, request.client) {
        side @ (Side::Caller | Side::CalledPeer) => side,
        _ if goes_to_caller(case, request) => Side::CalledPeer,
        _ => Side::Caller,
    }
}

/// The same request where the node that got it sent it on.
pub(in crate::diagnosis::rules) fn passed_on<'a>(
    case: &Case<'a>,
    request: &Transaction,
) -> Option<&'a Arc<Transaction>> {
    const AT_ONCE: SignedDuration = SignedDuration::from_secs(1);
    case.call.with_method(request.method.clone()).find(|other| {
        let since = since(other.started(), request.started());
        other.client.ip() == request.server.ip()
            && other.server.ip() != request.client.ip()
            && goes_to_caller(case, other) == goes_to_caller(case, request)
            && since.is_some_and(|since| !since.is_negative() && since <= AT_ONCE)
    })
}

/// Of the same requests on several hops, those on the last hop that they reached.
pub(in crate::diagnosis::rules) fn furthest<'a>(
    case: &Case<'a>,
    requests: &[&'a Arc<Transaction>],
) -> Vec<&'a Arc<Transaction>> {
    let is_last = |request: &&&'a Arc<Transaction>| {
        passed_on(case, request)
            .is_none_or(|next| requests.iter().all(|other| !Arc::ptr_eq(other, next)))
    };
    requests.iter().filter(is_last).copied().collect()
}

/// Whether a request got no final answer although it plainly asked again: over UDP who stops
/// repeating has its answer, seen here or not.
pub(in crate::diagnosis::rules) fn is_silent(
    request: &Transaction,
    until: Option<Timestamp>,
) -> bool {
    const SENDS: usize = 3;
    const PATIENCE: SignedDuration = SignedDuration::from_secs(3);
    let Some(first) = request.request() else {
        return false;
    };
    let waited = since(until, Some(first.at())).is_some_and(|waited| waited >= PATIENCE);
    let repeats = !first.packet.transport.is_reliable();
    request.final_response().is_none() && (request.requests.len() >= SENDS || (!repeats && waited))
}

pub(in crate::diagnosis::rules) fn since(
    later: Option<Timestamp>,
    earlier: Option<Timestamp>,
) -> Option<SignedDuration> {
    Some(later?.duration_since(earlier?))
}

/// Whether the 2xx of the leg gave a Record-Route and a request, sent by an end of the dialog, has
/// no Route. A proxy on the way takes its own out, so that only the first hop tells.
pub(in crate::diagnosis::rules) fn lacks_route(
    case: &Case<'_>,
    sent: &Transaction,
    request: &Signal,
) -> bool {
    let side = side_of(case, sent.client);
    if !matches!(side, Side::Caller | Side::CalledPeer) || request.message().vias().len() > 1 {
        return false;
    }
    let hop = case
        .call
        .hops
        .iter()
        .find(|hop| hop.leg == sent.leg && [hop.client, hop.server].contains(&sent.client));
    hop.and_then(|hop| hop.final_response())
        .is_some_and(|ok| ok.message().header(Name::RecordRoute).is_some())
        && request.message().header(Name::Route).is_none()
}

/// The From tag of the INVITE that set a leg up.
fn caller_tag<'a>(case: &Case<'a>, leg: usize) -> Option<&'a str> {
    let hop = case.call.hops.iter().find(|hop| hop.leg == leg)?;
    hop.invites.first()?.from_tag.as_deref()
}
