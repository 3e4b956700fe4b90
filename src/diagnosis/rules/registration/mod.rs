//! Rules on registrations: whether the device got its binding, and what was wrong with it. They
//! look at the REGISTERs as the device sent them; of calls that suffer from it, only those to a user whose registration
//! had run out are told (`ran_out`).

mod accepted;
mod binding;
mod elsewhere;
mod keep_alive;
mod ran_out;
mod refused;
mod unanswered;

use std::sync::Arc;

use binding::{Binding, binding};
use jiff::{SignedDuration, Timestamp};

use super::Rule;
use crate::diagnosis::case::Case;
use crate::diagnosis::exchange::{Exchange, is_accepted, registration};
use crate::diagnosis::finding::Finding;
use crate::sip::{Call, Signal, Transaction};

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &accepted::REGISTRATION_OK,
    &refused::REGISTRATION_REFUSED,
    &refused::REGISTRATION_INTERVAL_TOO_BRIEF,
    &unanswered::REGISTRATION_CHALLENGE_UNANSWERED,
    &unanswered::REGISTRATION_UNANSWERED,
    &accepted::PRIVATE_CONTACT_REGISTERED,
    &accepted::BINDING_FLAPS,
    &elsewhere::REGISTERED_ELSEWHERE_TOO,
    &ran_out::REGISTRATION_RAN_OUT,
    &keep_alive::KEEP_ALIVE_UNANSWERED,
    &keep_alive::KEEP_ALIVE_ANSWERED,
];

/// What a rule finds on the registration, one thing at most, where the call is one.
fn judge(
    rule: &Rule,
    case: &Case<'_>,
    look: fn(&Rule, &Case<'_>, &Exchange<'_>) -> Option<Finding>,
) -> Vec<Finding> {
    let exchange = registration(case.call);
    exchange
        .and_then(|exchange| look(rule, case, &exchange))
        .into_iter()
        .collect()
}

/// The requests after the last one that was answered 2xx.
fn since_success<'c>(exchange: &Exchange<'c>) -> Vec<&'c Arc<Transaction>> {
    let after = exchange
        .turns
        .iter()
        .rposition(|turn| is_accepted(turn))
        .map_or(0, |at| at + 1);
    exchange.turns.iter().skip(after).copied().collect()
}

/// Until when the last REGISTER that was accepted holds, where that is said.
pub(in crate::diagnosis) fn registered_until(call: &Call) -> Option<Timestamp> {
    let exchange = registration(call)?;
    let last = exchange.turns.iter().rfind(|turn| is_accepted(turn))?;
    let answer = last.final_response()?;
    let seconds = match binding(last.request()?.message(), answer.message()) {
        Binding::Bound(seconds) => seconds?,
        Binding::Removed => 0,
        Binding::Asked => return None,
    };
    let held = SignedDuration::from_secs(i64::from(seconds));
    answer.at().checked_add(held).ok()
}

/// The address of record that is registered.
fn account(request: &Signal) -> String {
    let to = request.message().to().map(|to| to.uri).unwrap_or_default();
    match to.user {
        Some(user) => format!("{user}@{}", to.host),
        None => to.host,
    }
}

/// A further sentence where an earlier REGISTER was accepted.
fn until_then(exchange: &Exchange<'_>) -> &'static str {
    if exchange.was_accepted() {
        " It had been registered before."
    } else {
        ""
    }
}
