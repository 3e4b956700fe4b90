//! Answers of a carrier after which the platform tries no other: what ended the routing, and which of the
//! chosen routes were never tried. Whose the refusal is others say.

use super::attempts::name;
use super::{logged, row};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Field, Finding, Proof, Severity};
use crate::diagnosis::party::{Direction, Party};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::knowledge::{FailOver, Routing};
use crate::platform::{Attempt, CallRecord};
use crate::sip::{Certainty, Hop};

pub(super) static ROUTING_STOPPED: Rule = Rule {
    id: "routing-stopped",
    family: "record",
    severity: Severity::Info,
    bearing: Bearing::Trouble,
    finds: "The last carrier answered with a code after which the platform tries no other (404, 480, \
            486, a redirection); and, where the log lists the chosen routes, which of them were never \
            tried. A warning where some were left.",
    matters: "One carrier's word decided for all: another one may reach the number.",
    remedy: "Try the number through another carrier; where this one misuses the code, let it fail over \
             in its reply management.",
    silent: "The call was answered, comes in, or failed with a code after which the next carrier is \
             tried; the line is busy and no route was left.",
    source: "The platform's documentation of carrier fail-over",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| stopped(rule, case).into_iter().collect()),
};

/// The answer that ended the routing.
struct Last<'a> {
    code: u16,
    who: String,
    how: &'a FailOver,
    proof: Proof,
}

fn stopped(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let row = row(case).filter(|row| row.answered.is_none() && case.answer().is_none())?;
    if case.roles.direction == Direction::Inbound {
        return None;
    }
    let last = in_messages(case).or_else(|| in_log(case, row))?;
    let left = left(case, row);
    // A busy line is busy through every carrier (RFC 3261 section 21.4.24): nothing was missed.
    if last.code == 486 && left.is_empty() {
        return None;
    }
    let (tell, fields) = match left.as_slice() {
        [] => (String::new(), Vec::new()),
        names => (
            format!(" Never tried: {}.", names.join(", ")),
            vec![logged("egress_routing", names.join(", "))],
        ),
    };
    let fields: Vec<Field> = fields
        .into_iter()
        .chain([logged("attempts", row.attempts.len())])
        .collect();
    rule.finding_of(
        case,
        last.proof.with(fields),
        Conclusion {
            fact: format!(
                "{} from {} ended the routing: no further carrier is tried after it.{tell}",
                last.code, last.who
            ),
            fact_certainty: Certainty::Likely,
            cause: last.how.meaning.clone(),
            owner: Party::Undecided.into(),
            to_act: Some(Party::Configuration.into()),
            certainty: Certainty::Possible,
            by: None,
            severity: (!left.is_empty()).then_some(Severity::Warning),
            next: last.how.next.first().cloned().unwrap_or_default(),
        },
    )
}

/// The last carrier whose messages were found.
fn in_messages<'a>(case: &Case<'a>) -> Option<Last<'a>> {
    let ingress = case.call.ingress()?;
    let hop: &Hop = case.call.downstream(ingress).last()?;
    let code = hop.final_code()?;
    Some(Last {
        code,
        who: case.name(hop.server),
        how: stops(case, code)?,
        proof: Proof::packets(hop.final_response()),
    })
}

/// The last carrier of the log, where no messages of carriers were found and routes were left.
fn in_log<'a>(case: &Case<'a>, row: &CallRecord) -> Option<Last<'a>> {
    let records = case.records?;
    let is_seen = case.call.hops.iter().any(|hop| hop.upstream.is_some());
    let last = row.attempts.last().filter(|_| !is_seen)?;
    if left(case, row).is_empty() {
        return None;
    }
    let code = last.code?;
    Some(Last {
        code,
        who: name(last, records),
        how: stops(case, code)?,
        proof: Proof::fields([logged("attempts.sip_code", code)]),
    })
}

fn stops<'a>(case: &Case<'a>, code: u16) -> Option<&'a FailOver> {
    let how = case.knowledge.fail_over(code)?;
    (how.routing == Routing::Stops).then_some(how)
}

/// The chosen routes to carriers that were not tried, each once; none where the log does not say who
/// was tried.
fn left(case: &Case<'_>, row: &CallRecord) -> Vec<String> {
    let Some(records) = case.records else {
        return Vec::new();
    };
    let is_named = |it: &&Attempt| it.carrier_id.is_some() || it.carrier.is_some();
    if row.attempts.is_empty() || !row.attempts.iter().all(|it| is_named(&it)) {
        return Vec::new();
    }
    let is_same = |a: &Attempt, b: &Attempt| match (a.carrier_id, b.carrier_id) {
        (Some(a), Some(b)) => a == b,
        _ => a.carrier.is_some() && a.carrier == b.carrier,
    };
    let routes = row.routes.iter().filter(is_named);
    let untried = routes.filter(|route| !row.attempts.iter().any(|it| is_same(route, it)));
    let mut names: Vec<String> = Vec::new();
    for name in untried.map(|route| name(route, records)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
