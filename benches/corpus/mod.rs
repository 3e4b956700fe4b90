//! Writes a large capture of ordinary calls: 36 000 calls of ten messages make 360 000 packets and
//! about 200 MB. The same arguments give the same bytes. Reads nothing.
//!
//! Each call is authenticated (407), offers five codecs and gets an answer, each side with a media
//! address of its own, and ends with a BYE that bears a Reason. 100 calls begin a second.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Write};

/// Messages of one call.
pub const MESSAGES: u32 = 10;

const CALLER: [u8; 4] = [127, 0, 0, 1];
const CALLEE: [u8; 4] = [127, 0, 0, 1];
const CALLER_PORT: u16 = 5080;
const CALLEE_PORT: u16 = 5060;
/// 2026-01-01T00:00:00Z.
const BEGIN: u64 = 1_767_225_600_000_000;
/// Microseconds between two calls.
const BETWEEN_CALLS: u64 = 10_000;
/// When each message comes, in microseconds after the INVITE.
const TIMES: [u64; MESSAGES as usize] = [
    0, 900, 1_300, 2_100, 3_000, 250_000, 3_100_000, 3_101_000, 0, 900,
];

/// Writes a capture of so many calls.
pub fn write(calls: u32, out: &mut impl Write) -> io::Result<()> {
    out.write_all(&header())?;
    // The next message of each call that has begun, the earliest first.
    let mut due: BinaryHeap<Reverse<(u64, u32, u32)>> = BinaryHeap::new();
    let mut begun = 0;
    loop {
        let next_call = BEGIN + u64::from(begun) * BETWEEN_CALLS;
        let is_due = due.peek().is_some_and(|Reverse((at, ..))| *at < next_call);
        if begun < calls && !is_due {
            due.push(Reverse((next_call, begun, 0)));
            begun += 1;
            continue;
        }
        let Some(Reverse((at, call, step))) = due.pop() else {
            return Ok(());
        };
        let (by_caller, text) = message(call, step);
        out.write_all(&frame(at, by_caller, text.as_bytes()))?;
        if step + 1 < MESSAGES {
            due.push(Reverse((time(call, step + 1), call, step + 1)));
        }
    }
}

/// The Call-ID of a call.
pub fn call_id(call: u32) -> String {
    let mixed = u64::from(call).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{mixed:016x}-{call}@127.0.0.1")
}

/// When a message of a call comes, in microseconds since 1970.
fn time(call: u32, step: u32) -> u64 {
    let begin = BEGIN + u64::from(call) * BETWEEN_CALLS;
    // From 10 s to about a minute.
    let talk = 10_000_000 + u64::from(call.wrapping_mul(2_654_435_761) % 50_000) * 1_000;
    let after = if step >= 8 { 3_101_000 + talk } else { 0 };
    begin + after + TIMES[step as usize]
}

fn header() -> Vec<u8> {
    let mut header = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 1] {
        header.extend(word.to_le_bytes());
    }
    header
}

/// A record with Ethernet, IPv4 and UDP around the message.
fn frame(at: u64, by_caller: bool, message: &[u8]) -> Vec<u8> {
    let length = |more: usize| u16::try_from(message.len() + more).unwrap().to_be_bytes();
    let (from, to) = if by_caller {
        ((CALLER, CALLER_PORT), (CALLEE, CALLEE_PORT))
    } else {
        ((CALLEE, CALLEE_PORT), (CALLER, CALLER_PORT))
    };
    let mut ip = [&[0x45, 0][..], &length(28), &[0, 0, 0x40, 0, 64, 17, 0, 0]].concat();
    ip.extend(from.0);
    ip.extend(to.0);
    let sum: u32 = ip
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]))
        .sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let checksum = !u16::try_from((folded + (folded >> 16)) & 0xffff).unwrap();
    ip[10..12].copy_from_slice(&checksum.to_be_bytes());
    let macs = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    let udp = [
        &from.1.to_be_bytes()[..],
        &to.1.to_be_bytes(),
        &length(8),
        &[0, 0],
    ]
    .concat();
    let packet = [&macs, &ip[..], &udp, message].concat();
    let size = u32::try_from(packet.len()).unwrap();
    let words = [
        u32::try_from(at / 1_000_000).unwrap(),
        u32::try_from(at % 1_000_000).unwrap(),
        size,
        size,
    ];
    let mut record: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    record.extend(packet);
    record
}

/// A message of a call, and whether the caller sends it.
fn message(call: u32, step: u32) -> (bool, String) {
    const RESPONSES: [(u32, &str); 5] = [
        (1, "407 Proxy Authentication Required"),
        (4, "100 Trying"),
        (5, "180 Ringing"),
        (6, "200 OK"),
        (9, "200 OK"),
    ];
    let response = RESPONSES.iter().find(|(at, _)| *at == step);
    let method = match step {
        0 | 3 => "INVITE",
        2 | 7 => "ACK",
        _ => "BYE",
    };
    let (cseq, asked) = match step {
        0..3 => (1, if step == 2 { "ACK" } else { "INVITE" }),
        3..8 => (2, if step == 7 { "ACK" } else { "INVITE" }),
        _ => (3, "BYE"),
    };
    let from = 441_632_000_000_u64 + u64::from(call);
    let to = 442_079_000_000_u64 + u64::from(call) * 7 % 1_000_000;
    let branch = match step {
        0..3 => 1,
        3..7 => 2,
        7 => 3,
        _ => 4,
    };
    let tag = if step == 0 || (3..5).contains(&step) {
        String::new()
    } else {
        format!(";tag={call:06}callee{}", u32::from(step > 2))
    };
    let mut text = match response {
        Some((_, status)) => format!("SIP/2.0 {status}\r\n"),
        None => format!("{method} sip:{to}@127.0.0.1:5060 SIP/2.0\r\n"),
    };
    text.push_str(&format!(
        "Via: SIP/2.0/UDP 127.0.0.1:5080;branch=z9hG4bK-{call}-{branch}-{:08x};rport\r\n\
         From: \"{from}\" <sip:{from}@127.0.0.1:5080>;tag={call:06}caller\r\n\
         To: <sip:{to}@127.0.0.1:5060>{tag}\r\n\
         Call-ID: {}\r\n\
         CSeq: {cseq} {asked}\r\n",
        call.wrapping_mul(2_654_435_761),
        call_id(call),
    ));
    if response.is_none() {
        text.push_str("Max-Forwards: 70\r\nUser-Agent: corpus/1.0\r\n");
    }
    let contact = |port: u16, user: u64| format!("Contact: <sip:{user}@127.0.0.1:{port}>\r\n");
    match step {
        0 | 3 => text.push_str(&contact(CALLER_PORT, from)),
        5 | 6 => text.push_str(&contact(CALLEE_PORT, to)),
        1 => text.push_str(&format!(
            "Proxy-Authenticate: Digest realm=\"example.com\", nonce=\"{call:032x}\", \
             algorithm=MD5, qop=\"auth\"\r\n"
        )),
        8 => text.push_str("Reason: Q.850;cause=16;text=\"Normal call clearing\"\r\n"),
        _ => {}
    }
    if step == 3 {
        text.push_str(&format!(
            "Proxy-Authorization: Digest username=\"{from}\", realm=\"example.com\", \
             nonce=\"{call:032x}\", uri=\"sip:{to}@127.0.0.1:5060\", \
             response=\"{:032x}\", algorithm=MD5, qop=auth, cnonce=\"0a4f113b\", nc=00000001\r\n",
            u128::from(call).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835),
        ));
    }
    if matches!(step, 0 | 3 | 6) {
        text.push_str("Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO, PRACK, REFER\r\n");
    }
    let body = match step {
        0 | 3 => sdp(call, 0),
        6 => sdp(call, 1),
        _ => String::new(),
    };
    if !body.is_empty() {
        text.push_str("Content-Type: application/sdp\r\n");
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    (!matches!(step, 1 | 4..=6 | 9), text)
}

/// A description of audio at an address that no other call has.
fn sdp(call: u32, side: u32) -> String {
    let host = call % 62_500;
    let address = format!("10.{}.{}.{}", 10 + side, host / 250, 1 + host % 250);
    let port = 10_000 + call % 20_000 * 2;
    format!(
        "v=0\r\no=user{side} {call} 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP 0 8 18 9 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n\
         a=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\na=rtpmap:9 G722/8000\r\n\
         a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
    )
}
