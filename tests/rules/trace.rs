use super::{both_ways, fires, silent, verdict};

#[test]
fn lossy_trace_ack_without_answer() {
    fires(
        "lossy-trace",
        "0.00 cust>plat INVITE
         2.00 cust>plat ACK in
         9.00 cust>plat BYE",
        "undecided>undecided certain/certain [2, 3] The trace lacks the final answer to the INVITE \
         (CSeq 1) that this ACKs and 1 more.",
    );
}

#[test]
fn lossy_trace_of_which_messages_are_cut_is_less_sure() {
    fires(
        "lossy-trace",
        "0.00 cust>plat INVITE
         1.00 plat>cust 180 length=900
         2.00 cust>plat ACK in
         9.00 cust>plat BYE",
        "undecided>undecided certain/likely [3, 4] The trace lacks the final answer to the INVITE \
         (CSeq 1) that this ACKs and 1 more, or holds too little of it to tell.",
    );
}

#[test]
fn lossy_trace_is_silent_on_a_gap_in_cseq() {
    silent(
        "lossy-trace",
        "0.00 cust>plat INVITE
         1.00 plat>cust 200
         1.01 cust>plat ACK
         9.00 cust>plat BYE cseq=9
         9.01 plat>cust 200 BYE cseq=9",
    );
}

#[test]
fn code_rewritten_between_legs() {
    fires(
        "code-rewritten",
        "0.00 cust>plat INVITE
         0.01 plat>cust 100
         0.02 plat>car INVITE leg=b
         0.30 car>plat 486 leg=b
         0.31 plat>car ACK leg=b
         0.32 plat>cust 480
         0.33 cust>plat ACK",
        "configuration>nobody likely/certain [4, 6] carrier 203.0.113.9:5060 answered 486; the \
         caller was told 480 (+0.32 s).",
    );
}

#[test]
fn code_rewritten_is_silent_when_the_code_is_passed_on() {
    silent(
        "code-rewritten",
        "0.00 cust>plat INVITE
         0.02 plat>car INVITE leg=b
         0.30 car>plat 486 leg=b
         0.31 plat>car ACK leg=b
         0.32 plat>cust 486
         0.33 cust>plat ACK",
    );
}

#[test]
fn one_leg_only_where_something_was_waited_for() {
    let leg = "0.00 cust>plat INVITE
         0.01 plat>cust 100
         5.00 plat>cust 503
         5.01 cust>plat ACK";
    assert_eq!(super::found("one-leg-only", leg).len(), 1);
    silent("one-leg-only", &leg.replace("5.0", "0.02"));
}

#[test]
fn code_rewritten_by_rule_is_nobodys() {
    let lines = super::found(
        "code-rewritten",
        "0.00 cust>plat INVITE
         0.02 plat>car INVITE leg=b
         0.50 car>plat 503 leg=b
         0.51 plat>car ACK leg=b
         0.52 plat>cust 500
         0.53 cust>plat ACK",
    );
    assert!(lines[0].starts_with("nobody>nobody"), "{lines:?}");
}

#[test]
fn answer_before_request_tells_of_clocks() {
    let text = "0.00 cust>plat INVITE
        0.04 plat>car INVITE leg=b file=1
        0.02 car>plat 486 leg=b file=2
        0.05 plat>cust 486";
    insta::assert_snapshot!(both_ways("answer-before-request", text), @r"
    nobody>nobody likely/certain [2, 3] One answer stands in the trace before what it answers, by up to 20 ms (+0.02 s and +0.04 s). They come from two capture points, whose clocks differ.
    inbound: nobody>nobody likely info
    ");
    assert_eq!(verdict(text), "called-busy far-end>nobody possible");
    silent(
        "answer-before-request",
        &text.replace("0.02 car", "0.04 car"),
    );
    // Where nobody recorded times there is only the order.
    silent(
        "answer-before-request",
        "0 cust>plat INVITE\n0 plat>cust 486",
    );
}
