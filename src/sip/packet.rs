//! One SIP message where and when it was seen. Carries bytes; does not read them.

use std::fmt;
use std::net::SocketAddr;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What carried a SIP message between two addresses (RFC 3261 section 18). In JSON its lower-case
/// name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// UDP: the only one on which SIP itself repeats lost messages.
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP, decrypted by whoever recorded it.
    Tls,
    /// WebSocket, plain or secure (RFC 7118).
    Ws,
}

impl Transport {
    /// The lower-case name used in JSON, as in `"udp"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
            Transport::Tls => "tls",
            Transport::Ws => "ws",
        }
    }

    /// The transport with this lower-case name.
    #[must_use]
    pub fn named(name: &str) -> Option<Transport> {
        let all = [
            Transport::Udp,
            Transport::Tcp,
            Transport::Tls,
            Transport::Ws,
        ];
        all.into_iter().find(|transport| transport.name() == name)
    }

    /// Whether the transport itself repeats what was lost, so that SIP does not.
    #[must_use]
    pub fn is_reliable(self) -> bool {
        self != Transport::Udp
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a packet stands in what was handed to us, so that a person can find it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Place {
    /// Which file, counted from 0 in the order in which they were opened.
    pub file: u32,
    /// Which frame in that file, counted from 1 as Wireshark does.
    pub frame: u32,
}

/// One SIP message as it was seen at one capture point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// When it was seen, with the precision of the source.
    pub at: Timestamp,
    /// The address that sent it.
    pub source: SocketAddr,
    /// The address it was sent to.
    pub destination: SocketAddr,
    /// What carried it.
    pub transport: Transport,
    /// Where it stands in the evidence.
    pub place: Place,
    /// Exactly one SIP message (start line to the end of its body), unparsed. For UDP the whole
    /// payload of the datagram.
    pub bytes: Bytes,
}

/// One SIP message where and when it was seen, its bytes borrowed.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// When it was seen.
    pub at: Timestamp,
    /// The address that sent it.
    pub source: SocketAddr,
    /// The address it was sent to.
    pub destination: SocketAddr,
    /// What carried it.
    pub transport: Transport,
    /// Where it stands.
    pub place: Place,
    /// The message.
    pub bytes: &'a [u8],
}

impl Seen<'_> {
    /// The same with bytes of its own.
    #[must_use]
    pub fn packet(&self) -> Packet {
        Packet {
            at: self.at,
            source: self.source,
            destination: self.destination,
            transport: self.transport,
            place: self.place,
            bytes: Bytes::copy_from_slice(self.bytes),
        }
    }
}
