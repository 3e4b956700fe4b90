//! What captures show besides messages, from the bytes to what is said: of one call, of every call,
//! and later, from what was kept.

use std::net::SocketAddr;

use serde_json::Value;

use super::Desk;
use crate::support::capture_writer::{Flag, tcp, udp};
use crate::support::icmp::error;
use crate::support::media::{at, rtp};
use crate::support::tls::{
    HANDSHAKE, TLS_1_2, alert, certificate, client_hello, record, server_hello,
};
use crate::support::trace::packets;
use crate::support::traffic::{Frame, written};

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// A capture of a written call and other frames, in order of time.
fn capture(call: &str, more: Vec<Frame>) -> Vec<u8> {
    let messages = packets(call)
        .into_iter()
        .map(|it| (it.at, udp(it.source, it.destination, &it.bytes)));
    let mut frames: Vec<Frame> = messages.chain(more).collect();
    frames.sort_by_key(|(at, _)| *at);
    written(&frames)
}

fn rules(investigation: &Value) -> Vec<String> {
    let calls = investigation["calls"].as_array().unwrap();
    assert_eq!(calls.len(), 1, "{investigation}");
    let findings = calls[0]["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|it| it["rule"].as_str().unwrap().to_owned())
        .collect()
}

/// Whether a rule fires, however the call is looked at: the answer must be the same each time.
#[track_caller]
fn finds(bytes: &[u8], rule: &str) -> bool {
    let desk = Desk::new();
    let file = desk.file("call.pcap", bytes);
    let source = ["--json", "--capture", file];
    let one = desk.run(&[&["diagnose", "a@198.51.100.10"][..], &source].concat());
    let one = one.answered().one_json();
    let every = desk.run(&[&["diagnose", "--all"][..], &source].concat());
    let every = every.answered().one_json();
    assert_eq!(one["calls"], every["calls"]);

    // From the store, with the source gone.
    std::fs::remove_file(desk.path(file)).unwrap();
    let line = format!("again {}\n", one["id"].as_str().unwrap());
    let done = desk.say(&source, &line);
    assert_eq!(done.code, Some(0));
    let again = done.one_json();
    assert_eq!(again["calls"], one["calls"]);
    let history = desk.run(&["history", "--json"]).answered().json();
    assert_eq!(history.len(), 1);
    rules(&one).iter().any(|it| it == rule)
}

const SILENT: &str = "0.00 cust>plat INVITE
    0.01 plat>cust 100
    0.02 plat>car INVITE leg=b
    0.52 plat>car INVITE leg=b
    1.52 plat>car INVITE leg=b
    3.00 plat>cust 503
    3.01 cust>plat ACK";

#[test]
fn icmp_errors() {
    let reported = |about: usize, kind: u8, code: u8| {
        let about = &packets(SILENT)[about];
        let quoted = udp(about.source, about.destination, &about.bytes);
        let frame = (at(30_000), error(false, kind, code, [0; 4], &quoted));
        capture(SILENT, vec![frame])
    };
    assert!(finds(&reported(2, 3, 3), "icmp-unreachable"));
    // An echo, which says nothing of the call; and the call alone.
    assert!(!finds(&reported(2, 0, 0), "icmp-unreachable"));
    assert!(!finds(&capture(SILENT, Vec::new()), "icmp-unreachable"));
}

const NOWHERE: &str = "0.00 cust>plat INVITE
    0.01 plat>cust 100
    0.40 plat>cust 503 phrase=Service_Unavailable
    0.41 cust>plat ACK";

#[test]
fn tls_handshakes() {
    let connection = |client: &str, last: Vec<u8>| {
        let ends = [address(client), address("203.0.113.9:5061")];
        let hello = record(
            HANDSHAKE,
            &client_hello(Some("sbc.carrier.example"), &[], &[]),
        );
        let names = [(0x82, "sbc.carrier.example")];
        let flight = [
            server_hello(TLS_1_2),
            certificate("sbc.carrier.example", &names),
            vec![14, 0, 0, 0],
        ];
        let steps = [
            (0, Flag::Syn, Vec::new()),
            (1, Flag::Syn, Vec::new()),
            (0, Flag::Data, hello),
            (1, Flag::Data, record(HANDSHAKE, &flight.concat())),
            (0, Flag::Data, last),
        ];
        let mut sequences = [1000_u32, 5000];
        let mut frames = Vec::new();
        for (number, (by, flag, bytes)) in (0..).zip(steps) {
            let packet = tcp(ends[by], ends[1 - by], sequences[by], flag, &bytes);
            frames.push((at(100_000 + number * 10_000), packet));
            sequences[by] += u32::from(flag == Flag::Syn) + u32::try_from(bytes.len()).unwrap();
        }
        capture(NOWHERE, frames)
    };
    let rule = "tls-handshake-failed";
    let refused = alert(true, 45);
    assert!(fails(&connection("192.0.2.5:40000", refused.clone()), rule));
    // Another machine's connection, and one that was only closed.
    assert!(!fails(&connection("192.0.2.77:40000", refused), rule));
    assert!(!fails(
        &connection("192.0.2.5:40000", alert(false, 0)),
        rule
    ));
}

/// As [`finds`], of a capture in which the program tells of TLS that it cannot read.
#[track_caller]
fn fails(bytes: &[u8], rule: &str) -> bool {
    let desk = Desk::new();
    let file = desk.file("call.pcap", bytes);
    let source = ["--json", "--capture", file];
    let said = |done: super::Done| {
        assert_eq!(done.code, Some(0));
        assert_eq!(done.err.lines().count(), 1, "{}", done.err);
        assert!(done.err.contains("to port 5061"), "{}", done.err);
        done.one_json()
    };
    let one = said(desk.run(&[&["diagnose", "a@198.51.100.10"][..], &source].concat()));
    let every = said(desk.run(&[&["diagnose", "--all"][..], &source].concat()));
    assert_eq!(one["calls"], every["calls"]);
    std::fs::remove_file(desk.path(file)).unwrap();
    let line = format!("again {}\n", one["id"].as_str().unwrap());
    let again = desk.say(&source, &line).one_json();
    assert_eq!(again["calls"], one["calls"]);
    rules(&one).iter().any(|it| it == rule)
}

const CALL: &str = "
    0.00 cust>plat INVITE || v=0 || c=IN IP4 198.51.100.10 || m=audio 4000 RTP/AVP 0
    1.00 plat>cust 200 || v=0 || c=IN IP4 192.0.2.5 || m=audio 5000 RTP/AVP 0
    1.02 cust>plat ACK
    21.00 cust>plat BYE
    21.01 plat>cust 200 BYE";

/// Twenty seconds of sound.
fn sound(source: &str, destination: &str, ssrc: u32) -> Vec<Frame> {
    let packet = |n: u16| {
        let bytes = rtp(0, n, u32::from(n) * 160, ssrc);
        let ip = udp(address(source), address(destination), &bytes);
        (at(1_000_000 + i64::from(n) * 20_000), ip)
    };
    (0..1000).map(packet).collect()
}

#[test]
fn audio_both_ways_and_one_way() {
    let there = sound("198.51.100.10:4000", "192.0.2.5:5000", 1);
    let back = sound("192.0.2.5:5000", "198.51.100.10:4000", 2);
    assert!(finds(&capture(CALL, there.clone()), "one-way-audio"));
    let both = capture(CALL, [there, back].concat());
    assert!(!finds(&both, "one-way-audio"));
    let desk = Desk::new();
    let file = desk.file("call.pcap", &both);
    let every = desk.run(&["diagnose", "--all", "--json", "--capture", file]);
    let media = every.answered().one_json()["calls"][0]["media"].clone();
    let packets: Vec<&Value> = media
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["packets"])
        .collect();
    assert_eq!(packets, [1000, 1000]);
}

#[test]
fn resets_of_tcp_connections() {
    let message = &packets(SILENT)[2];
    let (from, to) = (message.source, message.destination);
    let sent = (at(20_000), tcp(from, to, 1, Flag::Data, &message.bytes));
    let reset = (at(30_000), tcp(to, from, 0, Flag::Rst, b""));
    let lines = SILENT.lines().filter(|line| !line.contains("leg=b"));
    let rest = lines.collect::<Vec<_>>().join("\n");
    let broken = capture(&rest, vec![sent.clone(), reset]);
    assert!(finds(&broken, "connection-reset"));
    assert!(!finds(&capture(&rest, vec![sent]), "connection-reset"));
    // The wish for a connection, and its refusal.
    let asked = (at(20_000), tcp(from, to, 0, Flag::Syn, b""));
    let refused = (at(30_000), tcp(to, from, 0, Flag::Rst, b""));
    let refused = capture(NOWHERE, vec![asked, refused]);
    assert!(finds(&refused, "connection-refused"));
    assert!(!finds(&refused, "connection-reset"));
}
