//! How an answered call ended, as the log tells it where the messages do not.

use jiff::SignedDuration;

use super::{is_row_alone, logged, row, sentence, speaks_of_bye};
use crate::diagnosis::case::{Case, seconds};
use crate::diagnosis::finding::{Conclusion, Finding, Proof, Severity};
use crate::diagnosis::party::{Party, of_release, turned};
use crate::diagnosis::rules::ending::ended::hung_up_by;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::knowledge::{Lifetime, Released};
use crate::sip::Certainty;

pub(in crate::diagnosis) static RELEASED_IN_LOG: Rule = Rule {
    id: "released-in-log",
    family: "record",
    severity: Severity::Warning,
    bearing: Bearing::Outcome,
    finds: "The platform's log gives a release reason for an answered call whose end is not in the \
            messages, or that the platform itself ended: which side it speaks of, and what usually ends \
            calls that last so long.",
    matters: "It says who hung up, or which timer of the platform did.",
    remedy: "Look in the messages for what the reason says is missing; without them it stays a guess.",
    silent: "One side's BYE is in the messages: they speak.",
    source: "The platform's documentation of release reasons; catalogue M1, M2, M21",
    explains: &["inconclusive", "platform-ended-call"],
    limits: &[],
    check: Check::Call(|rule, case| released(rule, case).into_iter().collect()),
};

fn released(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let row = row(case)?;
    let answered = row.answered.as_ref()?;
    let bye = case.own_byes().next().and_then(|bye| bye.request());
    let is_platforms = bye.is_some_and(|_| hung_up_by(case).is_none());
    let release = answered.release_reason.as_deref().unwrap_or_default();
    // A BYE of the platform's own does not say why; a reason that speaks of a BYE does not fit it.
    if bye.is_some() && (!is_platforms || release.is_empty() || speaks_of_bye(release)) {
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
    let log = super::log_name(row);
    let released = case.knowledge.release(reason);
    let parties = released
        .as_ref()
        .map(|it| of_release(it, case.roles.direction))
        .unwrap_or_default();
    // Who hangs up does nothing wrong.
    let is_bye = released.as_ref().is_some_and(Released::is_bye);
    let agreeing = released
        .as_ref()
        .and_then(|it| agreeing(case, lasted, &it.entry.text));
    let (party, certainty) = if is_bye {
        (Party::Nobody, Certainty::Likely)
    } else {
        owner(case, released.as_ref(), &parties, agreeing)
    };
    let labels: Vec<&str> = parties.iter().map(|party| party.label()).collect();
    let hung_up = if is_bye && !labels.is_empty() {
        format!(" That is the side of: {}.", labels.join(" or "))
    } else {
        String::new()
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
    let next = agreeing
        .map(|it| &it.next)
        .or_else(|| Some(&released.as_ref()?.entry.next))
        .and_then(|next| next.first().cloned())
        .unwrap_or_else(|| "Compare it with other calls that ended so, and report it.".to_owned());
    rule.finding_of(
        case,
        Proof::fields(fields).and(bye),
        Conclusion {
            fact: format!("The platform's {log} says that the call ended{after}: {reason}."),
            fact_certainty: Certainty::Certain,
            cause,
            owner: party.into(),
            to_act: None,
            certainty,
            by: None,
            severity: is_bye.then_some(Severity::Info),
            next,
        },
    )
}

/// What usually ends calls of this length with this release reason.
fn agreeing<'a>(
    case: &Case<'a>,
    lasted: Option<SignedDuration>,
    reason: &str,
) -> Option<&'a Lifetime> {
    let length = std::time::Duration::try_from(lasted?).ok()?;
    let mut fitting = case.knowledge.lifetimes_of(length);
    fitting.find(|it| it.release_reasons.iter().any(|known| known == reason))
}

/// Whose the end is, and how sure. Where a reason may be of several parties, its length may speak for one
/// of them; else it stays open.
fn owner(
    case: &Case<'_>,
    released: Option<&Released<'_>>,
    parties: &[Party],
    agreeing: Option<&Lifetime>,
) -> (Party, Certainty) {
    if let Some(lifetime) = agreeing {
        let of_length = turned(&lifetime.parties, case.roles.direction);
        return match of_length.as_slice() {
            [one] if lifetime.is_of_one_length() => (*one, Certainty::Likely),
            [one, ..] => (*one, Certainty::Possible),
            [] => (Party::Undecided, Certainty::Possible),
        };
    }
    let is_sided = released.is_some_and(|it| it.end.is_some());
    let blamed: Vec<Party> = parties
        .iter()
        .copied()
        .filter(|party| *party != Party::Nobody)
        .collect();
    match blamed.as_slice() {
        [] if !parties.is_empty() => (Party::Nobody, Certainty::Likely),
        [one] if parties.len() == 1 => (*one, Certainty::Likely),
        [one] => (*one, Certainty::Possible),
        // Carrier and far end are one side.
        [one, ..] if is_sided => (*one, Certainty::Possible),
        _ => (Party::Undecided, Certainty::Possible),
    }
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
