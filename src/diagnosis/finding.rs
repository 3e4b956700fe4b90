//! What a rule found. Made by [`Rule::finding`] and [`Rule::finding_of`] alone, which demand packets
//! or fields of a record as evidence.

use std::net::SocketAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::case::Case;
use super::party::{Party, Side};
use super::rules::{Bearing, Rule};
use crate::sip::{Certainty, Signal};

/// How bad a finding is for the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Normal, or explains something else.
    Info,
    /// The call suffered, or the next one may.
    Warning,
    /// The call was lost or of no use.
    Error,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One thing found in a call: what is so, who owns its cause, who acts, how sure both are, and
/// which packets prove it. Texts are plain; whoever shows them escapes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule that found it.
    pub rule: String,
    /// Who owns the cause.
    pub party: Party,
    /// Who has to act first.
    pub to_act: Party,
    /// How bad it is.
    pub severity: Severity,
    /// How sure the cause, and with it the party, is.
    pub certainty: Certainty,
    /// How sure the fact is.
    pub fact_certainty: Certainty,
    /// The node that answered, or that did what the finding is about: name and address.
    pub answered_by: Option<String>,
    /// What is so, in one sentence.
    pub fact: String,
    /// Why, in one sentence; empty where nothing can be said.
    pub cause: String,
    /// The numbers of the messages that prove it; empty only where fields do.
    pub packets: Vec<usize>,
    /// What stands in the platform's records that proves it.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// One next action.
    pub next: String,
    /// Rules whose findings in this call are only consequences of this one.
    pub explains: Vec<String>,
}

/// Something that stands in a record of the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Which record: `call log`, `CDR`, `RTCP`.
    pub record: String,
    /// What the field is called there.
    pub name: String,
    /// What it says, as received.
    pub value: String,
}

impl Field {
    /// A field with what it says.
    #[must_use]
    pub fn new(record: &str, name: &str, value: impl ToString) -> Field {
        Field {
            record: record.to_owned(),
            name: name.to_owned(),
            value: value.to_string(),
        }
    }
}

/// What proves a finding.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// Numbers of messages.
    packets: Vec<usize>,
    /// Fields of records.
    fields: Vec<Field>,
}

impl Proof {
    /// These messages.
    #[must_use]
    pub fn packets<'s>(signals: impl IntoIterator<Item = &'s Arc<Signal>>) -> Proof {
        let mut packets: Vec<usize> = signals.into_iter().map(|it| it.number).collect();
        packets.sort_unstable();
        packets.dedup();
        Proof {
            packets,
            fields: Vec::new(),
        }
    }

    /// These fields.
    #[must_use]
    pub fn fields(fields: impl IntoIterator<Item = Field>) -> Proof {
        Proof {
            packets: Vec::new(),
            fields: fields.into_iter().collect(),
        }
    }

    /// The same with these fields too.
    #[must_use]
    pub fn with(mut self, fields: impl IntoIterator<Item = Field>) -> Proof {
        self.fields.extend(fields);
        self
    }

    /// The same with these messages too.
    #[must_use]
    pub fn and<'s>(self, signals: impl IntoIterator<Item = &'s Arc<Signal>>) -> Proof {
        Proof {
            packets: Proof::packets(signals).packets,
            ..self
        }
    }
}

/// What a rule concludes, before the trace's quality and the call's roles have had their say.
#[derive(Debug, Clone)]
pub struct Conclusion {
    /// What is so, in one sentence that ends with a full stop.
    pub fact: String,
    /// How sure that is.
    pub fact_certainty: Certainty,
    /// Why, in one sentence; empty where nothing can be said.
    pub cause: String,
    /// The side that owns the cause, or a party where the rule knows better than the table.
    pub owner: Owner,
    /// Who acts first, where it is not the owner.
    pub to_act: Option<Owner>,
    /// How sure the cause is, before caps.
    pub certainty: Certainty,
    /// The node that answered or acted.
    pub by: Option<SocketAddr>,
    /// Where this case is milder or worse than the rule's default.
    pub severity: Option<Severity>,
    /// One next action.
    pub next: String,
}

/// What a rule says of a plain fact: why it is so, whose it is, and what to do about it.
#[derive(Debug, Clone)]
pub struct Blame {
    /// Why, in one sentence; empty where nothing can be said.
    pub cause: String,
    /// Who owns the cause.
    pub owner: Owner,
    /// How sure the cause is, before caps.
    pub certainty: Certainty,
    /// One next action.
    pub next: String,
}

impl Conclusion {
    /// The plain case: a certain fact about what a node did, as bad as the rule says, on which
    /// its owner acts first.
    #[must_use]
    pub fn certain(fact: String, by: SocketAddr, blame: Blame) -> Conclusion {
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: blame.cause,
            owner: blame.owner,
            to_act: None,
            certainty: blame.certainty,
            by: Some(by),
            severity: None,
            next: blame.next,
        }
    }
}

/// Who owns something: a side, which the table turns into a party, or a party outright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A side of the call.
    Side(Side),
    /// A party that no table has to name.
    Party(Party),
}

impl From<Side> for Owner {
    fn from(side: Side) -> Owner {
        Owner::Side(side)
    }
}

impl From<Party> for Owner {
    fn from(party: Party) -> Owner {
        Owner::Party(party)
    }
}

impl Rule {
    /// Makes a finding that messages prove; see [`Rule::finding_of`].
    #[must_use]
    pub fn finding<'s>(
        &self,
        case: &Case<'_>,
        proof: impl IntoIterator<Item = &'s Arc<Signal>>,
        conclusion: Conclusion,
    ) -> Option<Finding> {
        self.finding_of(case, Proof::packets(proof), conclusion)
    }

    /// The one way to make a finding. Gives nothing without proof. Sides become parties here, a
    /// cause is never surer than the roles and joins it rests on, and an error or an outcome found
    /// on a trace that lacks messages is one step less sure and says so.
    #[must_use]
    pub fn finding_of(
        &self,
        case: &Case<'_>,
        proof: Proof,
        conclusion: Conclusion,
    ) -> Option<Finding> {
        let Proof { packets, fields } = proof;
        if packets.is_empty() && fields.is_empty() {
            return None;
        }
        let resolve = |owner: Owner| match owner {
            Owner::Side(side) => case.roles.party(side),
            Owner::Party(party) => party,
        };
        let party = resolve(conclusion.owner);
        let severity = case.tuning.severity(self);
        let severity = severity.unwrap_or(conclusion.severity.unwrap_or(self.severity));
        let mut certainty = conclusion.certainty;
        // Whose a side is rests on the roles; a party that a rule names itself does not.
        let is_by_role = matches!(conclusion.owner, Owner::Side(_)) || !packets.is_empty();
        if is_by_role && !matches!(party, Party::Nobody | Party::Undecided) {
            certainty = certainty.min(case.roles.most_certain());
        }
        let mut fact_certainty = conclusion.fact_certainty;
        if case.call.legs.len() > 1 {
            let joined = case.call.join_certainty();
            certainty = certainty.min(joined);
            // What is told of two legs together is no fact where they may be two calls.
            if joined == Certainty::Possible && spans_legs(case, &packets) {
                fact_certainty = joined;
            }
        }
        let mut fact = conclusion.fact;
        let is_outcome = self.bearing == Bearing::Outcome;
        if (severity == Severity::Error || is_outcome) && case.quality.is_lossy() {
            certainty = certainty.lowered();
            fact.push_str(" The trace lacks messages, so this is less sure.");
        }
        Some(Finding {
            rule: self.id.to_owned(),
            party,
            to_act: conclusion.to_act.map_or(party, resolve),
            severity,
            certainty,
            fact_certainty,
            answered_by: conclusion.by.map(|node| case.name(node)),
            fact,
            cause: conclusion.cause,
            packets,
            fields,
            next: conclusion.next,
            explains: self.explains.iter().map(|id| (*id).to_owned()).collect(),
        })
    }
}

/// Whether messages of more than one leg are among these.
fn spans_legs(case: &Case<'_>, packets: &[usize]) -> bool {
    let signals = case.call.signals.iter();
    let mut legs = signals
        .filter(|(_, signal)| packets.contains(&signal.number))
        .map(|(leg, _)| *leg);
    let first = legs.next();
    legs.any(|leg| Some(leg) != first)
}

impl Finding {
    /// The same where no more than these follow from it: a rule may know that in this call it
    /// explains less than it can.
    #[must_use]
    pub fn explaining(mut self, only: &[&str]) -> Finding {
        self.explains.retain(|id| only.contains(&id.as_str()));
        self
    }
}
