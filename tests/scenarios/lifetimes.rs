//! How long an answered call lasted against what ended it: a length is a hypothesis, the missing message is
//! the proof.

use calltriage::demo::Endpoint;
use calltriage::diagnosis::Party::*;
use calltriage::sip::Certainty::*;

use super::{PLAIN, Scenario, hold};

#[test]
fn what_ended_a_call_of_that_length_is_told() {
    hold(SCENARIOS);
}

/// An answered call of which the row alone is left.
const ROW: Scenario = Scenario {
    is_traced: false,
    rule: "released-in-log",
    certainty: Possible,
    ..PLAIN
};

pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        row: "less than 5 s",
        title: "the 200 is repeated and the carrier's side waits for an ACK",
        ladder: "0.00 cust>plat INVITE
            0.04 plat>car INVITE leg=b
            1.00 car>plat 200 leg=b
            1.01 plat>cust 200
            1.51 plat>cust 200
            2.51 plat>cust 200
            4.51 plat>cust 200
            5.90 plat>cust BYE by=callee
            5.91 plat>car ACK leg=b
            5.92 plat>car BYE leg=b
            5.95 car>plat 200 BYE leg=b",
        rule: "missing-ack",
        party: Customer,
        to_act: Customer,
        certainty: Likely,
        next: "Contact",
        ..PLAIN
    },
    Scenario {
        row: "20 to 30 s",
        title: "the carrier leaves the ping unanswered",
        ladder: up!("21.00 plat>car OPTIONS in leg=b cseq=201
             21.50 plat>car OPTIONS in leg=b cseq=201
             22.50 plat>car OPTIONS in leg=b cseq=201
             24.50 plat>car OPTIONS in leg=b cseq=201
             26.00 plat>car BYE leg=b cseq=202
             26.00 plat>cust BYE by=callee
             26.05 cust>plat 200 BYE by=callee"),
        rule: "ping-timeout",
        party: Carrier,
        to_act: Carrier,
        certainty: Likely,
        next: "OPTIONS",
        ..PLAIN
    },
    Scenario {
        row: "about 32 s",
        title: "the ACK is missing, the transaction runs out",
        ladder: "0.00 cust>plat INVITE
            0.04 plat>car INVITE leg=b
            1.00 car>plat 200 leg=b
            1.01 plat>cust 200
            1.02 cust>plat ACK
            1.50 car>plat 200 leg=b
            2.50 car>plat 200 leg=b
            4.50 car>plat 200 leg=b
            8.50 car>plat 200 leg=b
            12.50 car>plat 200 leg=b
            16.50 car>plat 200 leg=b
            20.50 car>plat 200 leg=b
            24.50 car>plat 200 leg=b
            28.50 car>plat 200 leg=b
            32.50 car>plat 200 leg=b
            33.00 car>plat BYE leg=b by=callee
            33.01 plat>car 200 BYE leg=b by=callee
            33.02 plat>cust BYE by=callee
            33.03 cust>plat 200 BYE by=callee",
        rule: "missing-ack",
        party: Configuration,
        to_act: Configuration,
        certainty: Likely,
        next: "",
        ..PLAIN
    },
    Scenario {
        row: "30 to 60 s, silent",
        title: "ended for want of media, the row alone",
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 40,
            "release_reason": "RTPProxy Timeout", "provider_id": 105}}"#,
        party: Customer,
        to_act: Customer,
        next: "from which side no media came",
        says: &["No media came for a while"],
        ..ROW
    },
    Scenario {
        row: "n times 60 s",
        title: "the balance is used up, and the platform ended the call",
        ladder: up!("181.00 plat>cust BYE by=callee
             181.00 plat>car BYE leg=b
             181.05 cust>plat 200 BYE by=callee
             181.06 car>plat 200 BYE leg=b"),
        given: &[(
            Endpoint::Customer,
            r#"{"id": 12, "name": "Acme", "credit": "-0.0100",
            "debit_limit": 0, "currency": "USD", "status": "Active"}"#,
        )],
        rule: "balance-ran-out",
        party: Configuration,
        to_act: Configuration,
        certainty: Likely,
        next: "Top up",
        says: &["-0.01 USD"],
        ..PLAIN
    },
    Scenario {
        row: "n times 60 s",
        title: "the same length with credit left: no word of the balance",
        ladder: up!("181.00 cust>plat BYE
             181.01 plat>car BYE leg=b
             181.05 car>plat 200 BYE leg=b
             181.06 plat>cust 200 BYE"),
        rule: "hung-up",
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        never: &["balance"],
        ..PLAIN
    },
    Scenario {
        row: "about 5 min",
        title: "the carrier leaves the refreshing re-INVITE unanswered",
        ladder: up!("301.00 plat>car INVITE in leg=b cseq=301
             301.50 plat>car INVITE in leg=b cseq=301
             302.50 plat>car INVITE in leg=b cseq=301
             304.50 plat>car INVITE in leg=b cseq=301
             308.50 plat>car INVITE in leg=b cseq=301
             312.00 plat>car BYE leg=b cseq=302
             312.00 plat>cust BYE by=callee
             312.05 cust>plat 200 BYE by=callee"),
        rule: "reinvite-unanswered",
        party: Network,
        to_act: Carrier,
        certainty: Likely,
        next: "",
        ..PLAIN
    },
    Scenario {
        row: "about 15 or 30 min",
        title: "the session runs out without a refresh",
        ladder: "0.00 cust>plat INVITE | Supported: timer
            0.04 plat>car INVITE leg=b | Supported: timer
            1.00 car>plat 200 leg=b | Session-Expires: 1800;refresher=uac
            1.01 plat>cust 200 | Session-Expires: 1800;refresher=uac
            1.02 cust>plat ACK
            1.03 plat>car ACK leg=b
            1801.00 car>plat BYE leg=b by=callee
            1801.01 plat>car 200 BYE leg=b by=callee
            1801.02 plat>cust BYE by=callee
            1801.03 cust>plat 200 BYE by=callee",
        rule: "session-timer-expired",
        party: Configuration,
        to_act: Configuration,
        certainty: Possible,
        next: "",
        ..PLAIN
    },
    Scenario {
        row: "60 min exactly",
        title: "the platform ends the call at the longest duration",
        ladder: up!("3601.00 plat>cust BYE by=callee
             3601.00 plat>car BYE leg=b
             3601.05 cust>plat 200 BYE by=callee
             3601.06 car>plat 200 BYE leg=b"),
        rule: "released-in-log",
        party: Configuration,
        to_act: Configuration,
        certainty: Likely,
        next: "Raise the longest duration",
        says: &["Lifetime Timeout"],
        ..PLAIN
    },
    Scenario {
        row: "other exact value",
        title: "ended by the platform after an odd length, by hand or by a limit",
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 2345,
            "release_reason": "MI Termination", "provider_id": 105}}"#,
        party: Undecided,
        to_act: Undecided,
        next: "",
        says: &["closed the call in the panel"],
        ..ROW
    },
    Scenario {
        row: "random, BYE from one party",
        title: "who sent the BYE has to explain it",
        ladder: up!("97.00 car>plat BYE leg=b by=callee
             97.01 plat>cust BYE by=callee
             97.02 cust>plat 200 BYE by=callee
             97.03 plat>car 200 BYE leg=b by=callee"),
        rule: "hung-up",
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        next: "",
        says: &["The called side hung up", "ExampleTel"],
        ..PLAIN
    },
    Scenario {
        row: "no reason yet",
        title: "the record is not made yet, and that is said",
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 97, "provider_id": 105}}"#,
        party: Undecided,
        to_act: Undecided,
        next: "Ask again later",
        ..ROW
    },
];
