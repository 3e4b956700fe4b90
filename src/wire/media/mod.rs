//! Media as counters: what RTP and RTCP between two addresses showed, and what opened the way for them. Keeps no sound
//! and no digit.

mod clock;
mod collector;
mod counter;
pub mod opening;
pub mod rtcp;
pub mod rtp;
mod sequence;
mod stream;

pub use collector::{Collector, MediaPacket, Wanted, WantedFormat};
pub use opening::Opening;
pub use stream::{LONG_SILENCE, MediaStream, PayloadCount, RtcpCount, Silence, Watched};
