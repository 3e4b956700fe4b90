//! Capture files, turned into timestamped SIP messages. Knows containers, link layers and
//! transports; knows nothing of calls.
//!
//! A frame goes through one file a layer: `gzip` (unpacking) → `window` (bounded bytes) →
//! `pcap` or `pcapng` (container) → `layers`, which leads it through `link` → `ip` → `fragments`
//! (reassembly) → `tunnel` (back to `ip`) → `transport` → `tcp` (reassembly, framing) or, for UDP,
//! `datagram` → `start_line`, which says whether the bytes are SIP at all, or `hep`, or DNS; `icmp` stands
//! beside `transport`. Text that holds SIP messages goes through `text` instead. `scan` leads many
//! captures this way at once.

mod batch;
mod container;
mod datagram;
mod error;
pub mod export;
mod file;
mod files;
mod fragments;
mod gzip;
mod hep;
mod icmp;
pub mod index;
mod ip;
mod item;
mod keyed;
mod layers;
mod link;
mod observed;
mod open;
mod pcap;
mod pcapng;
mod pool;
mod read;
mod reading;
mod scan;
mod spans;
mod start_line;
mod sweep;
mod tcp;
mod text;
mod transport;
mod tunnel;
mod walk;
mod warnings;
mod window;

pub use crate::sip::Seen;
pub use error::CaptureError;
pub use files::Files;
pub use index::{Entry, Index, Term};
pub use item::{Datagram, Item};
pub use read::{FileReport, read, read_items, read_stream};
pub use sweep::{Limits, Line, Plan, Unit, Which};
