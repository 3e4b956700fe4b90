//! The way an INVITE took: one hop a pair of nodes, each hung under the hop it came from. A proxy
//! and a back-to-back platform look the same here. Draws no conclusion about roles.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::map::Map;
use super::name::Method;
use super::signal::Signal;
use super::transaction::Transaction;

/// How a hop was found to follow the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// The Via of the hop before stands in its INVITE: the same request, passed on.
    Via,
    /// The node that received the INVITE sent this one, in the same leg.
    Node,
    /// The node that received the INVITE sent this one, in a leg joined to it.
    JoinedLeg,
    /// The legs belong together, but what lies between them was not seen.
    Gap,
}

/// The INVITEs that set the call up between two nodes, in one leg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// Its place in [`super::Call::hops`].
    pub id: usize,
    /// Which leg it belongs to.
    pub leg: usize,
    /// The node that sent the INVITE.
    pub client: SocketAddr,
    /// The node it was sent to.
    pub server: SocketAddr,
    /// The hop before it, nearer to the caller, and how that is known.
    pub upstream: Option<(usize, Link)>,
    /// Its initial INVITE transactions in order: challenge rounds and repeated attempts.
    pub invites: Vec<Arc<Transaction>>,
}

impl Hop {
    /// The transaction whose outcome counts: the one with a 2xx, else the last.
    #[must_use]
    pub fn decisive(&self) -> Option<&Arc<Transaction>> {
        let success = |t: &&Arc<Transaction>| matches!(t.final_code(), Some(200..=299));
        self.invites
            .iter()
            .find(success)
            .or_else(|| self.invites.last())
    }

    /// The final response that counts on this hop.
    #[must_use]
    pub fn final_response(&self) -> Option<&Arc<Signal>> {
        self.decisive()?.final_response()
    }

    /// Its code.
    #[must_use]
    pub fn final_code(&self) -> Option<u16> {
        self.decisive()?.final_code()
    }

    /// The ACK that shows that it was answered 2xx although that was not seen.
    #[must_use]
    pub fn confirmed(&self) -> Option<&Arc<Signal>> {
        let acks = || self.invites.iter().find_map(|invite| invite.confirmed());
        match self.final_code() {
            Some(200..=299) => None,
            _ => acks(),
        }
    }

    /// When its first INVITE was seen.
    #[must_use]
    pub fn started(&self) -> Option<Timestamp> {
        self.invites.first()?.started()
    }

    /// The first INVITE seen.
    #[must_use]
    pub fn first_invite(&self) -> Option<&Arc<Signal>> {
        self.invites
            .iter()
            .find_map(|transaction| transaction.request())
    }

    /// The first 180.
    #[must_use]
    pub fn ringing(&self) -> Option<&Arc<Signal>> {
        self.invites
            .iter()
            .find_map(|transaction| transaction.ringing())
    }

    /// The first 180 or 183, which ends the post-dial delay.
    #[must_use]
    pub fn progress(&self) -> Option<&Arc<Signal>> {
        let heard = |s: &&Arc<Signal>| matches!(s.message().code(), Some(180 | 183));
        self.invites
            .iter()
            .find_map(|transaction| transaction.responses.iter().find(heard))
    }

    /// The first response of any kind.
    #[must_use]
    pub fn first_response(&self) -> Option<&Arc<Signal>> {
        self.invites
            .iter()
            .find_map(|transaction| transaction.first_response())
    }

    /// How long the first answer of any kind took.
    #[must_use]
    pub fn first_response_delay(&self) -> Option<SignedDuration> {
        Some(
            self.first_response()?
                .at()
                .duration_since(self.first_invite()?.at()),
        )
    }

    /// The first CANCEL.
    #[must_use]
    pub fn cancel(&self) -> Option<&Arc<Signal>> {
        self.invites
            .iter()
            .find_map(|transaction| transaction.cancels.first())
    }

    /// How many challenges (401, 407) were met.
    #[must_use]
    pub fn challenges(&self) -> usize {
        self.invites
            .iter()
            .filter(|transaction| transaction.is_challenged())
            .count()
    }
}

/// Sorts the initial INVITE transactions of a call into hops and links them.
#[must_use]
pub fn hops(transactions: &[Arc<Transaction>]) -> Vec<Hop> {
    let mut hops: Vec<Hop> = Vec::new();
    for transaction in transactions {
        if transaction.method != Method::Invite || transaction.in_dialog {
            continue;
        }
        let key = (transaction.leg, transaction.client, transaction.server);
        match hops
            .iter_mut()
            .find(|hop| (hop.leg, hop.client, hop.server) == key)
        {
            Some(hop) => hop.invites.push(transaction.clone()),
            None => hops.push(Hop {
                id: hops.len(),
                leg: transaction.leg,
                client: transaction.client,
                server: transaction.server,
                upstream: None,
                invites: vec![transaction.clone()],
            }),
        }
    }
    let by_branch = by_branch(&hops);
    let via: Vec<_> = hops.iter().map(|hop| passed_on(hop, &by_branch)).collect();
    for (at, other) in via.into_iter().enumerate() {
        attach(&mut hops, at, other.map(|other| (other, Link::Via)));
    }
    for at in 0..hops.len() {
        let link = hops
            .get(at)
            .filter(|hop| hop.upstream.is_none())
            .and_then(|hop| link(hop, &hops));
        attach(&mut hops, at, link);
    }
    hops
}

/// Hangs a hop under another, unless that one already hangs under it: no message, however odd,
/// may make the way go round in a circle.
fn attach(hops: &mut [Hop], at: usize, link: Option<(usize, Link)>) {
    let Some(link) = link.filter(|(other, _)| !leads_to(hops, *other, at)) else {
        return;
    };
    if let Some(hop) = hops.get_mut(at) {
        hop.upstream = Some(link);
    }
}

/// Whether one gets from this hop upstream to that one.
fn leads_to(hops: &[Hop], from: usize, to: usize) -> bool {
    let mut at = Some(from);
    while let Some(here) = at.filter(|here| *here != to) {
        at = hops.get(here).and_then(|hop| Some(hop.upstream?.0));
    }
    at.is_some()
}

/// The hops by leg and the branch of each of their INVITEs.
fn by_branch(hops: &[Hop]) -> Map<(usize, String), usize> {
    let mut by_branch = Map::default();
    for hop in hops {
        let firsts = hop.invites.iter().filter_map(|invite| invite.first());
        for branch in firsts.filter_map(|first| first.branch.clone()) {
            by_branch.entry((hop.leg, branch)).or_insert(hop.id);
        }
    }
    by_branch
}

/// The hop whose Via stands in this INVITE below its own. Its answers show the same Vias.
fn passed_on(hop: &Hop, by_branch: &Map<(usize, String), usize>) -> Option<usize> {
    let vias = hop.invites.iter().find_map(|t| t.first())?.message().vias();
    vias.iter()
        .skip(1)
        .filter_map(|via| by_branch.get(&(hop.leg, via.branch()?.to_owned())))
        .copied()
        .find(|other| *other != hop.id)
}

/// Where a hop without a Via of another comes from.
fn link(hop: &Hop, hops: &[Hop]) -> Option<(usize, Link)> {
    let earlier = hops.get(..hop.id).unwrap_or_default();
    let same_leg = earlier
        .iter()
        .rev()
        .find(|o| o.leg == hop.leg && o.server == hop.client);
    if let Some(other) = same_leg {
        return Some((other.id, Link::Node));
    }
    // Legs come in the order of the way, also where one was recorded by a clock that is late.
    let later = hops.get(hop.id..).unwrap_or_default();
    let others = || {
        let nearest_first = earlier.iter().rev().chain(later);
        nearest_first.filter(|other| other.leg < hop.leg)
    };
    let joined = others()
        .find(|other| other.server == hop.client)
        .or_else(|| others().find(|other| other.server.ip() == hop.client.ip()));
    if let Some(other) = joined {
        return Some((other.id, Link::JoinedLeg));
    }
    // The caller trying another server is a way of its own.
    if earlier.iter().any(|other| other.client == hop.client) {
        return None;
    }
    let before = || earlier.iter().rev().find(|other| other.leg == hop.leg);
    let deepest = others().next().or_else(before)?;
    (deepest.client != hop.client).then_some((deepest.id, Link::Gap))
}
