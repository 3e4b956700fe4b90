//! How long audio takes and how it sounds, by RTCP and by what was counted.

use calltriage::diagnosis::Peers;
use calltriage::diagnosis::score::{best, estimate};
use calltriage::diagnosis::{Case, audio::audio};
use calltriage::wire::media::MediaStream;
use insta::assert_snapshot;

use super::media_streams::{all_four, relayed, seen};
use super::{found_with, told, verdict_with};
use crate::support::trace::call;

/// Audio on all four ways; what the reports of the caller and of the carrier tell of the way to them, in ms.
fn far(caller: u64, carrier: u64, reports: u64) -> Vec<MediaStream> {
    let mut media = all_four();
    for (at, millis) in [(0, caller), (3, carrier)] {
        let rtcp = &mut media[at].rtcp;
        (rtcp.blocks, rtcp.round_trips) = (reports, reports);
        (rtcp.round_trip_mean, rtcp.round_trip_worst) = (millis * 1000, millis * 1000);
    }
    media
}

#[test]
fn a_long_way_to_the_carrier() {
    let text = relayed();
    assert_snapshot!(told("long-round-trip", &text, &seen(far(40, 620, 5))));
    let count = |media| found_with("long-round-trip", &text, &seen(media)).len();
    assert_eq!(count(far(40, 300, 5)), 0);
    assert_eq!(count(far(40, 620, 2)), 0);
    assert_eq!(count(all_four()), 0);
    assert!(told("long-round-trip", &text, &seen(far(40, 801, 3))).starts_with("error"));
}

#[test]
fn a_relay_that_passes_reports_on_does_not_double_the_way() {
    let mut media = far(200, 200, 5);
    // The relay's own reports tell the other side's way once more.
    media[1].rtcp = media[3].rtcp.clone();
    media[2].rtcp = media[0].rtcp.clone();
    let lines = found_with("long-round-trip", &relayed(), &seen(media));
    assert!(
        lines[0].contains("takes 400 ms there and back"),
        "{lines:?}"
    );
}

fn lossy(at: usize, lost: u64) -> Vec<MediaStream> {
    let mut media = all_four();
    media[at].lost = lost;
    media
}

#[test]
fn sound_that_loss_makes_poor_is_a_consequence_of_the_loss() {
    let text = relayed();
    assert_snapshot!(told("poor-sound-estimated", &text, &seen(lossy(0, 300))));
    assert_eq!(
        verdict_with(&text, &seen(lossy(0, 300))),
        "packet-loss network>customer likely"
    );
    assert_eq!(
        found_with("poor-sound-estimated", &text, &seen(lossy(0, 40))).len(),
        0
    );
}

#[test]
fn what_is_not_sent_in_silence_is_not_lost() {
    let mut media = all_four();
    for stream in &mut media {
        // Comfort noise, and pauses: a third of the packets, with no gap in their numbers.
        (stream.packets, stream.expected) = (660, 660);
        stream.longest_gap = 4_000_000;
    }
    let observed = seen(media);
    for rule in [
        "poor-sound-estimated",
        "packet-loss",
        "audio-stopped",
        "one-way-audio",
    ] {
        assert_eq!(
            found_with(rule, &relayed(), &observed),
            Vec::<String>::new()
        );
    }
}

#[test]
fn an_unknown_codec_gets_no_estimate() {
    let text = relayed().replace(
        "RTP/AVP 0 101",
        "RTP/AVP 96 101 || a=rtpmap:96 opus/48000/2",
    );
    let mut media = lossy(0, 300);
    for stream in &mut media {
        stream.payload_types[0].payload_type = 96;
    }
    let lines = found_with("poor-sound-estimated", &text, &seen(media));
    assert_eq!(lines, Vec::<String>::new());
}

#[test]
fn the_figures_of_a_direction_hold_the_estimate() {
    let (call, observed) = (call(&relayed()), seen(far(40, 120, 5)));
    let case = Case::new(&call, &Peers::default(), None).observing(&observed);
    let figures: Vec<_> = audio(&case)
        .iter()
        .map(|it| (it.round_trip_ms, it.mos_estimate.map(f64::from)))
        .collect();
    assert_eq!(
        figures,
        [
            (Some(40), Some(4.4)),
            (None, Some(4.4)),
            (None, Some(4.4)),
            (Some(120), Some(4.4))
        ]
    );
}

/// Figures of the E-model that can be worked out by hand: R = 93.2 - Id - Ie,eff, and annex B.
#[test]
fn the_e_model() {
    let score = |codec, loss, delay| estimate(codec, loss, delay).map(|it| it.to_string());
    assert_eq!(best("PCMU").unwrap().to_string(), "4.4");
    assert_eq!(best("G729").unwrap().to_string(), "4.1");
    assert_eq!(best("OPUS"), None);
    // Ie,eff = 95 * 5 / (5 + 25.1) = 15.8, R = 77.4.
    assert_eq!(score("PCMA", 5.0, 0.0).as_deref(), Some("3.9"));
    // Id = 0.024 * 400 + 0.11 * 222.7 = 34.1, R = 59.1, 1 + 2.07 - 0.02.
    assert_eq!(score("PCMA", 0.0, 400.0).as_deref(), Some("3.1"));
    assert_eq!(score("PCMA", 100.0, 5000.0).as_deref(), Some("1.0"));
    assert!(estimate("PCMA", f64::NAN, 0.0).is_some());
}
