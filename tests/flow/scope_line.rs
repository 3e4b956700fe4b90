//! "Only this call?": how the counts of others are told.

use calltriage::call::Window;
use calltriage::demo::{Behaviour, Endpoint};
use calltriage::diagnosis::scope::{Answer, Of, scope_line, windows};
use calltriage::platform::Aggregate;
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
fn four_calls_tell_nothing() {
    let (answer, said) = said(&[sums(105, 12, 4, 4)], &[]);
    assert_eq!(answer, Answer::CannotTell);
    assert!(said.starts_with("Too few calls to tell."), "{said}");
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
async fn sums_that_cannot_be_asked_for_leave_the_verdict_alone() {
    let fake = Fake::start().await;
    fake.always(Endpoint::Aggregates, Behaviour::forbidden());
    let (answer, _) = ask(&fake, "busy-1@198.51.100.10").await;
    assert_eq!(answer.calls[0].verdict.rule, "called-busy");
    let scope = answer.calls[0].scope.as_ref().unwrap();
    assert_eq!(scope.answer, Answer::CannotTell);
    assert!(scope.said.starts_with("Not checked: "), "{}", scope.said);
}
