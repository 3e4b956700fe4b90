//! One end point is dead: the verdict of the others stands, and what could not be checked is said with
//! whom to blame.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use calltriage::call::{CallQuery, Context, Reading, Symptom, Term, parse};
use calltriage::config::{self, Credentials, Endpoints, Limits, Secret, StatusPageKind};
use calltriage::demo::{Behaviour, Endpoint};
use calltriage::diagnosis::investigator::progress::unwatched;
use calltriage::diagnosis::{Investigation, Investigator, Outcome, Party, Peers, StepName};
use calltriage::sip::Certainty;
use calltriage::sources::api::SystemClock;
use calltriage::sources::{ConnexCs, Source, StatusPage};
use futures_util::future::join_all;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{CALL_ID, Fault, faults, platform};
use crate::support::connexcs::{Fake, NOW};

/// Long enough for a loaded machine, and shorter than an API is left alone that asks for an hour: what
/// cannot be had in time is not waited for.
pub(super) const UNHURRIED: Duration = Duration::from_secs(20);

/// Where it is said that an end point could not be asked.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Step(StepName),
    /// Among what was not checked of the call, under this name.
    Call(&'static str),
}

/// Every end point that the flow asks.
pub(super) const ENDPOINTS: [(Endpoint, Place); 11] = [
    (Endpoint::Log, Place::Step(StepName::CallLog)),
    (Endpoint::Trace, Place::Step(StepName::SipTrace)),
    (Endpoint::Status, Place::Step(StepName::StatusPage)),
    (Endpoint::RegisterLog, Place::Step(StepName::RegisterLog)),
    (Endpoint::ClassFive, Place::Call("class 5 events")),
    (Endpoint::Rtcp, Place::Call("media quality")),
    (Endpoint::Customer, Place::Call("customer")),
    (Endpoint::Carrier, Place::Call("carrier")),
    (Endpoint::IpEntries, Place::Call("address entries")),
    (Endpoint::SipUsers, Place::Call("SIP users")),
    (Endpoint::Cdr, Place::Call("call detail record")),
];

fn settings(fake: &Fake, endpoints: Endpoints, deadline: Duration) -> config::ConnexCs {
    config::ConnexCs {
        base_url: fake.base_url().parse().unwrap(),
        credentials: Credentials::Token(Secret::new("demo".to_owned())),
        deadline,
        cdr_deadline: deadline,
        support_phone: None,
        endpoints,
        limits: Limits {
            retries: 1,
            back_off: Duration::from_millis(1),
            spacing: Duration::ZERO,
            in_flight: NonZeroU32::new(32).unwrap(),
            ..Limits::default()
        },
    }
}

/// Asks about the call.
async fn ask(fake: &Fake, deadline: Duration) -> Investigation {
    let query = CallQuery {
        terms: vec![Term::CallId(CALL_ID.to_owned())],
        symptoms: vec![Symptom::Overbilled],
        ..CallQuery::default()
    };
    asked(fake, &query, deadline).await
}

/// What comes of a query, with every end point answering as the fake is told to.
async fn asked(fake: &Fake, query: &CallQuery, deadline: Duration) -> Investigation {
    let endpoints = Endpoints {
        register_log: Some("demo/register-log?s={search}".to_owned()),
        ..Endpoints::default()
    };
    asked_of(fake, endpoints, query, deadline).await
}

/// The same where these paths are configured.
pub(super) async fn asked_of(
    fake: &Fake,
    endpoints: Endpoints,
    query: &CallQuery,
    deadline: Duration,
) -> Investigation {
    let now = Timestamp::from_second(NOW).unwrap();
    let investigator = investigator(fake, endpoints, deadline);
    let asked = investigator.investigate("id".to_owned(), "typed", query, now, &unwatched);
    asked.await.investigation
}

/// Who asks a platform and its status page by the machine's own clock.
pub(super) fn investigator(fake: &Fake, endpoints: Endpoints, deadline: Duration) -> Investigator {
    let clock = || Arc::new(SystemClock::start());
    let platform = ConnexCs::new("main", &settings(fake, endpoints, deadline), clock()).unwrap();
    let page = config::StatusPage {
        kind: StatusPageKind::Statuspage,
        url: format!("http://{}/status/api/v2/summary.json", fake.address)
            .parse()
            .unwrap(),
        deadline,
    };
    Investigator::new(vec![Source::ConnexCs(Arc::new(platform))], Peers::default())
        .with_status_page(Some(StatusPage::new(&page, clock()).unwrap()))
}

/// Everything that is said.
pub(super) fn said(investigation: &Investigation) -> String {
    let details = investigation.steps.iter().map(|step| &step.detail);
    let not_checked = investigation
        .calls
        .iter()
        .flat_map(|call| &call.not_checked);
    let all = details.chain(not_checked).chain(&investigation.lead);
    all.chain(&investigation.notes)
        .map(|it| format!("{it}\n"))
        .collect()
}

fn rule(investigation: &Investigation) -> &str {
    &investigation.calls[0].verdict.rule
}

/// The verdict without the words, which lack a name that could not be looked up.
pub(super) fn judged(investigation: &Investigation) -> (&str, Party, Party, Certainty, Certainty) {
    let verdict = &investigation.calls[0].verdict;
    let (party, to_act) = (verdict.party, verdict.to_act);
    let (cause, fact) = (verdict.certainty, verdict.fact_certainty);
    (&verdict.rule, party, to_act, cause, fact)
}

/// What is said of an end point at its place; it must not be called clean there.
#[track_caller]
fn at(place: Place, investigation: &Investigation, about: &str) -> String {
    match place {
        Place::Step(name) => {
            let step = investigation
                .steps
                .iter()
                .find(|it| it.step == name)
                .unwrap();
            assert_eq!(step.outcome, Outcome::NotChecked, "{about}: {step:?}");
            step.detail.clone()
        }
        Place::Call(name) => {
            let prefix = format!("main: {name}: ");
            let mut list = investigation.calls[0].not_checked.iter();
            let found = list.find(|it| it.starts_with(&prefix));
            found
                .unwrap_or_else(|| panic!("{about}: {}", said(investigation)))
                .clone()
        }
    }
}

/// Whether the API was asked nothing else because of the fault: whoever refuses us at its log refuses
/// us, and must not be asked on.
fn ends_everything(fault: &Fault, endpoint: Endpoint) -> bool {
    endpoint == Endpoint::Log && ["401", "429 for an hour"].contains(&fault.name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_at_each_endpoint_leaves_the_verdict_of_the_others() {
    let fake = platform().await;
    let well = ask(&fake, UNHURRIED).await;
    assert!(!said(&well).contains("main: "), "{}", said(&well));
    for (endpoint, _) in ENDPOINTS {
        assert!(
            !fake.platform.seen().of(endpoint).is_empty(),
            "{endpoint:?} is not asked"
        );
    }
    for fault in faults() {
        for (endpoint, place) in ENDPOINTS {
            let about = format!("{} at {endpoint:?}", fault.name);
            fake.platform.script().clear();
            fake.always(endpoint, fault.behaviour.clone());
            let found = ask(&fake, UNHURRIED).await;
            let all = said(&found);
            if ends_everything(&fault, endpoint) {
                assert_eq!(rule(&found), "call-not-found", "{about}");
                assert!(
                    found.lead.as_ref().is_some_and(|it| it.contains("our ")),
                    "{about}: {all}"
                );
            } else if matches!(endpoint, Endpoint::Log | Endpoint::Trace) {
                if fault.said.is_some() {
                    assert_ne!(rule(&found), "call-not-found", "{about}: {all}");
                    assert_eq!(found.lead, None, "{about}");
                }
            } else if all.contains("main: call detail record: ") {
                // What was billed is what was asked, and that nobody can tell now: also where an API that wants to be
                // left alone is asked nothing more.
                let party = found.calls[0].verdict.party;
                assert_eq!(
                    (rule(&found), party),
                    (rule(&well), Party::Undecided),
                    "{about}"
                );
                assert_eq!(found.lead, None, "{about}");
            } else if fault.said.is_some() {
                assert_eq!(judged(&found), judged(&well), "{about}");
                assert_eq!(found.lead, None, "{about}");
            }
            let Some(words) = fault.said else {
                assert!(all.len() < 20_000, "{about}: {} bytes", all.len());
                continue;
            };
            let there = at(place, &found, &about);
            // The status page has no credential of ours, and another form.
            let words = if endpoint == Endpoint::Status {
                "not verified"
            } else {
                words
            };
            assert!(there.contains(words), "{about}: {there}");
            if fault.name.starts_with('4') && endpoint != Endpoint::Status {
                assert!(!all.contains("reach"), "{about}: {all}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_answer_costs_its_deadline_and_no_verdict() {
    let deadline = Duration::from_secs(4);
    let each = ENDPOINTS.map(|(endpoint, place)| async move {
        let fake = platform().await;
        fake.always(endpoint, Behaviour::Hang);
        let began = Instant::now();
        let found = ask(&fake, deadline).await;
        let took = began.elapsed();
        assert!(took < 2 * deadline, "{endpoint:?}: {took:?}");
        assert_ne!(rule(&found), "call-not-found", "{endpoint:?}");
        assert_eq!(found.lead, None, "{endpoint:?}");
        let there = at(place, &found, &format!("{endpoint:?}"));
        assert!(there.contains("did not answer within 4 s"), "{there}");
    });
    join_all(each).await;
}

#[tokio::test]
async fn without_the_trace_the_row_gives_the_verdict() {
    let fake = platform().await;
    fake.always(Endpoint::Trace, Behaviour::broken());
    let found = ask(&fake, UNHURRIED).await;
    let call = &found.calls[0];
    assert!(call.facts.is_empty() && call.logged.is_some(), "{call:?}");
    insta::assert_snapshot!(format!("{}: {}", rule(&found), call.verdict.summary), @"released-in-log: The platform's log says that the call ended after 30.0 s: Downstream BYE. The calling side hung up. That is the side of: customer equipment.");
}

#[tokio::test]
async fn without_the_log_the_trace_is_asked_by_the_call_id_alone() {
    let fake = platform().await;
    fake.always(Endpoint::Log, Behaviour::broken());
    let found = ask(&fake, UNHURRIED).await;
    let asked = fake.platform.seen().of(Endpoint::Trace);
    let targets: Vec<&str> = asked.iter().map(|it| it.target.as_str()).collect();
    assert_eq!(targets, ["/api/cp/log/trace?callid=a%40198.51.100.10"]);
    insta::assert_snapshot!(found.notes.join("\n"), @"The platform's log could not be searched: customer, carrier and routing of this Call-ID are not known, nor is the outgoing Call-ID, so the carrier's side may be missing.");
}

#[tokio::test]
async fn a_dead_log_is_asked_once_for_a_number() {
    let fake = platform().await;
    fake.always(Endpoint::Log, Behaviour::forbidden());
    let now = Timestamp::from_second(NOW).unwrap();
    let context = Context::new(now, TimeZone::UTC);
    let Reading::Query(query) = parse("+441632960002", &context) else {
        panic!("a number is a query")
    };
    let found = asked(&fake, &query, UNHURRIED).await;
    assert_eq!(fake.platform.seen().of(Endpoint::Log).len(), 1);
    insta::assert_snapshot!(found.lead.unwrap(), @"main: the platform's API told nothing: our permission does not cover this at the platform's API (403): let its administrator grant our user to read it; it said: Access Denied. The call is not diagnosed.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nothing_answers_that_is_said_soon_after_one_deadline() {
    let deadline = Duration::from_secs(8);
    let fake = platform().await;
    for (endpoint, _) in ENDPOINTS {
        fake.always(endpoint, Behaviour::Hang);
    }
    let began = Instant::now();
    let found = ask(&fake, deadline).await;
    let took = began.elapsed();
    assert!(took < deadline + Duration::from_secs(6), "{took:?}");
    assert!(said(&found).contains("did not answer within 8 s"));
}
