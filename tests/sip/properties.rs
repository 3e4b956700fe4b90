//! What holds for any bytes and any calls, in whatever order they arrive.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use bytes::Bytes;
use calltriage::sip::{Call, Join, Message, Name, Packet, Place, Transport, calls, threads};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::trace::START;

/// Asks a message for all it can tell.
fn read_all(bytes: Vec<u8>) -> Message {
    let message = Message::parse(Bytes::from(bytes));
    let _ = format!(
        "{message:?} {:?} {:?}",
        message.start_text(),
        message.method()
    );
    let _ = (
        message.vias(),
        message.top_via(),
        message.contact(),
        message.request_uri(),
    );
    let _ = (
        message.from_tag(),
        message.to_tag(),
        message.from_user(),
        message.to_user(),
    );
    let _ = (
        message.reasons(),
        message.q850(),
        message.challenges(),
        message.credentials(),
    );
    let _ = (
        message.session_expires(),
        message.seconds(Name::RetryAfter),
        message.sdp(),
    );
    let _ = (
        message.all_headers().count(),
        message.other_header("x-cid"),
        message.agent(),
    );
    assert!(message.body().len() <= message.raw().len());
    read_fields(&message);
    message
}

/// The same for what is read less often.
fn read_fields(message: &Message) {
    let _ = (
        message.rseq(),
        message.rack(),
        message.replaces(),
        message.refer_to(),
        message.referred_by(),
    );
    let _ = (
        message.event(),
        message.subscription_state(),
        message.identities(),
        message.passports(),
    );
    let _ = (
        message.diversions(),
        message.history(),
        message.asserted(),
        message.preferred(),
        message.privacy(),
    );
    let _ = (
        message.warnings(),
        message.retry_after(),
        message.tokens(Name::Supported),
        message.allowed(),
    );
    let _ = (message.isup(), message.sipfrag(), message.has_dtmf());
    for part in message.parts() {
        assert!(part.bytes.len() <= message.body().len());
        let _ = (part.kind(), part.text());
    }
    let deviations = message.check();
    assert!(deviations.starts_with(message.deviations()));
}

/// Pieces of messages, some broken.
pub(super) const PIECES: &[&str] = &[
    "INVITE sip:b@h SIP/2.0\r\n",
    "SIP/2.0 200 OK\r\n",
    "SIP/2.0 486\r\n",
    "BYE tel:+1 SIP/2.0\n",
    "Via: SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bK1\r\n",
    "v: a, b;branch=\"\r\n",
    "From: \"a\\\" <b\" <sip:a@h>;tag=1\r\n",
    "t: <sip:b@h\r\n",
    "Call-ID: c\r\n",
    "CSeq: 1 INVITE\r\n",
    "CSeq: 4294967296 X\r\n",
    "Content-Length: 10\r\n",
    "l: -1\r\n",
    "Content-Type: multipart/x\r\n",
    "c: application/sdp\r\n",
    "Reason: Q.850;cause=34, SIP;\r\n",
    "WWW-Authenticate: Digest a=b, c d=e\r\n",
    "Authorization: Digest response=\"a\"\r\n",
    "x: 1;refresher=uac\r\n",
    " folded\r\n",
    "\r\n",
    "\n",
    "\0",
    "v=0\r\n",
    "o=- 1 1 IN IP4 h\r\n",
    "m=audio 1 RTP/AVP 0 96\r\n",
    "a=rtpmap:96 x/1\r\n",
    "--b\r\n",
    "\u{e9}",
    "INVITE  <sip:b%40%4@h;x y?Reason=SIP%3Bcause%3D1&a>  SIP/2.0 \r\n",
    "SIP/2.0 4294967301 x\r\n",
    "Contact: Bell, A <sip:%00%@h >;;expires=99999999999,,*\r\n",
    "RSeq: 1\r\nRAck: 1 1 INVITE\r\n",
    "Replaces: a;to-tag=1;early-only\r\n",
    "r: <sip:c@h;method=BYE?Replaces=a%3Bto-tag%3D1>\r\n",
    "Identity: eyJhbGciOiJFUzI1NiJ9.eyJpYXQiOjF9.c2ln;info=<x>;alg=ES256\r\n",
    "Identity: ..a, e.e.e, eyJ9.W10.x\r\n",
    "Diversion: <sip:a@h>;counter=x, sip:b@h;reason=\"\r\n",
    "History-Info: <sip:a@h?Reason=Q.850%3Bcause%3D16%2CSIP>;index=1;mp=\r\n",
    "P-Asserted-Identity: <tel:+1;x>, \"\" <sip:@>\r\nPrivacy: id;critical\r\n",
    "Warning: 399 h \"a, b\", 1 \", x\r\n",
    "Retry-After: 5 (a;(b)) ;duration=2\r\n",
    "Subscription-State: terminated;reason=x\r\nEvent: refer;id=1\r\n",
    "Date: Sat, 13 Nov 2010 23:29:00 GMT\r\n",
    "Content-Type: multipart/mixed;boundary=b\r\n",
    "Content-Type: multipart/mixed;boundary=\"c\"\r\n\r\n",
    "Content-Type: application/isup\r\n\r\n",
    "Content-Type: message/sipfrag\r\n\r\n",
    "c: application/dtmf-relay\r\n\r\nSignal=1\r\n",
    "--c\r\n",
    "--b--\r\n",
    "\x0c\x02\x00\x02\u{83}\u{90}",
    "\x06\x01\x01\x01\x12\x02\x01",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:a|b\r\n",
    "a=fingerprint:sha-256 A:B\r\na=setup:actpass\r\na=ice-lite\r\n",
    "a=candidate:1 1 UDP 1 192.0.2.1 8998 typ host\r\na=ice-ufrag:x\r\n",
    "m=image 1 udptl t38\r\na=T38FaxVersion:0\r\n",
];

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// One message of a random script: few values, so that they meet.
#[derive(Debug, Clone)]
struct Line {
    at_ms: i64,
    way: (u8, u8),
    file: u32,
    what: &'static str,
    leg: u8,
    cseq: u8,
    from: u8,
    tags: (u8, u8),
    branch: u8,
    extra: &'static str,
}

const WHAT: &[&str] = &[
    "INVITE",
    "INVITE",
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "REGISTER",
    "100 INVITE",
    "180 INVITE",
    "200 INVITE",
    "407 INVITE",
    "486 INVITE",
    "200 BYE",
    "200 CANCEL",
    "401 REGISTER",
    "nonsense",
];

const EXTRA: &[&str] = &[
    "",
    "",
    "",
    "",
    "X-CID: leg-0@example\r\n",
    "X-CID: leg-1@example\r\n",
    "Session-ID: 47755a9de7794ba387653f2099600ef2;remote=0\r\n",
    "Via: SIP/2.0/UDP h;branch=z9hG4bK-0\r\n",
    "Via: SIP/2.0/UDP h;branch=z9hG4bK-1\r\n",
];

fn line() -> impl Strategy<Value = Line> {
    let one = (
        0_i64..2000,
        (0_u8..5, 0_u8..5),
        0_u32..2,
        select(WHAT),
        0_u8..6,
    );
    let two = (1_u8..3, 0_u8..2, (0_u8..3, 0_u8..3), 0_u8..4, select(EXTRA));
    (one, two).prop_map(
        |((at_ms, way, file, what, leg), (cseq, from, tags, branch, extra))| Line {
            at_ms,
            way,
            file,
            what,
            leg,
            cseq,
            from,
            tags,
            branch,
            extra,
        },
    )
}

fn host(number: u8) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, number / 2], 5060 + u16::from(number % 2)))
}

fn packet(line: &Line, frame: u32) -> Packet {
    let (code, method) = line.what.split_once(' ').unwrap_or(("", line.what));
    let start = match code {
        "" => format!("{method} sip:bob@h SIP/2.0"),
        code => format!("SIP/2.0 {code} X"),
    };
    let tag = |tag: u8| {
        if tag == 0 {
            String::new()
        } else {
            format!(";tag={tag}")
        }
    };
    // Leg 5 has no Call-ID.
    let call_id = if line.leg == 5 {
        String::new()
    } else {
        format!("Call-ID: leg-{}@example\r\n", line.leg)
    };
    let text = format!(
        "{start}\r\nVia: SIP/2.0/UDP {};branch=z9hG4bK-{}\r\n{}From: <sip:alice{}@h>{}\r\n\
         To: <sip:bob@h>{}\r\n{call_id}CSeq: {} {method}\r\n\r\n",
        host(line.way.0),
        line.branch,
        line.extra,
        line.from,
        tag(line.tags.0),
        tag(line.tags.1),
        line.cseq,
    );
    Packet {
        at: Timestamp::from_millisecond(START * 1000 + line.at_ms).unwrap(),
        source: host(line.way.0),
        destination: host(line.way.1),
        transport: Transport::Udp,
        place: Place {
            file: line.file,
            frame,
        },
        bytes: Bytes::from(text),
    }
}

/// Random messages, and the same in another order.
pub(super) fn script() -> impl Strategy<Value = (Vec<Packet>, Vec<Packet>)> {
    let lines = proptest::collection::vec(line(), 0..40);
    lines
        .prop_map(|lines| {
            let packets = lines
                .iter()
                .zip(1..)
                .map(|(line, frame)| packet(line, frame));
            packets.collect::<Vec<_>>()
        })
        .prop_flat_map(|packets| (Just(packets.clone()), Just(packets).prop_shuffle()))
}

fn holds_together(call: &Call) {
    let numbers: Vec<usize> = call
        .signals
        .iter()
        .map(|(_, signal)| signal.number)
        .collect();
    assert_eq!(numbers, (1..=call.signals.len()).collect::<Vec<_>>());
    assert!(call.signals.is_sorted_by_key(|(_, signal)| signal.at()));
    assert!(call.signals.iter().all(|(leg, _)| *leg < call.legs.len()));
    assert!(
        call.transactions
            .is_sorted_by_key(|t| t.first().map(|signal| signal.number))
    );
    for transaction in &call.transactions {
        assert!(transaction.first().is_some());
        assert!(
            transaction
                .requests
                .is_sorted_by_key(|signal| signal.number)
        );
        assert!(
            transaction
                .responses
                .is_sorted_by_key(|signal| signal.number)
        );
    }
    for (at, hop) in call.hops.iter().enumerate() {
        assert_eq!(hop.id, at);
        let mut steps = 0;
        let mut here = Some(hop);
        while let Some(hop) = here {
            here = call.upstream(hop);
            steps += 1;
            assert!(steps <= call.hops.len(), "the way goes round in a circle");
        }
    }
    assert!(call.hops.is_empty() || call.ingress().is_some());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read_all(bytes);
    }

    #[test]
    fn broken_messages(bytes in pieces(), cut in any::<proptest::sample::Index>(), flip in any::<(proptest::sample::Index, u8)>()) {
        let mut bytes = bytes;
        bytes.truncate(cut.index(bytes.len() + 1));
        if !bytes.is_empty() {
            let at = flip.0.index(bytes.len());
            bytes[at] = flip.1;
        }
        read_all(bytes);
    }

    #[test]
    fn any_script_in_any_order((packets, shuffled) in script()) {
        let mut expected: BTreeMap<Place, usize> = packets.iter().map(|p| (p.place, 0)).collect();
        let known = [Join::known("leg-3@example", "leg-4@example")];
        let one = calls(threads(packets), &known);
        for (_, signal) in one.iter().flat_map(|call| &call.signals) {
            *expected.get_mut(&signal.packet.place).unwrap() += 1;
        }
        prop_assert!(expected.values().all(|seen| *seen == 1));
        one.iter().for_each(holds_together);
        prop_assert!(one.is_sorted_by_key(|call| call.started()));

        let other = calls(threads(shuffled), &known);
        prop_assert_eq!(format!("{one:#?}"), format!("{other:#?}"));
    }
}
