//! What tshark finds in the same captures, where it is installed: the same messages in the same
//! frames.

use std::fs;
use std::process::Command;

use super::{address, at, read, request};
use crate::support::capture_writer::{LINKS, PCAPNG, WRAPS, Writer, udp};

/// Frame and Call-ID of each message, as tshark prints them; `None` without tshark.
fn seen_by_tshark(bytes: &[u8]) -> Option<Vec<(String, String)>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.pcapng");
    fs::write(&path, bytes).unwrap();
    let done = Command::new("tshark")
        .args(["-n", "-Y", "sip", "-T", "fields"])
        .args(["-e", "frame.number", "-e", "sip.Call-ID", "-r"])
        .arg(path)
        .output()
        .ok()?;
    assert!(done.status.success());
    let pair = |line: &str| {
        let (frame, call_id) = line.split_once('\t').unwrap();
        (frame.to_owned(), call_id.to_owned())
    };
    let text = String::from_utf8(done.stdout).unwrap();
    Some(text.lines().map(pair).collect())
}

#[test]
fn every_link_and_wrap_is_read_as_tshark_reads_it() {
    let families = [
        ("192.0.2.1:5060", "198.51.100.9:5060"),
        ("[2001:db8::1]:5060", "[2001:db8::2]:5060"),
    ];
    let mut writer = Writer::new(PCAPNG, LINKS[0].number());
    for link in &LINKS[1..] {
        writer.interface(link.number(), &[]);
    }
    let mut number = 0;
    let mut time = u64::try_from(at(0).as_microsecond()).unwrap();
    for (interface, link) in (0..).zip(LINKS) {
        for wrap in WRAPS {
            for (a, b) in families {
                number += 1;
                let ip = udp(address(a), address(b), &request(number));
                for packet in wrap.packets(&ip, u16::try_from(number).unwrap()) {
                    time += 1000;
                    writer.enhanced(interface, time, &link.frame(&packet));
                }
            }
        }
    }
    let (packets, report) = read(&writer.bytes);
    assert_eq!((packets.len(), report.warnings.len()), (number, 0));
    let Some(expected) = seen_by_tshark(&writer.bytes) else {
        return;
    };
    let found: Vec<_> = packets
        .iter()
        .enumerate()
        .map(|(at, it)| (it.place.frame.to_string(), format!("call-{}", at + 1)))
        .collect();
    assert_eq!(found, expected);
}
