//! ICMP errors (RFC 792, RFC 4443): a router or host says that a packet could not be delivered. The
//! packet it quotes was not sent again: it is evidence, not a message.

use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What an ICMP error says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IcmpKind {
    /// There is no way to the network.
    NetworkUnreachable,
    /// There is no way to the host, or it does not answer.
    HostUnreachable,
    /// The host knows no such protocol.
    ProtocolUnreachable,
    /// Nothing listens on the port.
    PortUnreachable,
    /// A filter on the way forbids it.
    Prohibited,
    /// The packet is longer than a link on the way allows, and must not be cut.
    TooBig,
    /// The packet went through more routers than it may: a loop.
    TimeExceeded,
    /// Another error.
    Other,
}

/// An ICMP error about a UDP datagram or a TCP segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IcmpError {
    /// When it was seen.
    pub at: Timestamp,
    /// Which file, counted as `sip::Place` does.
    pub file: u32,
    /// Which frame in that file.
    pub frame: u32,
    /// Who says so: a router on the way, or the host itself.
    pub reporter: IpAddr,
    /// What it says.
    pub kind: IcmpKind,
    /// Who had sent the packet that it quotes.
    pub source: SocketAddr,
    /// Where that packet should have gone.
    pub destination: SocketAddr,
    /// Whether it quotes a UDP datagram; else a TCP segment.
    pub udp: bool,
    /// The Call-ID of the SIP message that it quotes, where the quote reaches so far.
    pub call_id: Option<String>,
}
