//! Rules on calls that nobody answered for.

use super::{found, silent, verdict};

#[test]
fn no_response_once_over_tcp() {
    let lines = found(
        "no-response",
        "0.00 cust>plat INVITE tcp
         0.01 plat>cust 100 tcp
         0.02 plat>car INVITE tcp leg=b
         20.0 plat>cust 408 tcp
         20.1 cust>plat ACK tcp",
    );
    assert!(
        lines[0].starts_with("network>undecided likely/certain")
            && lines[0].contains("to carrier 203.0.113.9:5060 once from +0.02 s on"),
        "{lines:?}"
    );
    // Nothing tells whether the sender had stopped waiting.
    silent("no-response", "0.00 cust>plat INVITE tcp");
}

#[test]
fn no_response_while_copies_still_come_is_only_possible() {
    let lines = found(
        "no-response",
        "0.0 cust>plat INVITE
         0.5 cust>plat INVITE
         1.5 cust>plat INVITE",
    );
    assert!(
        lines[0].starts_with("network>undecided possible/"),
        "{lines:?}"
    );
}

#[test]
fn no_response_is_silent_where_later_messages_prove_a_reply() {
    let again = "2.0 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username=\"u\", \
                 realm=\"r\", nonce=\"n\", response=\"x\"";
    for proof in ["2.0 cust>plat ACK in", "9.0 cust>plat BYE", again] {
        let text = format!(
            "0.0 cust>plat INVITE
             0.5 cust>plat INVITE
             1.5 cust>plat INVITE
             {proof}"
        );
        silent("no-response", &text);
    }
}

#[test]
fn no_response_is_silent_on_answers_alone() {
    silent("no-response", "0.10 plat>cust 180\n5.00 plat>cust 486");
}

const STALLED: &str = "0.00 cust>plat INVITE
    0.01 plat>cust 100
    0.02 plat>car INVITE leg=b
    0.03 car>plat 100 leg=b
    5.02 plat>car CANCEL leg=b
    5.03 car>plat 487 leg=b
    5.04 plat>cust 480
    5.05 cust>plat ACK";

#[test]
fn stalled_after_trying() {
    let stalled = "stalled-after-trying";
    assert_eq!(
        verdict(STALLED),
        "stalled-after-trying carrier>carrier likely"
    );
    silent(stalled, &STALLED.replace("5.0", "2.0"));
    silent(stalled, &STALLED.replace("100 leg=b", "183 leg=b"));
}

#[test]
fn call_in_progress() {
    let ringing = "0.00 cust>plat INVITE\n1.00 plat>cust 180";
    assert_eq!(
        verdict(ringing),
        "call-in-progress undecided>nobody possible"
    );
    silent(
        "call-in-progress",
        &format!("{ringing}\n2.00 cust>plat CANCEL"),
    );
    silent("call-in-progress", "0.00 cust>plat INVITE");
}

#[test]
fn no_response_asks_only_whose_role_is_known() {
    let text = "0.00 cust>plat INVITE
        0.01 plat>cust 100
        0.02 plat>car INVITE leg=b
        0.52 plat>car INVITE leg=b
        1.52 plat>car INVITE leg=b
        3.00 plat>cust 503";
    let said = super::both_ways("no-response", text);
    assert!(said.starts_with("network>carrier likely/certain"), "{said}");
    assert!(
        said.ends_with("inbound: network>customer likely error"),
        "{said}"
    );
    let assumed = found("no-response", text);
    assert!(
        assumed[0].starts_with("network>undecided likely/certain"),
        "{assumed:?}"
    );
}

#[test]
fn stalled_after_trying_is_of_the_node_that_took_the_call() {
    let said = super::both_ways(
        "stalled-after-trying",
        "0.00 cust>plat INVITE
         0.01 plat>cust 100
         0.04 plat>car INVITE leg=b
         0.06 car>plat 100 leg=b
         32.10 car>plat 408 leg=b
         32.11 plat>car ACK leg=b
         32.12 plat>cust 408
         32.13 cust>plat ACK",
    );
    assert!(said.starts_with("carrier>carrier likely"), "{said}");
    assert!(said.contains("inbound: customer>customer likely"), "{said}");
}
