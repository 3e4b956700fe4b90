//! The call is not found: where else to look, in order, and who can be asked.

use calltriage::demo::Endpoint;
use calltriage::diagnosis::Party::*;
use calltriage::sip::Certainty::*;

use super::{PLAIN, Scenario, hold};

#[test]
fn what_to_do_where_nothing_is_found_is_told() {
    hold(SCENARIOS);
}

const NOTHING: Scenario = Scenario {
    log: "-",
    rule: "call-not-found",
    party: Undecided,
    to_act: Undecided,
    certainty: Possible,
    ..PLAIN
};

pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        row: "not found 1",
        title: "an id that nobody knows: mistyped, too old, or another form of the number",
        next: "Check the id letter by letter",
        says: &["14 days", "7 days"],
        ..NOTHING
    },
    Scenario {
        row: "not found 1",
        title: "an id of the carrier's side: the customer's is asked for",
        ask: "CNX3736_clZZKgs6PFYOCgRqdxFzA1Z2UmtvAVMEBTp7QXcBXXw-",
        next: "Check the id letter by letter",
        says: &["Call-ID of the customer's side"],
        ..NOTHING
    },
    Scenario {
        row: "not found 1",
        title: "a number with a plus and blanks is searched in the form that the log has",
        ask: "+44 1632 960001",
        ladder: refused!("503"),
        rule: "server-failure",
        party: Carrier,
        to_act: Carrier,
        certainty: Likely,
        log: "{}",
        ..NOTHING
    },
    Scenario {
        row: "not found 2",
        title: "an address of which the log has nothing: the firewall, with the address named",
        ask: "198.51.100.77",
        next: "Look for 198.51.100.77 in the platform's firewall",
        to_act: Configuration,
        says: &["15 minutes"],
        ..NOTHING
    },
    Scenario {
        row: "not found 2",
        title: "an address of which the log has nothing, and the firewall lists it",
        ask: "198.51.100.77",
        configured: &["firewall"],
        next: "Delete the row of 198.51.100.77 in the platform's firewall",
        party: Configuration,
        to_act: Configuration,
        certainty: Likely,
        says: &[
            "firewall lists 198.51.100.77 (198.51.100.77 Block",
            "wait 15 minutes",
        ],
        ..NOTHING
    },
    Scenario {
        row: "not found 2",
        title: "the firewall has nothing of the address: it is ruled out, the sender is next",
        ask: "198.51.100.7",
        configured: &["firewall"],
        next: "Check the address",
        says: &[
            "firewall has nothing of 198.51.100.7",
            "host, port and transport",
        ],
        never: &["Look for 198.51.100.7 in"],
        ..NOTHING
    },
    Scenario {
        row: "not found 2",
        title: "the firewall path answers about a longer address: no hit, and shown to be read",
        ask: "198.51.100.7",
        configured: &["firewall"],
        given: &[(
            Endpoint::Firewall,
            r#"[{"ip": "198.51.100.77", "action": "Block"}]"#,
        )],
        next: "Read what the firewall path answered on 198.51.100.7",
        to_act: Configuration,
        ..NOTHING
    },
    Scenario {
        row: "not found 2",
        title: "the firewall path names the address and says that it is not blocked: no hit",
        ask: "198.51.100.7",
        configured: &["firewall"],
        given: &[(
            Endpoint::Firewall,
            r#"{"ip": "198.51.100.7", "blocked": false}"#,
        )],
        next: "Read what the firewall path answered on 198.51.100.7",
        to_act: Configuration,
        ..NOTHING
    },
    Scenario {
        row: "not found 2",
        title: "the firewall path fails: that is said, with what to do by hand",
        ask: "198.51.100.7",
        configured: &["firewall"],
        given: &[(Endpoint::Firewall, r#"{"error": "Access Denied"}"#)],
        next: "Look for 198.51.100.7 in the platform's firewall",
        to_act: Configuration,
        says: &["main: firewall: the platform refused"],
        never: &["has nothing of 198.51.100.7."],
        ..NOTHING
    },
    Scenario {
        row: "not found 3",
        title: "an outbound call that never arrived: the sender's target and a capture of it",
        ask: "outbound 441632960001",
        says: &["host, port and transport", "capture"],
        ..NOTHING
    },
    Scenario {
        row: "not found 4",
        title: "the log could not be searched: nothing is known, and that is said",
        given: &[(Endpoint::Log, r#"{"unexpected": {"shape": 1}}"#)],
        rule: "call-not-found",
        says: &["where we could look"],
        ..NOTHING
    },
    Scenario {
        row: "not found 1",
        title: "the log gives its 200 rows, none of them of that time: the call detail records have the call, and that is said",
        ask: "+441632960002 between 09:00 and 09:30",
        ladder: refused!("503"),
        is_log_full: true,
        log: "{}",
        rule: "refused-by-platform",
        to_act: Configuration,
        next: "Look for the other leg",
        says: &["no more than 200 rows at once"],
        ..NOTHING
    },
    Scenario {
        row: "not found, trace expired",
        title: "a row of nine days ago without messages: the trace has expired",
        is_traced: false,
        log: r#"{"sip_code": 503, "sip_reason": "No Routes Available (Lock)", "start_time": 1770455400,
            "end_time": 1770455400.2}"#,
        rule: "refused-in-log",
        party: Configuration,
        to_act: Configuration,
        certainty: Certain,
        next: "Review lock and exclude",
        says: &["The trace has expired"],
        ..NOTHING
    },
    Scenario {
        row: "not found, trace missing",
        title: "a fresh row without messages: the trace is missing",
        is_traced: false,
        log: r#"{"sip_code": 503, "sip_reason": "No Routes Available (Lock)"}"#,
        rule: "refused-in-log",
        party: Configuration,
        to_act: Configuration,
        certainty: Certain,
        next: "Review lock and exclude",
        says: &["The trace is missing"],
        ..NOTHING
    },
    Scenario {
        row: "not found, row missing",
        title: "messages without a row: they are judged, and what the row would tell is said to be unknown",
        ladder: refused!("503"),
        rule: "refused-by-platform",
        party: Undecided,
        to_act: Configuration,
        certainty: Possible,
        next: "Look for the other leg",
        says: &["no row of its log"],
        ..NOTHING
    },
];
