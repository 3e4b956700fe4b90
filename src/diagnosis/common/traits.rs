//! The traits of one call: all by which calls are compared with one another. Where each comes from
//! is said elsewhere; compares nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::call::located;
use crate::diagnosis::verdict::Verdict;
use crate::sip::{Certainty, Kind};

/// Something by which calls are told apart. The order is that in which equals are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// A carrier that was tried, or that sent the call.
    Carrier,
    /// The customer that sent the call, or got it.
    Customer,
    /// The called number or user, as written.
    Called,
    /// The first digits of the called number in E.164: its country code and more.
    Prefix,
    /// The country of the called number.
    Destination,
    /// The platform's server.
    Server,
    /// Which way the call went; only where that is known.
    Direction,
    /// The calling number or user, as written.
    Caller,
    /// What the caller's device calls itself.
    UserAgent,
    /// A codec that the caller offered.
    Codec,
    /// What carried the caller's messages.
    Transport,
    /// The hour in which the call began, UTC.
    Hour,
    /// The code that refused the call.
    Code,
    /// The Q.850 cause that came with it.
    Cause,
    /// The rule that explains the call.
    Rule,
    /// Who owns the cause.
    Party,
}

impl Aspect {
    /// Whether it is part of how a call ended. Such traits tell failing calls from good ones by
    /// themselves, so that calls are not set against one another by them.
    #[must_use]
    pub fn is_outcome(self) -> bool {
        matches!(
            self,
            Aspect::Code | Aspect::Cause | Aspect::Rule | Aspect::Party
        )
    }
}

/// How a call ended, as far as calls are told apart by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// It was lost, or of no use.
    Failed,
    /// Neither: people ended it (busy, not answered, given up), which the network carries as it
    /// should (ITU-T E.425, network effectiveness ratio); or it suffered and was of use all the same;
    /// or the evidence does not say.
    Undecided,
    /// It was answered, and nothing was wrong with it; of a registration: it was accepted.
    Good,
}

/// The traits of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traits {
    /// Its Call-IDs, the caller's first.
    pub call_ids: Vec<String>,
    /// What it is: calls are counted apart from registrations and keep-alives.
    pub kind: Kind,
    /// When it began; nothing where nobody recorded times.
    pub at: Option<Timestamp>,
    /// Who called, as written.
    pub from: String,
    /// Who was called, as written.
    pub to: String,
    /// How it ended.
    pub ended: Ended,
    /// Whether it was answered.
    pub answered: bool,
    /// The final code, as the caller was told it.
    pub code: Option<u16>,
    /// The code that refused it, where it was made: a platform may tell the caller another one.
    pub refusal: Option<u16>,
    /// The carrier whose answer decided, or that was tried last.
    pub carrier: Option<String>,
    /// The carriers that had refused it with the same code before that one.
    pub alike: Vec<String>,
    /// The verdict; nothing of a call that was not diagnosed.
    pub verdict: Option<Verdict>,
    /// How many of its legs have messages.
    pub legs_traced: usize,
    /// Everything by which it is compared. An aspect that is absent is not known of this call.
    pub values: BTreeMap<Aspect, BTreeSet<String>>,
}

/// Prefixes have so many digits at most: more are single numbers.
const LONGEST_PREFIX: usize = 7;

impl Traits {
    /// A call of which nothing is known.
    pub(super) fn blank(kind: Kind) -> Traits {
        Traits {
            call_ids: Vec::new(),
            kind,
            at: None,
            from: String::new(),
            to: String::new(),
            ended: Ended::Undecided,
            answered: false,
            code: None,
            refusal: None,
            carrier: None,
            alike: Vec::new(),
            verdict: None,
            legs_traced: 0,
            values: BTreeMap::new(),
        }
    }

    /// Notes a value; an empty one says nothing.
    pub(super) fn note(&mut self, aspect: Aspect, value: impl Into<String>) {
        let value = value.into();
        let value = value.trim();
        if !value.is_empty() {
            self.values
                .entry(aspect)
                .or_default()
                .insert(value.to_owned());
        }
    }

    /// Notes what follows from its own fields: its numbers, its hour, its code.
    pub(super) fn note_own(&mut self) {
        let (from, to) = (self.from.clone(), self.to.clone());
        self.note(Aspect::Caller, from);
        if let Some((digits, country)) = located(&to) {
            self.note(Aspect::Destination, country.name());
            let code = country.calling_code.to_string().len();
            let prefixes = (code + 1..=LONGEST_PREFIX).filter_map(|long| digits.get(..long));
            let prefixes: Vec<String> = prefixes.map(str::to_owned).collect();
            prefixes
                .into_iter()
                .for_each(|prefix| self.note(Aspect::Prefix, prefix));
        }
        self.note(Aspect::Called, to);
        if let Some(at) = self.at {
            self.note(Aspect::Hour, at.strftime("%F %H:00 UTC").to_string());
        }
        if let Some(code) = self.refusal {
            self.note(Aspect::Code, code.to_string());
        }
    }

    /// Its first Call-ID: that of the caller's leg.
    #[must_use]
    pub fn call_id(&self) -> &str {
        self.call_ids.first().map_or("", String::as_str)
    }

    /// The values of an aspect; none where it is not known.
    pub fn of(&self, aspect: Aspect) -> impl Iterator<Item = &str> {
        self.values
            .get(&aspect)
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    /// Whether it shares a value of an aspect with another call.
    #[must_use]
    pub fn shares(&self, aspect: Aspect, other: &Traits) -> bool {
        self.of(aspect)
            .any(|one| other.of(aspect).any(|two| one == two))
    }

    /// By what the best example is chosen: messages of both legs, the surest verdict, the newest.
    pub(super) fn worth(&self) -> impl Ord + use<> {
        let verdict = self.verdict.as_ref();
        let sure = verdict.map(|it| (it.certainty, it.fact_certainty));
        let sure = sure.unwrap_or((Certainty::Possible, Certainty::Possible));
        (self.legs_traced.min(2), verdict.is_some(), sure, self.at)
    }
}
