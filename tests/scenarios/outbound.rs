//! An outbound call will not connect.

use calltriage::demo::Endpoint;
use calltriage::diagnosis::Party::*;
use calltriage::sip::Certainty::*;

use super::{PLAIN, Scenario, hold};

#[test]
fn why_an_outbound_call_does_not_connect_is_told() {
    hold(SCENARIOS);
}

/// The row of a call that was refused before any carrier was tried, and of which no message is left.
const ROW: Scenario = Scenario {
    is_traced: false,
    rule: "refused-in-log",
    party: Configuration,
    to_act: Configuration,
    certainty: Certain,
    ..PLAIN
};

/// A call that the platform refused, with the messages.
const TRACED: Scenario = Scenario {
    rule: "refused-by-platform",
    party: Configuration,
    to_act: Configuration,
    certainty: Certain,
    ..PLAIN
};

/// Carriers that were tried, and of which no message is left.
const TRIED: Scenario = Scenario {
    is_traced: false,
    rule: "carriers-failed-in-log",
    party: Carrier,
    to_act: Carrier,
    certainty: Likely,
    ..PLAIN
};

pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        row: "A1",
        title: "the log has no row and the trace no message",
        log: "-",
        rule: "call-not-found",
        next: "Check the id letter by letter",
        says: &["firewall", "15 minutes", "capture"],
        ..PLAIN
    },
    Scenario {
        row: "A2",
        title: "IP Not Authorised, and no address entry covers the source",
        log: r#"{"sip_code": 401, "sip_reason": "IP Not Authorised", "customer_id": null,
            "params": {"si": "198.51.100.20"}}"#,
        certainty: Likely,
        next: "If 198.51.100.20 is a customer's, add it with the direction \"This endpoint sends calls\"",
        says: &["no address entry covers 198.51.100.20", "stranger"],
        ..ROW
    },
    Scenario {
        row: "A2",
        title: "IP Not Authorised, with the messages: the address entries are compared all the same",
        ladder: "0.00 cust2>plat INVITE
            0.05 plat>cust2 401 phrase=IP_Not_Authorised
            0.06 cust2>plat ACK",
        rule: "refused-in-log",
        certainty: Likely,
        next: "If 198.51.100.20 is a customer's, add it",
        says: &["no address entry covers 198.51.100.20"],
        ..TRACED
    },
    Scenario {
        row: "A2",
        title: "IP Not Authorised although a block covers the source: direction, tech prefix, caller ID",
        log: r#"{"sip_code": 403, "sip_reason": "IP not Authorized", "customer_id": null,
            "params": {"si": "198.51.100.200"}}"#,
        certainty: Likely,
        next: "direction of that entry",
        says: &["198.51.100.128/25"],
        ..ROW
    },
    Scenario {
        row: "A2",
        title: "IP Not Authorised to a tool that strangers scan with: no action",
        log: r#"{"sip_code": 401, "sip_reason": "IP Not Authorised", "customer_id": null,
            "params": {"si": "198.51.100.20", "userAgent": "friendly-scanner"}}"#,
        party: Nobody,
        to_act: Nobody,
        certainty: Likely,
        next: "",
        says: &["friendly-scanner"],
        ..ROW
    },
    Scenario {
        row: "A3",
        title: "the row shows 407 and no message is left: no proof that authentication failed",
        is_traced: false,
        log: r#"{"sip_code": 407, "sip_reason": "Authentication Required"}"#,
        rule: "challenge-in-log",
        party: Undecided,
        to_act: Customer,
        certainty: Possible,
        next: "second INVITE",
        never: &["wrong password", "password is wrong"],
        ..PLAIN
    },
    Scenario {
        row: "A3",
        title: "the row shows 407, the messages a call that a carrier refused: the messages count",
        ladder: "0.00 cust>plat INVITE
            0.01 plat>cust 407 | Proxy-Authenticate: Digest realm=\"sip\",nonce=\"n1\"
            0.02 cust>plat ACK
            0.03 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username=\"shop\",realm=\"sip\",nonce=\"n1\",uri=\"sip:x\",response=\"00\"
            0.04 plat>cust 100 cseq=2
            0.06 plat>car INVITE leg=b
            0.61 car>plat 503 leg=b
            0.62 plat>car ACK leg=b
            0.63 plat>cust 503 cseq=2
            0.64 cust>plat ACK cseq=2",
        log: r#"{"sip_code": 407, "sip_reason": "Authentication Required", "attempts": []}"#,
        rule: "server-failure",
        party: Carrier,
        to_act: Carrier,
        certainty: Likely,
        says: &["The platform's log says 407", "the messages count"],
        ..PLAIN
    },
    Scenario {
        row: "A3",
        title: "Unknown User in the row alone: user, password, or our setting",
        log: r#"{"sip_code": 503, "sip_reason": "Unknown User"}"#,
        party: Customer,
        to_act: Customer,
        certainty: Possible,
        next: "Compare the user name with the SIP users",
        ..ROW
    },
    Scenario {
        row: "A4",
        title: "Blocked by Dial plan",
        log: r#"{"sip_code": 503, "sip_reason": "Blocked by Dialplan"}"#,
        next: "Check the number format (E.164 without +), then the parameter rewrite, the alias and the routing",
        ..ROW
    },
    Scenario {
        row: "A4",
        title: "580 No Route Available, with the messages",
        ladder: own!("580 phrase=No_Route_Available"),
        rule: "refused-in-log",
        next: "The rate card has a rule for the number by now",
        says: &["rate card GjjS-E0FO (revision 3) has the rule 44 (United Kingdom) for 441632960002"],
        ..TRACED
    },
    Scenario {
        row: "A4",
        title: "580 No Route Available, and the customer has no route at all",
        log: r#"{"sip_code": 580, "sip_reason": "No Route Available"}"#,
        given: &[(Endpoint::Routes, "[]")],
        next: "Give the customer a route",
        says: &["the platform lists no route of this customer"],
        ..ROW
    },
    Scenario {
        row: "A4",
        title: "580 No Route Available, and the routes cannot be asked for: that is said, nothing is concluded",
        log: r#"{"sip_code": 580, "sip_reason": "No Route Available"}"#,
        given: &[(Endpoint::Routes, r#"{"unexpected": {"shape": 1}}"#)],
        next: "Check the number format",
        says: &["main: routes: "],
        never: &["rate card GjjS-E0FO"],
        ..ROW
    },
    Scenario {
        row: "A4",
        title: "No Rule Available, from a simulated call",
        ask: "SIM-00000000000000000000000000000001",
        is_traced: false,
        log: r#"{"callid": "SIM-00000000000000000000000000000001", "sip_code": null,
            "sip_reason": "No Rule Available", "ou": "4930123456"}"#,
        next: "Check the number (4930123456 as it was looked for), then add a rule for it to rate card GjjS-E0FO",
        ..ROW
    },
    Scenario {
        row: "A5",
        title: "No Routes Available (Pre)",
        log: r#"{"sip_code": 503, "sip_reason": "No Routes Available (Pre)", "ou": "4930123456"}"#,
        next: "Check the number (4930123456 as it was looked for), then add a rule for it to rate card GjjS-E0FO",
        says: &["rate card GjjS-E0FO (revision 3) has no rule for 4930123456"],
        ..ROW
    },
    Scenario {
        row: "A5",
        title: "No Routes Available (Pre), and the rule for the number is blocked",
        log: r#"{"sip_code": 503, "sip_reason": "No Routes Available (Pre)"}"#,
        given: &[(Endpoint::Rules, r#"[{"prefix": "44", "name": "United Kingdom", "status": "Blocked"}]"#)],
        next: "Unblock the rule 44 of rate card GjjS-E0FO",
        says: &["the rule 44 (United Kingdom) of rate card GjjS-E0FO (revision 3) for 441632960002 is Blocked"],
        ..ROW
    },
    Scenario {
        row: "A5",
        title: "No Routes Available (Pre) for a number behind a tech prefix, and the card has a rule by now",
        log: r#"{"sip_code": 503, "sip_reason": "No Routes Available (Pre)", "ou": "123*447700900001"}"#,
        next: "The rate card has a rule for the number by now",
        says: &["has the rule 447 (UK Mobile) for 447700900001"],
        ..ROW
    },
    Scenario {
        row: "A5",
        title: "No Routes Available (Pre), and the customer is not known: nothing is looked up",
        log: r#"{"sip_code": 503, "sip_reason": "No Routes Available (Pre)", "customer_id": null,
            "params": {"si": "198.51.100.20"}}"#,
        next: "Extend the rate card for this prefix, and check which revision of it is active",
        ..ROW
    },
    Scenario {
        row: "A5",
        title: "refused without a text that is known, no carrier chosen, and the rate card has no rule",
        log: r#"{"sip_code": 503, "sip_reason": "Service Unavailable", "ou": "4930123456"}"#,
        certainty: Likely,
        next: "Check the number (4930123456 as it was looked for), then add a rule",
        ..ROW
    },
    Scenario {
        row: "A6",
        title: "No Routes Available (U)",
        log: r#"{"sip_code": 503, "sip_reason": "No Routes Available (U)"}"#,
        next: "Go through lock and exclude, profit assurance and capped rate, the strategy, and the script",
        ..ROW
    },
    Scenario {
        row: "A6",
        title: "No Routes Available (Lock); the platform rewrote the code towards the caller",
        ladder: own!("480 phrase=Temporarily_Unavailable"),
        log: r#"{"sip_code": 503, "sip_reason": "No Routes Available (Lock)"}"#,
        rule: "refused-in-log",
        next: "Review lock and exclude",
        says: &["the messages show 480"],
        ..TRACED
    },
    Scenario {
        row: "A6",
        title: "No Routes Available (Profit Assurance)",
        log: r#"{"sip_code": 503, "sip_reason": "No Routes Available (Profit Assurance)"}"#,
        next: "Compare the customer's rate with the carriers'",
        ..ROW
    },
    Scenario {
        row: "A6",
        title: "Dropping Call (Strategy)",
        ladder: own!("503 phrase=Dropping_Call_(Strategy)"),
        next: "Review the routing strategy",
        ..TRACED
    },
    Scenario {
        row: "A6",
        title: "Internal Strategic Routing Error: ours, although it sounds like the vendor's",
        log: r#"{"sip_code": 503, "sip_reason": "Internal Strategic Routing Error"}"#,
        next: "Review the routing strategy",
        ..ROW
    },
    Scenario {
        row: "A7",
        title: "refused early without a known text, and the credit is used up",
        log: r#"{"sip_code": 403, "sip_reason": "Forbidden"}"#,
        given: &[(Endpoint::Customer, r#"{"id": 12, "name": "Acme", "credit": "-4.2000",
            "debit_limit": 0, "currency": "USD", "status": "Active"}"#)],
        rule: "customer-cannot-dial",
        certainty: Likely,
        next: "wait 60 s",
        says: &["-4.20 USD"],
        ..ROW
    },
    Scenario {
        row: "A7",
        title: "refused early, with the messages, and a penalty is in force",
        ladder: own!("403 phrase=Forbidden"),
        given: &[(Endpoint::Customer, r#"{"id": 12, "name": "Acme", "credit": "90",
            "debit_limit": 0, "currency": "USD", "status": "Penalty"}"#)],
        rule: "customer-cannot-dial",
        certainty: Likely,
        next: "alert",
        says: &["Penalty"],
        ..TRACED
    },
    Scenario {
        row: "A7",
        title: "402: the credit, probably",
        log: r#"{"sip_code": 402, "sip_reason": "Payment Required"}"#,
        given: &[(Endpoint::Customer, r#"{"id": 12, "name": "Acme"}"#)],
        certainty: Possible,
        next: "credit and debit limit",
        ..ROW
    },
    Scenario {
        row: "A7",
        title: "402, and there is credit by now",
        log: r#"{"sip_code": 402, "sip_reason": "Payment Required"}"#,
        certainty: Possible,
        next: "There is credit by now",
        says: &["the credit of Acme (#12) is 250.50 USD, with a debit limit of 0.00 by now"],
        ..ROW
    },
    Scenario {
        row: "A7",
        title: "402, and the credit is used up",
        log: r#"{"sip_code": 402, "sip_reason": "Payment Required"}"#,
        given: &[(Endpoint::Customer, r#"{"id": 12, "name": "Acme", "credit": "-4.2",
            "debit_limit": 0, "currency": "USD", "status": "Active"}"#)],
        rule: "customer-cannot-dial",
        certainty: Likely,
        next: "wait 60 s",
        says: &["-4.20 USD"],
        ..ROW
    },
    Scenario {
        row: "A8",
        title: "CLI restriction in effect: ours or the customer's",
        log: r#"{"sip_code": 503, "sip_reason": "CLI restriction in effect", "cli": "441632960009"}"#,
        certainty: Possible,
        next: "Add the caller ID",
        says: &["no allow list has an entry of exactly 441632960009, though a pattern in it may cover it"],
        ..ROW
    },
    Scenario {
        row: "A8",
        title: "CLI restriction in effect, and the caller number is in the customer's list",
        log: r#"{"sip_code": 503, "sip_reason": "CLI restriction in effect"}"#,
        certainty: Possible,
        next: "The caller number is listed: check the match on the dialled number",
        says: &["441632960001 is in the allow list of Acme (#12) by now"],
        ..ROW
    },
    Scenario {
        row: "A8",
        title: "CLI restriction in effect, and the caller number is in another customer's list",
        log: r#"{"sip_code": 503, "sip_reason": "CLI restriction in effect"}"#,
        given: &[(Endpoint::Cli, r#"[{"cli": "441632960001", "company_id": 13}]"#)],
        certainty: Possible,
        next: "Add the caller ID",
        says: &["in the allow list of customer #13, and not in that of Acme (#12)"],
        ..ROW
    },
    Scenario {
        row: "A8",
        title: "CLI restriction in effect, and the list cannot be asked for",
        log: r#"{"sip_code": 503, "sip_reason": "CLI restriction in effect"}"#,
        given: &[(Endpoint::Cli, r#"{"unexpected": {"shape": 1}}"#)],
        certainty: Possible,
        next: "Add the caller ID",
        says: &["main: caller numbers: "],
        never: &["allow list of"],
        ..ROW
    },
    Scenario {
        row: "A8",
        title: "403 from the carrier, and the caller number is in another customer's list",
        ladder: refused!("403"),
        given: &[(Endpoint::Cli, r#"[{"cli": "441632960001", "company_id": 13}]"#)],
        rule: "call-forbidden",
        party: Carrier,
        to_act: Configuration,
        certainty: Possible,
        next: "Compare caller ID",
        says: &["441632960001 is in the allow list of customer #13 and not in that of Acme (#12)"],
        ..PLAIN
    },
    Scenario {
        row: "A9",
        title: "the server is at its limit of calls",
        ladder: own!("503 phrase=Request_Terminated:_Server_at_max_cps_/_channels"),
        certainty: Possible,
        next: "which limit it is",
        ..TRACED
    },
    Scenario {
        row: "A10",
        title: "Unable to perform LRN",
        log: r#"{"sip_code": 503, "sip_reason": "Unable to perform LRN"}"#,
        next: "Check our balance with the platform",
        ..ROW
    },
    Scenario {
        row: "A10",
        title: "LCR Unavailable: the vendor",
        log: r#"{"sip_code": 503, "sip_reason": "LCR Unavailable"}"#,
        party: Platform,
        to_act: Platform,
        certainty: Likely,
        next: "report it with the Call-ID",
        ..ROW
    },
    Scenario {
        row: "A11",
        title: "603 without a carrier, and the routing log names the list",
        log: r#"{"sip_code": 603, "sip_reason": "Decline",
            "log": ["Customer Acme (12) by IP", "Destination on block list: DNC"]}"#,
        certainty: Possible,
        next: "block lines in the routing log",
        says: &["Destination on block list: DNC"],
        ..ROW
    },
    Scenario {
        row: "A11",
        title: "603 Destination Blocked",
        ladder: own!("603 phrase=Destination_Blocked"),
        next: "blocked destination types",
        ..TRACED
    },
    Scenario {
        row: "A11",
        title: "604 Number on DNC List",
        log: r#"{"sip_code": 604, "sip_reason": "Number on DNC List"}"#,
        next: "do-not-call",
        ..ROW
    },
    Scenario {
        row: "A11",
        title: "604 Number not Found (ASRPlus): held back on purpose, not the far end",
        log: r#"{"sip_code": 604, "sip_reason": "Number not Found (ASRPlus)"}"#,
        next: "turn ASR+ down or off",
        ..ROW
    },
    Scenario {
        row: "A12",
        title: "RTP IP Blocked",
        log: r#"{"sip_code": 503, "sip_reason": "RTP IP Blocked", "params": {"rtp_ip": "198.51.100.11"}}"#,
        next: "RTP block list",
        says: &["198.51.100.11"],
        ..ROW
    },
    Scenario {
        row: "A13",
        title: "488 from the carrier: the customer's codecs or the carrier's",
        ladder: refused!("488"),
        rule: "media-not-acceptable",
        party: Undecided,
        to_act: Configuration,
        certainty: Possible,
        next: "codec",
        ..PLAIN
    },
    Scenario {
        row: "A13",
        title: "answered with a codec that was not offered, and hung up at once",
        ladder: "0.00 cust>plat INVITE || v=0 || o=- 1 1 IN IP4 198.51.100.10 || s=- || c=IN IP4 198.51.100.10 || t=0 0 || m=audio 4000 RTP/AVP 8
            0.04 plat>car INVITE leg=b || v=0 || o=- 1 1 IN IP4 192.0.2.50 || s=- || c=IN IP4 192.0.2.50 || t=0 0 || m=audio 5000 RTP/AVP 8
            1.00 car>plat 200 leg=b || v=0 || o=- 1 1 IN IP4 203.0.113.9 || s=- || c=IN IP4 203.0.113.9 || t=0 0 || m=audio 6000 RTP/AVP 18
            1.01 plat>cust 200 || v=0 || o=- 1 1 IN IP4 192.0.2.50 || s=- || c=IN IP4 192.0.2.50 || t=0 0 || m=audio 5002 RTP/AVP 18
            1.02 cust>plat ACK
            1.03 plat>car ACK leg=b
            1.10 cust>plat BYE
            1.11 plat>car BYE leg=b
            1.12 car>plat 200 BYE leg=b
            1.13 plat>cust 200 BYE",
        rule: "no-common-codec",
        party: Carrier,
        to_act: Carrier,
        certainty: Likely,
        next: "",
        ..PLAIN
    },
    Scenario {
        row: "A14",
        title: "5xx from every carrier, and no message is left",
        log: r#"{"sip_code": 503, "sip_reason": "Service Unavailable", "callidb": "CNX3736_abcd", "attempts": [
            {"provider_id": 105, "sip_code": 503, "sip_reason": "Service Unavailable"},
            {"provider_id": 106, "sip_code": 503, "sip_reason": "Service Unavailable"}]}"#,
        next: "Report it to that carrier; if it goes on, take the carrier out of the route.",
        says: &["ExampleTel (#105) 503", "Muster Telecom (#106) 503", "CNX3736_abcd"],
        ..TRIED
    },
    Scenario {
        row: "A14",
        title: "no first reply of the carrier, and no message is left",
        log: r#"{"sip_code": 408, "sip_reason": "Request Timeout",
            "attempts": [{"provider_id": 105, "sip_code": 408, "sip_reason": "Request Timeout"}]}"#,
        certainty: Possible,
        next: "whether the carrier reacted at all",
        ..TRIED
    },
    Scenario {
        row: "A15",
        title: "404 from one carrier, and the routing stopped: the far end, or the carrier",
        ladder: refused!("404 phrase=Not_Found"),
        log: r#"{"egress_routing": [{"provider_id": 105, "provider_name": "ExampleTel"},
            {"provider_id": 106, "provider_name": "Muster Telecom"}]}"#,
        rule: "number-not-found",
        party: Undecided,
        to_act: Configuration,
        certainty: Possible,
        next: "Check the number; try it over another carrier.",
        says: &["ended the routing", "Never tried: Muster Telecom", "fail over in its reply management"],
        ..PLAIN
    },
    Scenario {
        row: "A15",
        title: "404 with the cause that the number is not in use: the far end",
        ladder: "0.00 cust>plat INVITE
            0.04 plat>car INVITE leg=b
            0.61 car>plat 404 leg=b | Reason: Q.850;cause=1
            0.62 plat>car ACK leg=b
            0.63 plat>cust 404 | Reason: Q.850;cause=1
            0.64 cust>plat ACK",
        rule: "number-not-found",
        party: FarEnd,
        to_act: Customer,
        certainty: Likely,
        next: "Check the number",
        says: &["ended the routing"],
        ..PLAIN
    },
    Scenario {
        row: "A15",
        title: "503, then 404: the 404 stopped the routing and is the headline",
        log: r#"{"sip_code": 404, "sip_reason": "Not Found", "attempts": [
            {"provider_id": 105, "sip_code": 503, "sip_reason": "Service Unavailable"},
            {"provider_id": 106, "sip_code": 404, "sip_reason": "Not Found"}],
            "egress_routing": [{"provider_id": 105}, {"provider_id": 106}, {"provider_id": 107}]}"#,
        party: FarEnd,
        to_act: Customer,
        certainty: Possible,
        next: "Check the number, and try it through another carrier",
        says: &["404 Not Found from Muster Telecom (#106) ended the routing", "Never tried: carrier #107"],
        ..TRIED
    },
    Scenario {
        row: "A15",
        title: "486 from one carrier: busy, and nobody has to act",
        log: r#"{"sip_code": 486, "sip_reason": "Busy Here",
            "attempts": [{"provider_id": 105, "sip_code": 486, "sip_reason": "Busy Here"}]}"#,
        party: FarEnd,
        to_act: Nobody,
        next: "Nothing to repair",
        says: &["ended the routing"],
        ..TRIED
    },
    Scenario {
        row: "A15",
        title: "480 from one carrier, and the routing stopped",
        log: r#"{"sip_code": 480, "sip_reason": "Temporarily Unavailable",
            "attempts": [{"provider_id": 105, "sip_code": 480, "sip_reason": "Temporarily Unavailable"}]}"#,
        party: FarEnd,
        to_act: FarEnd,
        certainty: Possible,
        next: "another carrier",
        says: &["ended the routing"],
        ..TRIED
    },
    Scenario {
        row: "A15",
        title: "302 from a carrier: not followed, the caller is told 503",
        log: r#"{"sip_code": 503, "sip_reason": "Service Unavailable",
            "attempts": [{"provider_id": 105, "sip_code": 302, "sip_reason": "Moved Temporarily"}]}"#,
        next: "Ask the carrier not to redirect.",
        says: &["ended the routing", "503"],
        ..TRIED
    },
    Scenario {
        row: "A16",
        title: "Server not accepting calls (Paused)",
        ladder: own!("500 phrase=Server_not_accepting_calls_(Paused)"),
        next: "Check that the account is paid and active",
        ..TRACED
    },
    Scenario {
        row: "A17",
        title: "a text that no table has, with an odd code, and a script in the row",
        log: r#"{"sip_code": 599, "sip_reason": "Office closed", "scriptForgeId": 77,
            "log": ["Script 77 threw: 599 Office closed"]}"#,
        certainty: Possible,
        next: "Read the routing log",
        says: &["script", "Script 77 threw: 599 Office closed"],
        ..ROW
    },
    Scenario {
        row: "A18",
        title: "Unidentified Internal Switch: the vendor",
        log: r#"{"sip_code": 500, "sip_reason": "Unidentified Internal Switch"}"#,
        party: Platform,
        to_act: Platform,
        certainty: Likely,
        next: "Report it to the platform at once, with the Call-ID.",
        ..ROW
    },
    Scenario {
        row: "A18",
        title: "To (oU) User Missing, with the messages: the vendor",
        ladder: own!("580 phrase=To_(oU)_User_Missing"),
        party: Platform,
        to_act: Platform,
        certainty: Likely,
        next: "Report it to the platform at once, with the Call-ID.",
        ..TRACED
    },
    Scenario {
        row: "A19",
        title: "a plain 500, no carrier, no message: nothing shows a cause",
        log: r#"{"sip_code": 500, "sip_reason": "Server Internal Error"}"#,
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "compare it with one that works",
        ..ROW
    },
    Scenario {
        row: "A, incident",
        title: "the platform refused, and its status page announces that calls fail: its instructions come first",
        ladder: "0.00 cust>plat INVITE\n0.63 plat>cust 503\n0.64 cust>plat ACK",
        given: &[(
            Endpoint::Status,
            r#"{"status": {"indicator": "major"}, "components": [], "scheduled_maintenances": [],
            "incidents": [{"name": "Calls fail", "status": "identified", "impact": "major",
            "created_at": "2026-02-16T08:30:00Z", "components": [{"name": "SIP"}],
            "incident_updates": [{"body": "Use the second server until noon.",
            "created_at": "2026-02-16T09:00:00Z"}]}]}"#,
        )],
        rule: "known-incident",
        party: Platform,
        to_act: Platform,
        certainty: Likely,
        next: "",
        says: &["Calls fail", "second server until noon"],
        ..PLAIN
    },
    Scenario {
        row: "A, incident",
        title: "a carrier refused, and the status page announces that calls fail: told beside what the messages prove",
        ladder: refused!("503"),
        given: &[(
            Endpoint::Status,
            r#"{"status": {"indicator": "major"}, "components": [], "scheduled_maintenances": [],
            "incidents": [{"name": "Calls fail", "status": "identified", "impact": "major",
            "created_at": "2026-02-16T08:30:00Z", "components": [{"name": "SIP"}],
            "incident_updates": [{"body": "Use the second server until noon.",
            "created_at": "2026-02-16T09:00:00Z"}]}]}"#,
        )],
        has_peers: true,
        rule: "server-failure",
        party: Carrier,
        to_act: Carrier,
        certainty: Likely,
        says: &["Calls fail", "answered 503 itself", "none of them explains this"],
        ..PLAIN
    },
    Scenario {
        row: "A, incident",
        title: "an incident that the page says began minutes after the call is mentioned, and does not outrank",
        ladder: "0.00 cust>plat INVITE\n0.63 plat>cust 503\n0.64 cust>plat ACK",
        given: &[(
            Endpoint::Status,
            r#"{"status": {"indicator": "major"}, "components": [], "scheduled_maintenances": [],
            "incidents": [{"name": "Calls fail", "status": "identified", "impact": "major",
            "created_at": "2026-02-16T09:15:00Z", "components": [{"name": "SIP"}],
            "incident_updates": [{"body": "Use the second server until noon.",
            "created_at": "2026-02-16T09:16:00Z"}]}]}"#,
        )],
        rule: "refused-by-platform",
        party: Undecided,
        to_act: Configuration,
        certainty: Possible,
        says: &["Calls fail"],
        ..PLAIN
    },
    Scenario {
        row: "A, no attempts",
        title: "503 and no word on who was tried: not \"no carrier was tried\", and no setting is blamed for it",
        is_traced: false,
        log: r#"{"sip_code": 503, "sip_reason": "Service Unavailable", "attempts": null, "egress_routing": [{"provider_id": 105}]}"#,
        given: &[(Endpoint::Routes, "[]")],
        rule: "refused-in-log",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "who was tried",
        never: &["no carrier was tried", "no route of this customer"],
        ..PLAIN
    },
    Scenario {
        row: "A, no attempts",
        title: "408 though nobody was tried: no carrier said so",
        is_traced: false,
        log: r#"{"sip_code": 408, "sip_reason": "Request Timeout"}"#,
        rule: "refused-in-log",
        party: Undecided,
        to_act: Undecided,
        certainty: Possible,
        next: "",
        ..PLAIN
    },
];
