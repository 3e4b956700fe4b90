//! What the layers hand out, piece by piece: SIP messages, and what was seen besides them. Borrows
//! the bytes; whoever wants to keep some copies them.

use std::net::SocketAddr;

use bytes::Bytes;
use jiff::Timestamp;

use crate::sip::{Packet, Place, Transport};
use crate::wire::{IcmpError, TlsConnection};

/// One thing that a capture shows.
#[derive(Debug)]
pub enum Item<'a> {
    /// A SIP message.
    Message(Seen<'a>),
    /// An ICMP error about a UDP datagram or a TCP segment.
    Icmp(IcmpError),
    /// A TLS connection, when it ended or the capture did.
    Tls(TlsConnection),
    /// A UDP datagram that looks like RTP or RTCP.
    Media(Datagram<'a>),
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
