//! From the bytes of a capture to what is said of its audio.

use std::path::{Path, PathBuf};
use std::process::Command;

use calltriage::diagnosis::{Diagnosis, Investigator, Peers};
use calltriage::sip::{calls, threads};
use calltriage::sources::{Evidence, Known};
use calltriage::wire::Observations;
use tempfile::TempDir;

use crate::support::capture_writer::{Link, PCAP, Writer, udp};
use crate::support::media::{at, of_capture, rtp};
use crate::support::trace::packets;

/// The calls of a capture with the media that it shows, judged.
fn diagnose(path: &Path) -> Vec<Diagnosis> {
    let (packets, media) = of_capture(path);
    let evidence = Evidence {
        observed: Observations {
            media,
            ..Observations::default()
        },
        ..Evidence::default()
    };
    let until = packets.last().map(|packet| packet.at);
    let investigator = Investigator::new(Vec::new(), Peers::default());
    calls(threads(packets), &[])
        .into_iter()
        .map(|call| Known {
            call,
            records: None,
        })
        .map(|known| investigator.diagnose(&known, &evidence, until))
        .collect()
}

/// Sound from one second to another: 50 packets a second.
fn sound(source: &str, destination: &str, seconds: std::ops::Range<i64>, ssrc: u32) -> Vec<Frame> {
    let packets = 0..(seconds.end - seconds.start) * 50;
    packets
        .map(|n| {
            let number = u16::try_from(n).unwrap();
            let bytes = rtp(0, number, u32::from(number) * 160, ssrc);
            let micros = seconds.start * 1_000_000 + n * 20_000;
            let ip = udp(
                source.parse().unwrap(),
                destination.parse().unwrap(),
                &bytes,
            );
            (at(micros), ip)
        })
        .collect()
}

type Frame = (jiff::Timestamp, Vec<u8>);

/// A capture of a written call and other frames, in order of time.
fn capture(written: &str, more: Vec<Frame>) -> (TempDir, PathBuf) {
    let messages = packets(written).into_iter().map(|packet| {
        (
            packet.at,
            udp(packet.source, packet.destination, &packet.bytes),
        )
    });
    let mut frames: Vec<Frame> = messages.chain(more).collect();
    frames.sort_by_key(|(at, _)| *at);
    let mut writer = Writer::new(PCAP, Link::Ethernet.number());
    for (at, packet) in &frames {
        writer.ip(*at, packet);
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("call.pcap");
    std::fs::write(&path, writer.bytes).unwrap();
    (folder, path)
}

const CALL: &str = "
    0.00 cust>plat INVITE || v=0 || c=IN IP4 198.51.100.10 || m=audio 4000 RTP/AVP 0
    1.00 plat>cust 200 || v=0 || c=IN IP4 192.0.2.5 || m=audio 5000 RTP/AVP 0
    1.02 cust>plat ACK
    21.00 cust>plat BYE
    21.01 plat>cust 200 BYE";

#[test]
fn the_example_with_media_is_well() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/captures/with-media.pcap");
    let diagnoses = diagnose(&path);
    let call = diagnoses
        .iter()
        .find(|diagnosis| !diagnosis.media.is_empty())
        .unwrap();
    assert_eq!(call.verdict.rule, "hung-up");
    let media: Vec<String> = call
        .media
        .iter()
        .map(|audio| {
            format!(
                "{} > {}: {} packets, {} lost, jitter {} to {} ms, from elsewhere {:?}",
                audio.from,
                audio.to,
                audio.packets,
                audio.lost,
                audio.jitter_ms,
                audio.jitter_max_ms,
                audio.sources
            )
        })
        .collect();
    assert_eq!(
        media,
        [
            "customer 198.51.100.10:10008 > far end 203.0.113.9:10008: 75 packets, 0 lost, jitter 1 \
             to 1 ms, from elsewhere []",
            "far end 203.0.113.9:10008 > customer 198.51.100.10:10008: 75 packets, 0 lost, jitter 1 \
             to 1 ms, from elsewhere []",
        ]
    );
    // What is kept and printed reads back.
    let json = serde_json::to_value(call).unwrap();
    let back: Diagnosis = serde_json::from_value(json).unwrap();
    assert_eq!(&back, call);
}

#[test]
fn one_way_audio_in_bytes() {
    let there = sound("198.51.100.10:4000", "192.0.2.5:5000", 1..21, 1);
    let (_folder, path) = capture(CALL, there.clone());
    let diagnoses = diagnose(&path);
    assert_eq!(diagnoses.len(), 1);
    assert_eq!(diagnoses[0].verdict.rule, "one-way-audio");
    let back = sound("192.0.2.5:5000", "198.51.100.10:4000", 1..21, 2);
    let (_folder, path) = capture(CALL, [there, back].concat());
    assert_eq!(diagnose(&path)[0].verdict.rule, "hung-up");
}

#[test]
fn signalling_alone_in_bytes() {
    // The media of another call on other ports is nobody's.
    let other = sound("198.51.100.10:4400", "192.0.2.5:5500", 1..21, 1);
    let (_folder, path) = capture(CALL, other);
    let diagnoses = diagnose(&path);
    assert_eq!(diagnoses[0].verdict.rule, "hung-up");
    assert_eq!(diagnoses[0].media, []);
}

#[test]
fn two_calls_on_the_same_ports_share_no_audio() {
    // The second call begins while the first one's addresses still hold for a moment.
    let second = CALL
        .replace("0.00 cust>plat INVITE", "22.00 cust>plat INVITE leg=z")
        .replace("1.00 plat>cust 200 ||", "23.00 plat>cust 200 leg=z ||")
        .replace("1.02 cust>plat ACK", "23.02 cust>plat ACK leg=z")
        .replace("21.00 cust>plat BYE", "43.00 cust>plat BYE leg=z")
        .replace("21.01 plat>cust 200 BYE", "43.01 plat>cust 200 BYE leg=z");
    let frames = [
        sound("198.51.100.10:4000", "192.0.2.5:5000", 1..21, 1),
        sound("192.0.2.5:5000", "198.51.100.10:4000", 1..21, 2),
        sound("198.51.100.10:4000", "192.0.2.5:5000", 23..43, 3),
    ]
    .concat();
    let (_folder, path) = capture(&format!("{CALL}{second}"), frames);
    let diagnoses = diagnose(&path);
    let seen: Vec<(&str, Vec<u64>)> = diagnoses
        .iter()
        .map(|diagnosis| {
            let packets = diagnosis.media.iter().map(|audio| audio.packets).collect();
            (diagnosis.verdict.rule.as_str(), packets)
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("hung-up", vec![1000, 1000]),
            ("one-way-audio", vec![1000, 0])
        ]
    );
}

#[test]
fn video_on_the_port_of_the_audio_is_no_audio() {
    let both = |line: &str, ip: &str, port: u16| {
        line.replace(
            "RTP/AVP 0",
            &format!("RTP/AVP 0 || m=video {port} RTP/AVP 96 || c=IN IP4 {ip}"),
        )
    };
    let lines = CALL.lines().map(|line| match line {
        line if line.contains("INVITE") => both(line, "198.51.100.10", 4000),
        line if line.contains("m=audio") => both(line, "192.0.2.5", 5000),
        line => line.to_owned(),
    });
    let call = lines.collect::<Vec<_>>().join("\n");
    let of_type = |payload_type: u8, frames: Vec<Frame>| -> Vec<Frame> {
        let with_type = |(at, mut bytes): Frame| {
            // Behind the headers of IP and UDP, and the first byte of RTP.
            bytes[29] = payload_type;
            (at, bytes)
        };
        frames.into_iter().map(with_type).collect()
    };
    let (phone, relay) = ("198.51.100.10:4000", "192.0.2.5:5000");
    let mut video = of_type(96, sound(phone, relay, 1..21, 5));
    video.retain(|(at, _)| at.as_microsecond() / 20_000 % 3 > 0);
    let frames = [
        sound(phone, relay, 1..21, 1),
        sound(relay, phone, 1..21, 2),
        of_type(96, sound(relay, phone, 1..21, 6)),
        video,
    ];
    let (_folder, path) = capture(&call, frames.concat());
    let diagnosis = &diagnose(&path)[0];
    assert_eq!(diagnosis.verdict.rule, "hung-up");
    let counted: Vec<_> = diagnosis
        .media
        .iter()
        .map(|it| {
            (
                it.packets,
                it.lost,
                it.ssrc_changes,
                it.payload_types.clone(),
            )
        })
        .collect();
    assert_eq!(counted, [(1000, 0, 0, vec![0]), (1000, 0, 0, vec![0])]);
}

#[test]
fn audio_that_moves_is_told_by_address() {
    let moved = "
        11.00 cust>plat INVITE in cseq=3 || v=0 || c=IN IP4 198.51.100.77 || m=audio 4400 RTP/AVP 0
        11.05 plat>cust 200 cseq=3 || v=0 || c=IN IP4 192.0.2.5 || m=audio 5000 RTP/AVP 0
        11.06 cust>plat ACK cseq=3
        21.00";
    let mut after = sound("198.51.100.77:4400", "192.0.2.5:5000", 11..21, 1);
    after.retain(|(at, _)| at.as_microsecond() / 20_000 % 10 > 0);
    let frames = [
        sound("198.51.100.10:4000", "192.0.2.5:5000", 1..11, 1),
        sound("192.0.2.5:5000", "198.51.100.10:4000", 1..11, 2),
        after,
        sound("192.0.2.5:5000", "198.51.100.77:4400", 11..21, 2),
    ];
    let (_folder, path) = capture(&CALL.replace("\n    21.00", moved), frames.concat());
    let diagnosis = &diagnose(&path)[0];
    assert_eq!(diagnosis.verdict.rule, "packet-loss");
    let loss = &diagnosis.verdict.summary;
    assert!(
        loss.contains("from customer 198.51.100.77:4400 to"),
        "{loss}"
    );
    let ways: Vec<String> = diagnosis
        .media
        .iter()
        .map(|it| format!("{} > {}: {}", it.from, it.to, it.packets))
        .collect();
    assert_eq!(
        ways,
        [
            "customer 198.51.100.10:4000 > far end 192.0.2.5:5000: 500",
            "far end 192.0.2.5:5000 > customer 198.51.100.10:4000: 500",
            "customer 198.51.100.77:4400 > far end 192.0.2.5:5000: 450",
            "far end 192.0.2.5:5000 > customer 198.51.100.77:4400: 500",
        ]
    );
}

/// Packets, lost, longest gap, mean and highest jitter in ms, as tshark prints them for a stream
/// from this address; `None` without tshark.
fn counted_by_tshark(path: &Path, port: u16) -> Option<Vec<String>> {
    let done = Command::new("tshark")
        .args(["-n", "-q", "-z", "rtp,streams", "-r"])
        .arg(path)
        .output()
        .ok()?;
    assert!(done.status.success());
    let text = String::from_utf8(done.stdout).unwrap();
    let line = text
        .lines()
        .find(|line| line.split_whitespace().nth(3) == Some(&port.to_string()))?;
    // Times, addresses and ports, SSRC, payload, then packets, lost with its share, and the rest.
    let words: Vec<&str> = line.split_whitespace().skip(8).collect();
    let of = |at: usize| words[at].to_owned();
    Some(vec![of(0), of(1), of(5), of(7), of(8)])
}

#[test]
fn a_bad_stream_counts_as_tshark_counts_it() {
    let mut seed = 7_u32;
    let mut random = |below: i64| {
        seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        i64::from(seed >> 16) % below
    };
    let (phone, relay) = ("198.51.100.10:4000", "192.0.2.5:5000");
    let mut frames = Vec::new();
    // Over a wrap, with one packet of twelve lost, up to 35 ms late, some so late that the next
    // one overtakes them.
    for n in 0..900_u16 {
        let late = random(35_000);
        if n > 0 && n < 899 && random(12) == 0 {
            continue;
        }
        let number = n.wrapping_add(65_200);
        let bytes = rtp(
            0,
            number,
            4_294_900_000_u32.wrapping_add(u32::from(n) * 160),
            9,
        );
        let ip = udp(phone.parse().unwrap(), relay.parse().unwrap(), &bytes);
        frames.push((at(1_100_000 + i64::from(n) * 20_000 + late), ip));
    }
    let (_folder, path) = capture(CALL, frames);
    let (_, media) = of_capture(&path);
    assert_eq!(media.len(), 1);
    let stream = &media[0];
    assert!(stream.reordered > 20 && stream.lost > 50, "{stream:?}");
    let millis = |micros: u64| format!("{}.{:03}", micros / 1000, micros % 1000);
    let counted = vec![
        stream.packets.to_string(),
        stream.lost.to_string(),
        millis(stream.longest_gap),
        millis(stream.jitter_mean),
        millis(stream.jitter_max),
    ];
    let Some(expected) = counted_by_tshark(&path, 4000) else {
        return;
    };
    assert_eq!(counted, expected);
}
