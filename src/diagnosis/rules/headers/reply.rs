//! The rules on what a request says of the way back: the port in its Via, and the branch that tells it from
//! others.

use std::collections::HashMap;
use std::sync::Arc;

use super::method_words;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::rules::ending::ended::{is_silent, side_of};
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::diagnosis::words::times;
use crate::sip::address::is_private;
use crate::sip::{Certainty, Method, Signal, Transaction};

pub(super) static RPORT_MISSING: Rule = Rule {
    id: "rport-missing",
    family: "headers",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A request over UDP from behind a NAT (a private address in its Via, sent from a public one) \
            without rport, whose answers went to the port in the Via instead of the one it came from, and \
            which was sent again after them.",
    matters: "The NAT is open at the port that the request came from: the answers get lost in front of it.",
    remedy: "Switch on rport at the sender; a server may answer to the source port too (force rport).",
    silent: "The answers went to where the request came from, or the request was not repeated after them.",
    source: "RFC 3261 section 18.2.2; RFC 3581 section 4; catalogue H7",
    explains: &[
        "response-lost",
        "no-response",
        "missing-ack",
        "refusal-unacknowledged",
        "hung-up",
        "platform-ended-call",
        "registration-challenge-unanswered",
        "challenge-unanswered",
    ],
    limits: &[],
    check: Check::Call(|rule, case| rport_missing(rule, case).into_iter().collect()),
};

fn rport_missing(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let deaf = case
        .call
        .transactions
        .iter()
        .filter(|t| t.requests.len() > 1);
    let (request, first, answer, via_port, again) = deaf.into_iter().find_map(|request| {
        let first = request
            .request()
            .filter(|it| !it.packet.transport.is_reliable())?;
        let via = first.message().top_via()?;
        let hidden = via.address().is_some_and(is_private) && !is_private(first.source().ip());
        let port = via.port_or_default();
        if via.has_rport() || !hidden || port == first.source().port() {
            return None;
        }
        let is_astray = |answer: &&Arc<Signal>| {
            answer.destination().ip() == first.source().ip() && answer.destination().port() == port
        };
        let answer = request.responses.iter().find(is_astray)?;
        let again = request
            .requests
            .iter()
            .rfind(|copy| copy.at() > answer.at())?;
        Some((request, first, answer, port, again))
    })?;
    let name = case.name(request.client);
    rule.finding(
        case,
        [first, answer, again],
        Conclusion {
            fact: format!(
                "{name} sent {} from port {} with port {via_port} in its Via and no rport ({}); the answer \
                 went to port {via_port} ({}), and the request was sent again ({}).",
                method_words(request),
                first.source().port(),
                case.when(first),
                case.when(answer),
                case.when(again),
            ),
            fact_certainty: Certainty::Certain,
            cause: "Its NAT lets nothing in at that port, so that it got no answer.".to_owned(),
            owner: side_of(case, request.client).into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: Some(request.client),
            severity: None,
            next: format!("Switch on rport on {name}, or let the server answer to where requests come from."),
        },
    )
}

pub(super) static BRANCH_REUSED: Rule = Rule {
    id: "branch-reused",
    family: "headers",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A new request (another CSeq) with the branch of an earlier one with the same method, which got \
            no answer; or an ACK to a 2xx with the branch of its INVITE, after which the 2xx was repeated.",
    matters: "A server takes it for a copy of the earlier one, and drops it or answers that.",
    remedy: "Update or correct the software that writes it: each new request needs a branch of its own.",
    silent: "The request was answered all the same.",
    source: "RFC 3261 sections 8.1.1.7, 13.2.2.4 and 17.2.3; catalogue H8",
    explains: &[
        "missing-ack",
        "no-response",
        "hung-up",
        "platform-ended-call",
        "bye-unanswered",
        "reinvite-unanswered",
    ],
    limits: &[&COPIES],
    check: Check::Call(|rule, case| branch_reused(rule, case).into_iter().collect()),
};

static COPIES: Limit = Limit {
    key: "branch-reused.copies",
    what: "how often a 2xx must be repeated after the ACK that has its branch",
    default: Figure::Count(2),
};

fn branch_reused(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let mut used: HashMap<(usize, std::net::SocketAddr, &Method, &str), &Arc<Signal>> =
        HashMap::new();
    for request in &case.call.transactions {
        let Some((first, branch)) = request
            .request()
            .and_then(|it| Some((it, it.branch.as_deref()?)))
        else {
            continue;
        };
        if let Some(found) = ack_with_branch(rule, case, request, branch) {
            return Some(found);
        }
        let known_as = (request.leg, request.client, &request.method, branch);
        let before = *used.entry(known_as).or_insert(first);
        if before.cseq == first.cseq || !is_silent(request, None) {
            continue;
        }
        let what = format!(
            "{} with CSeq {} has the branch of the one with CSeq {} ({}), and was sent {} without an answer",
            method_words(request),
            first.cseq_number(),
            before.cseq_number(),
            case.when(before),
            times(request.requests.len()),
        );
        let proof = [before].into_iter().chain(&request.requests);
        let seen_as = ["no-response", "bye-unanswered", "reinvite-unanswered"];
        return reused_finding(rule, case, request, &what, proof).map(|it| it.explaining(&seen_as));
    }
    None
}

/// An ACK to a 2xx that was taken for a part of its INVITE.
fn ack_with_branch(
    rule: &Rule,
    case: &Case<'_>,
    invite: &Transaction,
    branch: &str,
) -> Option<Finding> {
    let answer = invite
        .final_response()
        .filter(|answer| matches!(answer.code(), Some(200..=299)))?;
    let ack = invite
        .acks
        .iter()
        .find(|ack| ack.branch.as_deref() == Some(branch))?;
    let after = |copy: &&Arc<Signal>| copy.code() == answer.code() && copy.at() > ack.at();
    let copies: Vec<_> = invite.responses.iter().filter(after).collect();
    if !case.tuning.reaches(&COPIES, copies.len()) {
        return None;
    }
    let what = format!(
        "its ACK ({}) has the branch of the INVITE, and the {} was repeated {} after it",
        case.when(ack),
        answer.code().unwrap_or(200),
        times(copies.len()),
    );
    let proof = invite
        .requests
        .first()
        .into_iter()
        .chain([answer, ack])
        .chain(copies);
    let seen_as = ["missing-ack", "hung-up", "platform-ended-call"];
    reused_finding(rule, case, invite, &what, proof).map(|it| it.explaining(&seen_as))
}

fn reused_finding<'s>(
    rule: &Rule,
    case: &Case<'_>,
    request: &Transaction,
    what: &str,
    proof: impl IntoIterator<Item = &'s Arc<Signal>>,
) -> Option<Finding> {
    let name = case.name(request.client);
    rule.finding(
        case,
        proof,
        Conclusion {
            fact: format!("{name} used a branch twice: {what}."),
            fact_certainty: Certainty::Certain,
            cause: "A server takes what bears a known branch for a copy of what it has.".to_owned(),
            owner: side_of(case, request.client).into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: Some(request.client),
            severity: None,
            next: format!(
                "Show this to who runs {name}: each new request needs a branch of its own."
            ),
        },
    )
}
