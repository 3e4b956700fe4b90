//! How an answered call ended, as the log tells it where the messages do not.

use jiff::SignedDuration;

use super::{is_row_alone, logged, row, sentence};
use crate::diagnosis::case::{Case, seconds};
use crate::diagnosis::finding::{Conclusion, Finding, Proof, Severity};
use crate::diagnosis::party::{Party, of_release};
use crate::diagnosis::rules::{Bearing, Rule};
use crate::sip::Certainty;

pub(super) static RELEASED_IN_LOG: Rule = Rule {
    id: "released-in-log",
    family: "record",
    severity: Severity::Warning,
    bearing: Bearing::Outcome,
    finds: "The platform's log gives a release reason for an answered call whose end is not in the \
            messages: which side it speaks of, and what usually ends calls that last so long.",
    matters: "It says who hung up, or which timer of the platform did.",
    remedy: "Look in the messages for what the reason says is missing; without them it stays a guess.",
    silent: "The end of the call is in the messages: they speak.",
    source: "The platform's documentation of release reasons; catalogue M1, M2, M21",
    explains: &["inconclusive"],
    check: |rule, case| released(rule, case).into_iter().collect(),
};

fn released(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let row = row(case)?;
    let answered = row.answered.as_ref()?;
    if case.byes().next().is_some() {
        return None;
    }
    let lasted = answered.duration_ms.map(SignedDuration::from_millis);
    let after = lasted.map_or_else(String::new, |it| format!(" after {}", seconds(it)));
    let mut fields = Vec::new();
    fields.extend(answered.duration_ms.map(|it| logged("duration_ms", it)));
    let Some(reason) = answered
        .release_reason
        .as_deref()
        .map(str::trim)
        .filter(|it| !it.is_empty())
    else {
        let is_alone = is_row_alone(case) && !row.may_be_live();
        return is_alone.then(|| unknown(rule, case, &after, fields))?;
    };
    fields.push(logged("release_reason", reason));
    let released = case.knowledge.release(reason);
    let parties = released
        .as_ref()
        .map(|it| of_release(it, case.roles.direction))
        .unwrap_or_default();
    // Who hangs up does nothing wrong.
    let is_bye = released.as_ref().is_some_and(|it| it.end.is_some())
        && reason.to_ascii_lowercase().contains("bye");
    let party = match parties.first() {
        _ if is_bye => Party::Nobody,
        Some(party) => *party,
        None => Party::Undecided,
    };
    let hung_up = match (is_bye, parties.first()) {
        (true, Some(party)) => format!(" That is the side of: {}.", party.label()),
        _ => String::new(),
    };
    let cause = match &released {
        Some(it) => format!(
            "{}{hung_up}{}",
            sentence(&it.entry.meaning),
            hypotheses(case, lasted, is_bye)
        ),
        None => format!(
            "This release reason is not one that is known.{}",
            hypotheses(case, lasted, is_bye)
        ),
    };
    let next = released
        .as_ref()
        .and_then(|it| it.entry.next.first().cloned())
        .unwrap_or_else(|| "Compare it with other calls that ended so, and report it.".to_owned());
    rule.finding_of(
        case,
        Proof::fields(fields),
        Conclusion {
            fact: format!("The platform's log says that the call ended{after}: {reason}."),
            fact_certainty: Certainty::Certain,
            cause,
            owner: party.into(),
            to_act: None,
            certainty: if is_bye || parties.len() == 1 {
                Certainty::Likely
            } else {
                Certainty::Possible
            },
            by: None,
            severity: is_bye.then_some(Severity::Info),
            next,
        },
    )
}

fn unknown(
    rule: &Rule,
    case: &Case<'_>,
    after: &str,
    mut fields: Vec<crate::diagnosis::finding::Field>,
) -> Option<Finding> {
    fields.push(logged("release_reason", "(none)"));
    rule.finding_of(
        case,
        Proof::fields(fields),
        Conclusion {
            fact: format!(
                "The call was answered and ended{after}; the platform's log gives no reason."
            ),
            fact_certainty: Certainty::Certain,
            cause: String::new(),
            owner: Party::Undecided.into(),
            to_act: None,
            certainty: Certainty::Possible,
            by: None,
            severity: Some(Severity::Info),
            next: "Ask again later: the reason comes once the call detail record is made."
                .to_owned(),
        },
    )
}

/// What usually ends calls that last so long: hypotheses, until the messages show what is missing.
fn hypotheses(case: &Case<'_>, lasted: Option<SignedDuration>, is_bye: bool) -> String {
    let length = lasted.and_then(|it| std::time::Duration::try_from(it).ok());
    let (Some(length), false) = (length, is_bye) else {
        return String::new();
    };
    let fitting: Vec<&str> = case
        .knowledge
        .lifetimes_of(length)
        .filter(|it| !it.is_of_any_length())
        .map(|it| it.cause.trim_end_matches('.'))
        .collect();
    if fitting.is_empty() {
        return String::new();
    }
    format!(
        " A call of this length would fit, until messages show it: {}.",
        fitting.join("; ")
    )
}
