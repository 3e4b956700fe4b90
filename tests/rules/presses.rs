//! Keys that are pressed: sent twice over, or on another clock than the sound.

use calltriage::wire::Observations;
use calltriage::wire::media::MediaStream;
use insta::assert_snapshot;

use super::media_streams::{all_four, relayed, seen};
use super::{found_with, silent, told, verdict};
use crate::support::media::at;

/// The relayed call with an INFO of the caller at +5 s.
fn with_info(kind: &str) -> String {
    relayed()
        .replace(
            "41.00 cust>plat BYE",
            &format!(
                "5.00 cust>plat INFO cseq=2 | Content-Type: {kind}
             5.01 plat>cust 200 INFO cseq=2
             41.00 cust>plat BYE cseq=3"
            ),
        )
        .replace("plat>cust 200 BYE", "plat>cust 200 BYE cseq=3")
}

/// Audio both ways, and an event of the caller that begins so many milliseconds after +5 s.
fn event(millis: i64) -> Vec<MediaStream> {
    let mut media = all_four();
    media[0].events = 1;
    media[0].event_starts = vec![at(5_000_000 + millis * 1000)];
    media
}

#[test]
fn a_key_as_event_and_as_info() {
    let text = with_info("application/dtmf-relay");
    assert_snapshot!(told("digits-sent-twice", &text, &seen(event(40))));
    let count = |text: &str, media| found_with("digits-sent-twice", text, &seen(media)).len();
    assert_eq!(count(&text, event(-100)), 1);
    assert_eq!(count(&text, event(101)), 0);
    assert_eq!(count(&text, all_four()), 0);
    assert_eq!(count(&with_info("application/sdp"), event(40)), 0);
}

fn clocked(rtpmap: &str) -> String {
    relayed()
        .replace("RTP/AVP 0 101", "RTP/AVP 96 101 102")
        .replace(
            "|| a=rtpmap:101",
            &format!("|| a=rtpmap:96 {rtpmap} || a=rtpmap:101"),
        )
}

#[test]
fn events_on_another_clock_than_the_codec() {
    let text = clocked("opus/48000/2");
    assert_snapshot!(told("digit-clock-differs", &text, Observations::NONE));
    assert_eq!(verdict(&text), "hung-up nobody>nobody likely");
    silent("digit-clock-differs", &clocked("PCMA/8000"));
    silent("digit-clock-differs", &clocked("G722/8000"));
    let both = text.replace(
        "telephone-event/8000",
        "telephone-event/8000 || a=rtpmap:102 telephone-event/48000",
    );
    silent("digit-clock-differs", &both);
    // Without events there is nothing to misjudge.
    silent("digit-clock-differs", &text.replace("telephone-event", "x"));
}
