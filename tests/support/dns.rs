//! Writes DNS messages, and what was asked and answered as a few lines of text. Shares no code with the reader that it
//! tests.
//!
//! One line a message: `SECONDS WHO KIND NAME [= ANSWER[; RECORD]…]`, a question without an answer. WHO asks: a name of
//! the cast of the traces or an address. ANSWER is `NXDOMAIN`, `SERVFAIL`, `REFUSED`, `none`, `elsewhere` (other servers
//! may know) or `ok`; a RECORD is `NAME A ADDRESS`, `NAME SRV PORT TARGET`, `NAME NAPTR NAME` or `NAME CNAME NAME`.

use std::net::{IpAddr, SocketAddr};

use calltriage::wire::DnsMessage;
use calltriage::wire::dns::read;
use jiff::Timestamp;

use super::trace::{HOSTS, START};

/// Who is asked.
pub const SERVER: &str = "192.0.2.53:53";

/// A name as it is sent, `.` for a pointer to the name of the question.
fn name(name: &str, question: &str) -> Vec<u8> {
    if name == question {
        return vec![0xc0, 12];
    }
    let mut bytes = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend(label.bytes());
    }
    bytes.push(0);
    bytes
}

fn number(kind: &str) -> u16 {
    match kind {
        "A" => 1,
        "NS" => 2,
        "CNAME" => 5,
        "SOA" => 6,
        "PTR" => 12,
        "TXT" => 16,
        "AAAA" => 28,
        "SRV" => 33,
        "NAPTR" => 35,
        _ => panic!("no such kind: {kind}"),
    }
}

/// One record with any data.
pub fn record(owner: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    let head = [kind.to_be_bytes(), 1_u16.to_be_bytes()].concat();
    [
        owner,
        &head[..],
        &[0, 0, 1, 44],
        &length.to_be_bytes(),
        data,
    ]
    .concat()
}

fn written(text: &str, question: &str) -> Vec<u8> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (owner, kind, data) = match words.as_slice() {
        [owner, "SRV", port, target] => {
            let port: u16 = port.parse().unwrap();
            let head = [[0, 10], [0, 20], port.to_be_bytes()].concat();
            (owner, "SRV", [head, name(target, "")].concat())
        }
        [owner, "NAPTR", to] => {
            let head = b"\0\x0a\0\x14\x01s\x07SIP+D2U\0";
            (owner, "NAPTR", [&head[..], &name(to, "")].concat())
        }
        [owner, kind @ ("CNAME" | "NS"), to] => (owner, *kind, name(to, question)),
        [owner, "SOA"] => (owner, "SOA", vec![0; 22]),
        [owner, kind, address] => match address.parse().unwrap() {
            IpAddr::V4(ip) => (owner, *kind, ip.octets().to_vec()),
            IpAddr::V6(ip) => (owner, *kind, ip.octets().to_vec()),
        },
        _ => panic!("no such record: {text}"),
    };
    record(&name(owner, question), number(kind), &data)
}

/// A question.
pub fn question(id: u16, kind: &str, asked: &str) -> Vec<u8> {
    message(id, [1, 0], kind, asked, [&[], &[], &[]])
}

/// A message with these flags, and the records of its sections.
pub fn message(
    id: u16,
    flags: [u8; 2],
    kind: &str,
    asked: &str,
    sections: [&[Vec<u8>]; 3],
) -> Vec<u8> {
    let mut bytes = [id.to_be_bytes(), flags, [0, 1]].concat();
    for section in sections {
        bytes.extend(u16::try_from(section.len()).unwrap().to_be_bytes());
    }
    bytes.extend(name(asked, ""));
    bytes.extend([number(kind), 1].map(u16::to_be_bytes).concat());
    for section in sections {
        bytes.extend(section.concat());
    }
    bytes
}

/// An answer in words, behind its question.
pub fn answer(id: u16, kind: &str, asked: &str, said: &str) -> Vec<u8> {
    let mut parts = said.split(';').map(str::trim);
    let said = parts.next().unwrap();
    let code = match said {
        "ok" | "none" | "elsewhere" => 0,
        "SERVFAIL" => 2,
        "NXDOMAIN" => 3,
        "REFUSED" => 5,
        _ => panic!("no such answer: {said}"),
    };
    let records: Vec<Vec<u8>> = parts.map(|it| written(it, asked)).collect();
    let authority = match said {
        "elsewhere" => vec![written("example NS ns.example", asked)],
        "none" | "NXDOMAIN" => vec![written("example SOA", asked)],
        _ => Vec::new(),
    };
    // What each resolver of today adds: it takes longer answers (RFC 6891).
    let opt = vec![
        [
            &[0][..],
            &41_u16.to_be_bytes(),
            &[0x10, 0, 0, 0, 0, 0, 0, 0],
        ]
        .concat(),
    ];
    message(
        id,
        [0x81, 0x80 | code],
        kind,
        asked,
        [&records, &authority, &opt],
    )
}

/// Who sent what to whom, when.
pub struct Sent {
    pub at: Timestamp,
    pub source: SocketAddr,
    pub destination: SocketAddr,
    pub payload: Vec<u8>,
}

/// The datagrams of a text.
pub fn datagrams(text: &str) -> Vec<Sent> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(sent).collect()
}

fn sent(line: &str) -> Sent {
    let (asks, said) = match line.split_once('=') {
        Some((asks, said)) => (asks, Some(said)),
        None => (line, None),
    };
    let [time, who, kind, asked] = asks.split_whitespace().collect::<Vec<_>>()[..] else {
        panic!("no such line: {line}")
    };
    let known = HOSTS.iter().find(|(host, _)| *host == who);
    let ip: IpAddr = known.map_or_else(
        || who.parse().unwrap(),
        |(_, address)| address.parse::<SocketAddr>().unwrap().ip(),
    );
    let (client, server) = (SocketAddr::new(ip, 40_000), SERVER.parse().unwrap());
    let micros = (time.parse::<f64>().unwrap() * 1e6).round() as i64;
    let id = asked.bytes().chain(kind.bytes()).map(u16::from).sum();
    let (source, destination, payload) = match said {
        None => (client, server, question(id, kind, asked)),
        Some(said) => (server, client, answer(id, kind, asked, said)),
    };
    Sent {
        at: Timestamp::from_microsecond(START * 1_000_000 + micros).unwrap(),
        source,
        destination,
        payload,
    }
}

/// The same as they are kept.
pub fn seen(text: &str) -> Vec<DnsMessage> {
    let read = |(it, frame): (Sent, u32)| {
        let read = read(&it.payload, false).unwrap();
        DnsMessage {
            at: it.at,
            file: 0,
            frame,
            source: it.source,
            destination: it.destination,
            id: read.id,
            name: read.name,
            kind: read.kind,
            answer: read.answer,
        }
    };
    datagrams(text).into_iter().zip(1000..).map(read).collect()
}
