//! Which Call-IDs are one call. A back-to-back platform gives each side its own; they are joined
//! by what both sides share, and each join says how sure it is.

mod groups;
mod matching;
mod reader;
mod settling;
mod setup;
mod shared;
mod user;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::certainty::Certainty;
use super::signal::Thread;
pub use groups::groups;
pub use matching::{Candidate, Found, Match, MatchBy, Open, matches};
pub use reader::SetupReader;
pub use settling::Settling;
pub use setup::{Setup, key};

/// What showed that two Call-IDs are one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JoinBy {
    /// The source says so (`callid` and `callidb` of one row).
    Known,
    /// The same Session-ID (RFC 7989).
    SessionId,
    /// A header of one names the Call-ID of the other; which header.
    Header(String),
    /// The same From tag or the same SDP origin, at the same time.
    PassedOn,
    /// The same numbers through the same node at the same time.
    Numbers,
}

/// Two Call-IDs that are one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// The Call-ID nearer to the caller.
    pub a: String,
    /// The other one.
    pub b: String,
    /// What showed it.
    pub by: JoinBy,
    /// How sure it is.
    pub certainty: Certainty,
}

impl Join {
    /// A pair that the source itself gives.
    #[must_use]
    pub fn known(a: &str, b: &str) -> Join {
        Join {
            a: a.to_owned(),
            b: b.to_owned(),
            by: JoinBy::Known,
            certainty: Certainty::Certain,
        }
    }
}

/// A leg that comes from one of several calls which are equally like it: from which, nothing shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tie {
    /// The Call-ID of the leg.
    pub leg: String,
    /// The Call-IDs that it may come from, in the order in which they begin.
    pub of: Vec<String>,
}

/// Which Call-IDs are one call, and which may be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Joined {
    /// Those that are.
    pub joins: Vec<Join>,
    /// Those that may be.
    pub ties: Vec<Tie>,
}

/// Finds which threads belong together. `known` is what the source itself knows: joins, and legs that were compared
/// with more calls than are here. The answer names each joined pair once, the side nearer to the caller first.
#[must_use]
pub fn joins(threads: &[Thread], known: &Joined) -> Joined {
    let setups: Vec<(usize, u64, Box<Setup>)> = threads
        .iter()
        .enumerate()
        .filter_map(|(at, thread)| Some((at, key(&thread.call_id), setup::of_thread(thread)?)))
        .collect();
    let candidates: Vec<Candidate<'_>> = setups.iter().map(Candidate::of).collect();
    let mut found = known_joins(threads, &known.joins);
    let settled = found.iter().map(|join| join.b.as_str());
    let settled: HashSet<&str> = settled.collect();
    let is_open = |tie: &&Tie| !settled.contains(tie.leg.as_str());
    let mut ties: Vec<Tie> = known.ties.iter().filter(is_open).cloned().collect();
    let open = ties.iter().map(|tie| tie.leg.as_str());
    let taken: HashSet<&str> = settled.iter().copied().chain(open).collect();
    let taken = (0..threads.len())
        .filter(|at| {
            threads
                .get(*at)
                .is_some_and(|t| taken.contains(t.call_id.as_str()))
        })
        .collect();
    let matched = matches(&candidates, &taken);
    let named = named(threads, &matched);
    found.extend(named.joins);
    ties.extend(named.ties);
    // Known pairs come first; a second reason for the same pair adds nothing.
    let mut pairs: HashSet<(String, String)> = HashSet::new();
    found.retain(|join| {
        let (a, b) = (join.a.clone(), join.b.clone());
        pairs.insert((a.clone().min(b.clone()), a.max(b)))
    });
    Joined { joins: found, ties }
}

fn known_joins(threads: &[Thread], known: &[Join]) -> Vec<Join> {
    if known.is_empty() {
        return Vec::new();
    }
    let seen: HashSet<&str> = threads.iter().map(|t| t.call_id.as_str()).collect();
    known
        .iter()
        .filter(|it| it.a != it.b && seen.contains(it.a.as_str()) && seen.contains(it.b.as_str()))
        .cloned()
        .collect()
}

/// What was found among some threads in words.
#[must_use]
pub fn named(threads: &[Thread], found: &Found) -> Joined {
    let id = |place: usize| Some(threads.get(place)?.call_id.clone());
    let joins = found.matches.iter();
    let ties = found.ties.iter();
    Joined {
        joins: joins.filter_map(|it| named_join(threads, it)).collect(),
        ties: ties.filter_map(|it| it.named(id)).collect(),
    }
}

/// A match of two threads in words.
fn named_join(threads: &[Thread], found: &Match) -> Option<Join> {
    let (a, b) = (threads.get(found.a)?, threads.get(found.b)?);
    let by = match found.by {
        MatchBy::Session => JoinBy::SessionId,
        MatchBy::Header(place) => {
            JoinBy::Header(setup::header_name(setup::opening(b)?.message(), place)?)
        }
        MatchBy::PassedOn => JoinBy::PassedOn,
        MatchBy::Numbers => JoinBy::Numbers,
    };
    Some(Join {
        a: a.call_id.clone(),
        b: b.call_id.clone(),
        by,
        certainty: found.certainty,
    })
}
