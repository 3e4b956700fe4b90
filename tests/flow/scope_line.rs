//! "Only this call?": how the counts of others are told.

use calltriage::call::Window;
use calltriage::demo::{Behaviour, Endpoint};
use calltriage::diagnosis::investigator::progress::Tick;
use calltriage::diagnosis::scope::{Answer, Of, scope_line, windows};
use calltriage::platform::{Aggregate, Cdr};
use jiff::{SignedDuration, Timestamp};

use super::ask;
use crate::support::connexcs::Fake;

fn sums(carrier: u64, customer: u64, attempts: u64, failed: u64) -> Aggregate {
    Aggregate {
        carrier_id: Some(carrier),
        customer_id: Some(customer),
        destination: Some("UK Mobile".into()),
        attempts: Some(attempts),
        connected: Some(attempts - failed),
        ..Aggregate::default()
    }
}

fn said(during: &[Aggregate], before: &[Aggregate]) -> (Answer, String) {
    let of = Of {
        carrier: Some((105, "Acme (#105)".into())),
        destination: Some("UK Mobile".into()),
        customer: Some((12, "ExampleTel (#12)".into())),
    };
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let window = Window::new(at("2026-02-16T09:00:00Z"), at("2026-02-16T09:15:00Z"));
    let time = |at: Timestamp| at.strftime("%H:%M").to_string();
    let line = scope_line(&of, window, during, before, &time);
    (line.answer, line.said)
}

#[test]
fn others_fail_too() {
    let during = [
        sums(105, 12, 100, 30),
        sums(105, 13, 20, 7),
        sums(106, 12, 300, 1),
    ];
    let before = [sums(105, 12, 400, 1)];
    assert_eq!(
        said(&during, &before),
        (
            Answer::Others,
            "No. From 09:00 to 09:15, Acme (#105) → UK Mobile: 37 of 120 failed (hour before: 1 of 400); \
             other carriers → UK Mobile: 1 of 300; ExampleTel (#12) in all: 31 of 400; 2 customers hit."
                .to_owned()
        )
    );
}

#[test]
fn the_others_are_well() {
    let (answer, said) = said(&[sums(105, 12, 100, 1)], &[sums(105, 12, 400, 4)]);
    assert_eq!(answer, Answer::Alone);
    assert!(said.starts_with("As far as the counts show"), "{said}");
}

#[test]
fn as_many_failing_as_before_are_no_news() {
    let (answer, _) = said(&[sums(105, 12, 100, 30)], &[sums(105, 12, 400, 120)]);
    assert_eq!(answer, Answer::Alone);
}

#[test]
fn nearly_all_failing_is_an_outage_however_long_it_has_been_so() {
    let (answer, said) = said(&[sums(105, 12, 100, 97)], &[sums(105, 12, 400, 390)]);
    assert_eq!(answer, Answer::Others);
    assert!(said.starts_with("No. "), "{said}");
}

#[test]
fn four_calls_tell_nothing() {
    let (answer, said) = said(&[sums(105, 12, 4, 4)], &[]);
    assert_eq!(answer, Answer::CannotTell);
    assert!(said.starts_with("Too few calls to tell."), "{said}");
}

fn record(call_id: &str, seconds: i64, code: u16, carrier: u64) -> Cdr {
    Cdr {
        call_id: Some(call_id.into()),
        duration_ms: Some(seconds * 1000),
        code: Some(code),
        carrier_id: Some(carrier),
        destination: Some("UK Mobile".into()),
        ..Cdr::default()
    }
}

/// What is said of the others' codes, behind the counts.
fn codes(records: &[Cdr]) -> String {
    let of = Of {
        carrier: Some((105, "Acme (#105)".into())),
        destination: Some("UK Mobile".into()),
        customer: None,
    };
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let window = Window::new(at("2026-02-16T09:00:00Z"), at("2026-02-16T09:15:00Z"));
    let line = scope_line(&of, window, &[], &[], &|at| at.to_string());
    let counts = line.said.clone();
    let line = line.with_codes(&of, "of ExampleTel (#12)", "own@example.com", records);
    line.said[counts.len()..].to_owned()
}

#[test]
fn others_that_failed_are_told_by_their_codes() {
    let records = [
        record("own@example.com", 0, 503, 105),
        record("a@example.com", 0, 503, 105),
        record("b@example.com", 0, 404, 105),
        record("c@example.com", 0, 503, 105),
        record("d@example.com", 60, 200, 105),
        record("e@example.com", 0, 486, 106),
    ];
    assert_eq!(
        codes(&records),
        " Others of ExampleTel (#12) that failed there: 2 × 503, 1 × 404."
    );
}

#[test]
fn records_of_answered_calls_alone_tell_no_codes() {
    let records = [
        record("d@example.com", 60, 200, 105),
        record("e@example.com", 9, 503, 105),
    ];
    assert_eq!(codes(&records), "");
    // Nor does the call itself.
    assert_eq!(codes(&[record("own@example.com", 0, 503, 105)]), "");
}

#[test]
fn the_time_of_the_counts_never_lies_ahead() {
    let at: Timestamp = "2026-02-16T09:10:00Z".parse().unwrap();
    let (during, before) = windows(at, at + SignedDuration::from_secs(30));
    assert_eq!(during.to, at + SignedDuration::from_secs(30));
    assert_eq!(
        during.to.duration_since(during.from),
        SignedDuration::from_mins(15)
    );
    assert_eq!(
        (before.to, before.from),
        (during.from, during.from - SignedDuration::from_hours(1))
    );
}

#[tokio::test]
async fn a_failed_call_has_the_line_and_a_good_one_has_not() {
    let fake = Fake::start().await;
    let (failed, _) = ask(&fake, "busy-1@198.51.100.10").await;
    assert!(failed.calls[0].scope.is_some());
    let asked = fake.platform.seen().of(Endpoint::Aggregates).len()
        + fake.platform.seen().of(Endpoint::Cdr).len();
    assert!(asked <= 3, "{asked} requests for the line");
    let (good, _) = ask(&fake, "70634039@192.168.0.204").await;
    assert_eq!(good.calls[0].scope, None);
}

#[tokio::test]
async fn the_verdict_is_told_before_the_others_are_counted() {
    let fake = Fake::start().await;
    let (answer, ticks) = ask(&fake, "busy-1@198.51.100.10").await;
    let last = ticks.last().unwrap();
    let Tick::Judged(verdict) = last else {
        panic!("{last:?}");
    };
    assert_eq!(**verdict, answer.calls[0].verdict);
    let (_, ticks) = ask(&fake, "70634039@192.168.0.204").await;
    let is_early = |tick: &Tick| matches!(tick, Tick::Judged(_));
    assert!(
        !ticks.iter().any(is_early),
        "nothing is counted of a good call"
    );
}

#[tokio::test]
async fn sums_that_cannot_be_asked_for_leave_the_verdict_alone() {
    let fake = Fake::start().await;
    fake.always(Endpoint::Aggregates, Behaviour::forbidden());
    let (answer, _) = ask(&fake, "busy-1@198.51.100.10").await;
    assert_eq!(answer.calls[0].verdict.rule, "called-busy");
    let scope = answer.calls[0].scope.as_ref().unwrap();
    assert_eq!(scope.answer, Answer::CannotTell);
    assert!(scope.said.starts_with("Not checked: "), "{}", scope.said);
}

#[tokio::test]
async fn codes_are_told_where_records_hold_unanswered_calls() {
    let fake = Fake::start().await;
    let body = serde_json::json!({
        "field": ["dt", "callid", "duration", "sip_code", "customer_id", "provider_id", "customer_card_dest_name"],
        "where": {"rules": [
            {"field": "dt", "condition": ">=", "data": "2020-01-01 00:00:00"},
            {"field": "dt", "condition": "<=", "data": "2100-01-01 00:00:00"},
            {"field": "callid", "condition": "=", "data": "busy-1@198.51.100.10"},
        ]},
        "limit": 1, "order": [],
    });
    let own = fake.post("cdr", &body).await.json()[0].clone();
    let mut answered = own.clone();
    answered["callid"] = "good@198.51.100.10".into();
    answered["duration"] = 60.into();
    let mut other = own.clone();
    other["callid"] = "other@198.51.100.10".into();
    other["sip_code"] = 503.into();
    let line = async |rows: serde_json::Value| {
        fake.always(Endpoint::Cdr, Behaviour::Json(rows));
        let (answer, _) = ask(&fake, "busy-1@198.51.100.10").await;
        answer.calls[0].scope.clone().unwrap()
    };
    let seen = line(serde_json::json!([own, other, answered])).await;
    assert_eq!(seen.codes.len(), 1);
    insta::assert_snapshot!(seen.said, @"Too few calls to tell. From 11:29 UTC to 11:44 UTC, ExampleTel (#105) → United Kingdom: 2 of 4 failed (hour before: 0 of 0); other carriers → United Kingdom: 1 of 1; Acme (#12) in all: 3 of 5. Others of Acme (#12) that failed there: 1 × 503.");
    let unseen = line(serde_json::json!([answered])).await;
    assert_eq!(unseen.codes, []);
    assert!(
        !unseen.said.contains("that failed there"),
        "{}",
        unseen.said
    );
}

#[tokio::test]
async fn a_registration_has_no_such_line() {
    let fake = Fake::start().await;
    let (answer, _) = ask(&fake, "a1d4280465c82fa9").await;
    assert_eq!(answer.calls[0].verdict.rule, "registration-refused");
    assert_eq!(answer.calls[0].scope, None);
}
