//! SIP bytes, turned into messages, transactions, legs and calls. Pure: no I/O, no async, no clock.

pub mod header;
pub mod message;
pub mod name;
pub mod packet;
pub mod redact;
pub mod sdp;
pub mod uri;

pub use message::{Deviation, Message, StartLine};
pub use name::{Method, Name};
pub use packet::{Packet, Place, Transport};
