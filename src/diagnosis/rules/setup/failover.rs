//! Calls that one route refused and another took, or that were sent on to another though the called user had spoken.

use jiff::SignedDuration;

use super::FIRST_REPLY;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
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

pub(super) static BUSY_FAILED_OVER: Rule = Rule {
    id: "busy-failed-over",
    family: "setup",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "486 or a 6xx from one route, after ringing or not sooner than after 0.3 s, and then an INVITE to another \
            route, which failed too.",
    matters: "The called user had spoken: another route leads to the same line, costs time, and its failure is what the \
              caller is told.",
    remedy: "Let the platform stop at 486 and 6xx; only where a carrier misuses them for its own limits may they fail \
             over.",
    silent: "The call was answered in the end, the routes were tried at the same time, or the 486 came at once: behind \
             that a limit may stand.",
    source: "RFC 3261 section 16.7, steps 5 and 6; catalogue B2, S486",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| busy_failed_over(rule, case).into_iter().collect()),
};

fn busy_failed_over(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    const BY_A_USER: SignedDuration = SignedDuration::from_millis(300);
    let ingress = case.call.ingress().filter(|_| case.answer().is_none())?;
    let attempts: Vec<&Hop> = case.call.downstream(ingress).collect();
    let (busy, answer) = attempts.iter().find_map(|hop| {
        let answer = hop.final_response()?;
        let after = answer.at().duration_since(hop.first_invite()?.at());
        let is_users = matches!(answer.message().code(), Some(486 | 600..=699))
            && (hop.ringing().is_some() || after >= BY_A_USER);
        is_users.then_some((*hop, answer))
    })?;
    let next = attempts
        .iter()
        .filter(|hop| hop.client.ip() == busy.client.ip())
        .find(|hop| hop.started().is_some_and(|at| at >= answer.at()))?;
    let invite = next.first_invite()?;
    let code = answer.message().code()?;
    let blame = Blame {
        cause: "Another route leads to the same line.".into(),
        owner: case.roles.side(busy.client).into(),
        certainty: Certainty::Likely,
        next: format!("Let routing stop at {code} where it comes from the called user."),
    };
    let fact = format!(
        "{} answered {code} ({}), and {} tried {} all the same ({}).",
        case.name(busy.server),
        case.when(answer),
        case.name(busy.client),
        case.name(next.server),
        case.when(invite),
    );
    let conclusion = Conclusion::certain(fact, busy.client, blame);
    rule.finding(case, [answer, invite], conclusion)
}

pub(super) static LATER_ROUTE_FAILED: Rule = Rule {
    id: "later-route-failed",
    family: "setup",
    severity: Severity::Info,
    bearing: Bearing::Trouble,
    finds: "A route that was tried after another one had said what the call fails for, and that failed by itself: a 5xx, or \
            no reply. Each such route once.",
    matters: "It did not lose this call, and loses the next one that has to go there.",
    remedy: "See whether that route fails other calls too; take it out if it does.",
    silent: "The call was answered, or that route's failure is what the call is told by.",
    source: "RFC 3261 section 16.7, step 6; catalogue B2",
    explains: &[],
    limits: &[],
    check: Check::Call(later_route_failed),
};

fn later_route_failed(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let (Some(_), Some(ingress), Some(origin)) =
        (case.failure(), case.call.ingress(), case.origin())
    else {
        return Vec::new();
    };
    let decided = origin.answer;
    let finding = |hop: &Hop| -> Option<Finding> {
        let invite = hop.first_invite().filter(|it| it.at() >= decided.at())?;
        let (what, proof) = match hop.final_response() {
            Some(theirs) => {
                let code = theirs
                    .message()
                    .code()
                    .filter(|code| (500..600).contains(code))?;
                (
                    format!("answered {code} ({})", case.when(theirs)),
                    Some(theirs),
                )
            }
            None => {
                hop.first_response().is_none().then_some(())?;
                ("sent nothing back".to_owned(), None)
            }
        };
        let silent = proof.is_none();
        let blame = Blame {
            cause: String::new(),
            owner: if silent {
                Side::Between
            } else {
                case.roles.side(hop.server)
            }
            .into(),
            certainty: Certainty::Possible,
            next: format!(
                "See whether {} fails other calls too; take it out if it does.",
                case.name(hop.server)
            ),
        };
        let fact = format!(
            "{} had answered {} ({}); {} was tried all the same ({}), and {what}.",
            case.name(origin.by),
            decided.message().code().unwrap_or_default(),
            case.when(decided),
            case.name(hop.server),
            case.when(invite),
        );
        let conclusion = Conclusion {
            to_act: Some(case.roles.side(hop.server).into()),
            ..Conclusion::certain(fact, hop.server, blame)
        };
        rule.finding(case, [decided, invite].into_iter().chain(proof), conclusion)
    };
    let attempts = case.call.downstream(ingress);
    let others =
        attempts.filter(|hop| hop.id != origin.hop.id && hop.client.ip() == ingress.server.ip());
    others.filter_map(finding).collect()
}
