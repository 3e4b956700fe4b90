//! What has to open the way before audio: checks of ICE that nobody answers, handshakes of DTLS that come to nothing.

use calltriage::wire::media::{MediaStream, Opening};
use insta::assert_snapshot;

use super::media_streams::{CALLER, RELAY_A, one_leg, seen, stream};
use super::{found_with, told, verdict_with};

/// What the caller sent to the relay, and what came back.
fn opened(there: Opening, back: Opening) -> Vec<MediaStream> {
    let one = |source: &str, destination: &str, opening: Opening| MediaStream {
        packets: 0,
        opening,
        ..stream(source, destination, 1.1, 20.0)
    };
    vec![one(CALLER, RELAY_A, there), one(RELAY_A, CALLER, back)]
}

const NONE: Opening = Opening {
    checks: 0,
    check_answers: 0,
    check_refusals: 0,
    check_refused_with: None,
    hellos: 0,
    hello_answers: 0,
    encrypted: 0,
    alert: None,
};

fn checks(checks: u64) -> Opening {
    Opening { checks, ..NONE }
}

fn hellos(hellos: u64) -> Opening {
    Opening { hellos, ..NONE }
}

#[track_caller]
fn says(rule: &str, text: &str, media: Vec<MediaStream>) -> String {
    told(rule, text, &seen(media))
}

#[track_caller]
fn silent(rule: &str, text: &str, media: Vec<MediaStream>) {
    assert_eq!(found_with(rule, text, &seen(media)), Vec::<String>::new());
}

/// Both sides name candidates for ICE: the relay its own address alone, or another one beside it.
fn with_candidates(of_relay: &[&str]) -> String {
    let line = |address: &str| {
        let (ip, port) = address.split_once(':').unwrap();
        format!("|| a=candidate:1 1 UDP 1 {ip} {port} typ host")
    };
    let of_caller = [CALLER, "10.0.0.4:4000"].map(line).concat();
    let of_relay = of_relay.iter().copied().map(line).collect::<String>();
    let more = |line: &str, candidates: &str| format!("{line} || a=ice-ufrag:x {candidates}");
    let text = one_leg();
    let lines = text.lines().map(|line| match line {
        it if it.contains("INVITE") => more(it, &of_caller),
        it if it.contains("200 ||") => more(it, &of_relay),
        it => it.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn checks_that_nobody_answers() {
    const RULE: &str = "ice-checks-failed";
    let text = with_candidates(&[RELAY_A]);
    assert_snapshot!(
        "one_sends_checks",
        says(RULE, &text, opened(checks(9), NONE))
    );
    assert_snapshot!(
        "both_send_checks",
        says(RULE, &text, opened(checks(9), checks(7)))
    );
    let refused = Opening {
        check_refusals: 9,
        check_refused_with: Some(401),
        ..NONE
    };
    assert_snapshot!(
        "checks_refused",
        says(RULE, &text, opened(checks(9), refused))
    );
    // One that succeeds is enough, and three may be on their way.
    let answered = Opening {
        check_answers: 1,
        ..NONE
    };
    silent(RULE, &text, opened(checks(9), answered));
    silent(RULE, &text, opened(checks(3), NONE));
    // Audio was seen, over whichever way.
    let mut heard = opened(checks(9), NONE);
    heard.push(stream(RELAY_A, "10.0.0.4:4000", 1.1, 40.0));
    silent(RULE, &text, heard);
    // Another pair of addresses may have done it.
    let other = with_candidates(&[RELAY_A, "192.0.2.7:5000"]);
    silent(RULE, &other, opened(checks(9), NONE));
}

#[test]
fn checks_that_fail_are_why_there_is_no_audio() {
    let text = with_candidates(&[RELAY_A]);
    let refused = Opening {
        check_refusals: 9,
        check_refused_with: Some(401),
        ..NONE
    };
    let media = opened(checks(9), refused);
    assert_eq!(
        verdict_with(&text, &seen(media)),
        "ice-checks-failed undecided>undecided possible"
    );
}

fn dtls(offer: &str, answer: &str) -> String {
    let line = |role: &str| format!("|| a=fingerprint:sha-256 AB || a=setup:{role}");
    let text = one_leg().replace("RTP/AVP", "UDP/TLS/RTP/SAVPF");
    let lines = text.lines().map(|it| match it {
        it if it.contains("INVITE") => format!("{it} {}", line(offer)),
        it if it.contains("200 ||") => format!("{it} {}", line(answer)),
        it => it.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn handshakes_that_come_to_nothing() {
    const RULE: &str = "dtls-handshake-failed";
    let text = dtls("actpass", "passive");
    let answer = Opening {
        hello_answers: 1,
        ..NONE
    };
    let alert = Opening {
        alert: Some(42),
        ..hellos(1)
    };
    assert_snapshot!("alert", says(RULE, &text, opened(alert, answer)));
    assert_snapshot!("no_answer", says(RULE, &text, opened(hellos(6), NONE)));
    assert_snapshot!("half_way", says(RULE, &text, opened(hellos(6), answer)));
    let open = Opening {
        check_answers: 3,
        ..checks(3)
    };
    assert_snapshot!("nobody_opens", says(RULE, &text, opened(open, open)));
    // The way may not be open, or is it not said who opens it.
    silent(RULE, &text, opened(checks(3), checks(3)));
    silent(RULE, &dtls("actpass", "actpass"), opened(open, open));
    // Three may be on their way.
    silent(RULE, &text, opened(hellos(3), NONE));
    // Both have keys.
    let keys = Opening {
        encrypted: 1,
        ..hellos(6)
    };
    silent(
        RULE,
        &text,
        opened(
            keys,
            Opening {
                encrypted: 1,
                ..answer
            },
        ),
    );
}

#[test]
fn the_passive_side_is_not_asked_to_open() {
    let text = dtls("actpass", "active");
    let open = Opening {
        check_answers: 3,
        ..checks(3)
    };
    let media = seen(opened(open, open));
    assert_eq!(
        verdict_with(&text, &media),
        "dtls-handshake-failed far-end>far-end likely"
    );
    let text = dtls("actpass", "passive");
    assert_eq!(
        verdict_with(&text, &media),
        "dtls-handshake-failed customer>customer likely"
    );
}
