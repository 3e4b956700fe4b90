//! Reliable provisional answers.

use super::{found, silent, verdict};

const RELIABLE: &str = "| Require: 100rel | RSeq: 7";

fn unconfirmed(prack: &str, end: &str) -> String {
    let mut text = format!(
        "0.00 cust>plat INVITE | Supported: 100rel
         0.02 plat>car INVITE leg=b | Supported: 100rel
         1.00 car>plat 183 leg=b {RELIABLE}
         1.01 plat>cust 183 {RELIABLE}
         {prack}
         "
    );
    for at in ["1.50", "2.50", "4.50", "8.50", "16.50", "32.50"] {
        text.push_str(&format!("{at} car>plat 183 leg=b {RELIABLE}\n"));
    }
    text.push_str(end);
    text
}

const GIVEN_UP: &str = "33.00 car>plat 504 leg=b
    33.01 plat>car ACK leg=b
    33.02 plat>cust 504
    33.03 cust>plat ACK";

#[test]
fn missing_prack_of_the_caller() {
    let text = unconfirmed("", GIVEN_UP);
    let lines = found("missing-prack", &text);
    assert!(
        lines[0].starts_with("customer>customer likely/certain")
            && lines[0].contains(
                "sent its reliable 183 7 times (from +1.00 s) to platform 192.0.2.5:5060, and no \
                 PRACK from customer 198.51.100.10:5060 reached this capture point; then it \
                 answered 504 \"Phrase\", 32.0 s after the first."
            ),
        "{lines:?}"
    );
    assert_eq!(verdict(&text), "missing-prack customer>customer likely");
}

#[test]
fn missing_prack_that_the_platform_did_not_send_on() {
    let text = unconfirmed(
        "1.10 cust>plat PRACK | RAck: 7 1 INVITE\n1.11 plat>cust 200 PRACK",
        GIVEN_UP,
    );
    assert_eq!(
        verdict(&text),
        "missing-prack configuration>configuration likely"
    );
}

#[test]
fn missing_prack_that_the_called_side_does_not_take() {
    let text = unconfirmed(
        "1.10 cust>plat PRACK | RAck: 7 1 INVITE
         1.11 plat>cust 200 PRACK
         1.12 plat>car PRACK leg=b | RAck: 7 1 INVITE",
        GIVEN_UP,
    );
    let lines = found("missing-prack", &text);
    assert!(
        lines[0].starts_with("carrier>carrier possible/"),
        "{lines:?}"
    );
    assert!(
        lines[0].contains("the PRACK (+1.12 s) did not stop that"),
        "{lines:?}"
    );
}

#[test]
fn missing_prack_is_silent_where_the_repeating_stopped() {
    let one = format!(
        "0.00 cust>plat INVITE
         1.00 plat>cust 183 {RELIABLE}
         1.50 plat>cust 183 {RELIABLE}
         20.0 plat>cust 486"
    );
    silent("missing-prack", &one);
    let two = one.replace("20.0", &format!("2.50 plat>cust 183 {RELIABLE}\n20.0"));
    silent("missing-prack", &two);
    // Without RSeq and 100rel nobody owes a PRACK.
    silent(
        "missing-prack",
        &unconfirmed("", GIVEN_UP).replace("RSeq: 7", "X: 7"),
    );
}

#[test]
fn missing_prack_is_a_note_on_a_call_that_was_answered() {
    let text = unconfirmed(
        "",
        "33.00 car>plat 200 leg=b
         33.01 plat>cust 200
         33.02 cust>plat ACK
         33.03 plat>car ACK leg=b
         40.00 cust>plat BYE
         40.01 plat>car BYE leg=b
         40.02 car>plat 200 BYE leg=b
         40.03 plat>cust 200 BYE",
    );
    assert_eq!(found("missing-prack", &text).len(), 1);
    assert_eq!(verdict(&text), "hung-up nobody>nobody likely");
}

const REFUSED: &str = "0.00 cust>plat INVITE
    1.00 plat>cust 183 | Require: 100rel | RSeq: 7
    1.10 cust>plat PRACK | RAck: 7 1 INVITE
    1.11 plat>cust 481 PRACK
    33.0 plat>cust 500
    33.1 cust>plat ACK";

#[test]
fn prack_refused_although_it_names_the_answer() {
    let lines = found("prack-refused", REFUSED);
    assert!(
        lines[0].starts_with("far-end>far-end likely/certain [3, 4, 5]"),
        "{lines:?}"
    );
    assert!(
        verdict(REFUSED).starts_with("prack-refused "),
        "{}",
        verdict(REFUSED)
    );
    let wrong = REFUSED.replace("RAck: 7", "RAck: 9");
    let lines = found("prack-refused", &wrong);
    assert!(
        lines[0].starts_with("customer>customer likely/"),
        "{lines:?}"
    );
}

#[test]
fn prack_refused_is_silent_when_a_second_one_passed_or_the_call_was_over() {
    let again = REFUSED.replace("481 PRACK", "407 PRACK").replace(
        "33.0 plat>cust 500",
        "1.20 cust>plat PRACK cseq=3 | RAck: 7 1 INVITE\n1.21 plat>cust 200 PRACK cseq=3\n33.0 plat>cust 500",
    );
    silent("prack-refused", &again);
    silent("prack-refused", &REFUSED.replace("33.", "1.0"));
}

#[test]
fn missing_prack_where_one_leg_alone_was_seen() {
    let asked = UNANSWERED_LEG.replacen("INVITE", "INVITE | Supported: 100rel, timer", 1);
    assert_eq!(verdict(&asked), "missing-prack customer>customer likely");
    // To an INVITE that does not name it nobody may answer so.
    assert_eq!(
        verdict(UNANSWERED_LEG),
        "missing-prack far-end>far-end likely"
    );
    let lines = found("missing-prack", UNANSWERED_LEG);
    assert!(
        lines[0].contains("no PRACK from customer 198.51.100.10:5060 reached"),
        "{lines:?}"
    );
}

const UNANSWERED_LEG: &str = "0.00 cust>plat INVITE
    1.00 plat>cust 180 | Require: 100rel | RSeq: 1
    1.50 plat>cust 180 | Require: 100rel | RSeq: 1
    2.50 plat>cust 180 | Require: 100rel | RSeq: 1
    4.50 plat>cust 180 | Require: 100rel | RSeq: 1
    8.50 plat>cust 180 | Require: 100rel | RSeq: 1
    16.5 plat>cust 180 | Require: 100rel | RSeq: 1
    32.5 plat>cust 180 | Require: 100rel | RSeq: 1
    33.0 plat>cust 504
    33.1 cust>plat ACK";
