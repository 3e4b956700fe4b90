//! What all sources together gave, and the asking of them. Judges nothing.

use jiff::Timestamp;

use crate::call::{self, CallQuery};
use crate::diagnosis::party::Direction;
use crate::diagnosis::roles::Roles;
use crate::peers::Peers;
use crate::sip::{Call, Join};
use crate::sources::{Evidence, Known, Lookup, Source, Trace, Unread};

/// What all sources together gave.
#[derive(Default)]
pub(super) struct Gathered {
    pub evidence: Evidence,
    pub joins: Vec<Join>,
    pub matched: Vec<String>,
    pub seen_until: Option<Timestamp>,
    /// Sources that could not be asked, with why.
    pub unavailable: Vec<String>,
    pub unread: Unread,
}

impl Gathered {
    /// What the sources hold of the calls that a query describes.
    pub async fn trace(sources: &[Source], query: &CallQuery) -> Gathered {
        let mut gathered = Gathered::default();
        gathered.trace_too(sources, query).await;
        gathered
    }

    /// The same of a further query.
    pub async fn trace_too(&mut self, sources: &[Source], query: &CallQuery) {
        for source in sources {
            self.add(source.name(), source.trace(query).await);
        }
    }

    /// The calls in it, joined.
    pub fn calls(&self) -> Vec<Known> {
        self.evidence.calls(&self.joins)
    }

    /// The calls that the query describes, without the neighbours fetched for joining.
    pub fn matched_calls(&self, query: &CallQuery, peers: &Peers) -> Vec<Known> {
        let is_matched =
            |known: &Known| known.call_ids().iter().any(|id| self.matched.contains(id));
        let has_code = |known: &Known| query.scope.code.is_none_or(|code| ended_with(known, code));
        let goes_there = |known: &Known| {
            let wanted = query.scope.direction;
            wanted.is_none_or(|wanted| may_go(&known.call, wanted, peers))
        };
        self.calls()
            .into_iter()
            .filter(is_matched)
            .filter(has_code)
            .filter(goes_there)
            .collect()
    }

    fn add(&mut self, source: &str, found: Lookup<Trace>) {
        match found {
            Lookup::Empty => {}
            Lookup::Unavailable(why) => {
                self.unread.add(Unread {
                    lost: vec![why.clone()],
                    damaged: Vec::new(),
                });
                self.unavailable.push(format!("{source}: {why}"));
            }
            Lookup::Found(trace) => {
                self.evidence.packets.extend(trace.evidence.packets);
                self.evidence.observed.add(trace.evidence.observed);
                self.evidence.records.extend(trace.evidence.records);
                self.joins.extend(trace.joins);
                self.matched.extend(trace.matched);
                self.seen_until = self.seen_until.max(trace.seen_until);
                self.unread.add(trace.unread);
            }
        }
    }
}

/// Whether any leg, or the row of the log, ended with a code.
fn ended_with(known: &Known, code: u16) -> bool {
    let call = &known.call;
    let row = known.records.as_ref().and_then(|it| it.row.as_ref());
    row.is_some_and(|row| row.code == Some(code))
        || call
            .legs
            .iter()
            .any(|leg| leg.facts.final_code == Some(code))
        || call.hops.iter().any(|hop| hop.final_code() == Some(code))
}

/// Whether a call goes in a direction, or may: without known peers that cannot be told.
fn may_go(call: &Call, wanted: call::Direction, peers: &Peers) -> bool {
    match Roles::of(call, peers).direction {
        Direction::Outbound => wanted == call::Direction::Outbound,
        Direction::Inbound => wanted == call::Direction::Inbound,
        Direction::AssumedOutbound | Direction::OneLeg => true,
    }
}
