//! Bodies and their parts: descriptions, ISUP, pieces of messages, digits.

use calltriage::sip::body::PartKind;
use calltriage::sip::isup::{Coding, Isup};
use calltriage::sip::{Message, Method, StartLine};

use super::read;

fn with(content_type: &str, body: impl AsRef<[u8]>) -> Message {
    let body = body.as_ref();
    let head = format!(
        "INVITE sip:bob@b SIP/2.0\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    read([head.as_bytes(), body].concat())
}

/// One word a part: kind, length, disposition.
fn parts(message: &Message) -> Vec<String> {
    message
        .parts()
        .iter()
        .map(|part| {
            let disposition = part.disposition.as_ref().map_or("-", |d| d.kind.as_str());
            format!("{:?} {} {disposition}", part.kind(), part.bytes.len())
        })
        .collect()
}

const SDP: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 8\r\n";

#[test]
fn parts_of_a_multipart_body() {
    let body = format!(
        "not a part\r\n--b 1\r\nContent-Type: application/sdp\r\n\r\n{SDP}\r\n\
         --b 1 \t\r\ncontent-type: application/ISUP;version=nxv3;\r\n base=etsi121\r\n\
         Content-Disposition: Signal; handling=optional\r\nContent-Length: 6\r\n\r\n\x0c\x02\0\x02\x01\x01\r\n\
         --b 1\r\n\r\nno headers\r\n--b 12\r\n\r\nwithin\r\n--b 1--\r\nafter all\r\n"
    );
    let message = with("multipart/mixed; boundary=\"b 1\"", &body);
    assert_eq!(
        parts(&message),
        [
            format!("Sdp {} -", SDP.len()).as_str(),
            "Isup 6 signal",
            "Other 28 -"
        ]
    );
    assert_eq!(message.parts()[1].length, Some(6));
    let kind = message.parts()[1].content_type.clone().unwrap();
    assert_eq!(
        (kind.param("version"), kind.param("base")),
        (Some("nxv3"), Some("etsi121"))
    );
    assert_eq!(message.sdp().unwrap().media.len(), 1);
    assert_eq!(message.isup().unwrap().name(), Some("REL"));
}

#[test]
fn parts_within_parts() {
    let inner = "--i\r\nContent-Type: text/plain\r\n\r\na\r\n--i\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--i--\r\n";
    let nested =
        format!("--o\r\nContent-Type: multipart/alternative;boundary=i\r\n\r\n{inner}\r\n--o--");
    assert_eq!(
        parts(&with("multipart/mixed;boundary=o", &nested)),
        ["Other 1 -", "Sdp 3 -"]
    );
    let deeper =
        format!("--p\r\nContent-Type: multipart/mixed;boundary=o\r\n\r\n{nested}\r\n--p--");
    assert_eq!(
        parts(&with("multipart/related;boundary=p", &deeper)),
        [format!("Multipart {} -", inner.len())]
    );
}

#[test]
fn broken_multiparts() {
    let sdp = format!("--b\r\nContent-Type: application/sdp\r\n\r\n{SDP}");
    // The end is missing; the boundary is not said, or not rightly; line ends are bare.
    for kind in ["boundary=b", "boundary=other", "x", "boundary="] {
        for body in [sdp.clone(), sdp.replace("\r\n", "\n")] {
            let message = with(&format!("multipart/mixed;{kind}"), &body);
            assert_eq!(message.sdp().unwrap().media.len(), 1, "{kind}");
        }
    }
    for body in ["", "--", "--b--", "--b", "nothing", "\r\n"] {
        assert_eq!(
            with("multipart/mixed;boundary=b", body).sdp(),
            None,
            "{body:?}"
        );
    }
    // No headers and no blank line.
    assert!(
        with("multipart/mixed;boundary=b", format!("--b\r\n{SDP}--b--"))
            .sdp()
            .is_some()
    );
    let many = "--b\r\n\r\nx\r\n".repeat(50_000);
    assert_eq!(with("multipart/mixed;boundary=b", many).parts().len(), 64);
}

#[test]
fn early_session_descriptions_do_not_count() {
    let early = "--b\r\nContent-Type: application/sdp\r\nContent-Disposition: early-session\r\n\r\nv=0\r\nm=audio 1 RTP/AVP 0\r\n";
    let both = format!("{early}--b\r\nContent-Type: application/sdp\r\n\r\n{SDP}--b--");
    let port = |body: &str| {
        with("multipart/mixed;boundary=b", body)
            .sdp()
            .unwrap()
            .media[0]
            .port
    };
    assert_eq!((port(&both), port(early)), (4000, 1));
}

#[test]
fn isup() {
    let shown = |bytes: &[u8]| {
        let isup = Isup::parse(bytes)?;
        let cause = isup.cause.map_or("-".to_owned(), |cause| {
            let location = cause.location_name().unwrap_or("?");
            format!("{} {:?} {location}", cause.value, cause.coding)
        });
        Some(format!("{} {cause}", isup.name().unwrap_or("?")))
    };
    for (bytes, expected) in [
        // Pointer to the cause, pointer to the optional part, length, cause indicators.
        (&[0x0c, 2, 0, 2, 0x83, 0x90][..], "REL 16 Itu TN"),
        (&[0x0c, 2, 0, 2, 0x84, 0x9f], "REL 31 Itu RLN"),
        (&[0x0c, 2, 0, 2, 0x80, 0x91], "REL 17 Itu U"),
        (&[0x0c, 2, 0, 2, 0xca, 0xa2], "REL 34 National BI"),
        (&[0x0c, 2, 0, 2, 0xe6, 0xff], "REL 127 Network ?"),
        (&[0x0c, 2, 0, 2, 0xa7, 0x81], "REL 1 Iso INTL"),
        // Octet 1a stands between; diagnostics follow; the part lies further on.
        (&[0x0c, 2, 0, 3, 0x02, 0x80, 0x90], "REL 16 Itu LN"),
        (&[0x0c, 2, 6, 4, 0x82, 0x96, 1, 2, 0], "REL 22 Itu LN"),
        (&[0x0c, 4, 0, 9, 9, 2, 0x81, 0xa9], "REL 41 Itu LPN"),
        // Cut, or pointing nowhere.
        (&[0x0c], "REL -"),
        (&[0x0c, 0, 0], "REL -"),
        (&[0x0c, 2, 0, 2, 0x83], "REL -"),
        (&[0x0c, 2, 0, 1, 0x83], "REL -"),
        (&[0x0c, 255, 0, 2, 0x83, 0x90], "REL -"),
        (&[0x0c, 2, 0, 2, 0x03, 0x10], "REL -"),
        // Optional parts: another parameter first, none, and no end.
        (
            &[0x06, 0x16, 0x04, 1, 0x29, 1, 1, 0x12, 2, 0x82, 0x81, 0],
            "ACM 1 Itu LN",
        ),
        (&[0x06, 0x16, 0x04, 0], "ACM -"),
        (&[0x2c, 0x02, 1, 0x12, 2, 0x80, 0x92, 0], "CPG 18 Itu U"),
        (&[0x2c, 0x02, 1, 0x29, 200, 1], "CPG -"),
        (&[0x10, 0], "RLC -"),
        (&[0x10, 1, 0x12, 2, 0x81, 0xaf, 0], "RLC 47 Itu LPN"),
        (&[0x01, 0, 0x60], "IAM -"),
        (&[0x07], "CON -"),
        (&[0x09, 0], "ANM -"),
        (&[0xff], "? -"),
    ] {
        assert_eq!(shown(bytes).as_deref(), Some(expected), "{bytes:02x?}");
    }
    assert_eq!(shown(&[]), None);
    assert_eq!(
        with(
            "application/isup; version=itu-t92+",
            [0x0c, 2, 0, 2, 0x83, 0x90]
        )
        .isup()
        .unwrap()
        .cause
        .unwrap()
        .coding,
        Coding::Itu
    );
}

#[test]
fn pieces_of_messages() {
    let piece = |body: &str| with("message/sipfrag;version=2.0", body).sipfrag();
    let status = |code: u16, reason: &str| {
        Some(StartLine::Response {
            code,
            reason: reason.to_owned(),
        })
    };
    assert_eq!(piece("SIP/2.0 100 Trying"), status(100, "Trying"));
    assert_eq!(
        piece("SIP/2.0 603 Declined\r\nFrom: x\r\n\r\n"),
        status(603, "Declined")
    );
    assert_eq!(piece("\r\nSIP/2.0 200\n"), status(200, ""));
    assert_eq!(
        piece("INVITE sip:c@h SIP/2.0\r\n"),
        Some(StartLine::Request {
            method: Method::Invite,
            uri: "sip:c@h".to_owned()
        })
    );
    assert_eq!(piece("From: x\r\nTo: y\r\n"), None);
    assert_eq!(piece(""), None);
    assert_eq!(with("text/plain", "SIP/2.0 100 Trying").sipfrag(), None);
}

#[test]
fn digits_are_seen_and_not_kept() {
    for (kind, has) in [
        ("application/dtmf-relay", true),
        ("application/dtmf", true),
        ("Application / DTMF ; x=y", true),
        ("audio/telephone-event", true),
        ("application/vnd.nortelnetworks.digits", true),
        ("text/plain", false),
    ] {
        let message = with(kind, "Signal=5\r\n");
        assert_eq!(message.has_dtmf(), has, "{kind}");
        assert_eq!(message.part(PartKind::Dtmf).is_some(), has, "{kind}");
    }
}
