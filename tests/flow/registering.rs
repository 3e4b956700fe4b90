//! A device that does not register, behind an address that makes calls and where other devices are too.

use calltriage::call::{Context, Reading, parse};
use calltriage::config::Endpoints;
use calltriage::demo::{Endpoint, World};
use calltriage::diagnosis::investigator::progress::unwatched;
use calltriage::diagnosis::{Investigation, Investigator, Peers};
use calltriage::sources::{Lookup, Probe};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::support::connexcs::{Fake, NOW};

/// What is answered on a question about the example captures, on a platform with a register log.
async fn ask(question: &str) -> Investigation {
    let now = Timestamp::from_second(NOW).unwrap();
    let fake = Fake::of(World::of_examples(now)).await;
    let sources = vec![fake.source(Endpoints {
        register_log: Some("demo/register-log?s={search}".into()),
        ..Endpoints::default()
    })];
    let investigator = Investigator::new(sources, Peers::default());
    let Reading::Query(query) = parse(question, &Context::new(now, TimeZone::UTC)) else {
        panic!("{question}");
    };
    let done = investigator.investigate("id".into(), question, &query, now, &unwatched);
    done.await.investigation
}

#[tokio::test]
async fn the_calls_of_its_address_are_no_answer() {
    for question in [
        "198.51.100.10 cannot register",
        "registration of 441632960115",
    ] {
        let investigation = ask(question).await;
        let [call] = &*investigation.calls else {
            panic!("{} calls", investigation.calls.len());
        };
        assert_eq!(call.verdict.rule, "registration-refused", "{question}");
        assert_eq!(investigation.notes, Vec::<String>::new());
    }
}

#[tokio::test]
async fn another_device_behind_its_address_is_not_it() {
    let investigation = ask("user 1001 cannot register from 198.51.100.10").await;
    let [call] = &*investigation.calls else {
        panic!("{} calls", investigation.calls.len());
    };
    assert_eq!(call.verdict.rule, "registration-user-unknown");
    assert_eq!(call.facts, []);
    let said = serde_json::to_string(&investigation).unwrap();
    assert!(!said.contains("441632960115"));
}

#[tokio::test]
async fn a_script_of_ours_inside_the_platform_is_posted_to() {
    const SCRIPT: &str = "scriptforge/7/registrations";
    let fake = Fake::start().await;
    let endpoints = Endpoints {
        registrations: Some(SCRIPT.to_owned()),
        ..Endpoints::default()
    };
    let source = fake.source(endpoints);
    let platform = source.platform().unwrap();
    let Lookup::Found(words) = platform.registrations("441632960115").await else {
        panic!("it is registered");
    };
    assert!(words.shown().contains("baresip"), "{}", words.shown());
    assert_eq!(platform.registrations("nobody").await, Lookup::Empty);
    // Doctor asks it likewise.
    let probed = platform.probe(&Probe::configured(SCRIPT)).await;
    assert_eq!(probed.outcome, Ok("an empty body".to_owned()));
    let asked = fake.platform.seen().of(Endpoint::Registrations);
    let asked: Vec<(&str, &str)> = asked
        .iter()
        .map(|it| (it.target.as_str(), it.body.as_str()))
        .collect();
    assert_eq!(
        asked,
        [
            (
                "/api/cp/scriptforge/7/registrations",
                r#"{"search":"441632960115"}"#
            ),
            (
                "/api/cp/scriptforge/7/registrations",
                r#"{"search":"nobody"}"#
            ),
            (
                "/api/cp/scriptforge/7/registrations",
                r#"{"search":"calltriage-doctor"}"#
            ),
        ]
    );
}
