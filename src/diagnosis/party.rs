//! Who: the sides of a call, and the one table that turns a side into a party. Pure words and a
//! table; reads no packet.

use crate::knowledge::{End, Released};

pub use crate::knowledge::Party;

/// A side of the call, as the packets show it. Rules conclude sides; [`party`] names the party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The node that sends the call in, and all behind it.
    Caller,
    /// The node in the middle: ours, run on the platform.
    Platform,
    /// The node that the platform sends the call to.
    CalledPeer,
    /// The user or network behind that node.
    CalledUser,
    /// Between two nodes: packets were sent and did not arrive.
    Between,
    /// Cannot be told.
    Unknown,
}

/// Which way the call went, seen from the platform, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From a customer: configured peers say so, or the caller authenticated as a user.
    Outbound,
    /// From a carrier: configured peers say so.
    Inbound,
    /// Both sides were seen, nothing says which is the customer: taken as outbound.
    AssumedOutbound,
    /// One leg only, and nothing known about its two ends.
    OneLeg,
}

/// The one table that turns a side into a party.
#[must_use]
pub fn party(side: Side, direction: Direction) -> Party {
    use Direction::{AssumedOutbound, Inbound, OneLeg, Outbound};
    match (side, direction) {
        (Side::Caller, Outbound | AssumedOutbound | OneLeg) => Party::Customer,
        (Side::Caller, Inbound) => Party::Carrier,
        (Side::Platform, _) => Party::Configuration,
        (Side::CalledPeer, Outbound | AssumedOutbound) => Party::Carrier,
        (Side::CalledUser, Outbound | AssumedOutbound) => Party::FarEnd,
        (Side::CalledPeer | Side::CalledUser, Inbound) => Party::Customer,
        (Side::CalledPeer | Side::CalledUser, OneLeg) => Party::FarEnd,
        (Side::Between, _) => Party::Network,
        (Side::Unknown, _) => Party::Undecided,
    }
}

/// The side that a party is on where the call is outbound, which is how the tables of [`crate::knowledge`] speak; none
/// for the parties that are on no side.
#[must_use]
pub fn outbound_side(party: Party) -> Option<Side> {
    match party {
        Party::Customer => Some(Side::Caller),
        Party::Configuration => Some(Side::Platform),
        Party::Carrier => Some(Side::CalledPeer),
        Party::FarEnd => Some(Side::CalledUser),
        Party::Network => Some(Side::Between),
        Party::Platform | Party::Nobody | Party::Undecided => None,
    }
}

/// Parties that a table names for an outbound call, as they are in a call of this direction; each once.
#[must_use]
pub fn turned(parties: &[Party], direction: Direction) -> Vec<Party> {
    let parties = parties.iter();
    let turned = parties.map(|named| outbound_side(*named).map_or(*named, |s| party(s, direction)));
    each_once(turned)
}

/// Who may own the end of a call with this release reason, the likeliest first. "Upstream" is the carrier's side only
/// where the call is outbound.
#[must_use]
pub fn of_release(released: &Released<'_>, direction: Direction) -> Vec<Party> {
    let sides: &[Side] = match released.end {
        Some(End::Downstream) => &[Side::Caller],
        Some(End::Upstream) => &[Side::CalledPeer, Side::CalledUser],
        None => return turned(&released.entry.parties, direction),
    };
    each_once(sides.iter().map(|side| party(*side, direction)))
}

fn each_once(parties: impl Iterator<Item = Party>) -> Vec<Party> {
    let mut once = Vec::new();
    for party in parties {
        if !once.contains(&party) {
            once.push(party);
        }
    }
    once
}
