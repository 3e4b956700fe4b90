//! HEP gives the messages that it copies, with the addresses and the time of its own headers; what
//! is wrong with it costs no more than itself.

use std::net::SocketAddr;

use calltriage::sip::{Packet, Transport};

use super::{By, Connection, address, at, request, response, shown};
use crate::support::capture_writer::{Flag, PCAP, Writer, gzip, tcp, udp};
use crate::support::hep::{Hep, Packing, assemble, bomb, zlib};

const AGENT: &str = "10.0.0.1:40000";
const COLLECTOR: &str = "10.0.0.2:9060";

fn hep(payload: &[u8]) -> Hep<'_> {
    Hep {
        at: at(-5_000_000),
        source: address("192.0.2.1:5060"),
        destination: address("192.0.2.2:5070"),
        protocol: 17,
        kind: 1,
        packing: Packing::Plain,
        payload,
    }
}

/// What one datagram with this payload gives.
fn over_udp(payload: &[u8]) -> (Vec<Packet>, Vec<String>) {
    let mut writer = Writer::new(PCAP, 1);
    writer.ip(at(0), &udp(address(AGENT), address(COLLECTOR), payload));
    let shown = shown(&writer.bytes);
    (shown.packets, shown.warnings)
}

#[test]
fn a_message_bears_the_addresses_and_the_time_of_the_header() {
    let message = request(1);
    for (source, destination) in [
        ("192.0.2.1:5060", "192.0.2.2:5070"),
        ("[2001:db8::1]:5060", "[2001:db8::2]:5070"),
    ] {
        for packing in [Packing::Plain, Packing::Zlib, Packing::Gzip] {
            let hep = Hep {
                source: address(source),
                destination: address(destination),
                packing,
                ..hep(&message)
            };
            let mut all = vec![(hep.v3(), hep.at)];
            if packing == Packing::Plain {
                all.extend([(hep.v2(false), hep.at), (hep.v2(true), hep.at)]);
                // Version 1 has no time.
                all.push((hep.v1(), at(0)));
            }
            for (bytes, time) in all {
                let (packets, warnings) = over_udp(&bytes);
                assert_eq!(warnings, Vec::<String>::new());
                let [it] = &packets[..] else {
                    panic!("{packets:?}")
                };
                assert_eq!((it.source, it.destination), (hep.source, hep.destination));
                assert_eq!((it.at, it.place.frame), (time, 1));
                assert_eq!(
                    (it.transport, &it.bytes[..]),
                    (Transport::Udp, &message[..])
                );
            }
        }
    }
}

#[test]
fn the_protocol_says_the_transport() {
    for (protocol, transport) in [
        (17, Transport::Udp),
        (6, Transport::Tcp),
        (22, Transport::Tls),
        (132, Transport::Tcp),
        (99, Transport::Udp),
    ] {
        let message = request(1);
        let hep = Hep {
            protocol,
            ..hep(&message)
        };
        assert_eq!(over_udp(&hep.v3()).0[0].transport, transport);
    }
}

#[test]
fn chunks_come_in_any_order_and_unknown_ones_are_skipped() {
    let message = request(1);
    let chunks = hep(&message).chunks();
    let mut reversed = chunks.clone();
    reversed.reverse();
    let mut more = chunks.clone();
    more.insert(0, (0x0a, 3, vec![9; 4]));
    more.insert(5, (0x0a, 15, b"of a vendor".to_vec()));
    more.push((0, 0x7fff, vec![]));
    more.push((3, 11, vec![100]));
    for chunks in [reversed, more] {
        let (packets, warnings) = over_udp(&assemble(&chunks));
        assert_eq!((packets.len(), warnings.len()), (1, 0));
        assert_eq!(packets[0].source, hep(&message).source);
    }
    // Without a time that of the frame; without a type, what the payload is.
    let bare: Vec<_> = chunks
        .iter()
        .filter(|(_, kind, _)| !matches!(kind, 1 | 9 | 10 | 11 | 12 | 17))
        .cloned()
        .collect();
    let (packets, warnings) = over_udp(&assemble(&bare));
    assert_eq!((packets[0].at, warnings.len()), (at(0), 0));
}

#[test]
fn what_is_no_sip_is_passed_over_in_silence() {
    for kind in [0, 34, 35, 38, 100, 255] {
        let message = request(1);
        let hep = Hep {
            kind,
            ..hep(&message)
        };
        let bytes = hep.v3();
        assert_eq!(over_udp(&bytes), (vec![], vec![]));
        // Nobody misses what was cut off it.
        assert_eq!(over_udp(&bytes[..bytes.len() - 9]), (vec![], vec![]));
    }
    // An agent's keep-alive, and SIP's own.
    assert_eq!(
        over_udp(&assemble(&[(0, 12, vec![0; 4])])),
        (vec![], vec![])
    );
    assert_eq!(over_udp(&hep(b"\r\n\r\n").v3()), (vec![], vec![]));
}

#[test]
fn media_and_reports_on_them_are_told() {
    for (kind, payload) in [(4, &[0x80; 24][..]), (5, br#"{"type":200,"ssrc":1}"#)] {
        let bytes = Hep {
            kind,
            ..hep(payload)
        }
        .v3();
        let told = "1 HEP packet with media or reports on them skipped, the first at frame 1: only those with SIP are read";
        assert_eq!(over_udp(&bytes), (vec![], vec![told.to_owned()]));
    }
}

#[test]
fn several_packets_may_share_a_datagram() {
    let (one, two) = (request(1), response(2));
    let bytes = [hep(&one).v3(), hep(&two).v3()].concat();
    let (packets, warnings) = over_udp(&bytes);
    assert_eq!(packets.len(), 2);
    assert_eq!((&packets[1].bytes[..], warnings.len()), (&two[..], 0));
}

#[test]
fn a_packet_without_addresses_is_told() {
    let message = request(1);
    for missing in [3, 4, 7, 8] {
        let mut chunks = hep(&message).chunks();
        chunks.retain(|(_, kind, _)| *kind != missing);
        let (packets, warnings) = over_udp(&assemble(&chunks));
        assert!(packets.is_empty());
        assert_eq!(
            warnings,
            ["1 HEP packet skipped, the first at frame 1: it does not say between which addresses"]
        );
    }
}

#[test]
fn a_packet_cut_anywhere_gives_what_is_there() {
    let message = request(3);
    for packing in [Packing::Plain, Packing::Zlib, Packing::Gzip] {
        let bytes = Hep {
            packing,
            ..hep(&message)
        }
        .v3();
        for length in 4..bytes.len() {
            let (packets, warnings) = over_udp(&bytes[..length]);
            assert_eq!(warnings.len(), 1, "{length}: {warnings:?}");
            assert!(
                warnings[0].starts_with("1 HEP packet cut short"),
                "{warnings:?}"
            );
            for it in packets {
                assert!(message.starts_with(&it.bytes));
            }
        }
        let (packets, _) = over_udp(&bytes[..bytes.len() - 60]);
        assert_eq!(packets.len(), 1, "{packing:?}");
    }
}

#[test]
fn lengths_that_lie_are_told() {
    let message = request(1);
    let sound = hep(&message).v3();
    let damaged = "1 HEP packet with lengths that cannot be, the first at frame 1";
    // The whole: shorter than its header, than its chunks, and longer than the datagram.
    for (length, expected) in [
        (0, damaged),
        (5, damaged),
        (40, damaged),
        (sound.len() - 1, damaged),
    ] {
        let mut bytes = sound.clone();
        bytes[4..6].copy_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
        let (packets, warnings) = over_udp(&bytes);
        assert!(packets.is_empty(), "{length}");
        assert_eq!(warnings, [expected], "{length}");
    }
    // Each chunk: too short to be, and longer than the packet.
    let mut at = 6;
    while at < sound.len() {
        let length = usize::from(u16::from_be_bytes([sound[at + 4], sound[at + 5]]));
        for lie in [0_u16, 5, u16::MAX] {
            let mut bytes = sound.clone();
            bytes[at + 4..at + 6].copy_from_slice(&lie.to_be_bytes());
            let (packets, warnings) = over_udp(&bytes);
            assert!(packets.is_empty());
            assert_eq!(warnings, [damaged]);
        }
        at += length;
    }
}

#[test]
fn a_bomb_is_stopped_and_told() {
    for zipped in [false, true] {
        let mut chunks = hep(b"").chunks();
        chunks.retain(|(_, kind, _)| *kind != 15);
        chunks.push((0, 16, bomb(8 * 1024 * 1024, zipped)));
        let (packets, warnings) = over_udp(&assemble(&chunks));
        assert!(packets.is_empty());
        assert_eq!(
            warnings,
            ["1 HEP packet skipped, the first at frame 1: unpacks to more than any message"]
        );
    }
    for packed in [
        &b"no packed bytes"[..],
        &zlib(&request(1))[..40],
        &gzip(b"x")[..11],
        b"",
    ] {
        let mut chunks = hep(b"").chunks();
        chunks.retain(|(_, kind, _)| *kind != 15);
        chunks.push((0, 16, packed.to_vec()));
        let (packets, warnings) = over_udp(&assemble(&chunks));
        assert!(packets.is_empty());
        assert_eq!(
            warnings,
            ["1 HEP packet skipped, the first at frame 1: the message in it cannot be unpacked"]
        );
    }
}

#[test]
fn the_older_versions_are_believed_only_where_all_fits() {
    let message = request(1);
    let sound = hep(&message).v2(false);
    let unread = "1 frame with SIP in something that is not read, or behind lengths that cannot be, the first is 1: what is in it is missing here";
    // Version, length, family, protocol.
    for (place, value) in [(0, 3), (0, 0), (1, 17), (1, 0), (2, 3), (2, 10), (3, 1)] {
        let mut bytes = sound.clone();
        bytes[place] = value;
        assert_eq!(
            over_udp(&bytes),
            (vec![], vec![unread.to_owned()]),
            "{place} {value}"
        );
    }
    // A time that is none in either order of bytes.
    let mut bytes = sound.clone();
    bytes[20..24].fill(0xff);
    assert_eq!(over_udp(&bytes), (vec![], vec![unread.to_owned()]));
    // Big endian.
    let mut bytes = sound.clone();
    bytes[16..20].reverse();
    bytes[20..24].copy_from_slice(&999_999_u32.to_be_bytes());
    let seconds = hep(&message).at.as_second();
    let (packets, _) = over_udp(&bytes);
    assert_eq!(packets[0].at.as_second(), seconds);
    assert_eq!(packets[0].at.subsec_microsecond(), 999_999);
    for length in 0..sound.len() {
        over_udp(&sound[..length]);
    }
}

/// Messages, and the packets that copy them back to back.
fn stream() -> (Vec<Vec<u8>>, Vec<u8>) {
    let messages = vec![request(1), response(2), request(3)];
    let bytes = messages
        .iter()
        .zip([Packing::Plain, Packing::Zlib, Packing::Plain])
        .map(|(it, packing)| Hep { packing, ..hep(it) }.v3());
    let bytes = bytes.collect::<Vec<_>>().concat();
    (messages, bytes)
}

fn bytes_of(packets: &[Packet]) -> Vec<Vec<u8>> {
    packets.iter().map(|it| it.bytes.to_vec()).collect()
}

#[test]
fn over_tcp_packets_are_joined_and_split_at_every_byte() {
    let (messages, bytes) = stream();
    for opened in [true, false] {
        let begin = || match opened {
            true => Connection::opened(AGENT, COLLECTOR),
            false => Connection::middle(AGENT, COLLECTOR),
        };
        for cut in 0..bytes.len() {
            let mut connection = begin();
            connection.client(&bytes[..cut]);
            connection.client(&bytes[cut..]);
            let shown = connection.shown();
            assert_eq!(bytes_of(&shown.packets), messages, "{opened} {cut}");
            assert_eq!(shown.warnings, Vec::<String>::new());
            assert!(shown.packets.iter().all(|it| it.at == at(-5_000_000)));
            assert_eq!(shown.packets[2].place.frame, connection.frames);
        }
        let mut connection = begin();
        for byte in &bytes {
            connection.client(&[*byte]);
        }
        assert_eq!(bytes_of(&connection.shown().packets), messages);
    }
}

#[test]
fn over_tcp_in_any_order() {
    let (messages, bytes) = stream();
    let ends: (SocketAddr, SocketAddr) = (address(AGENT), address(COLLECTOR));
    let mut segments: Vec<_> = bytes.chunks(100).zip((1..).step_by(100)).collect();
    for turn in [2, 3, 7] {
        let middle = segments.len() - 1;
        segments[1..middle].rotate_left(turn);
        let mut writer = Writer::new(PCAP, 101);
        writer.ip(at(0), &tcp(ends.0, ends.1, 0, Flag::Syn, b""));
        for (payload, sequence) in &segments {
            writer.ip(at(0), &tcp(ends.0, ends.1, *sequence, Flag::Data, payload));
            // Each of them twice.
            writer.ip(at(0), &tcp(ends.0, ends.1, *sequence, Flag::Data, payload));
        }
        let shown = shown(&writer.bytes);
        assert_eq!(bytes_of(&shown.packets), messages);
        assert_eq!(shown.warnings, Vec::<String>::new());
    }
}

#[test]
fn a_start_within_a_packet_waits_for_the_next() {
    let (messages, bytes) = stream();
    let mut connection = Connection::middle(AGENT, COLLECTOR);
    for part in bytes[50..].chunks(70) {
        connection.client(part);
    }
    let shown = connection.shown();
    assert_eq!(bytes_of(&shown.packets), messages[1..]);
    assert_eq!(shown.warnings, Vec::<String>::new());
}

#[test]
fn a_message_behind_a_length_that_looks_like_a_line_end_is_not_taken_for_bare_sip() {
    // The last byte before the payload is 10.
    let mut message = request(1);
    while (message.len() + 6) % 256 != 10 {
        let end = message.len() - 4;
        message.splice(end..end, *b"x");
    }
    let bytes = hep(&message).v3();
    let mut connection = Connection::middle(AGENT, COLLECTOR);
    connection.client(b"\0");
    connection.client(&[&[7][..], &bytes].concat());
    connection.client(&bytes);
    let shown = connection.shown();
    assert_eq!(shown.packets.len(), 2);
    assert_eq!(shown.packets[0].source, hep(&message).source);
}

#[test]
fn a_gap_and_nonsense_cost_what_they_touch() {
    let (messages, bytes) = stream();
    let first = hep(&messages[0]).v3().len();
    let mut connection = Connection::opened(AGENT, COLLECTOR);
    connection.client(&bytes[..first + 20]);
    connection.lose(By::Client, 30);
    connection.client(&bytes[first + 50..]);
    let shown = connection.shown();
    assert_eq!(bytes_of(&shown.packets), [&messages[0][..], &messages[2]]);
    assert_eq!(
        shown.warnings,
        ["1 HEP packet cut short, the first at frame 3: a message is shown as far as it goes"]
    );

    let mut connection = Connection::opened(AGENT, COLLECTOR);
    connection.client(&[&bytes[..first], b"HEP? nonsense", &bytes[first..]].concat());
    let shown = connection.shown();
    assert_eq!(bytes_of(&shown.packets), messages);
    assert_eq!(
        shown.warnings,
        ["1 run of bytes between HEP packets over TCP that are not HEP, the first at frame 3"]
    );

    // A length that swallows the next packet.
    let mut lying = bytes.clone();
    let swallowed = u16::try_from(first + 30).unwrap();
    lying[4..6].copy_from_slice(&swallowed.to_be_bytes());
    let mut connection = Connection::opened(AGENT, COLLECTOR);
    connection.client(&lying);
    let shown = connection.shown();
    assert_eq!(bytes_of(&shown.packets), messages[1..]);
    assert_eq!(
        shown.warnings,
        ["1 HEP packet with lengths that cannot be, the first at frame 3"]
    );
}
