//! `pcap`: what it writes is the call that was asked for, for our own reader and for tshark.

use std::path::Path;
use std::process::Command;

use calltriage::capture::{export, read};
use calltriage::sip::redact::without_credentials;
use calltriage::sip::{Message, Packet, Transport};
use serde_json::json;

use super::{Desk, capture, example, pcap};
use crate::support::trace;

/// IPv4 and IPv6, UDP and TCP, a message in several segments, with and without credentials.
const CALLS: [(&str, &str); 6] = [
    ("missing-ack.pcap", "441632960118"),
    ("ipv6-call.pcap", "441632960124"),
    ("tcp-call.pcap", "441632960123"),
    ("tcp-split.pcap", "441632960138"),
    ("answered-digest.pcap", "441632960103"),
    ("failover-answered.pcapng", "441632960107"),
];

fn messages(path: &Path) -> Vec<Packet> {
    let mut packets = Vec::new();
    let report = read(path, &mut |packet| packets.push(packet)).unwrap();
    assert_eq!(report.warnings, Vec::<String>::new());
    packets
}

fn exported(desk: &Desk, from: &str, query: &str) -> std::path::PathBuf {
    let args = ["pcap", query, "--capture", from, "--output", "call.pcap"];
    desk.run(&args).answered();
    desk.path("call.pcap")
}

/// All that a message says of itself, but its place in a file; without credentials.
fn facts(packet: &Packet) -> impl Ord + std::fmt::Debug + use<> {
    (
        packet.at,
        packet.source,
        packet.destination,
        packet.transport,
        without_credentials(&packet.bytes),
    )
}

#[test]
fn what_was_exported_reads_the_same() {
    let desk = Desk::new();
    for (name, query) in CALLS {
        let file = messages(&exported(&desk, &example(name), query));
        let ids: Vec<String> = file
            .iter()
            .map(|packet| Message::parse(packet.bytes.clone()).call_id().into_owned())
            .collect();
        let original = messages(Path::new(&example(name)));
        let is_of_call = |packet: &&Packet| {
            let message = Message::parse(packet.bytes.clone());
            ids.iter().any(|id| **id == *message.call_id())
        };
        let mut expected: Vec<_> = original.iter().filter(is_of_call).map(facts).collect();
        let mut found: Vec<_> = file.iter().map(facts).collect();
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "{name}");
        assert!(found.len() > 5, "{name}");
    }
}

#[test]
fn credentials_do_not_leave() {
    let desk = Desk::new();
    let path = exported(&desk, &example("answered-digest.pcap"), "441632960103");
    let mut digests = 0;
    for packet in messages(&path) {
        assert_eq!(without_credentials(&packet.bytes), packet.bytes);
        let text = String::from_utf8(packet.bytes.to_vec()).unwrap();
        digests += text.matches("response=\"xxxx").count();
    }
    assert!(digests > 0);
}

#[test]
fn messages_longer_than_a_segment_and_many_on_a_connection() {
    let desk = Desk::new();
    let filler = "x".repeat(9_000);
    let text = format!(
        "0.000 cust>plat INVITE tcp | X-Long: {filler}
         0.002 plat>cust 100 tcp
         0.500 plat>cust 486 tcp | X-Long: {filler}
         0.510 cust>plat ACK tcp"
    );
    desk.file("long.pcap", pcap(&trace::packets(&text)));
    let file = messages(&exported(&desk, "long.pcap", "a@198.51.100.10"));
    let written: Vec<_> = trace::packets(&text).iter().map(facts).collect();
    assert_eq!(file.iter().map(facts).collect::<Vec<_>>(), written);
}

#[test]
fn what_it_did_is_said() {
    let desk = Desk::new();
    desk.file("call.pcap", capture("0 cust>plat INVITE\n 1 plat>cust 486"));
    let ask = [
        "pcap",
        "a@198.51.100.10",
        "--capture",
        "call.pcap",
        "--output",
    ];
    let done = desk.run(&[&ask[..], &["out.pcap"]].concat()).answered();
    assert_eq!(done.out, "out.pcap: 2 messages\n");
    let done = desk
        .run(&[&ask[..], &["out.pcap", "--json"]].concat())
        .answered();
    let expected = json!({ "file": "out.pcap", "messages": 2, "left_out": 0 });
    assert_eq!(done.one_json(), expected);
    let lost = desk.run(&[&ask[..], &["no/out.pcap"]].concat());
    assert_eq!(lost.code, Some(1), "{lost:?}");
    assert!(
        lost.err.contains("no/out.pcap: cannot be written"),
        "{lost:?}"
    );
    let args = [
        "pcap",
        "nobody@example",
        "--capture",
        "call.pcap",
        "--output",
        "none.pcap",
    ];
    let none = desk.run(&args);
    assert_eq!(none.code, Some(1), "{none:?}");
    assert!(!desk.path("none.pcap").exists());
}

/// What tshark says of a file, a line a frame or message.
fn tshark(path: &Path, args: &[&str]) -> Option<Vec<String>> {
    let checked = ["ip", "udp", "tcp"].map(|layer| format!("-o{layer}.check_checksum:TRUE"));
    let done = Command::new("tshark")
        .arg("-r")
        .arg(path)
        .args(checked)
        .args(args)
        .output()
        .ok()?;
    assert!(done.status.success(), "{done:?}");
    let out = String::from_utf8(done.stdout).unwrap();
    Some(out.lines().map(str::to_owned).collect())
}

#[test]
fn tshark_sees_the_same_and_complains_of_nothing() {
    let desk = Desk::new();
    for (name, query) in CALLS {
        let path = exported(&desk, &example(name), query);
        let starts = ["-Ysip", "-Tfields", "-esip.Method", "-esip.Status-Code"];
        let Some(seen) = tshark(&path, &starts) else {
            println!("tshark is not installed: its view of our files was not tested");
            return;
        };
        let expected: Vec<String> = messages(&path)
            .iter()
            .map(|packet| {
                let message = Message::parse(packet.bytes.clone());
                let method = message
                    .request_method()
                    .map_or("", |method| method.as_str());
                let code = message
                    .code()
                    .map_or(String::new(), |code| code.to_string());
                format!("{method}\t{code}")
            })
            .collect();
        assert_eq!(seen, expected, "{name}");
        let trouble = "_ws.malformed || _ws.short || ip.checksum.status == 0 \
            || udp.checksum.status == 0 || tcp.checksum.status == 0 || tcp.analysis.flags \
            || (_ws.expert.severity >= 6291456)";
        let none: Vec<String> = Vec::new();
        assert_eq!(tshark(&path, &["-Y", trouble]), Some(none), "{name}");
    }
}

#[test]
fn messages_over_websocket_are_seen_as_sip_by_others_too() {
    let desk = Desk::new();
    let text = "0 198.51.100.10:50001>192.0.2.5:8088 INVITE\n 1 192.0.2.5:8088>198.51.100.10:50001 486\n \
                2 198.51.100.10:50001>192.0.2.5:8088 ACK";
    let mut packets = trace::packets(text);
    for packet in &mut packets {
        packet.transport = Transport::Ws;
    }
    let mut file = Vec::new();
    let done = export::pcap(&packets, &mut file).unwrap();
    assert_eq!((done.messages, done.left_out), (3, 0));
    let path = desk.path("ws.pcap");
    std::fs::write(&path, &file).unwrap();
    let read: Vec<_> = messages(&path).into_iter().map(|it| it.bytes).collect();
    assert_eq!(
        read,
        packets
            .iter()
            .map(|it| it.bytes.clone())
            .collect::<Vec<_>>()
    );
    match tshark(
        &path,
        &["-Ysip", "-Tfields", "-esip.Method", "-esip.Status-Code"],
    ) {
        Some(seen) => assert_eq!(seen, ["INVITE\t", "\t486", "ACK\t"]),
        None => println!("tshark is not installed: its view of our files was not tested"),
    }
    // What fits into no datagram goes over TCP, whole.
    let mut long = packets[0].clone();
    let body = "a=x\r\n".repeat(14_000);
    let text = String::from_utf8(long.bytes.to_vec()).unwrap();
    let head = text.split("\r\n\r\n").next().unwrap().replace(
        "Content-Length: 0",
        &format!("Content-Length: {}", body.len()),
    );
    long.bytes = format!("{head}\r\n\r\n{body}").into();
    let mut file = Vec::new();
    assert_eq!(export::pcap([&long], &mut file).unwrap().messages, 1);
    std::fs::write(&path, &file).unwrap();
    assert_eq!(messages(&path)[0].bytes, long.bytes);
}
