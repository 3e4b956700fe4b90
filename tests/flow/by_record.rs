//! Calls that the platform's log does not know any more, asked for by the incoming Call-ID alone.

use calltriage::demo::{Behaviour, Endpoint};
use calltriage::diagnosis::Investigation;
use serde_json::{Value, json};

use super::ask;
use crate::support::connexcs::Fake;

const BUSY: &str = "busy-1@198.51.100.10";
const TALKED: &str = "70634039@192.168.0.204";

/// A platform that has forgotten its log and, where they are not `traced`, the messages.
async fn forgetful(traced: bool) -> Fake {
    let fake = Fake::start().await;
    fake.always(Endpoint::Log, Behaviour::Json(json!([])));
    if !traced {
        fake.always(Endpoint::Trace, Behaviour::Json(json!([])));
    }
    fake
}

/// What people read of an answer.
fn told(answer: &Investigation) -> String {
    let call = &answer.calls[0];
    let verdict = &call.verdict;
    let mut lines = vec![format!("{}: {}", verdict.rule, verdict.summary)];
    lines.extend(verdict.next.first().map(|it| format!("next: {it}")));
    lines.extend(answer.notes.iter().cloned());
    lines.extend(call.scope.iter().map(|it| it.said.clone()));
    lines.join("\n")
}

#[tokio::test]
async fn the_record_tells_how_an_answered_call_ended() {
    let fake = forgetful(false).await;
    let (answer, _) = ask(&fake, TALKED).await;
    insta::assert_snapshot!(told(&answer), @r#"
    released-in-log: The platform's call detail record says that the call ended after 3.00 s: Downstream BYE. The calling side hung up. That is the side of: customer equipment.
    next: Nothing, where the call was over; else ask the calling side why it sent the BYE.
    The platform holds a call detail record of this Call-ID and no row of its log: the carriers that were tried and what routing decided are not known.
    "#);
}

#[tokio::test]
async fn the_record_of_a_failed_call_tells_its_carrier_and_its_code() {
    let fake = forgetful(false).await;
    let (answer, _) = ask(&fake, BUSY).await;
    insta::assert_snapshot!(told(&answer), @r#"
    carriers-failed-in-log: The platform's call detail record says that the call went through ExampleTel (#105) and ended with 486 Busy Here. The called line is busy.
    next: Nothing to repair; call again later.
    The platform holds a call detail record of this Call-ID and no row of its log: the carriers that were tried and what routing decided are not known.
    Too few calls to tell. From 11:29 UTC to 11:44 UTC, ExampleTel (#105) → United Kingdom: 2 of 4 failed (hour before: 0 of 0); other carriers → United Kingdom: 1 of 1; Acme (#12) in all: 3 of 5. Others of Acme (#12) that failed there: 1 × 404.
    "#);
}

#[tokio::test]
async fn a_text_that_only_the_platform_writes_is_understood_there_too() {
    let fake = forgetful(false).await;
    let record = json!([{"dt": "2026-01-16 09:10:00", "callid": "old@198.51.100.10", "duration": 0, "sip_code": 503,
        "sip_reason": "No Routes Available (Pre)", "source_dest_number": "4930123456", "customer_id": 12}]);
    fake.always(Endpoint::Cdr, Behaviour::Json(record));
    let (answer, _) = ask(&fake, "old@198.51.100.10").await;
    insta::assert_snapshot!(told(&answer), @r#"
    refused-in-log: The platform's call detail record says 503 No Routes Available (Pre); rate card GjjS-E0FO (revision 3) has no rule for 4930123456. No rate card has a rule for this prefix.
    next: Check the number (4930123456 as it was looked for), then add a rule for it to rate card GjjS-E0FO and make that revision the active one; a change takes up to 60 s.
    The platform holds a call detail record of this Call-ID and no row of its log: the carriers that were tried and what routing decided are not known.
    Too few calls to tell. From 09:00 UTC to 09:15 UTC, Acme (#12) in all: 0 of 0 failed (hour before: 0 of 0).
    "#);
}

#[tokio::test]
async fn messages_that_are_still_held_speak() {
    let fake = forgetful(true).await;
    let (answer, _) = ask(&fake, BUSY).await;
    let call = &answer.calls[0];
    assert_ne!(call.verdict.rule, "refused-in-log");
    assert_eq!(call.facts[0].final_code, Some(486));
}

#[tokio::test]
async fn where_no_record_has_it_either_that_is_said() {
    let fake = forgetful(false).await;
    let (answer, _) = ask(&fake, "nobody@198.51.100.10").await;
    assert_eq!(answer.calls[0].verdict.rule, "call-not-found");
    insta::assert_snapshot!(answer.notes.join("\n"), @"No call detail record of the last 90 days has this Call-ID either.");
    let sent = fake.platform.seen().of(Endpoint::Cdr);
    let body: Value = serde_json::from_str(&sent[0].body).unwrap();
    let conditions = body["where"]["rules"].as_array().unwrap();
    // Never without both bounds.
    let about = |field: &str| conditions.iter().filter(|it| it["field"] == field).count();
    assert_eq!((about("dt"), about("callid"), sent.len()), (2, 1, 1));
}

#[tokio::test]
async fn records_that_cannot_be_searched_are_no_proof() {
    let fake = forgetful(false).await;
    fake.always(Endpoint::Cdr, Behaviour::forbidden());
    let (answer, _) = ask(&fake, "nobody@198.51.100.10").await;
    assert_eq!(answer.calls[0].verdict.rule, "call-not-found");
    insta::assert_snapshot!(answer.notes.join("\n"), @"Call detail records could not be searched for this Call-ID: our permission does not cover this at the platform's API (403): let its administrator grant our user to read it; it said: Access Denied.");
}

#[tokio::test]
async fn an_id_of_the_carriers_side_is_in_no_record() {
    let fake = forgetful(false).await;
    let id = "CNX3736_clZZKgs6PFYOCgRqdxFzA1Z2UmtvAVMEBTp7QXcBXXw-";
    ask(&fake, id).await;
    assert!(fake.platform.seen().of(Endpoint::Cdr).is_empty());
}

#[tokio::test]
async fn a_record_with_its_carrier_blames_no_route_of_the_customer() {
    let fake = forgetful(false).await;
    let record = json!([{"dt": "2026-01-16 09:10:00", "callid": "old@198.51.100.10", "duration": 0, "sip_code": 503,
        "sip_reason": "Service Unavailable", "source_dest_number": "441632960106", "customer_id": 12, "provider_id": 105}]);
    fake.always(Endpoint::Cdr, Behaviour::Json(record));
    fake.always(Endpoint::Routes, Behaviour::Json(json!([])));
    for question in ["old@198.51.100.10", "+441632960106"] {
        let (answer, _) = ask(&fake, question).await;
        insta::allow_duplicates! {
            let verdict = &answer.calls[0].verdict;
            insta::assert_snapshot!(format!("{}: {}", verdict.rule, verdict.summary), @"carriers-failed-in-log: The platform's call detail record says that the call went through ExampleTel (#105) and ended with 503 Service Unavailable. Whether the carrier said so or the platform the record does not tell.");
        }
        assert_eq!(answer.calls[0].verdict.party.label(), "carrier");
        assert!(
            answer
                .notes
                .iter()
                .any(|it| it.contains("call detail record")),
            "{:?}",
            answer.notes
        );
    }
}
