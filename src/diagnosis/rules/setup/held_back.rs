//! Calls that the platform held back before it routed them, in its own words. Judges no refusal.

use std::sync::Arc;

use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::turned;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::knowledge::ReasonKind;
use crate::sip::{Certainty, Signal};

pub(super) static CALL_HELD_BACK: Rule = Rule {
    id: "call-held-back",
    family: "setup",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "The platform answered the INVITE with provisional replies whose text says that it holds the \
            call back, as \"High CPS, Buffering\" once a second.",
    matters: "The caller hears nothing for that long: there are more new calls a second than allowed.",
    remedy: "Have the sender spread its bursts, or raise the limit of calls a second.",
    silent: "No reply has such a text.",
    source: "ConnexCS documentation of tags; catalogue T13",
    explains: &["high-pdd"],
    limits: &[],
    check: Check::Call(|rule, case| held_back(rule, case).into_iter().collect()),
};

fn held_back(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let ingress = case.call.ingress()?;
    let invite = ingress.first_invite()?;
    let replies = ingress.invites.iter().flat_map(|it| &it.responses);
    let waits = |signal: &&Arc<Signal>| {
        let message = signal.message();
        let said = || case.knowledge.platform_reason(message.reason_phrase());
        message.code() == Some(100) && said().is_some_and(|it| it.entry.kind == ReasonKind::Waits)
    };
    let held: Vec<&Arc<Signal>> = replies.filter(waits).collect();
    let last = *held.last()?;
    let found = case
        .knowledge
        .platform_reason(last.message().reason_phrase())?;
    let parties = turned(&found.entry.parties, case.roles.direction);
    let party = parties.first().copied()?;
    let long = last.at().duration_since(invite.at());
    rule.finding(
        case,
        held.iter().copied().chain([invite]),
        Conclusion {
            fact: format!(
                "{} held the call back for at least {}: \"{}\", said {} times.",
                case.name(ingress.server),
                case.lasting(long),
                last.message().reason_phrase(),
                held.len(),
            ),
            fact_certainty: Certainty::Certain,
            cause: found.entry.meaning.clone(),
            owner: party.into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: Some(ingress.server),
            severity: None,
            next: found.entry.next.first().cloned().unwrap_or_default(),
        },
    )
}
