//! What is found does not hang on how the packets were recorded: by one tap or two, in which container, in which
//! order within a tick of the clock, beside which other calls.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use calltriage::capture::read_stream;
use calltriage::diagnosis::{Diagnosis, Investigation, Investigator, Peers};
use calltriage::sip::Packet;
use calltriage::sources::{Captures, Source};
use jiff::{SignedDuration, Timestamp};

use crate::support::capture_writer::{Container, PCAP, PCAPNG, Writer, gzip, udp};
use crate::support::text_writer::{Dialect, print};
use crate::support::trace;
use crate::{cli, examples, scenarios};

/// Frames of one link layer, each with its time.
#[derive(Clone)]
struct Recording {
    link: u16,
    frames: Vec<(Timestamp, Vec<u8>)>,
}

impl Recording {
    /// What stands in a capture file.
    fn read(bytes: &[u8]) -> Recording {
        let recording = if bytes.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) {
            Recording::from_pcapng(bytes)
        } else {
            Recording::from_pcap(bytes)
        };
        assert!(!recording.frames.is_empty());
        recording
    }

    /// Little-endian, microseconds: what tcpdump writes here.
    fn from_pcap(bytes: &[u8]) -> Recording {
        assert_eq!(word(bytes, 0), 0xa1b2_c3d4);
        let link = u16::try_from(word(bytes, 20)).unwrap();
        let (mut frames, mut at) = (Vec::new(), 24);
        while at < bytes.len() {
            let micros = u64::from(word(bytes, at)) * 1_000_000 + u64::from(word(bytes, at + 4));
            let end = at + 16 + word(bytes, at + 8) as usize;
            frames.push((moment(micros * 1000), bytes[at + 16..end].to_vec()));
            at = end;
        }
        Recording { link, frames }
    }

    /// Little-endian, one interface, whose clock ticks in microseconds unless it says nanoseconds.
    fn from_pcapng(bytes: &[u8]) -> Recording {
        let (mut frames, mut link, mut tick) = (Vec::new(), None, 1000);
        let mut at = 0;
        while at < bytes.len() {
            let end = at + word(bytes, at + 4) as usize;
            let body = &bytes[at + 8..end - 4];
            match word(bytes, at) {
                1 => {
                    assert_eq!(link, None);
                    link = Some(u16::from_le_bytes([body[0], body[1]]));
                    let nanoseconds = [9, 0, 1, 0, 9];
                    if body.windows(5).any(|option| option == nanoseconds) {
                        tick = 1;
                    }
                }
                6 => {
                    let units = u64::from(word(body, 4)) << 32 | u64::from(word(body, 8));
                    let length = word(body, 12) as usize;
                    frames.push((moment(units * tick), body[20..20 + length].to_vec()));
                }
                _ => {}
            }
            at = end;
        }
        let link = link.unwrap();
        Recording { link, frames }
    }

    fn written(&self, container: Container) -> Vec<u8> {
        let mut writer = Writer::new(container, self.link);
        for (at, frame) in &self.frames {
            writer.frame(*at, frame);
        }
        writer.bytes
    }

    /// Each frame again a moment later, as a second tap on the same wire sees it.
    fn twice(&self) -> Recording {
        let again = |(at, frame): &(Timestamp, Vec<u8>)| {
            let later = *at + SignedDuration::from_micros(3);
            [(*at, frame.clone()), (later, frame.clone())]
        };
        self.with(self.frames.iter().flat_map(again).collect())
    }

    /// By a clock that ticks once a millisecond.
    fn coarse(&self) -> Recording {
        let tick = |(at, frame): &(Timestamp, Vec<u8>)| {
            let millisecond = Timestamp::from_millisecond(at.as_millisecond()).unwrap();
            (millisecond, frame.clone())
        };
        self.with(self.frames.iter().map(tick).collect())
    }

    /// What came over one link before what came over another in the same tick, and the other way round: as where
    /// each link has a tap of its own, and what both recorded is put together by the clock.
    fn merged(&self, is_reversed: bool) -> Recording {
        let mut frames = self.frames.clone();
        frames.sort_by(|(a_at, a), (b_at, b)| {
            let links = self.link_of(a).cmp(&self.link_of(b));
            let links = if is_reversed { links.reverse() } else { links };
            a_at.cmp(b_at).then(links)
        });
        self.with(frames)
    }

    /// The addresses of both ends, in the same order whoever sent it.
    fn link_of<'f>(&self, frame: &'f [u8]) -> [&'f [u8]; 2] {
        let header = match self.link {
            1 => 14,
            113 => 16,
            276 => 20,
            101 => 0,
            other => panic!("link layer {other}"),
        };
        let packet = &frame[header..];
        let (first, length) = if packet[0] >> 4 == 4 {
            (12, 4)
        } else {
            (8, 16)
        };
        let (from, to) = packet[first..first + 2 * length].split_at(length);
        [from.min(to), from.max(to)]
    }

    /// Another call in between: other numbers, another caller, refused at once.
    fn beside_another_call(&self) -> Recording {
        let (first, last) = (self.frames[0].0, self.frames[self.frames.len() - 1].0);
        let step = last.duration_since(first) / 5;
        let other = trace::packets(
            "0.00 cust2>plat INVITE leg=unrelated from=441632960888 to=441632960999
             0.01 plat>cust2 100 leg=unrelated from=441632960888 to=441632960999
             0.02 plat>cust2 404 leg=unrelated from=441632960888 to=441632960999
             0.03 cust2>plat ACK leg=unrelated from=441632960888 to=441632960999",
        );
        let mut all = self.frames.clone();
        for (number, packet) in (1..).zip(&other) {
            let mut writer = Writer::new(PCAP, self.link);
            let at = first + step * number;
            writer.ip(at, &udp(packet.source, packet.destination, &packet.bytes));
            all.extend(Recording::from_pcap(&writer.bytes).frames);
        }
        all.sort_by_key(|(at, _)| *at);
        self.with(all)
    }

    fn with(&self, frames: Vec<(Timestamp, Vec<u8>)>) -> Recording {
        Recording { frames, ..*self }
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn moment(nanoseconds: u64) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(nanoseconds)).unwrap()
}

/// The messages of a file, printed with times and both ends.
fn as_text(file: &[u8]) -> Vec<u8> {
    let mut packets: Vec<Packet> = Vec::new();
    read_stream(file, Path::new("plain"), 0, &mut |packet| {
        packets.push(packet);
    })
    .unwrap();
    let here = packets[0].destination;
    print(Dialect::Sngrep, &packets, here, false).into_bytes()
}

/// What is found in each call of a file, by the Call-ID of its first leg.
type Found = BTreeMap<String, Vec<String>>;

fn found_in(folder: &Path, name: &str, file: &[u8]) -> Found {
    let path = folder.join(name);
    std::fs::write(&path, file).unwrap();
    let captures = Captures::paths("tap", vec![path], Peers::default());
    let investigator =
        Investigator::new(vec![Source::Captures(Arc::new(captures))], Peers::default());
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = lines.clone();
    let all = investigator.investigate_each(
        "id".to_owned(),
        "2026-12-01T00:00:00Z".parse().unwrap(),
        Arc::new(|one: &Investigation| serde_json::to_string(&one.calls).unwrap()),
        Box::new(move |line| {
            kept.lock().unwrap().push(line);
            true
        }),
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(all);
    let lines = lines.lock().unwrap();
    let calls = lines
        .iter()
        .flat_map(|line| serde_json::from_str::<Vec<Diagnosis>>(line).unwrap());
    calls
        .filter(|call| !call.call_ids[0].starts_with("unrelated@"))
        .map(|call| (call.call_ids[0].clone(), told(&call)))
        .collect()
}

/// What is said of a call, in the order in which it is said, without the numbers of its packets.
fn told(call: &Diagnosis) -> Vec<String> {
    let verdict = format!("the verdict is {}", call.verdict.rule);
    let findings = call.findings.iter().map(|it| {
        format!(
            "{} {:?}>{:?} {:?} {:?}/{:?}: {} {}",
            it.rule,
            it.party,
            it.to_act,
            it.severity,
            it.certainty,
            it.fact_certainty,
            it.fact,
            it.cause
        )
    });
    [verdict].into_iter().chain(findings).collect()
}

/// Records the same in other ways, and lists where something else is found.
fn differences(name: &str, file: &[u8]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::read(file);
    let found = |name: &str, file: &[u8]| found_in(folder.path(), name, file);
    let plain = recording.written(PCAP);
    let before = found("plain.pcap", &plain);
    assert!(!before.is_empty(), "{name}: no call");
    let nanoseconds = Container::PcapNg {
        big_endian: true,
        nanoseconds: true,
    };
    let coarse = recording.coarse();
    let coarse_before = found("coarse.pcap", &coarse.merged(false).written(PCAP));
    let ways: [(&str, &Found, Vec<u8>); 8] = [
        ("once more", &before, plain.clone()),
        ("pcapng", &before, recording.written(PCAPNG)),
        (
            "pcapng, big-endian",
            &before,
            recording.written(nanoseconds),
        ),
        ("gzip", &before, gzip(&plain)),
        ("text", &before, as_text(&plain)),
        ("two taps", &before, recording.twice().written(PCAP)),
        (
            "another call",
            &before,
            recording.beside_another_call().written(PCAP),
        ),
        (
            "the other link first",
            &coarse_before,
            coarse.merged(true).written(PCAP),
        ),
    ];
    let mut wrong = Vec::new();
    for (number, (way, before, file)) in ways.into_iter().enumerate() {
        let after = found(&format!("{number}.pcap"), &file);
        if *before != after {
            wrong.push(format!("{name}, {way}: {before:#?}\n became {after:#?}\n"));
        }
    }
    wrong
}

#[test]
fn the_examples_are_told_the_same_however_they_are_recorded() {
    let wrong: Vec<String> = examples::all()
        .iter()
        .flat_map(|example| differences(&example.name, &example.bytes()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_scenarios_are_told_the_same_however_they_are_recorded() {
    let mut ladders: Vec<&str> = scenarios::GROUPS
        .iter()
        .flat_map(|(_, table)| table.iter().map(|scenario| scenario.ladder))
        .filter(|ladder| !ladder.is_empty())
        .collect();
    ladders.sort_unstable();
    ladders.dedup();
    let wrong: Vec<String> = ladders
        .iter()
        .flat_map(|ladder| differences(ladder, &cli::capture(ladder)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
