//! How long it takes to make calls out of many packets: `cargo bench --bench sip`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement, not the program"
)]

use std::net::SocketAddr;
use std::time::Instant;

use bytes::Bytes;
use calltriage::diagnosis::rules::findings;
use calltriage::diagnosis::{Case, Peers};
use calltriage::render::ladder::{Limits, text};
use calltriage::sip::{Packet, Place, Transport, calls, threads};
use jiff::{SignedDuration, Timestamp};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CALLS: u32 = 36_000;

/// What one setting of the traffic looks like.
struct Traffic {
    name: &'static str,
    calls: u32,
    per_second: u32,
    /// Every call to one number, from one user.
    one_number: bool,
    /// Every call in one Call-ID, as a broken device sends.
    one_call_id: bool,
    far_tag: &'static str,
}

fn main() {
    let plain = Traffic {
        name: "numbers of their own",
        calls: CALLS,
        per_second: 50,
        one_number: false,
        one_call_id: false,
        far_tag: "",
    };
    measure_one(&plain);
    measure(&plain);
    measure(&Traffic {
        name: "tags passed on",
        far_tag: "near",
        ..plain
    });
    measure(&Traffic {
        name: "one number for all",
        one_number: true,
        ..plain
    });
    measure(&Traffic {
        name: "one number, all at once",
        one_number: true,
        per_second: 5000,
        ..plain
    });
    measure(&Traffic {
        name: "one number, half as many",
        one_number: true,
        calls: CALLS / 2,
        ..plain
    });
    measure(&Traffic {
        name: "one Call-ID",
        one_call_id: true,
        ..plain
    });
    measure(&Traffic {
        name: "one Call-ID, half as many",
        one_call_id: true,
        calls: CALLS / 2,
        ..plain
    });
}

/// How long one call of 200 messages takes from its packets to findings and a ladder.
fn measure_one(traffic: &Traffic) {
    const ROUNDS: u32 = 200;
    const REFRESHES: u32 = 60;
    let mut packets = call(traffic, 1);
    // Each leg is refreshed again and again before it ends.
    let inside: Vec<Packet> = packets.iter().filter(|it| is_setup(it)).cloned().collect();
    for (round, packet) in (0..REFRESHES).flat_map(|round| inside.iter().map(move |it| (round, it)))
    {
        if packets.len() >= 200 {
            break;
        }
        let written = String::from_utf8(packet.bytes.to_vec()).unwrap();
        let written = written
            .replace("CSeq: 2", &format!("CSeq: {}", 10 + round))
            .replace("-2;rport", &format!("-{};rport", 10 + round))
            .replace(
                "sip:441630000001@192.0.2.5>\r\n",
                "sip:441630000001@192.0.2.5>;tag=callee\r\n",
            );
        let mut refresh = packet.clone();
        refresh.bytes = Bytes::from(written);
        refresh.at += SignedDuration::from_millis(3_000 + i64::from(round) * 700);
        packets.push(refresh);
    }
    let count = packets.len();
    let peers = Peers::default();
    let start = Instant::now();
    let mut found = 0;
    for _ in 0..ROUNDS {
        for call in calls(threads(packets.clone()), &[]) {
            let case = Case::new(&call, &peers, None);
            found += findings(&case).len() + text(&case, &[], Limits::CHAT).len();
        }
    }
    let one = start.elapsed() / ROUNDS;
    println!(
        "one call of {count} messages, diagnosed and drawn: {:.2} ms ({found} letters and findings)",
        one.as_secs_f64() * 1_000.0
    );
}

/// Whether a packet is of the second INVITE, without its ringing.
fn is_setup(packet: &Packet) -> bool {
    let written = String::from_utf8_lossy(&packet.bytes);
    written.contains("CSeq: 2") && !written.contains("Ringing")
}

fn measure(traffic: &Traffic) {
    let packets: Vec<Packet> = (0..traffic.calls / 2)
        .flat_map(|n| call(traffic, n))
        .collect();
    let count = packets.len();
    let start = Instant::now();
    let threads = threads(packets);
    let read = start.elapsed();
    let calls = calls(threads, &[]);
    let all = start.elapsed();
    println!(
        "{:26} {count} messages: read {:.2} s, joined {:.2} s, {} calls, {} joins",
        traffic.name,
        read.as_secs_f64(),
        (all - read).as_secs_f64(),
        calls.len(),
        calls.iter().map(|call| call.joins.len()).sum::<usize>(),
    );
}

/// One call through the platform: two Call-IDs of ten messages each.
fn call(traffic: &Traffic, n: u32) -> Vec<Packet> {
    let customer = SocketAddr::from(([198, 51, 100, 10], 5060));
    let platform = SocketAddr::from(([192, 0, 2, 5], 5060));
    let carrier = SocketAddr::from(([203, 0, 113, 9], 5060));
    let start = u64::from(n) * 1_000_000 / u64::from(traffic.per_second);
    let mut packets = leg(traffic, n, "near", "near", (customer, platform), start);
    let far = if traffic.far_tag.is_empty() {
        "far"
    } else {
        traffic.far_tag
    };
    packets.extend(leg(
        traffic,
        n,
        "far",
        far,
        (platform, carrier),
        start + 5_000,
    ));
    packets
}

fn leg(
    traffic: &Traffic,
    n: u32,
    name: &str,
    tag: &str,
    (client, server): (SocketAddr, SocketAddr),
    start: u64,
) -> Vec<Packet> {
    let to = if traffic.one_number { 0 } else { n };
    let call_id = if traffic.one_call_id {
        "one@example".to_owned()
    } else {
        format!("{name}-{n}@example")
    };
    // Method or code, CSeq, whether the client sends it, and when.
    let script = [
        ("INVITE", 1, "INVITE", true, 0),
        ("100 Trying", 1, "INVITE", false, 2_000),
        ("407 Auth", 1, "INVITE", false, 3_000),
        ("ACK", 1, "ACK", true, 4_000),
        ("INVITE", 2, "INVITE", true, 5_000),
        ("180 Ringing", 2, "INVITE", false, 900_000),
        ("200 OK", 2, "INVITE", false, 2_000_000),
        ("ACK", 2, "ACK", true, 2_010_000),
        ("BYE", 3, "BYE", true, 60_000_000),
        ("200 OK", 3, "BYE", false, 60_010_000),
    ];
    script
        .iter()
        .zip(1..)
        .map(|((what, cseq, method, by_client, after), step)| {
            let is_request = what == method;
            let first = if is_request {
                format!("{what} sip:44163{to:07}@{server} SIP/2.0")
            } else {
                format!("SIP/2.0 {what}")
            };
            let to_tag = if *cseq == 3 || !is_request { ";tag=callee" } else { "" };
            let branch = if *method == "ACK" && *cseq == 1 { "INVITE" } else { method };
            let text = format!(
                "{first}\r\nVia: SIP/2.0/UDP {client};branch=z9hG4bK-{name}-{n}-{branch}-{cseq};rport\r\n\
                 Max-Forwards: 70\r\nFrom: \"Caller\" <sip:44207{to:07}@198.51.100.10>;tag={tag}-{n}\r\n\
                 To: <sip:44163{to:07}@192.0.2.5>{to_tag}\r\nCall-ID: {call_id}\r\n\
                 CSeq: {cseq} {method}\r\nContact: <sip:x@{client}>\r\nUser-Agent: bench\r\n\
                 Allow: INVITE, ACK, BYE, CANCEL, OPTIONS\r\nContent-Length: 0\r\n\r\n"
            );
            let (source, destination) =
                if *by_client { (client, server) } else { (server, client) };
            let micros = 1_771_233_000_000_000 + i64::try_from(start + after).unwrap();
            Packet {
                at: Timestamp::from_microsecond(micros).unwrap(),
                source,
                destination,
                transport: Transport::Udp,
                place: Place { file: 0, frame: n * 20 + step },
                bytes: Bytes::from(text),
            }
        })
        .collect()
}
