//! What the media that was seen says, together with the session descriptions.

use calltriage::wire::media::{MediaStream, PayloadCount, RtcpCount, Silence};
use calltriage::wire::{IcmpError, IcmpKind, Observations};

use super::{found_with, verdict_with};
use crate::support::media::at;

/// The caller's audio address, the relay's two and the carrier's.
pub const CALLER: &str = "198.51.100.10:4000";
pub const RELAY_A: &str = "192.0.2.6:5000";
pub const RELAY_B: &str = "192.0.2.6:6000";
pub const CARRIER: &str = "203.0.113.9:7000";

pub fn sdp(address: &str, more: &str) -> String {
    let (ip, port) = address.split_once(':').unwrap();
    format!(
        "|| v=0 || o=x 1 1 IN IP4 {ip} || c=IN IP4 {ip} || m=audio {port} RTP/AVP 0 101 || \
         a=rtpmap:101 telephone-event/8000 {more}"
    )
}

/// A call from +0 s over a relay, answered at +1.00 s, ended by the caller at +41 s.
pub fn relayed() -> String {
    relayed_by(
        &sdp(CALLER, ""),
        &sdp(RELAY_B, ""),
        &sdp(CARRIER, ""),
        &sdp(RELAY_A, ""),
    )
}

pub fn relayed_by(caller: &str, relay_b: &str, carrier: &str, relay_a: &str) -> String {
    format!(
        "0.00 cust>plat INVITE {caller}
         0.02 plat>car INVITE leg=b {relay_b}
         1.00 car>plat 200 leg=b {carrier}
         1.00 plat>cust 200 {relay_a}
         1.02 cust>plat ACK
         1.03 plat>car ACK leg=b
         41.00 cust>plat BYE
         41.01 plat>car BYE leg=b
         41.02 car>plat 200 BYE leg=b
         41.03 plat>cust 200 BYE"
    )
}

/// The caller's leg alone.
pub fn one_leg() -> String {
    let text = relayed();
    let lines = text.lines().filter(|line| !line.contains("leg=b"));
    lines.collect::<Vec<_>>().join("\n")
}

/// 50 packets a second of PCMU from one second after the beginning to another.
pub fn stream(source: &str, destination: &str, from: f64, to: f64) -> MediaStream {
    let micros = |seconds: f64| (seconds * 1e6) as i64;
    let packets = ((to - from) * 50.0) as u64;
    let mut stream = MediaStream::new(
        source.parse().unwrap(),
        destination.parse().unwrap(),
        at(micros(from)),
    );
    stream.last = at(micros(to));
    stream.packets = packets;
    stream.expected = packets;
    stream.clock_rate = 8000;
    stream.longest_gap = 20_000;
    stream.payload_types = vec![PayloadCount {
        payload_type: 0,
        packets,
    }];
    stream
}

pub fn seen(mut media: Vec<MediaStream>) -> Observations {
    media.sort_by_key(|stream| stream.first);
    Observations {
        media,
        ..Observations::default()
    }
}

/// Audio on all four ways of the relayed call.
pub fn all_four() -> Vec<MediaStream> {
    vec![
        stream(CALLER, RELAY_A, 1.1, 41.0),
        stream(RELAY_A, CALLER, 1.1, 41.0),
        stream(RELAY_B, CARRIER, 1.1, 41.0),
        stream(CARRIER, RELAY_B, 1.1, 41.0),
    ]
}

/// The same without those from one address to another.
pub fn without(ways: &[(&str, &str)]) -> Vec<MediaStream> {
    let is_left_out = |stream: &MediaStream| {
        ways.iter().any(|(from, to)| {
            stream.source.to_string() == *from && stream.destination.to_string() == *to
        })
    };
    let mut media = all_four();
    media.retain(|stream| !is_left_out(stream));
    media
}

const OF_MEDIA: &[&str] = &[
    "one-way-audio",
    "no-audio",
    "late-audio",
    "audio-stopped",
    "rtp-from-elsewhere",
    "unannounced-payload-type",
    "digits-not-passed",
    "packet-loss",
    "high-jitter",
    "loss-behind-capture",
];

/// What all rules of media that was seen say.
fn all(text: &str, media: Vec<MediaStream>) -> Vec<String> {
    let observed = seen(media);
    let of_rule = |rule: &&str| -> Vec<String> {
        let lines = found_with(rule, text, &observed);
        lines.iter().map(|line| format!("{rule}: {line}")).collect()
    };
    OF_MEDIA.iter().flat_map(of_rule).collect()
}

#[track_caller]
fn fires(rule: &str, text: &str, media: Vec<MediaStream>, expected: &str) {
    assert_eq!(found_with(rule, text, &seen(media)), [expected]);
}

#[track_caller]
fn silent(rule: &str, text: &str, media: Vec<MediaStream>) {
    assert_eq!(found_with(rule, text, &seen(media)), Vec::<String>::new());
}

const NOTHING: Vec<String> = Vec::new();

#[test]
fn a_good_call_is_nothing_to_talk_about() {
    assert_eq!(all(&relayed(), all_four()), NOTHING);
    assert_eq!(all(&one_leg(), all_four()), NOTHING);
}

#[test]
fn signalling_alone_says_nothing_of_the_audio() {
    assert_eq!(all(&relayed(), Vec::new()), NOTHING);
    // Media of other machines, or of the same machines at another time on the same ports.
    let other = stream("198.51.100.77:4000", "192.0.2.6:5002", 1.0, 41.0);
    assert_eq!(all(&relayed(), vec![other]), NOTHING);
}

#[test]
fn one_leg_that_bypasses_the_capture_is_not_one_way() {
    let leg_a = without(&[(RELAY_B, CARRIER), (CARRIER, RELAY_B)]);
    assert_eq!(all(&relayed(), leg_a), NOTHING);
}

#[test]
fn one_way_audio_that_the_carrier_does_not_send() {
    let media = without(&[(CARRIER, RELAY_B), (RELAY_A, CALLER)]);
    fires(
        "one-way-audio",
        &relayed(),
        media.clone(),
        "carrier>carrier likely/certain [2, 3, 8] One-way audio: 1 995 packets went from \
         platform 192.0.2.6:6000 to carrier 203.0.113.9:7000, and none came back past this capture \
         point, from the 200 at +1.00 s to the BYE at +41.0 s. It did not come in from there: not \
         sent, sent elsewhere, or stopped by a firewall.",
    );
    assert_eq!(
        verdict_with(&relayed(), &seen(media)),
        "one-way-audio carrier>carrier likely"
    );
}

#[test]
fn one_way_audio_that_the_relay_does_not_pass_on() {
    fires(
        "one-way-audio",
        &relayed(),
        without(&[(RELAY_A, CALLER)]),
        "configuration>configuration likely/certain [1, 4, 7] One-way audio: 1 995 packets went \
         from customer 198.51.100.10:4000 to platform 192.0.2.6:5000, and none came back past this \
         capture point, from the 200 at +1.00 s to the BYE at +41.0 s. It got this audio from the \
         other side and sent none on: platform is where it ends.",
    );
}

#[test]
fn one_way_audio_seen_at_one_end_is_no_more_than_possible() {
    fires(
        "one-way-audio",
        &one_leg(),
        vec![stream(CALLER, RELAY_A, 1.1, 41.0)],
        "far-end>far-end possible/certain [1, 2, 4] One-way audio: 1 995 packets went from \
         customer 198.51.100.10:4000 to far end 192.0.2.6:5000, and none came back past this \
         capture point, from the 200 at +1.00 s to the BYE at +41.0 s. Whether it was sent at all, \
         or was lost before it came here, only a capture at its sender shows.",
    );
}

#[test]
fn one_way_audio_to_a_private_address_has_its_cause_there() {
    let text = relayed_by(
        &sdp("10.0.0.4:4000", ""),
        &sdp("10.0.0.4:4000", ""),
        &sdp(CARRIER, ""),
        &sdp(CARRIER, ""),
    );
    let media = vec![stream("198.51.100.10:4000", CARRIER, 1.1, 41.0)];
    fires(
        "one-way-audio",
        &text,
        media.clone(),
        "customer>customer likely/certain [1, 4, 7] One-way audio: 1 995 packets went from \
         customer 10.0.0.4:4000 to carrier 203.0.113.9:7000, and none came back past this capture \
         point, from the 200 at +1.00 s to the BYE at +41.0 s. It was told to send to 10.0.0.4:4000, \
         a private address that it cannot reach.",
    );
    // The address explains it.
    assert_eq!(
        verdict_with(&text, &seen(media)),
        "private-media-address customer>customer likely"
    );
}

#[test]
fn one_way_audio_is_silent_on_hold_in_a_short_call_and_with_candidates() {
    let media = || vec![stream(CALLER, RELAY_A, 1.1, 41.0)];
    for more in ["|| a=recvonly", "|| a=inactive"] {
        let text = one_leg().replace(
            "m=audio 5000 RTP/AVP 0 101",
            &format!("m=audio 5000 RTP/AVP 0 101 {more}"),
        );
        silent("one-way-audio", &text, media());
    }
    let short = one_leg().replace("41.", "3.");
    silent(
        "one-way-audio",
        &short,
        vec![stream(CALLER, RELAY_A, 1.1, 3.0)],
    );
    let candidates = one_leg().replace(
        "telephone-event/8000",
        "telephone-event/8000 || a=candidate:1 1 UDP 1 10.0.0.4 9 typ host",
    );
    silent("one-way-audio", &candidates, media());
    // Seen one way only.
    let answers = one_leg()
        .lines()
        .filter(|line| line.contains("plat>"))
        .collect::<Vec<_>>()
        .join("\n");
    silent("one-way-audio", &answers, media());
}

#[test]
fn one_way_audio_before_a_hold_counts_and_after_it_does_not() {
    let held = |at: &str| {
        let hold = format!(
            "{at} cust>plat INVITE in cseq=3 {}
             {at}1 plat>cust 200 in cseq=3 {}
             {at}2 cust>plat ACK cseq=3",
            sdp(CALLER, "|| a=sendonly"),
            sdp(RELAY_A, "|| a=recvonly"),
        );
        one_leg().replace(
            "41.00 cust>plat BYE",
            &format!("{hold}\n41.00 cust>plat BYE"),
        )
    };
    let media = || vec![stream(CALLER, RELAY_A, 1.1, 41.0)];
    silent("one-way-audio", &held("2.00"), media());
    let lines = found_with("one-way-audio", &held("9.00"), &seen(media()));
    assert!(
        lines[0].contains("to the new description at +9.00 s"),
        "{lines:?}"
    );
}

#[test]
fn no_audio_needs_a_capture_that_would_see_it() {
    let early = |mut stream: MediaStream| {
        stream.early = stream.packets;
        stream
    };
    let before = early(stream(RELAY_A, CALLER, 0.5, 0.99));
    fires(
        "no-audio",
        &one_leg(),
        vec![before],
        "undecided>undecided possible/certain [1, 2, 4] No audio: no packet between customer \
         198.51.100.10:4000 and far end 192.0.2.6:5000 passed this capture point in either \
         direction, from the 200 at +1.00 s to the BYE at +41.0 s. Audio from before the answer was \
         seen here, so audio would have been: it was not sent, or not this way.",
    );
    // Another call between the same machines, an hour earlier.
    let other = stream("198.51.100.10:4444", "192.0.2.6:5555", -3600.0, -3000.0);
    assert_eq!(
        found_with("no-audio", &one_leg(), &seen(vec![other])).len(),
        1
    );
    // One between one of them and a third.
    let third = stream("198.51.100.10:4444", "192.0.2.7:5555", -3600.0, -3000.0);
    silent("no-audio", &one_leg(), vec![third]);
    let mut reports = stream(CALLER, RELAY_A, 2.0, 2.0);
    reports.rtcp.packets = 3;
    assert_eq!(
        found_with("no-audio", &one_leg(), &seen(vec![reports])).len(),
        1
    );
}

#[test]
fn no_audio_that_a_host_refused() {
    let observed = Observations {
        icmp: vec![IcmpError {
            at: at(1_200_000),
            file: 0,
            frame: 9,
            reporter: "192.0.2.6".parse().unwrap(),
            kind: IcmpKind::PortUnreachable,
            source: CALLER.parse().unwrap(),
            destination: RELAY_A.parse().unwrap(),
            udp: true,
            call_id: None,
        }],
        ..Observations::default()
    };
    let lines = found_with("no-audio", &one_leg(), &observed);
    assert!(
        lines[0].starts_with("far-end>far-end likely/certain")
            && lines[0].ends_with(
                "192.0.2.6 reported that audio for 192.0.2.6:5000 could not be delivered (+1.20 s)."
            ),
        "{lines:?}"
    );
    let mut other = observed.clone();
    other.icmp[0].destination = "192.0.2.6:5004".parse().unwrap();
    assert_eq!(found_with("no-audio", &one_leg(), &other), NOTHING);
}

#[test]
fn no_audio_explains_why_the_platform_ended_the_call() {
    let text = relayed()
        .replace(
            "41.00 cust>plat BYE",
            "41.00 plat>cust BYE by=callee | Reason: SIP;text=\"RTP timeout\"",
        )
        .replace(
            "41.03 plat>cust 200 BYE",
            "41.03 cust>plat 200 BYE by=callee",
        );
    let other = stream("198.51.100.10:4444", "192.0.2.6:5555", -3600.0, -3000.0);
    let observed = seen(vec![other]);
    assert_eq!(found_with("platform-ended-call", &text, &observed).len(), 1);
    assert_eq!(
        verdict_with(&text, &observed),
        "no-audio undecided>undecided possible"
    );
}

#[test]
fn late_audio_that_waits_for_the_ack() {
    let text = one_leg().replace("1.02 cust>plat ACK", "5.00 cust>plat ACK");
    let media = vec![
        stream(CALLER, RELAY_A, 1.1, 41.0),
        stream(RELAY_A, CALLER, 5.1, 41.0),
    ];
    fires(
        "late-audio",
        &text,
        media,
        "customer>customer likely/certain [1, 2, 3] Late audio: the first packet from far end \
         192.0.2.6:5000 to customer 198.51.100.10:4000 passed this capture point 4.10 s after the \
         200 (+5.10 s). It came with the ACK, which was as late (+5.00 s).",
    );
}

#[test]
fn late_audio_on_the_first_hop_that_has_it_late() {
    let mut media = all_four();
    for late in [1, 3] {
        media[late] = stream(
            [CALLER, RELAY_A, RELAY_B, CARRIER][late],
            [RELAY_A, CALLER, CARRIER, RELAY_B][late],
            4.0,
            41.0,
        );
    }
    fires(
        "late-audio",
        &relayed(),
        media,
        "undecided>undecided possible/certain [2, 3] Late audio: the first packet from carrier \
         203.0.113.9:7000 to platform 192.0.2.6:6000 passed this capture point 3.00 s after the \
         200 (+4.00 s). What it waited for the packets do not say.",
    );
}

#[test]
fn late_audio_is_silent_within_two_seconds_and_after_early_media() {
    let late = |from: f64, early: u64| {
        let mut media = all_four();
        media[3] = stream(CARRIER, RELAY_B, from, 41.0);
        media[3].early = early;
        media
    };
    silent("late-audio", &relayed(), late(2.9, 0));
    silent("late-audio", &relayed(), late(3.1, 20));
    assert_eq!(
        found_with("late-audio", &relayed(), &seen(late(3.1, 0))).len(),
        1
    );
}

#[test]
fn audio_stopped_in_one_direction() {
    let mut media = all_four();
    media[3] = stream(CARRIER, RELAY_B, 1.1, 30.0);
    media[1] = stream(RELAY_A, CALLER, 1.1, 30.0);
    fires(
        "audio-stopped",
        &relayed(),
        media,
        "carrier>carrier possible/certain [2, 3, 8] Audio from carrier 203.0.113.9:7000 to \
         platform 192.0.2.6:6000 stopped at +30.0 s, 11.0 s before the BYE at +41.0 s; the other \
         direction went on. Its sender stopped, or it no longer came through: a NAT binding or a \
         network that changed.",
    );
}

#[test]
fn audio_stopped_at_the_relay() {
    let mut media = all_four();
    media[1] = stream(RELAY_A, CALLER, 1.1, 30.0);
    let lines = found_with("audio-stopped", &relayed(), &seen(media));
    assert!(
        lines[0].starts_with("configuration>configuration likely/certain [1, 4, 7]"),
        "{lines:?}"
    );
}

#[test]
fn audio_stopped_in_both_directions_is_told_once() {
    let media = vec![
        stream(CALLER, RELAY_A, 1.1, 30.0),
        stream(RELAY_A, CALLER, 1.1, 30.3),
    ];
    fires(
        "audio-stopped",
        &one_leg(),
        media,
        "undecided>undecided possible/certain [1, 2, 4] Audio between customer 198.51.100.10:4000 \
         and far end 192.0.2.6:5000 stopped in both directions at +30.0 s, 11.0 s before the BYE at \
         +41.0 s. What stops both directions at once lies between the two, or the call was over for \
         one of them and its BYE did not come.",
    );
}

#[test]
fn audio_stopped_is_silent_where_silence_is_not_sent() {
    let stopped = |change: fn(&mut MediaStream)| {
        let mut one = stream(RELAY_A, CALLER, 1.1, 30.0);
        change(&mut one);
        vec![stream(CALLER, RELAY_A, 1.1, 41.0), one]
    };
    assert_eq!(
        found_with("audio-stopped", &one_leg(), &seen(stopped(|_| {}))).len(),
        1
    );
    silent(
        "audio-stopped",
        &one_leg(),
        stopped(|one| one.last = at(36_500_000)),
    );
    silent(
        "audio-stopped",
        &one_leg(),
        stopped(|one| one.longest_gap = 1_000_000),
    );
    silent(
        "audio-stopped",
        &one_leg(),
        stopped(|one| {
            one.payload_types.push(PayloadCount {
                payload_type: 13,
                packets: 4,
            });
        }),
    );
}

#[test]
fn rtp_from_elsewhere_behind_a_nat() {
    const NAT: &str = "198.51.100.10:61000";
    let symmetric = vec![
        stream(NAT, RELAY_A, 1.1, 41.0),
        stream(RELAY_A, NAT, 1.1, 41.0),
    ];
    fires(
        "rtp-from-elsewhere",
        &one_leg(),
        symmetric.clone(),
        "nobody>nobody possible/certain [1, 2, 4] 1 995 packets of audio for far end \
         192.0.2.6:5000 came from 198.51.100.10:61000, whereas 198.51.100.10:4000 was announced. \
         Audio goes back to where it comes from (symmetric RTP), so this does no harm.",
    );
    silent("one-way-audio", &one_leg(), symmetric);
    let missed = vec![
        stream(NAT, RELAY_A, 1.1, 41.0),
        stream(RELAY_A, CALLER, 1.1, 41.0),
    ];
    fires(
        "rtp-from-elsewhere",
        &one_leg(),
        missed,
        "customer>customer possible/certain [1, 2, 4] 1 995 packets of audio for far end \
         192.0.2.6:5000 came from 198.51.100.10:61000, whereas 198.51.100.10:4000 was announced. \
         Audio in the other direction goes to 198.51.100.10:4000, as announced, where its receiver \
         may not be reached.",
    );
}

#[test]
fn rtp_from_elsewhere_is_silent_when_it_also_comes_from_where_it_should() {
    let with = |other: MediaStream| {
        let mut media = all_four();
        media.push(other);
        media
    };
    // From the same machine, or too little to matter.
    for other in [
        stream("198.51.100.10:1", RELAY_A, 1.1, 9.0),
        stream("198.51.100.99:1", RELAY_A, 1.1, 1.9),
    ] {
        silent("rtp-from-elsewhere", &relayed(), with(other));
    }
    // Another machine's beside it is told, and is none of the caller's audio.
    let mut lossy = stream("198.51.100.99:1", RELAY_A, 1.1, 9.0);
    lossy.lost = 200;
    lossy.expected += 200;
    fires(
        "rtp-from-elsewhere",
        &relayed(),
        with(lossy.clone()),
        "undecided>undecided possible/certain [1, 4, 7] 395 packets of audio for platform 192.0.2.6:5000 came from \
         198.51.100.99:1 too, beside those from customer 198.51.100.10:4000. They are another call's on the same port, \
         or somebody's who is no part of this call: who takes audio from anywhere plays them too.",
    );
    silent("packet-loss", &relayed(), with(lossy));
}

#[test]
fn audio_to_a_port_that_nobody_announced_is_not_heard() {
    let astray = "198.51.100.10:29999";
    let media = |back: &str| {
        vec![
            stream(back, RELAY_A, 1.1, 41.0),
            stream(RELAY_A, astray, 1.1, 41.0),
        ]
    };
    fires(
        "one-way-audio",
        &one_leg(),
        media(CALLER),
        "far-end>far-end likely/certain [1, 2, 4] One-way audio: 1 995 packets went from customer 198.51.100.10:4000 to \
         far end 192.0.2.6:5000, and none came back to where audio is awaited, from the 200 at +1.00 s to the BYE at +41.0 s. 1 995 packets went to \
         198.51.100.10:29999, where nobody awaits them: that port was not announced.",
    );
    // It goes back to where it comes from; and of who was not seen to send nobody knows where it takes audio.
    silent("one-way-audio", &one_leg(), media(astray));
    let alone = vec![stream(RELAY_A, astray, 1.1, 41.0)];
    assert!(
        !found_with("one-way-audio", &one_leg(), &seen(alone))
            .concat()
            .contains("awaits")
    );
}

#[test]
fn who_reports_what_it_receives_hears_something() {
    let with = |blocks: u64| {
        let mut sent = stream(CALLER, RELAY_A, 1.1, 41.0);
        sent.rtcp = RtcpCount {
            packets: 8,
            blocks,
            ..RtcpCount::default()
        };
        seen(vec![sent])
    };
    assert_eq!(found_with("one-way-audio", &one_leg(), &with(1)).len(), 1);
    assert_eq!(found_with("one-way-audio", &one_leg(), &with(2)), NOTHING);
}

#[test]
fn unannounced_payload_type() {
    let with = |payload_type: u8, packets: u64| {
        let mut media = all_four();
        media[0].payload_types = vec![
            PayloadCount {
                payload_type: 0,
                packets: media[0].packets - packets,
            },
            PayloadCount {
                payload_type,
                packets,
            },
        ];
        media
    };
    fires(
        "unannounced-payload-type",
        &relayed(),
        with(18, 1500),
        "customer>customer possible/certain [1, 4, 7] 1 500 of 1 995 packets from customer \
         198.51.100.10:4000 to platform 192.0.2.6:5000 are of payload type 18, which the receiver \
         did not name; it named 0, 101. The receiver may play noise or nothing.",
    );
    silent("unannounced-payload-type", &relayed(), with(18, 900));
    silent("unannounced-payload-type", &relayed(), with(101, 1500));
    silent("unannounced-payload-type", &relayed(), with(13, 1500));
}

#[test]
fn digits_not_passed() {
    let digits = |passed: u32| {
        let mut media = all_four();
        media[0].events = 4;
        media[2].events = passed;
        media
    };
    fires(
        "digits-not-passed",
        &relayed(),
        digits(0),
        "configuration>configuration likely/certain [1, 2, 3, 4, 7, 8] 4 digits came from customer \
         198.51.100.10:4000 to platform 192.0.2.6:5000 as telephone events, and none went on from \
         platform 192.0.2.6:6000 to carrier 203.0.113.9:7000. Both legs agreed to telephone-event, \
         so that it was between them that they were left out.",
    );
    silent("digits-not-passed", &relayed(), digits(4));
    let info = relayed().replace(
        "41.00 cust>plat BYE",
        "20.00 plat>car INFO leg=b\n41.00 cust>plat BYE",
    );
    silent("digits-not-passed", &info, digits(0));
    // A type that nothing explains may be theirs.
    let mut media = digits(0);
    media[2].payload_types.push(PayloadCount {
        payload_type: 96,
        packets: 30,
    });
    silent("digits-not-passed", &relayed(), media);
    let plain = relayed_by(
        &sdp(CALLER, ""),
        &sdp(RELAY_B, ""),
        "|| v=0 || c=IN IP4 203.0.113.9 || m=audio 7000 RTP/AVP 0",
        &sdp(RELAY_A, ""),
    );
    let lines = found_with("digits-not-passed", &plain, &seen(digits(0)));
    assert!(
        lines[0].ends_with("carrier did not agree to telephone-event on its leg."),
        "{lines:?}"
    );
}

#[test]
fn packet_loss_on_the_hop_where_it_begins() {
    let lossy = |lost: u64| {
        let mut media = all_four();
        media[0].lost = lost;
        media[2].lost = lost;
        media
    };
    fires(
        "packet-loss",
        &relayed(),
        lossy(40),
        "network>customer likely/certain [1, 4, 7] 2.0 % of the audio from customer \
         198.51.100.10:4000 to platform 192.0.2.6:5000 was lost before this capture point: 40 of \
         1 995 packets. They were lost on the way from the sender to here.",
    );
    silent("packet-loss", &relayed(), lossy(19));
    assert_eq!(
        verdict_with(&relayed(), &seen(lossy(200))),
        "packet-loss network>customer likely"
    );
    // Too few to make a percentage.
    let mut short = stream(CALLER, RELAY_A, 1.1, 5.0);
    short.lost = 100;
    let back = stream(RELAY_A, CALLER, 1.1, 41.0);
    silent("packet-loss", &one_leg(), vec![short, back]);
}

#[test]
fn packet_loss_in_both_directions_may_be_the_recording() {
    let mut media = all_four();
    media[0].lost = 60;
    media[1].lost = 60;
    let lines = found_with("packet-loss", &relayed(), &seen(media));
    assert!(
        lines.iter().all(|line| line.contains("possible/certain")) && lines.len() == 2,
        "{lines:?}"
    );
}

#[test]
fn high_jitter() {
    let uneven = |mean: u64, worst: u64, assumed: bool| {
        let mut media = all_four();
        media[3].jitter_mean = mean;
        media[3].jitter_max = worst;
        media[3].clock_assumed = assumed;
        media
    };
    fires(
        "high-jitter",
        &relayed(),
        uneven(7_400, 41_000, false),
        "network>carrier possible/certain [2, 3, 8] The audio from carrier 203.0.113.9:7000 to \
         platform 192.0.2.6:6000 came unevenly: jitter 7 ms on average, 41 ms at its worst. It \
         became uneven on the way from the sender to here, or was sent so.",
    );
    silent("high-jitter", &relayed(), uneven(4_900, 41_000, false));
    silent("high-jitter", &relayed(), uneven(7_400, 29_000, false));
    silent("high-jitter", &relayed(), uneven(7_400, 41_000, true));
}

#[test]
fn loss_behind_capture() {
    let reported = |lost: i64, here: u64| {
        let mut media = all_four();
        media[2].lost = here;
        media[3].rtcp = RtcpCount {
            packets: 8,
            blocks: 8,
            cumulative_lost: lost,
            ..RtcpCount::default()
        };
        media
    };
    fires(
        "loss-behind-capture",
        &relayed(),
        reported(120, 2),
        "network>carrier likely/certain [2, 3, 8] carrier 203.0.113.9:7000 reports 120 of the \
         1 995 packets from platform 192.0.2.6:6000 as lost (6.0 %), whereas 2 are missing here. \
         They were lost between this capture point and the receiver.",
    );
    silent("loss-behind-capture", &relayed(), reported(50, 2));
    silent("loss-behind-capture", &relayed(), reported(120, 40));
    silent("loss-behind-capture", &relayed(), reported(-3, 0));
}

#[test]
fn streams_of_a_later_call_on_the_same_ports_are_not_taken() {
    let media = vec![
        stream(CALLER, RELAY_A, 1.1, 41.0),
        stream(RELAY_A, CALLER, 90.0, 120.0),
    ];
    assert_eq!(
        found_with("one-way-audio", &one_leg(), &seen(media)).len(),
        1
    );
}

#[test]
fn a_relay_that_is_silent_for_a_while_is_heard_again() {
    let mut one = stream(RELAY_A, CALLER, 1.1, 41.0);
    one.silences = vec![Silence {
        from: at(10_000_000),
        to: at(20_000_000),
    }];
    one.longest_gap = 10_000_000;
    let media = vec![stream(CALLER, RELAY_A, 1.1, 41.0), one];
    assert_eq!(all(&one_leg(), media), NOTHING);
}
