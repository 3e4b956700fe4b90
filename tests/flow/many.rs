//! Many calls at once: a scope, a number, a list of ids.

use calltriage::demo::{Behaviour, Endpoint};
use calltriage::diagnosis::common::Ended;
use calltriage::diagnosis::investigator::progress::Tick;

use serde_json::json;

use super::ask;
use crate::support::connexcs::{Fake, NOW};

#[tokio::test]
async fn a_scope_is_answered_from_records_and_sums_alone() {
    let fake = Fake::start().await;
    let (answer, _) = ask(&fake, "customer #12, last 12 hours").await;
    let common = answer.common.unwrap();
    assert!(common.calls > 10, "{common:?}");
    assert_eq!(common.failed + common.good + common.undecided, common.calls);
    assert!(common.first_failing < common.last_failing);
    assert!(common.last_good.is_some());
    assert!(answer.calls.len() <= 3, "{}", answer.calls.len());
    assert!(
        answer.calls.iter().all(|call| !call.facts[0].answered),
        "only failing calls are examples"
    );
    let sums = answer.notes.iter().find(|note| note.contains("own sums"));
    assert!(sums.is_some(), "{:?}", answer.notes);
    // The search of the log knows neither time nor customer; it is asked for the examples only, each by its Call-ID
    // and, for other calls to it, by its number.
    let searched = fake.platform.seen().of(Endpoint::Log).len();
    assert!(searched <= 2 * answer.calls.len(), "{searched}");
    // So the carrier's side of those that have one is seen too.
    let legs = answer.calls.iter().map(|call| call.facts.len()).max();
    assert_eq!(legs, Some(2));
    // What most failing calls are of comes first, and each example is one of those counted.
    let most = answer.groups.iter().filter(|it| it.ended == Ended::Failed);
    let first = answer.groups.first().unwrap();
    assert_eq!(first.ended, Ended::Failed);
    assert_eq!(most.map(|it| it.count).max(), Some(first.count));
}

#[tokio::test]
async fn a_customer_that_the_platform_does_not_know_is_said() {
    let fake = Fake::start().await;
    let (answer, _) = ask(&fake, "customer #99999, last 12 hours").await;
    assert_eq!(answer.calls[0].verdict.rule, "call-not-found");
    // That is an answer, and no failure of the platform's.
    let note = "The platform knows no customer #99999: check its number.";
    assert!(
        answer.notes.iter().any(|it| it == note),
        "{:?}",
        answer.notes
    );
    assert_eq!(answer.lead, None);
    let next = &answer.calls[0].verdict.next;
    assert!(next[0].starts_with("Check customer, carrier"), "{next:?}");
}

#[tokio::test]
async fn many_ids_are_counted_while_they_are_asked_for_and_those_not_found_stand_apart() {
    let fake = Fake::start().await;
    let ids = [
        "busy-1@198.51.100.10",
        "caller-cancels-1@198.51.100.10",
        "4d7112070d2bab29143f000002504980@198.51.100.10",
        "53821987c85546ad88d583235447a67d@198.51.100.10",
        "nobody-knows-this-one@198.51.100.10",
    ];
    let (answer, ticks) = ask(&fake, &ids.join("\n")).await;
    assert_eq!(answer.calls.len(), 4);
    assert_eq!(answer.not_found, ["nobody-knows-this-one@198.51.100.10"]);
    assert_eq!(
        answer.groups.iter().map(|group| group.count).sum::<usize>(),
        4
    );
    let counted: Vec<(usize, usize)> = ticks
        .iter()
        .filter_map(|tick| match tick {
            Tick::Counted { done, all } => Some((*done, *all)),
            _ => None,
        })
        .collect();
    assert_eq!(counted, [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]);
}

#[tokio::test]
async fn both_ids_of_one_call_are_one_call() {
    let fake = Fake::start().await;
    let (answer, _) = ask(&fake, "busy-1@198.51.100.10").await;
    let ids = answer.calls[0].call_ids.join("\n");
    let (answer, _) = ask(&fake, &ids).await;
    assert_eq!(answer.calls.len(), 1, "{ids}");
}

#[tokio::test]
async fn rate_cards_are_asked_for_where_few_calls_are_looked_at() {
    let routes = async |calls: i64| {
        let fake = Fake::start().await;
        let row = |number: i64| {
            json!({ "routing": {
                "callid": format!("{number}@198.51.100.10"), "start_time": NOW - 600 - number,
                "end_time": NOW - 600 - number, "cli": "441632960001", "ou": "441632960999",
                "sip_code": 503, "sip_reason": "No Routes Available (Pre)", "attempts": [],
                "customer_id": 12, "server": "192.0.2.5",
            }})
        };
        let rows = (0..calls).map(row).collect();
        fake.always(Endpoint::Log, Behaviour::Json(rows));
        ask(&fake, "441632960999").await;
        fake.platform.seen().of(Endpoint::Routes).len()
    };
    assert_eq!(routes(1).await, 1);
    assert_eq!(routes(4).await, 0);
}

#[tokio::test]
async fn a_scope_whose_records_fail_still_has_its_sums() {
    let fake = Fake::start().await;
    fake.always(Endpoint::Cdr, Behaviour::forbidden());
    let (answer, _) = ask(&fake, "customer #12, last 12 hours").await;
    let sums = answer.notes.iter().find(|note| note.contains("own sums"));
    assert!(sums.is_some(), "{:?}", answer.notes);
    assert_eq!(answer.lead, None);
}

#[tokio::test]
async fn scanners_do_not_push_out_the_call_of_a_customer() {
    let fake = Fake::start().await;
    let row = |number: i64, more: serde_json::Value| {
        let mut row = json!({
            "callid": format!("{number}@198.51.100.10"), "start_time": NOW - 600 - number, "cli": "100",
            "end_time": NOW - 600 - number, "ou": "441632960999", "attempts": [], "server": "192.0.2.5",
        });
        row.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({ "routing": row })
    };
    let scan = |number| {
        row(
            number,
            json!({"sip_code": 401, "sip_reason": "IP Not Authorised"}),
        )
    };
    let wanted =
        json!({"sip_code": 503, "sip_reason": "No Routes Available (Lock)", "customer_id": 12});
    let rows = (0..150).map(scan).chain([row(5000, wanted)]).collect();
    fake.always(Endpoint::Log, Behaviour::Json(rows));
    let (answer, _) = ask(&fake, "441632960999").await;
    let first = &answer
        .calls
        .iter()
        .find(|it| it.call_ids[0] == "5000@198.51.100.10");
    assert_eq!(first.unwrap().verdict.party.label(), "configuration");
}
