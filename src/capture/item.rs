//! What the layers hand out, piece by piece: SIP messages, and what was seen besides them. Borrows
//! the bytes; whoever wants to keep some copies them.

use std::net::SocketAddr;

use jiff::Timestamp;

use crate::sip::{Place, Seen};
use crate::wire::{DnsMessage, IcmpError, TcpReset, TlsConnection};

/// One thing that a capture shows.
#[derive(Debug)]
pub enum Item<'a> {
    /// A SIP message.
    Message(Seen<'a>),
    /// An ICMP error about a UDP datagram or a TCP segment.
    Icmp(IcmpError),
    /// A TCP connection that one end reset or refused.
    Reset(TcpReset),
    /// A TLS connection, when it ended or the capture did.
    Tls(TlsConnection),
    /// A question to a DNS server, or its answer.
    Dns(DnsMessage),
    /// A UDP datagram that looks like RTP or RTCP, or opens the way for them.
    Media(Datagram<'a>),
}

impl Item<'_> {
    /// When it was seen; a connection, when it began.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Item::Message(it) => it.at,
            Item::Icmp(it) => it.at,
            Item::Reset(it) => it.at,
            Item::Tls(it) => it.at,
            Item::Dns(it) => it.at,
            Item::Media(it) => it.at,
        }
    }
}

/// One UDP datagram.
#[derive(Debug, Clone, Copy)]
pub struct Datagram<'a> {
    /// When it was seen.
    pub at: Timestamp,
    /// The address that sent it.
    pub source: SocketAddr,
    /// The address it was sent to.
    pub destination: SocketAddr,
    /// Where it stands.
    pub place: Place,
    /// What it carries, as far as it was captured.
    pub payload: &'a [u8],
    /// Payload bytes that were sent and not captured.
    pub missing: usize,
}
