//! Which node of a call is the caller's, ours, the carrier's: from where each stands on the way of
//! the INVITE and from the configured peers. Concludes no cause.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::finding::Owner;
use super::party::{Direction, Party, Side, party};
use crate::peers::{Peer, PeerKind, Peers};
use crate::sip::{Call, Certainty, Hop};

/// The roles of a call's nodes.
#[derive(Debug, Clone)]
pub struct Roles {
    /// Which way the call went.
    pub direction: Direction,
    /// Whether the called side is a customer too, so that no carrier takes part.
    is_on_net: bool,
    /// Whether the call came from a carrier and nothing says who is called.
    pub(super) is_called_assumed: bool,
    pub(super) sides: HashMap<SocketAddr, Side>,
    pub(super) names: HashMap<SocketAddr, String>,
    /// What the operator named each node to be.
    kinds: HashMap<SocketAddr, PeerKind>,
}

impl Roles {
    /// Works out the roles.
    #[must_use]
    pub fn of(call: &Call, peers: &Peers) -> Roles {
        let mut sides: HashMap<SocketAddr, Side> = HashMap::new();
        let (mut names, mut kinds) = (HashMap::new(), HashMap::new());
        for hop in &call.hops {
            let is_leaf = call.downstream(hop).next().is_none();
            // A node that received the INVITE and sent it on is in the middle, whatever else it is.
            if hop.upstream.is_some() {
                sides.insert(hop.client, Side::Platform);
            } else {
                sides.entry(hop.client).or_insert(Side::Caller);
            }
            if is_leaf {
                sides.entry(hop.server).or_insert(Side::CalledPeer);
            } else {
                sides.insert(hop.server, Side::Platform);
            }
        }
        // Who sends a call back to where it had it from is no part of what stands between.
        for hop in &call.hops {
            let is_back = |up: &Hop| up.client == hop.server && up.server == hop.client;
            if call.upstream(hop).is_some_and(is_back) {
                sides.insert(hop.client, Side::CalledPeer);
            }
        }
        // Who answers in the place of the one that was asked stands on its side.
        for hop in &call.hops {
            let asked = sides.get(&hop.server).copied().unwrap_or(Side::Unknown);
            let answers = hop.invites.iter().flat_map(|invite| &invite.responses);
            let others = answers.filter(|answer| answer.source().ip() != hop.server.ip());
            for answer in others {
                sides.entry(call.node(answer.source())).or_insert(asked);
            }
        }
        if call.hops.is_empty() {
            // No INVITE: who asks first is the caller's side.
            if let Some(first) = call.transactions.first() {
                sides.insert(first.client, Side::Caller);
                sides.insert(first.server, Side::CalledPeer);
            }
        }
        let peer_of = |node: &SocketAddr| peers.of(node.ip());
        for (node, side) in &mut sides {
            let Some(peer) = peer_of(node) else { continue };
            names.insert(*node, peer.name.clone());
            kinds.insert(*node, peer.kind);
            if peer.kind == PeerKind::Platform {
                *side = Side::Platform;
            }
        }
        let (direction, is_on_net) = direction(call, &sides, peer_of);
        let is_named = |(node, side): (&SocketAddr, &Side)| {
            *side == Side::CalledPeer && kinds.contains_key(node)
        };
        let is_called_assumed = direction == Direction::Inbound && !sides.iter().any(is_named);
        Roles {
            direction,
            is_on_net,
            is_called_assumed,
            sides,
            names,
            kinds,
        }
    }

    /// Whose a node is that sent a request on. Such a node counts as the platform by its place alone, which a proxy of
    /// a carrier has too: what the operator named it goes first, and where something else is known to be the platform,
    /// or several stand in the middle, a node that nobody named is nobody's that could be told.
    #[must_use]
    pub fn forwarder(&self, node: SocketAddr) -> Owner {
        let side = self.side(node);
        if side != Side::Platform {
            return side.into();
        }
        match self.kinds.get(&node) {
            Some(PeerKind::Platform) => side.into(),
            Some(PeerKind::Carrier) => Party::Carrier.into(),
            Some(PeerKind::Customer) => Party::Customer.into(),
            None => {
                let others = self
                    .sides
                    .iter()
                    .filter(|(_, side)| **side == Side::Platform);
                let is_only = others.into_iter().all(|(other, _)| other.ip() == node.ip());
                if is_only {
                    side.into()
                } else {
                    Party::Undecided.into()
                }
            }
        }
    }

    /// The side a node is on.
    #[must_use]
    pub fn side(&self, node: SocketAddr) -> Side {
        self.sides.get(&node).copied().unwrap_or(Side::Unknown)
    }

    /// The party a side belongs to in this call.
    #[must_use]
    pub fn party(&self, side: Side) -> Party {
        match side {
            Side::CalledPeer | Side::CalledUser if self.is_on_net => Party::Customer,
            _ => party(side, self.direction),
        }
    }

    /// Whether the called side is a customer, whose device answers: a call from a carrier, or one between customers.
    #[must_use]
    pub fn calls_a_customer(&self) -> bool {
        self.party(Side::CalledPeer) == Party::Customer
    }

    /// The configured name of a node.
    #[must_use]
    pub fn name(&self, node: SocketAddr) -> Option<&str> {
        self.names.get(&node).map(String::as_str)
    }

    /// The name of the customer that an operator configured at a node.
    #[must_use]
    pub fn customer_at(&self, node: SocketAddr) -> Option<&str> {
        let is_customer = self.kinds.get(&node) == Some(&PeerKind::Customer);
        self.name(node).filter(|_| is_customer)
    }

    /// Who is asked why a side stayed silent. A silence shows no role, so that nobody is named whose place on the way
    /// is all that is known of it.
    #[must_use]
    pub fn asked_for_silence(&self, side: Side) -> Owner {
        let is_known = matches!(self.direction, Direction::Outbound | Direction::Inbound);
        if is_known || side == Side::Platform {
            side.into()
        } else {
            Party::Undecided.into()
        }
    }

    /// How sure a party can be at most: roles that are assumed allow no more than `Likely`.
    #[must_use]
    pub fn most_certain(&self) -> Certainty {
        match self.direction {
            Direction::Inbound if self.is_called_assumed => Certainty::Likely,
            Direction::Outbound | Direction::Inbound => Certainty::Certain,
            Direction::AssumedOutbound | Direction::OneLeg => Certainty::Likely,
        }
    }

    /// The words for what is assumed, where something is.
    #[must_use]
    pub fn assumption(&self) -> Option<&'static str> {
        match self.direction {
            Direction::Inbound if self.is_called_assumed => Some(
                "assumed inbound: it came from a carrier, and no configured peer says that the called side is a customer",
            ),
            Direction::Outbound | Direction::Inbound => None,
            Direction::AssumedOutbound => {
                Some("assumed outbound: no configured peer says which side is the customer")
            }
            Direction::OneLeg => {
                Some("one leg only: its sender is taken as customer, its answerer as far end")
            }
        }
    }
}

/// The direction, and whether both ends are customers.
fn direction<'p>(
    call: &Call,
    sides: &HashMap<SocketAddr, Side>,
    peer_of: impl Fn(&SocketAddr) -> Option<&'p Peer>,
) -> (Direction, bool) {
    let kind_on = |side: Side| {
        let mut nodes: Vec<_> = sides
            .iter()
            .filter(|(_, s)| **s == side)
            .map(|(n, _)| n)
            .collect();
        nodes.sort();
        nodes
            .into_iter()
            .find_map(|node| peer_of(node).map(|peer| peer.kind))
    };
    let is_seen = |side: Side| sides.values().any(|s| *s == side);
    let direction = match (kind_on(Side::Caller), kind_on(Side::CalledPeer)) {
        (Some(PeerKind::Customer), Some(PeerKind::Customer)) => return (Direction::Outbound, true),
        (Some(PeerKind::Customer), _) => Direction::Outbound,
        // From one carrier to another: the one that sends the call in is the customer of this call.
        (_, Some(PeerKind::Carrier)) => Direction::Outbound,
        (Some(PeerKind::Carrier), _) | (_, Some(PeerKind::Customer)) => Direction::Inbound,
        // The platform and one end: whose call it sends out cannot be told.
        _ if !is_seen(Side::Platform) || !is_seen(Side::Caller) => Direction::OneLeg,
        _ if call.ingress().is_some_and(authenticated) => Direction::Outbound,
        _ => Direction::AssumedOutbound,
    };
    (direction, false)
}

/// Whether the caller's credentials were accepted: a challenge, then an INVITE that went further.
fn authenticated(ingress: &Hop) -> bool {
    let accepted = |hop: &Hop| {
        hop.invites.iter().any(|t| {
            let has_credentials = t
                .request()
                .is_some_and(|request| !request.message().credentials().is_empty());
            let went_on = t.progress().next().is_some()
                || t.final_code()
                    .is_some_and(|code| !matches!(code, 401 | 403 | 407));
            has_credentials && went_on
        })
    };
    ingress.challenges() > 0 && accepted(ingress)
}
