//! No bytes make the reader panic, loop or hand out more than there is.

use std::path::Path;

use calltriage::capture::{Item, read_items, read_stream};
use calltriage::wire::dns::read as read_dns;
use proptest::prelude::*;

use super::{address, at, request, response};
use crate::support::capture_writer::{
    CONTAINERS, Flag, LINKS, PCAP, WRAPS, Writer, gzip, outer, tcp, udp,
};
use crate::support::hep::{Hep, Packing};
use crate::support::text_writer::{DIALECTS, print};
use crate::support::trace;
use crate::support::websocket::{self, ASKED, fragmented};
use crate::support::{dns, icmp, tls};

fn survives(bytes: &[u8]) {
    let mut handed_out = 0;
    let outcome = read_stream(bytes, Path::new("any"), 0, &mut |it| {
        handed_out += it.bytes.len()
    });
    if let Ok(report) = outcome {
        assert!(handed_out <= bytes.len());
        assert!(report.warnings.len() <= 32);
    }
}

const MAGICS: [&[u8]; 6] = [
    b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0",
    b"\xa1\xb2\x3c\x4d\0\x02\0\x04\0\0\0\0\0\0\0\0\0\x04\0\0\0\0\0\x71",
    b"\x34\xcd\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x65\0\0\0",
    b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0",
    b"\x0a\x0d\x0d\x0a\0\0\0\x1c\x1a\x2b\x3c\x4d\0\x01\0\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\x1c",
    b"\x0a\x0d\x0d\x0a",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        survives(&bytes);
    }

    #[test]
    fn arbitrary_bytes_behind_a_magic_number(
        magic in proptest::sample::select(&MAGICS[..]),
        bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0)], 0..2000),
    ) {
        survives(&[magic, &bytes].concat());
    }

    #[test]
    fn arbitrary_packed_bytes(
        magic in proptest::sample::select(&MAGICS[..]),
        bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0)], 0..2000),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
    ) {
        let content = [magic, &bytes].concat();
        let mut packed = gzip(&content);
        for (place, value) in flips {
            let place = place.index(packed.len());
            packed[place] = value;
        }
        let _ = read_stream(&*packed, Path::new("any"), 0, &mut |_| ());
    }

    #[test]
    fn arbitrary_packets(
        packets in proptest::collection::vec(
            (
                proptest::sample::select(vec![4_u8, 17, 41, 44, 47, 0, 43, 60, 51, 6]),
                any::<bool>(),
                proptest::sample::select(vec![[0x20_u8, 0], [0, 0], [0, 1], [0x20, 1], [0x1f, 0xff], [0x3f, 0xff]]),
                proptest::collection::vec(prop_oneof![any::<u8>(), Just(0), Just(4), Just(0x45), Just(0x60)], 0..200),
                proptest::sample::select(vec![4789_u16, 2152, 5060]),
            ),
            0..40,
        ),
    ) {
        let mut writer = Writer::new(CONTAINERS[0], 101);
        for (number, (protocol, v6, position, mut payload, port)) in packets.into_iter().enumerate() {
            if protocol == 17 && payload.len() > 3 {
                payload[2..4].copy_from_slice(&port.to_be_bytes());
            }
            let mut ip = outer(v6, protocol, &payload);
            if !v6 {
                ip[6..8].copy_from_slice(&position);
            }
            writer.frame(at(number as i64 * 5_000_000), &ip);
        }
        survives(&writer.bytes);
    }

    #[test]
    fn arbitrary_frames(
        container in proptest::sample::select(&CONTAINERS[..]),
        link in proptest::sample::select(vec![0_u16, 1, 12, 101, 108, 113, 228, 229, 276]),
        frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..120), 0..20),
        family in proptest::sample::select(vec![0x45_u8, 0x60, 0x4f]),
    ) {
        let mut writer = Writer::new(container, link);
        for mut frame in frames {
            // Half of them get past the link layer.
            for (index, byte) in frame.iter_mut().enumerate() {
                match (link, index) {
                    (1, 12) | (113, 14) | (276, 0) => *byte = 8,
                    (1, 13) | (113, 15) | (276, 1) => *byte = 0,
                    (1, 14) | (113, 16) | (276, 20) | (0 | 108, 4) | (12 | 101 | 228 | 229, 0) => *byte = family,
                    _ => {}
                }
            }
            writer.frame(at(0), &frame);
        }
        survives(&writer.bytes);
    }

    #[test]
    fn damaged_texts(
        dialect in proptest::sample::select(&DIALECTS[..]),
        crlf in any::<bool>(),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30),
        length in any::<prop::sample::Index>(),
    ) {
        let packets = trace::packets(
            "0.00 cust>plat INVITE || v=0 || m=audio 4000 RTP/AVP 8\n0.01 plat>cust 486\n0.02 cust>plat ACK",
        );
        let mut bytes = print(dialect, &packets, address("192.0.2.5:5060"), crlf).into_bytes();
        for (place, value) in &flips {
            let place = place.index(bytes.len());
            bytes[place] = *value;
        }
        for bytes in [&bytes[..], &bytes[..length.index(bytes.len())]] {
            let mut handed_out = 0;
            let _ = read_stream(bytes, Path::new("any"), 0, &mut |it| handed_out += it.bytes.len());
            // Each line may have gained a CR.
            assert!(handed_out <= 2 * bytes.len() + 4);
        }
    }

    #[test]
    fn damaged_captures(
        container in proptest::sample::select(&CONTAINERS[..]),
        link in proptest::sample::select(&LINKS[..]),
        wrap in proptest::sample::select(&WRAPS[..]),
        over_tcp in any::<bool>(),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30),
        length in any::<prop::sample::Index>(),
    ) {
        let (a, b) = (address("192.0.2.1:5060"), address("192.0.2.2:5060"));
        let mut writer = Writer::new(container, link.number());
        let mut sequence = 1;
        for number in 0..8 {
            let message = if number % 2 == 0 { request(number) } else { response(number) };
            let ip = if over_tcp {
                tcp(a, b, sequence, Flag::Data, &message)
            } else {
                udp(a, b, &message)
            };
            sequence += message.len() as u32;
            for packet in wrap.packets(&ip, 7) {
                writer.frame(at(0), &link.frame(&packet));
            }
        }
        let mut bytes = writer.bytes;
        for (place, value) in &flips {
            let place = place.index(bytes.len());
            bytes[place] = *value;
        }
        survives(&bytes);
        survives(&bytes[..length.index(bytes.len())]);
    }

    #[test]
    fn damaged_transports(
        which in 0_usize..10,
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in any::<prop::sample::Index>(),
        sizes in proptest::collection::vec(1_usize..300, 1..6),
        opened in any::<bool>(),
    ) {
        let (a, b) = (address("192.0.2.1:5060"), address("192.0.2.2:5061"));
        let message = request(3);
        let hep = |packing| Hep {
            at: at(0),
            source: a,
            destination: b,
            protocol: 6,
            kind: 1,
            packing,
            payload: &message,
        };
        let mask = Some([9, 0x80, 7, 0xff]);
        let names = [(0x82, "sip.example.net"), (0x86, "sip:example.net")];
        let one = match which {
            0 => hep(Packing::Plain).v3(),
            1 => hep(Packing::Zlib).v3(),
            2 => hep(Packing::Gzip).v3(),
            3 => hep(Packing::Plain).v2(true),
            4 => [ASKED, &websocket::message(mask, &message)].concat(),
            5 => fragmented(mask, &message, 50),
            6 => websocket::frame_of(0x81, 8, None, &message),
            7 => tls::record(tls::HANDSHAKE, &tls::client_hello(Some("a"), &[0x304], &["sip/2"])),
            8 => {
                let flight = [tls::server_hello(tls::TLS_1_2), tls::certificate("a", &names)];
                tls::record(tls::HANDSHAKE, &flight.concat())
            }
            _ => [tls::data(30), tls::alert(true, 40), tls::change_cipher()].concat(),
        };
        let mut bytes = one.repeat(3);
        for (place, value) in flips {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        let mut writer = Writer::new(PCAP, 101);
        if opened {
            writer.ip(at(0), &tcp(a, b, 0, Flag::Syn, b""));
        }
        let mut sequence = 1;
        let mut rest = &bytes[..];
        for size in sizes.iter().cycle() {
            let (part, behind) = rest.split_at((*size).min(rest.len()));
            writer.ip(at(0), &tcp(a, b, sequence, Flag::Data, part));
            sequence += part.len() as u32;
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
        let quoted = udp(a, b, &bytes);
        writer.ip(at(0), &quoted);
        writer.ip(at(0), &icmp::error(false, 3, 3, [0, 9, 0, 0], &quoted[..quoted.len().min(300)]));
        writer.ip(at(0), &icmp::error(true, 1, 4, [4, 0, 0, 0], &bytes));
        let read = read_items(&writer.bytes[..], Path::new("any"), 0, &mut |item| {
            if let Item::Message(it) = item {
                // Packed messages may be longer than their frames, but no message is that long.
                assert!(it.bytes.len() <= 2 * 1024 * 1024);
            }
        });
        assert!(read.unwrap().warnings.len() <= 32);
    }

    #[test]
    fn damaged_quotes(
        v6 in any::<bool>(),
        second in any::<[u8; 4]>(),
        kind in 0_u8..15,
        code in 0_u8..16,
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let (a, b) = match v6 {
            true => (address("[2001:db8::1]:5060"), address("[2001:db8::2]:5060")),
            false => (address("192.0.2.1:5060"), address("192.0.2.2:5060")),
        };
        let mut quoted = udp(a, b, &request(1));
        for (place, value) in flips {
            let place = place.index(quoted.len());
            quoted[place] = value;
        }
        quoted.truncate(cut.index(quoted.len()) + 1);
        let mut writer = Writer::new(PCAP, 101);
        writer.ip(at(0), &icmp::error(v6, kind, code, second, &quoted));
        survives(&writer.bytes);
    }

    #[test]
    fn damaged_answers(
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        rest in proptest::collection::vec(any::<u8>(), 0..40),
        is_cut in any::<bool>(),
    ) {
        let said = "ok; c.example CNAME d.example; d.example SRV 5060 e.example; e.example NAPTR f.example";
        let mut bytes = dns::answer(7, "SRV", "c.example", said);
        bytes.extend(rest);
        for (place, value) in flips {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Some(answer) = read_dns(&bytes, is_cut).and_then(|it| it.answer) {
            assert!(answer.records.len() <= 64);
            assert!(!is_cut || !answer.is_whole);
        }
    }
}
