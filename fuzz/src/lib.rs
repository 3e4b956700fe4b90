//! What the fuzz targets do with any bytes: each a function that panics where something is wrong.
//! Fuzzing calls them, and so does the test that replays `fuzz/cases`.
//!
//! Bytes that stand for more than one frame are read by [`feed::Feed`]: small numbers say what
//! comes next, so that a change of one byte is a small change of what is captured.

mod feed;
mod frames;
mod sip;

use std::path::Path;

use bytes::Bytes;
use calltriage::capture::{FileReport, Item, read_items};
use calltriage::sip::Message;
use calltriage::wire::media::{Collector, MediaPacket, Wanted, WantedFormat};
use feed::Feed;
use frames::{Capture, Conversation, END, datagram, packet};
use jiff::{SignedDuration, Timestamp};

/// The longest message that is ever handed out, and more.
const LONGEST_MESSAGE: usize = 2 * 1024 * 1024;

/// A name, and what is done with any bytes under it.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 14] = [
    ("message", message),
    ("sdp", sdp),
    ("pcap", pcap),
    ("pcapng", pcapng),
    ("gzip", gzip),
    ("layers", layers),
    ("tcp", tcp),
    ("hep", hep),
    ("websocket", websocket),
    ("tls", tls),
    ("icmp", icmp),
    ("dns", dns),
    ("text", text),
    ("media", media),
];

/// A SIP message.
pub fn message(data: &[u8]) {
    sip::message(data);
}

/// A session description, alone and as the body of a message.
pub fn sdp(data: &[u8]) {
    sip::sdp(data);
}

/// A pcap file; without its magic number it is given one.
pub fn pcap(data: &[u8]) {
    const MAGICS: [[u8; 4]; 6] = [
        [0xd4, 0xc3, 0xb2, 0xa1],
        [0xa1, 0xb2, 0xc3, 0xd4],
        [0x4d, 0x3c, 0xb2, 0xa1],
        [0xa1, 0xb2, 0x3c, 0x4d],
        [0x34, 0xcd, 0xb2, 0xa1],
        [0xa1, 0xb2, 0xcd, 0x34],
    ];
    let mut bytes = data.to_vec();
    if let Some(magic) = bytes.first_chunk_mut::<4>()
        && !MAGICS.contains(magic)
    {
        *magic = MAGICS[usize::from(magic[0]) % MAGICS.len()];
    }
    read(&bytes);
}

/// A pcapng file; without its magic number it is given it.
pub fn pcapng(data: &[u8]) {
    let mut bytes = data.to_vec();
    if let Some(magic) = bytes.first_chunk_mut() {
        *magic = [0x0a, 0x0d, 0x0d, 0x0a];
    }
    read(&bytes);
}

/// Something packed: the bytes themselves behind gzip's magic number, or the bytes packed and then
/// damaged in one place.
pub fn gzip(data: &[u8]) {
    let mut feed = Feed::new(data);
    let how = feed.byte();
    if how.is_multiple_of(2) {
        let rest = feed.rest();
        read(&[&[0x1f, 0x8b, 8], rest.get(3..).unwrap_or_default()].concat());
        return;
    }
    let (at, damage) = (feed.number(), feed.byte());
    let mut packed = frames::stored(feed.rest());
    let length = packed.len();
    packed[usize::from(at) % length] ^= damage;
    read(&packed);
}

/// Frames of any link type: what stands in them leads through IP, fragments and tunnels.
pub fn layers(data: &[u8]) {
    const LINKS: [u16; 11] = [101, 1, 113, 276, 0, 108, 12, 14, 228, 229, 147];
    let mut feed = Feed::new(data);
    let mut capture = Capture::new(LINKS[usize::from(feed.byte()) % LINKS.len()]);
    while !feed.is_empty() {
        let frame = feed.piece();
        capture.frame(frame, 0);
    }
    read(&capture.bytes);
}

/// TCP segments with pieces of SIP, in any order.
pub fn tcp(data: &[u8]) {
    const PIECES: [&[u8]; 8] = [
        b"OPTIONS sip:a@192.0.2.2 SIP/2.0\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
        b"SIP/2.0 200 OK\r\nCall-ID: 1\r\nl: 4\r\n\r\nbody",
        b"INVITE sip:b@192.0.2.2 SIP/2.0\r\n",
        b"Content-Length: 8\r\n",
        b"\r\n",
        b"\r\n\r\n",
        b"v=0\r\no=a\r\n",
        b"HEP3",
    ];
    let mut feed = Feed::new(data);
    let mut talks = [
        Conversation::new([50_000, 5060]),
        Conversation::new([50_001, 5060]),
    ];
    let mut capture = Capture::new(101);
    while !feed.is_empty() {
        let (what, how) = (feed.byte(), feed.byte());
        let talk = &mut talks[usize::from(what & 1)];
        let by = usize::from(what >> 1 & 1);
        if what & 4 != 0 {
            let there = talk.next[by];
            talk.next[by] = there.wrapping_add_signed(i32::from(feed.signed()));
        }
        let piece = match what >> 3 & 1 {
            0 => PIECES[usize::from(what >> 4) % PIECES.len()],
            _ => feed.piece(),
        };
        let cut = if how & 0x80 == 0 {
            0
        } else {
            usize::from(feed.byte())
        };
        capture.frame(&talk.segment(by, how, piece), cut);
    }
    read(&capture.bytes);
}

/// HEP packets, as datagrams or as a stream.
pub fn hep(data: &[u8]) {
    let mut feed = Feed::new(data);
    if feed.byte().is_multiple_of(2) {
        let mut capture = Capture::new(101);
        while !feed.is_empty() {
            capture.frame(&datagram([7000, 9060], feed.piece()), 0);
        }
        read(&capture.bytes);
    } else {
        conversation(feed, [40_000, 9060]);
    }
}

/// WebSocket, its HTTP heads included.
pub fn websocket(data: &[u8]) {
    conversation(Feed::new(data), [50_000, 8080]);
}

/// TLS handshakes.
pub fn tls(data: &[u8]) {
    conversation(Feed::new(data), [50_000, 5061]);
}

/// One connection: who sends, how, and what.
fn conversation(mut feed: Feed<'_>, ports: [u16; 2]) {
    const SYN: u8 = 1;
    let mut talk = Conversation::new(ports);
    let mut capture = Capture::new(101);
    if feed.byte().is_multiple_of(2) {
        for by in [0, 1] {
            capture.frame(&talk.segment(by, SYN, b""), 0);
        }
    }
    while !feed.is_empty() {
        let head = feed.byte();
        let by = usize::from(head & 1);
        if head & 2 != 0 {
            talk.next[by] = talk.next[by].wrapping_add(u32::from(feed.byte()));
        }
        // FIN and RST are rare.
        let flags = if head >= 0xc0 { head >> 2 & 3 } else { 0 };
        let piece = feed.piece();
        match head >> 4 & 3 {
            0 => capture.frame(&talk.segment(by, flags, piece), 0),
            size => {
                for part in piece.chunks(usize::from(size) * 7) {
                    capture.frame(&talk.segment(by, flags, part), 0);
                }
            }
        }
    }
    read(&capture.bytes);
}

/// ICMP messages, some about a datagram that was sent.
pub fn icmp(data: &[u8]) {
    let mut feed = Feed::new(data);
    let mut capture = Capture::new(101);
    while !feed.is_empty() {
        let (how, cut) = (feed.byte(), feed.byte());
        let v6 = how & 1 != 0;
        let mut body = feed.piece().to_vec();
        if how & 2 != 0 {
            body.resize(body.len().clamp(8, 64), 0);
            body.extend(packet(
                v6,
                17,
                &frames::udp([5060, 5060], b"SIP/2.0 200 OK\r\n\r\n"),
            ));
        }
        capture.frame(
            &packet(v6, if v6 { 58 } else { 1 }, &body),
            usize::from(cut % 64),
        );
    }
    read(&capture.bytes);
}

/// DNS questions and answers.
pub fn dns(data: &[u8]) {
    let mut feed = Feed::new(data);
    let mut capture = Capture::new(101);
    while !feed.is_empty() {
        let (how, cut) = (feed.byte(), feed.byte());
        let ports = if how & 1 == 0 {
            [40_000, 53]
        } else {
            [53, 40_000]
        };
        let cut = if how & 2 == 0 { 0 } else { cut };
        capture.frame(&datagram(ports, feed.piece()), usize::from(cut));
    }
    read(&capture.bytes);
}

/// A text trace.
pub fn text(data: &[u8]) {
    read(data);
}

/// RTP and RTCP between two announced addresses.
pub fn media(data: &[u8]) {
    let start = Timestamp::from_second(1_771_233_000).unwrap();
    let addresses =
        [END[0], END[1]].map(|ip| [20_000, 20_001, 30_000].map(|port| (ip, port).into()));
    let wanted = |from: i64, answered: Option<i64>| Wanted {
        address: addresses[0][0],
        rtcp: addresses[0][1],
        from: start + SignedDuration::from_secs(from),
        to: start + SignedDuration::from_secs(from + 20),
        answered: answered.map(|at| start + SignedDuration::from_secs(at)),
        formats: [
            (0, 8000, false),
            (101, 8000, true),
            (96, 0, false),
            (97, 90_000, false),
            (98, 90_000, false),
        ]
        .map(|(payload_type, clock_rate, is_event)| WantedFormat {
            payload_type,
            clock_rate,
            is_event,
            is_audio: payload_type != 98,
        })
        .to_vec(),
    };
    let count = || {
        let mut collector = Collector::new([wanted(0, Some(2)), wanted(15, None)]);
        let mut feed = Feed::new(data);
        let mut at = start;
        let mut pushed = 0;
        while !feed.is_empty() {
            let (how, step) = (feed.byte(), feed.signed());
            let step = i64::from(step) * if how & 0x80 == 0 { 1 } else { 1000 };
            at += SignedDuration::from_micros(step * 20);
            let by = usize::from(how & 1);
            let port = usize::from(how >> 1 & 3).min(2);
            let payload = feed.piece();
            collector.push(&MediaPacket {
                at,
                file: u32::from(how >> 3 & 1),
                source: addresses[by][port],
                destination: addresses[1 - by][port],
                payload,
                missing: if how & 0x40 == 0 { 0 } else { 100 },
            });
            pushed += 1;
        }
        assert_eq!(collector.left_out(), 0);
        (collector.finish(), pushed)
    };
    let (streams, pushed) = count();
    assert!(streams.len() <= pushed, "streams out of nothing");
    for stream in &streams {
        assert!(stream.first <= stream.last, "{stream:?}");
        let _ = (
            stream.since_answer(),
            stream.first_after(start),
            stream.last_before(start),
        );
    }
    if data.len().is_multiple_of(8) {
        assert_eq!(streams, count().0);
    }
}

/// Reads a capture of any kind, and holds what it hands out to what is promised.
fn read(bytes: &[u8]) {
    let (shown, report) = look(bytes);
    let Some(report) = report else {
        assert!(shown.is_empty(), "something of what is no capture");
        return;
    };
    assert!(report.warnings.len() <= 32, "{:?}", report.warnings);
    // What is kept in hash maps must not come out in their order.
    if bytes.len().is_multiple_of(8) {
        assert_eq!((shown, Some(report)), look(bytes));
    }
}

/// What is handed out, in a form that can be compared.
fn look(bytes: &[u8]) -> (Vec<String>, Option<FileReport>) {
    const FILE: u32 = 7;
    let mut shown = Vec::new();
    let mut messages = 0;
    let report = read_items(bytes, Path::new("any"), FILE, &mut |item| match item {
        Item::Message(it) => {
            messages += 1;
            assert!(!it.bytes.is_empty(), "an empty message");
            assert!(it.bytes.len() <= LONGEST_MESSAGE);
            assert_eq!(it.place.file, FILE);
            assert!(it.place.frame > 0);
            let packet = it.packet();
            let read = Message::parse(Bytes::clone(&packet.bytes));
            shown.push(format!("{} {:?} {:?}", it.at, it.place, read.call_id()));
        }
        Item::Media(it) => {
            assert!(!it.payload.is_empty(), "a datagram without bytes");
            assert!(it.place.frame > 0);
            shown.push(format!("{} {:?} {}", it.at, it.place, it.missing));
        }
        Item::Icmp(it) => shown.push(format!("{it:?}")),
        Item::Reset(it) => shown.push(format!("{it:?}")),
        Item::Dns(it) => {
            // Each byte of a name is written in four characters at most.
            assert!(!it.name.is_empty() && it.name.len() <= 4 * 255, "{it:?}");
            let records = it.answer.as_ref().map_or(0, |answer| answer.records.len());
            assert!(records <= 64, "{records} records");
            shown.push(format!("{it:?}"));
        }
        Item::Tls(it) => shown.push(format!("{it:?}")),
    });
    let Ok(report) = report else {
        return (shown, None);
    };
    assert_eq!(report.sip_messages, messages);
    (shown, Some(report))
}
