//! The capture module: every container, link layer and transport, damage, and the index.

mod bad_input;
mod containers;
mod fragments;
mod gzip;
mod index;
mod layers;
mod no_panic;
mod tcp;
mod text;
mod tshark;

use std::net::SocketAddr;
use std::path::Path;

use calltriage::capture::{FileReport, read_stream};
use calltriage::sip::Packet;
use jiff::Timestamp;

/// What a capture of these bytes holds.
fn read(bytes: &[u8]) -> (Vec<Packet>, FileReport) {
    let mut packets = Vec::new();
    let report = read_stream(bytes, Path::new("trace"), 0, &mut |it| packets.push(it)).unwrap();
    (packets, report)
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
