//! RFC 4475 section 3.1.2: messages that break the grammar. Each breach is noted, and what can be
//! read is read all the same.

use calltriage::sip::{Deviation, Method, Name, StartLine};

use super::{SDP, gist, has_two_streams, invalid, lines, ways, with_body};

/// An INVITE to which only its first line, or a header given here, does harm.
fn invite(start: &str, headers: &str) -> Vec<u8> {
    with_body(
        &format!(
            "{start}
             To: sip:user@example.com
             From: sip:caller@example.net;tag=39291
             Max-Forwards: 23
             Call-ID: own@192.0.2.5
             CSeq: 1 INVITE
             Via: SIP/2.0/UDP 192.0.2.5;branch=z9hG4bKinv
             {headers}"
        ),
        "application/sdp",
        SDP.as_bytes(),
    )
}

const CONTACT: &str = "Contact: <sip:caller@host5.example.net>";
const INVITE: &str = "INVITE sip:user@example.com SIP/2.0";
const GIST: &str = "INVITE caller>user 39291>- 1 INVITE";

#[test]
fn badinv01() {
    let message = invalid(
        with_body(
            "INVITE sip:user@example.com SIP/2.0
             To: sip:j.user@example.com
             From: sip:caller@example.net;tag=134161461246
             Max-Forwards: 7
             Call-ID: badinv01.own@host
             CSeq: 8 INVITE
             Via: SIP/2.0/UDP 192.0.2.15;;,;,,
             Contact: \"Joe\" <sip:joe@example.org>;;;;",
            "application/sdp",
            SDP.as_bytes(),
        ),
        &[
            Deviation::StraySeparators(Name::Contact),
            Deviation::StraySeparators(Name::Via),
        ],
    );
    assert_eq!(
        gist(&message),
        "INVITE caller>j.user 134161461246>- 8 INVITE"
    );
    assert_eq!(message.top_via().unwrap().host, "192.0.2.15");
    assert_eq!(message.contact().unwrap().uri.user.as_deref(), Some("joe"));
    has_two_streams(&message);
}

#[test]
fn clerr() {
    let mut bytes = lines(
        "INVITE sip:user@example.com SIP/2.0
         Max-Forwards: 80
         To: sip:j.user@example.com
         From: sip:caller@example.net;tag=93942939o2
         Contact: <sip:caller@hungry.example.net>
         Call-ID: clerr.own@host
         CSeq: 8 INVITE
         Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bK-cl
         Content-Type: application/sdp
         Content-Length: 9999

        ",
    );
    bytes.push_str(SDP);
    let message = invalid(
        bytes,
        &[Deviation::BodyShort {
            said: 9999,
            present: SDP.len(),
        }],
    );
    assert!(message.is_cut());
    assert_eq!(gist(&message), "INVITE caller>j.user 93942939o2>- 8 INVITE");
    has_two_streams(&message);
}

#[test]
fn ncl() {
    let bytes = String::from_utf8(invite(INVITE, CONTACT)).unwrap();
    let length = format!("Content-Length: {}", SDP.len());
    let message = invalid(
        bytes.replace(&length, "Content-Length: -999"),
        &[Deviation::ContentLengthUnreadable],
    );
    assert_eq!(gist(&message), GIST);
    has_two_streams(&message);
}

#[test]
fn scalar02() {
    let message = invalid(
        lines(
            "REGISTER sip:example.com SIP/2.0
             Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bK342sdfoi3
             To: <sip:user@example.com>
             From: <sip:user@example.com>;tag=239232jh3
             CSeq: 36893488147419103232 REGISTER
             Call-ID: scalar02.own@host
             Max-Forwards: 300
             Expires: 10000000000000000000000000000000000000000
             Contact: <sip:user@host129.example.com>;expires=280297596632815
             Content-Length: 0

            ",
        ),
        &[
            Deviation::OutOfRange(Name::CSeq),
            Deviation::OutOfRange(Name::MaxForwards),
            Deviation::OutOfRange(Name::Expires),
            Deviation::OutOfRange(Name::Contact),
        ],
    );
    assert_eq!(message.request_method(), Some(&Method::Register));
    assert_eq!(message.cseq(), None);
    assert_eq!(message.seconds(Name::Expires), None);
    assert_eq!(message.from_tag().as_deref(), Some("239232jh3"));
    // The largest that may be: 2**31 - 1, 255, 2**32 - 1.
    let edge = |cseq: &str, forwards: &str, expires: &str| {
        lines(&format!(
            "REGISTER sip:example.com SIP/2.0
             Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bK342sdfoi3
             To: <sip:user@example.com>
             From: <sip:user@example.com>;tag=239232jh3
             CSeq: {cseq} REGISTER
             Call-ID: scalar02.own@host
             Max-Forwards: {forwards}
             Expires: {expires}

            "
        ))
    };
    invalid(edge("2147483647", "255", "4294967295"), &[]);
    invalid(
        edge("2147483648", "256", "4294967296"),
        &[Name::CSeq, Name::MaxForwards, Name::Expires].map(Deviation::OutOfRange),
    );
    invalid(
        edge("one", "-1", "soon"),
        &[
            Deviation::Unreadable(Name::CSeq),
            Deviation::Unreadable(Name::MaxForwards),
            Deviation::Unreadable(Name::Expires),
        ],
    );
}

#[test]
fn scalarlg() {
    let message = invalid(
        lines(
            "SIP/2.0 503 Service Unavailable
             Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw;received=192.0.2.129
             To: <sip:user@example.com>;tag=t
             From: <sip:other@example.net>;tag=2easdjfejw
             CSeq: 9292394834772304023312 OPTIONS
             Call-ID: scalarlg.own@host
             Retry-After: 949302838503028349304023988
             Warning: 1812 overture \"In Progress\"
             Content-Length: 0

            ",
        ),
        &[
            Deviation::OutOfRange(Name::CSeq),
            Deviation::OutOfRange(Name::RetryAfter),
            Deviation::OutOfRange(Name::Warning),
        ],
    );
    assert_eq!((message.code(), message.cseq()), (Some(503), None));
    assert_eq!(message.retry_after(), None);
    assert_eq!(message.warnings()[0].text, "In Progress");
    assert_eq!(
        ways(&message),
        ["TCP host129.example.com z9hG4bKzzxdiwo34sw"]
    );
}

#[test]
fn quotbal() {
    let message = invalid(
        with_body(
            "INVITE sip:user@example.com SIP/2.0
             To: \"Mr. J. User <sip:j.user@example.com>
             From: sip:caller@example.net;tag=93334
             Max-Forwards: 10
             Call-ID: quotbal.own@host
             Contact: <sip:caller@host59.example.net>
             CSeq: 8 INVITE
             Via: SIP/2.0/UDP 192.0.2.59:5050;branch=z9hG4bKquo",
            "application/sdp",
            SDP.as_bytes(),
        ),
        &[Deviation::UnbalancedQuote(Name::To)],
    );
    assert_eq!(gist(&message), "INVITE caller>j.user 93334>- 8 INVITE");
    has_two_streams(&message);
}

#[test]
fn ltgtruri() {
    let message = invalid(
        invite("INVITE <sip:user@example.com> SIP/2.0", CONTACT),
        &[Deviation::BracketsAroundRequestUri],
    );
    let uri = message.request_uri().unwrap();
    assert_eq!(
        (uri.user.as_deref(), &*uri.host),
        (Some("user"), "example.com")
    );
    assert_eq!(gist(&message), GIST);
}

#[test]
fn lwsruri() {
    let message = invalid(
        invite("INVITE sip:user@example.com; lr SIP/2.0", CONTACT),
        &[Deviation::SpaceInRequestUri],
    );
    let uri = message.request_uri().unwrap();
    assert_eq!(
        (uri.user.as_deref(), uri.param("lr")),
        (Some("user"), Some(""))
    );
    assert_eq!(gist(&message), GIST);
}

#[test]
fn lwsstart() {
    let expected = [Deviation::SpacesInStartLine];
    for start in [
        "INVITE  sip:user@example.com  SIP/2.0",
        "INVITE sip:user@example.com  SIP/2.0",
        "INVITE\tsip:user@example.com SIP/2.0",
    ] {
        let message = invalid(invite(start, CONTACT), &expected);
        assert_eq!(message.request_uri().unwrap().host, "example.com");
        assert_eq!(gist(&message), GIST);
    }
}

#[test]
fn trws() {
    let head = lines(
        "Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK299342093
         To: <sip:remote@example.com>
         From: <sip:local@example.com>;tag=329429089
         Call-ID: trws.own@host
         Max-Forwards: 70
         CSeq: 238923 OPTIONS
         Content-Length: 0

        ",
    );
    let message = invalid(
        format!("OPTIONS sip:remote@example.com SIP/2.0  \r\n{head}"),
        &[Deviation::SpaceAfterStartLine],
    );
    assert_eq!(
        gist(&message),
        "OPTIONS local>remote 329429089>- 238923 OPTIONS"
    );
    assert_eq!(message.request_uri().unwrap().host, "example.com");
}

#[test]
fn escruri() {
    let message = invalid(
        invite(
            "INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0",
            CONTACT,
        ),
        &[Deviation::HeadersInRequestUri],
    );
    let uri = message.request_uri().unwrap();
    assert_eq!(
        (&*uri.host, uri.header("route")),
        ("example.com", Some("<sip:example.com>"))
    );
    assert_eq!(gist(&message), GIST);
}

#[test]
fn baddate() {
    let expected = [Deviation::Unreadable(Name::Date)];
    for date in [
        "Fri, 01 Jan 2010 16:00:00 EST",
        "Fri, 01 Jan 2010 16:00 GMT",
        "Fri, 1 Jan 2010 16:00:00 GMT",
        "Fri, 32 Jan 2010 16:00:00 GMT",
        "Fri, 01 Foo 2010 16:00:00 GMT",
        "2010-01-01T16:00:00Z",
    ] {
        let message = invalid(
            invite(INVITE, &format!("Date: {date}\n{CONTACT}")),
            &expected,
        );
        assert_eq!(gist(&message), GIST);
        assert_eq!(message.header(Name::Date).unwrap(), date);
    }
    let right = format!("Date: Fri, 01 Jan 2010 16:00:00 GMT\n{CONTACT}");
    invalid(invite(INVITE, &right), &[]);
}

#[test]
fn regbadct() {
    let message = invalid(
        lines(
            "REGISTER sip:example.com SIP/2.0
             To: sip:user@example.com
             From: sip:user@example.com;tag=998332
             Max-Forwards: 70
             Call-ID: regbadct.own@host
             CSeq: 1 REGISTER
             Via: SIP/2.0/UDP 135.180.130.133:5060;branch=z9hG4bKreg
             Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E
             l: 0

            ",
        ),
        &[Deviation::UriNotBracketed(Name::Contact)],
    );
    assert_eq!(gist(&message), "REGISTER user>user 998332>- 1 REGISTER");
    assert_eq!(message.contact().unwrap().uri.host, "example.com");
}

#[test]
fn badaspec() {
    let message = invalid(
        lines(
            "OPTIONS sip:user@example.org SIP/2.0
             Via: SIP/2.0/UDP host4.example.com:5060;branch=z9hG4bKasp
             Call-ID: badaspec.own@host
             CSeq: 93234 OPTIONS
             From: \"Bell, Al\" <sip:al.bell@example.com>;tag=73
             To: \"Watson, Tom\" < sip:t.watson@example.org >
             Max-Forwards: 70
             Content-Length: 0

            ",
        ),
        &[Deviation::SpaceInUri(Name::To)],
    );
    assert_eq!(
        gist(&message),
        "OPTIONS al.bell>t.watson 73>- 93234 OPTIONS"
    );
    assert_eq!(message.to().unwrap().display, "Watson, Tom");
}

#[test]
fn baddn() {
    let message = invalid(
        lines(
            "OPTIONS sip:t.watson@example.org SIP/2.0
             Via: SIP/2.0/UDP c.example.com:5060;branch=z9hG4bKdn
             Max-Forwards: 70
             From: Bell, Al <sip:al.bell@example.com>;tag=43
             To: Watson, Tom <sip:t.watson@example.org>
             Call-ID: baddn.own@host
             CSeq: 31 OPTIONS

            ",
        ),
        &[
            Deviation::DisplayNameNotQuoted(Name::From),
            Deviation::DisplayNameNotQuoted(Name::To),
        ],
    );
    assert_eq!(gist(&message), "OPTIONS al.bell>t.watson 43>- 31 OPTIONS");
    assert_eq!(message.from().unwrap().display, "Bell, Al");
}

#[test]
fn badvers() {
    let message = invalid(
        lines(
            "OPTIONS sip:t.watson@example.org SIP/7.0
             Via: SIP/7.0/UDP c.example.com;branch=z9hG4bKvers
             Max-Forwards: 70
             From: A. Bell <sip:a.g.bell@example.com>;tag=qweoiqpe
             To: T. Watson <sip:t.watson@example.org>
             Call-ID: badvers.own@host
             CSeq: 1 OPTIONS
             l: 0

            ",
        ),
        &[Deviation::OtherVersion],
    );
    assert_eq!(
        gist(&message),
        "OPTIONS a.g.bell>t.watson qweoiqpe>- 1 OPTIONS"
    );
    assert_eq!(ways(&message), ["UDP c.example.com z9hG4bKvers"]);
}

#[test]
fn mismatch01() {
    let message = invalid(
        lines(
            "OPTIONS sip:user@example.com SIP/2.0
             To: sip:j.user@example.com
             From: sip:caller@example.net;tag=34525
             Max-Forwards: 6
             Call-ID: mismatch01.own@host
             CSeq: 8 INVITE
             Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKmis
             l: 0

            ",
        ),
        &[Deviation::CSeqMethodDiffers],
    );
    assert_eq!(gist(&message), "OPTIONS caller>j.user 34525>- 8 INVITE");
}

#[test]
fn mismatch02() {
    let message = invalid(
        lines(
            "NEWMETHOD sip:user@example.com SIP/2.0
             To: sip:j.user@example.com
             From: sip:caller@example.net;tag=34525
             Max-Forwards: 6
             Call-ID: mismatch02.own@host
             CSeq: 8 INVITE
             Contact: <sip:caller@host.example.net>
             Via: SIP/2.0/UDP host.example.net;branch=z9hG4bKmis
             l: 0

            ",
        ),
        &[Deviation::CSeqMethodDiffers],
    );
    assert_eq!(gist(&message), "NEWMETHOD caller>j.user 34525>- 8 INVITE");
}

#[test]
fn bigcode() {
    let head = lines(
        "Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
         Call-ID: bigcode.own@host
         CSeq: 353494 INVITE
         From: <sip:user@example.com>;tag=39ansfi3
         To: <sip:user@example.edu>;tag=902jndnke3
         Content-Length: 0
         Contact: <sip:user@host105.example.com>

        ",
    );
    let message = invalid(
        format!("SIP/2.0 4294967301 better not break the receiver\r\n{head}"),
        &[Deviation::GarbledStartLine, Deviation::CodeOutOfRange],
    );
    assert_eq!(
        (message.start(), message.code()),
        (&StartLine::Garbled, None)
    );
    assert_eq!(
        gist(&message),
        "- user>user 39ansfi3>902jndnke3 353494 INVITE"
    );
    for code in ["99", "700", "0"] {
        let message = invalid(
            format!("SIP/2.0 {code} x\r\n{head}"),
            &[Deviation::CodeOutOfRange],
        );
        assert_eq!(message.code(), code.parse().ok());
    }
}
