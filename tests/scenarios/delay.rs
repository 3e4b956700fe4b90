//! Slow to ring, and billed but not really answered.

use calltriage::demo::Endpoint;
use calltriage::diagnosis::Party::*;
use calltriage::sip::Certainty::*;

use super::{PLAIN, Scenario, hold};

#[test]
fn where_the_time_went_and_what_was_billed_is_told() {
    hold(SCENARIOS);
}

pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        row: "H1",
        title: "the platform adds little, the carrier rings late",
        ask: "a@198.51.100.10 slow to ring",
        ladder: "0.00 cust>plat INVITE
            0.01 plat>cust 100
            0.04 plat>car INVITE leg=b
            0.08 car>plat 100 leg=b
            7.00 car>plat 180 leg=b
            7.01 plat>cust 180
            9.00 car>plat 200 leg=b
            9.01 plat>cust 200
            9.02 cust>plat ACK
            9.03 plat>car ACK leg=b
            60.00 cust>plat BYE
            60.01 plat>car BYE leg=b
            60.02 car>plat 200 BYE leg=b
            60.03 plat>cust 200 BYE",
        rule: "high-pdd",
        party: Carrier,
        to_act: Carrier,
        certainty: Likely,
        next: "",
        ..PLAIN
    },
    Scenario {
        row: "H2",
        title: "a dead carrier is tried first",
        ask: "a@198.51.100.10 slow to ring",
        ladder: "0.00 cust>plat INVITE
            0.01 plat>cust 100
            0.04 plat>car INVITE leg=b
            0.54 plat>car INVITE leg=b
            1.54 plat>car INVITE leg=b
            3.54 plat>car INVITE leg=b
            5.54 plat>car2 INVITE leg=b
            6.00 car2>plat 180 leg=b
            6.01 plat>cust 180
            9.00 car2>plat 200 leg=b
            9.01 plat>cust 200
            9.02 cust>plat ACK
            9.03 plat>car2 ACK leg=b
            60.00 cust>plat BYE
            60.01 plat>car2 BYE leg=b
            60.02 car2>plat 200 BYE leg=b
            60.03 plat>cust 200 BYE",
        rule: "high-pdd",
        party: Network,
        to_act: Configuration,
        certainty: Likely,
        next: "",
        says: &["ExampleTel"],
        ..PLAIN
    },
    Scenario {
        row: "H3",
        title: "more new calls a second than allowed: the platform holds the call back",
        ask: "a@198.51.100.10 slow to ring",
        ladder: "0.00 cust>plat INVITE
            0.01 plat>cust 100 phrase=Trying_(High_CPS,_Buffering)
            1.01 plat>cust 100 phrase=Trying_(High_CPS,_Buffering)
            2.01 plat>cust 100 phrase=Trying_(High_CPS,_Buffering)
            3.01 plat>cust 100 phrase=Trying_(High_CPS,_Buffering)
            4.01 plat>cust 100 phrase=Trying_(High_CPS,_Buffering)
            5.04 plat>car INVITE leg=b
            5.30 car>plat 180 leg=b
            5.31 plat>cust 180
            9.00 car>plat 200 leg=b
            9.01 plat>cust 200
            9.02 cust>plat ACK
            9.03 plat>car ACK leg=b
            60.00 cust>plat BYE
            60.01 plat>car BYE leg=b
            60.02 car>plat 200 BYE leg=b
            60.03 plat>cust 200 BYE",
        rule: "call-held-back",
        party: Configuration,
        to_act: Configuration,
        certainty: Likely,
        next: "spread its bursts",
        ..PLAIN
    },
    Scenario {
        row: "H4",
        title: "the platform itself takes long before it tries a carrier",
        ask: "a@198.51.100.10 slow to ring",
        ladder: "0.00 cust>plat INVITE
            0.01 plat>cust 100
            5.04 plat>car INVITE leg=b
            5.30 car>plat 180 leg=b
            5.31 plat>cust 180
            9.00 car>plat 200 leg=b
            9.01 plat>cust 200
            9.02 cust>plat ACK
            9.03 plat>car ACK leg=b
            60.00 cust>plat BYE
            60.01 plat>car BYE leg=b
            60.02 car>plat 200 BYE leg=b
            60.03 plat>cust 200 BYE",
        rule: "high-pdd",
        party: Configuration,
        to_act: Configuration,
        certainty: Likely,
        next: "script",
        ..PLAIN
    },
    Scenario {
        row: "J1",
        title: "billed, and the caller heard no answer",
        ask: "a@198.51.100.10 billed but not answered",
        ladder: refused!("503"),
        given: &[(
            Endpoint::Cdr,
            r#"[{"dt": "2026-02-16 09:10:00", "callid": "a@198.51.100.10",
            "duration": 31, "customer_duration": 31, "provider_duration": 60, "sip_code": 200}]"#,
        )],
        rule: "billed-unanswered",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "carrier's own bill",
        says: &["31.0 s were billed"],
        ..PLAIN
    },
    Scenario {
        row: "J1",
        title: "answered at once without ringing, as false answers are",
        ask: "a@198.51.100.10 billed but not answered",
        ladder: "0.00 cust>plat INVITE
            0.01 plat>cust 100
            0.04 plat>car INVITE leg=b
            0.12 car>plat 200 leg=b
            0.13 plat>cust 200
            0.14 cust>plat ACK
            0.15 plat>car ACK leg=b
            12.00 cust>plat BYE
            12.01 plat>car BYE leg=b
            12.02 car>plat 200 BYE leg=b
            12.03 plat>cust 200 BYE",
        rule: "answered-without-ringing",
        party: Carrier,
        to_act: Carrier,
        certainty: Possible,
        next: "test call",
        ..PLAIN
    },
];
