//! Scenarios: for each row of what is known of calls that go wrong, such a call on the fake platform, and
//! what has to be said of it. Tables alone stand in the files of the groups; how one is played stands here.

/// A call that was answered after a second, and what came after.
macro_rules! up {
    ($rest:literal) => {
        concat!(
            "0.00 cust>plat INVITE || v=0 || o=- 1 1 IN IP4 198.51.100.10 || s=- || c=IN IP4 198.51.100.10 \
             || t=0 0 || m=audio 4000 RTP/AVP 8 101 || a=rtpmap:101 telephone-event/8000
             0.01 plat>cust 100
             0.04 plat>car INVITE leg=b || v=0 || o=- 1 1 IN IP4 192.0.2.50 || s=- || c=IN IP4 192.0.2.50 \
             || t=0 0 || m=audio 5000 RTP/AVP 8 101 || a=rtpmap:101 telephone-event/8000
             0.08 car>plat 100 leg=b
             0.30 car>plat 180 leg=b
             0.31 plat>cust 180
             1.00 car>plat 200 leg=b || v=0 || o=- 1 1 IN IP4 203.0.113.9 || s=- || c=IN IP4 203.0.113.9 \
             || t=0 0 || m=audio 6000 RTP/AVP 8 101 || a=rtpmap:101 telephone-event/8000
             1.01 plat>cust 200 || v=0 || o=- 1 1 IN IP4 192.0.2.50 || s=- || c=IN IP4 192.0.2.50 \
             || t=0 0 || m=audio 5002 RTP/AVP 8 101 || a=rtpmap:101 telephone-event/8000
             1.02 cust>plat ACK
             1.03 plat>car ACK leg=b
             ",
            $rest
        )
    };
}

/// A call that a carrier refused, as it did so.
macro_rules! refused {
    ($code:literal) => {
        concat!(
            "0.00 cust>plat INVITE
             0.01 plat>cust 100
             0.04 plat>car INVITE leg=b
             0.08 car>plat 100 leg=b
             0.61 car>plat ",
            $code,
            " leg=b
             0.62 plat>car ACK leg=b
             0.63 plat>cust ",
            $code,
            "
             0.64 cust>plat ACK"
        )
    };
}

/// A call that the platform refused before it tried a carrier.
macro_rules! own {
    ($answer:literal) => {
        concat!(
            "0.00 cust>plat INVITE
             0.01 plat>cust 100
             0.05 plat>cust ",
            $answer,
            "
             0.06 cust>plat ACK"
        )
    };
}

mod audio;
mod class5;
mod delay;
mod drops;
mod dtmf;
mod inbound;
mod lifetimes;
mod not_found;
mod outbound;
mod pictures;
mod registration;
mod tear_down;

use std::sync::Arc;
use std::time::Duration;

use calltriage::call::{Context, Reading, parse};
use calltriage::config::{self, Endpoints, StatusPageKind};
use calltriage::demo::{Behaviour, Endpoint, STATUS_PATH, merge};
use calltriage::diagnosis::investigator::progress::unwatched;
use calltriage::diagnosis::{Diagnosis, Investigation, Investigator, Party, Peer, PeerKind, Peers};
use calltriage::sip::Certainty;
use calltriage::sources::StatusPage;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::support::clock::HandClock;
use crate::support::connexcs::{Fake, NOW};
use crate::support::trace::START;

/// One call that goes wrong, and what has to be said of it.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// The row that it is of: the letter of the symptom and a number, or what the row is about.
    pub row: &'static str,
    /// What is the matter.
    pub title: &'static str,
    /// What a person types.
    pub ask: &'static str,
    /// The messages of the call, as `support::trace` writes them.
    pub ladder: &'static str,
    /// Whether the platform still has the messages.
    pub is_traced: bool,
    /// What the row of the log says otherwise than the messages make it (a merge patch, RFC 7396). `-` where
    /// the log has no row.
    pub log: &'static str,
    /// What further end points answer.
    pub given: &'static [(Endpoint, &'static str)],
    /// Whether the operator named the platform's own address and a carrier's.
    pub has_peers: bool,
    /// Whether the log gives as many rows as it can, all of them of other calls to the number, hours before.
    pub is_log_full: bool,
    /// For which of the paths that the platform does not document the operator configured one.
    pub configured: &'static [&'static str],
    /// The rule of the verdict.
    pub rule: &'static str,
    /// Who owns the cause.
    pub party: Party,
    /// Who acts.
    pub to_act: Party,
    /// How sure the cause is.
    pub certainty: Certainty,
    /// What the first next action has to speak of.
    pub next: &'static str,
    /// What has to stand somewhere in the answer.
    pub says: &'static [&'static str],
    /// What must stand nowhere in it.
    pub never: &'static [&'static str],
}

/// What a scenario is unless it says otherwise.
pub const PLAIN: Scenario = Scenario {
    row: "",
    title: "",
    ask: "a@198.51.100.10",
    ladder: "",
    is_traced: true,
    log: "{}",
    given: &[],
    has_peers: false,
    is_log_full: false,
    configured: &[],
    rule: "",
    party: Party::Undecided,
    to_act: Party::Undecided,
    certainty: Certainty::Possible,
    next: "",
    says: &[],
    never: &[],
};

/// All groups with their tables, in the order of the page.
pub const GROUPS: &[(&str, &[Scenario])] = &[
    ("Which leg failed", pictures::SCENARIOS),
    ("A: an outbound call will not connect", outbound::SCENARIOS),
    ("B: an inbound call will not connect", inbound::SCENARIOS),
    ("C: registration fails", registration::SCENARIOS),
    ("D: an answered call drops by itself", drops::SCENARIOS),
    (
        "E: a call does not end, or is billed too long",
        tear_down::SCENARIOS,
    ),
    ("F: audio", audio::SCENARIOS),
    ("G: DTMF", dtmf::SCENARIOS),
    (
        "H and J: slow to ring; billed and not answered",
        delay::SCENARIOS,
    ),
    ("I: class 5", class5::SCENARIOS),
    ("How long an answered call lasted", lifetimes::SCENARIOS),
    ("The call is not found", not_found::SCENARIOS),
];

/// What a row is where no message makes it: a call that the platform took from a customer.
fn bare_row() -> Value {
    json!({ "routing": {
        "callid": "a@198.51.100.10", "start_time": START, "end_time": START as f64 + 0.2,
        "cli": "441632960001", "ou": "441632960002", "server": "192.0.2.5", "re": "fr1js3",
        "params": { "si": "198.51.100.10", "sp": 5060, "csIp": "192.0.2.5", "proto": "udp" },
        "log": [], "attempts": [], "customer_id": 12,
    }})
}

fn read(scenario: &Scenario, text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{}: {error}: {text}", scenario.row))
}

/// What an end point answers: words where nobody documents its shape.
fn answered(scenario: &Scenario, endpoint: Endpoint, answer: &str) -> Behaviour {
    use Endpoint::{Dialogs, Did, Firewall, Registrations};
    match endpoint {
        Dialogs | Did | Firewall | Registrations => Behaviour::Text(answer.to_owned()),
        _ => Behaviour::Json(read(scenario, answer)),
    }
}

/// Whose addresses are whose, as the operator named them.
fn peers(scenario: &Scenario) -> Peers {
    let own = [
        ("Switch", PeerKind::Platform, "192.0.2.5"),
        ("ExampleTel", PeerKind::Carrier, "203.0.113.9"),
    ];
    let named = own.into_iter().filter(|_| scenario.has_peers);
    let named = named.map(|(name, kind, address)| Peer {
        name: name.to_owned(),
        kind,
        addresses: vec![address.parse().unwrap()],
    });
    Peers::new(named.collect())
}

/// The status page, where the scenario is about what it says.
fn status_page(scenario: &Scenario, fake: &Fake) -> Option<StatusPage> {
    let is_about = |(endpoint, _): &(Endpoint, &str)| *endpoint == Endpoint::Status;
    scenario.given.iter().any(is_about).then(|| {
        let page = config::StatusPage {
            kind: StatusPageKind::Statuspage,
            url: format!("http://{}{STATUS_PATH}", fake.address)
                .parse()
                .unwrap(),
            deadline: Duration::from_secs(15),
        };
        StatusPage::new(&page, Arc::new(HandClock::new())).unwrap()
    })
}

/// A platform on which this happened.
pub async fn platform(scenario: &Scenario) -> Fake {
    let fake = Fake::written(scenario.ladder).await;
    if scenario.is_log_full {
        let mut row = bare_row();
        let rows = (0..200).map(|number| {
            merge(
                &mut row["routing"],
                json!({ "callid": format!("other-{number}@198.51.100.10"), "start_time": START - 4 * 3600 }),
            );
            row.clone()
        });
        fake.always(Endpoint::Log, Behaviour::Json(rows.collect()));
    } else if scenario.log == "-" {
        fake.always(Endpoint::Log, Behaviour::Json(json!([])));
    } else if scenario.log != "{}" || scenario.ladder.is_empty() {
        let mut row = match scenario.ladder {
            "" => bare_row(),
            _ => fake.get("log?s=a%40198.51.100.10").await.json()[0].take(),
        };
        merge(&mut row["routing"], read(scenario, scenario.log));
        fake.always(Endpoint::Log, Behaviour::Json(json!([row])));
    }
    if !scenario.is_traced {
        fake.always(Endpoint::Trace, Behaviour::Json(json!([])));
    }
    for (endpoint, answer) in scenario.given {
        fake.always(*endpoint, answered(scenario, *endpoint, answer));
    }
    fake
}

/// What investigates a scenario on its platform.
pub fn investigator(scenario: &Scenario, fake: &Fake) -> Investigator {
    let path = |key: &str, path: &str| scenario.configured.contains(&key).then(|| path.to_owned());
    let source = fake.source(Endpoints {
        register_log: path("register_log", "demo/register-log?s={search}"),
        simulate: None,
        firewall: path("firewall", "demo/firewall?s={search}"),
        registrations: path("registrations", "demo/registrations?s={search}"),
        did: path("did", "demo/did?s={search}"),
        dialogs: path("dialogs", "demo/dialogs"),
    });
    Investigator::new(vec![source], peers(scenario)).with_status_page(status_page(scenario, fake))
}

/// What is answered on a scenario.
pub async fn play(scenario: &Scenario) -> Investigation {
    let fake = platform(scenario).await;
    let investigator = investigator(scenario, &fake);
    let now = Timestamp::from_second(NOW).unwrap();
    let context = Context::new(now, TimeZone::UTC);
    let query = match parse(scenario.ask, &context) {
        Reading::Query(query) => query,
        other => panic!("{}: {other:?}", scenario.ask),
    };
    let investigated = investigator.investigate("id".into(), scenario.ask, &query, now, &unwatched);
    investigated.await.investigation
}

/// The call that a scenario is about.
pub fn diagnosis(investigation: &Investigation) -> &Diagnosis {
    let calls = &investigation.calls;
    assert_eq!(calls.len(), 1, "{:?}", investigation.query);
    &calls[0]
}

/// Everything that a reader of the answer may see.
fn everything(investigation: &Investigation) -> String {
    let call = diagnosis(investigation);
    let mut lines = vec![call.verdict.summary.clone()];
    lines.extend(call.verdict.next.iter().cloned());
    for finding in &call.findings {
        lines.extend([&finding.fact, &finding.cause, &finding.next].map(Clone::clone));
    }
    lines.extend(call.not_checked.iter().cloned());
    lines.extend(investigation.notes.iter().cloned());
    lines.extend(investigation.steps.iter().map(|step| step.detail.clone()));
    lines.join("\n")
}

/// How the answer on a scenario differs from what it has to be.
fn differences(scenario: &Scenario, investigation: &Investigation) -> Option<String> {
    let call = diagnosis(investigation);
    let verdict = &call.verdict;
    let expected = (
        scenario.rule,
        scenario.party,
        scenario.to_act,
        scenario.certainty,
    );
    let found = (
        verdict.rule.as_str(),
        verdict.party,
        verdict.to_act,
        verdict.certainty,
    );
    let next = verdict.next.first().map(String::as_str).unwrap_or_default();
    let all = everything(investigation);
    let unsaid: Vec<&&str> = scenario
        .says
        .iter()
        .filter(|it| !all.contains(**it))
        .collect();
    let wrong: Vec<&&str> = scenario
        .never
        .iter()
        .filter(|it| all.contains(**it))
        .collect();
    let is_right = expected == found && next.contains(scenario.next);
    if is_right && unsaid.is_empty() && wrong.is_empty() {
        return None;
    }
    let rules: Vec<&str> = call.findings.iter().map(|it| it.rule.as_str()).collect();
    Some(format!(
        "\n== {} {}\n  wanted {expected:?}\n  found  {found:?}\n  next   {next:?} (wanted {:?})\n  \
         not said {unsaid:?}; wrongly said {wrong:?}\n  rules {rules:?}\n{all}\n",
        scenario.row, scenario.title, scenario.next
    ))
}

/// Plays every scenario of a group, with what was answered.
pub fn played(scenarios: &[Scenario]) -> impl Iterator<Item = (&Scenario, Investigation)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let played = move |scenario| (scenario, runtime.block_on(play(scenario)));
    scenarios.iter().map(played)
}

/// Every scenario of a group has the answer that it has to have.
#[track_caller]
fn hold(scenarios: &[Scenario]) {
    let differences: Vec<String> = played(scenarios)
        .filter_map(|(scenario, investigation)| differences(scenario, &investigation))
        .collect();
    assert!(
        differences.is_empty(),
        "{} of {} scenarios:\n{}",
        differences.len(),
        scenarios.len(),
        differences.concat()
    );
}
