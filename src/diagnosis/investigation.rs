//! What an investigation came to, as data: the one thing that every view is drawn from and that is
//! kept. `docs/investigation.schema.json` describes its JSON. Does no work.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::audio::Audio;
use super::common::{Common, Group, Traits, common, groups};
use super::correction::Correction;
use super::finding::Finding;
use super::logged::Logged;
use super::scope::ScopeLine;
use super::verdict::Verdict;
use crate::sip::{Facts, Kind};
use crate::sources::Known;

/// A step of the troubleshooting flow, in the order in which they are decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepName {
    /// Is a known incident announced?
    StatusPage,
    /// Is the device's registration in trouble?
    RegisterLog,
    /// What did the platform log of the call?
    CallLog,
    /// What do the packets show?
    SipTrace,
    /// Would the platform route the call?
    Simulate,
}

impl StepName {
    /// The words people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            StepName::StatusPage => "status page",
            StepName::RegisterLog => "register log",
            StepName::CallLog => "call log",
            StepName::SipTrace => "SIP trace",
            StepName::Simulate => "simulate",
        }
    }
}

/// How a step ended. "Not checked" is never shown as clean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It shows why.
    CauseFound,
    /// It was looked at and is as it should be.
    Clean,
    /// It holds nothing on this call.
    NothingFound,
    /// It could not be looked at, or did not have to be; the detail says which.
    NotChecked,
}

impl Outcome {
    /// The sign for it in plain text.
    #[must_use]
    pub fn sign(self) -> char {
        match self {
            Outcome::CauseFound => '●',
            Outcome::Clean => '✓',
            Outcome::NothingFound => '○',
            Outcome::NotChecked => '–',
        }
    }

    /// The words for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Outcome::CauseFound => "cause found",
            Outcome::Clean => "clean",
            Outcome::NothingFound => "nothing found",
            Outcome::NotChecked => "not checked",
        }
    }
}

/// One step as it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which step.
    pub step: StepName,
    /// How it ended.
    pub outcome: Outcome,
    /// One sentence: what was found, or why it was not checked.
    pub detail: String,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// One call, diagnosed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Its Call-IDs, the caller's first.
    pub call_ids: Vec<String>,
    /// The plain figures of each Call-ID, in the same order.
    pub facts: Vec<Facts>,
    /// What the platform's log says of it, where a platform was asked and knows it.
    #[serde(default)]
    pub logged: Option<Logged>,
    /// What is told first.
    pub verdict: Verdict,
    /// Everything that was found.
    pub findings: Vec<Finding>,
    /// The audio that was seen, a direction each; empty where none was.
    #[serde(default)]
    pub media: Vec<Audio>,
    /// What the trace shows not to be the cause, a sentence each; only where nothing decides whose the
    /// cause is.
    #[serde(default)]
    pub ruled_out: Vec<String>,
    /// Whether others suffer too; only of a failed call that a platform knows.
    #[serde(default)]
    pub scope: Option<ScopeLine>,
    /// Where the platform's documentation tells more of what the verdict rests on; nothing where it was not
    /// asked, or not in time.
    #[serde(default)]
    pub read_more: Option<String>,
    /// What somebody who knows better said of an earlier verdict on this call.
    #[serde(default)]
    pub correction: Option<Correction>,
    /// What could not be checked and might change the verdict, a sentence each.
    pub not_checked: Vec<String>,
}

impl Diagnosis {
    /// The call that it is about, among these.
    #[must_use]
    pub fn find_in<'k>(&self, calls: &'k [Known]) -> Option<&'k Known> {
        let is_it = |known: &&Known| known.call_ids().iter().any(|id| self.call_ids.contains(id));
        calls.iter().find(is_it)
    }

    /// Whether it is a registration: seen as one, or looked for as one and not found.
    #[must_use]
    pub fn is_registration(&self) -> bool {
        match self.facts.first() {
            Some(facts) => facts.kind == Kind::Registration,
            None => self.logged.is_none() && self.verdict.rule.starts_with("registration-"),
        }
    }

    /// When it began: by its messages where they have times, else by the platform's log.
    #[must_use]
    pub fn started(&self) -> Option<Timestamp> {
        let seen = self.facts.iter().filter_map(Facts::recorded).min();
        seen.or(self.logged.as_ref().and_then(|it| it.started))
    }
}

/// A Call-ID that could not be asked for: whether a source holds it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unasked {
    /// The id.
    pub call_id: String,
    /// Why, in one sentence.
    pub why: String,
}

/// One investigation: what was asked, how each step went, what came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Investigation {
    /// Its id, unique in the store.
    pub id: String,
    /// What was asked, as it was typed.
    pub query: String,
    /// How that was understood, in canonical words.
    pub read_as: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// What comes before everything else: that a platform told nothing at all on this query, since
    /// when and why, and what is known all the same. Nothing where all platforms answered.
    #[serde(default)]
    pub lead: Option<String>,
    /// Until when the sources had seen anything: what would have come later is no evidence.
    #[serde(default)]
    pub seen_until: Option<Timestamp>,
    /// The steps, in the order of the flow.
    pub steps: Vec<Step>,
    /// The calls, in the order in which they began.
    pub calls: Vec<Diagnosis>,
    /// The calls by cause, failing ones first; empty where no more than one matched.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// What the failing calls have in common; nothing where no more than one matched.
    #[serde(default)]
    pub common: Option<Common>,
    /// The Call-IDs that were asked for and that no source holds.
    #[serde(default)]
    pub not_found: Vec<String>,
    /// The Call-IDs that were asked for, that no source gave, and that not every source could be asked for.
    #[serde(default)]
    pub not_asked: Vec<Unasked>,
    /// What the reader should know besides: assumptions, what was left out.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Who alone may be shown it, as in "slack:U012AB3CD", where it was asked in private.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_for: Option<String>,
}

impl Investigation {
    /// The same with its calls summed up, given the traits of each in the same order. Of one call
    /// there is nothing to sum up.
    #[must_use]
    pub fn summed_up(mut self, traits: &[Traits]) -> Investigation {
        let several = traits.len() > 1;
        self.groups = if several { groups(traits) } else { Vec::new() };
        self.common = several.then(|| common(traits));
        self
    }

    /// The Call-IDs that were asked for and are not among its calls, with why, a sentence each.
    #[must_use]
    pub fn said_missing(&self) -> Vec<String> {
        let not_found = match self.not_found.as_slice() {
            [] => None,
            ids => Some(format!("Nothing was found under {}.", ids.join(", "))),
        };
        let not_asked = self.not_asked.iter();
        let not_asked =
            not_asked.map(|it| format!("{} could not be asked for: {}.", it.call_id, it.why));
        not_found.into_iter().chain(not_asked).collect()
    }

    /// The group of one of its calls; nothing where the calls are not summed up.
    #[must_use]
    pub fn group_of(&self, call: &Diagnosis) -> Option<&Group> {
        let id = call.call_ids.first()?;
        self.groups.iter().find(|group| group.holds(id))
    }

    /// Its calls as they are listed for people: failing ones first, then those that are neither,
    /// then the good ones; the newest first among each.
    #[must_use]
    pub fn ranked(&self) -> Vec<&Diagnosis> {
        let mut calls: Vec<&Diagnosis> = self.calls.iter().collect();
        calls.sort_by_key(|call| {
            (
                self.group_of(call).map(|group| group.ended),
                Reverse(call.started()),
            )
        });
        calls
    }
}
