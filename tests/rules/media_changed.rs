//! What descriptions say that do not fit the ones before them: the lines of an answer, versions, a second answer,
//! codecs that differ from leg to leg.

use calltriage::wire::Observations;
use insta::assert_snapshot;

use super::media_streams::{CALLER, CARRIER, RELAY_A, RELAY_B, relayed_by, sdp, seen, stream};
use super::{found, silent, told, verdict};

fn told_alone(rule: &str, text: &str) -> String {
    told(rule, text, Observations::NONE)
}

/// A call over a relay whose carrier answers so.
fn answered(offer: &str, answer: &str) -> String {
    relayed_by(
        &sdp(CALLER, offer),
        &sdp(RELAY_B, offer),
        &sdp(CARRIER, answer),
        &sdp(RELAY_A, answer),
    )
}

const VIDEO: &str = "|| m=video 4002 RTP/AVP 31";

#[test]
fn an_answer_with_fewer_lines_than_the_offer() {
    let text = answered(VIDEO, "");
    assert_snapshot!(told_alone("answer-lines-differ", &text));
    // It went well.
    assert_eq!(verdict(&text), "hung-up nobody>nobody likely");
    // The same number in the same order, refused with port 0.
    silent(
        "answer-lines-differ",
        &answered(VIDEO, "|| m=video 0 RTP/AVP 31"),
    );
    silent("answer-lines-differ", &answered("", ""));
}

#[test]
fn an_answer_with_lines_in_another_order() {
    let video_first = sdp(CARRIER, "").replace("|| m=audio", "|| m=video 0 RTP/AVP 31 || m=audio");
    let text = relayed_by(
        &sdp(CALLER, VIDEO),
        &sdp(RELAY_B, VIDEO),
        &video_first,
        &sdp(RELAY_A, "|| m=video 0 RTP/AVP 31"),
    );
    assert_snapshot!(told_alone("answer-lines-differ", &text));
}

#[test]
fn an_answer_with_fewer_lines_after_which_the_caller_hangs_up_at_once() {
    let text = answered(VIDEO, "").replace("41.0", "1.5");
    let lines = found("answer-lines-differ", &text);
    assert!(lines[0].contains("hung up at once"), "{lines:?}");
    assert_eq!(
        verdict(&text),
        "answer-lines-differ carrier>carrier possible"
    );
}

/// An answered call and a hold by the caller: the offer's version and the direction of the answer.
fn held(version: &str, answer: &str) -> String {
    let offer = sdp(CALLER, "|| a=sendonly").replace("o=x 1 1", &format!("o=x 1 {version}"));
    let text = relayed_by(
        &sdp(CALLER, ""),
        &sdp(RELAY_B, ""),
        &sdp(CARRIER, ""),
        &sdp(RELAY_A, ""),
    );
    let hold = format!(
        "9.00 cust>plat INVITE in cseq=2 {offer}
         9.10 plat>cust 200 in cseq=2 {}
         9.20 cust>plat ACK cseq=2
         41.00 cust>plat BYE cseq=3",
        sdp(RELAY_A, answer)
    );
    text.replace("41.00 cust>plat BYE", &hold)
        .replace("plat>cust 200 BYE", "plat>cust 200 BYE cseq=3")
}

#[test]
fn a_hold_under_an_old_version_that_has_no_effect() {
    assert_snapshot!(told_alone("changed-without-version", &held("1", "")));
    // It is taken as it is meant, then it is no more than a note.
    let text = held("1", "|| a=recvonly");
    let lines = found("changed-without-version", &text);
    assert!(lines[0].contains("possible/certain"), "{lines:?}");
    assert_eq!(verdict(&text), "hung-up nobody>nobody likely");
    silent("changed-without-version", &held("2", "|| a=recvonly"));
    silent("changed-without-version", &held("2", ""));
}

#[test]
fn a_refresh_under_the_same_version_is_as_it_should_be() {
    silent(
        "changed-without-version",
        &held("1", "").replace("|| a=sendonly", ""),
    );
    // A refused change changes nothing.
    silent(
        "changed-without-version",
        &held("1", "").replace("9.10 plat>cust 200", "9.10 plat>cust 488"),
    );
}

const EARLY: &str = "203.0.113.77:7700";

/// A call whose carrier sends a 183 with one description before the 2xx with another.
fn early(reply: &str, options: &str, headers: &str) -> String {
    let text = relayed_by(
        &sdp(CALLER, ""),
        &sdp(RELAY_B, ""),
        &sdp(CARRIER, ""),
        &sdp(RELAY_A, ""),
    );
    let progress =
        format!("0.50 car>plat 183 leg=b {options} {headers} {reply}\n1.00 car>plat 200");
    text.replace("1.00 car>plat 200", &progress)
}

#[test]
fn a_second_answer_with_another_address() {
    let text = early(&sdp(EARLY, ""), "", "");
    assert_snapshot!(told_alone("answer-differs-from-early", &text));
    assert_eq!(verdict(&text), "hung-up nobody>nobody likely");
    let rule = "answer-differs-from-early";
    silent(rule, &early(&sdp(CARRIER, ""), "", ""));
    silent(rule, &early(&sdp(EARLY, ""), "totag=other", ""));
    silent(rule, &early(&sdp(EARLY, ""), "", "| Require: 100rel"));
    // A tone that only goes one way, from the same place.
    silent(rule, &early(&sdp(CARRIER, "|| a=sendonly"), "", ""));
}

#[test]
fn audio_that_goes_on_to_the_early_address() {
    let text = early(&sdp(EARLY, ""), "", "");
    let media = |to: &str| {
        seen(vec![
            stream(RELAY_B, EARLY, 0.6, 1.2),
            stream(RELAY_B, to, 1.2, 41.0),
            stream(CARRIER, RELAY_B, 1.1, 41.0),
        ])
    };
    assert_snapshot!(told("answer-differs-from-early", &text, &media(EARLY)));
    let followed = told("answer-differs-from-early", &text, &media(CARRIER));
    assert!(followed.starts_with("info"), "{followed}");
}

#[test]
fn a_codec_that_is_changed_on_the_way() {
    let narrow = |text: String| text.replace("RTP/AVP 0 101", "RTP/AVP 18 101");
    let text = relayed_by(
        &sdp(CALLER, ""),
        &narrow(sdp(RELAY_B, "")),
        &narrow(sdp(CARRIER, "")),
        &sdp(RELAY_A, ""),
    );
    assert_snapshot!(told_alone("codec-changed", &text));
    assert_eq!(verdict(&text), "hung-up nobody>nobody likely");
    silent("codec-changed", &answered("", ""));
    // One that both allow may be the one that is used.
    let both = text.replace("RTP/AVP 18 101", "RTP/AVP 18 0 101");
    silent("codec-changed", &both);
}
