//! UDP datagrams and TCP segments out of one IP packet. Keeps nothing between packets.

use std::net::SocketAddr;

use etherparse::{TcpSlice, UdpSlice, ip_number};

use super::ip::IpPacket;

/// What an IP packet carries.
#[derive(Debug, Clone, Copy)]
pub(super) enum Carried<'a> {
    Datagram {
        source: SocketAddr,
        destination: SocketAddr,
        payload: &'a [u8],
        /// Bytes after the payload that were sent and not captured.
        missing: usize,
        /// What stands in the packet behind the length that the datagram gives: no receiver takes it.
        beyond: &'a [u8],
    },
    Segment(Segment<'a>),
}

/// One TCP segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment<'a> {
    pub(super) source: SocketAddr,
    pub(super) destination: SocketAddr,
    /// The number of its first byte, or of its SYN.
    pub(super) sequence: u32,
    pub(super) syn: bool,
    pub(super) fin: bool,
    pub(super) rst: bool,
    pub(super) payload: &'a [u8],
    /// Bytes after the payload that were sent and not captured.
    pub(super) missing: usize,
}

/// Reads the transport header; `None` for too short ones and other protocols.
pub(super) fn carried<'a>(ip: &IpPacket<'a>) -> Option<Carried<'a>> {
    match ip.protocol {
        ip_number::UDP => {
            let udp = UdpSlice::from_slice_lax(ip.payload).ok()?;
            Some(Carried::Datagram {
                source: SocketAddr::new(ip.source, udp.source_port()),
                destination: SocketAddr::new(ip.destination, udp.destination_port()),
                payload: udp.payload(),
                missing: ip.missing,
                beyond: ip.payload.get(udp.slice().len()..).unwrap_or_default(),
            })
        }
        ip_number::TCP => {
            let tcp = TcpSlice::from_slice(ip.payload).ok()?;
            Some(Carried::Segment(Segment {
                source: SocketAddr::new(ip.source, tcp.source_port()),
                destination: SocketAddr::new(ip.destination, tcp.destination_port()),
                sequence: tcp.sequence_number(),
                syn: tcp.syn(),
                fin: tcp.fin(),
                rst: tcp.rst(),
                payload: tcp.payload(),
                missing: ip.missing,
            }))
        }
        _ => None,
    }
}
