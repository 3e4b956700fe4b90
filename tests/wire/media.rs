//! RTP and RTCP, counted.

use std::path::Path;

use calltriage::wire::media::rtcp::Rtcp;
use calltriage::wire::media::rtp::{MediaKind, RtpHeader, kind};
use calltriage::wire::media::{Collector, MediaPacket, MediaStream, PayloadCount, Wanted};

use crate::support::media::{always, at, of_capture, receiver_report, rtp, sender_report};

pub(super) const PHONE: &str = "198.51.100.10:4000";
pub(super) const RELAY: &str = "192.0.2.5:5000";

/// One datagram: microseconds, source, destination, bytes.
pub(super) type Sent<'a> = (i64, &'a str, &'a str, Vec<u8>);

fn push(collector: &mut Collector, file: u32, sent: &[Sent<'_>]) {
    for (micros, source, destination, payload) in sent {
        collector.push(&MediaPacket {
            at: at(*micros),
            file,
            source: source.parse().unwrap(),
            destination: destination.parse().unwrap(),
            payload,
            missing: 0,
        });
    }
}

pub(super) fn collect(sent: &[Sent<'_>]) -> Vec<MediaStream> {
    let mut collector = Collector::new([always(RELAY)]);
    push(&mut collector, 0, sent);
    collector.finish()
}

/// Sound from the phone to the relay, a packet each 20 ms.
fn sound(sequences: impl IntoIterator<Item = u16>) -> Vec<Sent<'static>> {
    let packets = sequences.into_iter().enumerate();
    packets
        .map(|(at, sequence)| {
            let at = i64::try_from(at).unwrap();
            let timestamp = 160 * u32::from(sequence);
            (20_000 * at, PHONE, RELAY, rtp(0, sequence, timestamp, 7))
        })
        .collect()
}

fn one(sent: &[Sent<'_>]) -> MediaStream {
    let mut streams = collect(sent);
    assert_eq!(streams.len(), 1);
    streams.remove(0)
}

#[test]
fn the_example_counts_as_tshark_counts_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/captures/with-media.pcap");
    let (packets, streams) = of_capture(&path);
    let began = packets[0].at.as_microsecond();
    let seen: Vec<String> = streams
        .iter()
        .map(|s| {
            format!(
                "{} > {} 0x{:08X} {} packets of type {}, {} of {} lost, longest gap {}, jitter \
                 mean {} max {}; {} to {} µs",
                s.source,
                s.destination,
                s.ssrc,
                s.packets,
                s.payload_types[0].payload_type,
                s.lost,
                s.expected,
                s.longest_gap,
                s.jitter_mean,
                s.jitter_max,
                s.first.as_microsecond() - began,
                s.last.as_microsecond() - began,
            )
        })
        .collect();
    // tshark -q -z rtp,streams: 75 packets each, none lost, max delta 23.181 and 22.259 ms, mean
    // jitter 0.922 and 0.888 ms, max jitter 1.146 and 1.144 ms.
    assert_eq!(
        seen,
        [
            "203.0.113.9:10008 > 198.51.100.10:10008 0x2D678A63 75 packets of type 0, 0 of 75 lost, \
             longest gap 23181, jitter mean 922 max 1146; 7350 to 1483093 µs",
            "198.51.100.10:10008 > 203.0.113.9:10008 0x754E04F3 75 packets of type 0, 0 of 75 lost, \
             longest gap 22259, jitter mean 888 max 1144; 8487 to 1485719 µs",
        ]
    );
}

#[test]
fn header_with_csrc_extension_and_padding() {
    let plain = rtp(8, 513, 0x01020304, 0xdead_beef);
    let header = RtpHeader::parse(&plain, 0).unwrap();
    assert_eq!(
        (
            header.payload_type,
            header.marker,
            header.sequence,
            header.timestamp,
            header.ssrc
        ),
        (8, false, 513, 0x0102_0304, 0xdead_beef)
    );
    assert_eq!(header.payload_bytes, 160);
    let mut full = plain.clone();
    full[0] = 0x80 | 0x20 | 0x10 | 2;
    full[1] |= 0x80;
    let extra = [&[9; 8][..], &[0xbe, 0xde, 0, 1, 5, 5, 5, 5]].concat();
    full.splice(12..12, extra);
    *full.last_mut().unwrap() = 4;
    let header = RtpHeader::parse(&full, 0).unwrap();
    assert!(header.marker);
    assert_eq!((header.payload_type, header.payload_bytes), (8, 156));
    // Padding that is longer than the packet, an extension that reaches past it.
    *full.last_mut().unwrap() = 250;
    assert_eq!(RtpHeader::parse(&full, 0), None);
    full[22] = 9;
    assert_eq!(RtpHeader::parse(&full, 0), None);
    // Of a packet cut short the rest is believed to be there.
    assert_eq!(
        RtpHeader::parse(&plain[..12], 160).unwrap().payload_bytes,
        160
    );
    assert_eq!(RtpHeader::parse(&plain[..11], 161), None);
}

#[test]
fn rtp_and_rtcp_are_told_apart_and_from_the_rest() {
    assert_eq!(kind(&rtp(0, 1, 1, 1)), Some(MediaKind::Rtp));
    assert_eq!(kind(&rtp(0x80 | 8, 1, 1, 1)), Some(MediaKind::Rtp));
    assert_eq!(kind(&rtp(63, 1, 1, 1)), Some(MediaKind::Rtp));
    assert_eq!(kind(&sender_report(1, &[])), Some(MediaKind::Rtcp));
    assert_eq!(kind(&receiver_report(1, &[])), Some(MediaKind::Rtcp));
    // STUN, DTLS, ZRTP, too short.
    for other in [
        &[0, 1, 0, 0, 0, 0, 0, 0][..],
        &[22, 254, 253, 0, 0, 0, 0, 0],
        &[0x10; 20],
        &[0x80, 0, 0],
    ] {
        assert_eq!(kind(other), None);
    }
}

#[test]
fn a_compound_report() {
    let bytes = [
        sender_report(1, &[(2, 26, 100, 80), (3, 0, -1, 0)]),
        vec![0x81, 202, 0, 2, 0, 0, 0, 1, 1, 1, b'x', 0],
        vec![0x81, 203, 0, 1, 0, 0, 0, 1],
    ]
    .concat();
    let rtcp = Rtcp::parse(&bytes, 0).unwrap();
    assert_eq!(
        (rtcp.sender_reports, rtcp.receiver_reports, rtcp.byes),
        (1, 0, 1)
    );
    let blocks: Vec<_> = rtcp
        .blocks
        .iter()
        .map(|b| {
            (
                b.ssrc,
                b.fraction_lost,
                b.cumulative_lost,
                b.jitter,
                b.highest_sequence,
            )
        })
        .collect();
    assert_eq!(blocks, [(2, 26, 100, 80, 4000), (3, 0, -1, 0, 4000)]);
    // Cut behind its first report, that one is read.
    let first = sender_report(1, &[(2, 26, 100, 80)]).len() + 24;
    assert_eq!(
        Rtcp::parse(&bytes[..first + 4], bytes.len() - first - 4)
            .unwrap()
            .byes,
        0
    );
    assert_eq!(Rtcp::parse(&bytes[..first - 4], 400), None);
}

#[test]
fn encrypted_or_damaged_reports_are_not_read() {
    let srtcp = [receiver_report(1, &[(2, 255, 9, 9)]), vec![0x13; 14]].concat();
    assert_eq!(Rtcp::parse(&srtcp, 0), None);
    let mut short = receiver_report(1, &[(2, 0, 0, 0)]);
    short[0] = 0x80 | 31;
    assert_eq!(Rtcp::parse(&short, 0), None);
    let relayed = one(&[
        (0, PHONE, RELAY, rtp(0, 1, 1, 1)),
        (9, PHONE, "192.0.2.5:5001", srtcp),
    ]);
    assert_eq!(
        (
            relayed.rtcp.packets,
            relayed.rtcp.unreadable,
            relayed.rtcp.blocks
        ),
        (1, 1, 0)
    );
}

#[test]
fn plain_sound() {
    let stream = one(&sound(100..200));
    assert_eq!(
        (stream.packets, stream.expected, stream.lost),
        (100, 100, 0)
    );
    assert_eq!(
        (stream.jitter_max, stream.clock_rate, stream.clock_assumed),
        (0, 8000, false)
    );
    assert_eq!(stream.longest_gap, 20_000);
    assert_eq!((stream.first, stream.last), (at(0), at(99 * 20_000)));
    assert_eq!(
        stream.payload_types,
        [PayloadCount {
            payload_type: 0,
            packets: 100
        }]
    );
    assert_eq!((stream.ssrc, stream.ssrc_changes, stream.resets), (7, 0, 0));
}

#[test]
fn loss_over_a_wrap() {
    let numbers = (65_500..=u16::MAX).chain(0..64).filter(|n| n % 10 != 5);
    let stream = one(&sound(numbers));
    assert_eq!(
        (stream.packets, stream.expected, stream.lost),
        (90, 100, 10)
    );
}

#[test]
fn out_of_order_and_twice() {
    let stream = one(&sound([10, 12, 11, 13, 14, 14, 15, 9]));
    assert_eq!((stream.packets, stream.expected, stream.lost), (7, 7, 0));
    // The second 14 came 20 ms after the first: two taps. See below for one that came later.
    assert_eq!(
        (
            stream.reordered,
            stream.capture_duplicates,
            stream.duplicates
        ),
        (2, 1, 0)
    );
}

#[test]
fn recorded_by_two_taps() {
    let mut sent = sound(0..50);
    let copies: Vec<_> = sent
        .iter()
        .map(|(at, s, d, p)| (at + 300, *s, *d, p.clone()))
        .collect();
    sent.extend(copies);
    sent.sort_by_key(|sent| sent.0);
    let stream = one(&sent);
    assert_eq!(
        (stream.packets, stream.capture_duplicates, stream.duplicates),
        (50, 50, 0)
    );
    assert_eq!((stream.lost, stream.jitter_max), (0, 0));
    // The same number later than 50 ms was sent again.
    let mut sent = sound(0..50);
    sent.push((60_000 + 49 * 20_000, PHONE, RELAY, rtp(0, 49, 49 * 160, 7)));
    let stream = one(&sent);
    assert_eq!(
        (
            stream.packets,
            stream.duplicates,
            stream.expected,
            stream.lost
        ),
        (51, 1, 50, 0)
    );
}

#[test]
fn recorded_in_two_files() {
    let mut collector = Collector::new([always(RELAY)]);
    push(&mut collector, 0, &sound(0..50));
    push(&mut collector, 1, &sound(0..49));
    let streams = collector.finish();
    assert_eq!(streams.len(), 1);
    assert_eq!(
        (streams[0].packets, streams[0].capture_duplicates),
        (50, 49)
    );
    // One file goes on where the other ends.
    let mut collector = Collector::new([always(RELAY)]);
    let sent = sound(0..100);
    push(&mut collector, 0, &sent[..60]);
    push(&mut collector, 1, &sent[60..]);
    let streams = collector.finish();
    assert_eq!(
        (streams.len(), streams[0].packets, streams[0].expected),
        (1, 100, 100)
    );
    // And where they overlap, each packet counts once.
    let mut collector = Collector::new([always(RELAY)]);
    push(&mut collector, 0, &sent[..60]);
    push(&mut collector, 1, &sent[40..]);
    let streams = collector.finish();
    assert_eq!(
        (streams.len(), streams[0].packets, streams[0].expected),
        (1, 100, 100)
    );
    assert_eq!((streams[0].capture_duplicates, streams[0].lost), (20, 0));
}

#[test]
fn numbers_that_begin_anew() {
    let stream = one(&sound((100..150).chain(30_000..30_050)));
    assert_eq!(
        (stream.packets, stream.expected, stream.lost, stream.resets),
        (100, 100, 0, 1)
    );
    // One stray packet is no beginning.
    let stream = one(&sound((100..150).chain([40_000]).chain(150..200)));
    assert_eq!(
        (stream.packets, stream.expected, stream.lost, stream.resets),
        (101, 100, 0, 0)
    );
}

#[test]
fn another_source_takes_over() {
    let mut sent = sound(0..50);
    for n in 0..50_u16 {
        let micros = 1_000_000 + 20_000 * i64::from(n);
        sent.push((
            micros,
            PHONE,
            RELAY,
            rtp(0, 9000 + n, u32::from(n) * 160, 8),
        ));
    }
    let stream = one(&sent);
    assert_eq!(
        (stream.packets, stream.expected, stream.lost),
        (100, 100, 0)
    );
    assert_eq!(
        (stream.ssrc, stream.ssrc_changes, stream.jitter_max),
        (8, 1, 0)
    );
    // Many of them are told, not kept.
    let many: Vec<Sent<'_>> = (0..1000_u16)
        .map(|n| (i64::from(n), PHONE, RELAY, rtp(0, n, 0, u32::from(n))))
        .collect();
    let stream = one(&many);
    assert_eq!(
        (stream.packets, stream.expected, stream.ssrc_changes),
        (1000, 1000, 999)
    );
}

#[test]
fn jitter_grows_by_a_sixteenth() {
    let mut sent = sound(0..3);
    sent[2].0 += 16_000;
    let stream = one(&sent);
    assert_eq!(
        (stream.jitter_last, stream.jitter_max, stream.jitter_mean),
        (1000, 1000, 500)
    );
    assert_eq!(stream.longest_gap, 36_000);
    assert_eq!(stream.longest_gap_from, Some(at(20_000)));
}

#[test]
fn a_dynamic_type_that_nothing_explains_is_estimated() {
    let sent: Vec<Sent<'_>> = (0..10_u16)
        .map(|n| {
            (
                20_000 * i64::from(n),
                PHONE,
                RELAY,
                rtp(96, n, 160 * u32::from(n), 7),
            )
        })
        .collect();
    let stream = one(&sent);
    assert!(stream.clock_assumed);
    assert_eq!(stream.jitter_max, 0);
}

#[test]
fn events_are_counted_and_keep_no_digit() {
    let mut sent = sound(0..10);
    // Two digits of three packets each, the last of each sent three times as RFC 4733 wants.
    for (n, timestamp) in [
        (10, 1600),
        (11, 1600),
        (12, 1600),
        (13, 1600),
        (14, 1600),
        (15, 8000),
        (16, 8000),
        (17, 8000),
    ] {
        let mut event = rtp(101, n, timestamp, 7);
        event.truncate(12);
        event.extend([5, 0x80, 3, 32]);
        sent.push((20_000 * i64::from(n), PHONE, RELAY, event));
    }
    let stream = one(&sent);
    assert_eq!(
        (
            stream.events,
            stream.packets,
            stream.lost,
            stream.jitter_max
        ),
        (2, 18, 0, 0)
    );
    let kept = serde_json::to_value(&stream).unwrap();
    assert_eq!(kept["events"], 2);
    let back: MediaStream = serde_json::from_value(kept).unwrap();
    assert_eq!(back, stream);
}

#[test]
fn silences_tell_what_came_after_and_before() {
    let mut sent = sound(0..100);
    for packet in &mut sent[50..] {
        packet.0 += 6_000_000;
    }
    let stream = one(&sent);
    assert_eq!(stream.longest_gap, 6_020_000);
    let (before, after) = (at(49 * 20_000), at(50 * 20_000 + 6_000_000));
    assert_eq!(
        (stream.silences[0].from, stream.silences[0].to),
        (before, after)
    );
    assert_eq!(stream.first_after(at(3_000_000)), Some(after));
    assert_eq!(stream.last_before(at(3_000_000)), Some(before));
    assert_eq!(stream.first_after(at(-9)), Some(at(0)));
    assert_eq!(stream.last_before(at(-9)), None);
    assert_eq!(stream.first_after(at(99_000_000)), None);
    assert_eq!(stream.last_before(at(99_000_000)), Some(stream.last));
}

#[test]
fn reports_belong_to_the_stream_of_who_sent_them() {
    let mut sent = sound(0..10);
    sent.push((300_000, RELAY, PHONE, rtp(0, 1, 1, 9)));
    sent.push((
        310_000,
        "192.0.2.5:5001",
        "198.51.100.10:4001",
        receiver_report(9, &[(7, 30, 12, 400)]),
    ));
    // Muxed on the same port.
    sent.push((320_000, RELAY, PHONE, sender_report(9, &[(7, 10, 15, 100)])));
    let streams = collect(&sent);
    assert_eq!(streams.len(), 2);
    let (there, back) = (&streams[0], &streams[1]);
    assert_eq!((there.packets, there.rtcp.packets), (10, 0));
    assert_eq!(
        (back.packets, back.rtcp.packets, back.rtcp.blocks),
        (1, 2, 2)
    );
    assert_eq!(
        (
            back.rtcp.worst_fraction_lost,
            back.rtcp.cumulative_lost,
            back.rtcp.worst_jitter
        ),
        (30, 15, 400)
    );
}

#[test]
fn only_what_is_wanted_while_it_is() {
    assert!(collect(&[(0, PHONE, "192.0.2.5:5002", rtp(0, 1, 1, 1))]).is_empty());
    assert!(
        collect(&[
            (0, PHONE, RELAY, vec![0x80; 5]),
            (1, PHONE, RELAY, vec![0x8f; 20])
        ])
        .is_empty()
    );
    // Two calls on one port, one after the other, and one that began before both.
    let span = |from: i64, to: i64, answered: i64| Wanted {
        from: at(from),
        to: at(to),
        answered: Some(at(answered)),
        ..always(RELAY)
    };
    let mut collector =
        Collector::new([span(500, 900, 600), span(0, 400, 100), span(950, 5000, 950)]);
    let sent: Vec<Sent<'_>> = (0..10_u16)
        .map(|n| (100 * i64::from(n), PHONE, RELAY, rtp(0, n, 0, 7)))
        .collect();
    push(&mut collector, 0, &sent);
    let streams: Vec<_> = collector
        .finish()
        .iter()
        .map(|s| (s.packets, s.early, s.first))
        .collect();
    assert_eq!(streams, [(5, 1, at(0)), (5, 1, at(500))]);
}

#[test]
fn nothing_in_a_packet_stops_the_count() {
    let mut collector = Collector::new([always(RELAY)]);
    let mut seed = 1_u32;
    let mut byte = || {
        seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        (seed >> 16) as u8
    };
    let sent: Vec<Sent<'_>> = (0..5000)
        .map(|n| {
            let length = usize::from(byte()) % 80;
            let mut bytes: Vec<u8> = (0..length).map(|_| byte()).collect();
            if let Some(first) = bytes.first_mut() {
                *first |= 0x80;
            }
            (n * 7, PHONE, RELAY, bytes)
        })
        .collect();
    push(&mut collector, 0, &sent);
    for stream in collector.finish() {
        assert!(stream.lost <= stream.expected);
    }
}
