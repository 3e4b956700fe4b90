//! Fragments make one packet in whatever order and however often they come; what is missing or
//! contradicts itself is said, and what never ends stays bounded.

use proptest::prelude::*;

use super::{address, at, read, request};
use crate::support::capture_writer::{PCAP, Writer, fragment, fragments, udp};

/// A large request over UDP; IPv6 where asked.
fn sent(v6: bool, number: usize) -> Vec<u8> {
    let (a, b) = if v6 {
        ("[2001:db8::1]:5060", "[2001:db8::2]:5060")
    } else {
        ("192.0.2.1:5060", "192.0.2.2:5060")
    };
    udp(address(a), address(b), &request(number))
}

fn payload_length(ip: &[u8]) -> usize {
    ip.len() - if ip[0] >> 4 == 6 { 40 } else { 20 }
}

/// One packet a frame, one frame a microsecond.
fn capture<T: AsRef<[u8]>>(packets: impl IntoIterator<Item = T>) -> Vec<u8> {
    let mut writer = Writer::new(PCAP, 101);
    for (number, packet) in packets.into_iter().enumerate() {
        writer.ip(at(number as i64 + 1), packet.as_ref());
    }
    writer.bytes
}

/// Frame and bytes of each message, and the warnings.
fn messages<T: AsRef<[u8]>>(
    packets: impl IntoIterator<Item = T>,
) -> (Vec<(u32, Vec<u8>)>, Vec<String>) {
    let (packets, report) = read(&capture(packets));
    let told = packets.into_iter().map(|it| {
        assert_eq!(it.at, at(i64::from(it.place.frame)));
        (it.place.frame, it.bytes.to_vec())
    });
    (told.collect(), report.warnings)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_order_repetition_and_overlap(
        v6 in any::<bool>(),
        // Where fragments begin and how long they are, in units of eight bytes.
        extra in proptest::collection::vec((any::<prop::sample::Index>(), 1_usize..30), 0..12),
        size in 1_usize..40,
        seed in any::<u64>(),
    ) {
        let ip = sent(v6, 3);
        let length = payload_length(&ip);
        let mut ranges: Vec<_> = (0..length)
            .step_by(size * 8)
            .map(|from| (from, length.min(from + size * 8)))
            .collect();
        for (from, units) in extra {
            let from = from.index(length / 8) * 8;
            ranges.push((from, length.min(from + units * 8)));
        }
        let count = ranges.len();
        for at in 0..count {
            let other = (seed.rotate_left(at as u32 * 7) % count as u64) as usize;
            ranges.swap(at, other);
        }
        if ranges.contains(&(0, length)) {
            // The whole packet needs no other.
            return Ok(());
        }
        let mut there = vec![false; length];
        let whole_at = ranges
            .iter()
            .position(|(from, to)| {
                there[*from..*to].fill(true);
                there.iter().all(|it| *it)
            })
            .unwrap();
        let (found, warnings) = messages(ranges.iter().map(|(from, to)| fragment(&ip, 7, *from, *to)));
        prop_assert_eq!(&found[0], &(whole_at as u32 + 1, request(3)));
        for (_, bytes) in &found {
            prop_assert_eq!(bytes, &request(3));
        }
        prop_assert_eq!(warnings, Vec::<String>::new());
    }
}

#[test]
fn copies_of_all_fragments_are_copies_of_the_message() {
    let parts = fragments(&sent(false, 3), 7, 200);
    let (found, warnings) = messages(parts.iter().chain(&parts));
    let count = u32::try_from(parts.len()).unwrap();
    assert_eq!(found, [(count, request(3)), (2 * count, request(3))]);
    assert!(warnings.is_empty());
    // Two capture points in turns: the copies cannot be told from repetitions.
    let (found, warnings) = messages(parts.iter().flat_map(|it| [it, it]));
    assert_eq!(found, [(2 * count - 1, request(3))]);
    assert!(warnings.is_empty());
}

#[test]
fn a_number_used_again_is_another_packet() {
    let first = fragments(&sent(false, 3), 7, 200);
    let second = fragments(&sent(false, 4), 7, 200);
    // A stray copy of the first one's end stands between.
    let stray = first.last().unwrap();
    let at_once = first.iter().chain([stray]).chain(second.iter().rev());
    let mut later = Writer::new(PCAP, 101);
    for (number, part) in first.iter().chain([stray]).chain(&second).enumerate() {
        let wait = if number > first.len() { 1_100_000 } else { 0 };
        later.ip(at(wait), part);
    }
    for bytes in [capture(at_once), later.bytes] {
        let (packets, report) = read(&bytes);
        let bytes: Vec<_> = packets.iter().map(|it| it.bytes.to_vec()).collect();
        assert_eq!(bytes, [request(3), request(4)]);
        assert!(report.warnings.is_empty());
    }
}

#[test]
fn a_message_of_which_fragments_are_missing_is_shown_as_far_as_it_goes() {
    for v6 in [false, true] {
        let ip = sent(v6, 3);
        let parts = fragments(&ip, 7, 200);
        let said = "1 fragmented packet of which fragments are missing from the capture, the first at frame";
        let (found, warnings) = messages(&parts[..1]);
        assert_eq!(found, [(1, request(3)[..192].to_vec())]);
        assert_eq!(
            warnings,
            [format!("{said} 1: a message is shown as far as it goes")]
        );
        // The later ones have no ports and are not taken for any.
        let (found, warnings) = messages(&parts[1..]);
        assert!(found.is_empty());
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].starts_with(said));
    }
}

#[test]
fn a_fragment_cut_by_the_snap_length_is_not_whole() {
    let parts = fragments(&sent(false, 3), 7, 200);
    let mut writer = Writer::new(PCAP, 101);
    for part in &parts {
        writer.frame(at(0), &part[..part.len().min(100)]);
    }
    let (packets, report) = read(&writer.bytes);
    assert_eq!(packets[0].bytes, request(3)[..100 - 28]);
    assert_eq!((packets.len(), report.warnings.len()), (1, 1));
}

#[test]
fn contradicting_fragments_make_no_message() {
    let ip = sent(false, 3);
    let mut other = ip.clone();
    other[240] ^= 1;
    let length = payload_length(&ip);
    let shorter = &ip[..ip.len() - 9];
    let contradictions = [
        vec![fragment(&ip, 7, 0, 240), fragment(&other, 7, 200, length)],
        vec![fragment(&ip, 7, 200, length), fragment(&other, 7, 0, 240)],
        vec![
            fragment(&ip, 7, 240, length),
            fragment(shorter, 7, 240, length - 9),
        ],
        vec![
            fragment(&ip, 7, 160, 240),
            fragment(&ip[..20 + 200], 7, 8, 200),
        ],
        vec![
            fragment(shorter, 7, 240, length - 9),
            fragment(&ip, 7, 200, length - 1),
        ],
    ];
    for fragments in contradictions {
        let (found, warnings) = messages(fragments.iter().chain([&fragment(&ip, 7, 0, 200)]));
        assert!(found.is_empty());
        assert_eq!(
            warnings,
            [
                "1 fragmented packet of which fragments contradict one another, the first at frame 2: no message is made of it"
            ]
        );
    }
}

#[test]
fn a_packet_longer_than_any_can_be_is_refused() {
    let ip = sent(false, 3);
    let mut last = fragment(&ip, 7, 200, payload_length(&ip));
    last[6..8].copy_from_slice(&[0x1f, 0xff]);
    let (found, warnings) = messages([fragment(&ip, 7, 0, 200), last]);
    assert!(found.is_empty());
    assert!(warnings[0].contains("contradict"));
}

#[test]
fn fragments_are_waited_for_as_long_as_a_receiver_would() {
    let parts = fragments(&sent(false, 3), 7, 200);
    for (seconds, whole) in [
        (0, true),
        (30, true),
        (31, false),
        (-30, true),
        (-31, false),
    ] {
        let mut writer = Writer::new(PCAP, 101);
        writer.ip(at(0), &parts[0]);
        writer.ip(at(seconds * 1_000_000), &parts[1]);
        let (packets, _) = read(&writer.bytes);
        assert_eq!(packets.len(), 1);
        assert_eq!(packets[0].bytes == request(3), whole, "{seconds}");
    }
}

#[test]
fn a_hundred_thousand_half_open_packets_are_bounded() {
    let first = fragment(&sent(true, 3), 0, 0, 200);
    let half_open = (0..100_000_u32).map(|number| {
        let mut packet = first.clone();
        packet[44..48].copy_from_slice(&number.to_be_bytes());
        packet
    });
    let (found, warnings) = messages(half_open);
    assert_eq!(found.len(), 100_000);
    assert_eq!(
        warnings,
        [
            "16384 fragmented packets of which fragments are missing from the capture, the first at frame 83617: a message is shown as far as it goes",
            "83616 unfinished fragmented packets dropped to bound memory, the first at frame 1: a message is shown as far as it goes",
        ]
    );
}

#[test]
fn large_half_open_packets_are_bounded_too() {
    let (a, b) = (address("192.0.2.1:9"), address("192.0.2.2:9"));
    let large = udp(a, b, &vec![b'x'; 60_000]);
    let half_open = (0..1000).map(|id| fragment(&large, id, 8000, 60_008));
    let (found, warnings) = messages(half_open);
    assert!(found.is_empty());
    let held: usize = warnings[0].split(' ').next().unwrap().parse().unwrap();
    assert_eq!(held, 32 * 1024 * 1024 / (52_008 + 64 + 256));
}
