//! The rule catalogue: one declaration a rule, its function right below it, one file a family.
//! Rules are pure functions over a [`Case`]; they fetch nothing and know no chat.

mod authentication;
mod cancel;
mod delay;
mod dialog;
mod dns;
mod ending;
mod headers;
pub mod incident;
mod limit;
mod loops;
mod many;
mod media;
mod network;
mod prack;
pub(in crate::diagnosis) mod record;
mod registration;
mod repeats;
mod ring_time;
mod setup;
mod signing;
mod silence;
pub mod trace;

use super::case::Case;
use super::finding::{Finding, Severity};
use super::patterns::{Ledger, Pattern};
use super::tuning::Tuning;

pub use limit::{Figure, Limit};
pub(in crate::diagnosis) use registration::registered_until;

/// What a rule's finding is to the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bearing {
    /// The platform says itself that something was wrong on its side.
    Incident,
    /// It says how the call ended: by refusal, by hanging up, by a timer.
    Outcome,
    /// It says what was wrong with the call besides.
    Trouble,
    /// It only helps to read the rest.
    Context,
}

/// One rule: everything that the program, its documentation and `explain` say of it.
#[derive(Debug)]
pub struct Rule {
    /// Its stable name in kebab-case, after the bad thing it finds.
    pub id: &'static str,
    /// The family, which is also its file and its letter in the catalogue.
    pub family: &'static str,
    /// How bad its findings are unless one says otherwise.
    pub severity: Severity,
    /// What its findings are to the call.
    pub bearing: Bearing,
    /// What it finds, precisely.
    pub finds: &'static str,
    /// Why that matters.
    pub matters: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
    /// When it says nothing although one might expect it to.
    pub silent: &'static str,
    /// What it rests on: RFC sections and the like.
    pub source: &'static str,
    /// Rules whose findings are only consequences of this one's.
    pub explains: &'static [&'static str],
    /// The figures that it compares with and that an operator may set otherwise.
    pub limits: &'static [&'static Limit],
    /// The rule itself.
    pub check: Check,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// One call.
    Call(fn(&Rule, &Case<'_>) -> Vec<Finding>),
    /// Many calls together.
    Calls(fn(&Rule, &Ledger, &Tuning) -> Vec<Pattern>),
}

// Ids are unique: a rule is what its id says.
impl PartialEq for Rule {
    fn eq(&self, other: &Rule) -> bool {
        self.id == other.id
    }
}

/// Every rule, family by family.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.iter().flat_map(|family| family.iter().copied())
}

/// Finds a rule by its id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

const FAMILIES: &[&[&Rule]] = &[
    setup::RULES,
    signing::RULES,
    silence::RULES,
    cancel::RULES,
    authentication::RULES,
    registration::RULES,
    prack::RULES,
    dialog::RULES,
    ending::RULES,
    media::RULES,
    repeats::RULES,
    network::RULES,
    dns::RULES,
    headers::RULES,
    loops::RULES,
    delay::RULES,
    incident::RULES,
    record::RULES,
    trace::RULES,
    many::RULES,
];

/// Runs every rule on single calls over a case. The order is that of severity, then of the first packet, then of
/// the rule's id, so that the same evidence gives the same findings in the same order.
#[must_use]
pub fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = all()
        .filter(|rule| !case.tuning.is_off(rule))
        .filter_map(|rule| match rule.check {
            Check::Call(check) => Some(check(rule, case)),
            Check::Calls(_) => None,
        })
        .flatten()
        .collect();
    findings.sort_by(|a, b| {
        b.severity
            .cmp(&a.severity)
            .then_with(|| a.packets.first().cmp(&b.packets.first()))
            .then_with(|| a.rule.cmp(&b.rule))
    });
    let present: Vec<String> = findings
        .iter()
        .map(|finding| finding.rule.clone())
        .collect();
    for finding in &mut findings {
        finding.explains.retain(|id| present.contains(id));
        finding.explains.sort_unstable();
        finding.explains.dedup();
    }
    findings
}
