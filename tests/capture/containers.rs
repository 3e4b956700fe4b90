//! The same messages give the same packets, whatever they were written in; damage costs no more
//! than it must.

use calltriage::sip::Transport;
use proptest::prelude::*;

use super::{address, at, read, request, response};
use crate::support::capture_writer::{
    CONTAINERS, Container, Flag, LINKS, Link, PCAP, PCAPNG, WRAPS, Wrap, Writer, gzip, tcp, udp,
};
use crate::support::hep::{Hep, Packing};
use crate::support::websocket::{self, fragmented};

/// Three messages written in one way are read as they were.
fn same_packets(container: Container, packed: bool, link: Link, wrap: Wrap, transport: Transport) {
    let families = [
        ("192.0.2.1:5060", "198.51.100.9:5080"),
        ("[2001:db8::1]:5060", "[2001:db8::2]:5080"),
    ];
    let messages = [request(1), response(1), request(2)];
    for (a, b) in families.map(|(a, b)| (address(a), address(b))) {
        let mut writer = Writer::new(container, link.number());
        let mut sequence = 1000;
        let mut stamps = Vec::new();
        let mut frames = 0;
        for (number, message) in messages.iter().enumerate() {
            let ip = if transport == Transport::Udp {
                udp(a, b, message)
            } else {
                tcp(a, b, sequence, Flag::Data, message)
            };
            sequence += u32::try_from(message.len()).unwrap();
            let id = u16::try_from(number).unwrap();
            let mut time = at(0);
            for packet in wrap.packets(&ip, id) {
                frames += 1;
                time = at(1_234_567 * i64::from(frames));
                writer.frame(time, &link.frame(&packet));
            }
            stamps.push((time, frames));
        }
        let bytes = if packed {
            gzip(&writer.bytes)
        } else {
            writer.bytes
        };
        let (packets, report) = read(&bytes);
        let what = format!("{container:?} {packed} {link:?} {wrap:?} {a} {transport}");
        assert_eq!(report.warnings, Vec::<String>::new(), "{what}");
        assert_eq!((report.frames, report.sip_messages), (frames, 3), "{what}");
        for (number, packet) in packets.iter().enumerate() {
            assert_eq!(packet.bytes, messages[number], "{what}");
            assert_eq!((packet.at, packet.place.frame), stamps[number], "{what}");
            assert_eq!((packet.source, packet.destination), (a, b), "{what}");
            assert_eq!(packet.transport, transport, "{what}");
        }
    }
}

#[test]
fn every_container_link_wrap_and_transport_gives_the_same_packets() {
    for transport in [Transport::Udp, Transport::Tcp] {
        for link in LINKS {
            for container in CONTAINERS {
                for packed in [false, true] {
                    same_packets(container, packed, link, Wrap::Plain, transport);
                }
            }
            for wrap in WRAPS {
                same_packets(PCAP, false, link, wrap, transport);
                same_packets(PCAPNG, true, link, wrap, transport);
            }
        }
    }
}

/// What may carry a SIP message besides a datagram and a segment of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carrier {
    Hep2,
    Hep3(Packing),
    Hep3Tcp(Packing),
    WebSocket { masked: bool, upgraded: bool },
    WebSocketFragments,
}

const CARRIERS: [Carrier; 11] = [
    Carrier::Hep2,
    Carrier::Hep3(Packing::Plain),
    Carrier::Hep3(Packing::Zlib),
    Carrier::Hep3(Packing::Gzip),
    Carrier::Hep3Tcp(Packing::Plain),
    Carrier::Hep3Tcp(Packing::Gzip),
    Carrier::WebSocket {
        masked: true,
        upgraded: true,
    },
    Carrier::WebSocket {
        masked: true,
        upgraded: false,
    },
    Carrier::WebSocket {
        masked: false,
        upgraded: true,
    },
    Carrier::WebSocket {
        masked: false,
        upgraded: false,
    },
    Carrier::WebSocketFragments,
];

const MASK: [u8; 4] = [0xde, 0xad, 0xbe, 0xef];

impl Carrier {
    fn copies(self) -> bool {
        matches!(self, Carrier::Hep2 | Carrier::Hep3(_) | Carrier::Hep3Tcp(_))
    }

    fn over_udp(self) -> bool {
        matches!(self, Carrier::Hep2 | Carrier::Hep3(_))
    }

    fn payload(self, hep: &Hep<'_>) -> Vec<u8> {
        match self {
            Carrier::Hep2 => hep.v2(false),
            Carrier::Hep3(packing) | Carrier::Hep3Tcp(packing) => Hep { packing, ..*hep }.v3(),
            Carrier::WebSocket { masked, .. } => {
                websocket::message(masked.then_some(MASK), hep.payload)
            }
            Carrier::WebSocketFragments => fragmented(Some(MASK), hep.payload, 41),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    /// The times and addresses are those that HEP says, or else those of the frames.
    #[test]
    fn every_carrier_gives_the_same_packets(
        kinds in proptest::collection::vec((any::<bool>(), 0_i64..10_000_000), 1..6),
        v6 in any::<bool>(),
        size in 1_usize..900,
        wrap in proptest::sample::select(&WRAPS[..]),
        link in proptest::sample::select(&LINKS[..]),
    ) {
        let (a, b) = match v6 {
            true => (address("[2001:db8::1]:40000"), address("[2001:db8::2]:5080")),
            false => (address("192.0.2.1:40000"), address("198.51.100.9:5080")),
        };
        let (agent, collector) = (address("10.0.0.1:7000"), address("10.0.0.2:9060"));
        let messages: Vec<_> = kinds
            .iter()
            .enumerate()
            .map(|(number, (is_request, _))| match is_request {
                true => request(number),
                false => response(number),
            })
            .collect();
        for carrier in CARRIERS {
            let ends = if carrier.copies() { (agent, collector) } else { (a, b) };
            let mut ips = Vec::new();
            let mut stream = Vec::new();
            if let Carrier::WebSocket { upgraded: true, .. } | Carrier::WebSocketFragments = carrier {
                stream.extend(websocket::ASKED);
            }
            for (message, (_, time)) in messages.iter().zip(&kinds) {
                let hep = Hep {
                    at: at(-*time),
                    source: a,
                    destination: b,
                    protocol: 17,
                    kind: 1,
                    packing: Packing::Plain,
                    payload: message,
                };
                let payload = carrier.payload(&hep);
                if carrier.over_udp() {
                    ips.push(udp(ends.0, ends.1, &payload));
                } else {
                    stream.extend(payload);
                }
            }
            let mut sequence = u32::MAX - 100;
            for part in stream.chunks(size) {
                ips.push(tcp(ends.0, ends.1, sequence, Flag::Data, part));
                sequence = sequence.wrapping_add(part.len() as u32);
            }
            let mut writer = Writer::new(PCAPNG, link.number());
            let mut times = vec![];
            for (number, ip) in ips.iter().enumerate() {
                for packet in wrap.packets(ip, number as u16) {
                    times.push(at(1000 * times.len() as i64));
                    writer.frame(*times.last().unwrap(), &link.frame(&packet));
                }
            }
            let (packets, report) = read(&writer.bytes);
            let what = format!("{carrier:?} {wrap:?} {link:?} {size}");
            prop_assert_eq!(report.warnings, Vec::<String>::new(), "{}", what);
            let bytes: Vec<_> = packets.iter().map(|it| it.bytes.to_vec()).collect();
            prop_assert_eq!(&bytes, &messages, "{}", what);
            for (packet, (_, time)) in packets.iter().zip(&kinds) {
                let (expected, transport) = if carrier.copies() {
                    (at(-*time), Transport::Udp)
                } else {
                    (times[packet.place.frame as usize - 1], Transport::Ws)
                };
                prop_assert_eq!(packet.at, expected, "{}", what);
                prop_assert_eq!(packet.transport, transport, "{}", what);
                prop_assert_eq!((packet.source, packet.destination), (a, b), "{}", what);
            }
        }
    }
}

fn datagram(number: usize) -> Vec<u8> {
    Link::Raw.frame(&udp(
        address("192.0.2.1:5060"),
        address("192.0.2.2:5060"),
        &request(number),
    ))
}

#[test]
fn nanoseconds_are_kept() {
    let precise = at(0) + jiff::SignedDuration::from_nanos(123_456_789);
    for big_endian in [false, true] {
        for container in [
            Container::Pcap {
                big_endian,
                nanoseconds: true,
            },
            Container::PcapNg {
                big_endian,
                nanoseconds: true,
            },
        ] {
            let mut writer = Writer::new(container, 101);
            writer.frame(precise, &datagram(1));
            assert_eq!(read(&writer.bytes).0[0].at, precise);
        }
    }
}

#[test]
fn a_file_cut_anywhere_gives_the_frames_before_the_cut() {
    for container in CONTAINERS {
        let mut writer = Writer::new(container, 101);
        let mut ends = vec![writer.bytes.len()];
        for number in 1..=3 {
            writer.frame(at(0), &datagram(number));
            ends.push(writer.bytes.len());
        }
        for length in 4..writer.bytes.len() {
            let (packets, report) = read(&writer.bytes[..length]);
            let whole = ends.iter().skip(1).filter(|end| **end <= length).count();
            assert_eq!(packets.len(), whole, "{container:?} cut at {length}");
            // A cut between two blocks or frames cannot be told from the end.
            let tidy = report.warnings.is_empty();
            assert!(
                !tidy || length % 4 == 0 || ends.contains(&length),
                "{container:?} {length}"
            );
            for warning in &report.warnings {
                assert!(warning.starts_with("cut "), "{warning}");
            }
        }
    }
    let mut writer = Writer::new(PCAP, 101);
    writer.frame(at(0), &datagram(1));
    writer.frame(at(0), &datagram(2));
    let cut = &writer.bytes[..writer.bytes.len() - 1];
    assert_eq!(
        read(cut).1.warnings,
        ["cut in frame 2: the frames before it were read"]
    );
    let cut = &writer.bytes[..23];
    assert_eq!(
        read(cut).1.warnings,
        ["cut before its first frame ends: nothing to read"]
    );
}

#[test]
fn a_length_that_cannot_be_ends_the_reading_within_bounds() {
    for container in [PCAP, PCAPNG] {
        let mut writer = Writer::new(container, 101);
        writer.frame(at(0), &datagram(1));
        let word = u32::to_le_bytes(2_000_000_001);
        writer.bytes.extend(word.repeat(2000));
        let (packets, report) = read(&writer.bytes);
        assert_eq!(packets.len(), 1);
        assert_eq!(
            report.warnings,
            ["damaged at frame 2: only the frames before it were read"]
        );
    }
}

#[test]
fn pcapng_interfaces_have_their_own_link_and_clock() {
    for big_endian in [false, true] {
        let mut writer = Writer::new(
            Container::PcapNg {
                big_endian,
                nanoseconds: false,
            },
            101,
        );
        let hour: i64 = 3600;
        let offset = if big_endian {
            hour.to_be_bytes()
        } else {
            hour.to_le_bytes()
        };
        writer.interface(1, &[(9, vec![0x80 | 20])]);
        writer.interface(113, &[(9, vec![3]), (14, offset.to_vec())]);
        let ip = udp(
            address("192.0.2.1:5060"),
            address("192.0.2.2:5060"),
            &request(1),
        );
        let second = u64::try_from(at(0).as_second()).unwrap();
        writer.enhanced(0, second * 1_000_000, &ip);
        writer.enhanced(1, (second << 20) + (1 << 19), &Link::Ethernet.frame(&ip));
        writer.enhanced(2, second * 1000 + 7, &Link::CookedV1.frame(&ip));
        writer.enhanced(9, 0, &ip);
        writer.block(0x0bad_cafe, &[0; 40]);
        writer.section();
        writer.interface(0, &[]);
        writer.enhanced(0, second * 1_000_000, &Link::BsdNull.frame(&ip));
        let (packets, report) = read(&writer.bytes);
        let times: Vec<_> = packets.iter().map(|it| it.at).collect();
        let expected = [at(0), at(500_000), at(3_600_007_000), at(0)];
        assert_eq!(times, expected);
        assert_eq!(packets[3].place.frame, 5);
        assert_eq!(
            report.warnings,
            ["1 frame skipped, the first is 4: of an interface that the file does not describe"],
        );
    }
}

#[test]
fn sections_may_differ_in_byte_order() {
    let mut writer = Writer::new(PCAPNG, 101);
    writer.frame(at(0), &datagram(1));
    let mut other = Writer::new(
        Container::PcapNg {
            big_endian: true,
            nanoseconds: false,
        },
        101,
    );
    other.frame(at(1), &datagram(2));
    let (packets, report) = read(&[writer.bytes, other.bytes].concat());
    assert_eq!(
        packets.iter().map(|it| it.at).collect::<Vec<_>>(),
        [at(0), at(1)]
    );
    assert!(report.warnings.is_empty());
}

#[test]
fn a_simple_packet_has_the_time_of_the_one_before() {
    let mut writer = Writer::new(PCAPNG, 101);
    writer.frame(at(5), &datagram(1));
    writer.simple(&datagram(2));
    let (packets, report) = read(&writer.bytes);
    assert_eq!(
        (packets[1].at, packets[1].bytes.to_vec()),
        (at(5), request(2))
    );
    assert_eq!(
        report.warnings,
        ["1 frame without a time, the first is 2: each was given that of the frame before"],
    );
}

#[test]
fn a_block_that_contradicts_itself_costs_only_itself() {
    let mut writer = Writer::new(PCAPNG, 101);
    let from = writer.bytes.len();
    writer.frame(at(0), &datagram(1));
    writer.frame(at(0), &datagram(2));
    // More captured than the block holds.
    writer.bytes[from + 20..from + 24].copy_from_slice(&50_000_u32.to_le_bytes());
    let (packets, report) = read(&writer.bytes);
    assert_eq!(packets.len(), 1);
    assert_eq!(report.frames, 2);
    assert_eq!(
        report.warnings,
        ["1 damaged block skipped, the first at frame 1"]
    );
}

#[test]
fn a_huge_block_is_passed_over() {
    let mut writer = Writer::new(PCAPNG, 101);
    writer.block(0x0bad_cafe, &vec![7; 20 * 1024 * 1024]);
    writer.frame(at(0), &datagram(1));
    let (packets, report) = read(&writer.bytes);
    assert_eq!(packets.len(), 1);
    assert_eq!(
        report.warnings,
        ["1 oversized block skipped, the first before frame 1"]
    );
}
