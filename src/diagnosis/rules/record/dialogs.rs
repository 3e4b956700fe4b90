//! What the platform's list of calls that are up has of a call that is said not to end.

use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Field, Finding, Proof, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::platform::Words;
use crate::sip::Certainty;

pub(super) static ENDED_IN_DIALOGS: Rule = Rule {
    id: "ended-in-dialogs",
    family: "record",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "The platform's list of calls that are up still has the call, in the state Ended.",
    matters: "It is over: the platform is only clearing media and billing. Nobody has to hang up.",
    remedy: "Nothing; look again in some minutes.",
    silent: "The list was not asked, does not have the call, or says another state.",
    source: "The platform's guide on signalling; catalogue E6",
    explains: &[
        "may-still-be-up",
        "call-still-up",
        "released-in-log",
        "hung-up",
    ],
    limits: &[],
    check: Check::Call(|rule, case| ended(rule, case).into_iter().collect()),
};

fn ended(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let dialog = dialog(case).filter(|it| is_ended(it))?;
    let fact = format!(
        "The platform's list of calls that are up has this one with the state Ended: {}.",
        dialog.shown()
    );
    let cause = "It is over, and the platform is still clearing media and billing.";
    let next = "Nothing: look again in some minutes, and report it where the entry stays.";
    rule.finding_of(
        case,
        Proof::fields([field(dialog)]),
        conclusion(fact, cause, Party::Nobody, next),
    )
}

pub(super) static LISTED_IN_DIALOGS: Rule = Rule {
    id: "listed-in-dialogs",
    family: "record",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "What the platform's list of calls that are up has of the call, or that it does not have it.",
    matters: "It tells a call that goes on from one that is only billed too long.",
    remedy: "End the call in the panel where it should be over.",
    silent: "The list was not asked, or says that the call ended.",
    source: "The platform's guide on signalling",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| listed(rule, case).into_iter().collect()),
};

fn listed(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let dialog = dialog(case).filter(|it| !is_ended(it))?;
    let (fact, next) = if dialog.is_empty() {
        let fact = "The platform's list of calls that are up does not have this one.".to_owned();
        (fact, "")
    } else {
        let fact = format!(
            "The platform's list of calls that are up has this one: {}.",
            dialog.shown()
        );
        (
            fact,
            "Where it should be over, end it in the platform's panel.",
        )
    };
    rule.finding_of(
        case,
        Proof::fields([field(dialog)]),
        conclusion(fact, "", Party::Undecided, next),
    )
}

fn dialog<'a>(case: &Case<'a>) -> Option<&'a Words> {
    case.records?.dialog.as_ref()
}

fn is_ended(dialog: &Words) -> bool {
    ["Ended", "ended", "ENDED"]
        .iter()
        .any(|word| dialog.names(word))
}

fn field(dialog: &Words) -> Field {
    Field::new("dialogs", "answer", dialog.shown())
}

fn conclusion(fact: String, cause: &str, party: Party, next: &str) -> Conclusion {
    Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause: cause.to_owned(),
        owner: party.into(),
        to_act: None,
        certainty: Certainty::Likely,
        by: None,
        severity: None,
        next: next.to_owned(),
    }
}
