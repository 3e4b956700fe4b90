//! One phone call as far as it was seen: its legs, its numbered messages, its transactions and the
//! way its INVITE took. Says what happened; why and whose fault it was is decided elsewhere.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;

use super::certainty::Certainty;
use super::facts::{Facts, Kind, facts};
use super::hop::{Hop, hops};
use super::join::{Join, Joined, Tie, groups, joins};
use super::name::Method;
use super::node::Nodes;
use super::offer::OfferAnswer;
use super::signal::{Signal, Thread, are_keep_alives};
use super::timeless::is_timeless;
use super::transaction::{Transaction, transactions};

/// One Call-ID of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// The Call-ID.
    pub call_id: String,
    /// Its plain figures.
    pub facts: Facts,
}

/// One call: everything that was seen of it, joined over its legs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The legs in the order in which they begin, none before the one it comes from: the first is
    /// the caller's.
    pub legs: Vec<Leg>,
    /// Why the legs are one call.
    pub joins: Vec<Join>,
    /// Other legs that may be this call's, or other calls that its legs may come from, as far as nothing tells which.
    pub ties: Vec<Tie>,
    /// All messages with the leg of each, in time order, numbered from 1.
    pub signals: Vec<(usize, Arc<Signal>)>,
    /// All transactions, in the order in which they begin.
    pub transactions: Vec<Arc<Transaction>>,
    /// The hops of the INVITE, in the order in which they begin.
    pub hops: Vec<Hop>,
    nodes: Nodes,
}

/// Joins threads into calls, in the order in which each call begins. `known` are joins
/// that the source itself gives.
#[must_use]
pub fn calls(threads: Vec<Thread>, known: &[Join]) -> Vec<Call> {
    let known = Joined {
        joins: known.to_vec(),
        ties: Vec::new(),
    };
    calls_knowing(threads, &known)
}

/// The same where the source also knows of legs that may belong to one of several calls.
#[must_use]
pub fn calls_knowing(threads: Vec<Thread>, known: &Joined) -> Vec<Call> {
    let found = joins(&threads, known);
    joined(threads, found)
}

/// Puts threads together as these joins say and not otherwise, in the order in which each call
/// begins.
#[must_use]
pub fn joined(threads: Vec<Thread>, Joined { joins, ties }: Joined) -> Vec<Call> {
    let groups = groups(&threads, &joins);
    let mut threads: Vec<Option<Thread>> = threads.into_iter().map(Some).collect();
    let mut joins_of: Vec<Vec<Join>> = vec![Vec::new(); groups.len()];
    let group_of: std::collections::HashMap<String, usize> = groups
        .iter()
        .enumerate()
        .flat_map(|(group, members)| members.iter().map(move |at| (group, *at)))
        .filter_map(|(group, at)| Some((threads.get(at)?.as_ref()?.call_id.clone(), group)))
        .collect();
    for join in joins {
        if let Some(list) = group_of
            .get(&join.a)
            .and_then(|group| joins_of.get_mut(*group))
        {
            list.push(join);
        }
    }
    groups
        .into_iter()
        .zip(joins_of)
        .filter_map(|(members, joins)| {
            let members = members
                .iter()
                .filter_map(|at| threads.get_mut(*at)?.take())
                .collect::<Vec<_>>();
            let mut call = Call::new(members, joins)?;
            call.ties = ties.iter().filter(|tie| call.is_in(tie)).cloned().collect();
            Some(call)
        })
        .collect()
}

impl Call {
    /// Builds one call out of its threads. Gives nothing where no thread holds a message.
    #[must_use]
    pub fn new(threads: Vec<Thread>, joins: Vec<Join>) -> Option<Call> {
        let mut legs = Vec::new();
        let mut signals: Vec<(usize, Signal)> = Vec::new();
        for thread in threads {
            let Some(facts) = facts(&thread) else {
                continue;
            };
            let leg = legs.len();
            legs.push(Leg {
                call_id: thread.call_id,
                facts,
            });
            signals.extend(thread.signals.into_iter().map(|signal| (leg, signal)));
        }
        if legs.is_empty() {
            return None;
        }
        signals.sort_by_key(|(_, signal)| (signal.at(), signal.packet.place));
        let signals: Vec<(usize, Arc<Signal>)> = signals
            .into_iter()
            .enumerate()
            .map(|(at, (leg, mut signal))| {
                signal.number = at + 1;
                (leg, Arc::new(signal))
            })
            .collect();
        let nodes = Nodes::learn(signals.iter().map(|(_, signal)| signal.as_ref()));
        let transactions: Vec<Arc<Transaction>> =
            transactions(&signals, |address| nodes.of(address))
                .into_iter()
                .map(Arc::new)
                .collect();
        let hops = hops(&transactions);
        Some(Call {
            legs,
            joins,
            ties: Vec::new(),
            signals,
            transactions,
            hops,
            nodes,
        })
    }

    /// A call of which no message was seen: other records alone speak of it.
    #[must_use]
    pub fn unseen() -> Call {
        Call {
            legs: Vec::new(),
            joins: Vec::new(),
            ties: Vec::new(),
            signals: Vec::new(),
            transactions: Vec::new(),
            hops: Vec::new(),
            nodes: Nodes::default(),
        }
    }

    /// Whether one of its Call-IDs is the leg of a tie, or one that it may come from.
    fn is_in(&self, tie: &Tie) -> bool {
        let mut legs = self.legs.iter().map(|leg| &leg.call_id);
        legs.any(|id| *id == tie.leg || tie.of.contains(id))
    }

    /// The leg of the caller.
    #[must_use]
    pub fn first_leg(&self) -> Option<&Leg> {
        self.legs.first()
    }

    /// What the call is about: a call as soon as one of its legs is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let has = |kind: Kind| self.legs.iter().any(|leg| leg.facts.kind == kind);
        if has(Kind::Call) {
            Kind::Call
        } else if has(Kind::Registration) {
            Kind::Registration
        } else {
            Kind::Other
        }
    }

    /// Whether it holds the end of a call, be it of one that began before the trace.
    #[must_use]
    pub fn has_bye(&self) -> bool {
        self.with_method(Method::Bye).next().is_some()
    }

    /// Whether it holds nothing but keep-alives, which lists leave out by default.
    #[must_use]
    pub fn is_keep_alive_only(&self) -> bool {
        are_keep_alives(self.signals.iter().map(|(_, signal)| signal.as_ref()))
    }

    /// Whether one leg holds nothing but keep-alives.
    #[must_use]
    pub fn is_leg_keep_alive_only(&self, leg: usize) -> bool {
        let of_leg = self.signals.iter().filter(|(of, _)| *of == leg);
        are_keep_alives(of_leg.map(|(_, signal)| signal.as_ref()))
    }

    /// When its first message was seen.
    #[must_use]
    pub fn started(&self) -> Option<Timestamp> {
        self.signals.first().map(|(_, signal)| signal.at())
    }

    /// When its last message was seen.
    #[must_use]
    pub fn ended(&self) -> Option<Timestamp> {
        self.signals.last().map(|(_, signal)| signal.at())
    }

    /// Whether nobody recorded when its messages were seen, or those of one of its legs: then only the order within
    /// each leg means anything.
    #[must_use]
    pub fn is_timeless(&self) -> bool {
        // Moments that are given come before any that was recorded.
        self.started().is_some_and(|first| is_timeless([first]))
            && (0..self.legs.len()).any(|leg| {
                let of_leg = self.signals.iter().filter(|(of, _)| *of == leg);
                is_timeless(of_leg.map(|(_, signal)| signal.at()))
            })
    }

    /// The node behind an address, named by one of its addresses.
    #[must_use]
    pub fn node(&self, address: SocketAddr) -> SocketAddr {
        self.nodes.of(address)
    }

    /// The hop on which the caller's INVITE was first seen; where the caller tried several
    /// servers, the one that answered, else the last of them.
    #[must_use]
    pub fn ingress(&self) -> Option<&Hop> {
        let firsts = || self.hops.iter().filter(|hop| hop.upstream.is_none());
        let answered = |hop: &&Hop| matches!(hop.final_code(), Some(200..=299));
        firsts().find(answered).or_else(|| firsts().next_back())
    }

    /// The hops that the server of this hop made out of its INVITE, in the order of attempts.
    pub fn downstream(&self, hop: &Hop) -> impl Iterator<Item = &Hop> {
        let id = hop.id;
        self.hops
            .iter()
            .filter(move |other| other.upstream.is_some_and(|(up, _)| up == id))
    }

    /// The request by which the client of a hop gave its INVITE up before it was answered: the CANCEL, or a BYE.
    #[must_use]
    pub fn withdrawal<'c>(&'c self, hop: &'c Hop) -> Option<&'c Arc<Signal>> {
        hop.cancel().or_else(|| self.early_bye(hop))
    }

    /// The BYE that the client of a hop sent into an early dialog, before the final answer, as it may (RFC 3261
    /// section 15). None where an ACK shows that the answer had come and was not seen.
    #[must_use]
    pub fn early_bye(&self, hop: &Hop) -> Option<&Arc<Signal>> {
        if hop.confirmed().is_some() {
            return None;
        }
        let responses = || hop.invites.iter().flat_map(|invite| &invite.responses);
        let is_early = |it: &&Arc<Signal>| {
            it.to_tag.is_some() && it.code().is_some_and(|code| (101..200).contains(&code))
        };
        let early = responses().find(is_early)?;
        let end = hop.final_response().map(|it| it.number);
        let bye = self.with_method(Method::Bye).find(|bye| {
            let sent = |it: &Arc<Signal>| {
                it.from_tag == early.from_tag
                    && it.number > early.number
                    && end.is_none_or(|end| it.number < end)
            };
            bye.leg == hop.leg
                && bye.server.ip() == hop.server.ip()
                && bye.request().is_some_and(sent)
        })?;
        bye.request()
    }

    /// The hop before this one.
    #[must_use]
    pub fn upstream(&self, hop: &Hop) -> Option<&Hop> {
        self.hops.get(hop.upstream?.0)
    }

    /// How sure it is that the legs are one call: the weakest join counts.
    #[must_use]
    pub fn join_certainty(&self) -> Certainty {
        self.joins
            .iter()
            .map(|join| join.certainty)
            .min()
            .unwrap_or(Certainty::Certain)
    }

    /// The offers made inside a leg with their answers, in order: by the first INVITE and by
    /// every re-INVITE and UPDATE after it, on each hop that carried them.
    pub fn offers(&self, leg: usize) -> impl Iterator<Item = OfferAnswer<'_>> {
        let may_offer = |t: &&Arc<Transaction>| matches!(t.method, Method::Invite | Method::Update);
        let of_leg = self.transactions.iter().filter(move |t| t.leg == leg);
        of_leg
            .filter(may_offer)
            .filter_map(|transaction| transaction.offer_answer())
    }

    /// The transactions with this method, in order.
    pub fn with_method(&self, method: Method) -> impl Iterator<Item = &Arc<Transaction>> {
        self.transactions
            .iter()
            .filter(move |transaction| transaction.method == method)
    }

    /// The requests with this method, first sightings on each hop only, in order.
    pub fn requests(&self, method: Method) -> impl Iterator<Item = &Arc<Signal>> {
        self.transactions
            .iter()
            .filter(move |transaction| transaction.method == method)
            .filter_map(|transaction| transaction.request())
    }
}
