//! Where the platform's documentation tells more: for which verdicts it is asked, which links are shown, and that
//! nothing waits for it.

use std::sync::Arc;
use std::time::Duration;

use calltriage::call::{CallQuery, Term};
use calltriage::config::Endpoints;
use calltriage::demo::{Behaviour, Endpoint};
use calltriage::diagnosis::investigator::progress::unwatched;
use calltriage::diagnosis::{Diagnosis, Investigator, Peers};
use jiff::Timestamp;
use serde_json::json;
use tokio::task::block_in_place;

use super::ask;
use crate::cli::Desk;
use crate::scenarios::{self, GROUPS, PLAIN, Scenario};
use crate::support::connexcs::{Fake, NOW};

const CALL_ID: &str = "a@198.51.100.10";

const NO_ROUTE: Scenario = Scenario {
    is_traced: false,
    log: r#"{"sip_code": 503, "sip_reason": "No Routes Available (Pre)"}"#,
    ..PLAIN
};

const RELEASED: Scenario = Scenario {
    is_traced: false,
    log: r#"{"sip_code": 200, "sip_reason": "OK", "ok": {"duration": 61, "release_reason": "MI Termination"}}"#,
    ..PLAIN
};

const BUSY: Scenario = Scenario {
    ladder: "
        0.00 cust>plat INVITE
        0.01 plat>cust 100
        0.04 plat>car INVITE leg=b
        0.61 car>plat 486 leg=b
        0.62 plat>car ACK leg=b
        0.63 plat>cust 486
        0.64 cust>plat ACK",
    ..PLAIN
};

/// What the documentation was asked for.
fn terms(fake: &Fake) -> Vec<String> {
    let asked = fake.platform.seen().of(Endpoint::Docs).into_iter();
    asked.map(|it| it.target).collect()
}

async fn call(fake: &Fake) -> Diagnosis {
    let (mut answer, _) = ask(fake, CALL_ID).await;
    answer.calls.remove(0)
}

#[tokio::test]
async fn a_text_of_the_platform_has_its_page() {
    for (scenario, term) in [
        (NO_ROUTE, "No%20Routes%20Available%20%28Pre%29"),
        (RELEASED, "MI%20Termination"),
    ] {
        let fake = scenarios::platform(&scenario).await;
        let call = call(&fake).await;
        let page = "https://docs.example/routing-status";
        assert_eq!(call.read_more.as_deref(), Some(page), "{term}");
        assert_eq!(terms(&fake), [format!("/api/cp/docs?s={term}")]);
    }
}

#[tokio::test]
async fn a_timer_of_the_platform_has_its_page() {
    let of_rule = |it: &&Scenario| it.rule == "high-pdd";
    let all = GROUPS.iter().flat_map(|(_, scenarios)| scenarios.iter());
    let scenario = all.clone().find(of_rule).unwrap();
    let investigation = scenarios::play(scenario).await;
    let page = investigation.calls[0].read_more.as_deref();
    assert_eq!(page, Some("https://docs.example/routing-status"));
}

#[tokio::test]
async fn what_is_nothing_of_the_platforms_is_not_looked_up() {
    let fake = scenarios::platform(&BUSY).await;
    let call = call(&fake).await;
    assert_eq!((call.read_more, terms(&fake)), (None, Vec::new()));
}

#[tokio::test]
async fn a_link_that_may_do_harm_is_not_shown() {
    let hostile = [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//docs.example/x",
        "docs.example/x",
        "https://docs.example@evil.example/",
        "https://user:secret@evil.example/",
        "https://docs.example/<script>",
        "https://docs.example/|<@U0>",
        "https://docs.example/`x`",
        "https://docs.example/*x*",
        "https://docs.example/(x)[y]",
        "https://docs.example/\u{202e}x y",
        "https://docs.example/a\nb",
        "",
    ];
    let page =
        |url: &str| json!({"public_url": url, "link": "x", "body": "No Routes Available (Pre)"});
    for url in hostile {
        let fake = scenarios::platform(&NO_ROUTE).await;
        fake.always(Endpoint::Docs, Behaviour::Json(json!([page(url)])));
        assert_eq!(call(&fake).await.read_more, None, "{url}");
        // The next one may be shown.
        let good = "https://docs.example/a_b?c=d&e=%20#f";
        let both = json!([page(url), page(good)]);
        fake.always(Endpoint::Docs, Behaviour::Json(both));
        assert_eq!(call(&fake).await.read_more.as_deref(), Some(good), "{url}");
    }
}

#[tokio::test]
async fn a_page_that_does_not_have_the_word_is_not_shown() {
    let fake = scenarios::platform(&NO_ROUTE).await;
    let other = json!([{"public_url": "https://docs.example/x", "body": "Recordings"}]);
    fake.always(Endpoint::Docs, Behaviour::Json(other));
    assert_eq!(call(&fake).await.read_more, None);
}

#[tokio::test]
async fn a_word_is_asked_for_once() {
    let fake = scenarios::platform(&NO_ROUTE).await;
    let investigator = Investigator::new(vec![fake.source(Endpoints::default())], Peers::default());
    let query = CallQuery {
        terms: vec![Term::CallId(CALL_ID.to_owned())],
        ..CallQuery::default()
    };
    let now = Timestamp::from_second(NOW).unwrap();
    for _ in 0..3 {
        let done = investigator.investigate("id".to_owned(), CALL_ID, &query, now, &unwatched);
        let done = done.await.investigation;
        assert!(done.calls[0].read_more.is_some());
    }
    assert_eq!(terms(&fake).len(), 1);
}

#[tokio::test]
async fn a_page_that_does_not_come_is_not_waited_for() {
    let fake = scenarios::platform(&NO_ROUTE).await;
    fake.always(Endpoint::Docs, Behaviour::Hang);
    let clock = Arc::new(crate::support::clock::HandClock::new());
    let source = fake.source_by(Endpoints::default(), clock.clone());
    let investigator = Investigator::new(vec![source], Peers::default());
    let query = CallQuery {
        terms: vec![Term::CallId(CALL_ID.to_owned())],
        ..CallQuery::default()
    };
    let now = Timestamp::from_second(NOW).unwrap();
    for _ in 0..2 {
        let done = investigator.investigate("id".to_owned(), CALL_ID, &query, now, &unwatched);
        let a_second = Duration::from_secs(1);
        let patient = async {
            // Only the first answer waits at all: then it is known that none comes.
            if terms(&fake).is_empty() {
                clock
                    .until_asleep(a_second..a_second + Duration::from_nanos(1))
                    .await;
                clock.advance(a_second);
            }
        };
        let (done, ()) = tokio::join!(done, patient);
        let call = &done.investigation.calls[0];
        assert_eq!(call.verdict.rule, "refused-in-log");
        assert_eq!((&call.read_more, &call.not_checked), (&None, &Vec::new()));
    }
    assert_eq!(terms(&fake).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_read_the_link_on_the_card() {
    let fake = scenarios::platform(&NO_ROUTE).await;
    let desk = Desk::new();
    desk.file(
        "run.toml",
        format!(
            "[[sources]]\nname = \"main\"\nkind = \"connexcs\"\nbase_url = \"{}\"\ntoken = {{ value = \"demo\" }}\n",
            fake.base_url()
        ),
    );
    let done = block_in_place(|| desk.run(&["diagnose", "--config", "run.toml", CALL_ID]));
    let text = done.answered().out;
    let line = text.lines().find(|line| line.contains("Read more"));
    let line = line.unwrap_or_else(|| panic!("{text}")).trim();
    insta::assert_snapshot!(line, @"Read more   https://docs.example/routing-status");
}
