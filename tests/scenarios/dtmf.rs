//! Key presses: only class 5 services of the platform listen to them; elsewhere they pass from end to end.

use calltriage::demo::Endpoint;
use calltriage::diagnosis::Party::*;
use calltriage::sip::Certainty::*;

use super::{PLAIN, Scenario, hold};

#[test]
fn what_can_be_told_of_key_presses_is_told() {
    hold(SCENARIOS);
}

const NO_EVENTS: &str =
    "0.00 cust>plat INVITE || v=0 || o=- 1 1 IN IP4 198.51.100.10 || s=- || c=IN IP4 198.51.100.10 || t=0 0 || m=audio 4000 RTP/AVP 8
     0.30 plat>cust 180
     1.01 plat>cust 200 || v=0 || o=- 1 1 IN IP4 192.0.2.50 || s=- || c=IN IP4 192.0.2.50 || t=0 0 || m=audio 5002 RTP/AVP 8
     1.02 cust>plat ACK
     30.00 cust>plat BYE
     30.01 plat>cust 200 BYE";

pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        row: "G1",
        title: "a menu of the platform hears no key: the customer's device does not offer telephone-event",
        ask: "a@198.51.100.10 DTMF not working",
        ladder: NO_EVENTS,
        given: &[(
            Endpoint::ClassFive,
            r#"[{"time": 1771233002, "event": "IVR", "value": "Main menu"},
            {"time": 1771233020, "event": "IVR", "value": "Time-out, no digits"}]"#,
        )],
        rule: "digits-not-agreed",
        party: Customer,
        to_act: Customer,
        certainty: Possible,
        next: "telephone-event",
        says: &["Main menu"],
        ..PLAIN
    },
    Scenario {
        row: "G1",
        title: "key presses of a plain call: the platform does not listen to them",
        ask: "a@198.51.100.10 DTMF not working",
        ladder: up!("60.00 cust>plat BYE
             60.01 plat>car BYE leg=b
             60.02 car>plat 200 BYE leg=b
             60.03 plat>cust 200 BYE"),
        rule: "hung-up",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "Capture the audio",
        says: &["dtmf"],
        ..PLAIN
    },
];
