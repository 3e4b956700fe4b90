//! An answered call drops by itself: release reasons, where the messages do not show the end.

use calltriage::diagnosis::Party::*;
use calltriage::sip::Certainty::*;

use super::{PLAIN, Scenario, hold};

#[test]
fn why_an_answered_call_dropped_is_told() {
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
        row: "D Downstream BYE",
        title: "outbound: the customer hung up",
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 47,
            "release_reason": "Downstream BYE - Customer Disconnected", "provider_id": 105}}"#,
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        next: "ask the calling side why it sent the BYE",
        says: &["side of: customer"],
        ..ROW
    },
    Scenario {
        row: "D Upstream BYE",
        title: "outbound: the carrier's side hung up",
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 47,
            "release_reason": "Upstream BYE", "provider_id": 105}}"#,
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        next: "ask the answering side why it sent the BYE",
        says: &["carrier or far end"],
        ..ROW
    },
    Scenario {
        row: "D Downstream BYE",
        title: "inbound: the calling side is the carrier's, not the customer's",
        log: r#"{"sip_code": 200, "sip_reason": "OK", "direction": "Origination", "customer_id": 12,
            "params": {"si": "203.0.113.9"}, "ok": {"duration": 47, "release_reason": "Downstream BYE"}}"#,
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        says: &["side of: carrier"],
        never: &["side of: customer"],
        ..ROW
    },
    Scenario {
        row: "D MI Termination",
        title: "no audio, or ended by hand",
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 44,
            "release_reason": "MI Termination", "provider_id": 105}}"#,
        party: Customer,
        to_act: Customer,
        next: "from which side no media came",
        says: &["closed the call in the panel", "No media came"],
        ..ROW
    },
    Scenario {
        row: "D Ping Timeout",
        title: "one side did not answer the pings; which one, the row does not say",
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 26,
            "release_reason": "Ping Timeout", "provider_id": 105}}"#,
        party: Undecided,
        to_act: Undecided,
        next: "which side did not answer OPTIONS",
        ..ROW
    },
    Scenario {
        row: "D Caller Ping Timeout",
        title: "the caller did not answer the pings",
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 26,
            "release_reason": "Caller Ping Timeout", "provider_id": 105}}"#,
        party: Customer,
        to_act: Customer,
        certainty: Likely,
        next: "OPTIONS",
        ..ROW
    },
    Scenario {
        row: "D Re-INVITE Ping Timeout",
        title: "the answering side did not answer the refresh",
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 301,
            "release_reason": "Re-INVITE Ping Timeout, Upstream", "provider_id": 105}}"#,
        party: Carrier,
        to_act: Carrier,
        next: "re-INVITE",
        ..ROW
    },
    Scenario {
        row: "D Lifetime Timeout",
        title: "at the longest duration that is set by default",
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 3600,
            "release_reason": "Lifetime Timeout", "provider_id": 105}}"#,
        party: Configuration,
        to_act: Configuration,
        certainty: Likely,
        next: "Raise the longest duration on the route or number",
        ..ROW
    },
    Scenario {
        row: "D Lifetime Timeout",
        title: "after a few seconds: no limit is that short, an ACK is missing",
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 5,
            "release_reason": "Lifetime Timeout", "provider_id": 105}}"#,
        party: Customer,
        to_act: Customer,
        next: "On the side that owes the ACK",
        ..ROW
    },
    Scenario {
        row: "D RTP Timeout",
        title: "no media came for a while",
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 1250,
            "release_reason": "RTP Timeout", "provider_id": 105}}"#,
        party: Undecided,
        to_act: Undecided,
        next: "from which side no media came",
        ..ROW
    },
    Scenario {
        row: "D SIP Race Condition",
        title: "two messages crossed",
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 1,
            "release_reason": "SIP Race Condition", "provider_id": 105}}"#,
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        next: "which messages crossed",
        ..ROW
    },
    Scenario {
        row: "D unknown",
        title: "a release reason that no table has is shown as it is",
        log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 61,
            "release_reason": "Gateway Purge", "provider_id": 105}}"#,
        party: Undecided,
        to_act: Undecided,
        next: "report it",
        says: &["Gateway Purge"],
        ..ROW
    },
    Scenario {
        row: "D messages",
        title: "the row says Upstream BYE, the messages show the caller's BYE: the messages count",
        ladder: up!("60.00 cust>plat BYE
             60.01 plat>car BYE leg=b
             60.02 car>plat 200 BYE leg=b
             60.03 plat>cust 200 BYE"),
        is_traced: true,
        log: r#"{"ok": {"release_reason": "Upstream BYE"}}"#,
        rule: "hung-up",
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        says: &["The caller hung up", "Upstream BYE"],
        ..ROW
    },
];
