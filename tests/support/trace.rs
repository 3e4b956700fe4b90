//! Calls written as a few lines of text, turned into the packets a capture would hold.
//!
//! One line a message: `SECONDS FROM>TO WHAT [OPTION…] [| Header: value]… [|| a line of SDP]…`; the lines are of another
//! body where a Content-Type is written.
//!
//! ```text
//! 0.00 cust>plat INVITE              | Supported: timer
//! 0.01 plat>car  INVITE leg=b        another Call-ID on the far side
//! 0.02 car>plat  503 leg=b           | Reason: Q.850;cause=34
//! 0.03 plat>cust 503
//! 0.04 cust>plat ACK
//! 9.00 cust>plat BYE                 CSeq 2, inside the dialog, from the caller
//! 9.50 plat>cust BYE by=callee       the callee's BYE: tags swapped, CSeq 101
//! 9.51 cust>plat 200 BYE by=callee
//! ```
//!
//! FROM and TO are names of [`HOSTS`] or `host:port`. WHAT is a method, or a code with the method
//! it answers (INVITE if none is said). Options: `leg=`, `cseq=`, `by=callee`, `in` (inside the
//! dialog: has a To tag), `branch=`, `tcp`, `tls`, `phrase=Two_Words`, `to=NUMBER`, `from=NUMBER`,
//! `tag=` and `totag=` (the caller's and the callee's), `via=HOST:PORT` where the topmost Via is
//! not the sender's address, `file=N` for a second capture, `mf=N` for another Max-Forwards, `length=TEXT` for
//! another Content-Length, `without=HEADER` for one of those that every message gets, `uri=USER` for another
//! user in the Request-URI. A body line `~` is an empty one.
//! An ACK to a non-2xx takes its INVITE's branch, as does a CANCEL.

use std::collections::HashMap;
use std::net::SocketAddr;

use bytes::Bytes;
use calltriage::sip::{Call, Packet, Place, Transport, calls, threads};
use jiff::Timestamp;

/// The cast: public documentation addresses, so that private ones stand out.
pub const HOSTS: &[(&str, &str)] = &[
    ("cust", "198.51.100.10:5060"),
    ("cust2", "198.51.100.20:5060"),
    ("plat", "192.0.2.5:5060"),
    ("car", "203.0.113.9:5060"),
    ("car2", "203.0.113.19:5060"),
];

/// When every written call begins: 2026-02-16 09:10:00 UTC.
pub const START: i64 = 1_771_233_000;

/// The packets of a written call.
pub fn packets(text: &str) -> Vec<Packet> {
    let mut finals: HashMap<(String, u32), u16> = HashMap::new();
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .enumerate()
        .map(|(at, line)| packet(at, line, &mut finals))
        .collect()
}

/// The one call that a text writes.
pub fn call(text: &str) -> Call {
    let mut calls = calls(threads(packets(text)), &[]);
    assert_eq!(
        calls.len(),
        1,
        "the text writes {} calls, not one",
        calls.len()
    );
    calls.remove(0)
}

fn host(name: &str) -> SocketAddr {
    let known = HOSTS
        .iter()
        .find(|(host, _)| *host == name)
        .map(|(_, address)| *address);
    known
        .unwrap_or(name)
        .parse()
        .unwrap_or_else(|_| panic!("no such host: {name}"))
}

fn packet(at: usize, line: &str, finals: &mut HashMap<(String, u32), u16>) -> Packet {
    let (line, sdp) = line.split_once("||").unwrap_or((line, ""));
    let mut parts = line.split('|');
    let words: Vec<&str> = parts
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let headers: Vec<&str> = parts.map(str::trim).collect();
    let [time, way, what, options @ ..] = words.as_slice() else {
        panic!("too short: {line}")
    };
    let (source, destination) = way.split_once('>').expect("FROM>TO");
    let (source, destination) = (host(source), host(destination));
    let option = |name: &str| {
        options
            .iter()
            .find_map(|o| o.strip_prefix(name)?.strip_prefix('='))
    };
    let has = |name: &str| options.contains(&name);

    let code: Option<u16> = what.parse().ok();
    let method = match code {
        None => *what,
        Some(_) => options
            .iter()
            .find(|o| o.bytes().all(|b| b.is_ascii_uppercase()))
            .unwrap_or(&"INVITE"),
    };
    let leg = option("leg").unwrap_or("a");
    let by_callee = option("by") == Some("callee");
    let default_cseq = match method {
        "INVITE" | "ACK" | "CANCEL" | "REGISTER" => 1,
        _ => 2,
    };
    let cseq: u32 = option("cseq").map_or(default_cseq + if by_callee { 100 } else { 0 }, |n| {
        n.parse().expect("a number")
    });
    let (client, server) = if code.is_some() {
        (destination, source)
    } else {
        (source, destination)
    };
    let hop = format!("{leg}-{client}-{server}").replace(['.', ':', '[', ']'], "");
    if let Some(code) = code.filter(|code| *code >= 200 && method == "INVITE") {
        finals.insert((hop.clone(), cseq), code);
    }
    let shares_branch = match method {
        "CANCEL" => true,
        "ACK" => finals
            .get(&(hop.clone(), cseq))
            .is_some_and(|code| *code >= 300),
        _ => false,
    };
    let named = if shares_branch { "INVITE" } else { method };
    let branch = option("branch").map_or(format!("z9hG4bK-{hop}-{named}-{cseq}"), str::to_owned);
    let dialog_request = code.is_none()
        && (has("in")
            || matches!(
                method,
                "BYE" | "PRACK" | "UPDATE" | "INFO" | "REFER" | "NOTIFY"
            )
            || method == "ACK");
    let callee_tagged =
        dialog_request || has("in") || by_callee || code.is_some_and(|code| code > 100);
    let (from_number, to_number) = (
        option("from").unwrap_or("441632960001"),
        option("to").unwrap_or("441632960002"),
    );
    let caller_tag = option("tag").map_or(format!("caller-{leg}"), str::to_owned);
    let caller = format!("<sip:{from_number}@198.51.100.10>;tag={caller_tag}");
    let callee_tag = if callee_tagged {
        let tag = option("totag").map_or(format!("callee-{leg}"), str::to_owned);
        format!(";tag={tag}")
    } else {
        String::new()
    };
    let callee = format!("<sip:{to_number}@192.0.2.5>{callee_tag}");
    let (from, to) = if by_callee {
        (callee, caller)
    } else {
        (caller, callee)
    };

    let start = match code {
        Some(code) => {
            let phrase = option("phrase").map_or("Phrase".to_owned(), |p| p.replace('_', " "));
            format!("SIP/2.0 {code} {phrase}")
        }
        None if method == "REGISTER" => format!("REGISTER sip:{} SIP/2.0", destination.ip()),
        None => {
            let user = option("uri").unwrap_or(to_number);
            format!("{method} sip:{user}@{destination} SIP/2.0")
        }
    };
    let transport = if has("tls") {
        Transport::Tls
    } else if has("tcp") {
        Transport::Tcp
    } else {
        Transport::Udp
    };
    let max_forwards = option("mf").unwrap_or("70");
    let sent_by = option("via").map_or(client.to_string(), str::to_owned);
    let mut text = format!(
        "{start}\r\nVia: SIP/2.0/{} {sent_by};branch={branch}\r\nMax-Forwards: {max_forwards}\r\nFrom: {from}\r\n\
         To: {to}\r\nCall-ID: {leg}@198.51.100.10\r\nCSeq: {cseq} {method}\r\n",
        transport.name().to_uppercase(),
    );
    let has_own = |name: &str| headers.iter().any(|header| header.starts_with(name));
    // What sets up a dialog says where its sender is (RFC 3261 section 12.1.1).
    let sets_up = method == "INVITE" && code.is_some_and(|code| (200..300).contains(&code));
    let asks = code.is_none() && matches!(method, "INVITE" | "REGISTER");
    if (asks || sets_up) && !has_own("Contact") {
        let user = if sets_up { to_number } else { from_number };
        text.push_str(&format!("Contact: <sip:{user}@{source}>\r\n"));
    }
    for header in &headers {
        text.push_str(&format!("{header}\r\n"));
    }
    let body: String = sdp
        .split("||")
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .map(|l| format!("{}\r\n", if l == "~" { "" } else { l }))
        .collect();
    if !body.is_empty() && !has_own("Content-Type") {
        text.push_str("Content-Type: application/sdp\r\n");
    }
    let length = option("length").map_or(body.len().to_string(), str::to_owned);
    text.push_str(&format!("Content-Length: {length}\r\n\r\n{body}"));
    if let Some(name) = option("without") {
        let (before, rest) = text
            .split_once(&format!("\r\n{name}:"))
            .expect("the header");
        let after = rest.split_once("\r\n").expect("a line end").1;
        text = format!("{before}\r\n{after}");
    }
    let micros = (time.parse::<f64>().expect("seconds") * 1e6).round() as i64;
    Packet {
        at: Timestamp::from_microsecond(START * 1_000_000 + micros).expect("a time"),
        source,
        destination,
        transport,
        place: Place {
            file: option("file").map_or(0, |n| n.parse().expect("a number")),
            frame: u32::try_from(at).expect("few lines") + 1,
        },
        bytes: Bytes::from(text),
    }
}
