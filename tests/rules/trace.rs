use super::{fires, silent};

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
