//! Who: the parties a call passes through, and the one table that turns a side of the call into a
//! party. Pure words and a table; reads no packet.

use serde::{Deserialize, Serialize};

/// Who owns a cause, or has to act. `docs/diagnose.md` has the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// The customer's equipment or network.
    Customer,
    /// Our own settings on the platform.
    Configuration,
    /// The platform itself: its vendor.
    Platform,
    /// The carrier.
    Carrier,
    /// The called user or network.
    FarEnd,
    /// The network between two named nodes.
    Network,
    /// Nobody: it went as it should.
    Nobody,
    /// The evidence does not say.
    Undecided,
}

impl Party {
    /// The words people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Party::Customer => "customer equipment",
            Party::Configuration => "configuration",
            Party::Platform => "platform",
            Party::Carrier => "carrier",
            Party::FarEnd => "far end",
            Party::Network => "network",
            Party::Nobody => "nobody",
            Party::Undecided => "undecided",
        }
    }
}

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
