//! SIP bytes, turned into messages, transactions, legs and calls. Pure: no I/O, no async, no clock.

pub mod address;
pub mod call;
pub mod certainty;
pub mod endpoints;
pub mod facts;
pub mod header;
pub mod hop;
pub mod join;
pub mod message;
pub mod name;
pub mod node;
pub mod offer;
pub mod packet;
pub mod redact;
pub mod sdp;
pub mod signal;
pub mod transaction;
pub mod uri;

pub use call::{Call, Leg, calls};
pub use certainty::Certainty;
pub use endpoints::{Endpoint, endpoints};
pub use facts::{EndedBy, Facts, Kind};
pub use hop::{Hop, Link};
pub use join::{Join, JoinBy};
pub use message::{Deviation, Message, StartLine};
pub use name::{Method, Name};
pub use offer::{Described, OfferAnswer};
pub use packet::{Packet, Place, Transport};
pub use signal::{Repeat, Signal, Thread, threads};
pub use transaction::Transaction;
