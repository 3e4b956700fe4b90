//! What shows only in many calls together: the few facts of each, kept in a [`Ledger`], and the
//! [`Pattern`]s that rules of the catalogue find in it. Fetches nothing and reads no clock.

mod entry;
pub mod figures;
mod interval;

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use entry::Entry;
pub use figures::Figures;
pub use interval::{Share, median};

use super::finding::Severity;
use super::party::Party;
use super::rules::{self, Check, Rule};
use super::tuning::Tuning;
use crate::sip::Certainty;

/// More calls than this are not kept: the oldest go first, and the answer says so.
const MOST_KEPT: usize = 50_000;

/// A pattern names so many of its calls.
const MOST_NAMED: usize = 5;

/// The facts of many calls, in the order in which they began.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    entries: VecDeque<Entry>,
    forgotten: usize,
}

impl Ledger {
    /// Takes in a call; calls come in the order in which they began.
    pub fn add(&mut self, entry: Entry) {
        self.entries.push_back(entry);
        if self.entries.len() > MOST_KEPT {
            self.entries.pop_front();
            self.forgotten += 1;
        }
    }

    /// How many older calls are no longer looked at.
    fn forgotten(&self) -> usize {
        self.forgotten
    }

    /// Everything that is kept.
    pub fn all(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The calls, without registrations and keep-alives.
    pub fn calls(&self) -> impl Iterator<Item = &Entry> {
        self.all().filter(|entry| entry.is_call())
    }

    /// Everything that is kept by a key; what has none is left out.
    #[must_use]
    pub fn all_by<'l, K: Ord>(&'l self, key: impl Fn(&'l Entry) -> Option<K>) -> Groups<'l, K> {
        grouped(self.all(), key)
    }

    /// The calls by a key; a call that has none is left out.
    #[must_use]
    pub fn calls_by<'l, K: Ord>(&'l self, key: impl Fn(&'l Entry) -> Option<K>) -> Groups<'l, K> {
        grouped(self.calls(), key)
    }
}

/// Calls by something that they have in common.
pub type Groups<'l, K> = BTreeMap<K, Vec<&'l Entry>>;

fn grouped<'l, K: Ord>(
    entries: impl Iterator<Item = &'l Entry>,
    key: impl Fn(&'l Entry) -> Option<K>,
) -> Groups<'l, K> {
    let mut groups: Groups<'l, K> = BTreeMap::new();
    for entry in entries {
        if let Some(key) = key(entry) {
            groups.entry(key).or_default().push(entry);
        }
    }
    groups
}

/// Something that many calls show together, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// The rule that found it.
    pub rule: String,
    /// Whom or what it is about, as in `203.0.113.7` or `Acme`.
    pub about: String,
    /// Who owns the cause.
    pub party: Party,
    /// Who has to act first.
    pub to_act: Party,
    /// How bad it is.
    pub severity: Severity,
    /// How sure the cause, and with it the party, is.
    pub certainty: Certainty,
    /// What is so, in one sentence.
    pub fact: String,
    /// Why, in one sentence; empty where nothing can be said.
    pub cause: String,
    /// One next action.
    pub next: String,
    /// How many calls or registrations show it.
    pub count: usize,
    /// The Call-IDs of some of them, the first ones.
    pub examples: Vec<String>,
    /// When the first of them began.
    pub first: Option<Timestamp>,
    /// When the last of them began.
    pub last: Option<Timestamp>,
}

/// What a rule concludes from many calls.
#[derive(Debug, Clone)]
pub struct Conclusion<'l> {
    /// Whom or what it is about.
    pub about: String,
    /// The calls that show it; without any there is no pattern.
    pub proof: Vec<&'l Entry>,
    /// Who owns the cause.
    pub party: Party,
    /// Who acts first.
    pub to_act: Party,
    /// How sure the cause is.
    pub certainty: Certainty,
    /// Where this is milder or worse than the rule's default.
    pub severity: Option<Severity>,
    /// What is so, in one sentence that ends with a full stop.
    pub fact: String,
    /// Why, in one sentence; empty where nothing can be said.
    pub cause: String,
    /// One next action.
    pub next: String,
}

impl Rule {
    /// The one way to make a pattern. Gives nothing without calls that show it.
    #[must_use]
    pub fn pattern(&self, tuning: &Tuning, conclusion: Conclusion<'_>) -> Option<Pattern> {
        let proof = &conclusion.proof;
        if proof.is_empty() {
            return None;
        }
        let severity = tuning.severity(self);
        let times = || proof.iter().filter_map(|entry| entry.at);
        let named = proof.iter().take(MOST_NAMED);
        Some(Pattern {
            rule: self.id.to_owned(),
            about: conclusion.about,
            party: conclusion.party,
            to_act: conclusion.to_act,
            severity: severity.unwrap_or(conclusion.severity.unwrap_or(self.severity)),
            certainty: conclusion.certainty,
            fact: conclusion.fact,
            cause: conclusion.cause,
            next: conclusion.next,
            count: proof.len(),
            examples: named.map(|entry| entry.call_id.clone()).collect(),
            first: times().min(),
            last: times().max(),
        })
    }
}

/// What many calls show together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// The figures over the calls; registrations and keep-alives are none.
    pub figures: Figures,
    /// What the rules on many calls found.
    pub patterns: Vec<Pattern>,
    /// How many older calls and registrations were not looked at.
    pub left_out: usize,
}

impl Survey {
    /// What these show.
    #[must_use]
    pub fn of(ledger: &Ledger, tuning: &Tuning) -> Survey {
        let calls: Vec<&Entry> = ledger.calls().collect();
        Survey {
            figures: Figures::of(&calls),
            patterns: patterns(ledger, tuning),
            left_out: ledger.forgotten(),
        }
    }
}

/// What the rules on many calls find, the worst first, then the most calls; equals in the order of the
/// catalogue.
#[must_use]
pub fn patterns(ledger: &Ledger, tuning: &Tuning) -> Vec<Pattern> {
    let mut found: Vec<Pattern> = rules::all()
        .filter(|rule| !tuning.is_off(rule))
        .filter_map(|rule| match rule.check {
            Check::Calls(check) => Some(check(rule, ledger, tuning)),
            Check::Call(_) => None,
        })
        .flatten()
        .collect();
    found.sort_by_key(|it| Reverse((it.severity, it.count)));
    found
}
