//! Rules on CANCELs that went wrong, on calls that went several ways at once, and on BYEs before the answer.

use super::{Row, check_rows, found};

#[test]
fn each_rule_names_the_sender_and_is_silent_at_its_edge() {
    let soon = "0.00 cust>plat INVITE
        0.10 cust>plat CANCEL
        0.11 plat>cust 200 CANCEL
        0.40 plat>cust 180
        0.60 plat>car INVITE leg=b | X-Leg: a@198.51.100.10";
    let mismatch = "0.00 cust>plat INVITE
        0.10 plat>cust 180
        0.20 plat>car INVITE leg=b | X-Leg: a@198.51.100.10
        0.30 car>plat 180 leg=b
        5.00 cust>plat CANCEL branch=z9hG4bK-other
        5.01 plat>cust 481 CANCEL branch=z9hG4bK-other
        20.0 plat>cust 480
        20.1 cust>plat ACK";
    let forked = "0.00 cust>plat INVITE
        0.10 plat>cust 180 totag=one
        0.20 plat>cust 180 totag=two
        3.00 plat>cust 200 totag=two
        3.10 cust>plat ACK totag=two";
    let twice = "0.00 cust>plat INVITE
        0.05 plat>car INVITE leg=b | X-Leg: a@198.51.100.10
        1.00 plat>cust 200 totag=one
        1.01 cust>plat ACK totag=one
        1.20 plat>cust 200 totag=two
        9.00 cust>plat BYE totag=one";
    let closed = "1.25 cust>plat ACK totag=two
        1.30 cust>plat BYE totag=two cseq=2
        9.00 cust>plat BYE totag=one cseq=3";
    let lost = "0.00 cust>plat INVITE
        0.01 plat>car INVITE leg=b | X-Leg: a@198.51.100.10
        1.00 car>plat 603 leg=b
        1.01 plat>car ACK leg=b
        1.02 plat>car2 INVITE leg=c | X-Leg: a@198.51.100.10
        2.00 car2>plat 503 leg=c
        2.01 plat>car2 ACK leg=c
        2.02 plat>cust 503
        2.03 cust>plat ACK";
    let early = "0.00 cust>plat INVITE
        0.01 plat>car INVITE leg=b | X-Leg: a@198.51.100.10
        0.50 car>plat 180 leg=b
        5.00 car>plat BYE leg=b by=callee
        5.01 plat>car 200 BYE leg=b by=callee
        5.10 car>plat 480 leg=b
        5.11 plat>car ACK leg=b
        5.12 plat>cust 480";
    let bare = "0.00 cust>plat INVITE
        0.01 plat>car INVITE leg=b | X-Leg: a@198.51.100.10
        1.00 car>plat 200 leg=b
        1.01 plat>cust 200
        1.02 plat>car ACK leg=b
        1.03 cust>plat BYE
        1.04 plat>car BYE leg=b";
    check_rows(&[
        Row {
            rule: "cancel-before-response",
            call: soon.into(),
            outbound: "customer>customer likely warning",
            inbound: "carrier>carrier likely warning",
            edges: vec![
                soon.replace(
                    "0.10 cust>plat CANCEL",
                    "0.05 plat>cust 100\n0.10 cust>plat CANCEL",
                ),
                // A dead hop: nobody could wait for a response.
                "0.00 cust>plat INVITE\n0.10 cust>plat CANCEL\n0.60 plat>car INVITE leg=b | X-Leg: a@198.51.100.10".into(),
            ],
        },
        Row {
            rule: "cancel-before-response",
            call: soon.replace("0.40 plat>cust 180", "0.40 plat>cust 487"),
            outbound: "customer>customer likely info",
            inbound: "carrier>carrier likely info",
            edges: vec![],
        },
        Row {
            rule: "cancel-mismatch",
            call: mismatch.into(),
            outbound: "customer>customer likely error",
            inbound: "carrier>carrier likely error",
            edges: vec![
                mismatch
                    .replace(" branch=z9hG4bK-other", "")
                    .replace("481 CANCEL", "200 CANCEL"),
                // The INVITE had its final answer before.
                mismatch.replace("0.10 plat>cust 180", "4.90 plat>cust 486"),
                // The answer crossed it.
                mismatch
                    .replace(" branch=z9hG4bK-other", "")
                    .replace("5.01 plat>cust 481", "5.005 plat>cust 200\n5.01 plat>cust 481"),
                // It was understood all the same.
                mismatch
                    .replace("481 CANCEL", "200 CANCEL")
                    .replace("cust 480", "cust 487"),
            ],
        },
        Row {
            rule: "cancel-mismatch",
            call: mismatch.replace(" branch=z9hG4bK-other", ""),
            outbound: "configuration>configuration possible error",
            inbound: "configuration>configuration possible error",
            edges: vec![],
        },
        Row {
            rule: "call-forked",
            call: forked.into(),
            outbound: "nobody>nobody certain info",
            inbound: "nobody>nobody certain info",
            edges: vec![forked.replace("=one", "=two")],
        },
        Row {
            // Behind a platform that shows its caller one dialog alone.
            rule: "call-forked",
            call: "0.00 cust>plat INVITE
                0.01 plat>car INVITE leg=b | X-Leg: a@198.51.100.10
                0.10 car>plat 180 leg=b totag=one
                0.11 plat>cust 180
                0.20 car>plat 180 leg=b totag=two
                3.00 car>plat 200 leg=b totag=two
                3.01 plat>cust 200"
                .into(),
            outbound: "nobody>nobody certain info",
            inbound: "nobody>nobody certain info",
            edges: vec![],
        },
        Row {
            rule: "two-answers",
            call: twice.into(),
            outbound: "customer>customer likely error",
            inbound: "carrier>carrier likely error",
            edges: vec![twice.replace("=two", "=one")],
        },
        Row {
            rule: "two-answers",
            call: twice.replace("9.00 cust>plat BYE totag=one", closed),
            outbound: "nobody>nobody certain info",
            inbound: "nobody>nobody certain info",
            edges: vec![],
        },
        Row {
            rule: "global-refusal-lost",
            call: lost.into(),
            outbound: "configuration>configuration likely warning",
            inbound: "configuration>configuration likely warning",
            edges: vec![
                lost.replace("cust 503", "cust 603"),
                lost.replace("603", "486"),
                lost.replace("cust 503", "cust 200"),
            ],
        },
        Row {
            rule: "bye-before-answer",
            call: early.into(),
            outbound: "carrier>carrier likely warning",
            inbound: "customer>customer likely warning",
            edges: vec![
                // The calling side may.
                early.replace("car>plat BYE leg=b by=callee", "plat>car BYE leg=b"),
                early.replace("5.10 car>plat 480", "4.90 car>plat 480"),
            ],
        },
        Row {
            rule: "bye-before-answer",
            call: bare.into(),
            outbound: "customer>customer likely warning",
            inbound: "carrier>carrier likely warning",
            edges: vec![bare.replace(
                "1.03 cust>plat BYE",
                "1.02 cust>plat ACK\n1.03 cust>plat BYE",
            )],
        },
    ]);
}

/// The BYE of an answer that was not kept is not how the call ended, and its refusal is no fault of its own.
#[test]
fn the_dialog_that_was_kept_is_the_call() {
    let forked = "0.00 cust>plat INVITE
        4.00 plat>cust 200 totag=one
        4.02 cust>plat ACK totag=one branch=z9hG4bK-1
        4.03 plat>cust 200 totag=two
        4.05 cust>plat ACK totag=two branch=z9hG4bK-2
        4.06 cust>plat BYE totag=two
        4.08 plat>cust 200 BYE totag=two
        64.0 plat>cust BYE by=callee totag=one
        64.1 cust>plat 200 BYE by=callee totag=one";
    let lines = found("hung-up", forked);
    assert!(lines[0].contains("after 60.0 s of talk"), "{lines:?}");
    assert!(found("two-answers", forked)[0].starts_with("nobody>nobody certain"));
    assert_eq!(super::verdict(forked), "hung-up nobody>nobody likely");
    let ignored = "0.00 cust>plat INVITE
        5.00 plat>cust 200 totag=one
        5.02 cust>plat ACK totag=one branch=z9hG4bK-1
        5.30 plat>cust 200 totag=two
        37.3 plat>cust BYE by=callee totag=two
        37.4 cust>plat 481 BYE by=callee totag=two
        125 cust>plat BYE totag=one
        125.1 plat>cust 200 BYE totag=one";
    assert!(found("bye-refused", ignored).is_empty());
    let lines = found("hung-up", ignored);
    assert!(lines[0].contains("after 2 min 0 s of talk"), "{lines:?}");
    // That the caller dropped the other one refuses the end of this one no less.
    let refused = forked.replace("64.1 cust>plat 200", "64.1 cust>plat 481");
    assert_eq!(found("bye-refused", &refused).len(), 1);
}

/// Two calls under one Call-ID, one after the other, are no fork: nobody answered one INVITE twice.
#[test]
fn a_call_id_that_is_used_again_is_no_fork() {
    let reused = "0.00 cust>plat INVITE
        1.00 plat>cust 180
        5.00 plat>cust 200
        5.02 cust>plat ACK
        15.0 cust>plat BYE
        15.1 plat>cust 200 BYE
        100 cust>plat INVITE tag=g branch=z9hG4bK-g
        101 plat>cust 180 tag=g totag=u branch=z9hG4bK-g
        105 plat>cust 200 tag=g totag=u branch=z9hG4bK-g
        105.1 cust>plat ACK tag=g totag=u
        135 plat>cust BYE by=callee tag=g totag=u
        135.1 cust>plat 200 BYE by=callee tag=g totag=u";
    assert!(found("two-answers", reused).is_empty());
    assert!(found("call-forked", reused).is_empty());
    let lines = found("hung-up", reused);
    assert!(lines[0].contains("after 10.0 s of talk"), "{lines:?}");
    assert!(
        lines[0].contains("Another call began under the same Call-ID (+100.0 s)"),
        "{lines:?}"
    );
    assert_eq!(super::verdict(reused), "hung-up nobody>nobody likely");
    let forked = reused
        .replace(" tag=g", "")
        .replace(" branch=z9hG4bK-g", "");
    assert_eq!(found("two-answers", &forked).len(), 1);
}

/// A person who declined speaks for every place; a refusal before anything rang may be one carrier's own.
#[test]
fn a_person_who_declined_is_the_verdict() {
    let fork = "0.00 cust>plat INVITE
        0.01 plat>car INVITE leg=b | X-Leg: a@198.51.100.10
        0.02 plat>car2 INVITE leg=c | X-Leg: a@198.51.100.10
        1.00 car>plat 180 leg=b
        1.01 plat>cust 180
        1.20 car2>plat 180 leg=c
        5.00 car>plat 603 leg=b
        5.01 plat>car ACK leg=b
        20.0 car2>plat 480 leg=c
        20.1 plat>car2 ACK leg=c
        20.2 plat>cust 480
        20.3 cust>plat ACK";
    let lines = found("global-refusal-lost", fork);
    assert!(lines[0].contains("The called user declined."), "{lines:?}");
    assert_eq!(
        super::verdict(fork),
        "global-refusal-lost configuration>configuration likely"
    );
    let mute = fork.replace("1.00 car>plat 180 leg=b\n", "1.00 car>plat 100 leg=b\n");
    assert_eq!(super::verdict(&mute), "no-answer far-end>nobody likely");
}

/// A CANCEL that cancels nothing matters more than that the caller gave up.
#[test]
fn a_cancel_that_fits_nothing_is_the_verdict() {
    let text = "0.00 cust>plat INVITE
        0.10 plat>cust 180
        5.00 cust>plat CANCEL branch=z9hG4bK-other
        5.01 plat>cust 481 CANCEL branch=z9hG4bK-other
        20.0 plat>cust 480
        20.1 cust>plat ACK";
    assert!(super::verdict(text).starts_with("cancel-mismatch customer>customer"));
}

/// Timer C is said by the rules on ringing that ran out, and by no other ringing.
#[test]
fn three_minutes_of_ringing_are_timer_c() {
    let rang = |end: &str| {
        format!(
            "0.00 cust>plat INVITE
             1.00 plat>cust 180
             {end} plat>cust 408
             {end} cust>plat ACK"
        )
    };
    let says = |text: &str| {
        let lines = found("no-answer", text);
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines[0].contains("timer C")
    };
    assert!(says(&rang("181.0")));
    assert!(!says(&rang("61.0")));
    assert!(!says(&rang("192.5")));
    let cancelled = "0.00 cust>plat INVITE
        0.02 plat>car INVITE leg=b | X-Leg: a@198.51.100.10
        1.00 car>plat 180 leg=b
        1.01 plat>cust 180
        181.0 plat>car CANCEL leg=b
        181.1 car>plat 487 leg=b
        181.2 plat>cust 408";
    assert!(found("platform-gave-up", cancelled)[0].contains("timer C"));
    assert!(!found("platform-gave-up", &cancelled.replace("181.", "61."))[0].contains("timer C"));
    let unseen = rang("181.0").replace("408", "487");
    assert!(found("cancel-unseen", &unseen)[0].contains("timer C"));
}
