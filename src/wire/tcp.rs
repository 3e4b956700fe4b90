//! Resets of TCP connections (RFC 9293 section 3.5.2): one end says that there is no connection, any more or at
//! all. Evidence of what became of messages, never a message; the stream itself is put together elsewhere.

use std::net::SocketAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A segment that ends a connection at once, or refuses one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TcpReset {
    /// When it was seen.
    pub at: Timestamp,
    /// Which file, counted as `sip::Place` does.
    pub file: u32,
    /// Which frame in that file.
    pub frame: u32,
    /// Who sent it, or in whose name a machine on the way did.
    pub source: SocketAddr,
    /// Who got it.
    pub destination: SocketAddr,
    /// Whether it answers the wish to open a connection, of which nothing else was seen: nobody listens there, or a
    /// firewall turns it away.
    pub refuses: bool,
}

impl TcpReset {
    /// Whether it is about the connection between these two, whoever ended it.
    #[must_use]
    pub fn is_between(&self, one: SocketAddr, other: SocketAddr) -> bool {
        let ends = (self.source, self.destination);
        ends == (one, other) || ends == (other, one)
    }
}
