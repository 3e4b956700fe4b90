//! Where evidence comes from: one port, one file a kind of source. Knows nothing of chat, and
//! judges nothing.

pub mod api;
pub mod captures;
pub mod connexcs;
mod everything;
mod evidence;
mod link;
pub mod status_page;

use std::sync::Arc;

use jiff::Timestamp;

pub use captures::Captures;
pub use connexcs::{
    AggregateQuery, Answer, CdrField, CdrQuery, Columns, ConnexCs, GroupBy, Probe, Probed,
    Simulated, Simulation,
};
pub use everything::{Everything, Finder};
pub use evidence::{Evidence, Known};
pub use status_page::StatusPage;

pub use crate::capture::{Limits, Line, Unit};

use crate::metrics::Metrics;
use crate::sip::Join;

/// What a look-up gave. A source never fails in a way that stops the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup<T> {
    /// Something was found.
    Found(T),
    /// It was looked for, and there is nothing.
    Empty,
    /// It could not be looked for, and why, in one sentence.
    Unavailable(String),
}

/// The signalling that a source holds on a query.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// The messages of the calls asked for and of others that may be legs of them, with what else
    /// was seen between their addresses.
    pub evidence: Evidence,
    /// What makes some of their Call-IDs legs of one call.
    pub joins: Vec<Join>,
    /// The Call-IDs that the query itself describes, in order of their first message.
    pub matched: Vec<String>,
    /// How many older calls it describes that were too many to be read.
    pub left_out: usize,
    /// Until when the source had seen anything: what would have come later is not in it.
    pub seen_until: Option<Timestamp>,
    /// What could not be read. The rest is here all the same.
    pub unread: Unread,
}

/// What could not be read, a sentence each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unread {
    /// Files, folders and sources of which nothing could be read.
    pub lost: Vec<String>,
    /// Files that were read and are damaged inside: cut, or with frames that mean nothing.
    pub damaged: Vec<String>,
}

impl Unread {
    /// All the sentences.
    pub fn sentences(&self) -> impl Iterator<Item = &String> {
        self.lost.iter().chain(&self.damaged)
    }

    /// Takes in what another look could not read; what is known already is not said twice.
    pub fn add(&mut self, other: Unread) {
        let both = [
            (&mut self.lost, other.lost),
            (&mut self.damaged, other.damaged),
        ];
        for (list, more) in both {
            say_once(list, more);
        }
    }
}

/// Adds sentences, or whatever else is said, to others, each of which is said once.
pub fn say_once<T: PartialEq>(said: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    for one in more {
        if !said.contains(&one) {
            said.push(one);
        }
    }
}

/// A source of evidence. The set is closed: each kind is written here. A clone is the same source.
#[derive(Debug, Clone)]
pub enum Source {
    /// Capture files.
    Captures(Arc<Captures>),
    /// The logging API of a platform.
    ConnexCs(Arc<ConnexCs>),
}

impl Source {
    /// What answers call it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Source::Captures(captures) => captures.name(),
            Source::ConnexCs(platform) => platform.name(),
        }
    }

    /// Counts there how it answers from now on, where it is asked over the network.
    pub fn count_in(&self, metrics: &Metrics) {
        if let Source::ConnexCs(platform) = self {
            platform.count_in(metrics);
        }
    }

    /// The captures behind it, where it is that.
    #[must_use]
    pub fn captures(&self) -> Option<&Captures> {
        match self {
            Source::Captures(captures) => Some(captures),
            Source::ConnexCs(_) => None,
        }
    }

    /// The platform behind it, where it is one.
    #[must_use]
    pub fn platform(&self) -> Option<&ConnexCs> {
        match self {
            Source::Captures(_) => None,
            Source::ConnexCs(platform) => Some(platform),
        }
    }

    /// Whether the source can tell at once, without asking anybody, that it holds exactly this
    /// Call-ID.
    pub async fn holds(&self, call_id: &str) -> bool {
        match self {
            Source::Captures(captures) => captures.holds(call_id).await,
            Source::ConnexCs(_) => false,
        }
    }

    /// A short account of what the source holds, for people.
    pub async fn summary(&self) -> String {
        match self {
            Source::Captures(captures) => captures.summary().await,
            Source::ConnexCs(platform) => {
                format!("{}: the platform's log and traces", platform.name())
            }
        }
    }
}
