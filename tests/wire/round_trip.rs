//! How long it takes from the capture point to the sender of a report and back.

use calltriage::wire::media::{Collector, MediaPacket, MediaStream};

use crate::support::media::{always, at, receiver_report, rtp, sender_report};

const PHONE: &str = "198.51.100.10:4000";
const PHONE_RTCP: &str = "198.51.100.10:4001";
const RELAY: &str = "192.0.2.5:5000";
const RELAY_RTCP: &str = "192.0.2.5:5001";
const RELAYS: u32 = 9;

/// One datagram: the file, microseconds, source, destination, bytes.
type Sent = (u32, i64, &'static str, &'static str, Vec<u8>);

/// A report of the relay whose time has this middle.
fn asked(file: u32, micros: i64, middle: u32) -> Sent {
    let mut bytes = sender_report(RELAYS, &[]);
    bytes[10..14].copy_from_slice(&middle.to_be_bytes());
    (file, micros, RELAY_RTCP, PHONE_RTCP, bytes)
}

/// The phone's answer to it, which it kept for so many 65536ths of a second.
fn answered(file: u32, micros: i64, middle: u32, kept: u32) -> Sent {
    let mut bytes = receiver_report(7, &[(RELAYS, 0, 0, 0)]);
    bytes[24..28].copy_from_slice(&middle.to_be_bytes());
    bytes[28..32].copy_from_slice(&kept.to_be_bytes());
    (file, micros, PHONE_RTCP, RELAY_RTCP, bytes)
}

/// What is counted of the phone: how many round trips, the mean and the longest in microseconds.
fn told(sent: &[Sent]) -> (u64, u64, u64) {
    let mut collector = Collector::new([always(PHONE), always(RELAY)]);
    let sound = (0, 0, PHONE, RELAY, rtp(0, 1, 160, 7));
    for (file, micros, source, destination, payload) in std::iter::once(&sound).chain(sent) {
        collector.push(&MediaPacket {
            at: at(*micros),
            file: *file,
            source: source.parse().unwrap(),
            destination: destination.parse().unwrap(),
            payload,
            missing: 0,
        });
    }
    let streams: Vec<MediaStream> = collector.finish();
    let of_phone = streams.iter().filter(|it| it.source.to_string() == PHONE);
    let rtcp = &of_phone.max_by_key(|it| it.rtcp.packets).unwrap().rtcp;
    (
        rtcp.round_trips,
        rtcp.round_trip_mean,
        rtcp.round_trip_worst,
    )
}

#[test]
fn the_time_to_the_answer_less_what_the_receiver_kept_it() {
    assert_eq!(
        told(&[
            asked(0, 1_000_000, 500),
            // Kept for a second.
            answered(0, 2_080_000, 500, 65_536),
            asked(0, 6_000_000, 600),
            answered(0, 6_140_000, 600, 0),
        ]),
        (2, 110_000, 140_000)
    );
}

#[test]
fn an_answer_that_crosses_the_next_report_is_still_one() {
    let sent = [
        asked(0, 1_000_000, 500),
        asked(0, 1_010_000, 501),
        answered(0, 1_050_000, 500, 0),
    ];
    assert_eq!(told(&sent), (1, 50_000, 50_000));
}

#[test]
fn what_answers_nothing_that_was_seen_tells_nothing() {
    let none = (0, 0, 0);
    // Another report, none yet, one in a file with another clock, kept for longer than it was away, an age ago.
    for answer in [
        answered(0, 1_050_000, 501, 0),
        answered(0, 1_050_000, 0, 0),
        answered(1, 1_050_000, 500, 0),
        answered(0, 1_050_000, 500, 65_536),
        answered(0, 90_000_000, 500, 0),
    ] {
        assert_eq!(told(&[asked(0, 1_000_000, 500), answer]), none);
    }
    assert_eq!(told(&[answered(0, 1_050_000, 500, 0)]), none);
}

#[test]
fn a_report_that_two_taps_recorded_counts_from_the_first_time() {
    let sent = [
        asked(0, 1_000_000, 500),
        asked(0, 1_003_000, 500),
        answered(0, 1_050_000, 500, 0),
    ];
    assert_eq!(told(&sent), (1, 50_000, 50_000));
}
