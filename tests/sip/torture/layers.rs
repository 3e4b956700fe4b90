//! RFC 4475 sections 3.2 to 3.4: messages of right grammar that a transaction, an application or an
//! old element makes trouble with. What they say is read; only what RFC 3261 forbids is noted.

use calltriage::sip::body::PartKind;
use calltriage::sip::{Deviation, Method, Name};

use super::{SDP, gist, has_two_streams, invalid, lines, valid, ways, with_body};

/// An OPTIONS, or another method, with these further headers.
fn request(start: &str, headers: &str) -> String {
    let method = start.split(' ').next().unwrap();
    lines(&format!(
        "{start}
         Via: SIP/2.0/TCP host9.example.com;branch=z9hG4bKlay
         Max-Forwards: 68
         From: <sip:caller@example.net>;tag=242etr
         Call-ID: layers.own@host
         CSeq: 8 {method}
         {headers}
         l: 0

        "
    ))
}

const TO: &str = "To: sip:user@example.com";

#[test]
fn badbranch() {
    let text = request("OPTIONS sip:user@example.com SIP/2.0", TO);
    let message = invalid(
        text.replace("z9hG4bKlay", "z9hG4bK"),
        &[Deviation::BranchWithoutId],
    );
    assert_eq!(ways(&message), ["TCP host9.example.com z9hG4bK"]);
    assert_eq!(gist(&message), "OPTIONS caller>user 242etr>- 8 OPTIONS");
}

#[test]
fn insuf() {
    let message = invalid(
        with_body(
            "INVITE sip:user@example.com SIP/2.0
             CSeq: 193942 INVITE
             Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf
             Contact: <sip:c@192.0.2.95>
             Max-Forwards: 70",
            "application/sdp",
            SDP.as_bytes(),
        ),
        &[Name::From, Name::To, Name::CallId].map(Deviation::Missing),
    );
    assert_eq!(gist(&message), "INVITE > ->- 193942 INVITE");
    assert_eq!(message.call_id(), "");
    has_two_streams(&message);
}

#[test]
fn unkscm() {
    let message = valid(request(
        "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0",
        TO,
    ));
    let uri = message.request_uri().unwrap();
    assert_eq!(
        (&*uri.scheme, &*uri.host),
        ("nobodyknowsthisscheme", "totallyopaquecontent")
    );
}

#[test]
fn novelsc() {
    let message = valid(request("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0", TO));
    let uri = message.request_uri().unwrap();
    assert_eq!(
        (&*uri.scheme, &*uri.host, uri.port),
        ("soap.beep", "192.0.2.103", Some(3002))
    );
}

#[test]
fn unksm2() {
    let message = valid(lines(
        "REGISTER sip:example.com SIP/2.0
         To: isbn:2983792873
         From: <http://www.example.com>;tag=3234233
         Call-ID: unksm2.own@host
         CSeq: 234902 REGISTER
         Max-Forwards: 70
         Via: SIP/2.0/UDP 192.0.2.21:5060;branch=z9hG4bKuns
         Contact: <name:John_Smith>
         l: 0

        ",
    ));
    assert_eq!(message.from_tag().as_deref(), Some("3234233"));
    let schemes = [message.to(), message.from(), message.contact()]
        .map(|address| address.unwrap().uri.scheme);
    assert_eq!(schemes, ["isbn", "http", "name"]);
}

#[test]
fn bext01() {
    let message = valid(request(
        "OPTIONS sip:user@example.com SIP/2.0",
        "To: sip:j_user@example.com
         Proxy-Require: nothingSupportsThis, orThis
         Require: nothingSupportsThisEither",
    ));
    assert_eq!(
        message.tokens(Name::ProxyRequire),
        ["nothingSupportsThis", "orThis"]
    );
    assert!(message.has_token(Name::Require, "nothingsupportsthiseither"));
}

#[test]
fn invut() {
    let body = b"<audio>\r\n <pcmu port=\"443\"/>\r\n</audio>\r\n";
    let message = valid(with_body(
        "INVITE sip:user@example.com SIP/2.0
         Contact: <sip:caller@host5.example.net>
         To: sip:j.user@example.com
         From: sip:caller@example.net;tag=8392034
         Max-Forwards: 70
         Call-ID: invut.own@host
         CSeq: 235448 INVITE
         Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKut",
        "application/unknownformat",
        body,
    ));
    assert_eq!(message.sdp(), None);
    let parts = message.parts();
    assert_eq!(
        (parts[0].kind(), parts[0].bytes),
        (PartKind::Other, body.as_slice())
    );
}

#[test]
fn regaut01() {
    let message = valid(request(
        "REGISTER sip:example.com SIP/2.0",
        "To: sip:j.user@example.com
         Authorization: NoOneKnowsThisScheme opaque-data=here",
    ));
    assert_eq!(
        message.header(Name::Authorization).unwrap(),
        "NoOneKnowsThisScheme opaque-data=here"
    );
    assert!(
        message
            .credentials()
            .iter()
            .all(|c| c.username.is_empty() && c.nonce.is_empty())
    );
}

#[test]
fn multi01() {
    let message = invalid(
        with_body(
            "INVITE sip:user@company.com SIP/2.0
             Contact: <sip:caller@host25.example.net>
             Via: SIP/2.0/UDP 192.0.2.25;branch=z9hG4bKmul
             Max-Forwards: 70
             CSeq: 5 INVITE
             Call-ID: multi01.own@host
             CSeq: 59 INVITE
             Call-ID: other.own@host
             From: sip:caller@example.com;tag=3413415
             To: sip:user@example.com
             To: sip:other@example.net
             From: sip:caller@example.net;tag=2923420123
             Contact: <sip:caller@host36.example.net>
             Max-Forwards: 5",
            "application/sdp",
            SDP.as_bytes(),
        ),
        &[
            Name::From,
            Name::To,
            Name::CallId,
            Name::CSeq,
            Name::MaxForwards,
        ]
        .map(Deviation::Repeated),
    );
    // The first of each is used.
    assert_eq!(gist(&message), "INVITE caller>user 3413415>- 5 INVITE");
    assert_eq!(message.call_id(), "multi01.own@host");
    assert_eq!(message.addresses(Name::Contact).len(), 2);
}

#[test]
fn mcl01() {
    let text = request(
        "OPTIONS sip:user@example.com SIP/2.0",
        &format!("{TO}\nContent-Length: 13"),
    );
    let message = invalid(
        format!(
            "{}There's no way to know how many octets are here",
            text.replace("l: 0\r\n", "Content-Length: 5\r\n")
        ),
        &[
            Deviation::BodyLong {
                said: 13,
                present: 47,
            },
            Deviation::Repeated(Name::ContentLength),
            Deviation::Missing(Name::ContentType),
            Deviation::ContentLengthsDiffer,
        ],
    );
    assert_eq!(gist(&message), "OPTIONS caller>user 242etr>- 8 OPTIONS");
    assert_eq!(message.body(), b"There's no wa");
}

#[test]
fn bcast() {
    let message = valid(with_body(
        "SIP/2.0 200 OK
         Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
         Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23
         Call-ID: bcast.own@host
         CSeq: 35 INVITE
         From: sip:user@example.com;tag=11141343
         To: sip:user@example.edu;tag=2229
         Contact: <sip:user@host28.example.com>",
        "application/sdp",
        SDP.as_bytes(),
    ));
    assert_eq!(
        ways(&message),
        [
            "UDP 192.0.2.198 z9hG4bK1324923",
            "UDP 255.255.255.255 z9hG4bK1saber23"
        ]
    );
    assert_eq!(message.code(), Some(200));
}

#[test]
fn zeromf() {
    let text = request("OPTIONS sip:user@example.com SIP/2.0", TO);
    let message = valid(text.replace("Max-Forwards: 68", "Max-Forwards: 0"));
    assert_eq!(message.seconds(Name::MaxForwards), Some(0));
}

#[test]
fn cparam01() {
    let message = valid(request(
        "REGISTER sip:example.com SIP/2.0",
        "To: sip:watson@example.com
         Contact: sip:+19725552222@gw1.example.net;unknownparam",
    ));
    let contact = message.contact().unwrap();
    // Without brackets the parameter is the header's (RFC 3261 section 20.10).
    assert_eq!(contact.param("unknownparam"), Some(""));
    assert!(contact.uri.params.is_empty());
    assert_eq!(contact.uri.user.as_deref(), Some("+19725552222"));
}

#[test]
fn cparam02() {
    let message = valid(request(
        "REGISTER sip:example.com SIP/2.0",
        "To: sip:watson@example.com
         Contact: <sip:+19725552222@gw1.example.net;unknownparam>",
    ));
    let contact = message.contact().unwrap();
    assert_eq!(contact.uri.param("unknownparam"), Some(""));
    assert!(contact.params.is_empty());
}

#[test]
fn regescrt() {
    let message = valid(request(
        "REGISTER sip:example.com SIP/2.0",
        "To: sip:user@example.com
         Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>",
    ));
    let contact = message.contact().unwrap().uri;
    assert_eq!(
        (&*contact.host, contact.header("route")),
        ("example.com", Some("<sip:sip.example.com>"))
    );
}

#[test]
fn sdp01() {
    let message = valid(with_body(
        "INVITE sip:user@example.com SIP/2.0
         To: sip:j_user@example.com
         Contact: <sip:caller@host15.example.net>
         From: sip:caller@example.net;tag=234
         Max-Forwards: 5
         Call-ID: sdp01.own@host
         CSeq: 8 INVITE
         Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKsdp
         Accept: text/nobodyKnowsThis",
        "application/sdp",
        SDP.as_bytes(),
    ));
    assert_eq!(message.tokens(Name::Accept), ["text/nobodyKnowsThis"]);
    has_two_streams(&message);
}

#[test]
fn inv2543() {
    let message = invalid(
        with_body(
            "INVITE sip:UserB@example.com SIP/2.0
             Via: SIP/2.0/UDP gw.example.com
             From: <sip:+13035551111@gw.example.net;user=phone>
             Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>
             To: sip:+16505552222@ss1.example.net;user=phone
             Call-ID: inv2543.own@host
             CSeq: 56 INVITE
             Contact: <sip:UserB@host>",
            "application/sdp",
            SDP.as_bytes(),
        ),
        // What RFC 3261 demands and RFC 2543 did not know.
        &[Deviation::Missing(Name::MaxForwards), Deviation::NoFromTag],
    );
    assert!(message.deviations().is_empty());
    assert_eq!(message.request_method(), Some(&Method::Invite));
    assert_eq!(
        gist(&message),
        "INVITE +13035551111>+16505552222 ->- 56 INVITE"
    );
    assert!(!message.top_via().unwrap().has_magic_cookie());
    assert_eq!(
        message.addresses(Name::RecordRoute)[0].uri.param("maddr"),
        Some("ss1.example.com")
    );
    has_two_streams(&message);
}
