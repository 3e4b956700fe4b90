//! Encrypted audio: keys in clear text, handshakes that both wait for, candidates that cannot meet.

use calltriage::wire::Observations;
use insta::assert_snapshot;

use super::media_streams::{CALLER, RELAY_A, one_leg, seen, stream};
use super::{found_with, silent, told, verdict};

/// One leg with encrypted audio: what the offer and the answer say besides.
fn secured(protocol: &str, offer: &str, answer: &str) -> String {
    let text = one_leg().replace("RTP/AVP", protocol);
    let lines = text.lines().map(|line| match line {
        it if it.contains("INVITE") => format!("{it} {offer}"),
        it if it.contains("200 ||") => format!("{it} {answer}"),
        it => it.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

const KEY: &str = "|| a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0";

#[test]
fn keys_in_messages_that_anybody_can_read() {
    let text = secured("RTP/SAVP", KEY, KEY);
    let told = told("srtp-keys-in-clear", &text, Observations::NONE);
    assert!(!told.contains("c2VjcmV0"), "{told}");
    assert_snapshot!(told);
    // The call did not suffer.
    assert_eq!(verdict(&text), "hung-up nobody>nobody likely");
    // Offered, and the answer is plain: nothing is encrypted with the key.
    silent("srtp-keys-in-clear", &secured("RTP/AVP", KEY, ""));
    silent(
        "srtp-keys-in-clear",
        &text.replace("INVITE ||", "INVITE tls ||"),
    );
}

#[test]
fn keys_within_one_machine_reach_nobody_else() {
    let text = secured("RTP/SAVP", KEY, KEY);
    silent(
        "srtp-keys-in-clear",
        &text.replace("plat", "198.51.100.10:5080"),
    );
}

fn dtls(offer: &str, answer: &str) -> String {
    let line = |role: &str| format!("|| a=fingerprint:sha-256 AB || a=setup:{role}");
    secured("UDP/TLS/RTP/SAVPF", &line(offer), &line(answer))
}

#[test]
fn both_sides_wait_for_the_handshake() {
    let text = dtls("passive", "passive");
    assert_snapshot!(told("dtls-roles-clash", &text, Observations::NONE));
    assert_eq!(verdict(&text), "dtls-roles-clash far-end>far-end likely");
    let clashes = |offer: &str, answer: &str| {
        found_with("dtls-roles-clash", &dtls(offer, answer), Observations::NONE).len()
    };
    assert_eq!(clashes("active", "active"), 1);
    assert_eq!(clashes("actpass", "actpass"), 1);
    for (offer, answer) in [
        ("actpass", "active"),
        ("actpass", "passive"),
        ("active", "passive"),
        ("passive", "active"),
    ] {
        assert_eq!(clashes(offer, answer), 0, "{offer} {answer}");
    }
}

#[test]
fn a_handshake_that_came_about_all_the_same() {
    let media = vec![
        stream(CALLER, RELAY_A, 1.1, 41.0),
        stream(RELAY_A, CALLER, 1.1, 41.0),
    ];
    let text = dtls("passive", "passive");
    let lines = found_with("dtls-roles-clash", &text, &seen(media));
    assert_eq!(lines, Vec::<String>::new());
}

fn ice(offer: &str, answer: &str) -> String {
    let line = |address: &str| {
        format!("|| a=ice-ufrag:x || a=candidate:1 1 UDP 1 {address} 4000 typ host")
    };
    secured("RTP/AVP", &line(offer), &line(answer))
}

#[test]
fn candidates_that_cannot_meet() {
    let text = ice("2001:db8::1", "192.0.2.6");
    assert_snapshot!(told("ice-without-pair", &text, Observations::NONE));
    silent("ice-without-pair", &ice("198.51.100.10", "192.0.2.6"));
    // A name may be any address.
    silent("ice-without-pair", &ice("a.local", "192.0.2.6"));
    // Others may have followed.
    let info = "3.00 cust>plat INFO\n3.01 plat>cust 200 INFO\n41.00 cust>plat BYE";
    silent(
        "ice-without-pair",
        &text.replace("41.00 cust>plat BYE", info),
    );
}
