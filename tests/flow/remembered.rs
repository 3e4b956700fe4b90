//! A call of which the sources give no messages now, while evidence of it was kept.

use calltriage::call::{CallQuery, Context, Reading, parse};
use calltriage::config::Endpoints;
use calltriage::demo::{Behaviour, Endpoint};
use calltriage::diagnosis::investigator::progress::unwatched;
use calltriage::diagnosis::{
    Investigated, Investigation, Investigator, Outcome, Peers, Step, StepName,
};
use calltriage::sources::Evidence;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::support::connexcs::{Fake, NOW};

const TALKED: &str = "70634039@192.168.0.204";

async fn looked(fake: &Fake, question: &str) -> (Investigator, CallQuery, Investigated) {
    let sources = vec![fake.source(Endpoints::default())];
    let investigator = Investigator::new(sources, Peers::default());
    let now = Timestamp::from_second(NOW).unwrap();
    let Reading::Query(query) = parse(question, &Context::new(now, TimeZone::UTC)) else {
        panic!("{question}");
    };
    let done = investigator.investigate("id".into(), question, &query, now, &unwatched);
    let done = done.await;
    (investigator, query, done)
}

/// What is answered now where this was kept.
async fn remembered(fake: &Fake, question: &str, kept: (Investigation, Evidence)) -> Investigation {
    let (investigator, query, found) = looked(fake, question).await;
    assert!(found.evidence.packets.is_empty());
    investigator
        .judge_remembered(found, kept, &query)
        .investigation
}

#[tokio::test]
async fn what_is_kept_of_a_call_answers_beside_what_is_told_now() {
    let fake = Fake::start().await;
    let (.., first) = looked(&fake, TALKED).await;
    let kept = || (first.investigation.clone(), first.evidence.clone());
    fake.always(Endpoint::Trace, Behaviour::Json(json!([])));
    let record = json!([{"dt": "2026-02-16 09:10:00", "callid": TALKED, "duration": 65, "customer_duration": 66,
        "provider_duration": 66, "sip_code": 200}]);
    fake.always(Endpoint::Cdr, Behaviour::Json(record));
    let question = format!("{TALKED} overbilled");
    let now = remembered(&fake, &question, kept()).await;
    assert_eq!(
        now.calls[0].verdict.rule, "billed-longer-than-talked",
        "{:?}",
        now.calls[0].verdict
    );
    assert!(
        now.notes
            .iter()
            .any(|it| it.starts_with("The sources hold its messages no more"))
    );

    fake.platform.script().everywhere(Behaviour::unauthorised());
    let now = remembered(&fake, TALKED, kept()).await;
    assert_eq!(now.calls[0].verdict.rule, "hung-up");
    assert!(
        now.notes
            .iter()
            .any(|it| it.starts_with("The sources could not be asked")),
        "{:?}",
        now.notes
    );
    assert!(
        !now.notes
            .iter()
            .any(|it| it.starts_with("The sources hold"))
    );
    let lead = now.lead.unwrap();
    assert!(
        lead.contains("What follows is from the evidence of"),
        "{lead}"
    );
    assert!(!lead.contains("not diagnosed"), "{lead}");
    let is_clean =
        |step: &Step| step.outcome == Outcome::Clean && step.step != StepName::StatusPage;
    assert!(!now.steps.iter().any(is_clean), "{:?}", now.steps);
}
