//! An inbound call will not connect: from a carrier, to a number of ours.

use calltriage::demo::Endpoint;
use calltriage::diagnosis::Party::*;
use calltriage::sip::Certainty::*;

use super::{PLAIN, Scenario, hold};

#[test]
fn why_an_inbound_call_does_not_connect_is_told() {
    hold(SCENARIOS);
}

/// A call from a carrier that the platform refused, and of which no message is left.
const ROW: Scenario = Scenario {
    is_traced: false,
    rule: "refused-in-log",
    party: Configuration,
    to_act: Configuration,
    certainty: Certain,
    ..PLAIN
};

/// A call to a number of ours that was answered, and of which somebody says that it reached the wrong place.
const MISPLACED: Scenario = Scenario {
    row: "B wrong place",
    ask: "a@198.51.100.10 wrong destination",
    ladder: "0.00 car>plat INVITE
        0.04 plat>cust INVITE leg=b
        0.30 cust>plat 180 leg=b
        0.31 plat>car 180
        1.00 cust>plat 200 leg=b
        1.01 plat>car 200
        1.02 car>plat ACK
        1.03 plat>cust ACK leg=b
        30.00 car>plat BYE
        30.01 plat>cust BYE leg=b
        30.02 cust>plat 200 BYE leg=b
        30.03 plat>car 200 BYE",
    log: r#"{"direction": "Origination", "customer_id": 12, "attempts": [{"customer_id": 12, "sip_code": 200}]}"#,
    ..PLAIN
};

pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        row: "B1",
        title: "no row for the number: the carrier does not deliver, or is blocked before logging",
        ask: "inbound 442079460999 not delivered",
        log: "-",
        rule: "call-not-found",
        party: Undecided,
        to_act: Carrier,
        certainty: Possible,
        next: "Ask the carrier whether it sends 442079460999 to our address",
        says: &["firewall", "capture"],
        ..PLAIN
    },
    Scenario {
        row: "B2",
        title: "IP Not Authorised for a number of ours: the carrier sends from an address that is not listed",
        log: r#"{"sip_code": 401, "sip_reason": "IP Not Authorised", "customer_id": null,
            "direction": "Origination", "params": {"si": "203.0.113.9"}}"#,
        certainty: Likely,
        next: "If 203.0.113.9 is a customer's",
        says: &["carrier's, add it to that carrier"],
        ..ROW
    },
    Scenario {
        row: "B3",
        title: "404 before anybody was called: the number's own settings",
        log: r#"{"sip_code": 404, "sip_reason": "Not Found", "direction": "Origination",
            "ou": "442079460001", "params": {"si": "203.0.113.9"}}"#,
        certainty: Likely,
        next: "Check that 442079460001 is set up and enabled, with the right customer, a card of direction Origination and the right destination",
        says: &["442079460001", "Acme (#12)"],
        ..ROW
    },
    Scenario {
        row: "B4",
        title: "refused early without a known text, and the call has no attestation",
        log: r#"{"sip_code": 403, "sip_reason": "Forbidden", "direction": "Origination", "meta": {},
            "params": {"si": "203.0.113.9"}}"#,
        certainty: Possible,
        next: "Look at the least attestation asked for",
        says: &["attestation"],
        ..ROW
    },
    Scenario {
        row: "B5",
        title: "refused early, and the customer has no balance",
        log: r#"{"sip_code": 403, "sip_reason": "Forbidden", "direction": "Origination",
            "params": {"si": "203.0.113.9"}}"#,
        given: &[(
            Endpoint::Customer,
            r#"{"id": 12, "name": "Acme", "credit": "0",
            "debit_limit": 0, "currency": "USD", "status": "Active"}"#,
        )],
        rule: "customer-cannot-dial",
        certainty: Likely,
        next: "Allow inbound calls with zero balance, or top up",
        ..ROW
    },
    Scenario {
        row: "B6",
        title: "the INVITE to the customer stays unanswered: the way in through its NAT is closed",
        ladder: "0.00 car>plat INVITE
            0.01 plat>car 100
            0.04 plat>cust INVITE leg=b
            0.54 plat>cust INVITE leg=b
            1.54 plat>cust INVITE leg=b
            3.54 plat>cust INVITE leg=b
            5.00 plat>car 408 phrase=Request_Timeout
            5.01 car>plat ACK",
        log: r#"{"direction": "Origination", "customer_id": 12, "attempts": [{"customer_id": 12, "customer_name": "Acme"}]}"#,
        rule: "no-response",
        party: Network,
        to_act: Customer,
        certainty: Likely,
        next: "",
        says: &["NAT/SIP ping", "went to 198.51.100.10"],
        ..PLAIN
    },
    Scenario {
        row: "B6",
        title: "the INVITE to the customer stays unanswered, and the platform shows no registration of the user now",
        ladder: "0.00 car>plat INVITE
            0.01 plat>car 100
            0.04 plat>cust INVITE leg=b
            0.54 plat>cust INVITE leg=b
            1.54 plat>cust INVITE leg=b
            3.54 plat>cust INVITE leg=b
            5.00 plat>car 408 phrase=Request_Timeout
            5.01 car>plat ACK",
        log: r#"{"direction": "Origination", "customer_id": 12, "attempts": [{"customer_id": 12, "customer_name": "Acme"}]}"#,
        configured: &["registrations"],
        rule: "no-response",
        party: Network,
        to_act: Customer,
        certainty: Likely,
        next: "",
        says: &["The platform shows no registration of 441632960002 now"],
        ..PLAIN
    },
    Scenario {
        row: "B7",
        title: "the customer's device answers 404: which number it sees",
        ladder: "0.00 car>plat INVITE
            0.04 plat>cust INVITE leg=b
            0.30 cust>plat 404 leg=b
            0.31 plat>cust ACK leg=b
            0.32 plat>car 404
            0.33 car>plat ACK",
        log: r#"{"direction": "Origination", "customer_id": 12, "attempts": [{"customer_id": 12, "sip_code": 404}]}"#,
        rule: "number-not-found",
        party: Customer,
        to_act: Customer,
        certainty: Possible,
        says: &["Retain DID", "went to 198.51.100.10"],
        ..PLAIN
    },
    Scenario {
        row: "B8",
        title: "a customer known by its address gets nothing: it needs an entry for the other direction",
        log: r#"{"sip_code": 480, "sip_reason": "Temporarily Unavailable", "direction": "Origination",
            "params": {"si": "203.0.113.9"}}"#,
        given: &[(
            Endpoint::Customer,
            r#"{"id": 12, "name": "Acme", "credit": "20", "debit_limit": 0,
            "status": "Active", "ips": ["198.51.100.10"], "sip_users": []}"#,
        )],
        certainty: Possible,
        next: "This endpoint receives calls",
        ..ROW
    },
    Scenario {
        row: "B9",
        title: "the customer is busy: normal",
        ladder: "0.00 car>plat INVITE
            0.04 plat>cust INVITE leg=b
            0.30 cust>plat 486 leg=b
            0.31 plat>cust ACK leg=b
            0.32 plat>car 486
            0.33 car>plat ACK",
        log: r#"{"direction": "Origination", "customer_id": 12, "attempts": [{"customer_id": 12, "sip_code": 486}]}"#,
        rule: "called-busy",
        party: Customer,
        to_act: Nobody,
        certainty: Likely,
        next: "Nothing to repair",
        says: &["Acme (#12)"],
        ..PLAIN
    },
    Scenario {
        title: "delivered to the wrong place is reported: where it went is told, and where it should go is asked",
        rule: "hung-up",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "Is that where it should go? Ask again with expect=",
        says: &["went to 198.51.100.10", "no endpoint configured"],
        ..MISPLACED
    },
    Scenario {
        ask: "a@198.51.100.10 wrong destination expect=203.0.113.200",
        title: "it should have gone to another address, as was said",
        rule: "wrong-destination",
        party: Configuration,
        to_act: Configuration,
        certainty: Likely,
        next: "Set 203.0.113.200 as the destination of the number",
        says: &[
            "went to 198.51.100.10:5060",
            "should have gone to 203.0.113.200, as was said",
        ],
        ..MISPLACED
    },
    Scenario {
        ask: "a@198.51.100.10 expect=\"Beispiel GmbH\"",
        title: "it should have gone to another customer, and what is set up names the one that got it",
        configured: &["did"],
        given: &[(
            Endpoint::Did,
            "442079460001: External sip:441632960002@198.51.100.10",
        )],
        rule: "wrong-destination",
        party: Configuration,
        to_act: Configuration,
        certainty: Likely,
        next: "Set Beispiel GmbH as the destination",
        says: &[
            "What is set up for the number leads there",
            "External sip:441632960002@198.51.100.10",
        ],
        ..MISPLACED
    },
    Scenario {
        ask: "a@198.51.100.10 wrong destination expect=Acme",
        title: "it went to the customer that was said: another thing is wrong with it",
        rule: "hung-up",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "Say what was wrong with it",
        says: &["went where it should have gone, as was said"],
        ..MISPLACED
    },
    Scenario {
        title: "what is set up names another address: possible, and shown to be read",
        configured: &["did"],
        given: &[(
            Endpoint::Did,
            r#"{"did": "442079460001", "destination": "sip:desk@203.0.113.200"}"#,
        )],
        rule: "wrong-destination",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "Read what is set up for the number",
        says: &["not among what is set up", "sip:desk@203.0.113.200"],
        ..MISPLACED
    },
    Scenario {
        title: "what is set up names no place that can be compared: it is shown, and the place is asked for",
        configured: &["did"],
        given: &[(
            Endpoint::Did,
            r#"{"did": "442079460001", "destination": "Internal", "app": 55}"#,
        )],
        rule: "hung-up",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "Is that where it should go? Ask again with expect=",
        says: &["It is set up as: app 55", "Internal"],
        never: &["no endpoint configured); look at the number under DID"],
        ..MISPLACED
    },
    Scenario {
        title: "what is set up cannot be asked for: that is said",
        configured: &["did"],
        given: &[(Endpoint::Did, "<html>Log in</html>")],
        rule: "hung-up",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "Is that where it should go? Ask again with expect=",
        says: &["main: DID: the platform answered with a web page"],
        ..MISPLACED
    },
    Scenario {
        row: "B6",
        title: "480 after it rang: the device was reached, so nothing of its NAT",
        ladder: "0.00 car>plat INVITE
            0.04 plat>cust INVITE leg=b
            0.30 cust>plat 180 leg=b
            0.31 plat>car 180
            4.00 cust>plat 480 leg=b
            4.01 plat>cust ACK leg=b
            4.05 plat>car 480
            4.10 car>plat ACK",
        log: r#"{"direction": "Origination", "customer_id": 12, "params": {"si": "203.0.113.9"},
            "attempts": [{"customer_id": 12, "sip_code": 480}]}"#,
        rule: "no-answer",
        party: Customer,
        to_act: Nobody,
        certainty: Likely,
        never: &["NAT/SIP ping"],
        ..PLAIN
    },
];
