//! End points beside a call's own evidence (sums, documentation, the firewall, names in a scope, the dry run): each
//! fails in every way or never answers, and there is an answer within the deadline all the same.

use std::time::{Duration, Instant};

use calltriage::config::Endpoints;
use calltriage::demo::{Behaviour, Endpoint};
use calltriage::diagnosis::Investigation;
use calltriage::diagnosis::investigator::cancel::Course;
use calltriage::diagnosis::investigator::progress::unwatched;
use calltriage::sources::Simulation;
use futures_util::future::join_all;
use jiff::Timestamp;

use super::faults;
use super::one_endpoint::{ENDPOINTS, UNHURRIED, asked_of, investigator, judged, said};
use super::some_calls::{CALLS, configured, query};
use crate::scenarios::{self, PLAIN, Scenario};
use crate::support::connexcs::NOW;

/// A question, an end point that it needs, and where it is said that it could not be asked.
struct Question {
    ask: Scenario,
    endpoint: Endpoint,
    place: Place,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Nowhere: nothing is missing without it.
    Nowhere,
    /// On the line that tells whether others suffer too.
    Scope,
    /// Among what was not checked or how the steps ended.
    Anywhere,
}

const NO_ROUTE: Scenario = Scenario {
    row: "no route",
    is_traced: false,
    log: r#"{"sip_code": 503, "sip_reason": "No Routes Available (Pre)"}"#,
    ..PLAIN
};

const QUESTIONS: [Question; 5] = [
    Question {
        ask: NO_ROUTE,
        endpoint: Endpoint::Docs,
        place: Place::Nowhere,
    },
    Question {
        ask: NO_ROUTE,
        endpoint: Endpoint::Aggregates,
        place: Place::Scope,
    },
    Question {
        ask: Scenario {
            row: "an address",
            ask: "198.51.100.77",
            log: "-",
            ..PLAIN
        },
        endpoint: Endpoint::Firewall,
        place: Place::Anywhere,
    },
    Question {
        ask: Scenario {
            row: "a customer",
            ask: "customer Acme, last 12 hours",
            ladder: "0.00 cust>plat INVITE\n0.01 plat>cust 503\n0.02 cust>plat ACK",
            ..PLAIN
        },
        endpoint: Endpoint::Customers,
        place: Place::Anywhere,
    },
    Question {
        ask: Scenario {
            row: "a carrier",
            ask: "carrier ExampleTel, last 12 hours",
            ladder: "0.00 cust>plat INVITE\n0.01 plat>cust 503\n0.02 cust>plat ACK",
            ..PLAIN
        },
        endpoint: Endpoint::Carriers,
        place: Place::Anywhere,
    },
];

/// What is answered on a question where an end point behaves like this.
async fn answer(
    question: &Question,
    behaviour: Option<Behaviour>,
    deadline: Duration,
) -> Investigation {
    let fake = scenarios::platform(&question.ask).await;
    if let Some(behaviour) = behaviour {
        fake.always(question.endpoint, behaviour);
    }
    let endpoints = Endpoints {
        firewall: Some("demo/firewall?s={search}".to_owned()),
        ..configured()
    };
    let found = asked_of(&fake, endpoints, &query(&question.ask), deadline).await;
    let seen = fake.platform.seen().of(question.endpoint);
    assert!(!seen.is_empty(), "{:?} is not asked", question.endpoint);
    found
}

/// What is said of the end point at its place.
fn at(place: Place, found: &Investigation) -> String {
    match place {
        Place::Nowhere => String::new(),
        Place::Scope => found.calls[0].scope.clone().unwrap().said,
        Place::Anywhere => said(found),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_is_an_answer() {
    let mut wrong = String::new();
    for question in &QUESTIONS {
        let well = answer(question, None, UNHURRIED).await;
        for fault in faults() {
            let about = format!(
                "{}: {} at {:?}",
                question.ask.row, fault.name, question.endpoint
            );
            let found = answer(question, Some(fault.behaviour.clone()), UNHURRIED).await;
            let all = said(&found);
            assert!(all.len() < 20_000, "{about}: {} bytes", all.len());
            let Some(words) = fault.said else { continue };
            // Words alone break off without anybody seeing it.
            let is_cut = ["cut off", "half a JSON"].contains(&fault.name);
            if is_cut && question.endpoint == Endpoint::Firewall {
                continue;
            }
            let there = at(question.place, &found);
            let is_told = question.place == Place::Nowhere || there.contains(words);
            let is_same = question.place == Place::Anywhere || judged(&found) == judged(&well);
            let call = &found.calls[0];
            let is_quiet = question.place != Place::Nowhere
                || (call.read_more.is_none() && call.not_checked == well.calls[0].not_checked);
            if !is_told || !is_same || !is_quiet {
                wrong.push_str(&format!("{about}: {:?}\n{there}\n{all}\n", judged(&found)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_never_answers_costs_its_deadline_and_no_verdict() {
    let deadline = Duration::from_secs(4);
    let each = QUESTIONS.iter().map(|question| async move {
        let about = question.endpoint;
        let began = Instant::now();
        let found = answer(question, Some(Behaviour::Hang), deadline).await;
        let took = began.elapsed();
        assert!(took < 2 * deadline, "{about:?}: {took:?}");
        let there = at(question.place, &found);
        let is_told = there.contains("did not answer within 4 s");
        assert!(
            is_told || question.place == Place::Nowhere,
            "{about:?}: {there}"
        );
        assert!(!found.calls[0].verdict.summary.is_empty(), "{about:?}");
    });
    join_all(each).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_some_calls_ask_may_never_answer_either() {
    let deadline = Duration::from_secs(4);
    let all = CALLS
        .iter()
        .flat_map(|call| call.endpoints.iter().map(move |it| (call, it)));
    let each = all.map(|(asked, (endpoint, name))| async move {
        let about = format!("{}, {endpoint:?}", asked.call.row);
        let query = query(&asked.call);
        let fake = scenarios::platform(&asked.call).await;
        let well = asked_of(&fake, configured(), &query, UNHURRIED).await;
        fake.always(*endpoint, Behaviour::Hang);
        let began = Instant::now();
        let found = asked_of(&fake, configured(), &query, deadline).await;
        let took = began.elapsed();
        assert!(took < 2 * deadline, "{about}: {took:?}");
        assert_eq!(judged(&found), judged(&well), "{about}");
        let told = format!("main: {name}: the platform's API did not answer within 4 s");
        assert!(said(&found).contains(&told), "{about}: {}", said(&found));
    });
    join_all(each).await;
}

/// Somebody said so, and it may have been run: one sentence, with what to do instead of trying again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_that_fails_says_so_in_a_sentence() {
    let mut all: Vec<(&str, Behaviour, Option<&str>)> = Vec::new();
    all.extend(
        faults()
            .into_iter()
            .map(|it| (it.name, it.behaviour, it.said)),
    );
    all.push((
        "silence",
        Behaviour::Hang,
        Some("did not answer within 4 s"),
    ));
    let form = Simulation {
        dialled: "441632960002".to_owned(),
        cli: "441632960001".to_owned(),
        switch_ip: "192.0.2.5".to_owned(),
        customer_ip: "198.51.100.10".to_owned(),
        registered_user: String::new(),
        routing_engine: "Europe".to_owned(),
    };
    for (name, behaviour, words) in all {
        let fake = scenarios::platform(&NO_ROUTE).await;
        fake.always(Endpoint::Simulate, behaviour);
        let endpoints = Endpoints {
            simulate: Some("demo/simulate".to_owned()),
            ..Endpoints::default()
        };
        let deadline = match name {
            "silence" => Duration::from_secs(4),
            _ => UNHURRIED,
        };
        let investigator = investigator(&fake, endpoints, deadline);
        let now = Timestamp::from_second(NOW).unwrap();
        let course = Course::to_the_end(&unwatched);
        let began = Instant::now();
        let run = investigator.simulate(("id".to_owned(), "typed"), "main", &form, now, course);
        let outcome = run.await;
        assert!(began.elapsed() < UNHURRIED, "{name}");
        // A credential that is refused ran nothing, and may be renewed once.
        let most = if name == "401" { 2 } else { 1 };
        let sent = fake.platform.seen().of(Endpoint::Simulate).len();
        assert!(sent <= most, "{name}: {sent}");
        // What is left of an answer that breaks off may still hold the id.
        let is_cut = ["cut off", "half a JSON"].contains(&name);
        if let Some(words) = words.filter(|_| !is_cut) {
            let why = outcome.unwrap_err();
            assert!(why.contains("It is not tried again"), "{name}: {why}");
            assert!(why.contains(words), "{name}: {why}");
        }
    }
}

/// What no verdict needs: the end points of commands and of the doctor, and those that the demo serves to others.
const NOT_OF_THE_FLOW: [Endpoint; 6] = [
    Endpoint::Transcribe,
    Endpoint::Payments,
    Endpoint::Packages,
    Endpoint::MediaZones,
    Endpoint::Account,
    Endpoint::DocPage,
];

#[test]
fn no_end_point_of_the_flow_is_without_its_faults() {
    let always = ENDPOINTS.iter().map(|(endpoint, _)| *endpoint);
    let by_call = CALLS.iter().flat_map(|call| call.endpoints);
    let besides = QUESTIONS.iter().map(|question| question.endpoint);
    let mut tried: Vec<Endpoint> = always
        .chain(by_call.map(|(endpoint, _)| *endpoint))
        .chain(besides)
        .chain([Endpoint::Simulate])
        .filter(|endpoint| *endpoint != Endpoint::Status)
        .chain(NOT_OF_THE_FLOW)
        .collect();
    tried.sort_unstable();
    let mut all = Endpoint::DATA.to_vec();
    all.sort_unstable();
    assert_eq!(tried, all);
}
