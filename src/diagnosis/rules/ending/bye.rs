//! The rule on BYEs that nobody answered.

use std::sync::Arc;

use jiff::SignedDuration;

use super::ended::{furthest, is_silent, side_of};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::code_and_phrase;
use crate::sip::{Certainty, Transaction};

pub(super) static BYE_UNANSWERED: Rule = Rule {
    id: "bye-unanswered",
    family: "ending",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A BYE that got no final answer although it was sent three times or more, or for 32 s \
            over a transport that does not repeat; on the last hop that it reached.",
    matters: "The other side may think that the call is up: billing may run on.",
    remedy: "Check whether the silent node can be reached at the address that the BYE went to, and \
             compare the billed time.",
    silent: "The BYE was sent once or twice over UDP (who stops repeating has its answer, or the \
             trace ended), or that side had sent a BYE of its own.",
    source: "RFC 3261 sections 15 and 17.1.2; catalogue T9",
    explains: &["bye-refused", "hung-leg"],
    limits: &[],
    check: Check::Call(bye_unanswered),
};

fn bye_unanswered(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let unanswered: Vec<&Arc<Transaction>> = case
        .byes()
        .filter(|bye| is_bye_unanswered(case, bye))
        .collect();
    furthest(case, &unanswered)
        .into_iter()
        .filter_map(|bye| unanswered_finding(rule, case, bye))
        .collect()
}

pub(super) fn is_bye_unanswered(case: &Case<'_>, bye: &Transaction) -> bool {
    const TIMER_F: SignedDuration = SignedDuration::from_secs(32);
    let Some(first) = bye.request() else {
        return false;
    };
    let is_own_ended = case
        .own_byes()
        .any(|other| (other.leg, other.client, other.server) == (bye.leg, bye.server, bye.client));
    let reliable = first.packet.transport.is_reliable();
    let enough = if reliable {
        case.watched_for(first, TIMER_F)
    } else {
        is_silent(bye, None)
    };
    bye.final_response().is_none() && enough && !is_own_ended
}

fn unanswered_finding(rule: &Rule, case: &Case<'_>, bye: &Transaction) -> Option<Finding> {
    let (first, last) = (bye.request()?, bye.requests.last()?);
    let times = match bye.requests.len() {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    };
    let fact = format!(
        "{} sent BYE to {} {times} (from {} to {}) and got no final answer.",
        case.name(bye.client),
        case.name(bye.server),
        case.when(first),
        case.when(last),
    );
    let server = case.name(bye.server);
    // A provisional answer shows that it arrived.
    let (cause, owner) = match bye.responses.first() {
        Some(taken) => (
            format!(
                "{server} got it, as its {} shows ({}), and did not settle it, or its final answer did not reach this \
                 capture point; for that side the call may run on.",
                code_and_phrase(taken),
                case.when(taken),
            ),
            side_of(case, bye.server),
        ),
        None => (
            format!(
                "{server} did not get it or its answer did not reach this capture point; for that side the call may \
                 run on."
            ),
            Side::Between,
        ),
    };
    let blame = Blame {
        cause,
        owner: owner.into(),
        certainty: Certainty::Possible,
        next: format!(
            "Check that {} can be reached where the BYE went, and that nothing is billed after {}.",
            case.name(bye.server),
            case.when(first)
        ),
    };
    // Nobody answered; the one who stayed silent can look first.
    let conclusion = Conclusion {
        by: None,
        to_act: Some(case.roles.side(bye.server).into()),
        ..Conclusion::certain(fact, bye.server, blame)
    };
    let taken = bye.responses.first();
    rule.finding(case, bye.requests.iter().chain(taken), conclusion)
}
