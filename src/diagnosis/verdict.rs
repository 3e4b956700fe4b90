//! The one finding that explains the call, and what follows from it. The precedence is here and
//! nowhere else.

use serde::{Deserialize, Serialize};

use super::case::Case;
use super::finding::{Finding, Severity};
use super::party::Party;
use super::rules::{self, Bearing};
use crate::sip::Certainty;

/// What is told first about a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The rule of the finding that explains the call.
    pub rule: String,
    /// Who owns the cause.
    pub party: Party,
    /// Who has to act first.
    pub to_act: Party,
    /// How sure the cause is.
    pub certainty: Certainty,
    /// How sure the fact is.
    pub fact_certainty: Certainty,
    /// The node that answered or acted.
    pub answered_by: Option<String>,
    /// What happened and why, in one or two sentences.
    pub summary: String,
    /// What to do next, in order.
    pub next: Vec<String>,
}

impl Verdict {
    /// Takes back that nobody is at fault: what was seen is no answer to what was noticed. What to do instead is left
    /// to who calls it.
    pub(super) fn leave_undecided(&mut self) {
        self.party = Party::Undecided;
        self.to_act = Party::Undecided;
        self.certainty = Certainty::Possible;
    }
}

/// Chooses the finding that explains the call: of those that no other finding explains,
/// 0. an incident that the platform announced and that covers the call in time and component,
/// 1. the outcome of a call that was not answered,
/// 2. errors, 3. warnings, 4. how an answered call ended, 5. other remarks,
/// 6. what only helps to read the trace;
///
/// the surer cause first, then the earlier packet.
#[must_use]
pub fn explaining<'f>(case: &Case<'_>, findings: &'f [Finding]) -> Option<&'f Finding> {
    let answered = case.answer().is_some();
    let explained = |finding: &Finding| {
        findings
            .iter()
            .any(|other| other.rule != finding.rule && other.explains.contains(&finding.rule))
    };
    let rank = |finding: &Finding| {
        let bearing = rules::find(&finding.rule).map_or(Bearing::Context, |rule| rule.bearing);
        match (bearing, finding.severity) {
            (Bearing::Incident, Severity::Error) => 0,
            (Bearing::Incident | Bearing::Context, _) => 6,
            (Bearing::Outcome, _) if !answered => 1,
            (_, Severity::Error) => 2,
            (_, Severity::Warning) => 3,
            (Bearing::Outcome, Severity::Info) => 4,
            (Bearing::Trouble, Severity::Info) => 5,
        }
    };
    // min_by keeps the first of equals, and findings come in a fixed order.
    findings
        .iter()
        .filter(|finding| !explained(finding))
        .min_by(|a, b| {
            rank(a)
                .cmp(&rank(b))
                .then_with(|| b.certainty.cmp(&a.certainty))
        })
}

/// Makes the verdict out of the finding that explains the call. Further actions come from the
/// other errors and warnings.
#[must_use]
pub fn verdict(case: &Case<'_>, findings: &[Finding]) -> Option<Verdict> {
    let chosen = explaining(case, findings)?;
    let mut summary = chosen.fact.clone();
    if !chosen.cause.is_empty() {
        summary = format!("{summary} {}", chosen.cause);
    }
    let others = findings.iter().filter(|other| {
        other.severity > Severity::Info
            && !chosen.explains.contains(&other.rule)
            && other.rule != chosen.rule
    });
    let mut next = vec![chosen.next.clone()];
    for action in others.map(|other| other.next.clone()) {
        if !next.contains(&action) {
            next.push(action);
        }
    }
    next.retain(|action| !action.is_empty());
    Some(Verdict {
        rule: chosen.rule.clone(),
        party: chosen.party,
        to_act: chosen.to_act,
        certainty: chosen.certainty,
        fact_certainty: chosen.fact_certainty,
        answered_by: chosen.answered_by.clone(),
        summary,
        next,
    })
}
