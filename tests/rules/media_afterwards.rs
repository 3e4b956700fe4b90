//! Audio that was to come back, or to go elsewhere, once media was agreed on anew.

use calltriage::wire::media::{MediaStream, Watched};

use super::media_streams::{seen, stream};
use super::{found_with, verdict_with};
use crate::support::media::at;

const A: &str = "198.51.100.10:4000";
const B: &str = "192.0.2.6:5000";
const B2: &str = "192.0.2.7:5500";

fn sdp(address: &str, direction: &str) -> String {
    let (ip, port) = address.split_once(':').unwrap();
    format!("|| v=0 || c=IN IP4 {ip} || m=audio {port} RTP/AVP 0 || a={direction}")
}

/// A call from +0 s, answered at +1 s, ended at +41 s, with a re-INVITE of the called side in between.
fn call(changes: &str) -> String {
    format!(
        "0.00 cust>plat INVITE {}
         1.00 plat>cust 200 {}
         1.02 cust>plat ACK
         {changes}
         41.00 cust>plat BYE
         41.01 plat>cust 200 BYE",
        sdp(A, "sendrecv"),
        sdp(B, "sendrecv")
    )
}

/// The called side says at +11 s that it awaits audio elsewhere.
fn moved(to: &str) -> String {
    call(&format!(
        "11.00 plat>cust INVITE in by=callee cseq=101 {}
         11.05 cust>plat 200 by=callee cseq=101 {}
         11.06 plat>cust ACK by=callee cseq=101",
        sdp(to, "sendrecv"),
        sdp(A, "sendrecv")
    ))
}

/// The called side holds the call at +11 s and takes it back at +21 s.
fn held() -> String {
    call(&format!(
        "11.00 plat>cust INVITE in by=callee cseq=101 {}
         11.05 cust>plat 200 by=callee cseq=101 {}
         11.06 plat>cust ACK by=callee cseq=101
         21.00 plat>cust INVITE in by=callee cseq=102 {}
         21.05 cust>plat 200 by=callee cseq=102 {}
         21.06 plat>cust ACK by=callee cseq=102",
        sdp(B, "sendonly"),
        sdp(A, "recvonly"),
        sdp(B, "sendrecv"),
        sdp(A, "sendrecv")
    ))
}

#[track_caller]
fn fires(text: &str, media: &[MediaStream], expected: &str) {
    let lines = found_with("audio-lost-after-change", text, &seen(media.to_vec()));
    assert_eq!(lines, [expected]);
}

#[track_caller]
fn silent(text: &str, media: Vec<MediaStream>) {
    let lines = found_with("audio-lost-after-change", text, &seen(media));
    assert_eq!(lines, Vec::<String>::new());
}

#[test]
fn audio_lost_after_change_goes_on_to_the_old_address() {
    let media = vec![
        stream(A, B, 1.1, 41.0),
        stream(B2, A, 11.1, 41.0),
        stream(B, A, 1.1, 11.0),
    ];
    fires(
        &moved(B2),
        &media,
        "customer>customer likely/certain [2, 4, 5] Audio from customer 198.51.100.10:4000 still goes to \
         192.0.2.6:5000, though far end awaits it at 192.0.2.7:5500 since the re-INVITE (+11.0 s); none goes there. \
         Its sender was told the new address and did not follow it.",
    );
    assert_eq!(
        verdict_with(&moved(B2), &seen(media)),
        "audio-lost-after-change customer>customer likely"
    );
    // It followed, as it should.
    let follows = vec![
        stream(A, B, 1.1, 11.2),
        stream(A, B2, 11.2, 41.0),
        stream(B, A, 1.1, 41.0),
    ];
    silent(&moved(B2), follows);
}

#[test]
fn audio_lost_after_change_at_a_private_address() {
    let media = vec![stream(A, B, 1.1, 11.0), stream(B, A, 1.1, 41.0)];
    fires(
        &moved("10.0.0.7:5500"),
        &media,
        "far-end>far-end likely/certain [2, 4, 5] Audio from customer 198.51.100.10:4000 to far end did not come any \
         more after the re-INVITE (+11.0 s). It was told to send to 10.0.0.7:5500, a private address that it cannot \
         reach.",
    );
}

#[test]
fn audio_lost_after_change_does_not_come_back_from_hold() {
    let media = vec![stream(A, B, 1.1, 11.0), stream(B, A, 1.1, 41.0)];
    fires(
        &held(),
        &media,
        "customer>customer possible/certain [2, 7, 8] Audio from customer 198.51.100.10:4000 to far end 192.0.2.6:5000 \
         did not come back after the re-INVITE (+21.0 s), since when both sides want to talk; the other direction went \
         on. Its sender did not take it up again, or it was lost before it came here.",
    );
}

#[test]
fn audio_lost_after_change_is_silent() {
    let gone = || vec![stream(A, B, 1.1, 11.0), stream(B, A, 1.1, 41.0)];
    // It came back, if late.
    let mut back = gone();
    back.push(stream(A, B, 37.9, 41.0));
    silent(&held(), back);
    // The hold was not ended.
    let text = held();
    let (before, resumed) = text.split_at(text.find("21.00 plat").unwrap());
    let still = format!(
        "{before}{}",
        resumed.replacen("a=sendrecv", "a=inactive", 1)
    );
    silent(&still, gone());
    // Less than three seconds were left.
    silent(&held().replace("41.0", "24.0"), gone());
    // The other direction did not go on either: nothing tells one side from the other.
    silent(
        &held(),
        vec![stream(A, B, 1.1, 11.0), stream(B, A, 1.1, 11.0)],
    );
    // Its sender sends nothing in silence.
    let mut quiet = gone();
    quiet[0].longest_gap = 1_500_000;
    silent(&held(), quiet);
    // What recorded it ended with it.
    let mut cut = gone();
    for stream in &mut cut {
        stream.watched = Some(Watched {
            from: at(0),
            to: at(11_500_000),
        });
    }
    silent(&held(), cut);
    // A refresh changes nothing: then audio has merely stopped.
    let refreshed = moved(B);
    silent(&refreshed, gone());
    let lines = found_with("audio-stopped", &refreshed, &seen(gone()));
    assert_eq!(lines.len(), 1);
    // Refused, the new address counts for nothing.
    let refused = moved(B2).replace("11.05 cust>plat 200", "11.05 cust>plat 488");
    silent(
        &refused,
        vec![stream(A, B, 1.1, 41.0), stream(B, A, 1.1, 41.0)],
    );
}

#[test]
fn audio_that_ends_with_its_recording_has_not_stopped() {
    let recorded = |from: i64, to: i64| {
        let mut media = vec![stream(A, B, 6.0, 20.0), stream(B, A, 6.0, 20.0)];
        for stream in &mut media {
            stream.watched = Some(Watched {
                from: at(from),
                to: at(to),
            });
        }
        seen(media)
    };
    let of =
        |rule: &str, from: i64, to: i64| found_with(rule, &call(""), &recorded(from, to)).len();
    let (stopped, late) = ("audio-stopped", "late-audio");
    assert_eq!(of(stopped, 0, 41_000_000), 1);
    assert_eq!(of(stopped, 0, 25_100_000), 1);
    assert_eq!(of(stopped, 0, 25_000_000), 0);
    assert_eq!(of(late, 0, 41_000_000), 2);
    // What was not recorded is not told either.
    let mut media = vec![stream(A, B, 6.0, 20.0)];
    media[0].watched = Some(Watched {
        from: at(5_000_000),
        to: at(20_000_000),
    });
    let lines = found_with("one-way-audio", &call(""), &seen(media));
    let words = "from the beginning of the recording at +5.00 s to the end of the recording of its audio at +20.0 s.";
    assert!(lines[0].contains(words), "{lines:?}");
    assert_eq!(of(late, 1_000_000, 41_000_000), 2);
    assert_eq!(of(late, 1_000_001, 41_000_000), 0);
}
