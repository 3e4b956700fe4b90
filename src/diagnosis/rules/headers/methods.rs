//! The rule on requests with a method that the other end had not declared.

use std::sync::Arc;

use super::MOST;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::rules::ending::ended::{is_silent, side_of};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::{code_and_phrase, times};
use crate::sip::header::tokens;
use crate::sip::{Certainty, Message, Method, Name, Signal, Transaction};

pub(super) static METHOD_NOT_ALLOWED: Rule = Rule {
    id: "method-not-allowed",
    family: "headers",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "An UPDATE, INFO, PRACK, REFER, MESSAGE or NOTIFY inside the call that was refused with 405 or 501 \
            or got no answer, and whose method does not stand in the Allow that the other end had sent in the \
            call.",
    matters: "What it was for does not happen: a session is not refreshed, digits are lost, a transfer \
              fails.",
    remedy: "Let the sender honour Allow, or switch that method off towards this peer.",
    silent: "The other end sent no Allow, or it took the request all the same.",
    source: "RFC 3261 sections 20.5 and 21.4.6; RFC 3311 section 5.1; RFC 4028 section 7.4; catalogue H11, S405",
    explains: &[
        "prack-refused",
        "missing-prack",
        "reinvite-unanswered",
        "reinvite-refused",
        "digits-refused",
        // Where it was to refresh the session.
        "session-timer-expired",
    ],
    limits: &[],
    check: Check::Call(|rule, case| method_not_allowed(rule, case).into_iter().collect()),
};

const OPTIONAL: [Method; 6] = [
    Method::Update,
    Method::Info,
    Method::Prack,
    Method::Refer,
    Method::Message,
    Method::Notify,
];

fn method_not_allowed(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let refused = case.call.transactions.iter().filter(|request| {
        let is_refused = matches!(request.final_code(), Some(405 | 501));
        request.in_dialog
            && OPTIONAL.contains(&request.method)
            && (is_refused || is_silent(request, None))
    });
    refused.take(MOST).find_map(|request| {
        let declared = declared(case, request)?;
        let allowed = allowed(declared.message())?;
        let method = request.method.as_str();
        if allowed.iter().any(|it| it.eq_ignore_ascii_case(method)) {
            return None;
        }
        finding(rule, case, request, declared)
    })
}

/// The last message before it in which the other end said what it allows.
fn declared<'a>(case: &Case<'a>, request: &Transaction) -> Option<&'a Arc<Signal>> {
    let first = request.request()?;
    let signals = case.call.signals.iter().rev();
    let theirs = signals.filter(|(leg, signal)| {
        *leg == request.leg
            && signal.number < first.number
            && case.call.node(signal.source()) == request.server
    });
    let mut told = theirs.map(|(_, signal)| signal).take(MOST);
    told.find(|signal| signal.message().header(Name::Allow).is_some())
}

fn allowed(message: &Message) -> Option<Vec<String>> {
    let all: Vec<String> = message
        .headers(Name::Allow)
        .flat_map(|it| tokens(&it))
        .collect();
    (!all.is_empty()).then_some(all)
}

fn finding(
    rule: &Rule,
    case: &Case<'_>,
    request: &Transaction,
    declared: &Arc<Signal>,
) -> Option<Finding> {
    let (name, peer) = (case.name(request.client), case.name(request.server));
    let first = request.request()?;
    let method = &request.method;
    let end = match request.final_response() {
        Some(answer) => format!("{peer} refused it with {}", code_and_phrase(answer)),
        None => format!(
            "it was sent {} and got no answer",
            times(request.requests.len())
        ),
    };
    let proof = [declared, first]
        .into_iter()
        .chain(request.final_response());
    let refreshes = first.message().session_expires().is_some();
    let mut found = rule.finding(
        case,
        proof,
        Conclusion {
            fact: format!(
                "{name} sent {method} ({}), which the Allow of {peer} ({}) does not list; {end}.",
                case.when(first),
                case.when(declared),
            ),
            fact_certainty: Certainty::Certain,
            cause: format!("{peer} had said that it does not take {method}."),
            owner: side_of(case, request.client).into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: Some(request.client),
            severity: None,
            next: format!(
                "Switch {method} off on {name} towards this peer, or let it honour Allow."
            ),
        },
    )?;
    if !refreshes {
        found.explains.retain(|id| id != "session-timer-expired");
    }
    Some(found)
}
