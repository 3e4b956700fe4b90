//! How answered calls ended.

use calltriage::wire::Observations;

use super::{fires, found, silent, verdict};

/// Everything up to the ACK of a call through a platform that makes a leg of its own.
const UP: &str = "0.00 cust>plat INVITE
    0.02 plat>car INVITE leg=b
    0.30 car>plat 180 leg=b
    0.31 plat>cust 180
    1.00 car>plat 200 leg=b
    1.01 plat>cust 200
    1.02 cust>plat ACK
    1.03 plat>car ACK leg=b
    ";

fn up(rest: &str) -> String {
    format!("{UP}{rest}")
}

#[test]
fn hung_up_by_the_caller() {
    let text = up(
        "9.00 cust>plat BYE | Reason: Q.850;cause=16;text=\"Normal call clearing\"
         9.01 plat>car BYE leg=b
         9.02 car>plat 200 BYE leg=b
         9.03 plat>cust 200 BYE",
    );
    fires(
        "hung-up",
        &text,
        "nobody>nobody likely/certain [6, 9, 12] The caller hung up: customer 198.51.100.10:5060 \
         sent BYE (+9.00 s) after 7.99 s of talk; it was answered 200. The BYE gives as its reason \
         Q.850 cause 16 (Normal call clearing).",
    );
    assert_eq!(verdict(&text), "hung-up nobody>nobody likely");
}

#[test]
fn hung_up_by_the_called_side() {
    fires(
        "hung-up",
        &up("9.00 car>plat BYE leg=b by=callee
             9.01 plat>cust BYE by=callee
             9.02 cust>plat 200 BYE by=callee
             9.03 plat>car 200 BYE leg=b by=callee"),
        "nobody>nobody likely/certain [6, 9, 12] The called side hung up: carrier 203.0.113.9:5060 \
         sent BYE (+9.00 s) after 7.99 s of talk; it was answered 200.",
    );
}

#[test]
fn hung_up_with_a_reason_that_speaks_of_a_failure() {
    let text = up("9.00 car>plat BYE leg=b by=callee | Reason: Q.850;cause=41
         9.01 plat>cust BYE by=callee
         9.02 cust>plat 200 BYE by=callee
         9.03 plat>car 200 BYE leg=b by=callee");
    assert_eq!(verdict(&text), "hung-up undecided>carrier possible");
}

#[test]
fn hung_up_by_who_sent_its_bye_first_when_both_cross() {
    let lines = found(
        "hung-up",
        &up("9.00 cust>plat BYE
             9.01 plat>car BYE leg=b
             9.02 car>plat BYE leg=b by=callee
             9.03 plat>cust BYE by=callee"),
    );
    assert!(lines[0].contains("The caller hung up"), "{lines:?}");
}

#[test]
fn hung_up_is_silent_when_the_platform_ended_the_call() {
    silent(
        "hung-up",
        &up("9.00 plat>cust BYE by=callee
             9.00 plat>car BYE leg=b
             9.02 cust>plat 200 BYE by=callee
             9.03 car>plat 200 BYE leg=b"),
    );
}

#[test]
fn hung_up_is_silent_when_the_answer_crossed_the_cancel() {
    silent(
        "hung-up",
        "0.00 cust>plat INVITE
         0.02 plat>car INVITE leg=b
         5.00 cust>plat CANCEL
         5.01 plat>cust 200 CANCEL
         5.02 plat>cust 487
         5.03 cust>plat ACK
         5.04 car>plat 200 leg=b
         5.05 plat>car ACK leg=b
         5.06 plat>car BYE leg=b
         5.07 car>plat 200 BYE leg=b",
    );
}

#[test]
fn platform_ended_call_to_both_sides() {
    let text = up("9.00 plat>cust BYE by=callee
         9.01 plat>car BYE leg=b
         9.02 cust>plat 200 BYE by=callee
         9.03 car>plat 200 BYE leg=b");
    fires(
        "platform-ended-call",
        &text,
        "undecided>configuration possible/certain [6, 9, 10] The platform ended the call: platform \
         192.0.2.5:5060 sent BYE to customer 198.51.100.10:5060 (+9.00 s) and to carrier \
         203.0.113.9:5060 (+9.01 s) after 7.99 s of talk, and had got none from either. The \
         packets do not say why.",
    );
    assert_eq!(
        verdict(&text),
        "platform-ended-call undecided>configuration possible"
    );
}

#[test]
fn platform_ended_call_from_another_port() {
    let lines = found(
        "platform-ended-call",
        &up("9.00 192.0.2.5:5070>cust BYE by=callee
             9.01 192.0.2.5:5070>car BYE leg=b"),
    );
    assert_eq!(lines.len(), 1);
}

#[test]
fn platform_ended_call_after_a_round_time() {
    let lines = found(
        "platform-ended-call",
        &up("301.02 plat>cust BYE by=callee
             301.02 plat>car BYE leg=b"),
    );
    assert!(
        lines[0].contains("a round 300 s: a possible maximum duration"),
        "{lines:?}"
    );
}

#[test]
fn platform_ended_call_for_the_reason_that_it_gives() {
    let by = |text: &str| {
        let calls = up(&format!(
            "9.00 plat>cust BYE by=callee | Reason: SIP;cause=200;text=\"{text}\"
             9.01 plat>car BYE leg=b"
        ));
        found("platform-ended-call", &calls)[0]
            .split(' ')
            .take(2)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        by("Caller Ping Timeout"),
        "customer>customer likely/certain"
    );
    assert_eq!(by("Callee Ping Timeout"), "carrier>carrier likely/certain");
    assert_eq!(
        by("No SIP Ping Reply"),
        "undecided>configuration likely/certain"
    );
    assert_eq!(by("RTP Timeout"), "undecided>configuration likely/certain");
    assert_eq!(
        by("Lifetime Timeout"),
        "configuration>configuration likely/certain"
    );
    assert_eq!(by("Balance Disconnect"), "customer>customer likely/certain");
}

#[test]
fn platform_ended_call_is_silent_when_one_side_sent_a_bye_first() {
    silent(
        "platform-ended-call",
        &up("9.00 car>plat BYE leg=b by=callee
             9.01 plat>cust BYE by=callee
             9.02 plat>car BYE leg=b"),
    );
}

#[test]
fn bye_unanswered_by_the_carrier() {
    fires(
        "bye-unanswered",
        &up("9.00 cust>plat BYE
             9.01 plat>cust 200 BYE
             9.02 plat>car BYE leg=b
             9.52 plat>car BYE leg=b
             10.52 plat>car BYE leg=b"),
        "network>carrier possible/certain [11, 12, 13] platform 192.0.2.5:5060 sent BYE to carrier \
         203.0.113.9:5060 3 times (from +9.02 s to +10.5 s) and got no final answer. carrier \
         203.0.113.9:5060 did not get it or its answer did not reach this capture point; for that \
         side the call may run on.",
    );
}

#[test]
fn bye_unanswered_that_had_arrived() {
    fires(
        "bye-unanswered",
        &up("9.00 cust>plat BYE
             9.01 plat>cust 200 BYE
             9.02 plat>car BYE leg=b
             9.10 car>plat 100 BYE leg=b
             13.02 plat>car BYE leg=b
             17.02 plat>car BYE leg=b"),
        "carrier>carrier possible/certain [11, 12, 13, 14] platform 192.0.2.5:5060 sent BYE to carrier \
         203.0.113.9:5060 3 times (from +9.02 s to +17.0 s) and got no final answer. carrier 203.0.113.9:5060 got it, \
         as its 100 \"Phrase\" shows (+9.10 s), and did not settle it, or its final answer did not reach this capture \
         point; for that side the call may run on.",
    );
}

#[test]
fn bye_unanswered_names_the_last_hop_alone() {
    let lines = found(
        "bye-unanswered",
        &up("9.00 cust>plat BYE
             9.01 plat>car BYE leg=b
             9.50 cust>plat BYE
             9.51 plat>car BYE leg=b
             10.50 cust>plat BYE
             10.51 plat>car BYE leg=b"),
    );
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains("to carrier"), "{lines:?}");
}

#[test]
fn bye_unanswered_is_silent_where_the_trace_ends_too_soon() {
    silent(
        "bye-unanswered",
        &up("9.00 cust>plat BYE
             9.01 plat>car BYE leg=b
             9.50 cust>plat BYE"),
    );
}

#[test]
fn call_still_up_at_the_end_of_the_trace() {
    fires(
        "call-still-up",
        UP,
        "nobody>nobody likely/certain [6, 8] The call was answered (+1.01 s) and no BYE was seen \
         until the trace ends, 0.02 s after the answer. It may still be up: how it ends is not in \
         this trace.",
    );
    assert_eq!(verdict(UP), "call-still-up nobody>nobody likely");
}

#[test]
fn call_still_up_is_silent_when_only_the_answer_to_the_bye_was_seen() {
    silent("call-still-up", &up("9.00 plat>cust 200 BYE"));
}

const NO_ACK: &str = "0.00 cust>plat INVITE
    0.02 plat>car INVITE leg=b
    1.00 car>plat 200 leg=b
    1.01 plat>cust 200
    1.50 car>plat 200 leg=b
    1.51 plat>cust 200
    2.50 car>plat 200 leg=b
    2.51 plat>cust 200
    4.50 car>plat 200 leg=b
    4.51 plat>cust 200
    6.01 car>plat BYE leg=b by=callee
    6.02 plat>cust BYE by=callee
    6.03 cust>plat 200 BYE by=callee
    6.04 plat>car 200 BYE leg=b by=callee";

#[test]
fn missing_ack_of_the_caller() {
    fires(
        "missing-ack",
        NO_ACK,
        "customer>customer likely/certain [3, 5, 7, 9, 11] The answer was not acknowledged: carrier \
         203.0.113.9:5060 sent its 200 4 times (from +1.00 s) to platform 192.0.2.5:5060, and no ACK from customer \
         198.51.100.10:5060 reached this capture point; BYE followed 5.01 s after the first. customer 198.51.100.10:5060 \
         owes the ACK; it sent none, or the network lost it before this capture point.",
    );
    assert_eq!(verdict(NO_ACK), "missing-ack customer>customer likely");
}

#[test]
fn missing_ack_that_the_platform_did_not_send_on() {
    let text = NO_ACK.replace(
        "1.01 plat>cust 200\n",
        "1.01 plat>cust 200\n1.02 cust>plat ACK\n",
    );
    let text: Vec<&str> = text
        .lines()
        .filter(|line| !["1.51", "2.51", "4.51"].iter().any(|at| line.contains(at)))
        .collect();
    let lines = found("missing-ack", &text.join("\n"));
    assert!(
        lines[0].starts_with("configuration>configuration likely/certain"),
        "{lines:?}"
    );
    assert!(
        lines[0].ends_with(
            "The caller's ACK reached platform 192.0.2.5:5060 (+1.02 s), which did not send it on."
        ),
        "{lines:?}"
    );
}

#[test]
fn missing_ack_that_the_called_side_does_not_take() {
    let text = NO_ACK.replace(
        "1.01 plat>cust 200\n",
        "1.01 plat>cust 200\n1.02 cust>plat ACK\n1.03 plat>car ACK leg=b\n",
    );
    let lines = found("missing-ack", &text);
    assert!(
        lines[0].starts_with("carrier>carrier possible/certain"),
        "{lines:?}"
    );
    assert!(
        lines[0].contains("the ACK (+1.03 s) did not stop that"),
        "{lines:?}"
    );
}

#[test]
fn missing_ack_sent_elsewhere() {
    let text = NO_ACK.replace(
        "1.01 plat>cust 200\n",
        "1.01 plat>cust 200 | Contact: <sip:10.0.0.7:5060>\n1.02 cust>10.0.0.7:5060 ACK\n",
    );
    let lines = found("missing-ack", &text);
    assert!(
        lines[0].starts_with("configuration>configuration likely/certain"),
        "{lines:?}"
    );
    assert!(
        lines[0].ends_with("to 10.0.0.7:5060 instead, as the Contact of the answer says."),
        "{lines:?}"
    );
}

#[test]
fn missing_ack_is_no_more_than_possible_where_the_debtor_hangs_up() {
    let text = NO_ACK
        .replace("6.01 car>plat BYE leg=b by=callee", "6.01 cust>plat BYE")
        .replace("6.02 plat>cust BYE by=callee", "6.02 plat>car BYE leg=b");
    let lines = found("missing-ack", &text);
    assert!(
        lines[0].starts_with("customer>customer possible/certain"),
        "{lines:?}"
    );
}

#[test]
fn missing_ack_is_silent_when_the_ack_came_late() {
    silent(
        "missing-ack",
        &NO_ACK.replace(
            "6.01 car",
            "4.60 cust>plat ACK\n4.61 plat>car ACK leg=b\n6.01 car",
        ),
    );
}

#[test]
fn missing_ack_is_silent_when_the_answer_was_not_repeated() {
    silent(
        "missing-ack",
        "0.00 cust>plat INVITE
         1.00 plat>cust 200
         6.00 plat>cust BYE by=callee
         6.01 cust>plat 200 BYE by=callee",
    );
}

#[test]
fn missing_ack_is_silent_when_the_repeating_stopped_early() {
    silent(
        "missing-ack",
        "0.00 cust>plat INVITE
         1.00 plat>cust 200
         1.50 plat>cust 200
         2.50 plat>cust 200
         33.00 plat>cust BYE by=callee
         33.01 cust>plat 200 BYE by=callee",
    );
}

/// Pings to both sides, of which the caller answers with a code or not at all, then BYEs.
fn pinged(answer: &str) -> String {
    up(&format!(
        "31.00 plat>cust OPTIONS in by=callee
         31.00 plat>car OPTIONS in leg=b
         31.02 car>plat 200 OPTIONS leg=b
         {answer}
         36.00 plat>cust BYE by=callee cseq=103
         36.00 plat>car BYE leg=b cseq=3
         36.02 car>plat 200 BYE leg=b cseq=3
         36.03 cust>plat 200 BYE by=callee cseq=103"
    ))
}

const SILENT_PING: &str = "31.50 plat>cust OPTIONS in by=callee
    32.50 plat>cust OPTIONS in by=callee
    34.50 plat>cust OPTIONS in by=callee";

#[test]
fn ping_timeout_of_the_caller() {
    let text = pinged(SILENT_PING);
    fires(
        "ping-timeout",
        &text,
        "customer>customer likely/certain [9, 12, 13, 14, 15] platform 192.0.2.5:5060 pinged \
         customer 198.51.100.10:5060 with OPTIONS (+31.0 s), which did not answer it (sent 4 \
         times); BYE followed (+36.0 s). customer 198.51.100.10:5060 was gone or does not answer \
         OPTIONS, or the pings or their answers were lost on the way.",
    );
    assert_eq!(verdict(&text), "ping-timeout customer>customer likely");
}

#[test]
fn ping_timeout_by_an_answer_that_knows_no_call() {
    let lines = found(
        "ping-timeout",
        &pinged("31.02 cust>plat 481 OPTIONS by=callee"),
    );
    assert!(lines[0].contains("answered it 481"), "{lines:?}");
}

#[test]
fn ping_timeout_is_silent_on_any_sign_of_life() {
    for code in [200, 404, 405, 501] {
        let answer = format!("31.02 cust>plat {code} OPTIONS by=callee");
        silent("ping-timeout", &pinged(&answer));
    }
}

#[test]
fn ping_timeout_is_silent_when_the_silent_side_hangs_up() {
    silent(
        "ping-timeout",
        &up(&format!(
            "31.00 plat>cust OPTIONS in by=callee
             {SILENT_PING}
             36.00 cust>plat BYE
             36.01 plat>car BYE leg=b
             36.02 car>plat 200 BYE leg=b
             36.03 plat>cust 200 BYE"
        )),
    );
}

#[test]
fn ping_timeout_is_silent_where_one_ping_went_out_just_before_the_bye() {
    silent("ping-timeout", &pinged("# nothing"));
}

/// A call through a proxy, one Call-ID on both sides, with a session timer; then a BYE of the
/// called side.
fn session(set: &str, between: &str, bye_at: &str) -> String {
    format!(
        "0.00 cust>plat INVITE | Session-Expires: 90
         0.02 plat>car INVITE | Session-Expires: 90
         1.00 car>plat 200 | {set}
         1.01 plat>cust 200 | {set}
         1.02 cust>plat ACK
         1.03 plat>car ACK
         {between}
         {bye_at} car>plat BYE by=callee cseq=109
         {bye_at}1 plat>cust BYE by=callee cseq=109
         {bye_at}2 cust>plat 200 BYE by=callee cseq=109
         {bye_at}3 plat>car 200 BYE by=callee cseq=109"
    )
}

const BY_CALLER: &str = "Session-Expires: 90;refresher=uac";

#[test]
fn session_timer_expired_without_a_refresh() {
    let text = session(BY_CALLER, "", "61.0");
    fires(
        "session-timer-expired",
        &text,
        "customer>customer likely/certain [4, 7] The 200 (+1.01 s) set a session of 90 s; BYE came \
         60.0 s after it, and no refresh was seen in between. customer 198.51.100.10:5060 had to \
         refresh the session; its re-INVITE or UPDATE was not sent or did not reach this capture \
         point.",
    );
    assert_eq!(
        verdict(&text),
        "session-timer-expired customer>customer likely"
    );
}

#[test]
fn session_timer_expired_that_the_answerer_had_to_refresh() {
    // Who had to refresh sends the BYE itself: it may as well have hung up.
    let text = session("Session-Expires: 90;refresher=uas", "", "88.0");
    assert_eq!(
        verdict(&text),
        "session-timer-expired carrier>carrier possible"
    );
    let text = session("Session-Expires: 90", "", "88.0");
    assert_eq!(
        verdict(&text),
        "session-timer-expired undecided>undecided likely"
    );
}

#[test]
fn session_timer_expired_after_a_refused_refresh() {
    let refresh = "45.00 cust>plat UPDATE cseq=2 | Session-Expires: 90;refresher=uac
        45.01 plat>car UPDATE cseq=2 | Session-Expires: 90;refresher=uac
        45.02 car>plat 481 UPDATE cseq=2
        45.03 plat>cust 481 UPDATE cseq=2";
    let lines = found(
        "session-timer-expired",
        &session(BY_CALLER, refresh, "46.0"),
    );
    assert!(
        lines[0].starts_with("carrier>carrier likely/certain"),
        "{lines:?}"
    );
    assert!(
        lines[0].contains("to carrier 203.0.113.9:5060, which answered it 481"),
        "{lines:?}"
    );
}

#[test]
fn session_timer_expired_after_an_unanswered_refresh() {
    let refresh = "45.00 cust>plat INVITE in cseq=2 | Session-Expires: 90;refresher=uac
        45.50 cust>plat INVITE in cseq=2 | Session-Expires: 90;refresher=uac
        46.50 cust>plat INVITE in cseq=2 | Session-Expires: 90;refresher=uac";
    let lines = found(
        "session-timer-expired",
        &session(BY_CALLER, refresh, "61.0"),
    );
    assert!(
        lines[0].starts_with("configuration>configuration likely/certain"),
        "{lines:?}"
    );
}

#[test]
fn session_timer_expired_on_the_leg_where_the_bye_came_from() {
    // Two sessions with the same timer: the one that ended was the platform's to refresh, yet it
    // may only have waited for the caller's refresh.
    let text = format!(
        "0.00 cust>plat INVITE
         0.02 plat>car INVITE leg=b
         1.00 car>plat 200 leg=b | {BY_CALLER}
         1.01 plat>cust 200 | {BY_CALLER}
         1.02 cust>plat ACK
         1.03 plat>car ACK leg=b
         61.00 car>plat BYE leg=b by=callee
         61.01 plat>cust BYE by=callee"
    );
    assert_eq!(
        verdict(&text),
        "session-timer-expired configuration>configuration possible"
    );
}

#[test]
fn session_timer_expired_is_silent_after_a_refresh() {
    let refresh = "45.00 cust>plat UPDATE cseq=2 | Session-Expires: 90;refresher=uac
        45.01 plat>car UPDATE cseq=2 | Session-Expires: 90;refresher=uac
        45.02 car>plat 200 UPDATE cseq=2 | Session-Expires: 90;refresher=uac
        45.03 plat>cust 200 UPDATE cseq=2 | Session-Expires: 90;refresher=uac";
    silent(
        "session-timer-expired",
        &session(BY_CALLER, refresh, "61.0"),
    );
    // Counted from the refresh it runs out again.
    assert_eq!(
        found(
            "session-timer-expired",
            &session(BY_CALLER, refresh, "105.0")
        )
        .len(),
        1
    );
}

#[test]
fn session_timer_expired_is_silent_long_before_the_time() {
    silent("session-timer-expired", &session(BY_CALLER, "", "50.0"));
}

#[test]
fn session_timer_expired_is_silent_where_none_was_set() {
    silent(
        "session-timer-expired",
        &session("Supported: timer", "", "61.0"),
    );
}

#[test]
fn bye_refused_because_the_call_is_not_known() {
    let text = up("9.00 cust>plat BYE
         9.01 plat>cust 200 BYE
         9.02 plat>car BYE leg=b
         9.03 car>plat 481 BYE leg=b");
    let lines = found("bye-refused", &text);
    assert!(
        lines[0].starts_with("carrier>carrier likely/certain [11, 12]")
            && lines[0].contains("no longer knew the call, although the tags are right"),
        "{lines:?}"
    );
    assert_eq!(verdict(&text), "bye-refused carrier>carrier likely");
    let wrong = text.replace("BYE leg=b", "BYE leg=b totag=another");
    let lines = found("bye-refused", &wrong);
    assert!(
        lines[0].starts_with("configuration>configuration likely/"),
        "{lines:?}"
    );
}

#[test]
fn bye_refused_with_a_challenge_that_nobody_answers() {
    let text = up("9.00 cust>plat BYE\n9.01 plat>cust 407 BYE");
    let lines = found("bye-refused", &text);
    assert!(
        lines[0].starts_with("undecided>configuration possible/"),
        "{lines:?}"
    );
    // It has credentials: the INVITE was challenged too.
    let known = format!("-1.00 cust>plat INVITE cseq=0\n-0.99 plat>cust 407 cseq=0\n{text}");
    let lines = found("bye-refused", &known);
    assert!(
        lines[0].starts_with("customer>customer likely/"),
        "{lines:?}"
    );
    // Who set up the call itself has no account for whom it called.
    let called = up("9.00 car>plat BYE leg=b by=callee\n9.01 plat>car 407 BYE leg=b by=callee");
    let lines = found("bye-refused", &called);
    assert!(
        lines[0].starts_with("configuration>configuration likely/"),
        "{lines:?}"
    );
    let later = format!("{called}\n30.0 plat>car BYE leg=b\n30.1 car>plat 481 BYE leg=b");
    silent("byes-crossed", &later);
    assert_eq!(found("bye-refused", &later).len(), 1);
    silent(
        "bye-refused",
        &format!("{text}\n9.02 cust>plat BYE cseq=3\n9.03 plat>cust 200 BYE cseq=3"),
    );
}

#[test]
fn bye_refused_without_the_route_that_the_answer_gave() {
    let text = up("9.00 cust>plat BYE\n9.01 plat>cust 404 BYE");
    assert!(found("bye-refused", &text)[0].starts_with("undecided>configuration possible/"));
    let routed = text.replace(
        "1.01 plat>cust 200",
        "1.01 plat>cust 200 | Record-Route: <sip:192.0.2.5;lr>",
    );
    assert!(found("bye-refused", &routed)[0].starts_with("customer>customer likely/"));
    let lines = found(
        "bye-refused",
        &routed.replace("cust>plat BYE", "cust>plat BYE | Route: <sip:192.0.2.5;lr>"),
    );
    assert!(lines[0].starts_with("undecided>"), "{lines:?}");
}

#[test]
fn byes_that_cross_are_harmless() {
    let text = up("9.00 cust>plat BYE
         9.00 plat>cust BYE by=callee
         9.01 plat>cust 481 BYE
         9.02 cust>plat 200 BYE by=callee
         9.03 plat>car BYE leg=b
         9.04 car>plat 200 BYE leg=b");
    silent("bye-refused", &text);
    let lines = found("byes-crossed", &text);
    assert!(lines[0].starts_with("nobody>nobody"), "{lines:?}");
    silent("byes-crossed", &text.replace("481 BYE", "200 BYE"));
}

const LATE: &str = "9.00 cust>plat BYE
    9.01 plat>cust 200 BYE
    39.5 plat>car BYE leg=b
    39.6 car>plat 200 BYE leg=b";

#[test]
fn hung_leg_that_ends_late() {
    let lines = found("hung-leg", &up(LATE));
    assert!(
        lines[0].starts_with("configuration>configuration likely/certain")
            && lines[0].contains("the leg to carrier 203.0.113.9:5060 ended 30.5 s later"),
        "{lines:?}"
    );
    assert_eq!(
        verdict(&up(LATE)),
        "hung-leg configuration>configuration likely"
    );
    silent("hung-leg", &up(&LATE.replace("39.", "10.")));
    silent("hung-leg", &up(&LATE.replace("200 BYE\n", "481 BYE\n")));
}

#[test]
fn hung_leg_that_never_ends() {
    let text = up("9.00 car>plat BYE leg=b by=callee
         9.01 plat>car 200 BYE leg=b by=callee
         20.0 cust>plat OPTIONS in
         20.1 plat>cust 200 OPTIONS in");
    let lines = found("hung-leg", &text);
    assert!(
        lines[0].starts_with("configuration>configuration likely/likely"),
        "{lines:?}"
    );
    // Without a sign of life it may have ended by a way that was not captured.
    let quiet = text
        .replace("OPTIONS in", "OPTIONS leg=b in by=callee")
        .replace("cust>plat OPTIONS", "car>plat OPTIONS")
        .replace("plat>cust 200 OPTIONS", "plat>car 200 OPTIONS");
    let lines = found("hung-leg", &quiet);
    assert!(
        lines[0].starts_with("configuration>configuration possible/likely"),
        "{lines:?}"
    );
    let soon: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("OPTIONS"))
        .collect();
    silent("hung-leg", &soon.join("\n"));
    // A transfer keeps the other side.
    silent(
        "hung-leg",
        &text.replace("9.00 car", "8.0 car>plat REFER leg=b by=callee\n9.00 car"),
    );
}

#[test]
fn an_answer_without_ringing_that_the_caller_leaves_at_once() {
    let call = |answer: &str, bye: &str| {
        format!(
            "0.00 cust>plat INVITE
             0.04 plat>car INVITE leg=b
             {answer} car>plat 200 leg=b
             {answer}1 plat>cust 200
             {answer}2 cust>plat ACK
             {answer}3 plat>car ACK leg=b
             {bye} cust>plat BYE
             {bye}1 plat>car BYE leg=b
             {bye}2 car>plat 200 BYE leg=b
             {bye}3 plat>cust 200 BYE"
        )
    };
    let rule = "answered-without-ringing";
    insta::assert_snapshot!(super::told(rule, &call("0.30", "4.00"), Observations::NONE), @r"
    info (packets [2, 3, 7])
    outbound: carrier, to act carrier; possible
    inbound: customer equipment, to act customer equipment; possible
    One 203.0.113.9:5060 answered 0.26 s after the INVITE, without ringing; the caller hung up after 3.70 s.
    False answers look so; so do machines, menus and conferences.
    Next: Make a test call through that carrier to a phone that nobody takes up; if it is answered too, report it to the carrier with both examples.
    ");
    assert_eq!(
        verdict(&call("0.30", "4.00")),
        "hung-up nobody>nobody likely",
        "a machine answers so too"
    );
    // The caller stayed, it took longer, it rang, or the called side hung up.
    silent(rule, &call("0.30", "14.00"));
    silent(rule, &call("2.30", "4.00"));
    let rang = call("0.30", "4.00").replace("0.30 car", "0.20 car>plat 180 leg=b\n0.30 car");
    silent(rule, &rang);
    let by_called = "0.00 cust>plat INVITE
        0.04 plat>car INVITE leg=b
        0.30 car>plat 200 leg=b
        0.31 plat>cust 200
        0.32 cust>plat ACK
        0.33 plat>car ACK leg=b
        4.00 car>plat BYE leg=b by=callee
        4.01 plat>cust BYE by=callee
        4.02 cust>plat 200 BYE by=callee
        4.03 plat>car 200 BYE leg=b by=callee";
    silent(rule, by_called);
}
