//! RFC 4475 section 3.1.1: messages that look wrong and are not. Nothing may be noted.

use calltriage::sip::body::PartKind;
use calltriage::sip::{Deviation, Method, Name};

use super::{SDP, gist, has_two_streams, lines, read, valid, ways, with_body};

#[test]
fn wsinv() {
    let message = valid(with_body(
        "INVITE sip:bea@desk.example.com;novelty SIP/2.0
         TO :
         _sip:bea@desk.example.com ;   tag    = 88aa77
         from   : \"Al B \\\\\\\"\"       <sip:al@example.com>
         _ ;
         _ tag = 55bb66
         MaX-fOrWaRdS: 0068
         Call-ID: wsinv.own@192.0.2.1
         cseq: 0009
         _ INVITE
         Via  : SIP  /   2.0
         _/UDP
         _   192.0.2.2;branch=noCookieHere
         s :
         NewHeader:   one value
         _ goes on here
         OddHeader: ;;,,;;,;
         Route:
         _<sip:services.example.com;lr;other=value;bare>
         v:  SIP  / 2.0  / TCP     spindle.example.com   ;
         _ branch  =   z9hG4bKaa1  ,
         _SIP  /    2.0   / UDP  192.0.2.255   ; branch=
         _z9hG4bKaa2
         m:\"In quotes \\\"\\\"\" <sip:al@example.com> ; newparam =
         _     newvalue ;
         _ second ; q = 0.33
        ",
        "application/sdp",
        SDP.as_bytes(),
    ));
    assert_eq!(gist(&message), "INVITE al>bea 55bb66>88aa77 9 INVITE");
    let uri = message.request_uri().unwrap();
    assert_eq!(
        (&*uri.host, uri.param("novelty")),
        ("desk.example.com", Some(""))
    );
    assert_eq!(message.from().unwrap().display, "Al B \\\"");
    assert_eq!(message.seconds(Name::MaxForwards), Some(68));
    assert_eq!(message.call_id(), "wsinv.own@192.0.2.1");
    assert_eq!(
        ways(&message),
        [
            "UDP 192.0.2.2 noCookieHere",
            "TCP spindle.example.com z9hG4bKaa1",
            "UDP 192.0.2.255 z9hG4bKaa2"
        ]
    );
    assert!(!message.top_via().unwrap().has_magic_cookie());
    assert_eq!(message.header(Name::Subject).unwrap(), "");
    assert_eq!(
        message.other_header("newheader").unwrap(),
        "one value goes on here"
    );
    assert_eq!(message.other_header("oddheader").unwrap(), ";;,,;;,;");
    let route = &message.addresses(Name::Route)[0].uri;
    assert_eq!(
        (route.param("other"), route.param("bare")),
        (Some("value"), Some(""))
    );
    let contact = message.contact().unwrap();
    assert_eq!(contact.display, "In quotes \"\"");
    assert_eq!(
        (
            contact.param("newparam"),
            contact.param("second"),
            contact.param("q")
        ),
        (Some("newvalue"), Some(""), Some("0.33"))
    );
    assert_eq!(message.body(), SDP.as_bytes());
    has_two_streams(&message);
}

#[test]
fn intmeth() {
    let method = "!odd-Method0123456789_*+`.%indeed'~";
    let user = "1_odd.URI~(to-be!sure)&isn't+it$/crazy?,/";
    let message = valid(lines(&format!(
        "{method} sip:{user};;*:&it+has=1,odd!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0
         Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~
         To: \"BEL:\\\u{7} NUL:\\\0 DEL:\\\u{7f}\" <sip:{user};;*@example.com>
         From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;param''~+*_!.-%=\"\u{440}\u{430}\u{431}\";tag=_token~1'+`*%!-.
         Call-ID: word%ZK-!.*_+'@word`~)(><:\\/\"][?}}{{
         CSeq: 139122385 {method}
         Max-Forwards: 255
         header-!.%*+_`'~:\u{feff}\u{5927}\u{505c}\u{96fb}
         Content-Length: 0

        "
    )));
    assert_eq!(
        gist(&message),
        format!("{method} mundane>{user} _token~1'+`*%!-.>- 139122385 {method}")
    );
    assert_eq!(
        message.request_method(),
        Some(&Method::Other(method.into()))
    );
    let uri = message.request_uri().unwrap();
    assert_eq!(
        (uri.user.as_deref(), &*uri.host),
        (Some(user), "example.com")
    );
    assert!(!format!("{uri:?}").contains("pas$"));
    assert_eq!(
        ways(&message),
        ["TCP host1.example.com z9hG4bK-.!%66*_+`'~"]
    );
    assert_eq!(message.to().unwrap().display, "BEL:\u{7} NUL:\0 DEL:\u{7f}");
    let from = message.from().unwrap();
    assert_eq!(from.display, "token1~` token2'+_ token3*%!.-");
    assert_eq!(from.param("param''~+*_!.-%"), Some("\u{440}\u{430}\u{431}"));
    assert_eq!(message.call_id(), "word%ZK-!.*_+'@word`~)(><:\\/\"][?}{");
    assert_eq!(message.seconds(Name::MaxForwards), Some(255));
    assert_eq!(
        message.other_header("header-!.%*+_`'~").unwrap(),
        "\u{feff}\u{5927}\u{505c}\u{96fb}"
    );
}

#[test]
fn esc01() {
    let message = valid(with_body(
        "INVITE sip:sips%3Abea%40example.com@example.net SIP/2.0
         To: sip:%62e%61@example.com
         From: <sip:I%20have%20spaces@example.net>;tag=938
         Max-Forwards: 87
         i: esc01.own@host
         CSeq: 234234 INVITE
         Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bKesc
         Contact: <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>
        ",
        "application/sdp",
        SDP.as_bytes(),
    ));
    assert_eq!(
        gist(&message),
        "INVITE I have spaces>bea 938>- 234234 INVITE"
    );
    let uri = message.request_uri().unwrap();
    // The escaped separators separate nothing.
    assert_eq!(
        (&*uri.scheme, uri.user.as_deref(), &*uri.host),
        ("sip", Some("sips:bea@example.com"), "example.net")
    );
    let contact = message.contact().unwrap().uri;
    assert_eq!(
        (contact.user.as_deref(), &*contact.host),
        (Some("caller"), "host5.example.net")
    );
    has_two_streams(&message);
}

#[test]
fn escnull() {
    let message = valid(lines(
        "REGISTER sip:example.com SIP/2.0
         To: sip:null-%00-null@example.com
         From: sip:null-%00-null@example.com;tag=839923423
         Max-Forwards: 70
         Call-ID: escnull.own@host
         CSeq: 14398234 REGISTER
         Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bKnul
         Contact: <sip:%00@host5.example.com>
         Contact: <sip:%00%00@host5.example.com>
         L:0

        ",
    ));
    assert_eq!(
        gist(&message),
        "REGISTER null-\0-null>null-\0-null 839923423>- 14398234 REGISTER"
    );
    let users: Vec<_> = message
        .addresses(Name::Contact)
        .into_iter()
        .map(|contact| contact.uri.user.unwrap())
        .collect();
    assert_eq!(users, ["\0", "\0\0"]);
}

#[test]
fn esc02() {
    let message = valid(lines(
        "RE%47IST%45R sip:registrar.example.com SIP/2.0
         To: \"%Z%45\" <sip:resource@example.com>
         From: \"%Z%45\" <sip:resource@example.com>;tag=f232jadfj23
         Call-ID: esc02.own@host
         Via: SIP/2.0/TCP host.example.com;branch=z9hG4bK209%fzsnel234
         CSeq: 29344 RE%47IST%45R
         Max-Forwards: 70
         Contact: <sip:alias1@host1.example.com>
         C%6Fntact: <sip:alias2@host2.example.com>
         Contact: <sip:alias3@host3.example.com>
         l: 0

        ",
    ));
    assert_eq!(
        gist(&message),
        "RE%47IST%45R resource>resource f232jadfj23>- 29344 RE%47IST%45R"
    );
    assert_ne!(message.request_method(), Some(&Method::Register));
    assert_eq!(message.to().unwrap().display, "%Z%45");
    assert_eq!(
        ways(&message),
        ["TCP host.example.com z9hG4bK209%fzsnel234"]
    );
    let users: Vec<_> = message
        .addresses(Name::Contact)
        .into_iter()
        .map(|contact| contact.uri.user.unwrap())
        .collect();
    assert_eq!(users, ["alias1", "alias3"]);
    assert!(message.other_header("C%6Fntact").is_some());
}

#[test]
fn lwsdisp() {
    let message = valid(lines(
        "OPTIONS sip:bea@example.com SIP/2.0
         To: sip:bea@example.com
         From: caller<sip:caller@example.com>;tag=323
         Max-Forwards: 70
         Call-ID: lwsdisp.own@host
         CSeq: 60 OPTIONS
         Via: SIP/2.0/UDP dnrc.example.com;branch=z9hG4bKlws
         l: 0

        ",
    ));
    assert_eq!(gist(&message), "OPTIONS caller>bea 323>- 60 OPTIONS");
    assert_eq!(message.from().unwrap().display, "caller");
}

#[test]
fn longreq() {
    let long = "verylong".repeat(60);
    let vias: String = (1..=34)
        .map(|n| format!("Via: SIP/2.0/TCP sip{n}.example.com;branch=z9hG4bK{n}{long}\r\n"))
        .collect();
    let head = lines(&format!(
        "INVITE sip:bea@example.com;{long}={long} SIP/2.0
         To: \"I have a user name of {long}\" <sip:user{long}@example.com:6000;p{long}=v{long};short>
         F: sip:{long}@example.net;tag=12{long}424;{long}name={long}value;bare{long}
         Call-ID: long.{long}{long}
         CSeq: 3882340 INVITE
         Unknown-{long}{long}: unknown-{long}-value;unknown-{long}-param={long}
         Max-Forwards: 70
         Contact: <sip:amanamed{long}@host5.example.net>
         l: {}",
        SDP.len()
    ));
    let message = valid(format!(
        "{head}{vias}v: SIP/2.0/UDP end.example.com;branch=z9hG4bKend\r\nContent-Type: application/sdp\r\n\r\n{SDP}"
    ));
    assert_eq!(
        gist(&message),
        format!("INVITE {long}>user{long} 12{long}424>- 3882340 INVITE")
    );
    assert_eq!(message.vias().len(), 35);
    assert_eq!(message.vias()[34].branch(), Some("z9hG4bKend"));
    assert_eq!(message.call_id(), format!("long.{long}{long}"));
    let to = message.to().unwrap();
    assert_eq!((to.uri.port, to.uri.param("short")), (Some(6000), Some("")));
    has_two_streams(&message);
}

#[test]
fn dblreq() {
    let one = lines(
        "REGISTER sip:example.com SIP/2.0
         To: sip:j.user@example.com
         From: sip:j.user@example.com;tag=43251j3j324
         Max-Forwards: 8
         I: dblreq.own@host
         Contact: sip:j.user@host.example.com
         CSeq: 8 REGISTER
         Via: SIP/2.0/UDP 192.0.2.125;branch=z9hG4bKdbl
         Content-Length: 0

        ",
    );
    let other = lines(
        "INVITE sip:joe@example.com SIP/2.0
         t: sip:joe@example.com
         From: sip:caller@example.net;tag=141334
         CSeq: 8 INVITE
         Content-Length: 0

        ",
    );
    let message = read(format!("{one}{other}"));
    assert_eq!(
        gist(&message),
        "REGISTER j.user>j.user 43251j3j324>- 8 REGISTER"
    );
    assert_eq!(message.call_id(), "dblreq.own@host");
    assert!(message.body().is_empty());
    // The message is right; that the datagram holds more is said, and harms nothing.
    assert_eq!(
        message.check(),
        [Deviation::BodyLong {
            said: 0,
            present: other.len()
        }]
    );
}

#[test]
fn semiuri() {
    let message = valid(lines(
        "OPTIONS sip:bea;par=u%40example.net@example.com SIP/2.0
         To: sip:j_user@example.com
         From: sip:caller@example.org;tag=33242
         Max-Forwards: 3
         Call-ID: semiuri.own@host
         CSeq: 8 OPTIONS
         Accept: application/sdp, application/pkcs7-mime
         Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKsem
         l: 0

        ",
    ));
    let uri = message.request_uri().unwrap();
    assert_eq!(
        (uri.user.as_deref(), &*uri.host),
        (Some("bea"), "example.com")
    );
    assert_eq!(uri.user_param("par"), Some("u@example.net"));
    assert!(uri.params.is_empty());
}

#[test]
fn transports() {
    let message = valid(lines(
        "OPTIONS sip:user@example.com SIP/2.0
         To: sip:user@example.com
         From: <sip:caller@example.com>;tag=323
         Max-Forwards: 70
         Call-ID: transports.own@host
         CSeq: 60 OPTIONS
         Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bK1
         Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bK2
         Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK3
         Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bK4
         Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK5
         l: 0

        ",
    ));
    let transports: Vec<_> = message
        .vias()
        .into_iter()
        .map(|via| via.transport)
        .collect();
    assert_eq!(transports, ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]);
}

#[test]
fn mpart01() {
    let binary = [
        0x30, 0x82, 0x01, 0x0d, 0x0a, 0x2d, 0x2d, 0x0a, 0x00, 0xff, 0xc3,
    ];
    let body = [
        b"--7a9cbec02ceef655\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n\r\nHello!\r\n".as_slice(),
        b"--7a9cbec02ceef655\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n",
        &binary,
        b"\r\n--7a9cbec02ceef655--\r\n",
    ]
    .concat();
    let message = valid(with_body(
        "MESSAGE sip:kumiko@example.org SIP/2.0
         Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-mp
         Max-Forwards: 70
         Route: <sip:127.0.0.1:5080>
         From: <sip:fluffy@example.com>;tag=2fb0dcc9
         To: <sip:kumiko@example.org>
         Call-ID: mpart01.own@host
         CSeq: 1 MESSAGE
         Contact: <sip:fluffy@127.0.0.1:5070>",
        "multipart/mixed;boundary=7a9cbec02ceef655",
        &body,
    ));
    let parts = message.parts();
    assert_eq!(parts.len(), 2);
    assert_eq!(
        (parts[0].text().as_ref(), parts[0].kind()),
        ("Hello!", PartKind::Other)
    );
    assert_eq!(parts[1].bytes, binary);
    assert_eq!(
        parts[1].content_type.as_ref().unwrap().kind,
        "application/octet-stream"
    );
}

#[test]
fn unreason() {
    let message = valid(lines(
        "SIP/2.0 200 = 2**3 * 5**2 \u{43d}\u{43e} \u{441}\u{442}\u{43e} - \u{43f}\u{440}\u{43e}\u{441}\u{442}\u{43e}\u{435}
         Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
         Call-ID: unreason.own@host
         CSeq: 35 INVITE
         From: sip:user@example.com;tag=11141343
         To: sip:user@example.edu;tag=2229
         Content-Length: 0
         Contact: <sip:user@host198.example.com>

        ",
    ));
    assert_eq!(message.code(), Some(200));
    assert_eq!(
        message.reason_phrase(),
        "= 2**3 * 5**2 \u{43d}\u{43e} \u{441}\u{442}\u{43e} - \u{43f}\u{440}\u{43e}\u{441}\u{442}\u{43e}\u{435}"
    );
    assert_eq!(gist(&message), "- user>user 11141343>2229 35 INVITE");
}

#[test]
fn noreason() {
    let head = lines(
        "Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
         Call-ID: noreason.own@host
         CSeq: 35 INVITE
         From: <sip:user@example.com>;tag=39ansfi3
         To: <sip:user@example.edu>;tag=902jndnke3
         Content-Length: 0
         Contact: <sip:user@host105.example.com>

        ",
    );
    let message = valid(format!("SIP/2.0 100 \r\n{head}"));
    assert_eq!((message.code(), message.reason_phrase()), (Some(100), ""));
    assert_eq!(gist(&message), "- user>user 39ansfi3>902jndnke3 35 INVITE");
}
