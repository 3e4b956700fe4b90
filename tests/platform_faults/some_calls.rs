//! End points that are asked about some calls only, by what is wrong with them or where a path is configured: one
//! of them is dead, and the verdict of the others stands all the same.

use calltriage::call::{CallQuery, Context, Reading, parse};
use calltriage::config::Endpoints;
use calltriage::demo::Endpoint;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::faults;
use super::one_endpoint::{UNHURRIED, asked_of, judged, said};
use crate::scenarios::{self, PLAIN, Scenario};
use crate::support::connexcs::NOW;

/// A call, and the end points that are asked because it is as it is.
pub(super) struct Asked {
    pub call: Scenario,
    /// Under which name it is said that one could not be asked.
    pub endpoints: &'static [(Endpoint, &'static str)],
}

const UNANSWERED_INBOUND: &str = "
    0.00 car>plat INVITE
    0.01 plat>car 100
    0.04 plat>cust INVITE leg=b
    0.54 plat>cust INVITE leg=b
    1.54 plat>cust INVITE leg=b
    3.54 plat>cust INVITE leg=b
    5.00 plat>car 408 phrase=Request_Timeout
    5.01 car>plat ACK";

/// It announces media at an address that sends no messages.
const STILL_UP: &str = "
    0.00 cust>plat INVITE || v=0 || o=- 1 1 IN IP4 198.51.100.10 || s=- || c=IN IP4 198.51.100.10 || t=0 0 || m=audio 4000 RTP/AVP 8
    0.04 plat>car INVITE leg=b || v=0 || o=- 1 1 IN IP4 192.0.2.50 || s=- || c=IN IP4 192.0.2.50 || t=0 0 || m=audio 5000 RTP/AVP 8
    0.30 car>plat 180 leg=b
    0.31 plat>cust 180
    1.00 car>plat 200 leg=b || v=0 || o=- 1 1 IN IP4 203.0.113.9 || s=- || c=IN IP4 203.0.113.9 || t=0 0 || m=audio 6000 RTP/AVP 8
    1.01 plat>cust 200 || v=0 || o=- 1 1 IN IP4 192.0.2.50 || s=- || c=IN IP4 192.0.2.50 || t=0 0 || m=audio 5002 RTP/AVP 8
    1.02 cust>plat ACK
    1.03 plat>car ACK leg=b";

pub(super) const CALLS: [Asked; 5] = [
    Asked {
        call: Scenario {
            row: "inbound",
            ladder: UNANSWERED_INBOUND,
            log: r#"{"direction": "Origination", "customer_id": 12, "attempts": [{"customer_id": 12, "customer_name": "Acme"}]}"#,
            ..PLAIN
        },
        endpoints: &[
            (Endpoint::Registrations, "registrations"),
            (Endpoint::Did, "DID"),
        ],
    },
    Asked {
        call: Scenario {
            row: "still up",
            ask: "a@198.51.100.10 does not end",
            ladder: STILL_UP,
            ..PLAIN
        },
        endpoints: &[
            (Endpoint::Dialogs, "dialogs"),
            (Endpoint::MediaServers, "media servers"),
        ],
    },
    Asked {
        call: Scenario {
            row: "no route",
            is_traced: false,
            log: r#"{"sip_code": 503, "sip_reason": "No Routes Available (Pre)", "ou": "4930123456"}"#,
            ..PLAIN
        },
        endpoints: &[
            (Endpoint::Routes, "routes"),
            (Endpoint::Card, "rate card"),
            (Endpoint::Rules, "rate card"),
        ],
    },
    Asked {
        call: Scenario {
            row: "caller number",
            is_traced: false,
            log: r#"{"sip_code": 503, "sip_reason": "CLI restriction in effect"}"#,
            ..PLAIN
        },
        endpoints: &[(Endpoint::Cli, "caller numbers")],
    },
    Asked {
        call: Scenario {
            row: "agent",
            ladder: STILL_UP,
            given: &[(
                Endpoint::ClassFive,
                r#"[{"event": "AI Agent", "value": "Reception"}]"#,
            )],
            ..PLAIN
        },
        endpoints: &[(Endpoint::AiAgent, "AI agent")],
    },
];

/// What answers with nothing unless a test says otherwise.
const EMPTY: [Endpoint; 3] = [Endpoint::Registrations, Endpoint::Did, Endpoint::Dialogs];

/// The paths that a platform does not document.
pub(super) fn configured() -> Endpoints {
    Endpoints {
        registrations: Some("demo/registrations?s={search}".to_owned()),
        did: Some("demo/did?s={search}".to_owned()),
        dialogs: Some("demo/dialogs".to_owned()),
        ..Endpoints::default()
    }
}

pub(super) fn query(call: &Scenario) -> CallQuery {
    let now = Timestamp::from_second(NOW).unwrap();
    match parse(call.ask, &Context::new(now, TimeZone::UTC)) {
        Reading::Query(query) => query,
        other => panic!("{}: {other:?}", call.ask),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_leaves_the_verdict_of_the_others() {
    let mut wrong = String::new();
    for Asked { call, endpoints } in CALLS {
        let query = query(&call);
        let fake = scenarios::platform(&call).await;
        let well = asked_of(&fake, configured(), &query, UNHURRIED).await;
        for (endpoint, name) in endpoints {
            let about = format!("{}, {endpoint:?}", call.row);
            let seen = fake.platform.seen();
            assert!(!seen.of(*endpoint).is_empty(), "{about} is not asked");
            let is_missing = said(&well).contains(&format!("main: {name}: "));
            assert!(!is_missing, "{about}: {}", said(&well));
        }
        for fault in faults() {
            for (endpoint, name) in endpoints {
                let about = format!("{}: {} at {endpoint:?}", call.row, fault.name);
                let fake = scenarios::platform(&call).await;
                fake.always(*endpoint, fault.behaviour.clone());
                let found = asked_of(&fake, configured(), &query, UNHURRIED).await;
                let all = said(&found);
                let Some(words) = fault.said else {
                    assert!(all.len() < 20_000, "{about}: {} bytes", all.len());
                    continue;
                };
                // Of an answer without a byte nothing can be cut off.
                let is_cut = ["cut off", "half a JSON"].contains(&fault.name);
                if is_cut && EMPTY.contains(endpoint) {
                    continue;
                }
                let prefix = format!("main: {name}: ");
                let mut lines = all.lines().filter(|line| line.starts_with(&prefix));
                let is_told = lines.any(|line| line.contains(words));
                let is_same = judged(&found) == judged(&well) && found.lead.is_none();
                let blames_path = fault.name.starts_with('4') && all.contains("reach");
                if !is_told || !is_same || blames_path {
                    wrong.push_str(&format!("{about}: {:?}\n{all}\n", judged(&found)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
