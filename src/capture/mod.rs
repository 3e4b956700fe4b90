//! Capture files, turned into timestamped SIP messages. Knows containers, link layers and
//! transports; knows nothing of calls.
//!
//! A frame goes through one file a layer: `gzip` (unpacking) → `window` (bounded bytes) →
//! `pcap` or `pcapng` (container) → `layers`, which leads it through `link` → `ip` → `fragments`
//! (reassembly) → `tunnel` (back to `ip`) → `transport` → `tcp` (reassembly, framing) or, for UDP,
//! straight to `start_line`, which says whether the bytes are SIP at all. Text that holds SIP messages
//! goes through `text` instead.

mod container;
mod error;
pub mod export;
mod fragments;
mod gzip;
pub mod index;
mod ip;
mod item;
mod layers;
mod link;
mod open;
mod pcap;
mod pcapng;
mod read;
mod start_line;
mod tcp;
mod text;
mod transport;
mod tunnel;
mod warnings;
mod window;

pub use error::CaptureError;
pub use index::{Entry, Index, Term};
pub use item::{Datagram, Item, Seen};
pub use read::{FileReport, read, read_items, read_stream};
