//! Messages over TCP come out whole and once, however they were cut up and in whatever order the
//! segments arrived.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use calltriage::capture::read_stream;
use calltriage::sip::Packet;
use proptest::prelude::*;

use super::{address, at, read, request, response, shown};
use crate::support::capture_writer::{Flag, PCAP, Writer, tcp};
use crate::support::hep::assemble;
use crate::support::{tls, websocket};

fn ends() -> (SocketAddr, SocketAddr) {
    (address("192.0.2.1:40000"), address("192.0.2.2:5060"))
}

/// Segments of one direction: sequence number, flag, bytes. One a microsecond.
fn capture<'a>(segments: impl IntoIterator<Item = (u32, Flag, &'a [u8])>) -> Vec<u8> {
    let (a, b) = ends();
    let mut writer = Writer::new(PCAP, 101);
    for (number, (sequence, flag, bytes)) in segments.into_iter().enumerate() {
        writer.ip(at(number as i64), &tcp(a, b, sequence, flag, bytes));
    }
    writer.bytes
}

/// Frame and bytes of each message, and the warnings.
fn messages<'a>(
    segments: impl IntoIterator<Item = (u32, Flag, &'a [u8])>,
) -> (Vec<(u32, String)>, Vec<String>) {
    let (packets, report) = read(&capture(segments));
    let told = |it: Packet| {
        assert_eq!(it.at, at(i64::from(it.place.frame) - 1));
        (
            it.place.frame,
            String::from_utf8(it.bytes.to_vec()).unwrap(),
        )
    };
    (packets.into_iter().map(told).collect(), report.warnings)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// Splits a stream into segments of these lengths, taken in turns.
fn split<'a>(stream: &'a [u8], lengths: &[usize], start: u32) -> Vec<(u32, Flag, &'a [u8])> {
    let mut segments = Vec::new();
    let mut done = 0;
    for length in lengths.iter().cycle() {
        if done == stream.len() {
            break;
        }
        let end = (done + length).min(stream.len());
        segments.push((
            start.wrapping_add(done as u32),
            Flag::Data,
            &stream[done..end],
        ));
        done = end;
    }
    segments
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_cut_order_and_repetition_gives_the_same_messages(
        start in any::<u32>(),
        kinds in proptest::collection::vec((any::<bool>(), 0_usize..3), 1..12),
        lengths in proptest::collection::vec(1_usize..700, 1..20),
        swaps in proptest::collection::vec((any::<prop::sample::Index>(), 1_usize..16), 0..40),
        repeats in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_usize..400), 0..10),
    ) {
        let mut stream = Vec::new();
        let mut sent = Vec::new();
        for (number, (is_request, keep_alives)) in kinds.iter().enumerate() {
            let message = if *is_request { request(number) } else { response(number) };
            stream.extend(b"\r\n\r\n".repeat(*keep_alives));
            stream.extend(&message);
            sent.push(message);
        }
        let mut segments = split(&stream, &lengths, start.wrapping_add(1));
        for (which, distance) in &swaps {
            let one = which.index(segments.len());
            let other = (one + distance).min(segments.len() - 1);
            segments.swap(one, other);
        }
        for (which, place, more) in &repeats {
            // Repeated from a segment's beginning, and further than it went: an overlap.
            let (sequence, _, _) = segments[which.index(segments.len())];
            let from = sequence.wrapping_sub(start.wrapping_add(1)) as usize;
            let again = &stream[from..(from + 1 + more).min(stream.len())];
            segments.insert(place.index(segments.len()), (sequence, Flag::Data, again));
        }
        segments.insert(0, (start, Flag::Syn, b""));
        let end = start.wrapping_add(1).wrapping_add(stream.len() as u32);
        segments.push((end, Flag::Fin, b""));
        let (packets, report) = read(&capture(segments));
        let got: Vec<_> = packets.into_iter().map(|it| it.bytes.to_vec()).collect();
        prop_assert_eq!(got, sent);
        prop_assert_eq!(report.warnings, Vec::<String>::new());
    }

    #[test]
    fn a_start_in_the_middle_in_any_order_gives_every_whole_message(
        before in 36_usize..200,
        lengths in proptest::collection::vec(20_usize..700, 8..20),
        order in Just((0..8).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let sent: Vec<_> = (0..20).map(request).collect();
        let stream = [&request(99)[before..], &sent.concat()].concat();
        let mut segments = split(&stream, &lengths, 5_000_000);
        let first: Vec<_> = order.iter().map(|at| segments[*at]).collect();
        segments.splice(..8, first);
        let (packets, report) = read(&capture(segments.iter().copied()));
        let mut got: Vec<_> = packets.iter().map(|it| it.bytes.to_vec()).collect();
        got.sort_by_key(|it| sent.iter().position(|sent| sent == it));
        let wrong = got.iter().find(|it| !sent.contains(it)).map(|it| text(it.clone()));
        prop_assert_eq!(wrong, None);
        prop_assert!(got == sent, "{} of {}", got.len(), sent.len());
        prop_assert_eq!(report.warnings, Vec::<String>::new());
    }

    #[test]
    fn lost_segments_never_invent_and_seldom_cost(
        lengths in proptest::collection::vec(1_usize..300, 1..20),
        lost in any::<prop::sample::Index>(),
    ) {
        let sent: Vec<_> = (0..20).map(request).collect();
        let stream = sent.concat();
        let mut segments = split(&stream, &lengths, 7);
        let (sequence, _, bytes) = segments.remove(lost.index(segments.len()));
        let (packets, _) = read(&capture(segments));
        let mut at = 7;
        for message in &sent {
            let touched = at < sequence as usize + bytes.len() && sequence as usize <= at + message.len();
            let came = packets.iter().any(|it| it.bytes == *message);
            prop_assert!(came || touched || at < 7 + lengths[0], "lost {}", text(message.clone()));
            at += message.len();
        }
    }
}

#[test]
fn a_message_bears_the_segment_that_completed_it() {
    let (one, two) = (request(1), response(2));
    let stream = [one.clone(), two.clone()].concat();
    let at = |from: usize| 100 + from as u32;
    let (first, second) = (one.len() - 10, one.len() + 30);
    let parts = [
        (at(0), Flag::Data, &stream[..first]),
        (at(second), Flag::Data, &stream[second..]),
        (at(first), Flag::Data, &stream[first..second]),
    ];
    let (got, _) = messages(parts);
    assert_eq!(got, [(3, text(one)), (3, text(two))]);
}

#[test]
fn keep_alives_and_nonsense_between_messages() {
    let stream = [
        &b"\r\n\r\n"[..],
        &request(1),
        b"\r\n",
        b"nonsense\r\nmore\r\n",
        &response(2),
    ]
    .concat();
    let (got, warnings) = messages([(9, Flag::Syn, &b""[..]), (10, Flag::Data, &stream[..])]);
    assert_eq!(got, [(2, text(request(1))), (2, text(response(2)))]);
    assert_eq!(
        warnings,
        ["1 run of bytes between TCP messages that are not SIP, the first at frame 2"]
    );
}

#[test]
fn a_start_in_the_middle_waits_for_a_start_line() {
    let stream = [&request(4)[80..], &request(5), &response(6)].concat();
    let (got, warnings) = messages(split(&stream, &[50], u32::MAX - 100));
    assert_eq!(
        got.iter().map(|it| it.1.clone()).collect::<Vec<_>>(),
        [text(request(5)), text(response(6))]
    );
    assert!(warnings.is_empty());
}

#[test]
fn a_start_in_the_middle_need_not_begin_with_the_first_segment() {
    let sent: Vec<_> = (0..3).map(request).collect();
    let first = sent[0].len() as u32;
    // The segments of a message that is cut in two, and one before it.
    let stream = sent.concat();
    let cut = sent[0].len() + 100;
    let segments = [
        (700 + cut as u32, Flag::Data, &stream[cut..]),
        (700 + first, Flag::Data, &stream[first as usize..cut]),
        (700, Flag::Data, &stream[..first as usize]),
    ];
    let all = |it: (Vec<(u32, String)>, Vec<String>)| {
        assert_eq!(it.1, Vec::<String>::new());
        let mut bytes: Vec<String> = it.0.into_iter().map(|it| it.1).collect();
        bytes.sort();
        bytes
    };
    let expected: Vec<String> = sent.iter().cloned().map(text).collect();
    assert_eq!(all(messages(segments)), expected);
    // So late that another one was believed to be the first: a whole one is read all the same, and once.
    let rest = [&sent[1][..], &sent[2]].concat();
    let mut late = split(&rest, &[50], 700 + first);
    assert!(late.len() > 8);
    late.extend([(700, Flag::Data, &sent[0][..]); 2]);
    assert_eq!(all(messages(late)), expected);
}

#[test]
fn ports_are_used_again_without_a_syn() {
    let (one, two, three) = (request(1), request(2), request(3));
    let (a, b) = ends();
    let mut writer = Writer::new(PCAP, 101);
    let mut add = |seconds: i64, sequence: u32, flag: Flag, bytes: &[u8]| {
        writer.ip(at(seconds * 1_000_000), &tcp(a, b, sequence, flag, bytes));
    };
    add(0, 1000, Flag::Syn, b"");
    add(1, 1001, Flag::Data, &one);
    add(2, 1001 + one.len() as u32, Flag::Fin, b"");
    // Within a minute these are old bytes, after that a connection of its own.
    add(30, 1001, Flag::Data, &one);
    add(90, 1001, Flag::Data, &two);
    // Before its SYN no connection had bytes.
    add(91, 9000, Flag::Syn, b"");
    add(92, 500, Flag::Data, &three);
    let (packets, report) = read(&writer.bytes);
    let got: Vec<_> = packets
        .iter()
        .map(|it| (it.place.frame, it.bytes.to_vec()))
        .collect();
    assert_eq!(got, [(2, one), (5, two), (7, three)]);
    assert_eq!(report.warnings, Vec::<String>::new());
}

#[test]
fn a_gap_costs_the_messages_it_touches() {
    let (one, two, three) = (request(1), request(2), response(3));
    let stream = [&one[..], &two, &three].concat();
    let cut = one.len() - 8;
    let after = one.len() + 40;
    let (got, warnings) = messages([
        (0, Flag::Syn, &b""[..]),
        (1, Flag::Data, &stream[..cut]),
        (1 + after as u32, Flag::Data, &stream[after..]),
    ]);
    assert_eq!(got, [(2, text(one[..cut].to_vec())), (3, text(three))]);
    assert_eq!(
        warnings,
        ["1 message over TCP with bytes missing from the capture, the first at frame 2"],
    );
}

#[test]
fn a_gap_that_stays_open_does_not_hold_back_the_rest_for_ever() {
    let sent: Vec<_> = (0..200).map(response).collect();
    let stream = sent.concat();
    let mut segments = split(&stream, &[sent[100].len()], 1);
    segments.remove(3);
    let (a, b) = ends();
    let mut writer = Writer::new(PCAP, 101);
    for (sequence, flag, bytes) in segments {
        writer.ip(at(0), &tcp(a, b, sequence, flag, bytes));
    }
    let (packets, _) = read(&writer.bytes);
    let seen: Vec<_> = packets.iter().map(|it| it.bytes.to_vec()).collect();
    assert!(seen.len() >= 197, "{}", seen.len());
    assert_eq!(seen.last(), sent.last());
}

#[test]
fn a_segment_cut_by_the_snap_length_costs_one_message() {
    let (a, b) = ends();
    let mut writer = Writer::new(PCAP, 101);
    let snapped = request(3).len() - 10;
    let mut sequence = 1;
    for message in [request(1), request(3), response(4)] {
        let ip = tcp(a, b, sequence, Flag::Data, &message);
        sequence += message.len() as u32;
        writer.frame(at(0), &ip[..ip.len().min(40 + snapped)]);
    }
    let (packets, report) = read(&writer.bytes);
    let got: Vec<_> = packets.iter().map(|it| it.bytes.to_vec()).collect();
    let whole = |message: Vec<u8>| message[..message.len().min(snapped)].to_vec();
    assert_eq!(got, [request(1), request(3), response(4)].map(whole));
    assert_eq!(report.warnings.len(), 1);
}

#[test]
fn content_length_in_all_its_forms() {
    let head = "MESSAGE sip:a@b SIP/2.0\r\nCall-ID: 1\r\n";
    let follower = text(response(9));
    for (header, body, whole) in [
        ("Content-Length: 3\r\n", "abc", true),
        ("content-length :3 \r\n", "abc", true),
        ("L:\r\n 3\r\n", "abc", true),
        ("l: 003\r\n", "abc", true),
        ("X: 1\r\n", "", true),
        ("Content-Length: three\r\n", "abc\r\n", false),
        ("Content-Length: -1\r\n", "abc\r\n", false),
        ("Content-Length: 99999999999999999999\r\n", "abc\r\n", false),
    ] {
        let first = format!("{head}{header}\r\n");
        let stream = format!("{first}{body}{follower}");
        let (got, warnings) = messages([(1, Flag::Data, stream.as_bytes())]);
        let expected = if whole {
            format!("{first}{body}")
        } else {
            first
        };
        assert_eq!(got, [(1, expected), (1, follower.clone())], "{header}");
        if whole {
            assert!(warnings.is_empty(), "{header}: {warnings:?}");
        } else {
            let sentence =
                "1 message over TCP with an unusable Content-Length, the first at frame 1";
            assert_eq!(warnings, [sentence], "{header}");
        }
    }
}

#[test]
fn ports_may_be_used_again() {
    let (one, two, three) = (request(1), request(2), request(3));
    let (got, warnings) = messages([
        (100, Flag::Syn, &b""[..]),
        (101, Flag::Data, &one[..]),
        (101 + one.len() as u32, Flag::Fin, b""),
        (101, Flag::Data, &one[..]),
        (3_000_000_000, Flag::Syn, b""),
        (3_000_000_000, Flag::Syn, b""),
        (3_000_000_001, Flag::Data, &two[..]),
        (3_000_000_001 + two.len() as u32, Flag::Rst, b""),
        (500, Flag::Data, &three[..]),
    ]);
    assert_eq!(got, [(2, text(one)), (7, text(two)), (9, text(three))]);
    assert!(warnings.is_empty());
}

#[test]
fn resets_are_told_once_and_whether_they_refuse() {
    let (a, b) = ends();
    let one = request(1);
    let segments = |segments: &[(bool, Flag, &[u8])]| {
        let mut writer = Writer::new(PCAP, 101);
        for (number, (by_a, flag, bytes)) in segments.iter().enumerate() {
            let (from, to) = if *by_a { (a, b) } else { (b, a) };
            let sequence = 1 + number as u32 * 1000;
            writer.ip(at(number as i64), &tcp(from, to, sequence, *flag, bytes));
        }
        let resets = shown(&writer.bytes).resets;
        let told = resets.iter().map(|it| {
            assert_eq!((it.file, it.at), (0, at(i64::from(it.frame) - 1)));
            assert!(it.is_between(a, b) && it.is_between(b, a));
            (it.frame, it.source == a, it.refuses)
        });
        told.collect::<Vec<_>>()
    };
    let (syn, data, rst) = (Flag::Syn, Flag::Data, Flag::Rst);
    let of = |flags: &[(bool, Flag)]| {
        let bytes = |flag: Flag| match flag {
            Flag::Data => &one[..],
            _ => b"",
        };
        let all: Vec<_> = flags.iter().map(|(a, f)| (*a, *f, bytes(*f))).collect();
        segments(&all)
    };
    // Asked, and refused; asked again, refused again.
    let asked = [(true, syn), (false, rst), (true, syn), (false, rst)];
    assert_eq!(of(&asked), [(2, false, true), (4, false, true)]);
    // Up, or at least used: broken, and said once, whoever repeats it.
    let up = [
        (true, syn),
        (false, syn),
        (true, data),
        (false, rst),
        (false, rst),
        (true, rst),
    ];
    assert_eq!(of(&up), [(4, false, false)]);
    assert_eq!(of(&[(true, data), (false, rst)]), [(2, false, false)]);
    // The one who asked gives up: that is no refusal.
    assert_eq!(of(&[(true, syn), (true, rst)]), [(2, true, false)]);
    // What is sent all the same is reset again.
    let again = [(true, data), (false, rst), (true, data), (false, rst)];
    assert_eq!(of(&again), [(2, false, false), (4, false, false)]);
    // Of a connection that was not seen nothing is said.
    assert_eq!(of(&[(false, rst), (true, rst)]), []);
}

#[test]
fn a_fin_that_overtakes_its_data_waits() {
    let one = request(1);
    let (got, warnings) = messages([
        (100, Flag::Syn, &b""[..]),
        (101 + one.len() as u32, Flag::Fin, b""),
        (141, Flag::Data, &one[40..]),
        (101, Flag::Data, &one[..40]),
    ]);
    assert_eq!(got, [(4, text(one))]);
    assert!(warnings.is_empty());
}

#[test]
fn more_connections_than_are_remembered_lose_nothing() {
    let message = request(1);
    let mut writer = Writer::new(PCAP, 101);
    for number in 0..20_000_u16 {
        let from = SocketAddr::new([10, 0, 0, 1].into(), 1024 + number);
        writer.ip(at(0), &tcp(from, ends().1, 5, Flag::Data, &message[..100]));
    }
    let (packets, report) = read(&writer.bytes);
    assert_eq!(packets.len(), 20_000);
    assert_eq!(
        report.warnings,
        ["20000 messages over TCP with bytes missing from the capture, the first at frame 1"],
    );
}

#[test]
fn a_long_message_in_tiny_segments_is_not_copied_again_and_again() {
    let body = "x".repeat(1024 * 1024);
    let head = format!(
        "MESSAGE sip:a@b SIP/2.0\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let stream = format!("{head}{body}").into_bytes();
    let (packets, report) = read(&capture(split(&stream, &[11], 1)));
    assert_eq!(packets.len(), 1);
    assert_eq!(packets[0].bytes, stream);
    assert!(report.warnings.is_empty());
}

#[test]
fn keep_alives_of_tcp_and_of_sip_are_no_bytes_of_a_message() {
    let (one, two) = (request(1), response(2));
    let stream = [
        &b"\r\n\r\n"[..],
        &one,
        b"\r\n\r\n",
        b"\r\n\r\n",
        &two,
        b"\r\n\r\n",
    ]
    .concat();
    // RFC 9293 section 3.8.4: the byte before the next one again, garbage or none at all.
    for garbage in [&b"\0"[..], b"x", b""] {
        for opened in [true, false] {
            for size in [1, 2, 3, 50, 2000] {
                let mut segments = Vec::new();
                if opened {
                    segments.push((6, Flag::Syn, &b""[..]));
                }
                segments.push((6, Flag::Data, garbage));
                for (sequence, flag, bytes) in split(&stream, &[size], 7) {
                    segments.push((sequence, flag, bytes));
                    let next = sequence + bytes.len() as u32;
                    segments.push((next - 1, Flag::Data, garbage));
                }
                let (got, warnings) = messages(segments);
                let got: Vec<_> = got.into_iter().map(|it| it.1).collect();
                assert_eq!(
                    got,
                    [text(one.clone()), text(two.clone())],
                    "{opened} {size}"
                );
                assert_eq!(warnings, Vec::<String>::new());
            }
        }
    }
}

#[test]
fn many_messages_in_one_segment() {
    let sent: Vec<_> = (0..300).map(request).collect();
    let stream = sent.concat();
    let (got, warnings) = messages([(5, Flag::Data, &stream[..60_000])]);
    assert!(got.len() > 100);
    assert!(
        got.iter()
            .zip(&sent)
            .take(100)
            .all(|(got, sent)| got.1.as_bytes() == sent)
    );
    assert!(got.iter().all(|it| it.0 == 1));
    assert_eq!(warnings.len(), 1);
}

#[test]
fn an_overlap_gives_each_byte_once() {
    let (one, two) = (request(1), request(2));
    let stream = [&one[..], &two].concat();
    let part = |from: usize, to: usize| (100 + from as u32, Flag::Data, &stream[from..to]);
    let middle = one.len() + 20;
    let (got, warnings) = messages([
        part(0, 50),
        part(20, 90),
        part(200, middle),
        part(150, 220),
        part(60, 160),
        part(0, middle),
        part(10, stream.len()),
        part(0, stream.len()),
    ]);
    assert_eq!(got, [(5, text(one)), (7, text(two))]);
    assert!(warnings.is_empty());
}

/// What a reader might hold on to, or look through again and again.
fn floods() -> Vec<Vec<u8>> {
    let message = request(5);
    let hello = [&[1, 0, 0xff, 0xff][..], &[0; 16_000]].concat();
    let endless = [&[0x02, 0xff], &(1_u64 << 20).to_be_bytes()[..], &[0; 4]].concat();
    vec![
        message.clone(),
        websocket::frame_of(0x81, 8, None, &message),
        tls::record(tls::HANDSHAKE, &hello),
        assemble(&[(0, 15, message)]),
        b"INVITE sip:a@b".to_vec(),
        [&endless[..], b"INVITE sip:a@b"].concat(),
        b"\x81\xff\x01\x02".to_vec(),
        b"HEP3\xff\xff\0\0\0\x01\0\x07".to_vec(),
        b"GET / HTTP/1.1\r\nA: ".to_vec(),
    ]
}

#[test]
fn a_flood_of_tiny_segments_is_read_at_once() {
    // CALLTRIAGE_TINY_SEGMENTS=1000000 for the whole flood.
    let count = std::env::var("CALLTRIAGE_TINY_SEGMENTS");
    let count = count.map_or(10_000, |it| it.parse().unwrap());
    for (which, flood) in floods().iter().enumerate() {
        let (a, b) = ends();
        let mut writer = Writer::new(PCAP, 101);
        for (sequence, byte) in (1..).zip(flood.iter().cycle().take(count)) {
            writer.ip(at(0), &tcp(a, b, sequence, Flag::Data, &[*byte]));
        }
        let started = Instant::now();
        let mut longest = 0;
        let report = read_stream(&writer.bytes[..], "flood".as_ref(), 0, &mut |it| {
            longest = longest.max(it.bytes.len());
        });
        let taken = started.elapsed();
        println!("{which}: {taken:?}, {:?}", report.unwrap().warnings);
        assert!(longest <= 2 * 1024 * 1024);
        // One that looks through all that it holds takes a hundred times as long.
        let most = Duration::from_secs(5) + Duration::from_micros(200) * count as u32;
        assert!(taken <= most, "{which}: {taken:?}");
    }
}

#[test]
fn a_flood_of_segments_each_before_the_last_does_not_pile_up() {
    let (a, b) = ends();
    let mut writer = Writer::new(PCAP, 101);
    for sequence in (0..200_000).rev() {
        writer.ip(at(0), &tcp(a, b, 1000 + sequence, Flag::Data, b"x"));
    }
    let one = request(1);
    writer.ip(at(1), &tcp(a, b, 1000 - one.len() as u32, Flag::Data, &one));
    let (packets, _) = read(&writer.bytes);
    let got: Vec<_> = packets.iter().map(|it| it.bytes.to_vec()).collect();
    assert_eq!(got, [one]);
}
