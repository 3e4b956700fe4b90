//! The capture module: every container, link layer and transport, damage, and the index.

mod around;
mod bad_input;
mod containers;
mod dns;
mod fragments;
mod gzip;
mod hep;
mod icmp;
mod index;
mod layers;
mod legs;
mod marks;
mod media;
mod no_panic;
mod renewed;
mod sweep;
mod tcp;
mod text;
mod tls;
mod tshark;
mod websocket;

use std::net::SocketAddr;
use std::path::Path;

use calltriage::capture::{FileReport, Item, read_items, read_stream};
use calltriage::sip::Packet;
use calltriage::wire::{DnsMessage, IcmpError, TcpReset, TlsConnection};
use jiff::Timestamp;

use crate::support::capture_writer::{Flag, PCAP, Writer, tcp};

/// What a capture of these bytes holds.
fn read(bytes: &[u8]) -> (Vec<Packet>, FileReport) {
    let mut packets = Vec::new();
    let report = read_stream(bytes, Path::new("trace"), 0, &mut |it| packets.push(it)).unwrap();
    (packets, report)
}

/// Everything that a capture shows.
#[derive(Debug, Default)]
struct Shown {
    packets: Vec<Packet>,
    icmp: Vec<IcmpError>,
    dns: Vec<DnsMessage>,
    resets: Vec<TcpReset>,
    tls: Vec<TlsConnection>,
    /// Frame, payload and missing bytes of each datagram with media.
    media: Vec<(u32, Vec<u8>, usize)>,
    warnings: Vec<String>,
}

fn shown(bytes: &[u8]) -> Shown {
    let mut shown = Shown::default();
    let report = read_items(bytes, Path::new("trace"), 0, &mut |item| match item {
        Item::Message(it) => shown.packets.push(it.packet()),
        Item::Icmp(it) => shown.icmp.push(it),
        Item::Dns(it) => shown.dns.push(it),
        Item::Reset(it) => shown.resets.push(it),
        Item::Tls(it) => shown.tls.push(it),
        Item::Media(it) => {
            let place = it.place.frame;
            shown.media.push((place, it.payload.to_vec(), it.missing));
        }
    });
    shown.warnings = report.unwrap().warnings;
    shown
}

/// Both directions of one TCP connection, written segment by segment, one a millisecond.
struct Connection {
    writer: Writer,
    ends: [SocketAddr; 2],
    sequences: [u32; 2],
    frames: u32,
}

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Client,
    Server,
}

impl Connection {
    /// One whose handshake is in the capture.
    fn opened(client: &str, server: &str) -> Connection {
        let mut connection = Connection::middle(client, server);
        connection.segment(By::Client, Flag::Syn, b"");
        connection.segment(By::Server, Flag::Syn, b"");
        connection
    }

    /// One that was open before.
    fn middle(client: &str, server: &str) -> Connection {
        Connection {
            writer: Writer::new(PCAP, 101),
            ends: [address(client), address(server)],
            sequences: [1000, u32::MAX - 20],
            frames: 0,
        }
    }

    fn segment(&mut self, by: By, flag: Flag, bytes: &[u8]) {
        let which = by as usize;
        let (from, to) = (self.ends[which], self.ends[1 - which]);
        let packet = tcp(from, to, self.sequences[which], flag, bytes);
        self.writer.ip(at(1000 * i64::from(self.frames)), &packet);
        self.frames += 1;
        let taken = bytes.len() as u32 + u32::from(flag == Flag::Syn);
        self.sequences[which] = self.sequences[which].wrapping_add(taken);
    }

    fn client(&mut self, bytes: &[u8]) {
        self.segment(By::Client, Flag::Data, bytes);
    }

    fn server(&mut self, bytes: &[u8]) {
        self.segment(By::Server, Flag::Data, bytes);
    }

    /// Leaves bytes out of the capture.
    fn lose(&mut self, by: By, count: u32) {
        let which = by as usize;
        self.sequences[which] = self.sequences[which].wrapping_add(count);
    }

    fn shown(&self) -> Shown {
        shown(&self.writer.bytes)
    }
}

/// A moment, in microseconds after the beginning of every test.
fn at(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(1_771_232_002_000_000 + microseconds).unwrap()
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// A request with a body, which tells its number.
fn request(number: usize) -> Vec<u8> {
    let body = "v=0\r\n".repeat(number * 37 % 23);
    format!(
        "INVITE sip:bob@example.net SIP/2.0\r\n\
         Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK{number}\r\n\
         From: <sip:+441782454123@example.net>;tag=a\r\nTo: <sip:bob@example.net>\r\n\
         Call-ID: call-{number}\r\nCSeq: {number} INVITE\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    )
    .into_bytes()
}

/// A response without a body, with the compact form of Content-Length.
fn response(number: usize) -> Vec<u8> {
    format!(
        "SIP/2.0 180 Ringing\r\nv: SIP/2.0/TCP 192.0.2.1\r\nf: <sip:a@b>\r\nt: <sip:c@d>\r\n\
         i: call-{number}\r\nCSeq: {number} INVITE\r\nl: 0\r\n\r\n",
    )
    .into_bytes()
}
