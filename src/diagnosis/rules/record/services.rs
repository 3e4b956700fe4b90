//! Calls that went through a service of the platform itself: a menu, a queue, a conference, voicemail.

use super::row;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Field, Finding, Proof, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Rule};
use crate::sip::Certainty;

/// More steps than these are counted, not told.
const MOST_TOLD: usize = 5;

pub(super) static SERVICE_TOOK_PART: Rule = Rule {
    id: "service-took-part",
    family: "record",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "The call used class 5 services of the platform; their last steps.",
    matters: "What such a call does is decided by its menu or queue, not by routes and carriers; only \
              there does the platform listen to key presses.",
    remedy: "Read the steps: where the call left the service, and why.",
    silent: "No step is logged: a plain call.",
    source: "The platform's documentation of class 5 logs; catalogue B5",
    explains: &[],
    check: |rule, case| took_part(rule, case).into_iter().collect(),
};

fn took_part(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    row(case)?;
    let events = &case.records?.events;
    let told = |event: &crate::platform::ServiceEvent| match (&event.event, &event.value) {
        (Some(event), Some(value)) => format!("{event}: {value}"),
        (Some(text), None) | (None, Some(text)) => text.clone(),
        (None, None) => event.raw.to_string().chars().take(80).collect(),
    };
    let last: Vec<String> = events
        .iter()
        .skip(events.len().saturating_sub(MOST_TOLD))
        .map(told)
        .collect();
    let fields = last.iter().map(|step| Field::new("class 5", "event", step));
    let more = match events.len().saturating_sub(last.len()) {
        0 => String::new(),
        n => format!(" (after {n} more)"),
    };
    rule.finding_of(
        case,
        Proof::fields(fields),
        Conclusion {
            fact: format!(
                "The call went through a service of the platform: {}{more}.",
                last.join(", then ")
            ),
            fact_certainty: Certainty::Certain,
            cause: String::new(),
            owner: Party::Undecided.into(),
            to_act: None,
            certainty: Certainty::Certain,
            by: None,
            severity: None,
            next: String::new(),
        },
    )
}
