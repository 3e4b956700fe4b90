//! What a trace with both legs looks like, and which leg failed.

use calltriage::demo::Endpoint;
use calltriage::diagnosis::Party::*;
use calltriage::sip::Certainty::*;

use super::{PLAIN, Scenario, hold};

#[test]
fn the_leg_that_failed_is_found() {
    hold(SCENARIOS);
}

pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        row: "picture 1",
        title: "the platform answers at once and sends nothing on: its reason text decides",
        ladder: own!("503 phrase=No_Routes_Available_(Lock)"),
        rule: "refused-by-platform",
        party: Configuration,
        to_act: Configuration,
        certainty: Certain,
        next: "Review lock and exclude",
        ..PLAIN
    },
    Scenario {
        row: "picture 2",
        title: "407 and no second INVITE",
        ladder: "0.00 cust>plat INVITE
            0.01 plat>cust 407 phrase=Authentication_Required | Proxy-Authenticate: Digest realm=\"sip\",nonce=\"n1\"
            0.02 cust>plat ACK",
        rule: "challenge-unanswered",
        party: Customer,
        to_act: Customer,
        certainty: Likely,
        next: "user name and password",
        ..PLAIN
    },
    Scenario {
        row: "picture 3",
        title: "credentials, and 407 again",
        ladder: "0.00 cust>plat INVITE
            0.01 plat>cust 407 | Proxy-Authenticate: Digest realm=\"sip\",nonce=\"n1\"
            0.02 cust>plat ACK
            0.03 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username=\"shop\",realm=\"sip\",nonce=\"n1\",uri=\"sip:x\",response=\"00\"
            0.04 plat>cust 407 cseq=2 | Proxy-Authenticate: Digest realm=\"sip\",nonce=\"n2\"
            0.05 cust>plat ACK cseq=2",
        rule: "wrong-credentials",
        party: Customer,
        to_act: Customer,
        certainty: Likely,
        next: "password",
        ..PLAIN
    },
    Scenario {
        row: "picture 3",
        title: "credentials, and 503 Unknown User",
        ladder: "0.00 cust>plat INVITE
            0.01 plat>cust 407 | Proxy-Authenticate: Digest realm=\"sip\",nonce=\"n1\"
            0.02 cust>plat ACK
            0.03 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username=\"shop\",realm=\"sip\",nonce=\"n1\",uri=\"sip:x\",response=\"00\"
            0.04 plat>cust 503 cseq=2 phrase=Unknown_User
            0.05 cust>plat ACK cseq=2",
        rule: "wrong-credentials",
        party: Customer,
        to_act: Customer,
        // The text says that the user is unknown, not on which side it was mistyped.
        certainty: Likely,
        next: "password",
        ..PLAIN
    },
    Scenario {
        row: "picture 4",
        title: "the INVITE to the carrier is repeated, nothing comes back",
        ladder: "0.00 cust>plat INVITE
            0.01 plat>cust 100
            0.04 plat>car INVITE leg=b
            0.54 plat>car INVITE leg=b
            1.54 plat>car INVITE leg=b
            3.05 plat>cust 408 phrase=Request_Timeout
            3.06 cust>plat ACK",
        rule: "no-response",
        party: Network,
        to_act: Carrier,
        certainty: Likely,
        next: "",
        ..PLAIN
    },
    Scenario {
        row: "picture 5",
        title: "the carrier answers 503 and the platform passes it on",
        ladder: refused!("503"),
        rule: "server-failure",
        party: Carrier,
        to_act: Carrier,
        certainty: Likely,
        next: "",
        ..PLAIN
    },
    Scenario {
        row: "picture 5",
        title: "the carrier answers 486: the far end",
        ladder: refused!("486"),
        rule: "called-busy",
        party: FarEnd,
        to_act: Nobody,
        certainty: Likely,
        next: "Nothing to repair",
        ..PLAIN
    },
    Scenario {
        row: "picture 5",
        title: "603 after ringing: the far end",
        ladder: "0.00 cust>plat INVITE
            0.04 plat>car INVITE leg=b
            0.30 car>plat 180 leg=b
            0.31 plat>cust 180
            4.00 car>plat 603 leg=b
            4.01 plat>car ACK leg=b
            4.02 plat>cust 603
            4.03 cust>plat ACK",
        rule: "call-declined",
        party: FarEnd,
        to_act: Nobody,
        certainty: Likely,
        next: "",
        ..PLAIN
    },
    Scenario {
        row: "picture 5",
        title: "the carrier answers 403: our side looks first",
        ladder: refused!("403"),
        rule: "call-forbidden",
        party: Carrier,
        to_act: Configuration,
        certainty: Possible,
        next: "caller ID, prefix and our credit",
        ..PLAIN
    },
    Scenario {
        row: "picture 6",
        title: "a carrier fails and the next one takes the call: nobody is to blame",
        ladder: "0.00 cust>plat INVITE
            0.04 plat>car INVITE leg=b
            0.60 car>plat 503 leg=b
            0.61 plat>car ACK leg=b
            0.62 plat>car2 INVITE leg=b
            0.90 car2>plat 180 leg=b
            0.91 plat>cust 180
            2.00 car2>plat 200 leg=b
            2.01 plat>cust 200
            2.02 cust>plat ACK
            2.03 plat>car2 ACK leg=b
            40.00 cust>plat BYE
            40.01 plat>car2 BYE leg=b
            40.02 car2>plat 200 BYE leg=b
            40.03 plat>cust 200 BYE",
        rule: "hung-up",
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        says: &["503"],
        ..PLAIN
    },
    Scenario {
        row: "picture 6",
        title: "every carrier fails",
        ladder: "0.00 cust>plat INVITE
            0.04 plat>car INVITE leg=b
            0.60 car>plat 503 leg=b
            0.61 plat>car ACK leg=b
            0.62 plat>car2 INVITE leg=b
            1.20 car2>plat 503 leg=b
            1.21 plat>car2 ACK leg=b
            1.22 plat>cust 503
            1.23 cust>plat ACK",
        rule: "server-failure",
        party: Carrier,
        to_act: Carrier,
        certainty: Likely,
        says: &["203.0.113.9 503", "203.0.113.19 503"],
        ..PLAIN
    },
    Scenario {
        row: "picture 7",
        title: "100 from the carrier, no ringing, the platform gives up and tries the next one",
        ladder: "0.00 cust>plat INVITE
            0.04 plat>car INVITE leg=b
            0.08 car>plat 100 leg=b
            5.04 plat>car CANCEL leg=b
            5.08 car>plat 200 CANCEL leg=b
            5.09 car>plat 487 leg=b
            5.10 plat>car ACK leg=b
            5.12 plat>car2 INVITE leg=b
            5.40 car2>plat 503 leg=b
            5.41 plat>car2 ACK leg=b
            5.42 plat>cust 503
            5.43 cust>plat ACK",
        rule: "server-failure",
        party: Carrier,
        to_act: Carrier,
        certainty: Likely,
        says: &["gave up on ExampleTel (#105) 203.0.113.9:5060"],
        ..PLAIN
    },
    Scenario {
        row: "picture 7",
        title: "100 from the only carrier, no ringing, the platform gives up",
        ladder: "0.00 cust>plat INVITE
            0.04 plat>car INVITE leg=b
            0.08 car>plat 100 leg=b
            5.04 plat>car CANCEL leg=b
            5.08 car>plat 200 CANCEL leg=b
            5.09 car>plat 487 leg=b
            5.10 plat>car ACK leg=b
            5.12 plat>cust 408
            5.13 cust>plat ACK",
        rule: "stalled-after-trying",
        party: Carrier,
        to_act: Carrier,
        certainty: Likely,
        next: "",
        ..PLAIN
    },
    Scenario {
        row: "picture 8",
        title: "it rings and the caller gives up",
        ladder: "0.00 cust>plat INVITE
            0.04 plat>car INVITE leg=b
            0.30 car>plat 180 leg=b
            0.31 plat>cust 180
            20.00 cust>plat CANCEL
            20.01 plat>cust 200 CANCEL
            20.02 plat>car CANCEL leg=b
            20.04 car>plat 200 CANCEL leg=b
            20.05 car>plat 487 leg=b
            20.06 plat>car ACK leg=b
            20.07 plat>cust 487
            20.08 cust>plat ACK",
        rule: "caller-gave-up",
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        ..PLAIN
    },
    Scenario {
        row: "picture 9",
        title: "it rings until the platform's timer ends it",
        ladder: "0.00 cust>plat INVITE
            0.04 plat>car INVITE leg=b
            0.30 car>plat 180 leg=b
            0.31 plat>cust 180
            60.30 plat>car CANCEL leg=b
            60.32 car>plat 200 CANCEL leg=b
            60.33 car>plat 487 leg=b
            60.34 plat>car ACK leg=b
            60.35 plat>cust 408 phrase=Ring_Timeout
            60.36 cust>plat ACK",
        rule: "no-answer",
        party: FarEnd,
        to_act: Nobody,
        certainty: Likely,
        next: "ring time",
        ..PLAIN
    },
    Scenario {
        row: "picture 10",
        title: "the caller owes the ACK to the 200",
        ladder: "0.00 cust>plat INVITE
            0.04 plat>car INVITE leg=b
            1.00 car>plat 200 leg=b
            1.01 plat>cust 200
            1.02 plat>car ACK leg=b
            1.51 plat>cust 200
            2.51 plat>cust 200
            4.51 plat>cust 200
            6.01 plat>cust BYE by=callee
            6.02 plat>car BYE leg=b
            6.05 car>plat 200 BYE leg=b",
        rule: "missing-ack",
        party: Customer,
        to_act: Customer,
        certainty: Likely,
        next: "Contact",
        ..PLAIN
    },
    Scenario {
        row: "picture 11",
        title: "the caller gives up, the answer still comes and is ended at once: they crossed",
        ladder: "0.00 cust>plat INVITE
            0.04 plat>car INVITE leg=b
            0.30 car>plat 180 leg=b
            0.31 plat>cust 180
            20.00 cust>plat CANCEL
            20.01 plat>cust 200 CANCEL
            20.02 plat>car CANCEL leg=b
            20.03 car>plat 200 leg=b
            20.04 plat>cust 487
            20.05 cust>plat ACK
            20.06 plat>car ACK leg=b
            20.07 plat>car BYE leg=b
            20.08 car>plat 200 BYE leg=b
            20.50 car>plat 481 CANCEL leg=b",
        rule: "caller-gave-up",
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        says: &["They crossed on the way"],
        ..PLAIN
    },
    Scenario {
        row: "picture 11",
        title: "the same, and the call was billed: the answer did not reach the caller",
        ask: "a@198.51.100.10 billed but not answered",
        ladder: "0.00 cust>plat INVITE
            0.04 plat>car INVITE leg=b
            0.30 car>plat 180 leg=b
            0.31 plat>cust 180
            20.00 cust>plat CANCEL
            20.01 plat>cust 200 CANCEL
            20.02 plat>car CANCEL leg=b
            20.03 car>plat 200 leg=b
            20.04 plat>cust 487
            20.05 cust>plat ACK
            20.06 plat>car ACK leg=b
            20.07 plat>car BYE leg=b
            20.08 car>plat 200 BYE leg=b",
        given: &[(Endpoint::Cdr, r#"[{"dt": "2026-02-16 09:10:00", "callid": "a@198.51.100.10",
            "duration": 60, "sip_code": 200}]"#)],
        rule: "billed-unanswered",
        party: Undecided,
        to_act: Undecided,
        certainty: Likely,
        next: "why that 200 was not passed on",
        ..PLAIN
    },
    Scenario {
        row: "picture 12",
        title: "the messages end with a BYE: its sender is named",
        ladder: up!("60.00 car>plat BYE leg=b by=callee
             60.01 plat>cust BYE by=callee
             60.02 cust>plat 200 BYE by=callee
             60.03 plat>car 200 BYE leg=b by=callee"),
        rule: "hung-up",
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        says: &["The called side hung up"],
        ..PLAIN
    },
];
