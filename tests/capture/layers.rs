//! What is SIP and what is not, and where a packet's payload begins and ends.

use std::net::SocketAddr;

use super::{address, at, read, request};
use crate::support::capture_writer::{Link, PCAP, Writer, outer, udp};

fn one(payload: &[u8]) -> Vec<Vec<u8>> {
    let mut writer = Writer::new(PCAP, 1);
    writer.ip(
        at(0),
        &udp(address("192.0.2.1:9"), address("192.0.2.2:7777"), payload),
    );
    read(&writer.bytes)
        .0
        .into_iter()
        .map(|it| it.bytes.to_vec())
        .collect()
}

#[test]
fn sip_is_told_by_its_first_line_on_any_port() {
    let sip: [&[u8]; 10] = [
        b"SIP/2.0 200 OK\r\n\r\n",
        b"SIP/2.0 487\r\n\r\n",
        b"\r\n\r\nOPTIONS sip:a@b SIP/2.0\r\n\r\n",
        b"X-NEW.thing foo:bar SIP/2.0\r\n",
        b"INVITE  sip:spaces in it  SIP/2.0 \nCall-ID: 1\n\n",
        b"ACK sip:a SIP/2.0",
        b"BYE sip:cut-by-the-snap-len",
        b"INVITE tel:+4417",
        b"REGISTER SIPS:example.net;x",
        b"sip/2.0 100 Trying\r\n\r\n",
    ];
    for payload in sip {
        assert_eq!(one(payload), [payload], "{}", payload.escape_ascii());
    }
    let other: [&[u8]; 14] = [
        b"",
        b"\r\n",
        b"\r\n\r\n",
        b"\0",
        b"\x80\x08INVITE sip:a SIP/2.0\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"SIP/2.0 2",
        b"SIP/2.0 20x OK\r\n",
        b"SIP/2.0/UDP 192.0.2.1\r\n",
        b"INVITE SIP/2.0\r\n",
        b"INVITE sip:a@b SIP/3.0\r\n",
        b"HELLO sip:unknown-and-cut",
        b"INVITE http://cut",
        b" OPTIONS sip:a@b SIP/2.0\r\n",
    ];
    for payload in other {
        assert_eq!(
            one(payload),
            Vec::<Vec<u8>>::new(),
            "{}",
            payload.escape_ascii()
        );
    }
}

#[test]
fn a_frame_cut_by_the_snap_length_gives_what_is_there() {
    let ip = udp(
        address("192.0.2.1:5060"),
        address("192.0.2.2:5060"),
        &request(3),
    );
    let frame = Link::Vlan.frame(&ip);
    let mut writer = Writer::new(PCAP, 1);
    writer.frame(at(0), &frame[..200]);
    let (packets, _) = read(&writer.bytes);
    assert_eq!(packets[0].bytes, request(3)[..200 - 18 - 28]);
}

#[test]
fn a_message_quoted_by_an_icmp_error_was_not_sent_again() {
    let families = [
        ("192.0.2.1:5060", "192.0.2.2:5060", 1, 3),
        ("[2001:db8::1]:5060", "[2001:db8::2]:5060", 58, 1),
    ];
    for (a, b, protocol, kind) in families {
        let sent = udp(address(a), address(b), &request(1));
        let error = [&[kind, 3, 0, 0, 0, 0, 0, 0], &sent[..]].concat();
        let mut writer = Writer::new(PCAP, 101);
        writer.ip(at(0), &sent);
        writer.ip(at(1), &outer(protocol == 58, protocol, &error));
        let (packets, report) = read(&writer.bytes);
        assert_eq!((packets.len(), report.frames), (1, 2));
        assert!(report.warnings.is_empty());
    }
}

#[test]
fn tunnels_are_followed_to_a_depth() {
    let sent = udp(
        address("192.0.2.1:5060"),
        address("192.0.2.2:5060"),
        &request(1),
    );
    let nested = |depth| (0..depth).fold(sent.clone(), |ip, _| outer(false, 4, &ip));
    let mut writer = Writer::new(PCAP, 101);
    writer.ip(at(0), &nested(8));
    writer.ip(at(1), &nested(9));
    writer.ip(at(2), &nested(2000));
    let (packets, report) = read(&writer.bytes);
    assert_eq!(packets.len(), 1);
    assert_eq!(
        report.warnings,
        ["2 packets with too many tunnels within one another, the first is 2"],
    );
}

#[test]
fn sip_on_the_port_of_a_tunnel_is_sip() {
    for port in [4789, 2152] {
        let ip = udp(
            address("192.0.2.1:5060"),
            SocketAddr::new([192, 0, 2, 2].into(), port),
            &request(1),
        );
        let mut writer = Writer::new(PCAP, 101);
        writer.ip(at(0), &ip);
        assert_eq!(read(&writer.bytes).0.len(), 1);
    }
}

#[test]
fn a_packet_without_a_length_goes_to_the_end() {
    for (a, b) in [
        ("192.0.2.1:5060", "192.0.2.2:5060"),
        ("[2001:db8::1]:5060", "[2001:db8::2]:5060"),
    ] {
        let mut ip = udp(address(a), address(b), &request(1));
        let at_length = if ip[0] >> 4 == 4 { 2 } else { 4 };
        ip[at_length..at_length + 2].fill(0);
        let mut writer = Writer::new(PCAP, 101);
        writer.ip(at(0), &ip);
        assert_eq!(read(&writer.bytes).0[0].bytes, request(1));
    }
}

#[test]
fn an_unread_link_layer_is_named() {
    let mut writer = Writer::new(PCAP, 105);
    writer.frame(at(0), &[1, 2, 3]);
    writer.frame(at(0), &[1, 2, 3]);
    let (packets, report) = read(&writer.bytes);
    assert!(packets.is_empty());
    assert_eq!(
        report.warnings,
        ["2 frames skipped, the first is 1: link layer 105 (IEEE 802.11) is not read"],
    );
}

#[test]
fn sip_in_something_that_is_not_read_is_said() {
    let message = request(1);
    let wrapped = |protocol| outer(false, protocol, &[&[9; 40][..], &message].concat());
    let mut writer = Writer::new(PCAP, 101);
    // L2TP, and a datagram that begins with something else.
    writer.ip(at(0), &wrapped(115));
    let inside = [&[9, 9, 9, 9][..], &message].concat();
    writer.ip(
        at(0),
        &udp(
            address("192.0.2.1:1701"),
            address("192.0.2.2:1701"),
            &inside,
        ),
    );
    // At the edge: the same without SIP.
    writer.ip(at(0), &outer(false, 115, &[9; 200]));
    writer.ip(
        at(0),
        &udp(
            address("192.0.2.1:1701"),
            address("192.0.2.2:1701"),
            &[9; 200],
        ),
    );
    let (packets, report) = read(&writer.bytes);
    assert!(packets.is_empty());
    assert_eq!(
        report.warnings,
        [
            "2 frames with SIP in something that is not read, or behind lengths that cannot be, the first is 1: what is in it is missing here"
        ],
    );
}

#[test]
fn what_lies_behind_a_length_that_cannot_be_is_told() {
    let ip = udp(
        address("192.0.2.1:5060"),
        address("192.0.2.2:5060"),
        &request(1),
    );
    let with = |at: usize, bytes: &[u8]| {
        let mut ip = ip.clone();
        ip[at..at + bytes.len()].copy_from_slice(bytes);
        ip
    };
    let short_datagram = with(24, &[0, 9]);
    let short_packet = with(2, &[0, 10]);
    let short_header = with(0, &[0x42]);
    let mut writer = Writer::new(PCAP, Link::Ethernet.number());
    for packet in [&short_datagram, &short_packet, &short_header] {
        writer.ip(at(0), packet);
    }
    // Too long is what a cut packet says: all that is there is read.
    writer.ip(at(0), &with(24, &[0xff, 0xff]));
    let (packets, report) = read(&writer.bytes);
    assert_eq!(packets.len(), 1);
    assert_eq!(
        report.warnings,
        [
            "3 frames with SIP in something that is not read, or behind lengths that cannot be, the first is 1: what is \
          in it is missing here"
        ],
    );
}

#[test]
fn copies_of_a_datagram_are_kept() {
    let ip = udp(
        address("192.0.2.1:5060"),
        address("192.0.2.2:5060"),
        &request(1),
    );
    let mut writer = Writer::new(PCAP, 113);
    writer.ip(at(0), &ip);
    writer.ip(at(1), &ip);
    assert_eq!(read(&writer.bytes).0.len(), 2);
}
