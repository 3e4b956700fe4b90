//! What the caller hears before the answer.

use calltriage::wire::Observations;
use insta::assert_snapshot;

use super::media_streams::{CALLER, CARRIER, RELAY_A, RELAY_B, relayed_by, sdp, seen, stream};
use super::{found_with, silent, told, verdict, verdict_with};

const RULE: &str = "no-ringback";

/// A relayed call that is answered after 10 s; what the caller and the platform are sent before that.
fn waiting(progress: &str) -> String {
    let text = relayed_by(
        &sdp(CALLER, ""),
        &sdp(RELAY_B, ""),
        &sdp(CARRIER, ""),
        &sdp(RELAY_A, ""),
    );
    let text = text
        .replace(
            "1.00 car>plat 200",
            &format!("{progress}\n10.00 car>plat 200"),
        )
        .replace("1.00 plat>cust 200", "10.00 plat>cust 200")
        .replace("1.02 cust", "10.02 cust");
    text.replace("1.03 plat", "10.03 plat")
}

const BARE: &str = "0.50 car>plat 183 leg=b
     0.51 plat>cust 183";

#[test]
fn a_183_alone_makes_no_tone() {
    let text = waiting(BARE);
    assert_snapshot!(told(RULE, &text, Observations::NONE));
    // It was answered all the same.
    assert_eq!(verdict(&text), "hung-up nobody>nobody likely");
    silent(
        RULE,
        &waiting("0.50 car>plat 180 leg=b\n0.51 plat>cust 180"),
    );
    silent(RULE, &waiting(&format!("{BARE}\n0.60 plat>cust 180")));
    // Four seconds nobody minds.
    silent(RULE, &waiting(&BARE.replace("0.5", "6.0")));
}

#[test]
fn a_180_of_the_carrier_that_the_platform_turns_into_a_183() {
    let text = waiting("0.50 car>plat 180 leg=b\n0.51 plat>cust 183");
    let told = told(RULE, &text, Observations::NONE);
    assert!(told.contains("outbound: configuration, "), "{told}");
    assert!(told.contains("inbound: configuration, "), "{told}");
}

#[test]
fn a_caller_that_gives_up_in_the_silence() {
    let text = "0.00 cust>plat INVITE
        0.50 plat>cust 183
        9.00 cust>plat CANCEL
        9.01 plat>cust 200 CANCEL
        9.02 plat>cust 487
        9.03 cust>plat ACK";
    assert_eq!(found_with(RULE, text, Observations::NONE).len(), 1);
    // Who hears nothing gives up: that is no reason of the caller's own.
    assert!(
        verdict(text).starts_with("no-ringback "),
        "{}",
        verdict(text)
    );
    let rang = text.replace("plat>cust 183", "plat>cust 180");
    assert_eq!(verdict(&rang), "caller-gave-up nobody>nobody likely");
    // A refusal is heard.
    silent(
        RULE,
        "0.00 cust>plat INVITE
        0.50 plat>cust 183
        9.02 plat>cust 404
        9.03 cust>plat ACK",
    );
}

/// A 183 with a description on both legs.
fn early_media() -> String {
    waiting(&format!(
        "0.50 car>plat 183 leg=b {}
         0.51 plat>cust 183 {}",
        sdp(CARRIER, ""),
        sdp(RELAY_A, "")
    ))
}

#[test]
fn an_early_path_on_which_nothing_came() {
    let text = early_media();
    let media = vec![
        stream(RELAY_A, CALLER, 10.1, 41.0),
        stream(CARRIER, RELAY_B, 10.1, 41.0),
    ];
    assert_snapshot!(told(RULE, &text, &seen(media)));
    // Signalling alone does not show it.
    silent(RULE, &text);
    // Where the carrier's leg was not seen, it is not known whose it is.
    let media = vec![
        stream(RELAY_A, CALLER, 10.1, 41.0),
        stream(CALLER, RELAY_A, 10.1, 41.0),
    ];
    assert_eq!(
        verdict_with(&text, &seen(media)),
        "no-ringback undecided>undecided possible"
    );
}

#[test]
fn an_early_tone_that_the_relay_keeps_back() {
    let mut tone = stream(CARRIER, RELAY_B, 0.6, 41.0);
    tone.early = 400;
    let late = stream(RELAY_A, CALLER, 10.1, 41.0);
    let lines = found_with(RULE, &early_media(), &seen(vec![tone.clone(), late]));
    assert!(
        lines[0].starts_with("configuration>configuration likely"),
        "{lines:?}"
    );
    let mut heard = stream(RELAY_A, CALLER, 0.6, 41.0);
    heard.early = 400;
    let lines = found_with(RULE, &early_media(), &seen(vec![tone, heard]));
    assert_eq!(lines, Vec::<String>::new());
}
