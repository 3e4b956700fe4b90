//! Class 5 services and AI agents of the platform.

use calltriage::demo::Endpoint;
use calltriage::diagnosis::Party::*;
use calltriage::sip::Certainty::*;

use super::{PLAIN, Scenario, hold};

#[test]
fn the_steps_through_a_service_are_told() {
    hold(SCENARIOS);
}

/// A call that a service of the platform took, until the caller hung up.
const AGENT: &str = "0.00 cust>plat INVITE
    0.30 plat>cust 180
    1.01 plat>cust 200
    1.02 cust>plat ACK
    31.00 cust>plat BYE
    31.01 plat>cust 200 BYE";

pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        row: "I1",
        title: "the call left a queue of the platform: its last steps are told",
        ladder: "0.00 cust>plat INVITE
            0.30 plat>cust 180
            1.01 plat>cust 200
            1.02 cust>plat ACK
            31.00 plat>cust BYE by=callee
            31.01 cust>plat 200 BYE by=callee",
        given: &[(
            Endpoint::ClassFive,
            r#"[{"time": 1771233002, "event": "Queue", "value": "Sales"},
            {"time": 1771233030, "event": "Queue", "value": "Time-out, hang up"}]"#,
        )],
        rule: "service-ended-call",
        party: Configuration,
        to_act: Configuration,
        certainty: Possible,
        next: "the last step",
        says: &["Queue: Sales, then Queue: Time-out, hang up"],
        ..PLAIN
    },
    Scenario {
        row: "I1",
        title: "a row alone, and the call went through a menu",
        is_traced: false,
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 29, "release_reason": "Downstream BYE"}}"#,
        given: &[(
            Endpoint::ClassFive,
            r#"[{"time": 1771233002, "event": "IVR", "value": "Main menu"}]"#,
        )],
        rule: "released-in-log",
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        says: &["IVR: Main menu"],
        ..PLAIN
    },
    Scenario {
        row: "I1",
        title: "an AI agent took part: its slowest stage is told, and nothing of what was said",
        ladder: AGENT,
        given: &[
            (
                Endpoint::ClassFive,
                r#"[{"event": "AI Agent", "value": "Reception"}]"#,
            ),
            (
                Endpoint::AiAgent,
                r#"[{"stage": "STT", "duration": 300, "input": "my pin is 4711"},
                {"stage": "LLM", "duration": 4200}, {"stage": "TTS", "duration": 250}]"#,
            ),
        ],
        rule: "hung-up",
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        says: &["by duration as reported, the longest first: LLM 4200, STT 300, TTS 250"],
        never: &["4711"],
        ..PLAIN
    },
    Scenario {
        row: "I1",
        title: "a stage of an AI agent timed out",
        ladder: AGENT,
        given: &[
            (
                Endpoint::ClassFive,
                r#"[{"event": "AI Agent", "value": "Reception"}]"#,
            ),
            (
                Endpoint::AiAgent,
                r#"[{"stage": "STT", "status": "Timeout"}, {"stage": "LLM"}]"#,
            ),
        ],
        rule: "agent-took-part",
        party: Configuration,
        to_act: Configuration,
        certainty: Possible,
        next: "Look at the stage STT",
        ..PLAIN
    },
    Scenario {
        row: "I1",
        title: "the AI agent's log cannot be asked for: that is said",
        ladder: AGENT,
        given: &[
            (
                Endpoint::ClassFive,
                r#"[{"event": "AI Agent", "value": "Reception"}]"#,
            ),
            (Endpoint::AiAgent, r#"{"error": "Access Denied"}"#),
        ],
        rule: "hung-up",
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        says: &["main: AI agent: "],
        ..PLAIN
    },
];
