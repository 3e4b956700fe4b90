//! Simulated calls that routing takes. What a real call would meet behind routing, a simulation cannot tell.

use super::{row, verdict_of};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Proof, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::Certainty;

pub(super) static SIMULATION_ROUTED: Rule = Rule {
    id: "simulation-routed",
    family: "record",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "The platform simulated the call, and authentication and routing take it: its text is OK, \
            whatever else the log shows of carriers that were not connected.",
    matters: "Our settings let the call pass as it was simulated. No carrier was asked, so that nothing \
              is proved of what comes behind routing.",
    remedy: "Make a real call. If that one fails, ask about its Call-ID.",
    silent: "The call is no simulated one, or routing refuses it.",
    source: "The platform's documentation of Simulate (routing status OK); catalogue Q7",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| routed(rule, case).into_iter().collect()),
};

fn routed(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let row = row(case).filter(|row| row.is_simulated() && row.is_routed() == Some(true))?;
    let (said, fields) = verdict_of(row)?;
    rule.finding_of(
        case,
        Proof::fields(fields),
        Conclusion {
            fact: format!("Routing takes the simulated call: {said}."),
            fact_certainty: Certainty::Certain,
            cause: "That no carrier was connected is no fault: none is asked in a simulation."
                .to_owned(),
            owner: Party::Nobody.into(),
            to_act: None,
            certainty: Certainty::Certain,
            by: None,
            severity: None,
            next: "Make a real call with the same numbers; if it fails, ask about its Call-ID."
                .to_owned(),
        },
    )
}
