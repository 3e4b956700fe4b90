//! The rule on incidents that the platform itself announced. Such an incident comes before everything
//! else, but only while it plausibly explains the call.

use super::ending::ended::hung_up_by;
use super::{Bearing, Check, Rule};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Field, Finding, Proof, Severity};
use crate::diagnosis::party::{Direction, Party, Side};
use crate::knowledge::Refused;
use crate::platform::{self, Incident, Relation};
use crate::sip::{Certainty, Kind};

/// The rules of this family.
pub const RULES: &[&Rule] = &[&KNOWN_INCIDENT];

/// The platform says itself that something was wrong.
pub static KNOWN_INCIDENT: Rule = Rule {
    id: "known-incident",
    family: "incident",
    severity: Severity::Error,
    bearing: Bearing::Incident,
    finds: "The platform's status page lists an incident that went on during the call and names \
            something that the call used: then it explains the call. One of which the page does not say \
            that much is only mentioned, as is one where the platform's own text names the setting that refused \
            the call, and one where messages show that the refusal came from a carrier, a customer or the far \
            end, unless the incident names who refused.",
    matters: "Whoever looks for the cause elsewhere looks in vain: the platform knows it already and \
              says what to do.",
    remedy: "Follow the instructions of the incident; if the call still fails when it is over, report \
             it with its Call-ID.",
    silent: "The incident was over a quarter of an hour before the call or began so long after it, names only what calls do not use \
             (billing, the panel) or what this one did not (the way in of a call out), or the call ended by people: one of them hung up, gave up, was busy or \
             declined.",
    source: "The platform's status page; catalogue B6",
    explains: &[],
    limits: &[],
    check: Check::Call(known_incident),
};

fn known_incident(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    if was_ended_by_people(case) {
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
    best.and_then(|(incident, mut relation)| {
        let elsewhere = refused_elsewhere(case).filter(|it| !it.is_named_by(incident));
        if names_a_setting(case) || elsewhere.is_some() {
            relation.certainty = relation.certainty.min(Certainty::Possible);
        }
        finding(rule, case, incident, &relation, elsewhere.as_ref())
    })
    .into_iter()
    .collect()
}

/// A refusal that the platform did not make.
struct Elsewhere {
    /// Who made it: its name, where it has one.
    who: String,
    /// All that is known of who made it.
    by: String,
    code: u16,
}

impl Elsewhere {
    /// Whether an incident is about who made the refusal: a carrier that the platform has trouble with.
    fn is_named_by(&self, incident: &Incident) -> bool {
        incident.names(&self.who)
    }
}

/// The refusal that messages show to have come to the platform from outside, which no component of the platform made.
fn refused_elsewhere(case: &Case<'_>) -> Option<Elsewhere> {
    let origin = case.origin()?;
    let code = origin.answer.message().code().filter(|code| *code >= 300)?;
    let is_seen = case.roles.side(origin.hop.client) == Side::Platform;
    let party = case.roles.party(case.roles.side(origin.by));
    let is_outside = matches!(party, Party::Carrier | Party::Customer | Party::FarEnd);
    (is_seen && is_outside).then(|| Elsewhere {
        who: case.roles.name(origin.by).unwrap_or_default().to_owned(),
        by: case.name(origin.by),
        code,
    })
}

/// Whether the platform's own text says which setting refused the call: no incident has to explain that.
fn names_a_setting(case: &Case<'_>) -> bool {
    let row = case.records.and_then(|it| it.row.as_ref());
    let text = row
        .and_then(|row| row.reason.as_deref())
        .unwrap_or_default();
    match case.knowledge.refused(text, row.and_then(|row| row.code)) {
        Some(Refused::Text(found)) => {
            found.entry.platform_only && !found.entry.parties.contains(&Party::Platform)
        }
        _ => false,
    }
}

/// Whether people ended the call, as far as it was seen or logged: one of them hung up, gave up, was busy
/// or did not want it. No incident does that.
fn was_ended_by_people(case: &Case<'_>) -> bool {
    let row = case.records.and_then(|it| it.row.as_ref());
    let answered = row.and_then(|row| row.answered.as_ref());
    let release = answered.and_then(|it| it.release_reason.as_deref());
    let released = release.and_then(|it| case.knowledge.release(it));
    let told = case.failure().and_then(|answer| answer.message().code());
    let logged = row.and_then(|row| row.code).filter(|_| told.is_none());
    hung_up_by(case).is_some()
        || released.is_some_and(|it| it.is_bye())
        || matches!(told.or(logged), Some(486 | 487 | 600 | 603 | 607))
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
        let region = row.engine.as_deref().and_then(platform::region);
        [row.server.as_deref(), row.engine.as_deref(), region]
            .into_iter()
            .flatten()
            .map(str::to_owned)
            .collect()
    });
    Some(platform::Call {
        began,
        ended,
        places,
        used: used(case, row),
    })
}

/// What of the platform's services it used.
fn used(case: &Case<'_>, row: Option<&platform::CallRecord>) -> platform::Used {
    let says_in = row.is_some_and(platform::CallRecord::comes_in);
    let is_answered = case.answer().is_some() || row.is_some_and(|row| row.answered.is_some());
    platform::Used {
        comes_in: match case.roles.direction {
            Direction::Inbound => Some(true),
            Direction::Outbound => Some(false),
            Direction::AssumedOutbound | Direction::OneLeg => says_in.then_some(true),
        },
        registers: match case.call.kind() {
            Kind::Registration => Some(true),
            Kind::Call => Some(false),
            Kind::Other => None,
        },
        is_answered: Some(is_answered),
    }
}

fn finding(
    rule: &Rule,
    case: &Case<'_>,
    incident: &Incident,
    relation: &Relation,
    elsewhere: Option<&Elsewhere>,
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
            cause: match elsewhere {
                Some(Elsewhere { by, code, .. }) => {
                    format!(
                        "It {}; but {by} answered {code} itself.{said}",
                        relation.why
                    )
                }
                None => format!("It {}: the call may suffer from it.{said}", relation.why),
            },
            owner: match elsewhere {
                Some(_) => Party::Nobody,
                None => Party::Platform,
            }
            .into(),
            to_act: None,
            certainty: relation.certainty,
            by: None,
            // What only may have touched the call must not hide what did.
            severity: (relation.certainty < Certainty::Likely).then_some(Severity::Info),
            next,
        },
    )
}
