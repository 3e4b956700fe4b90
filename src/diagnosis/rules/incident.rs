//! The rule on incidents that the platform itself announced. Such an incident comes before everything
//! else, but only while it plausibly explains the call.

use super::ending::ended::was_hung_up;
use super::{Bearing, Rule};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Field, Finding, Proof, Severity};
use crate::diagnosis::party::Party;
use crate::platform::{self, Incident, Relation};
use crate::sip::Certainty;

/// The rules of this family.
pub const RULES: &[&Rule] = &[&KNOWN_INCIDENT];

/// The platform says itself that something was wrong.
pub static KNOWN_INCIDENT: Rule = Rule {
    id: "known-incident",
    family: "incident",
    severity: Severity::Error,
    bearing: Bearing::Incident,
    finds: "The platform's status page lists an incident that went on during the call and names \
            something that the call used.",
    matters: "Whoever looks for the cause elsewhere looks in vain: the platform knows it already and \
              says what to do.",
    remedy: "Follow the instructions of the incident; if the call still fails when it is over, report \
             it with its Call-ID.",
    silent: "The incident was over before the call or began after it, names only what calls do not use \
             (billing, the panel), or the call went as it should.",
    source: "The platform's status page; catalogue B6",
    explains: &[],
    check: known_incident,
};

fn known_incident(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    if went_well(case) {
        return Vec::new();
    }
    let Some(call) = compared(case) else {
        return Vec::new();
    };
    let related = case
        .incidents
        .iter()
        .filter_map(|incident| Some((incident, incident.relation(&call)?)));
    // One incident explains the call: the one most surely related, of equals the first listed.
    let best = related.reduce(|best, next| {
        if next.1.certainty > best.1.certainty {
            next
        } else {
            best
        }
    });
    best.and_then(|(incident, relation)| finding(rule, case, incident, &relation))
        .into_iter()
        .collect()
}

/// Whether the call went as it should, as far as it was seen or logged: one of its two sides hung up.
fn went_well(case: &Case<'_>) -> bool {
    let answered = || case.records?.row.as_ref()?.answered.as_ref();
    let logged = answered().and_then(|it| it.release_reason.as_deref());
    was_hung_up(case) || logged.is_some_and(|it| it.to_ascii_lowercase().contains("stream bye"))
}

/// What of the call an incident is compared with.
fn compared(case: &Case<'_>) -> Option<platform::Call> {
    let row = case.records.and_then(|it| it.row.as_ref());
    let began = case.call.started().or_else(|| row?.started)?;
    let ended = case
        .call
        .ended()
        .or_else(|| row?.ended)
        .unwrap_or(began)
        .max(began);
    let places = row.map_or_else(Vec::new, |row| {
        [&row.server, &row.engine]
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    });
    Some(platform::Call {
        began,
        ended,
        places,
    })
}

fn finding(
    rule: &Rule,
    case: &Case<'_>,
    incident: &Incident,
    relation: &Relation,
) -> Option<Finding> {
    let instructions = incident
        .text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let said = if instructions.is_empty() {
        String::new()
    } else {
        format!(" It says: {instructions}")
    };
    let link = incident.link.as_deref();
    let next = match link {
        Some(link) => format!("Follow the instructions of the incident: {link}"),
        None => "Follow the instructions of the incident.".to_owned(),
    };
    rule.finding_of(
        case,
        Proof::fields([Field::new("status page", "incident", &incident.title)]),
        Conclusion {
            fact: format!("The platform announced an incident: {}.", incident.title),
            fact_certainty: Certainty::Certain,
            cause: format!(
                "It {} the call may suffer from it.{said}",
                because(relation)
            ),
            owner: Party::Platform.into(),
            to_act: None,
            certainty: relation.certainty,
            by: None,
            severity: None,
            next,
        },
    )
}

fn because(relation: &Relation) -> String {
    format!("{}:", relation.why)
}
