//! The rule on messages that a router on the way changed, and broke.

use std::sync::Arc;

use super::MOST;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::rules::ending::ended::side_of;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::code_and_phrase;
use crate::sip::address::is_private;
use crate::sip::{Certainty, Deviation, Signal, Transaction};

pub(super) static ALG_DAMAGE: Rule = Rule {
    id: "alg-damage",
    family: "headers",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A request from behind a NAT (a private address in its only Via, sent from a public one) whose \
            session description names the public address, and whose Content-Length does not fit its body: \
            longer than said, or shorter and refused with 400.",
    matters: "A router that changes addresses in SIP without correcting the length cuts the session \
              description off for whoever reads it.",
    remedy: "Switch off the SIP ALG in the router in front of the device, or use TLS, which it cannot \
             change.",
    silent: "The length fits: the device may have found its public address by itself (STUN).",
    source: "RFC 3261 section 20.14; connexcs reference 3.4; catalogue F9",
    explains: &["message-cut-off", "request-rejected"],
    limits: &[],
    check: Check::Call(|rule, case| alg_damage(rule, case).into_iter().collect()),
};

fn alg_damage(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let requests = case
        .call
        .transactions
        .iter()
        .filter(|t| t.request().is_some());
    let (request, first, said, present) = requests.take(MOST).find_map(damaged)?;
    let answer = request
        .final_response()
        .filter(|answer| answer.code() == Some(400));
    let name = case.name(request.client);
    let effect = match answer {
        Some(answer) => format!("; it was refused with {}", code_and_phrase(answer)),
        None => String::new(),
    };
    let found = rule.finding(
        case,
        [first].into_iter().chain(answer),
        Conclusion {
            fact: format!(
                "The {} of {name} has the private address of its Via and the public one in its session \
                 description, and a body of {present} bytes where Content-Length says {said} ({}){effect}.",
                request.method,
                case.when(first),
            ),
            fact_certainty: Certainty::Certain,
            cause: "A router in front of it put the public address in and left the length as it was (SIP ALG)."
                .to_owned(),
            owner: side_of(case, request.client).into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: Some(request.client),
            severity: answer.map(|_| Severity::Error),
            next: format!("Switch off the SIP ALG in the router in front of {name}, or let it use TLS."),
        },
    );
    match answer {
        Some(_) => found,
        None => found.map(|found| found.explaining(&[])),
    }
}

/// A request that bears the marks, with what its Content-Length says and how long its body is.
fn damaged(request: &Arc<Transaction>) -> Option<(&Arc<Transaction>, &Arc<Signal>, usize, usize)> {
    let first = request.request()?;
    let message = first.message();
    let is_refused = request.final_code() == Some(400);
    let (said, present) = message
        .deviations()
        .iter()
        .find_map(|deviation| match deviation {
            Deviation::BodyLong { said, present }
                if is_more_than_line_ends(first, present.saturating_sub(*said)) =>
            {
                Some((*said, *present))
            }
            Deviation::BodyShort { said, present } if is_refused => Some((*said, *present)),
            _ => None,
        })?;
    let vias = message.vias();
    let [via] = vias.as_slice() else { return None };
    let source = first.source().ip();
    let audio = message.sdp()?.audio()?.ip()?;
    let is_behind_nat = via.address().is_some_and(is_private) && !is_private(source);
    (is_behind_nat && audio == source).then_some((request, first, said, present))
}

/// Whether the last bytes of a message are more than line ends, which are common behind a body.
fn is_more_than_line_ends(message: &Signal, last: usize) -> bool {
    let raw = message.message().raw();
    let tail = raw
        .get(raw.len().saturating_sub(last)..)
        .unwrap_or_default();
    tail.iter().any(|byte| !matches!(byte, b'\r' | b'\n' | 0))
}
