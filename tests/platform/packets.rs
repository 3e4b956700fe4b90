//! Rows of a trace as packets: the same call comes out of them as out of a capture.

use std::net::SocketAddr;

use calltriage::platform::{Converted, TracedMessage, is_rebuilt, packets};
use calltriage::sip::timeless::is_timeless;
use calltriage::sip::{Call, Join, Message, Packet, Repeat, Transport, calls, threads};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::at;
use crate::support::trace;

const CALL: &str = "
    0.00 cust>plat INVITE
    0.01 plat>cust 100
    0.04 plat>car  INVITE leg=b
    0.61 car>plat  503 leg=b | Reason: Q.850;cause=34
    0.62 plat>car  ACK leg=b
    0.63 plat>cust 503
    0.64 cust>plat ACK
";

/// The row that the platform would have of a packet.
fn row(number: usize, packet: &Packet) -> TracedMessage {
    let message = Message::parse(packet.bytes.clone());
    let code = message.code().map(|code| code.to_string());
    let method = message.request_method().map(ToString::to_string);
    TracedMessage {
        id: Some(number as u64 + 1),
        date: Timestamp::from_millisecond(packet.at.as_millisecond()).ok(),
        micro_ts: Some(packet.at),
        call_id: Some(message.call_id().into_owned()),
        method: code.or(method),
        reply_reason: Some(message.reason_phrase().to_owned()),
        from_user: Some(message.from_user()),
        to_user: Some(message.to_user()),
        source_ip: Some(packet.source.ip()),
        source_port: Some(packet.source.port()),
        destination_ip: Some(packet.destination.ip()),
        destination_port: Some(packet.destination.port()),
        transport: Some(packet.transport),
        message: Some(String::from_utf8(packet.bytes.to_vec()).unwrap()),
        ..TracedMessage::default()
    }
}

fn rows(text: &str) -> Vec<TracedMessage> {
    let packets = trace::packets(text);
    packets
        .iter()
        .enumerate()
        .map(|(at, it)| row(at, it))
        .collect()
}

fn call(converted: &Converted) -> Call {
    let threads = threads(converted.packets.clone());
    let known: Vec<Join> = match threads.as_slice() {
        [a, b] => vec![Join::known(&a.call_id, &b.call_id)],
        _ => Vec::new(),
    };
    let mut calls = calls(threads, &known);
    assert_eq!(calls.len(), 1);
    calls.remove(0)
}

fn same_but_places(one: &[Packet], other: &[Packet]) {
    let bare = |packets: &[Packet]| -> Vec<_> {
        let tell = |it: &Packet| {
            (
                it.at,
                it.source,
                it.destination,
                it.transport,
                it.bytes.clone(),
            )
        };
        packets.iter().map(tell).collect()
    };
    assert_eq!(bare(one), bare(other));
}

#[test]
fn a_trace_gives_the_packets_of_a_capture() {
    let mut shuffled = rows(CALL);
    shuffled.reverse();
    let converted = packets(&shuffled, 3, None);
    same_but_places(&converted.packets, &trace::packets(CALL));
    assert_eq!((converted.notes.len(), converted.rebuilt.len()), (0, 0));
    let places: Vec<_> = converted
        .packets
        .iter()
        .map(|it| (it.place.file, it.place.frame))
        .collect();
    assert_eq!(places[..2], [(3, 1), (3, 2)]);
    let call = call(&converted);
    assert_eq!((call.legs.len(), call.hops.len()), (2, 2));
    assert_eq!(call.hops[1].final_code(), Some(503));
}

/// The same moment: the platform's own numbers tell the order.
#[test]
fn equal_times_are_ordered_by_number() {
    let mut rows = rows(CALL);
    for (number, row) in rows.iter_mut().enumerate() {
        (row.date, row.micro_ts) = (Some(at("2026-02-16T10:00:00Z")), None);
        row.id = Some(100 - number as u64);
    }
    let converted = packets(&rows, 0, None);
    let last = &trace::packets(CALL)[6];
    assert_eq!(converted.packets[0].bytes, last.bytes);
}

#[test]
fn copies_stay_and_are_known_as_copies() {
    let mut doubled = rows(CALL);
    let mut copy = doubled[0].clone();
    copy.id = Some(900);
    copy.micro_ts = copy.micro_ts.map(|at| at + SignedDuration::from_millis(2));
    let delivered_twice = doubled[1].clone();
    doubled.extend([copy, delivered_twice]);
    let converted = packets(&doubled, 0, None);
    assert_eq!(converted.packets.len(), 8);
    let call = call(&converted);
    let repeats = |kind| {
        call.signals
            .iter()
            .filter(|(_, it)| it.repeat == kind)
            .count()
    };
    assert_eq!(
        (
            repeats(Repeat::CaptureDuplicate),
            repeats(Repeat::Retransmission)
        ),
        (1, 0)
    );
    assert_eq!(call.hops.len(), 2);
}

fn shifted(rows: &mut [TracedMessage], hours: i64) {
    for row in rows {
        row.micro_ts = row
            .micro_ts
            .map(|at| at - SignedDuration::from_hours(hours));
    }
}

#[test]
fn the_clock_that_agrees_with_the_rest_counts() {
    let true_times: Vec<_> = trace::packets(CALL).iter().map(|it| it.at).collect();
    let times = |converted: &Converted| -> Vec<_> {
        converted.packets.iter().map(|it| it.at).collect::<Vec<_>>()
    };
    // All of one clock are a year off; the call log knows when it was.
    let mut off = rows(CALL);
    shifted(&mut off, 365 * 24);
    let by_log = packets(&off, 0, Some(true_times[0]));
    assert_eq!(times(&by_log), true_times);
    insta::assert_snapshot!(by_log.notes.join("\n"), @"the two times of 7 of 7 messages of the trace disagree; `date` was taken, as it agrees with the call log");
    let other = true_times[0] - SignedDuration::from_hours(365 * 24);
    let by_log = packets(&off, 0, Some(other));
    assert_eq!(by_log.packets[0].at, other);
    assert!(
        by_log.notes[0].contains("`micro_ts` was taken"),
        "{:?}",
        by_log.notes
    );

    // Two of seven are off: the others tell.
    let mut off = rows(CALL);
    shifted(&mut off[2..4], 5);
    let by_others = packets(&off, 0, None);
    assert_eq!(times(&by_others), true_times);
    insta::assert_snapshot!(by_others.notes.join("\n"), @"the two times of 2 of 7 messages of the trace disagree; `date` was taken, as it agrees with the other messages");

    // The dates are what is off, each by another day.
    let mut off = rows(CALL);
    for (days, row) in (1..).zip(&mut off) {
        row.date = row
            .date
            .map(|at| at - SignedDuration::from_hours(24 * days));
    }
    let together = packets(&off, 0, None);
    assert_eq!(times(&together), true_times);
    assert!(together.notes[0].ends_with("keeps the messages of the call together"));

    let mut off = rows(CALL);
    shifted(&mut off, 24);
    let unknown = packets(&off, 0, None);
    assert_eq!(times(&unknown), true_times);
    assert!(unknown.notes[0].ends_with("nothing tells which is right"));
}

#[test]
fn missing_times() {
    let mut some = rows(CALL);
    (some[1].date, some[1].micro_ts) = (None, None);
    let converted = packets(&some, 0, None);
    assert_eq!(converted.packets[1].at, converted.packets[0].at);
    assert_eq!(converted.packets[1].bytes, trace::packets(CALL)[1].bytes);
    assert_eq!(converted.notes.len(), 1);
    for row in &mut some {
        (row.date, row.micro_ts) = (None, None);
    }
    let converted = packets(&some, 0, None);
    assert!(is_timeless(converted.packets.iter().map(|it| it.at)));
    assert_eq!(converted.packets[6].bytes, trace::packets(CALL)[6].bytes);
    assert_eq!(
        converted.notes,
        ["no message of the trace has a time: only their order is known"]
    );
}

#[test]
fn a_message_without_its_text_is_rebuilt_and_marked() {
    let mut cut = rows(CALL);
    for row in &mut cut {
        row.message = None;
    }
    cut[0].request_uri = Some("sip:441234567890@192.0.2.5".into());
    cut[0].user_agent = Some("Asterisk\r\nX-Made-Up: yes".into());
    cut[6].method = None;
    let converted = packets(&cut, 0, None);
    let text = |at: usize| String::from_utf8(converted.packets[at].bytes.to_vec()).unwrap();
    insta::assert_snapshot!(text(0).replace('\r', ""), @r"
    INVITE sip:441234567890@192.0.2.5 SIP/2.0
    CSeq: 1 INVITE
    From: <sip:441632960001@unknown.invalid>
    To: <sip:441632960002@unknown.invalid>
    Call-ID: a@198.51.100.10
    User-Agent: Asterisk  X-Made-Up: yes
    X-Rebuilt-From: columns of the trace

    ");
    insta::assert_snapshot!(text(1).replace('\r', ""), @r"
    SIP/2.0 100 Phrase
    CSeq: 1 INVITE
    From: <sip:441632960001@unknown.invalid>
    To: <sip:441632960002@unknown.invalid>
    Call-ID: a@198.51.100.10
    X-Rebuilt-From: columns of the trace

    ");
    let rebuilt = |packet: &Packet| is_rebuilt(&Message::parse(packet.bytes.clone()));
    assert!(converted.packets.iter().all(rebuilt));
    assert!(!rebuilt(&trace::packets(CALL)[0]));
    let places: Vec<_> = converted.packets.iter().map(|it| it.place).collect();
    assert_eq!((converted.rebuilt.clone(), places.len()), (places, 6));
    insta::assert_snapshot!(converted.notes.join("\n"), @r"
    messages of the trace without their text: 6; they show only what the other columns say
    messages of the trace without a text and a method: 1; they were left out
    ");
}

#[test]
fn answers_without_their_text_find_their_requests() {
    let call = "0.00 cust>plat INVITE
        0.01 plat>cust 100
        0.02 plat>car INVITE leg=b
        0.30 car>plat 503 leg=b
        0.31 plat>car ACK leg=b
        0.32 plat>cust 500
        0.33 cust>plat ACK";
    let whole = rows(call);
    let ends = |rows: &[TracedMessage]| {
        let packets = packets(rows, 0, None).packets;
        let calls = calltriage::sip::calls(calltriage::sip::threads(packets), &[]);
        let of = |it: &calltriage::sip::Hop| (it.client, it.server, it.final_code());
        let mut ends: Vec<_> = calls.iter().flat_map(|it| it.hops.iter().map(of)).collect();
        ends.sort();
        ends
    };
    let expected = ends(&whole);
    assert_eq!(expected.len(), 2);
    // Whichever of them have lost their text.
    for lost in 1_u32..1 << whole.len() {
        let mut some = whole.clone();
        for (at, row) in some.iter_mut().enumerate() {
            if lost & (1 << at) != 0 {
                row.message = None;
            }
        }
        assert_eq!(ends(&some), expected, "{lost:b}");
    }
}

#[test]
fn what_a_row_leaves_open() {
    let mut open = rows("0.00 cust>plat INVITE tcp\n0.01 plat>cust 100 tcp");
    for row in &mut open {
        (row.source_port, row.destination_port, row.transport) = (None, None, None);
    }
    let converted = packets(&open, 0, None);
    let usual = |ip: &str| -> SocketAddr { format!("{ip}:5060").parse().unwrap() };
    assert_eq!(converted.packets[0].source, usual("198.51.100.10"));
    assert_eq!(converted.packets[0].transport, Transport::Tcp);
    assert_eq!(converted.notes, Vec::<String>::new());
    open[0].transport = Some(Transport::Tls);
    open[1].source_ip = None;
    let converted = packets(&open, 0, None);
    assert_eq!(converted.packets[0].source.port(), 5061);
    assert_eq!(converted.packets[1].source.to_string(), "0.0.0.0:0");
    assert_eq!(
        converted.notes,
        ["messages of the trace without an address: 1; 0.0.0.0 stands for it"]
    );
}

/// Where the platform dropped the CR of every line end, no device is blamed for it.
#[test]
fn line_ends_are_put_back() {
    let mut bare = rows(CALL);
    for row in &mut bare {
        row.message = row.message.take().map(|it| it.replace("\r\n", "\n"));
    }
    let converted = packets(&bare, 0, None);
    same_but_places(&converted.packets, &trace::packets(CALL));
    assert_eq!(converted.notes.len(), 1);
    // One sender that does it is left as it is.
    let mut one = rows(CALL);
    one[0].message = bare[0].message.clone();
    let converted = packets(&one, 0, None);
    assert_eq!(
        &converted.packets[0].bytes[..],
        one[0].message.as_ref().unwrap().as_bytes()
    );
}

fn any_row() -> impl Strategy<Value = TracedMessage> {
    let moment = || {
        proptest::option::of(
            (0_i64..4_000_000_000).prop_map(|it| Timestamp::from_second(it).unwrap()),
        )
    };
    let text = || proptest::option::of("[ -~\r\n]{0,20}");
    let port = || proptest::option::of(any::<u16>());
    let ip = || proptest::option::of(any::<[u8; 4]>().prop_map(Into::into));
    (
        (proptest::option::of(0_u64..4), moment(), moment()),
        (text(), text(), text(), text()),
        (ip(), port(), ip(), port()),
    )
        .prop_map(
            |((id, date, micro_ts), (method, call_id, message, request_uri), ends)| TracedMessage {
                id,
                date,
                micro_ts,
                method,
                call_id,
                message,
                request_uri,
                source_ip: ends.0,
                source_port: ends.1,
                destination_ip: ends.2,
                destination_port: ends.3,
                ..TracedMessage::default()
            },
        )
}

proptest! {
    /// Any rows give packets in order of time and place, and what is left out is said.
    #[test]
    fn any_rows(rows in proptest::collection::vec(any_row(), 0..12), near in proptest::option::of(0_i64..4_000_000_000)) {
        let near = near.and_then(|it| Timestamp::from_second(it).ok());
        let converted = packets(&rows, 0, near);
        prop_assert!(converted.packets.is_sorted_by_key(|it| (it.at, it.place)));
        let usable = rows.iter().filter(|it| it.message.is_some() || it.method.is_some());
        let (usable, some) = (usable.count(), converted.packets.len());
        prop_assert!(some <= usable);
        prop_assert_eq!(some == 0, usable == 0);
        let _ = threads(converted.packets);
    }
}
