//! Messages that one capture point saw and another, which the same traffic goes by, did not: what was lost, and
//! between which two points.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::MOST;
use super::undelivered::{FOLLOWS, Undelivered};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::ending::ended::side_of;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Signal};

pub(super) static LOST_BETWEEN_CAPTURES: Rule = Rule {
    id: "lost-between-captures",
    family: "network",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A message that one of several captures holds and another one lacks, though it holds other messages that went \
            the same way before; and the message was not answered.",
    matters: "It was sent, and lost on a part of the way whose two ends are known: neither end has to search itself.",
    remedy: "Look at what stands between the two places of capture: firewalls, NAT, a SIP ALG, a session border controller. \
             Where there are several, capture between them while the call is made again.",
    silent: "There is one capture alone, or both hold the message, or the other one was never seen to hold what goes that \
             way; or the message was answered all the same.",
    source: "RFC 3261 sections 17.1 and 18; catalogue Q3",
    explains: FOLLOWS,
    limits: &[],
    check: Check::Call(lost_between_captures),
};

fn lost_between_captures(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let signals = || case.call.signals.iter().map(|(_, signal)| signal);
    let points: BTreeSet<u32> = signals().map(|it| it.packet.place.file).collect();
    if points.len() < 2 {
        return Vec::new();
    }
    let mut told: Vec<&Arc<Signal>> = Vec::new();
    let mut found = Vec::new();
    for signal in signals().take(MOST) {
        if told.iter().any(|it| is_same(it, signal)) {
            continue;
        }
        told.push(signal);
        let holders: BTreeSet<u32> = signals()
            .filter(|it| is_same(it, signal))
            .map(|it| it.packet.place.file)
            .collect();
        let lacking = points.difference(&holders);
        let missed = lacking.filter_map(|point| Missed::by(case, signal, *point, &holders));
        // One that goes on to record is the better witness.
        let Some(missed) = missed.max_by_key(|it| it.goes_on) else {
            continue;
        };
        if let Some(lost) = Undelivered::of(case, signal) {
            found.extend(finding(rule, case, &lost, &missed));
        }
    }
    found
}

/// Whether both are sightings or sendings of one message.
fn is_same(one: &Signal, other: &Signal) -> bool {
    one.source() == other.source() && is_alike(one, other)
}

fn is_alike(one: &Signal, other: &Signal) -> bool {
    one.destination() == other.destination()
        && one.start == other.start
        && one.cseq == other.cseq
        && one.branch == other.branch
        && one.to_tag == other.to_tag
}

/// A point that should have seen a message, and did not.
struct Missed<'a> {
    /// The last message that it shared with one that did, on the same way.
    shared: &'a Arc<Signal>,
    /// Whether it went on to record messages of the call afterwards.
    goes_on: bool,
}

impl<'a> Missed<'a> {
    /// Nothing where traffic of that way was never seen to go by the point.
    fn by(
        case: &Case<'a>,
        signal: &Signal,
        point: u32,
        holders: &BTreeSet<u32>,
    ) -> Option<Missed<'a>> {
        let signals = || case.call.signals.iter().map(|(_, signal)| signal);
        let of_point = || signals().filter(|it| it.packet.place.file == point);
        let goes_there = |it: &&Arc<Signal>| {
            (it.source(), it.destination()) == (signal.source(), signal.destination())
        };
        let is_shared = |it: &&Arc<Signal>| {
            let is_held = |other: &Arc<Signal>| holders.contains(&other.packet.place.file);
            signals().any(|other| is_held(other) && is_same(other, it))
        };
        let shared = of_point()
            .filter(goes_there)
            .filter(|it| it.number < signal.number)
            .filter(is_shared)
            .last()?;
        Some(Missed {
            shared,
            goes_on: of_point().any(|it| it.at() > signal.at()),
        })
    }
}

fn finding(
    rule: &Rule,
    case: &Case<'_>,
    lost: &Undelivered<'_>,
    missed: &Missed<'_>,
) -> Option<Finding> {
    let signal = lost.signal;
    let receiver = case.call.node(signal.destination());
    let (from, to) = (
        case.name(case.call.node(signal.source())),
        case.name(receiver),
    );
    let what = lost.what();
    let fact = format!(
        "One capture holds {what} ({}) from {from} to {to}, the other does not, though it holds message {}, which went the same way; \
         it was not {}.",
        case.when(signal),
        missed.shared.number,
        lost.fate(),
    );
    let unless = match missed.goes_on {
        true => "",
        false => ", unless the other capture had ended by then",
    };
    let (severity, explains) = lost.bearing(case);
    let conclusion = Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause: format!(
            "It was sent, and lost between the two places of capture, on the way from {from} to {to}{unless}."
        ),
        owner: Side::Between.into(),
        to_act: Some(side_of(case, receiver).into()),
        certainty: match missed.goes_on {
            true => Certainty::Likely,
            false => Certainty::Possible,
        },
        by: None,
        severity: Some(severity),
        next: format!(
            "Look at what stands between the two places of capture, on the way from {from} to {to}: firewall, NAT, SIP ALG, \
             session border controller; capture between them while the call is made again."
        ),
    };
    let proof = lost.proof().into_iter().chain([missed.shared]);
    let finding = rule.finding(case, proof, conclusion)?;
    Some(finding.explaining(explains))
}
