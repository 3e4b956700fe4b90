//! TLS connections are told as far as their handshake is in the clear, each once; those of SIP are
//! told in the report too.

use calltriage::wire::TlsConnection;
use calltriage::wire::tls::{alert_name, alert_words};

use super::{By, Connection, Shown, address, at, request};
use crate::support::capture_writer::Flag;
use crate::support::tls::{
    HANDSHAKE, TLS_1_2, TLS_1_3, alert, certificate, change_cipher, client_hello, data, record,
    server_hello,
};

const CLIENT: &str = "192.0.2.1:40000";
const SERVER: &str = "192.0.2.2:5061";
const NAME: &str = "sip.example.net";
const DNS: u8 = 0x82;
const URI: u8 = 0x86;

fn hello(versions: &[u16]) -> Vec<u8> {
    record(HANDSHAKE, &client_hello(Some(NAME), versions, &[]))
}

/// The server's first flight up to TLS 1.2.
fn flight() -> Vec<u8> {
    let names = [
        (DNS, NAME),
        (DNS, "*.example.org"),
        (URI, "sip:example.com"),
    ];
    let messages = [
        server_hello(TLS_1_2),
        certificate("Example CN", &names),
        vec![14, 0, 0, 0],
    ];
    record(HANDSHAKE, &messages.concat())
}

/// A handshake of TLS 1.2 that succeeds.
fn greet(connection: &mut Connection) {
    connection.client(&hello(&[]));
    connection.server(&flight());
    connection.client(&[change_cipher(), record(HANDSHAKE, &[0x5a; 40])].concat());
    connection.server(&[change_cipher(), record(HANDSHAKE, &[0x5a; 40])].concat());
    connection.client(&data(400));
    connection.server(&data(300));
}

fn one(shown: &Shown) -> &TlsConnection {
    assert!(shown.packets.is_empty());
    let [it] = &shown.tls[..] else {
        panic!("{:?}", shown.tls)
    };
    it
}

#[test]
fn a_handshake_tells_names_and_version() {
    let mut connection = Connection::opened(CLIENT, SERVER);
    greet(&mut connection);
    let shown = connection.shown();
    let expected = TlsConnection {
        at: at(2000),
        file: 0,
        frame: 3,
        client: address(CLIENT),
        server: address(SERVER),
        server_name: Some(NAME.to_owned()),
        version: Some("TLS 1.2".to_owned()),
        certificate_names: ["Example CN", NAME, "*.example.org", "example.com"]
            .map(str::to_owned)
            .to_vec(),
        alerts: vec![],
        established: true,
    };
    assert_eq!(one(&shown), &expected);
    assert_eq!(
        shown.warnings,
        [
            "1 TLS connection to port 5061, the first at frame 3: encrypted, so no message can be read"
        ]
    );
}

#[test]
fn a_handshake_cut_up_anyhow_tells_the_same() {
    let mut whole = Connection::opened(CLIENT, SERVER);
    greet(&mut whole);
    let expected = whole.shown().tls.remove(0);
    let asked = hello(&[]);
    let answered = flight();
    for size in [1, 2, 3, 5, 100] {
        let mut connection = Connection::opened(CLIENT, SERVER);
        for part in asked.chunks(size) {
            connection.client(part);
        }
        for part in answered.chunks(size) {
            connection.server(part);
        }
        let shown = connection.shown();
        let it = one(&shown);
        assert_eq!(it.server_name, expected.server_name);
        assert_eq!(it.certificate_names, expected.certificate_names);
        assert!(!it.established);
    }
    // The same message over many records.
    let mut connection = Connection::middle(CLIENT, SERVER);
    connection.client(&asked);
    for part in answered[5..].chunks(10) {
        connection.server(&record(HANDSHAKE, part));
    }
    assert_eq!(
        one(&connection.shown()).certificate_names,
        expected.certificate_names
    );
}

#[test]
fn versions_are_those_agreed_or_else_the_highest_offered() {
    let agreed = |offered: &[u16], chosen: Option<u16>| {
        let mut connection = Connection::opened(CLIENT, "192.0.2.2:8443");
        connection.client(&hello(offered));
        if let Some(version) = chosen {
            connection.server(&record(HANDSHAKE, &server_hello(version)));
        }
        let shown = connection.shown();
        // Nobody asked about the TLS of a web page.
        assert_eq!(shown.warnings, Vec::<String>::new());
        one(&shown).version.clone().unwrap()
    };
    // The numbers that mean nothing are there so that nobody trips over them.
    assert_eq!(agreed(&[0x7a7a, TLS_1_3, TLS_1_2], None), "TLS 1.3");
    assert_eq!(
        agreed(&[0xfafa, TLS_1_2, TLS_1_3], Some(TLS_1_2)),
        "TLS 1.2"
    );
    assert_eq!(agreed(&[TLS_1_3, TLS_1_2], Some(TLS_1_3)), "TLS 1.3");
    assert_eq!(agreed(&[], None), "TLS 1.2");
    assert_eq!(agreed(&[], Some(0x0301)), "TLS 1.0");
}

#[test]
fn a_refused_handshake_is_told_in_words() {
    for (by, fatal, description, sentence) in [
        (
            By::Client,
            true,
            48,
            "1 TLS handshake to port 5061 failed, the first at frame 3: the client refused because of a certificate of an unknown authority",
        ),
        (
            By::Server,
            true,
            70,
            "1 TLS handshake to port 5061 failed, the first at frame 3: the server refused because of no TLS version in common",
        ),
        (
            By::Server,
            true,
            199,
            "1 TLS handshake to port 5061 failed, the first at frame 3: the server refused because of alert 199",
        ),
        (
            By::Server,
            false,
            112,
            "1 TLS connection to port 5061, the first at frame 3: the handshake is not seen to succeed",
        ),
    ] {
        let mut connection = Connection::opened(CLIENT, SERVER);
        connection.client(&hello(&[]));
        if by == By::Client {
            connection.server(&flight());
        }
        connection.segment(by, Flag::Data, &alert(fatal, description));
        let shown = connection.shown();
        let found = one(&shown);
        assert_eq!(found.alerts.len(), 1);
        let it = found.alerts[0];
        assert_eq!((it.by_client, it.fatal), (by == By::Client, fatal));
        assert_eq!((it.description, it.frame), (description, connection.frames));
        assert_eq!(it.at, at(i64::from(connection.frames - 1) * 1000));
        assert_eq!(found.failure().is_some(), fatal);
        assert_eq!(shown.warnings, [sentence]);
    }
    assert_eq!(alert_name(42), Some("bad_certificate"));
    assert_eq!(alert_words(45), Some("an expired certificate"));
    assert_eq!(alert_name(1), None);
}

#[test]
fn only_clear_alerts_are_believed() {
    let mut connection = Connection::opened(CLIENT, SERVER);
    greet(&mut connection);
    connection.client(&record(21, &[0xee; 26]));
    connection.client(&record(21, &[7, 0]));
    assert_eq!(one(&connection.shown()).alerts, []);
}

#[test]
fn tls_1_3_hides_its_handshake_and_its_alerts() {
    let begin = || {
        let mut connection = Connection::opened(CLIENT, SERVER);
        connection.client(&hello(&[TLS_1_3]));
        let flight = [
            record(HANDSHAKE, &server_hello(TLS_1_3)),
            change_cipher(),
            data(23),
            data(1200),
            data(281),
            data(53),
        ];
        connection.server(&flight.concat());
        connection
    };
    let established = |connection: &Connection| one(&connection.shown()).established;
    // The client refuses the certificate, in secret.
    let mut connection = begin();
    connection.client(&[change_cipher(), data(19)].concat());
    connection.segment(By::Client, Flag::Fin, b"");
    assert!(!established(&connection));
    assert_eq!(
        connection.shown().warnings,
        [
            "1 TLS connection to port 5061, the first at frame 3: the handshake is not seen to succeed"
        ]
    );
    // The server refuses the client's, after the client has spoken.
    let mut connection = begin();
    connection.client(&[change_cipher(), data(25), data(53), data(400)].concat());
    connection.server(&data(19));
    assert!(!established(&connection));
    // Nobody refuses anything.
    let mut connection = begin();
    connection.client(&[change_cipher(), data(53), data(400)].concat());
    connection.server(&data(255));
    assert!(established(&connection));
    // A retry.
    let mut connection = Connection::opened(CLIENT, SERVER);
    connection.client(&hello(&[TLS_1_3, TLS_1_2]));
    connection.server(&[record(HANDSHAKE, &server_hello(TLS_1_3)), change_cipher()].concat());
    connection.client(&[change_cipher(), hello(&[TLS_1_3])].concat());
    connection.server(&[record(HANDSHAKE, &server_hello(TLS_1_3)), data(23)].concat());
    connection.client(&data(69));
    connection.server(&data(255));
    assert!(established(&connection));
}

#[test]
fn a_handshake_without_data_behind_it_succeeded_too() {
    let finished = || [change_cipher(), record(HANDSHAKE, &[0x5a; 40])].concat();
    let mut connection = Connection::opened(CLIENT, SERVER);
    connection.client(&hello(&[]));
    connection.server(&flight());
    connection.client(&finished());
    assert!(!one(&connection.shown()).established);
    connection.server(&finished());
    assert!(one(&connection.shown()).established);
}

#[test]
fn each_connection_is_told_once_when_it_ends() {
    let mut connection = Connection::opened(CLIENT, SERVER);
    greet(&mut connection);
    connection.segment(By::Client, Flag::Fin, b"");
    connection.client(b"");
    connection.segment(By::Server, Flag::Fin, b"");
    connection.segment(By::Server, Flag::Rst, b"");
    // The ports are used again, twice: the second time without an end before.
    for start in [7_000_000, 900_000_000] {
        connection.sequences = [start, start + 5];
        connection.segment(By::Client, Flag::Syn, b"");
        connection.segment(By::Server, Flag::Syn, b"");
        greet(&mut connection);
    }
    connection.segment(By::Server, Flag::Rst, b"");
    connection.client(&data(50));
    let shown = connection.shown();
    let frames: Vec<_> = shown.tls.iter().map(|it| it.frame).collect();
    assert_eq!(frames, [3, 15, 23]);
    assert!(shown.tls.iter().all(|it| it.established));
    assert_eq!(
        shown.warnings,
        [
            "3 TLS connections to port 5061, the first at frame 3: encrypted, so no message can be read"
        ]
    );
}

#[test]
fn only_what_may_be_sip_is_told_in_the_report() {
    for (port, protocols, told) in [
        (443, &[][..], false),
        (443, &["h2", "http/1.1"], false),
        (443, &["sip/2"], true),
        (5081, &[], true),
        (5060, &["sipper"], false),
    ] {
        let mut connection = Connection::opened(CLIENT, &format!("192.0.2.2:{port}"));
        connection.client(&record(
            HANDSHAKE,
            &client_hello(None, &[TLS_1_2], protocols),
        ));
        let shown = connection.shown();
        assert_eq!(one(&shown).server_name, None);
        assert_eq!(
            shown.warnings.len(),
            usize::from(told),
            "{port} {protocols:?}"
        );
    }
}

#[test]
fn a_capture_that_begins_after_the_handshake_is_told_without_a_connection() {
    let mut connection = Connection::middle(CLIENT, SERVER);
    for _ in 0..3 {
        connection.server(&data(300));
        connection.client(&[data(400), data(30)].concat());
    }
    let shown = connection.shown();
    assert!(shown.tls.is_empty() && shown.packets.is_empty());
    assert_eq!(
        shown.warnings,
        [
            "1 TLS connection to port 5061, the first at frame 2: encrypted, so no message can be read"
        ]
    );
}

#[test]
fn the_answer_alone_tells_who_is_the_server() {
    let mut connection = Connection::middle(CLIENT, SERVER);
    connection.server(&flight());
    connection.client(&hello(&[]));
    let shown = connection.shown();
    let it = one(&shown);
    assert_eq!((it.client, it.server), (address(CLIENT), address(SERVER)));
    assert_eq!(it.version.as_deref(), Some("TLS 1.2"));
    assert_eq!(it.server_name.as_deref(), Some(NAME));
}

#[test]
fn gaps_and_odd_bytes_are_survived() {
    let mut connection = Connection::opened(CLIENT, SERVER);
    connection.client(&hello(&[]));
    let answered = flight();
    connection.server(&answered[..200]);
    connection.lose(By::Server, u32::try_from(answered.len() - 200).unwrap());
    connection.server(&[change_cipher(), record(HANDSHAKE, &[0x5a; 40])].concat());
    connection.client(&[change_cipher(), record(HANDSHAKE, &[0x5a; 40])].concat());
    connection.client(&data(100));
    connection.server(&data(100));
    let shown = connection.shown();
    assert!(one(&shown).established);
    assert!(one(&shown).certificate_names.is_empty());
    // SIP in the clear on the port of TLS is SIP.
    let mut connection = Connection::opened(CLIENT, SERVER);
    connection.client(&request(1));
    let shown = connection.shown();
    assert_eq!((shown.packets.len(), shown.tls.len()), (1, 0));
    assert_eq!(shown.warnings, Vec::<String>::new());
}

#[test]
fn certificates_are_read_as_far_as_they_are_sound() {
    let names = |body: &[u8]| calltriage::wire::tls::certificate_names(body);
    let sound = certificate(
        "a",
        &[
            (DNS, "b"),
            (DNS, "a"),
            (URI, "sips:c"),
            (URI, "sip:u@d"),
            (URI, "http://e"),
        ],
    );
    let body = &sound[4..];
    assert_eq!(names(body), ["a", "b", "c"]);
    for length in 0..body.len() {
        assert!(names(&body[..length]).len() <= 3);
    }
    for at in 0..body.len() {
        for value in [0, 0x30, 0x80, 0x84, 0xff] {
            let mut damaged = body.to_vec();
            damaged[at] = value;
            names(&damaged);
        }
    }
    // Hundreds of names, and some that are none.
    let many: Vec<_> = (0..300)
        .map(|at| format!("host-{at}.example.net"))
        .collect();
    let list: Vec<_> = many.iter().map(|it| (DNS, it.as_str())).collect();
    assert_eq!(names(&certificate("x", &list)[4..]).len(), 100);
    assert_eq!(
        names(&certificate("x\u{7}", &[(DNS, ""), (DNS, "é\u{1b}[1m")])[4..]),
        Vec::<String>::new()
    );
}
