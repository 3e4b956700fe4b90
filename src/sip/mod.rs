//! SIP bytes, turned into messages, transactions, legs and calls. Pure: no I/O, no async, no clock.

pub mod packet;

pub use packet::{Packet, Place, Transport};
