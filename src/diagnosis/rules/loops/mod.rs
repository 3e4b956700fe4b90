//! Rules on calls that go round in a circle, over too many nodes, or to one server by two ways. They judge
//! what one Call-ID shows; a circle that gets a new Call-ID on each round is for rules over many calls.

mod forwarded;
mod hops_left;
mod merged;
mod ring;

use std::sync::Arc;

use super::Rule;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Finding, Severity};
use crate::sip::{Method, Signal, Transaction};

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &ring::ROUTING_LOOP,
    &hops_left::HOPS_SPENT,
    &hops_left::MAX_FORWARDS_KEPT,
    &merged::MERGED_REQUEST,
    &forwarded::FORWARDED_TOO_OFTEN,
];

/// The INVITEs outside a dialog that were answered with this code, the first in the order of time first.
fn refused_with<'a>(
    case: &Case<'a>,
    code: u16,
) -> impl Iterator<Item = (&'a Arc<Transaction>, &'a Arc<Signal>, &'a Arc<Signal>)> {
    let invites = case.call.with_method(Method::Invite);
    invites.filter_map(move |invite| {
        let (request, answer) = (invite.request()?, invite.final_response()?);
        let is_it = !invite.in_dialog && answer.code() == Some(code);
        is_it.then_some((invite, request, answer))
    })
}

/// What a refusal with this code explains: the outcome itself only where the call ended with that refusal.
fn explaining(case: &Case<'_>, code: u16, found: Finding) -> Finding {
    let decides = case.failure().is_some()
        && case.origin().and_then(|origin| origin.answer.code()) == Some(code);
    match decides {
        true => found,
        false => found.explaining(&["hops-spent", "max-forwards-kept"]),
    }
}

/// How bad something is that need not have done any harm: a note where the call was answered.
fn severity(case: &Case<'_>) -> Severity {
    match case.answer() {
        Some(_) => Severity::Info,
        None => Severity::Warning,
    }
}
