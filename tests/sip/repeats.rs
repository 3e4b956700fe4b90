//! Copies are told from first sightings in the same way in short threads and in long ones.

use bytes::Bytes;
use calltriage::sip::{Packet, Place, Repeat, Transport, threads};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::support::trace::START;

/// What tells one message from another: addresses, start line, CSeq as written, branch, To tag.
type Told = (u8, u8, u8, u8, u8);

fn message(at_ms: i64, told: Told, place: usize) -> Packet {
    let (way, start, cseq, branch, tag) = told;
    let (from, to) = [(1, 2), (2, 1), (1, 3)][usize::from(way)];
    let host = |last: u8| format!("192.0.2.{last}:5060").parse().unwrap();
    let start = [
        "INVITE sip:b@h SIP/2.0",
        "SIP/2.0 180 Ringing",
        "SIP/2.0 180 X",
    ][usize::from(start)];
    // The third cannot be read, and the fourth reads like the first.
    let cseq = [
        "CSeq: 1 INVITE\r\n",
        "CSeq: 2 INVITE\r\n",
        "CSeq: x\r\n",
        "CSeq: 01 INVITE\r\n",
        "",
    ][usize::from(cseq)];
    let branch = ["", ";branch=1", ";branch=2"][usize::from(branch)];
    let tag = ["", ";tag=1", ";tag=2"][usize::from(tag)];
    let text = format!(
        "{start}\r\nVia: SIP/2.0/UDP h{branch}\r\nFrom: <sip:a@h>;tag=a\r\nTo: <sip:b@h>{tag}\r\n\
         Call-ID: c\r\n{cseq}X: {place}\r\n\r\n"
    );
    Packet {
        at: Timestamp::from_millisecond(START * 1000 + at_ms).unwrap(),
        source: host(from),
        destination: host(to),
        transport: Transport::Udp,
        place: Place {
            file: 0,
            frame: u32::try_from(place).unwrap(),
        },
        bytes: Bytes::from(text),
    }
}

fn repeats(packets: Vec<Packet>) -> Vec<Repeat> {
    let threads = threads(packets);
    assert!(threads.len() <= 1);
    let signals = threads.iter().flat_map(|thread| &thread.signals);
    signals.map(|signal| signal.repeat).collect()
}

/// The rule itself: a copy of the latest message that is told by the same, nearer than 50 ms or not.
fn expected(script: &[(i64, Told)]) -> Vec<Repeat> {
    let before = |at: usize| {
        let (_, told) = script[at];
        script[..at].iter().rev().find(|(_, other)| *other == told)
    };
    (0..script.len())
        .map(|at| match before(at).map(|(ms, _)| script[at].0 - ms) {
            None => Repeat::First,
            Some(0..50) => Repeat::CaptureDuplicate,
            Some(_) => Repeat::Retransmission,
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    #[test]
    fn length_makes_no_difference(
        steps in proptest::collection::vec(
            (prop_oneof![0_i64..3, 48_i64..52, 400_i64..600], (0_u8..3, 0_u8..3, 0_u8..5, 0_u8..3, 0_u8..3)),
            0..=32,
        ),
        few in any::<bool>(),
    ) {
        let mut now = 0;
        let script: Vec<(i64, Told)> = steps
            .iter()
            .map(|(after, told)| {
                now += after;
                // Few kinds of message make many copies.
                (now, if few { (0, 0, told.2 % 4, 0, told.4 % 2) } else { *told })
            })
            .collect();
        let short: Vec<Packet> = script.iter().zip(1..).map(|((at, told), n)| message(*at, *told, n)).collect();
        // Later messages have no say in which earlier ones are copies.
        let later = (0..33).map(|n| message(now + 1000 + n, (2, 2, 2, 2, 2), 1000 + usize::try_from(n).unwrap()));
        let long: Vec<Packet> = short.iter().cloned().chain(later).collect();
        let expected = expected(&script);
        prop_assert_eq!(&repeats(short)[..], &expected[..]);
        prop_assert_eq!(&repeats(long)[..script.len()], &expected[..]);
    }
}
