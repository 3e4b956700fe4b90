//! The rule on devices and programs of which an operator knows a fault.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::ending::ended::side_of;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::knowledge::Agent;
use crate::sip::{Certainty, Name, Signal};

pub(super) static KNOWN_BAD_AGENT: Rule = Rule {
    id: "known-bad-agent",
    family: "headers",
    severity: Severity::Warning,
    bearing: Bearing::Context,
    finds: "A device or program that took part in the call and that the table of agents has with a fault: by the \
            beginning of its User-Agent or Server header.",
    matters: "A fault that is known need not be looked for; whether it is this call's, the call has to show.",
    remedy: "Do what the table says, mostly an upgrade.",
    silent: "The table has none: it is empty as built in, since no source names one, and filled by the operator \
             (`[[agents]]` in a file of `[knowledge] files`). Or the device does not say what it is.",
    source: "RFC 3261 sections 20.35 and 20.41; the operator's table; catalogue H15",
    explains: &[],
    limits: &[],
    check: Check::Call(known_bad_agent),
};

fn known_bad_agent(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    if case.knowledge.agents().next().is_none() {
        return Vec::new();
    }
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let signals = case.call.signals.iter().map(|(_, signal)| signal);
    // Who says it first says it of itself; others pass it on.
    signals
        .filter_map(|signal| {
            let (name, known) = known(case, signal)?;
            let is_new = told.insert(known.agent.as_str());
            is_new.then(|| finding(rule, case, signal, &name, known))?
        })
        .collect()
}

fn known<'k>(case: &Case<'k>, signal: &Signal) -> Option<(String, &'k Agent)> {
    let message = signal.message();
    [Name::UserAgent, Name::Server]
        .into_iter()
        .find_map(|header| {
            let name = message.header(header)?;
            let known = case.knowledge.agent(&name)?;
            Some((name.into_owned(), known))
        })
}

fn finding(
    rule: &Rule,
    case: &Case<'_>,
    signal: &Arc<Signal>,
    name: &str,
    known: &Agent,
) -> Option<Finding> {
    let node = case.call.node(signal.source());
    let fact = format!(
        "{} calls itself \"{name}\" ({}), of which a fault is known ({}).",
        case.name(node),
        case.when(signal),
        known.source,
    );
    let blame = Blame {
        cause: known.meaning.clone(),
        owner: side_of(case, node).into(),
        certainty: Certainty::Possible,
        next: known.next.join(" "),
    };
    rule.finding(case, [signal], Conclusion::certain(fact, node, blame))
}
