//! The rule on attempts that were lost because their sender was not let in, while the call went
//! on. How a call ended is for the other rules.

use super::source::refusal;
use super::{each, handed_on};
use crate::diagnosis::case::Case;
use crate::diagnosis::exchange::{Ended, Exchange};
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::code_and_phrase;
use crate::sip::Certainty;

pub(super) static ATTEMPT_LOST_TO_AUTHENTICATION: Rule = Rule {
    id: "attempt-lost-to-authentication",
    family: "authentication",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "One attempt of the call was lost because its sender was not let in, and the call went \
            on another way.",
    matters: "That way will fail for every call, and each loses time on it.",
    remedy: "Correct the credentials or the list of addresses for that way, or take it out.",
    silent: "The call ended with that attempt: the rule for its fault says so then.",
    source: "RFC 3261 section 22; catalogue R1, R2, R4, R5, R7",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| each(rule, case, attempt_lost)),
};

fn attempt_lost(rule: &Rule, case: &Case<'_>, exchange: &Exchange<'_>) -> Option<Finding> {
    if exchange.decides {
        return None;
    }
    let (what, proof) = match (exchange.ended(), refusal(case, exchange)) {
        (Some(Ended::Unanswered(end)), _) if !end.challenged.acks.is_empty() => {
            ("did not answer the challenge of", vec![end.challenge])
        }
        (Some(Ended::Refused(refused)), _) => ("had its credentials refused by", refused.proof),
        (Some(Ended::StaleLoop { answers }), _) => {
            ("sent only credentials that were stale to", answers)
        }
        (None, Some((_, request, answer))) => ("was not let in by", vec![request, answer]),
        _ => return None,
    };
    let last = proof.last().copied()?;
    // Without a sign that the call went on elsewhere, the attempt may only have been late.
    let went_on = case.call.hops.iter().any(|hop| {
        hop.started() > Some(last.at())
            || hop
                .final_response()
                .is_some_and(|told| told.at() > last.at())
    });
    if !went_on {
        return None;
    }
    let (client, server) = exchange.names(case);
    let fact = format!(
        "{client} {what} {server} ({} at {}), so that attempt was lost.",
        code_and_phrase(last),
        case.when(last),
    );
    let blame = Blame {
        cause: handed_on(case, exchange).unwrap_or_default(),
        owner: exchange.client_owner(case),
        certainty: Certainty::Likely,
        next: format!("Check credentials and allowed addresses between {client} and {server}."),
    };
    let conclusion = Conclusion::certain(fact, exchange.server, blame);
    rule.finding(case, proof, conclusion)
}
