//! Rules on OPTIONS outside any dialog, by which devices and trunks are asked whether they live.

use std::sync::Arc;

use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::{code_and_phrase, times};
use crate::sip::{Call, Certainty, Kind, Method, Transaction};

/// One lost packet proves nothing.
const FEWEST_SENDS: usize = 2;

pub(super) static KEEP_ALIVE_UNANSWERED: Rule = Rule {
    id: "keep-alive-unanswered",
    family: "registration",
    severity: Severity::Warning,
    bearing: Bearing::Outcome,
    finds: "OPTIONS outside a dialog, sent twice or more, to which no reply of any kind came.",
    matters: "The device or trunk is down, unreachable or ignores OPTIONS; many platforms stop \
              sending calls to it.",
    remedy: "See whether it still sends or answers anything; if it only ignores OPTIONS, turn \
             the pings off or let it answer them.",
    silent: "Any reply came, also an error: it lives.",
    source: "RFC 3261 section 11; catalogue R16",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| unanswered(rule, case).into_iter().collect()),
};

pub(super) static KEEP_ALIVE_ANSWERED: Rule = Rule {
    id: "keep-alive-answered",
    family: "registration",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "OPTIONS outside a dialog that was answered, with whatever code.",
    matters: "The other side lives and is reachable.",
    remedy: "None.",
    silent: "No reply came.",
    source: "RFC 3261 section 11",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| answered(rule, case).into_iter().collect()),
};

/// The pings of a thread that holds nothing else.
fn pings(call: &Call) -> Vec<&Arc<Transaction>> {
    if call.kind() != Kind::Other {
        return Vec::new();
    }
    call.with_method(Method::Options)
        .filter(|ping| !ping.in_dialog)
        .collect()
}

fn unanswered(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let pings = pings(case.call);
    if pings.iter().any(|ping| !ping.responses.is_empty()) {
        return None;
    }
    let sends: Vec<_> = pings.iter().flat_map(|ping| &ping.requests).collect();
    let (ping, first, last) = (pings.first()?, sends.first()?, sends.last()?);
    if sends.len() < FEWEST_SENDS {
        return None;
    }
    let (client, server) = (case.name(ping.client), case.name(ping.server));
    let fact = format!(
        "{client} sent OPTIONS to {server} {} over {} and no reply reached this capture point.",
        times(sends.len()),
        case.lasting(last.at().duration_since(first.at())),
    );
    let blame = Blame {
        cause: "It is down, unreachable, or does not answer OPTIONS.".into(),
        owner: case.roles.side(ping.server).into(),
        certainty: Certainty::Possible,
        next: format!("See whether {server} answers anything else at that time."),
    };
    rule.finding(
        case,
        sends.iter().copied(),
        Conclusion::certain(fact, ping.server, blame),
    )
}

fn answered(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let pings = pings(case.call);
    let (ping, answer) = pings
        .iter()
        .find_map(|ping| Some((ping, ping.final_response()?)))?;
    let fact = format!(
        "{} answered the OPTIONS of {} with {} ({}).",
        case.name(ping.server),
        case.name(ping.client),
        code_and_phrase(answer),
        case.when(answer),
    );
    let blame = Blame {
        cause: String::new(),
        owner: Party::Nobody.into(),
        certainty: Certainty::Certain,
        next: "Nothing to repair.".into(),
    };
    rule.finding(
        case,
        [answer],
        Conclusion::certain(fact, ping.server, blame),
    )
}
