//! How long a call took to be heard of.

use calltriage::wire::Observations;

use super::{fires, found, silent, told, verdict};

#[test]
fn high_pdd_of_failed_attempts_and_a_slow_carrier() {
    fires(
        "high-pdd",
        "0.00 cust>plat INVITE
         0.05 plat>car INVITE leg=b
         3.05 car>plat 503 leg=b
         3.06 plat>car ACK leg=b
         3.10 plat>car2 INVITE leg=c
         9.36 car2>plat 180 leg=c
         9.37 plat>cust 180",
        "carrier>carrier likely/certain [1, 2, 3, 5, 7] PDD 9.4 s: platform 0.1 s, 203.0.113.9 503 \
         after 3.0 s, 203.0.113.19 6.3 s to 180 (from +0.00 s to +9.37 s). Most of it passed at \
         carrier 203.0.113.19:5060 or behind it.",
    );
}

#[test]
fn high_pdd_of_two_failed_attempts_and_a_third_that_is_answered() {
    let text = "0.00 cust>plat INVITE
         0.01 plat>cust 100
         0.15 plat>car INVITE leg=b
         0.16 car>plat 100 leg=b
         2.65 car>plat 503 leg=b
         2.66 plat>car ACK leg=b
         2.85 plat>car2 INVITE leg=c
         3.35 plat>car2 INVITE leg=c
         4.35 plat>car2 INVITE leg=c
         5.85 plat>203.0.113.29:5060 INVITE leg=d
         5.86 203.0.113.29:5060>plat 100 leg=d
         7.05 203.0.113.29:5060>plat 180 leg=d
         7.06 plat>cust 180
         9.00 203.0.113.29:5060>plat 200 leg=d
         9.01 plat>cust 200
         9.05 cust>plat ACK
         9.06 plat>203.0.113.29:5060 ACK leg=d";
    insta::assert_snapshot!(told("high-pdd", text, Observations::NONE), @"
    warning (packets [1, 3, 5, 7, 13])
    outbound: network, to act configuration; likely
    inbound: network, to act configuration; likely
    PDD 7.1 s: platform 0.4 s, One 503 after 2.5 s, Two no answer for 3.0 s, 203.0.113.29 1.2 s to 180 (from +0.00 s to +7.06 s).
    Most of it went into attempts that failed, the longest at Two 203.0.113.19:5060: the next route was tried late.
    Next: Move the route over Two 203.0.113.19:5060 back or shorten its timers, and ask it why it fails.
    ");
}

#[test]
fn high_pdd_of_an_attempt_that_nobody_answered() {
    let text = "0.00 cust>plat INVITE
         0.10 plat>car INVITE leg=b
         0.15 car>plat 100 leg=b
         5.10 plat>car CANCEL leg=b
         5.20 plat>car2 INVITE leg=c
         6.00 car2>plat 183 leg=c
         6.00 plat>cust 183";
    let lines = found("high-pdd", text);
    assert!(
        lines[0].starts_with(
            "carrier>configuration likely/certain [1, 2, 5, 7] PDD 6.0 s: platform 0.2 s, \
             203.0.113.9 no answer for 5.0 s, 203.0.113.19 0.8 s to 183"
        ),
        "{lines:?}"
    );
    // Nothing at all came back: it may never have got there.
    let lines = found("high-pdd", &text.replace("0.15 car>plat 100 leg=b", ""));
    assert!(
        lines[0].starts_with("network>configuration likely/certain"),
        "{lines:?}"
    );
}

#[test]
fn high_pdd_inside_the_platform() {
    let lines = found(
        "high-pdd",
        "0.00 cust>plat INVITE
         4.50 plat>car INVITE leg=b
         5.00 car>plat 200 leg=b
         5.10 plat>cust 200",
    );
    assert!(
        lines[0].starts_with(
            "configuration>configuration likely/certain [1, 2, 4] PDD 5.1 s: platform 4.6 s, \
             203.0.113.9 0.5 s to 200"
        ),
        "{lines:?}"
    );
}

#[test]
fn high_pdd_of_a_caller_slow_to_show_its_credentials() {
    let lines = found(
        "high-pdd",
        "0.00 cust>plat INVITE
         0.10 plat>cust 407 | Proxy-Authenticate: Digest realm=\"x\", nonce=\"n\"
         0.11 cust>plat ACK
         4.10 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username=\"u\", realm=\"x\", nonce=\"n\"
         4.20 plat>car INVITE leg=b
         5.00 car>plat 180 leg=b
         5.00 plat>cust 180 cseq=2",
    );
    assert!(
        lines[0].starts_with("customer>customer likely/certain"),
        "{lines:?}"
    );
    assert!(
        lines[0].contains("PDD 5.0 s: platform 0.2 s, caller 4.0 s, 203.0.113.9 0.8 s to 180"),
        "{lines:?}"
    );
}

#[test]
fn high_pdd_on_one_leg_is_possible() {
    let lines = found(
        "high-pdd",
        "0.00 cust>plat INVITE
         0.10 plat>cust 100
         5.00 plat>cust 180",
    );
    assert!(
        lines[0].starts_with(
            "far-end>far-end possible/certain [1, 3] PDD 5.0 s: 192.0.2.5 5.0 s to 180"
        ),
        "{lines:?}"
    );
}

#[test]
fn high_pdd_is_silent_up_to_four_seconds() {
    silent(
        "high-pdd",
        "0.00 cust>plat INVITE
         4.00 plat>cust 180",
    );
}

#[test]
fn high_pdd_is_silent_when_nothing_was_heard() {
    let text = "0.00 cust>plat INVITE
         0.02 plat>car INVITE leg=b
         9.00 car>plat 503 leg=b
         9.01 plat>cust 503";
    silent("high-pdd", text);
    assert_eq!(found("hung-up", text), Vec::<String>::new());
}

#[test]
fn high_pdd_does_not_hide_how_an_unanswered_call_ended() {
    let text = "0.00 cust>plat INVITE
         0.02 plat>car INVITE leg=b
         9.00 car>plat 180 leg=b
         9.01 plat>cust 180";
    assert_eq!(verdict(text), "call-in-progress undecided>nobody possible");
}
