//! Whether a reported problem is gone: what the calls since show, said in the report.

use std::sync::Arc;

use bytes::Bytes;
use calltriage::chat::{Conversation, Reply};
use calltriage::diagnosis::Investigator;
use calltriage::peers::Peers;
use calltriage::report::Audience;
use calltriage::report::draft::{Draft, Drafts, State};
use calltriage::sources::{Captures, Source};
use calltriage::store::{PATIENCE_WITH_HISTORY, Store};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::{desk, made};
use crate::support::text_writer::{Dialect, print};
use crate::support::trace::{START, packets};

/// A call that the carrier refuses, so many minutes after the first.
fn refused(minute: u32) -> String {
    call(
        minute,
        "S.10 car>plat 503 leg=bN\n S.12 plat>car ACK leg=bN\n S.14 plat>cust 503 leg=aN\n S.16 cust>plat ACK leg=aN",
    )
}

/// One that it answers.
fn good(minute: u32) -> String {
    call(
        minute,
        "S.10 car>plat 200 leg=bN\n S.12 plat>car ACK leg=bN\n S.14 plat>cust 200 leg=aN\n S.16 cust>plat ACK leg=aN\n \
         S.40 cust>plat BYE leg=aN\n S.42 plat>car BYE leg=bN\n S.44 car>plat 200 BYE leg=bN\n S.46 plat>cust 200 BYE leg=aN",
    )
}

fn call(minute: u32, rest: &str) -> String {
    let second = (minute * 60).to_string();
    let begun = "S.00 cust>plat INVITE leg=aN\n S.02 plat>car INVITE leg=bN";
    let lines = format!("{begun}\n {rest}\n");
    lines
        .replace('S', &second)
        .replace("aN", &format!("a{minute}"))
        .replace("bN", &format!("b{minute}"))
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(START).unwrap() + SignedDuration::from_mins(minute)
}

/// A source that has recorded these calls.
fn recorded(calls: &str) -> Investigator {
    let here = "192.0.2.5:5060".parse().unwrap();
    let bytes = Bytes::from(print(Dialect::Sngrep, &packets(calls), here, false));
    let captures = Captures::in_memory("test", [("calls.txt".to_owned(), bytes)], Peers::default());
    Investigator::new(vec![Source::Captures(Arc::new(captures))], Peers::default())
}

/// What a report on the call of minute 0, sent in minute 5, says once these calls were recorded too.
async fn looked_again(since: &str) -> (State, String) {
    let dir = TempDir::new().unwrap();
    let opened = Store::open_or_join(dir.path(), PATIENCE_WITH_HISTORY, at(5)).await;
    let store = opened.store.unwrap();
    let before = refused(0);
    let first = desk(recorded(&before), Some(store.clone()));
    let made = made(&first, "a0@198.51.100.10", Audience::Platform, at(5)).await;
    let mut draft = Draft::new("r-1".to_owned(), made.report, made.screen, None);
    draft.is_taken(at(5));
    Drafts::new(store.clone())
        .save(&mut draft, at(5))
        .await
        .unwrap();

    let later = desk(recorded(&format!("{before}{since}")), Some(store.clone()));
    let mut conversation = Conversation::default();
    let reply = later.answer(&mut conversation, "ticket r-1", at(60)).await;
    let Reply::Report(preview) = reply else {
        panic!("{reply:?}")
    };
    let state = Drafts::new(store)
        .load("r-1", at(60))
        .await
        .unwrap()
        .unwrap()
        .state;
    let said = preview.text.lines().find(|it| {
        ["Fixed", "Still", "Not known"]
            .iter()
            .any(|word| it.contains(word))
    });
    (
        state,
        said.unwrap_or_else(|| panic!("{}", preview.text))
            .to_owned(),
    )
}

#[tokio::test]
async fn good_calls_and_none_that_fails_so_since() {
    let (state, said) = looked_again(&(refused(10) + &good(20) + &good(30))).await;
    assert_eq!(state, State::Verified);
    insta::assert_snapshot!(said, @"Fixed since 2026-02-16 09:30:00.000 UTC: 2 good calls of the same kind, none that fails so.");
}

#[tokio::test]
async fn a_call_that_fails_so_after_a_good_one() {
    let (state, said) = looked_again(&(good(20) + &refused(30))).await;
    assert_eq!(state, State::Sent);
    insta::assert_snapshot!(said, @"Still failing: 1 of 2 calls of the same kind since 2026-02-16 09:15:00.000 UTC, the last at 2026-02-16 09:40:00.000 UTC.");
}

#[tokio::test]
async fn no_call_since_proves_nothing() {
    let (state, said) = looked_again("").await;
    assert_eq!(state, State::Sent);
    insta::assert_snapshot!(said, @"Not known yet: no call of the same kind since 2026-02-16 09:15:00.000 UTC. Place or simulate one, then ask again.");
}
