//! Rules on cancelled calls. What wins in whole calls is in `verdict.rs`.

use super::{fires, found, silent};

const CANCELLED: &str = "0.00 cust>plat INVITE
    1.00 plat>cust 180
    9.00 cust>plat CANCEL
    9.01 plat>cust 200 CANCEL
    9.02 plat>cust 487
    9.03 cust>plat ACK";

#[test]
fn caller_gave_up() {
    fires(
        "caller-gave-up",
        CANCELLED,
        "nobody>nobody likely/certain [1, 2, 3, 5] customer 198.51.100.10:5060 cancelled after \
         8.00 s of ringing (+9.00 s). The caller, or the caller's own timer, stopped waiting.",
    );
    let elsewhere = CANCELLED.replace("plat CANCEL", "plat CANCEL | Reason: SIP;cause=200");
    silent("caller-gave-up", &elsewhere);
    let refused_before = CANCELLED.replace("9.02 plat>cust 487", "8.99 plat>cust 486");
    silent("caller-gave-up", &refused_before);
}

#[test]
fn a_bye_after_an_ack_ends_a_call_that_was_answered() {
    let text = "0.00 cust>plat INVITE
        1.00 plat>cust 180
        4.00 cust>plat ACK
        9.00 cust>plat BYE
        9.02 plat>cust 200 BYE";
    silent("caller-gave-up", text);
    fires(
        "hung-up",
        text,
        "nobody>nobody possible/likely [3, 4, 5] The caller hung up: customer 198.51.100.10:5060 sent BYE (+9.00 s) after \
         at least 5.00 s of talk; it was answered 200. The trace lacks messages, so this is less sure. The answer to its \
         INVITE was not captured; the ACK to it was.",
    );
    assert_eq!(super::verdict(text), "hung-up nobody>nobody possible");
    assert_eq!(found("lossy-trace", text).len(), 1);
    // Without the ACK it rang until the caller left.
    let rang = text.replace("4.00 cust>plat ACK", "");
    silent("hung-up", &rang);
    assert_eq!(found("caller-gave-up", &rang).len(), 1);
}

#[test]
fn a_bye_while_it_rings_gives_up_as_a_cancel_does() {
    let text = CANCELLED.replace("CANCEL", "BYE");
    fires(
        "caller-gave-up",
        &text,
        "nobody>nobody likely/certain [1, 2, 3, 5] customer 198.51.100.10:5060 ended the unanswered call by BYE after \
         8.00 s of ringing (+9.00 s). The caller, or the caller's own timer, stopped waiting.",
    );
    silent("cancel-unseen", &text);
    silent("lossy-trace", &text);
    // The platform passes it on as a CANCEL.
    let passed_on = format!(
        "{text}
         0.02 plat>car INVITE leg=b | X-Leg: a@198.51.100.10
         0.90 car>plat 180 leg=b
         9.00 plat>car CANCEL leg=b
         9.01 car>plat 487 leg=b"
    );
    silent("platform-gave-up", &passed_on);
    assert_eq!(
        super::verdict(&passed_on),
        "caller-gave-up nobody>nobody likely"
    );
    // Without a dialog there is nothing that a BYE could end.
    let bare = text.replace("1.00 plat>cust 180", "1.00 plat>cust 100");
    silent("caller-gave-up", &bare);
    assert_eq!(found("lossy-trace", &bare).len(), 1);
    silent(
        "caller-gave-up",
        &text.replace("9.02 plat>cust 487", "8.99 plat>cust 486"),
    );
}

#[test]
fn caller_gave_up_with_a_reason() {
    let said = CANCELLED.replace("plat CANCEL", "plat CANCEL | Reason: Q.850;cause=102");
    let lines = found("caller-gave-up", &said);
    assert!(
        lines[0].contains("(+9.00 s), giving as reason Q.850 cause 102 ("),
        "{lines:?}"
    );
}

#[test]
fn a_confirmed_cancel_that_is_not_acted_on() {
    let answered = |at: &str| {
        format!(
            "0.00 cust>plat INVITE
             0.02 plat>car INVITE leg=b | X-Leg: a@198.51.100.10
             1.00 car>plat 180 leg=b
             1.01 plat>cust 180
             5.00 cust>plat CANCEL
             5.01 plat>cust 200 CANCEL
             5.02 plat>cust 487
             5.03 cust>plat ACK
             5.04 plat>car CANCEL leg=b
             5.06 car>plat 200 CANCEL leg=b
             {at}.10 car>plat 200 leg=b
             {at}.11 plat>car ACK leg=b
             {at}.12 plat>car BYE leg=b
             {at}.13 car>plat 200 BYE leg=b"
        )
    };
    let lines = found("answer-crossed-cancel", &answered("13"));
    assert!(
        lines[0].starts_with("carrier>carrier likely/certain")
            && lines[0].contains("It had confirmed the CANCEL and rang on"),
        "{lines:?}"
    );
    assert_eq!(
        super::verdict(&answered("13")),
        "answer-crossed-cancel carrier>carrier likely"
    );
    // So soon it may have been on its way.
    let lines = found("answer-crossed-cancel", &answered("5"));
    assert!(lines[0].starts_with("nobody>nobody"), "{lines:?}");
}

#[test]
fn an_answer_that_crosses_the_ring_timer_leaves_the_timer_in_the_verdict() {
    let crossed = "0.00 cust>plat INVITE
        0.02 plat>car INVITE leg=b | X-Leg: a@198.51.100.10
        1.00 car>plat 180 leg=b
        1.01 plat>cust 180
        31.00 plat>car CANCEL leg=b
        31.01 plat>cust 408
        31.02 cust>plat ACK
        31.03 car>plat 200 leg=b
        31.04 plat>car ACK leg=b
        31.05 plat>car BYE leg=b
        31.06 car>plat 200 BYE leg=b";
    assert_eq!(
        super::verdict(crossed),
        "platform-gave-up far-end>nobody likely"
    );
    // The caller was connected after all.
    silent("platform-gave-up", &crossed.replace("cust 408", "cust 200"));
}

#[test]
fn answered_elsewhere() {
    let with = |reason: &str| {
        let cancel = format!("plat CANCEL | Reason: {reason}");
        found(
            "answered-elsewhere",
            &CANCELLED.replace("plat CANCEL", &cancel),
        )
        .len()
    };
    assert_eq!(with("SIP;cause=200;text=\"Call completed elsewhere\""), 1);
    assert_eq!(with("Q.850;cause=26"), 1);
    assert_eq!(with("Q.850;cause=16"), 0);
}

#[test]
fn cancel_unseen() {
    let unseen = "0.00 cust>plat INVITE
        1.00 plat>cust 180
        9.02 plat>cust 487
        9.03 cust>plat ACK";
    assert_eq!(found("cancel-unseen", unseen).len(), 1);
    silent("cancel-unseen", CANCELLED);
}

const RING_TIMER: &str = "0.00 cust>plat INVITE
    0.02 plat>car INVITE leg=b
    1.00 car>plat 180 leg=b
    1.01 plat>cust 180
    31.00 plat>car CANCEL leg=b
    31.02 car>plat 487 leg=b
    31.03 plat>cust 487
    31.04 cust>plat ACK";

#[test]
fn platform_gave_up() {
    fires(
        "platform-gave-up",
        RING_TIMER,
        "far-end>nobody likely/certain [2, 3, 5, 7] platform 192.0.2.5:5060 cancelled towards \
         carrier 203.0.113.9:5060 after 30.0 s of ringing (+31.0 s), and no CANCEL of the caller \
         was seen; the caller was told 487. Nobody picked up within the platform's ring time.",
    );
    let by_caller = RING_TIMER.replace("31.00", "30.99 cust>plat CANCEL\n31.00");
    silent("platform-gave-up", &by_caller);
}

#[test]
fn answer_crossed_cancel_is_silent_where_the_answer_came_first() {
    silent(
        "answer-crossed-cancel",
        "0.00 cust>plat INVITE
         1.00 plat>cust 200
         1.01 cust>plat ACK
         1.02 cust>plat CANCEL",
    );
}

#[test]
fn cancel_unanswered_while_it_may_ring_on() {
    let text = "0.00 cust>plat INVITE
        0.02 plat>car INVITE leg=b
        0.50 car>plat 180 leg=b
        0.51 plat>cust 180
        9.00 cust>plat CANCEL
        9.01 plat>cust 200 CANCEL
        9.02 plat>cust 487
        9.03 cust>plat ACK
        9.04 plat>car CANCEL leg=b
        9.54 plat>car CANCEL leg=b
        10.5 plat>car CANCEL leg=b";
    let lines = super::found("cancel-unanswered", text);
    assert!(
        lines[0].starts_with("network>carrier possible/certain"),
        "{lines:?}"
    );
    let ended = format!("{text}\n10.6 car>plat 487 leg=b");
    assert!(super::found("cancel-unanswered", &ended).is_empty());
}
