//! Whether a call went where it should have gone: as somebody said with `expect=`, or as its number is set up.
//! Without either no place is called wrong.

use crate::call::Expected;
use crate::diagnosis::case::Case;
use crate::diagnosis::delivery::Delivery;
use crate::diagnosis::finding::{Conclusion, Field, Finding, Proof, Severity};
use crate::diagnosis::party::{Direction, Party};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::platform::Words;
use crate::sip::Certainty;

/// How a question ends where only the one who asks knows the right place.
pub(in crate::diagnosis) const ASK: &str = "Is that where it should go? Ask again with expect=<address, user, number \
                                            or customer>.";

pub(in crate::diagnosis) static WRONG_DESTINATION: Rule = Rule {
    id: "wrong-destination",
    family: "record",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "A call went somewhere else than where it should have gone, as was said with expect=; or than to the \
            addresses that are set up for its number.",
    matters: "Whoever answered was the wrong one, however well the call went.",
    remedy: "Correct the destination of the number, or the route that leads there.",
    silent: "Nobody said where it should have gone and nothing comparable is set up; what was said is of another \
             kind than what the call shows; or no leg to anybody was seen.",
    source: "The platform's documentation of inbound numbers; catalogue B3, B7",
    explains: &["hung-up"],
    limits: &[],
    check: Check::Call(|rule, case| wrong(rule, case).into_iter().collect()),
};

fn wrong(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let delivery = Delivery::of(case)?;
    let did = case.records.and_then(|it| it.did.as_ref());
    let set_up = did.and_then(|did| delivery.is_set_up(did));
    let is_inbound = case.roles.direction == Direction::Inbound;
    let went = went(&delivery);
    let (fact, cause, party, certainty, next) = match case.expected {
        Some(expected) if delivery.is_at(expected) == Some(false) => {
            let wanted = expected.said();
            let (cause, certainty) = match set_up {
                Some(true) => (
                    "What is set up for the number leads there.",
                    Certainty::Likely,
                ),
                Some(false) => (
                    "What is set up for the number does not name that place either: routing led it there.",
                    Certainty::Likely,
                ),
                None if is_inbound => (
                    "What is set up for the number decides that.",
                    Certainty::Likely,
                ),
                None => (
                    "The number that was dialled, or the route that it took.",
                    Certainty::Possible,
                ),
            };
            let party = if is_inbound {
                Party::Configuration
            } else {
                Party::Undecided
            };
            let next = if is_inbound {
                format!(
                    "Set {wanted} as the destination of the number that was called, wait 60 s, and call again."
                )
            } else {
                "Compare the number that was dialled with the one that was meant, then its route."
                    .to_owned()
            };
            (
                format!("The call went to {went}; it should have gone to {wanted}, as was said."),
                cause,
                party,
                certainty,
                next,
            )
        }
        // What a person says counts more than words whose shape nobody knows.
        None if set_up == Some(false) => (
            format!("The call went to {went}, which is not among what is set up for its number."),
            "What is set up was compared by the addresses in it alone.",
            Party::Undecided,
            Certainty::Possible,
            "Read what is set up for the number, and compare it with where the call went."
                .to_owned(),
        ),
        _ => return None,
    };
    rule.finding_of(
        case,
        proof(&delivery, case.expected, did),
        Conclusion {
            severity: case.expected.is_none().then_some(Severity::Warning),
            ..conclusion(fact, cause, party, certainty, next, &delivery)
        },
    )
}

pub(in crate::diagnosis) static RIGHT_DESTINATION: Rule = Rule {
    id: "right-destination",
    family: "record",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "A call went where it should have gone, as was said with expect= or as its number is set up.",
    matters: "What is wrong with it is not where it went.",
    remedy: "Nothing.",
    silent: "It went elsewhere, or that cannot be told.",
    source: "The platform's documentation of inbound numbers; catalogue B3, B7",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| right(rule, case).into_iter().collect()),
};

fn right(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let delivery = Delivery::of(case)?;
    let did = case.records.and_then(|it| it.did.as_ref());
    let is_right = match case.expected {
        Some(expected) => delivery.is_at(expected),
        None => delivery.is_set_up(did?),
    };
    let by = if case.expected.is_some() {
        "as was said"
    } else {
        "as its number is set up"
    };
    is_right.filter(|is_right| *is_right)?;
    let fact = format!(
        "The call went where it should have gone, {by}: to {}.",
        went(&delivery)
    );
    rule.finding_of(
        case,
        proof(&delivery, case.expected, did),
        conclusion(
            fact,
            "",
            Party::Nobody,
            Certainty::Certain,
            String::new(),
            &delivery,
        ),
    )
}

/// Where it went, in words.
pub(super) fn went(delivery: &Delivery<'_>) -> String {
    format!("{} as {}", delivery.hop.server, delivery.user)
}

fn proof(delivery: &Delivery<'_>, expected: Option<&Expected>, did: Option<&Words>) -> Proof {
    let said = expected.map(|it| Field::new("question", "expect", it.words()));
    let set_up = did.map(|it| Field::new("DID", "answer", it.shown()));
    Proof::packets([delivery.invite]).with(said.into_iter().chain(set_up))
}

fn conclusion(
    fact: String,
    cause: &str,
    party: Party,
    certainty: Certainty,
    next: String,
    delivery: &Delivery<'_>,
) -> Conclusion {
    Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause: cause.to_owned(),
        owner: party.into(),
        to_act: None,
        certainty,
        by: Some(delivery.hop.server),
        severity: None,
        next,
    }
}
