//! A call does not end, lasts too long, or is billed too long.

use calltriage::demo::Endpoint;
use calltriage::diagnosis::Party::*;
use calltriage::sip::Certainty::*;

use super::{PLAIN, Scenario, hold};

#[test]
fn why_a_call_did_not_end_or_was_billed_longer_is_told() {
    hold(SCENARIOS);
}

pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        row: "E1",
        title: "the release reason is a BYE of one side: it was a long call",
        ask: "a@198.51.100.10 does not end",
        is_traced: false,
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 5400,
            "release_reason": "Downstream BYE", "provider_id": 105}}"#,
        rule: "released-in-log",
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        next: "Nothing, where the call was over",
        ..PLAIN
    },
    Scenario {
        row: "E2",
        title: "the carrier does not answer the BYE",
        ask: "a@198.51.100.10 overbilled",
        ladder: up!("60.00 cust>plat BYE
             60.01 plat>cust 200 BYE
             60.02 plat>car BYE leg=b
             60.52 plat>car BYE leg=b
             61.52 plat>car BYE leg=b
             63.52 plat>car BYE leg=b
             67.52 plat>car BYE leg=b"),
        rule: "bye-unanswered",
        party: Network,
        to_act: Carrier,
        certainty: Possible,
        next: "",
        ..PLAIN
    },
    Scenario {
        row: "E3",
        title: "no BYE came, and a ping that the customer left unanswered ended the call",
        ask: "a@198.51.100.10 does not end",
        ladder: up!("31.00 plat>cust OPTIONS in by=callee cseq=201
             31.50 plat>cust OPTIONS in by=callee cseq=201
             32.50 plat>cust OPTIONS in by=callee cseq=201
             34.50 plat>cust OPTIONS in by=callee cseq=201
             41.00 plat>cust BYE by=callee cseq=202 | Reason: SIP;text=\"No SIP Ping Reply\"
             41.00 plat>car BYE leg=b
             41.05 car>plat 200 BYE leg=b"),
        rule: "ping-timeout",
        party: Customer,
        to_act: Customer,
        certainty: Likely,
        next: "OPTIONS",
        ..PLAIN
    },
    Scenario {
        row: "E3",
        title: "no BYE is known, and a time-out ended the call: turn on what notices a lost BYE",
        ask: "a@198.51.100.10 does not end",
        is_traced: false,
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 4000,
            "release_reason": "Ping Timeout", "provider_id": 105}}"#,
        rule: "released-in-log",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "which side did not answer OPTIONS",
        says: &["Turn on, in this order: SIP ping"],
        ..PLAIN
    },
    Scenario {
        row: "E4",
        title: "the customer's device does not answer the BYE: its line or the device itself",
        ask: "a@198.51.100.10 does not end",
        ladder: up!("60.00 car>plat BYE leg=b by=callee
             60.01 plat>car 200 BYE leg=b by=callee
             60.02 plat>cust BYE by=callee
             60.52 plat>cust BYE by=callee
             61.52 plat>cust BYE by=callee
             63.52 plat>cust BYE by=callee
             67.52 plat>cust BYE by=callee"),
        rule: "bye-unanswered",
        party: Network,
        to_act: Customer,
        certainty: Possible,
        next: "",
        ..PLAIN
    },
    Scenario {
        row: "E5",
        title: "only the longest time ended it, and every timer was on: not proved to be anybody's",
        ask: "a@198.51.100.10 does not end",
        is_traced: false,
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 7000,
            "release_reason": "Lifetime Timeout", "provider_id": 105}}"#,
        rule: "released-in-log",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        says: &["Turn on, in this order: SIP ping"],
        ..PLAIN
    },
    Scenario {
        row: "E6",
        title: "no BYE, and the list of calls that are up has it as Ended: nobody has to act",
        ask: "a@198.51.100.10 does not end",
        ladder: up!(""),
        configured: &["dialogs"],
        given: &[(
            Endpoint::Dialogs,
            r#"[{"callid": "other@x", "state": "Active", "cli": "441632960777"},
            {"callid": "a@198.51.100.10", "state": "Ended"}]"#,
        )],
        rule: "ended-in-dialogs",
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        next: "Nothing: look again",
        never: &["441632960777"],
        ..PLAIN
    },
    Scenario {
        row: "E6",
        title: "the list of calls that are up does not have it: that is said",
        ask: "a@198.51.100.10 does not end",
        ladder: up!(""),
        configured: &["dialogs"],
        rule: "call-still-up",
        party: Undecided,
        to_act: Nobody,
        certainty: Likely,
        says: &["list of calls that are up does not have this one"],
        ..PLAIN
    },
    Scenario {
        row: "E7",
        title: "billed 20 s longer than it was: Delayed Bye",
        ask: "a@198.51.100.10 overbilled",
        ladder: up!("60.00 cust>plat BYE
             60.01 plat>car BYE leg=b
             60.02 car>plat 200 BYE leg=b
             60.03 plat>cust 200 BYE"),
        given: &[(
            Endpoint::Cdr,
            r#"[{"dt": "2026-02-16 09:10:00", "callid": "a@198.51.100.10",
            "duration": 79, "customer_duration": 79, "provider_duration": 79, "sip_code": 200}]"#,
        )],
        rule: "billed-longer-than-talked",
        party: Configuration,
        to_act: Configuration,
        certainty: Possible,
        next: "Delayed Bye",
        says: &["79.0 s were billed", "20.0 s more"],
        ..PLAIN
    },
    Scenario {
        row: "E7",
        title: "billed 20 s longer than the log has it, and the messages are gone: the figures are shown",
        ask: "a@198.51.100.10 overbilled",
        ladder: up!("60.00 cust>plat BYE
             60.01 plat>car BYE leg=b
             60.02 car>plat 200 BYE leg=b
             60.03 plat>cust 200 BYE"),
        is_traced: false,
        given: &[(
            Endpoint::Cdr,
            r#"[{"dt": "2026-02-16 09:10:00", "callid": "a@198.51.100.10",
            "duration": 79, "customer_duration": 79, "provider_duration": 79, "sip_code": 200}]"#,
        )],
        rule: "released-in-log",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "Set these figures against both bills",
        says: &["59.0 s"],
        ..PLAIN
    },
    Scenario {
        row: "E7",
        title: "billed to the second: the figures agree",
        ask: "a@198.51.100.10 overbilled",
        ladder: up!("60.00 cust>plat BYE
             60.01 plat>car BYE leg=b
             60.02 car>plat 200 BYE leg=b
             60.03 plat>cust 200 BYE"),
        rule: "hung-up",
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        never: &["were billed"],
        ..PLAIN
    },
    Scenario {
        row: "E7",
        title: "billed 20 s longer, and the carrier left the BYE unanswered: its side, not Delayed Bye",
        ask: "a@198.51.100.10 overbilled",
        ladder: up!("60.00 cust>plat BYE
             60.01 plat>car BYE leg=b
             60.03 plat>cust 200 BYE
             60.51 plat>car BYE leg=b
             61.51 plat>car BYE leg=b
             63.51 plat>car BYE leg=b
             67.51 plat>car BYE leg=b
             71.51 plat>car BYE leg=b
             75.51 plat>car BYE leg=b
             92.01 cust>plat OPTIONS leg=o"),
        given: &[(
            Endpoint::Cdr,
            r#"[{"dt": "2026-02-16 09:10:00", "callid": "a@198.51.100.10",
            "duration": 79, "customer_duration": 79, "provider_duration": 79, "sip_code": 200}]"#,
        )],
        has_peers: true,
        rule: "billed-longer-than-talked",
        party: Carrier,
        to_act: Carrier,
        certainty: Likely,
        says: &["did not answer the BYE"],
        never: &["Delayed Bye on the carrier's card makes calls longer"],
        ..PLAIN
    },
    Scenario {
        row: "E7",
        title: "billed 41 s longer, and every BYE was answered: more than Delayed Bye explains",
        ask: "a@198.51.100.10 overbilled",
        ladder: up!("60.00 cust>plat BYE
             60.01 plat>car BYE leg=b
             60.02 car>plat 200 BYE leg=b
             60.03 plat>cust 200 BYE"),
        given: &[(
            Endpoint::Cdr,
            r#"[{"dt": "2026-02-16 09:10:00", "callid": "a@198.51.100.10",
            "duration": 100, "customer_duration": 100, "provider_duration": 100, "sip_code": 200}]"#,
        )],
        rule: "billed-longer-than-talked",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        says: &["41.0 s more", "Every BYE was answered"],
        ..PLAIN
    },
    Scenario {
        row: "E7",
        title: "the customer is billed for a whole minute: the step of the rate card, which was not looked at",
        ask: "a@198.51.100.10 overbilled",
        ladder: up!("30.00 cust>plat BYE
             30.01 plat>car BYE leg=b
             30.02 car>plat 200 BYE leg=b
             30.03 plat>cust 200 BYE"),
        given: &[(
            Endpoint::Cdr,
            r#"[{"dt": "2026-02-16 09:10:00", "callid": "a@198.51.100.10",
            "duration": 29, "customer_duration": 60, "provider_duration": 30, "sip_code": 200}]"#,
        )],
        rule: "hung-up",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "step (pulse) and minimum",
        says: &["31.0 s that were billed beyond"],
        ..PLAIN
    },
    Scenario {
        row: "E7",
        title: "billed although the carrier refused it: the record does not fit the messages, and nobody is blamed",
        ask: "a@198.51.100.10 overbilled",
        ladder: "0.00 cust>plat INVITE
            0.04 plat>car INVITE leg=b
            0.30 car>plat 486 leg=b
            0.31 plat>car ACK leg=b
            0.35 plat>cust 486
            0.40 cust>plat ACK",
        given: &[(
            Endpoint::Cdr,
            r#"[{"dt": "2026-02-16 09:10:00", "callid": "a@198.51.100.10",
            "duration": 50, "customer_duration": 60, "provider_duration": 50, "sip_code": 200}]"#,
        )],
        rule: "billed-unanswered",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "carrier's own bill",
        says: &["the record does not fit them"],
        ..PLAIN
    },
];
