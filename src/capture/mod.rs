//! Capture files, turned into timestamped SIP messages. Knows containers, link layers and
//! transports; knows nothing of calls.
//!
//! A frame goes through one file a layer: `window` (bounded bytes) → `pcap` or `pcapng`
//! (container) → `link` → `ip` → `transport` → `tcp` (reassembly, framing) or, for UDP, straight
//! to `start_line`, which says whether the bytes are SIP at all.

mod container;
mod error;
pub mod export;
pub mod index;
mod ip;
mod link;
mod open;
mod pcap;
mod pcapng;
mod read;
mod start_line;
mod tcp;
mod transport;
mod warnings;
mod window;

pub use error::CaptureError;
pub use index::{Entry, Index, Term};
pub use read::{FileReport, read, read_stream};
