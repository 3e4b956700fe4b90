//! What all sources together gave, and the asking of them. Judges nothing.

use jiff::Timestamp;

use crate::call::{self, CallQuery};
use crate::diagnosis::party::Direction;
use crate::diagnosis::roles::Roles;
use crate::peers::Peers;
use crate::sip::{Call, Join, calls, threads};
use crate::sources::{Evidence, Lookup, Source, Trace, Unread};

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
    pub fn calls(&self) -> Vec<Call> {
        calls(threads(self.evidence.packets.clone()), &self.joins)
    }

    /// The calls that the query describes, without the neighbours fetched for joining.
    pub fn matched_calls(&self, query: &CallQuery, peers: &Peers) -> Vec<Call> {
        let is_matched = |call: &Call| {
            call.legs
                .iter()
                .any(|leg| self.matched.contains(&leg.call_id))
        };
        let has_code = |call: &Call| query.scope.code.is_none_or(|code| ended_with(call, code));
        let goes_there = |call: &Call| {
            let wanted = query.scope.direction;
            wanted.is_none_or(|wanted| may_go(call, wanted, peers))
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
                self.joins.extend(trace.joins);
                self.matched.extend(trace.matched);
                self.seen_until = self.seen_until.max(trace.seen_until);
                self.unread.add(trace.unread);
            }
        }
    }
}

/// Whether any leg ended with a code.
fn ended_with(call: &Call, code: u16) -> bool {
    call.legs
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
