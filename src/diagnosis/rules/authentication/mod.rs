//! Rules on who was let in: challenges, credentials and refused sources, on every hop of the call
//! and for registrations. A challenge that is answered and passes is normal and finds nothing.

mod challenge;
mod credentials;
mod lost;
mod nonce_count;
mod source;
mod stale;

use super::Rule;
use crate::diagnosis::case::Case;
use crate::diagnosis::exchange::Exchange;
use crate::diagnosis::finding::Finding;

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &challenge::CHALLENGE_UNANSWERED,
    &credentials::WRONG_CREDENTIALS,
    &credentials::CREDENTIALS_MISMATCH,
    &credentials::DIGEST_ALGORITHM_MISMATCH,
    &stale::STALE_NONCE_LOOP,
    &stale::STALE_NONCE,
    &nonce_count::NONCE_COUNT_REPEATED,
    &source::SOURCE_REFUSED,
    &lost::ATTEMPT_LOST_TO_AUTHENTICATION,
];

/// What a rule finds on each exchange of the call, one thing at most.
fn each(
    rule: &Rule,
    case: &Case<'_>,
    look: fn(&Rule, &Case<'_>, &Exchange<'_>) -> Option<Finding>,
) -> Vec<Finding> {
    case.exchanges()
        .iter()
        .filter_map(|exchange| look(rule, case, exchange))
        .collect()
}

/// Why nobody can be named, where the client handed the challenge on to the node before it.
fn handed_on(case: &Case<'_>, exchange: &Exchange<'_>) -> Option<String> {
    exchange.was_handed_on(case.call).then(|| {
        format!(
            "{} handed the challenge on to the node before it, so the packets do not tell whose \
             account is meant.",
            case.name(exchange.client)
        )
    })
}

/// A cause, and where it is so that the challenge was handed on.
fn with_handed_on(cause: String, case: &Case<'_>, exchange: &Exchange<'_>) -> String {
    match handed_on(case, exchange) {
        Some(words) => format!("{cause} {words}"),
        None => cause,
    }
}
