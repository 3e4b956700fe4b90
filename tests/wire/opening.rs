//! What opens the way for media, read from its bytes and counted beside it.

use calltriage::wire::media::Opening;
use calltriage::wire::media::opening::{Records, Step};

use super::media::{PHONE, RELAY, collect};
use crate::support::media::rtp;

/// A STUN message of this type, with attributes.
fn stun(kind: u16, attributes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(attributes.len()).unwrap();
    [
        &kind.to_be_bytes()[..],
        &length.to_be_bytes(),
        &[0x21, 0x12, 0xa4, 0x42],
        &[7; 12],
        attributes,
    ]
    .concat()
}

/// A DTLS record.
fn record(kind: u8, epoch: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    [
        &[kind, 0xfe, 0xfd][..],
        &epoch.to_be_bytes(),
        &[0; 6],
        &length.to_be_bytes(),
        body,
    ]
    .concat()
}

#[test]
fn checks_and_their_answers() {
    assert_eq!(Step::read(&stun(0x0001, &[])), Some(Step::Check));
    assert_eq!(Step::read(&stun(0x0101, &[])), Some(Step::CheckAnswer));
    // SOFTWARE of three bytes, filled up, then ERROR-CODE 401.
    let attributes = [
        &[0x80, 0x22, 0, 3, b'x', b'y', b'z', 0][..],
        &[0, 9, 0, 4, 0, 0, 4, 1],
    ]
    .concat();
    let refusal = stun(0x0111, &attributes);
    assert_eq!(Step::read(&refusal), Some(Step::CheckRefusal(Some(401))));
    // Cut short, its code is not known; a length beyond the end leads nowhere.
    assert_eq!(Step::read(&refusal[..30]), Some(Step::CheckRefusal(None)));
    let lying = stun(0x0111, &[0x80, 0x22, 0xff, 0xff, 1, 1, 1, 1]);
    assert_eq!(Step::read(&lying), Some(Step::CheckRefusal(None)));
    // An indication, a request of TURN, no cookie, nothing.
    for other in [
        stun(0x0011, &[]),
        stun(0x0003, &[]),
        vec![0; 20],
        stun(0x0001, &[])[..19].to_vec(),
        Vec::new(),
    ] {
        assert_eq!(Step::read(&other), None);
    }
}

#[test]
fn records_of_a_handshake() {
    let none = Records::default();
    let read = |bytes: &[u8]| match Step::read(bytes) {
        Some(Step::Dtls(records)) => records,
        other => panic!("{other:?}"),
    };
    let hello = Records {
        hello: true,
        ..none
    };
    assert_eq!(read(&record(22, 0, &[1, 0, 0])), hello);
    for answer in [2, 3] {
        let hello_answer = Records {
            hello_answer: true,
            ..none
        };
        assert_eq!(read(&record(22, 0, &[answer, 0])), hello_answer);
    }
    // A flight in one datagram: change of cipher, then what is encrypted.
    let flight = [record(20, 0, &[1]), record(22, 1, &[9; 40])].concat();
    let encrypted = Records {
        encrypted: true,
        ..none
    };
    assert_eq!(read(&flight), encrypted);
    let alert = Records {
        alert: Some(42),
        ..none
    };
    assert_eq!(read(&record(21, 0, &[2, 42])), alert);
    // A warning ends nothing; an encrypted alert is not read.
    assert_eq!(read(&record(21, 0, &[1, 0])), none);
    assert_eq!(read(&record(21, 1, &[2, 42])), encrypted);
    // A record that is cut, or lies about its length.
    assert_eq!(read(&record(22, 0, &[1])[..13]), none);
    let mut lying = record(22, 0, &[1, 0]);
    lying[11] = 0xff;
    assert_eq!(read(&lying), hello);
    // TLS over TCP is another protocol.
    assert_eq!(Step::read(&[22, 3, 1, 0, 5, 1, 0, 0, 1, 0, 0, 0, 0]), None);
}

#[test]
fn they_are_counted_beside_the_media() {
    let unified = [&[0x2f, 0, 1][..], &[9; 30]].concat();
    let streams = collect(&[
        (0, PHONE, RELAY, stun(1, &[])),
        (5_000, RELAY, PHONE, stun(0x0101, &[])),
        // Before its sender said hello it is anything.
        (6_000, PHONE, RELAY, unified.clone()),
        (10_000, PHONE, RELAY, record(22, 0, &[1])),
        (20_000, RELAY, PHONE, record(22, 0, &[2])),
        (30_000, PHONE, RELAY, unified),
        (40_000, PHONE, RELAY, rtp(0, 1, 160, 7)),
        // Not announced by anybody.
        (50_000, PHONE, "192.0.2.99:9", stun(1, &[])),
    ]);
    let counted: Vec<_> = streams
        .iter()
        .map(|it| (it.source.to_string(), it.packets, it.opening))
        .collect();
    let of_phone = Opening {
        checks: 1,
        hellos: 1,
        encrypted: 1,
        ..Opening::default()
    };
    let of_relay = Opening {
        check_answers: 1,
        hello_answers: 1,
        ..Opening::default()
    };
    assert_eq!(
        counted,
        [
            (RELAY.to_owned(), 0, of_relay),
            (PHONE.to_owned(), 1, of_phone)
        ]
    );
}
