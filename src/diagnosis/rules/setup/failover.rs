//! Calls that one route refused and another took.

use super::FIRST_REPLY;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Hop};

pub(super) static ROUTE_FAILED_OVER: Rule = Rule {
    id: "route-failed-over",
    family: "setup",
    severity: Severity::Info,
    bearing: Bearing::Trouble,
    finds: "The call was answered on a later route, after an earlier one refused it or stayed \
            silent.",
    matters: "Each dead route costs the caller time, and the call would be lost if the last \
              route failed too.",
    remedy: "Look at the route that failed; take it out if it fails every call.",
    silent: "The call was not answered, the first route answered, or the routes were tried at the \
             same time.",
    source: "catalogue B2",
    explains: &[],
    limits: &[],
    check: Check::Call(route_failed_over),
};

fn route_failed_over(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let (Some(answer), Some(ingress)) = (case.answer(), case.call.ingress()) else {
        return Vec::new();
    };
    let is_success = |hop: &Hop| matches!(hop.final_code(), Some(200..=299));
    let attempts: Vec<&Hop> = case.call.downstream(ingress).collect();
    let Some(won) = attempts.iter().find(|hop| is_success(hop)) else {
        return Vec::new();
    };
    let Some(next_tried) = won.started() else {
        return Vec::new();
    };
    let failed = attempts.iter().filter(|hop| {
        // Branches of a fork start together; the next route starts when the one before has failed.
        let came_before = match (hop.final_response(), hop.started()) {
            (Some(theirs), _) if theirs.message().code() != Some(487) => theirs.at() <= next_tried,
            (None, Some(started)) => {
                hop.first_response().is_none() && next_tried.duration_since(started) >= FIRST_REPLY
            }
            _ => false,
        };
        came_before && !is_success(hop)
    });
    let mut words = Vec::new();
    let mut proof = Vec::new();
    let mut last = None;
    for hop in failed {
        proof.extend(hop.first_invite());
        proof.extend(hop.final_response());
        words.push(match hop.final_code() {
            Some(code) => format!("{} answered {code}", case.name(hop.server)),
            None => format!("{} answered nothing", case.name(hop.server)),
        });
        last = Some(hop.server);
    }
    if words.is_empty() {
        return Vec::new();
    }
    proof.push(answer);
    let fact = format!(
        "{}; {} then took the call.",
        words.join(", "),
        case.name(won.server)
    );
    rule.finding(
        case,
        proof,
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: String::new(),
            owner: Side::CalledPeer.into(),
            to_act: None,
            certainty: Certainty::Possible,
            by: last,
            severity: None,
            next: "See whether that route fails other calls too; take it out if it does.".into(),
        },
    )
    .into_iter()
    .collect()
}
