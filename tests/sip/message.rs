//! Messages as they come: what is read out of each, and which deviations are noted.

use calltriage::sip::header::{NameAddr, Refresher, Via};
use calltriage::sip::uri::Uri;
use calltriage::sip::{Deviation, Message, Method, Name, StartLine};

use super::{invite, read};

/// What most tests look at, in one line.
fn gist(message: &Message) -> String {
    let start = match message.start() {
        StartLine::Request { method, uri } => format!("{method} {uri}"),
        StartLine::Response { code, reason } => format!("{code} {reason:?}"),
        StartLine::Garbled => "garbled".to_owned(),
    };
    let cseq = message
        .cseq()
        .map_or("-".to_owned(), |c| format!("{} {}", c.number, c.method));
    let branches: Vec<String> = message
        .vias()
        .iter()
        .map(|via| via.branch().unwrap_or("-").to_owned())
        .collect();
    format!(
        "{start} | {} | {}>{} | {cseq} | {}",
        message.call_id(),
        message.from_user(),
        message.to_user(),
        branches.join(",")
    )
}

const READ: &str = "c@h | alice>bob | 1 INVITE | z9hG4bK-1";

#[track_caller]
fn reads(text: impl AsRef<[u8]>, start: &str, deviations: &[Deviation]) {
    let message = read(text);
    assert_eq!(gist(&message), format!("{start} | {READ}"));
    assert_eq!(message.deviations(), deviations);
}

const HEAD: &str = "Via: SIP/2.0/UDP h;branch=z9hG4bK-1\r\nFrom: <sip:alice@a>;tag=1\r\n\
                    To: <sip:bob@b>\r\nCall-ID: c@h\r\nCSeq: 1 INVITE\r\n";

#[test]
fn ordinary_and_written_otherwise() {
    let start = "INVITE sip:bob@b";
    reads(
        format!("INVITE sip:bob@b SIP/2.0\r\n{HEAD}\r\n"),
        start,
        &[],
    );
    let compact = "INVITE sip:bob@b SIP/2.0\r\nv: SIP/2.0/UDP h;branch=z9hG4bK-1\r\n\
                   f: <sip:alice@a>;tag=1\r\nt: <sip:bob@b>\r\ni: c@h\r\nCSeq: 1 INVITE\r\nl: 0\r\n\r\n";
    reads(compact, start, &[]);
    reads(
        compact
            .to_lowercase()
            .replacen("invite", "INVITE", 1)
            .replace("1 invite", "1 INVITE")
            .replace("9hg4bk", "9hG4bK"),
        start,
        &[],
    );
    let folded = "INVITE sip:bob@b SIP/2.0\r\nVia:\r\n SIP/2.0/UDP\r\n\th;branch=z9hG4bK-1\r\n\
                  From:\r\n\t<sip:alice@a>\r\n ;tag=1\r\nTo :   <sip:bob@b>\r\nCALL-ID\t: c@h\r\n\
                  cseq: 1\r\n  INVITE\r\n\r\n";
    reads(folded, start, &[]);
    reads(
        format!("\r\n\r\n\0INVITE sip:bob@b SIP/2.0\r\n{HEAD}\r\n"),
        start,
        &[],
    );
    reads(
        format!("INVITE  sip:bob@b \t sip/2.0\r\n{HEAD}\r\n"),
        start,
        &[],
    );
    let bare = format!("INVITE sip:bob@b SIP/2.0\r\n{HEAD}\r\n").replace("\r\n", "\n");
    reads(bare, start, &[Deviation::BareLineFeed]);
}

#[test]
fn start_lines() {
    let with = |start: &str| format!("{start}\r\n{HEAD}\r\n");
    for (start, expected) in [
        ("SIP/2.0 200", "200 \"\""),
        ("SIP/2.0 200 ", "200 \"\""),
        ("SIP/2.0\t486\tBusy Here", "486 \"Busy Here\""),
        ("sip/2.0 180 Ringing", "180 \"Ringing\""),
        ("SIP/2.0  999 Odd  one", "999 \"Odd  one\""),
        (
            "INVITE tel:+441632960002;phone-context=a SIP/2.0",
            "INVITE tel:+441632960002;phone-context=a",
        ),
        ("INVITE sip:bob smith@b SIP/2.0", "INVITE sip:bob smith@b"),
    ] {
        reads(with(start), expected, &[]);
    }
    for (start, expected, deviation) in [
        (
            "INVITE sip:bob@b SIP/3.0",
            "INVITE sip:bob@b",
            Deviation::OtherVersion,
        ),
        (
            "INVITE sip:bob@b",
            "INVITE sip:bob@b",
            Deviation::OtherVersion,
        ),
        ("SIP/2.1 200 OK", "200 \"OK\"", Deviation::OtherVersion),
        (
            "FLY sip:bob@b SIP/2.0",
            "FLY sip:bob@b",
            Deviation::CSeqMethodDiffers,
        ),
        ("SIP/2.0 OK", "garbled", Deviation::GarbledStartLine),
        ("SIP/2.0", "garbled", Deviation::GarbledStartLine),
        ("INVITE", "garbled", Deviation::GarbledStartLine),
        ("{\"a\": 1}", "garbled", Deviation::GarbledStartLine),
    ] {
        reads(with(start), expected, &[deviation]);
    }
    let unknown = read(with("FLY sip:bob@b SIP/2.0"));
    assert_eq!(unknown.request_method(), Some(&Method::Other("FLY".into())));
    let tel = read(with("INVITE tel:+44-1632;isub=1 SIP/2.0"));
    assert_eq!(tel.request_uri().unwrap().user.as_deref(), Some("+44-1632"));
}

#[test]
fn broken_heads() {
    let start = "INVITE sip:bob@b";
    let line = format!("{start} SIP/2.0\r\n");
    reads(
        format!("{line}nonsense\r\n: x\r\n{HEAD}\r\n"),
        start,
        &[Deviation::HeaderWithoutColon],
    );
    reads(
        format!("{line}{HEAD}Subject: ca"),
        start,
        &[Deviation::HeadersNotEnded],
    );
    reads(
        format!("{line}{HEAD}From: <sip:eve@e>\r\n\r\n"),
        start,
        &[Deviation::Repeated(Name::From)],
    );
    reads(
        [
            line.as_bytes(),
            HEAD.as_bytes(),
            b"Subject: caf\xe9\r\n\r\n",
        ]
        .concat(),
        start,
        &[Deviation::NotUtf8],
    );
    reads(format!("{line}{HEAD}Subject: a\0b\r\n\r\n"), start, &[]);

    let latin = read(
        [b"INVITE sip:b SIP/2.0\r\nFrom: \"Ren\xe9\" <sip:alice@a>;tag=1\r\n\r\n".as_slice()]
            .concat(),
    );
    assert_eq!(latin.from_user(), "alice");
    assert_eq!(latin.from().unwrap().display, "Ren\u{fffd}");
    assert_eq!(latin.from_tag().as_deref(), Some("1"));

    let missing =
        [Name::Via, Name::From, Name::To, Name::CallId, Name::CSeq].map(Deviation::Missing);
    assert_eq!(read("INVITE sip:b SIP/2.0\r\n\r\n").deviations(), missing);
    assert_eq!(gist(&read("")), "garbled |  | > | - | ");
    assert_eq!(gist(&read("\r\n\r\n")), "garbled |  | > | - | ");
    assert_eq!(
        gist(&read(
            "INVITE sip:b SIP/2.0\r\nCSeq: 1x INVITE\r\nCall-ID:\r\n\r\n"
        )),
        "INVITE sip:b |  | > | - | "
    );
}

#[test]
fn content_length() {
    for (length, body, deviation) in [
        ("4", "body", None),
        (" 4 ", "body", None),
        (
            "9",
            "body",
            Some(Deviation::BodyShort {
                said: 9,
                present: 4,
            }),
        ),
        (
            "2",
            "bo",
            Some(Deviation::BodyLong {
                said: 2,
                present: 4,
            }),
        ),
        ("-5", "body", Some(Deviation::ContentLengthUnreadable)),
        (
            "99999999999999999999999",
            "body",
            Some(Deviation::ContentLengthUnreadable),
        ),
        ("", "body", Some(Deviation::ContentLengthUnreadable)),
    ] {
        let message = read(format!(
            "INVITE sip:b SIP/2.0\r\n{HEAD}Content-Length:{length}\r\n\r\nbody"
        ));
        assert_eq!(message.body(), body.as_bytes(), "{length}");
        assert_eq!(message.deviations(), deviation.as_slice(), "{length}");
    }
    let without = read(format!("INVITE sip:b SIP/2.0\r\n{HEAD}\r\nbody"));
    assert_eq!(
        (without.body(), without.deviations()),
        (b"body".as_slice(), [].as_slice())
    );
    assert!(invite("Content-Length: 9\r\n").is_cut());
}

#[test]
fn two_megabytes() {
    let line = format!("X-Long: {}\r\n", "y".repeat(1 << 20));
    let many = "X-Many: 1\r\n".repeat(1 << 16);
    let body = "x".repeat(1 << 19);
    let message = invite(&format!(
        "{line}{many}{HEAD}Content-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    assert_eq!(message.body().len(), body.len());
    assert_eq!(message.all_headers().count(), 5 + 1 + (1 << 16) + 5 + 1);
}

#[test]
fn repeated_and_comma_joined() {
    let message = invite(
        "Via: SIP/2.0/TCP p1;branch=z9hG4bK-2, SIP/2.0/TLS p2:5071;branch=z9hG4bK-3;x=\"a,b\"\r\n\
         v: SIP / 2.0 / UDP p3: 4000 ;branch=z9hG4bK-4;ttl=16\r\n\
         Contact: \"A, B\" <sip:a@h;x=1,2>;q=0.5, <sip:b@h>\r\n\
         m: sip:c@h;expires=5\r\n\
         Route: <sip:p1;lr>,<sip:p2;lr>\r\n\
         Route: <sip:p3;lr>\r\n",
    );
    let vias: Vec<_> = message
        .vias()
        .iter()
        .map(|v| {
            format!(
                "{} {} {:?} {}",
                v.transport,
                v.host,
                v.port,
                v.branch().unwrap()
            )
        })
        .collect();
    assert_eq!(
        vias,
        [
            "UDP 198.51.100.10 Some(5060) z9hG4bK-1",
            "TCP p1 None z9hG4bK-2",
            "TLS p2 Some(5071) z9hG4bK-3",
            "UDP p3 Some(4000) z9hG4bK-4",
        ]
    );
    let users: Vec<_> = message
        .elements(Name::Contact)
        .iter()
        .map(|value| NameAddr::parse(value).uri.user.unwrap())
        .collect();
    assert_eq!(users, ["a", "b", "c"]);
    assert_eq!(message.contact().unwrap().param("q"), Some("0.5"));
    assert_eq!(
        message.elements(Name::Route),
        ["<sip:p1;lr>", "<sip:p2;lr>", "<sip:p3;lr>"]
    );
}

#[test]
fn names_and_addresses() {
    for (value, display, user, host, tag) in [
        ("<sip:bob@b>;tag=1", "", "bob", "b", Some("1")),
        ("sip:bob@b;tag=1", "", "bob", "b", Some("1")),
        (
            "Bob Smith <sip:bob@b> ; TAG = 1",
            "Bob Smith",
            "bob",
            "b",
            Some("1"),
        ),
        (
            r#""Smith, Bob" <sip:bob@b>;tag=1"#,
            "Smith, Bob",
            "bob",
            "b",
            Some("1"),
        ),
        (
            r#""a <sip:eve@e>" <sip:bob@b>;tag=1"#,
            "a <sip:eve@e>",
            "bob",
            "b",
            Some("1"),
        ),
        (
            r#""say \"<hi>\"; \\" <sip:bob@b>;tag=1"#,
            r#"say "<hi>"; \"#,
            "bob",
            "b",
            Some("1"),
        ),
        (r#""Bob <sip:bob@b>;tag=1"#, "Bob", "bob", "b", Some("1")),
        (r#""Bob" sip:bob@b;tag=1"#, "Bob", "bob", "b", Some("1")),
        ("sip:bob@b>;tag=1", "", "bob", "b", Some("1")),
        ("<sip:bob@b;tag=1", "", "bob", "b", Some("1")),
        ("<sip:bob@b;tag=no>", "", "bob", "b", None),
        ("<sip:bob:secret@b>", "", "bob", "b", None),
        (
            "<tel:+441632960002;ext=3>;tag=1",
            "",
            "+441632960002",
            "",
            Some("1"),
        ),
        (
            "<sips:bob@[2001:db8::1]:5071;transport=tls>;tag=1",
            "",
            "bob",
            "2001:db8::1",
            Some("1"),
        ),
        ("<sip:b>", "", "", "b", None),
        ("<urn:service:sos>", "", "", "service", None),
        ("<>", "", "", "", None),
        ("\"", "", "", "\"", None),
    ] {
        let read = NameAddr::parse(value);
        assert_eq!(read.display, display.trim(), "{value}");
        assert_eq!(
            read.uri.user.as_deref().unwrap_or_default(),
            user,
            "{value}"
        );
        assert_eq!(read.uri.host, host, "{value}");
        assert_eq!(read.param("tag"), tag, "{value}");
    }
}

#[test]
fn hosts_and_ports() {
    for (text, host, port) in [
        ("h", "h", None),
        ("h:5070", "h", Some(5070)),
        ("h: 5070 ", "h", Some(5070)),
        ("[2001:db8::1]", "2001:db8::1", None),
        ("[2001:db8::1]:5070", "2001:db8::1", Some(5070)),
        ("2001:db8::1", "2001:db8::1", None),
        ("[2001:db8::1", "2001:db8::1", None),
        ("h:99999", "h", None),
        ("h:", "h", None),
    ] {
        let via = Via::parse(&format!("SIP/2.0/UDP {text};branch=x"));
        assert_eq!((via.host.as_str(), via.port), (host, port), "Via {text}");
        let uri = Uri::parse(&format!("sip:u@{text};lr"));
        assert_eq!((uri.host.as_str(), uri.port), (host, port), "URI {text}");
        assert_eq!(uri.param("lr"), Some(""), "URI {text}");
    }
    assert_eq!(Via::parse("SIP/2.0/TLS h").port_or_default(), 5061);
    assert_eq!(
        Via::parse("SIP/2.0/UDP [2001:db8::1]").address(),
        "2001:db8::1".parse().ok()
    );
    assert!(Via::parse("SIP/2.0/UDP h;rport").has_rport());
    assert_eq!(Via::parse("h:5070;branch=x").port, Some(5070));
    assert_eq!(Via::parse("SIP/2.0/UDP h;branch=").branch(), None);
}

#[test]
fn reasons() {
    let one = "Reason: SIP;cause=503;text=\"No, really\", Q.850 ;cause=34;text=\"No circuit\";location=ln\r\n";
    let two = "Reason: SIP;cause=503;text=\"No, really\"\r\nreason: q.850;location=LN;cause=\"34\";text=\"No circuit\"\r\n";
    for text in [one, two] {
        let message = invite(text);
        let sip = &message.reasons()[0];
        assert_eq!((sip.cause, sip.text.as_str()), (Some(503), "No, really"));
        let q850 = message.q850().unwrap();
        assert_eq!((q850.cause, q850.text.as_str()), (Some(34), "No circuit"));
        assert_eq!(q850.location.as_deref(), Some("LN"));
    }
    let odd = invite("Reason: ;cause=1, Q.850;cause=x\r\n").reasons();
    assert_eq!(odd.len(), 1);
    assert_eq!(odd[0].cause, None);
}

#[test]
fn seconds_and_sessions() {
    let message = invite(
        "Retry-After: 120 (in a meeting);duration=3600\r\nMin-SE: 90;x\r\nx: 1800 ;Refresher=UAS\r\n\
         Warning: 399 h \"one, two\"\r\nExpires: soon\r\n",
    );
    assert_eq!(message.seconds(Name::RetryAfter), Some(120));
    assert_eq!(message.seconds(Name::MinSe), Some(90));
    assert_eq!(message.seconds(Name::Expires), None);
    let session = message.session_expires().unwrap();
    assert_eq!(
        (session.seconds, session.refresher),
        (1800, Some(Refresher::Uas))
    );
    assert_eq!(message.header(Name::Warning).unwrap(), "399 h \"one, two\"");
    assert!(
        invite("Session-Expires: many\r\n")
            .session_expires()
            .is_none()
    );
}

#[test]
fn challenges() {
    let shown = |headers: &str| -> Vec<String> {
        let message = invite(headers);
        let challenges = message.challenges();
        challenges
            .iter()
            .map(|c| format!("{} {} {} {}", c.realm, c.nonce, c.algorithm, c.stale))
            .collect()
    };
    assert_eq!(
        shown(
            "WWW-Authenticate: Digest realm=\"a, b\", nonce=\"n\", qop=\"auth,auth-int\", stale=TRUE\r\n"
        ),
        ["a, b n MD5 true"]
    );
    assert_eq!(
        shown(
            "WWW-Authenticate: Digest realm=\"a\", nonce=\"1\", algorithm=SHA-256, \
             Digest realm=\"a\", nonce=\"2\",\r\n\talgorithm=md5, Basic realm=\"c\"\r\n"
        ),
        ["a 1 SHA-256 false", "a 2 MD5 false"]
    );
    assert_eq!(
        shown(
            "WWW-Authenticate: Bearer realm=\"x\"\r\nProxy-Authenticate: digest realm = \"a\" , nonce = n\r\n"
        ),
        ["a n MD5 false"]
    );
    assert_eq!(
        shown("Proxy-Authenticate: \r\nWWW-Authenticate: =,=\r\n"),
        Vec::<String>::new()
    );

    let message = invite(
        "Authorization: Digest username=\"u, v\",realm=\"r\",nonce=\"n\",nc=00000001,response=\"f\"\r\n",
    );
    let credentials = &message.credentials()[0];
    assert_eq!(
        (
            credentials.username.as_str(),
            credentials.nonce_count.as_str()
        ),
        ("u, v", "00000001")
    );
    assert!(!format!("{credentials:?}").contains("response"));
}

#[test]
fn bodies_with_descriptions() {
    let sdp = "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 8\r\n";
    let with = |kind: &str, body: &str| {
        invite(&format!(
            "{kind}Content-Length: {}\r\n\r\n{body}",
            body.len() + 2
        ))
        .sdp()
    };
    let parts = format!(
        "preamble v=0\r\n--b\r\nContent-Type: application/sdp\r\n\r\n{sdp}--b\r\n\
         Content-Type: application/x\r\n\r\nm=audio 1 x 0\r\n--b--\r\n"
    );
    for (kind, body) in [
        ("Content-Type: application/sdp\r\n", sdp),
        ("c: Application/SDP; charset=utf-8\r\n", sdp),
        ("", sdp),
        ("Content-Type: multipart/mixed;boundary=b\r\n", &*parts),
    ] {
        let read = with(kind, body).unwrap();
        assert_eq!(read.origin, "- 1 2 IN IP4 192.0.2.1", "{kind}");
        assert_eq!(read.media.len(), 1, "{kind}");
    }
    assert_eq!(with("Content-Type: text/plain\r\n", sdp), None);
    assert_eq!(with("", "hello"), None);
    assert_eq!(
        with("Content-Type: multipart/mixed;boundary=b\r\n", "--b\r\n"),
        None
    );
}

#[test]
fn a_closer_look() {
    let answer = |code: u16, to: &str, contact: &str| {
        read(format!(
            "SIP/2.0 {code} X\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK-1\r\nFrom: <sip:alice@a>;tag=1\r\n\
             To: {to}\r\nCall-ID: c@h\r\nCSeq: 1 INVITE\r\n{contact}\r\n"
        ))
        .check()
    };
    let contact = "Contact: <sip:bob@b>\r\n";
    for (found, expected) in [
        (answer(100, "<sip:bob@b>", ""), vec![]),
        (answer(180, "<sip:bob@b>", ""), vec![Deviation::NoToTag]),
        (answer(200, "<sip:bob@b>;tag=2", contact), vec![]),
        (
            answer(200, "<sip:bob@b>;tag=2", ""),
            vec![Deviation::Missing(Name::Contact)],
        ),
        (answer(486, "<sip:bob@b>;tag=2", ""), vec![]),
        (
            answer(486, "<sip:bob@b>;tag=2, <sip:eve@e>", ""),
            vec![Deviation::Repeated(Name::To)],
        ),
        (
            answer(486, "<sip:bob@b;tag=2", ""),
            vec![Deviation::UnclosedBracket(Name::To)],
        ),
        (
            answer(486, "\"B;b, <b\" <sip:bob@b;x=1,2>;tag=2;y=\"a,b;;\"", ""),
            vec![],
        ),
    ] {
        assert_eq!(found, expected);
    }
    let request = invite(
        "Max-Forwards: 70\r\nContact: *\r\nEvent: a\r\nEvent: b\r\nWarning: 399 h \"open\r\nRetry-After: 5(x);y\r\n",
    );
    assert_eq!(
        request.check(),
        [
            Deviation::Repeated(Name::Event),
            Deviation::UnbalancedQuote(Name::Warning)
        ]
    );
    // Looked for only when asked.
    assert!(request.deviations().is_empty());
}
