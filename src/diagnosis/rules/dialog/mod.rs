//! Requests inside a call that is up: re-INVITEs and UPDATEs that were refused, crossed or not answered, dialogs that
//! one side no longer knows, requests out of order, fax, hold and transfers.

pub mod challenged;
mod fax;
mod hold;
mod lost;
mod reinvite;
mod replaces;
mod stale_cseq;
mod transfer;

use std::sync::Arc;

use jiff::SignedDuration;

use super::Rule;
use super::ending::ended::{furthest, goes_to_caller};
use crate::diagnosis::case::{Case, shifted};
use crate::sip::{Described, Method, Transaction};

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &reinvite::REINVITE_REFUSED,
    &reinvite::REINVITE_CROSSED,
    &reinvite::REINVITE_UNANSWERED,
    &lost::DIALOG_UNKNOWN,
    &fax::FAX_REFUSED,
    &transfer::TRANSFER_FAILED,
    &replaces::REPLACES_FAILED,
    &hold::STUCK_ON_HOLD,
    &stale_cseq::STALE_CSEQ,
];

/// More of one kind in one call than this tell nothing new, and each is compared with all others.
pub const MOST: usize = 64;

/// How the tags of a request inside a dialog stand to the dialogs that a 2xx set up in its leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tags {
    /// They are those of one of them.
    Same,
    /// They are those of none.
    Others,
    /// No 2xx was seen.
    Unknown,
}

/// Compares the tags of a request with the dialogs of its leg, from whichever side.
pub fn tags(case: &Case<'_>, request: &Transaction) -> Tags {
    let Some(asked) = request.request() else {
        return Tags::Unknown;
    };
    let mut found = Tags::Unknown;
    let invites = case.call.with_method(Method::Invite);
    let answers = invites
        .filter(|invite| invite.leg == request.leg && !invite.in_dialog)
        .flat_map(|invite| &invite.responses)
        .filter(|answer| matches!(answer.message().code(), Some(200..=299)));
    for answer in answers {
        let theirs = (&answer.from_tag, &answer.to_tag);
        if theirs == (&asked.from_tag, &asked.to_tag) || theirs == (&asked.to_tag, &asked.from_tag)
        {
            return Tags::Same;
        }
        found = Tags::Others;
    }
    found
}

/// Whether a BYE of its leg had been sent by the time a request was answered: the two crossed, or
/// it came after the end. Without an answer, a BYE within a second may have crossed it.
fn is_at_the_end(case: &Case<'_>, request: &Transaction) -> bool {
    const NEAR: SignedDuration = SignedDuration::from_secs(1);
    let answered = request.final_response().map(|answer| answer.at());
    let Some(until) = answered.or(request.started().map(|at| shifted(at, NEAR))) else {
        return false;
    };
    case.own_byes()
        .any(|bye| bye.leg == request.leg && bye.started().is_some_and(|at| at <= until))
}

/// The re-INVITEs of the call that are so, each on the last hop that it reached.
fn reinvites<'a>(
    case: &Case<'a>,
    is_so: impl Fn(&Transaction) -> bool,
) -> Vec<&'a Arc<Transaction>> {
    changes(case, &[Method::Invite], is_so)
}

/// The requests with these methods inside the call that are so, each on the last hop that it reached.
fn changes<'a>(
    case: &Case<'a>,
    methods: &[Method],
    is_so: impl Fn(&Transaction) -> bool,
) -> Vec<&'a Arc<Transaction>> {
    let found: Vec<&Arc<Transaction>> = case
        .call
        .transactions
        .iter()
        .filter(|it| methods.contains(&it.method) && it.in_dialog)
        .filter(|it| it.request().is_some() && is_so(it))
        .take(MOST)
        .collect();
    match found.as_slice() {
        [] => found,
        some => furthest(case, some),
    }
}

/// A later re-INVITE or UPDATE from the same side, on whichever leg, that was accepted, soon enough
/// to be another try of the same.
fn accepted_retry<'a>(case: &Case<'a>, refused: &Transaction) -> Option<&'a Arc<Transaction>> {
    const SOON: SignedDuration = SignedDuration::from_secs(10);
    let started = refused.started()?;
    case.call.transactions.iter().find(|other| {
        matches!(other.method, Method::Invite | Method::Update)
            && other.in_dialog
            && matches!(other.final_code(), Some(200..=299))
            && other.started().is_some_and(|at| {
                let after = at.duration_since(started);
                after.is_positive() && after <= SOON
            })
            && goes_to_caller(case, other) == goes_to_caller(case, refused)
    })
}

/// Whether a description asks for fax over T.38.
fn asks_for_fax(described: &Described<'_>) -> bool {
    described.sdp.media.iter().any(|media| {
        media.kind == "image" && media.port != 0 && media.protocol.eq_ignore_ascii_case("udptl")
    })
}
