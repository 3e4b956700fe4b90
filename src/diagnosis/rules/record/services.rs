//! Calls that went through a service of the platform itself: a menu, a queue, a conference, voicemail.

use super::row;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Field, Finding, Proof, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::ending::ended::{goes_to_caller, side_of};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::platform::ServiceEvent;
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
    limits: &[],
    check: Check::Call(|rule, case| took_part(rule, case).into_iter().collect()),
};

fn took_part(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    row(case)?;
    let events = &case.records?.events;
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

/// A step in one line.
fn told(event: &ServiceEvent) -> String {
    match (&event.event, &event.value) {
        (Some(event), Some(value)) => format!("{event}: {value}"),
        (Some(text), None) | (None, Some(text)) => text.clone(),
        (None, None) => event.raw.to_string().chars().take(80).collect(),
    }
}

pub(super) static SERVICE_ENDED_CALL: Rule = Rule {
    id: "service-ended-call",
    family: "record",
    severity: Severity::Warning,
    bearing: Bearing::Outcome,
    finds: "The call ended in a class 5 service of the platform: no leg went out, and the first BYE came \
            from the platform itself; its last step.",
    matters: "Nobody outside hung up: the menu, queue or application did, as it is set up or because a time \
              ran out.",
    remedy: "Read the last step: whether the service should have ended the call there.",
    silent: "A leg went out, the caller hung up, or no step is logged.",
    source: "The platform's documentation of class 5 logs; catalogue B5",
    explains: &["hung-up", "platform-ended-call", "released-in-log"],
    limits: &[],
    check: Check::Call(|rule, case| ended_call(rule, case).into_iter().collect()),
};

fn ended_call(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    row(case)?;
    let last = told(case.records?.events.last()?);
    let ingress = case.call.ingress()?;
    let bye = case.own_byes().next()?;
    let is_out = case.call.downstream(ingress).next().is_some();
    if is_out || side_of(case, bye.client) != Side::Platform || !goes_to_caller(case, bye) {
        return None;
    }
    let request = bye.request()?;
    rule.finding_of(
        case,
        Proof::fields([Field::new("class 5", "event", &last)]).and([request]),
        Conclusion {
            fact: format!(
                "A service of the platform ended the call ({}); its last step: {last}.",
                case.when(request)
            ),
            fact_certainty: Certainty::Certain,
            cause: "What a service does is set up on the platform.".to_owned(),
            owner: Party::Configuration.into(),
            to_act: None,
            certainty: Certainty::Possible,
            by: Some(bye.client),
            severity: None,
            next: "Look at the last step: whether the service should have ended the call there."
                .to_owned(),
        },
    )
}
