//! Messages that were sent again.

use super::{fires, found, silent, verdict};

const DEAF: &str = "0.00 cust>plat INVITE
    0.01 plat>cust 100
    0.50 cust>plat INVITE
    1.50 cust>plat INVITE
    2.00 plat>cust 200
    3.50 cust>plat INVITE
    3.51 plat>cust 200
    5.51 plat>cust 200
    7.50 plat>cust BYE by=callee";

#[test]
fn response_lost_on_the_way_back() {
    fires(
        "response-lost",
        DEAF,
        "network>customer likely/certain [1, 2, 3, 4, 6] customer 198.51.100.10:5060 sent its \
         INVITE to far end 192.0.2.5:5060 3 times more (until +3.50 s) after the 100 to it had \
         passed here (+0.01 s), so that answer did not reach it. The answer was lost between this \
         capture point and customer 198.51.100.10:5060, or was not taken.",
    );
}

#[test]
fn response_lost_explains_the_missing_ack() {
    assert_eq!(found("missing-ack", DEAF).len(), 1);
    assert_eq!(verdict(DEAF), "response-lost network>customer likely");
    let nat = DEAF
        .replace("INVITE", "INVITE branch=z9hG4bK-one")
        .replace("100\n", "100 branch=z9hG4bK-one\n")
        .replace("200\n", "200 branch=z9hG4bK-one\n")
        .replace("plat>cust", "plat>198.51.100.10:5099");
    let lines = found("response-lost", &nat);
    assert!(
        lines[0].contains("the answer went to 198.51.100.10:5099"),
        "{lines:?}"
    );
}

#[test]
fn response_lost_is_a_note_when_a_later_one_got_there() {
    let text = "0.00 cust>plat INVITE
        0.01 plat>cust 100
        0.50 cust>plat INVITE
        1.50 cust>plat INVITE
        2.00 plat>cust 200
        2.01 cust>plat ACK
        9.00 cust>plat BYE
        9.01 plat>cust 200 BYE";
    assert_eq!(found("response-lost", text).len(), 1);
    assert_eq!(verdict(text), "hung-up nobody>nobody likely");
}

#[test]
fn response_lost_is_silent_on_copies_that_crossed_it_or_came_before() {
    silent(
        "response-lost",
        "0.00 cust>plat INVITE
         0.50 cust>plat INVITE
         1.50 cust>plat INVITE
         1.60 plat>cust 100
         1.70 cust>plat INVITE
         2.00 plat>cust 486
         2.01 cust>plat ACK",
    );
    // Recorded twice, not sent twice.
    silent(
        "response-lost",
        "0.00 cust>plat INVITE
         0.01 plat>cust 100
         0.02 cust>plat INVITE
         0.04 cust>plat INVITE
         2.00 plat>cust 486",
    );
}

const UNACKED: &str = "0.00 cust>plat INVITE
    1.00 plat>cust 486
    1.50 plat>cust 486
    2.50 plat>cust 486
    4.50 plat>cust 486";

#[test]
fn refusal_unacknowledged_does_not_change_the_verdict() {
    let lines = found("refusal-unacknowledged", UNACKED);
    assert!(
        lines[0].starts_with("network>customer possible/certain [2, 3, 4, 5]"),
        "{lines:?}"
    );
    assert!(
        verdict(UNACKED).starts_with("called-busy "),
        "{}",
        verdict(UNACKED)
    );
}

#[test]
fn refusal_unacknowledged_is_silent_on_one_copy_and_after_an_ack() {
    let one: Vec<&str> = UNACKED.lines().take(3).collect();
    silent("refusal-unacknowledged", &one.join("\n"));
    let acked = format!("{UNACKED}\n4.51 cust>plat ACK");
    let lines = found("refusal-unacknowledged", &acked);
    assert_eq!(lines, Vec::<String>::new());
}

#[test]
fn repeated_on_stream() {
    let text = "0.00 cust>plat INVITE tcp
        0.50 cust>plat INVITE tcp
        1.00 plat>cust 486 tcp
        1.01 cust>plat ACK tcp";
    let lines = found("repeated-on-stream", text);
    assert!(
        lines[0].starts_with("customer>customer likely/certain [1, 2]"),
        "{lines:?}"
    );
    silent("repeated-on-stream", &text.replace("0.50", "0.04"));
    silent("repeated-on-stream", &text.replace(" tcp", ""));
}

#[test]
fn slow_first_response() {
    let text = "0.00 cust>plat INVITE
        0.50 cust>plat INVITE
        1.50 cust>plat INVITE
        1.60 plat>cust 100
        2.00 plat>cust 200
        2.01 cust>plat ACK
        9.00 cust>plat BYE
        9.01 plat>cust 200 BYE";
    let lines = found("slow-first-response", text);
    assert!(
        lines[0].starts_with("network>far-end possible/certain [1, 2, 3, 4]"),
        "{lines:?}"
    );
    assert!(verdict(text).starts_with("slow-first-response "));
    silent(
        "slow-first-response",
        &text.replace("1.60 plat>cust 100", "0.01 plat>cust 100"),
    );
}

#[test]
fn slow_first_response_once_is_a_note() {
    let text = "0.00 cust>plat INVITE
        0.50 cust>plat INVITE
        0.60 plat>cust 200
        0.61 cust>plat ACK
        9.00 cust>plat BYE
        9.01 plat>cust 200 BYE";
    assert_eq!(found("slow-first-response", text).len(), 1);
    assert_eq!(verdict(text), "hung-up nobody>nobody likely");
}
