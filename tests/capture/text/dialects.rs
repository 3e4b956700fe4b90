//! The same calls, printed in every dialect, are the same messages: byte for byte, at the same
//! moments and between the same ends, as far as the dialect writes them.

use calltriage::sip::{Packet, Transport, threads};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::read;
use crate::support::text_writer::{Clock, DIALECTS, Dialect, Ends, print};
use crate::support::trace;

const HERE: &str = "192.0.2.5:5060";

const CALLS: [&str; 4] = [
    "0.00 cust>plat INVITE | Supported: timer || v=0 || o=- 1 1 IN IP4 198.51.100.10 || s=- || c=IN IP4 198.51.100.10 || t=0 0 || m=audio 4000 RTP/AVP 8 || a=sendrecv
     0.01 plat>cust 100
     0.02 plat>car INVITE leg=b || v=0 || o=- 1 1 IN IP4 192.0.2.5 || s=- || c=IN IP4 192.0.2.5 || t=0 0 || m=audio 5000 RTP/AVP 8
     0.20 car>plat 503 leg=b | Reason: Q.850;cause=34
     0.22 plat>car ACK leg=b
     0.30 plat>cust 503
     0.31 cust>plat ACK",
    "0.00 cust>plat INVITE
     1.50 plat>cust 180
     3.00 plat>cust 200 || v=0 || o=- 1 1 IN IP4 192.0.2.5 || s=- || c=IN IP4 192.0.2.5 || t=0 0 || m=audio 5000 RTP/AVP 8
     3.10 cust>plat ACK
     9.00 cust>plat BYE
     9.01 plat>cust 200 BYE",
    "0.00 cust>plat INVITE tcp
     2.00 plat>cust 183 tcp
     5.25 cust>plat CANCEL tcp
     5.26 plat>cust 200 CANCEL tcp
     5.27 plat>cust 487 tcp
     5.30 cust>plat ACK tcp",
    "0.00 cust>plat REGISTER
     0.10 plat>cust 401 REGISTER | WWW-Authenticate: Digest realm=\"example\", nonce=\"abc\"
     0.20 cust>plat REGISTER cseq=2 | Authorization: Digest username=\"1\", realm=\"example\", nonce=\"abc\", uri=\"sip:192.0.2.5\", response=\"0123456789abcdef0123456789abcdef\"
     0.30 plat>cust 200 REGISTER cseq=2 | Contact: <sip:441632960001@198.51.100.10>;expires=60",
];

/// When the reader should place a message.
fn expected_at(dialect: Dialect, packet: &Packet, first: Timestamp, number: i32) -> Timestamp {
    let since = packet.at.duration_since(first);
    match dialect.clock() {
        Clock::Exact => packet.at,
        Clock::Seconds => Timestamp::from_second(packet.at.as_second()).unwrap(),
        // START is 2026-02-16 09:10:00; the year is 1972 where none is written.
        Clock::NoYear => {
            let seconds = packet.at.as_second() - trace::START;
            Timestamp::from_second((2 * 365 + 46) * 86_400 + 9 * 3600 + 600 + seconds).unwrap()
        }
        Clock::Since => Timestamp::UNIX_EPOCH + since,
        Clock::Nothing => Timestamp::UNIX_EPOCH + SignedDuration::from_millis(100) * number,
    }
}

fn check(dialect: Dialect, packets: &[Packet], crlf: bool) {
    let text = print(dialect, packets, HERE.parse().unwrap(), crlf);
    let (read, warnings) = read(&text);
    assert_eq!(read.len(), packets.len(), "{dialect:?}\n{text}");
    for (number, (read, written)) in (0..).zip(read.iter().zip(packets)) {
        let context = format!("{dialect:?} {number}\n{text}");
        assert_eq!(read.bytes, written.bytes, "{context}");
        let at = expected_at(dialect, written, packets[0].at, number);
        assert_eq!(read.at, at, "{context}");
        assert_eq!(read.place.frame, u32::try_from(number).unwrap() + 1);
        // What has no ends is guessed, and the calls here give no cause to guess wrong.
        assert_eq!(
            (read.source, read.destination),
            (written.source, written.destination),
            "{context}"
        );
        assert_eq!(read.transport, written.transport, "{context}");
    }
    assert_eq!(
        warnings.iter().any(|it| it.contains("no time stamps")),
        dialect.clock() == Clock::Nothing,
    );
    assert_eq!(
        warnings.iter().any(|it| it.contains("guessed from Via")),
        dialect.ends() == Ends::Nothing,
    );
    assert_eq!(
        warnings
            .iter()
            .any(|it| it.contains("taken to be 192.0.2.5:5060")),
        dialect.ends() == Ends::Far,
    );
    if dialect.clock() == Clock::Exact {
        let facts = |packets: &[Packet]| -> Vec<_> {
            let threads = threads(packets.to_vec());
            threads.iter().map(calltriage::sip::facts::facts).collect()
        };
        assert_eq!(facts(&read), facts(packets));
    }
}

#[test]
fn every_call_in_every_dialect() {
    for call in CALLS {
        let packets = trace::packets(call);
        for dialect in DIALECTS {
            for crlf in [false, true] {
                check(dialect, &packets, crlf);
            }
        }
    }
}

#[test]
fn as_utf_16_too() {
    let packets = trace::packets(CALLS[0]);
    let text = print(Dialect::Sngrep, &packets, HERE.parse().unwrap(), true);
    for (mark, unit) in [
        ("\u{feff}", u16::to_le_bytes as fn(u16) -> [u8; 2]),
        ("", u16::to_le_bytes),
        ("\u{feff}", u16::to_be_bytes),
    ] {
        let wide: Vec<u8> = format!("{mark}{text}")
            .encode_utf16()
            .flat_map(unit)
            .collect();
        assert_eq!(read(wide).0, read(&text).0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    /// Bodies of any kind, whose Content-Length is right.
    #[test]
    fn any_body(
        dialect in proptest::sample::select(&DIALECTS[..]),
        crlf in any::<bool>(),
        bodies in proptest::collection::vec(
            (proptest::collection::vec("[a-zA-Z0-9 ,;=]{0,20}[a-z0-9;]", 0..6), any::<bool>()),
            1..5,
        ),
    ) {
        let mut packets = Vec::new();
        for (number, (lines, sdp)) in bodies.into_iter().enumerate() {
            let kind = if sdp { "application/sdp" } else { "text/plain" };
            let lines = lines.iter().map(|line| if sdp { format!("a={line}\r\n") } else { format!("{line}\r\n") });
            let body: String = lines.collect();
            let bytes = format!(
                "MESSAGE sip:b@192.0.2.5:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.10:5060;branch=z9hG4bK{number}\r\n\
                 From: <sip:a@198.51.100.10>;tag=a\r\nTo: <sip:b@192.0.2.5>\r\nCall-ID: {number}\r\n\
                 CSeq: 1 MESSAGE\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
                body.len(),
            );
            packets.push(Packet {
                bytes: bytes.into(),
                transport: Transport::Udp,
                ..trace::packets("0 cust>plat INVITE").remove(0)
            });
        }
        check(dialect, &packets, crlf);
    }
}
