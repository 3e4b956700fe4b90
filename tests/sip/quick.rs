//! What is read quickly of every message is what reading all of it gives, whatever the bytes.

use bytes::Bytes;
use calltriage::sip::header::{NameAddr, Via};
use calltriage::sip::{Glance, Message, Name};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::properties::PIECES;

/// Compares everything that is read quickly with what reading all of the message gives.
#[track_caller]
fn is_the_same(bytes: &[u8]) {
    let message = Message::parse(Bytes::copy_from_slice(bytes));
    let glance = Glance::of(bytes);
    let shown = || String::from_utf8_lossy(bytes);
    assert_eq!(
        String::from_utf8_lossy(glance.start),
        message.start_text(),
        "start line of {:?}",
        shown()
    );
    assert_eq!(
        glance.call_id(),
        message.call_id(),
        "Call-ID of {:?}",
        shown()
    );
    assert_eq!(glance.cseq(), message.cseq(), "CSeq of {:?}", shown());

    let slow_tag = |name| {
        let value = message.header(name)?;
        NameAddr::parse(&value).param("tag").map(str::to_owned)
    };
    assert_eq!(message.from_tag(), slow_tag(Name::From), "{:?}", shown());
    assert_eq!(message.to_tag(), slow_tag(Name::To), "{:?}", shown());
    let slow_branch = message
        .top_via()
        .as_ref()
        .and_then(Via::branch)
        .map(str::to_owned);
    assert_eq!(message.branch(), slow_branch, "{:?}", shown());
    assert_eq!(glance.from_tag(), message.from_tag(), "{:?}", shown());
    assert_eq!(glance.to_tag(), message.to_tag(), "{:?}", shown());
    assert_eq!(glance.branch(), slow_branch, "{:?}", shown());
    assert_eq!(&glance.start_line(), message.start(), "{:?}", shown());
    let slow_user = |name| {
        let value = message.header(name)?;
        NameAddr::parse(&value).uri.user
    };
    let (from, to) = (slow_user(Name::From), slow_user(Name::To));
    assert_eq!(
        glance.from_user(),
        from.unwrap_or_default(),
        "{:?}",
        shown()
    );
    assert_eq!(glance.to_user(), to.unwrap_or_default(), "{:?}", shown());
    let slow_origin = message.sdp().and_then(|sdp| sdp.origin_key());
    assert_eq!(message.sdp_origin_key(), slow_origin, "{:?}", shown());
}

/// Lines around those that are looked for, well written, oddly, and wrongly.
const LINES: &[&str] = &[
    "Call-ID: one@x",
    "call-id:two",
    "CALL-ID : three  ",
    "i: four@x",
    "I\t:five",
    "Call-ID:",
    "Call-ID: ",
    "Call-IDs: no",
    "Call-Info: <sip:c@h>",
    "Contact: <sip:c@h>",
    "Content-Length: 0",
    "In-Reply-To: five@x",
    "Identity: x",
    "CSeq: 1 INVITE",
    "cseq:\t2  BYE ",
    "CSEQ : 3 ACK",
    "CSeq: 4294967296 INVITE",
    "CSeq: INVITE",
    "CSeq:",
    "CSeq 5 INVITE",
    "C",
    "c",
    ":",
    ": Call-ID: six",
    " : Call-ID",
    "Call-ID",
    "i",
    " folded",
    "\tfolded: with a colon",
    "  ",
    " Call-ID: seven",
    "\tCSeq: 7 OPTIONS",
    " 8 INVITE",
    "no colon here",
    "Via: SIP/2.0/UDP h;branch=z9hG4bK1",
    "From: <sip:a@h>;tag=1",
    "\u{e9}: x",
    "Call-ID: \u{e9}",
    "\r",
    "",
];

fn start() -> impl Strategy<Value = &'static str> {
    select(vec![
        "INVITE sip:b@h SIP/2.0",
        "SIP/2.0 200 OK",
        "sip/2.0 486 Busy",
        "Call-ID: no start line",
        " INVITE",
        "",
        "\r",
    ])
}

/// A message of some lines, each with one of the ends that are met.
fn written() -> impl Strategy<Value = Vec<u8>> {
    let end = || select(vec!["\r\n", "\r\n", "\r\n", "\n", "\r", "\r\r\n"]);
    let blanks = select(vec!["", "", "", "\r\n", "\r\n\r\n", "\n", " \r\n"]);
    let lines = proptest::collection::vec((select(LINES), end()), 0..16);
    (blanks, start(), end(), lines).prop_map(|(blanks, start, end, lines)| {
        let lines = lines.iter().map(|(line, end)| format!("{line}{end}"));
        format!("{blanks}{start}{end}{}", lines.collect::<String>()).into_bytes()
    })
}

/// Pieces of From, To and Via values: quotes, escapes, brackets, blanks, empty parameters.
const VALUE_PIECES: &[&str] = &[
    "\"",
    "\\",
    "<",
    ">",
    ";",
    ";",
    ";tag=",
    ";TAG=",
    "; tag = ",
    ";tag",
    ";tagged=1",
    "tag=1",
    "=",
    ",",
    " ",
    "\t",
    "\u{a0}",
    ":",
    "/",
    "sip:a@h",
    "<sip:a@h>",
    "<sip:a@h;tag=inner>",
    "\"A; tag=quoted\" ",
    "\"A \\\" <x\" ",
    "Bell, A ",
    "1928301774",
    "\"q\"",
    "SIP/2.0/UDP ",
    "SIP / 2.0 / TCP ",
    "sip/2.0/udp ",
    "SIP/2.0/UDP\t",
    "SIP/2.0/",
    "SIP/2.0/UDP",
    "UDP",
    "192.0.2.1:5060",
    "[2001:db8::1]",
    ";branch=z9hG4bK1",
    ";branch=",
    ";Branch=z9hG4bK2",
    "; branch = z9hG4bK3 ",
    ";branch=\"z9hG4bK;4\"",
    ";rport",
    "\u{e9}",
];

fn value() -> impl Strategy<Value = String> {
    proptest::collection::vec(select(VALUE_PIECES), 0..10).prop_map(|pieces| pieces.concat())
}

/// A value that is mostly as values are.
fn usual(kind: &'static [&'static str]) -> impl Strategy<Value = String> {
    (
        select(kind),
        value(),
        select(VALUE_PIECES),
        select(VALUE_PIECES),
    )
        .prop_flat_map(|(usual, odd, before, after)| {
            select(vec![
                usual.to_owned(),
                odd,
                format!("{before}{usual}"),
                format!("{usual}{after}"),
                format!("{usual}{before}{after}"),
            ])
        })
}

const ADDRESSES: &[&str] = &[
    "<sip:a@h>;tag=1",
    "\"A\" <sip:a@h;user=phone>;x=y;tag=1",
    "sip:a@h;tag=1",
    "A <sip:a@h>",
    "\"A\" sip:a@h;tag=1",
];
const VIAS: &[&str] = &[
    "SIP/2.0/UDP h;branch=z9hG4bK1",
    "SIP/2.0/TCP h:5060;rport;branch=z9hG4bK1;received=h",
    "SIP/2.0/UDP [2001:db8::1]:5060 ;branch=z9hG4bK1",
    "SIP/2.0/UDP h, SIP/2.0/UDP i;branch=z9hG4bK2",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_lines(bytes in written(), cut in any::<Index>(), flip in any::<Option<(Index, u8)>>()) {
        is_the_same(&bytes);
        let mut bytes = bytes;
        if let Some((at, byte)) = flip && !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] = byte;
            is_the_same(&bytes);
        }
        bytes.truncate(cut.index(bytes.len() + 1));
        is_the_same(&bytes);
    }

    #[test]
    fn pieces_of_messages(pieces in proptest::collection::vec(select(PIECES), 0..16), cut in any::<Index>()) {
        let mut bytes = pieces.concat().into_bytes();
        is_the_same(&bytes);
        bytes.truncate(cut.index(bytes.len() + 1));
        is_the_same(&bytes);
    }

    #[test]
    fn any_from_to_and_via(from in usual(ADDRESSES), to in usual(ADDRESSES), via in usual(VIAS)) {
        let text = format!(
            "INVITE sip:b@h SIP/2.0\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\r\n"
        );
        is_the_same(text.as_bytes());
    }
}

/// Each of these was or would be easy to read wrongly.
#[test]
fn odd_values() {
    let values = [
        "<sip:a@h>;tag=1;tag=2",
        "<sip:a@h>;tag",
        "<sip:a@h>;tag=",
        "<sip:a@h>;;tag= 1 ",
        "<sip:a@h>; TaG\t=\t1",
        "<sip:a@h>;tag=\"1;2\"",
        "<sip:a@h>;x=\";tag=0\";tag=1",
        "<sip:a@h;tag=0>",
        "<sip:a@h;tag=1",
        "<sip:a@h>;tag=1<x>",
        "\"<\" <sip:a@h>;tag=1",
        "\"a\\\"<\" <sip:a@h;tag=0>;tag=1",
        "\"a <sip:a@h>;tag=1",
        "a\" <sip:a@h>;tag=1",
        "\"a\"<sip:a@h>;tag=1",
        "\"a\" b <sip:a@h>;tag=1",
        "> <sip:a@h>;tag=1",
        "<a><sip:a@h>;tag=1",
        "sip:a@h;tag=1",
        "sip:a@h",
        "a b;tag=1",
        ";tag=1",
        "",
    ];
    let vias = [
        "SIP/2.0/UDP h;branch=1",
        "SIP/2.0/UDP;branch=1",
        "SIP/2.0/UDP ;branch=1",
        "SIP/2.0/UDP\th;branch=1",
        "SIP/2.0/ UDP h;branch=1",
        "SIP/2.0/;branch=1",
        " SIP/2.0/UDP  h ;branch=1",
        "SIP / 2.0 / UDP h;branch=1",
        "SIP/2.0/UDP h;branch",
        "SIP/2.0/UDP h;branch=;branch=1",
        "SIP/2.0/UDP h;branch=\"1;2\"",
        "SIP/2.0/UDP h;branch=<1;2>",
        "SIP/2.0/UDP h;x=\"a;branch=0\";branch=1",
        "SIP/2.0/UDP h;branch=1, SIP/2.0/UDP h;branch=2",
        "SIP/2.0/UDP \"h,\";branch=1",
        "h;branch=1",
        "",
    ];
    for via in vias {
        for value in values {
            let text = format!(
                "BYE sip:b@h SIP/2.0\r\nv: {via}\r\nf: {value}\r\nt: {value}\r\ni: c\r\n\r\n"
            );
            is_the_same(text.as_bytes());
        }
    }
}
