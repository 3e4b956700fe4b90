//! SIP messages from any source as a capture file that Wireshark opens. Writes what the messages
//! say of themselves; their link layer, and the handshakes of their connections, were not kept.

use std::collections::HashMap;
use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};

use etherparse::{PacketBuilder, PacketBuilderStep, err::packet::BuildWriteError};
use jiff::Timestamp;

use crate::sip::{Packet, Transport, redact};

/// A classic pcap with nanoseconds.
const MAGIC: u32 = 0xa1b2_3c4d;
/// Raw IP: frames begin with the IP header.
const LINK_RAW: u32 = 101;
/// The longest frame the file may hold.
const SNAPLEN: u32 = 262_144;
/// What a router would have left of a packet's 64 hops is not known.
const HOPS: u8 = 64;
/// The bytes of one TCP segment: what fits into an Ethernet frame, IPv6 included.
const SEGMENT: usize = 1_440;
/// What fits into a UDP datagram over IPv4 and IPv6 alike.
const LONGEST_DATAGRAM: usize = 65_507;
/// The first byte of every connection's direction; there was no handshake to tell another.
const FIRST_SEQUENCE: u32 = 1;
const WINDOW: u16 = u16::MAX;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exported {
    /// Messages written.
    pub messages: u64,
    /// Messages that no packet can carry: longer than a datagram, or between an IPv4 and an IPv6
    /// address.
    pub left_out: u64,
}

/// Writes messages as a pcap file in the order in which they are given, without the credentials in
/// them. Messages over UDP become one datagram each; all others become segments of one TCP connection
/// for each pair of addresses, decrypted if they were encrypted. Those over WebSocket become datagrams as long as they fit
/// into one: their frames were not kept, and on a port of HTTP other programs would take a bare stream of them for HTTP.
///
/// # Errors
///
/// What kept the bytes from being written.
pub fn pcap<'a>(
    packets: impl IntoIterator<Item = &'a Packet>,
    mut out: impl Write,
) -> io::Result<Exported> {
    out.write_all(&file_header())?;
    let mut exported = Exported::default();
    let mut connections = Connections::default();
    for packet in packets {
        let Some(frames) = frames(packet, &mut connections) else {
            exported.left_out += 1;
            continue;
        };
        for frame in frames {
            write_frame(&mut out, packet.at, &frame)?;
        }
        exported.messages += 1;
    }
    out.flush()?;
    Ok(exported)
}

fn file_header() -> Vec<u8> {
    let version = [2_u16, 4].map(u16::to_le_bytes).concat();
    let zone_and_accuracy = [0; 8];
    [
        &MAGIC.to_le_bytes()[..],
        &version,
        &zone_and_accuracy,
        &SNAPLEN.to_le_bytes(),
        &LINK_RAW.to_le_bytes(),
    ]
    .concat()
}

fn write_frame(out: &mut impl Write, at: Timestamp, frame: &[u8]) -> io::Result<()> {
    // The format ends in 2106 and begins in 1970, within which every capture was made.
    let seconds = u32::try_from(at.as_second()).unwrap_or_default();
    let nanoseconds = u32::try_from(at.subsec_nanosecond()).unwrap_or_default();
    let length = u32::try_from(frame.len()).map_err(io::Error::other)?;
    for word in [seconds, nanoseconds, length, length] {
        out.write_all(&word.to_le_bytes())?;
    }
    out.write_all(frame)
}

/// The IP packets of a message; nothing where none can carry it.
fn frames(packet: &Packet, connections: &mut Connections) -> Option<Vec<Vec<u8>>> {
    let bytes = redact::without_credentials(&packet.bytes);
    let (from, to) = (packet.source, packet.destination);
    let builder = || ip(from.ip(), to.ip());
    let is_datagram = match packet.transport {
        Transport::Udp => true,
        Transport::Ws => bytes.len() <= LONGEST_DATAGRAM,
        Transport::Tcp | Transport::Tls => false,
    };
    if is_datagram {
        let datagram = builder()?.udp(from.port(), to.port());
        return Some(vec![written(|frame| datagram.write(frame, &bytes))?]);
    }
    let segments = bytes.chunks(SEGMENT).map(|segment| {
        let (sequence, acknowledged) = connections.send(from, to, segment.len());
        let header = builder()?
            .tcp(from.port(), to.port(), sequence, WINDOW)
            .ack(acknowledged)
            .psh();
        written(|frame| header.write(frame, segment))
    });
    segments.collect()
}

fn ip(from: IpAddr, to: IpAddr) -> Option<PacketBuilderStep<etherparse::IpHeaders>> {
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            Some(PacketBuilder::ipv4(from.octets(), to.octets(), HOPS))
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            Some(PacketBuilder::ipv6(from.octets(), to.octets(), HOPS))
        }
        _ => None,
    }
}

/// One packet with its lengths and checksums; nothing where it is too long to have them.
fn written(write: impl FnOnce(&mut Vec<u8>) -> Result<(), BuildWriteError>) -> Option<Vec<u8>> {
    let mut frame = Vec::new();
    write(&mut frame).ok()?;
    Some(frame)
}

/// How far each direction of each connection has come.
#[derive(Debug, Default)]
struct Connections(HashMap<(SocketAddr, SocketAddr), u32>);

impl Connections {
    /// The numbers of the next segment: its own first byte, and the one that is expected from the
    /// other side.
    fn send(&mut self, from: SocketAddr, to: SocketAddr, length: usize) -> (u32, u32) {
        let come = |way| self.0.get(&way).copied().unwrap_or(FIRST_SEQUENCE);
        let (sequence, acknowledged) = (come((from, to)), come((to, from)));
        let sent = u32::try_from(length).unwrap_or_default();
        self.0.insert((from, to), sequence.wrapping_add(sent));
        (sequence, acknowledged)
    }
}
