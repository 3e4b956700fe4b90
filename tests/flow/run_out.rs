//! A call to a user whose registration, in the same capture, had run out before it.

use std::sync::Arc;

use bytes::Bytes;
use calltriage::call::{Context, Reading, parse};
use calltriage::diagnosis::investigator::progress::unwatched;
use calltriage::diagnosis::{Investigation, Investigator, Outcome, StepName};
use calltriage::sources::{Captures, Source};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::rules::verdict::inbound;
use crate::support::text_writer::{Dialect, print};
use crate::support::trace::packets;

/// What is said of a call 100 s after a REGISTER that was granted so many seconds.
async fn called_after(granted: u32, answer: &str) -> (Investigation, Investigation) {
    called_later(100, granted, answer).await
}

/// The same so many seconds after it.
async fn called_later(after: u32, granted: u32, answer: &str) -> (Investigation, Investigation) {
    let text = format!(
        "0.00 203.0.113.9:5060>plat REGISTER leg=r to=441632960002 from=441632960002 | Expires: {granted}
         0.02 plat>203.0.113.9:5060 200 REGISTER leg=r to=441632960002 from=441632960002 | Expires: {granted}
         {after}.00 cust>plat INVITE
         {after}.02 plat>cust {answer}
         {after}.04 cust>plat ACK"
    );
    let packets = packets(&text);
    let here = "192.0.2.5:5060".parse().unwrap();
    let bytes = Bytes::from(print(Dialect::Sngrep, &packets, here, false));
    let captures = Captures::in_memory("test", [("call.txt".to_owned(), bytes)], inbound());
    let investigator = Investigator::new(vec![Source::Captures(Arc::new(captures))], inbound());
    let now: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    let question = "a@198.51.100.10";
    let Reading::Query(query) = parse(question, &Context::new(now, TimeZone::UTC)) else {
        panic!("{question}");
    };
    let done = investigator.investigate("id".into(), question, &query, now, &unwatched);
    let done = done.await;
    let again = investigator.judge_again(done.investigation.clone(), &done.evidence);
    (done.investigation, again)
}

fn register_step(investigation: &Investigation) -> (Outcome, &str) {
    let mut steps = investigation.steps.iter();
    let step = steps.find(|it| it.step == StepName::RegisterLog).unwrap();
    (step.outcome, step.detail.as_str())
}

#[tokio::test]
async fn a_registration_that_had_run_out_is_the_cause() {
    let (investigation, again) = called_after(60, "480").await;
    let verdict = &investigation.calls[0].verdict;
    assert_eq!(verdict.rule, "registration-ran-out");
    assert_eq!(verdict.party.label(), "customer equipment");
    assert!(
        verdict
            .summary
            .starts_with("441632960002 was called 40.0 s after its registration had run out;"),
        "{}",
        verdict.summary
    );
    assert_eq!(
        register_step(&investigation),
        (
            Outcome::CauseFound,
            "the registration of 441632960002 had run out by then"
        )
    );
    assert_eq!(again.calls[0].verdict, *verdict);
}

#[tokio::test]
async fn one_that_still_held_or_was_not_needed_is_not() {
    for (granted, answer) in [(600, "480"), (60, "486")] {
        let (investigation, _) = called_after(granted, answer).await;
        let verdict = &investigation.calls[0].verdict;
        assert_eq!(verdict.rule, "refused-by-platform", "{granted} {answer}");
        assert_eq!(register_step(&investigation).0, Outcome::Clean);
    }
}

#[tokio::test]
async fn one_of_an_hour_ago_counts_too() {
    // Granted for half an hour, an hour before the call.
    let (investigation, again) = called_later(3_600, 1_800, "480").await;
    let verdict = &investigation.calls[0].verdict;
    assert_eq!(
        (verdict.rule.as_str(), verdict.certainty.word()),
        ("registration-ran-out", "possible"),
        "it may have registered out of sight since"
    );
    assert_eq!(register_step(&investigation).0, Outcome::CauseFound);
    assert_eq!(again.calls[0].verdict, *verdict);
    // It still held.
    let (investigation, _) = called_later(3_600, 7_200, "480").await;
    assert_eq!(investigation.calls[0].verdict.rule, "refused-by-platform");
    assert_eq!(
        register_step(&investigation),
        (
            Outcome::NothingFound,
            "no REGISTER of these users within ten minutes"
        )
    );
}
