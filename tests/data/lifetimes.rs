//! For how long things are kept is set by kind, and holds for what was written before.

use calltriage::store::{Expected, Lifetimes, Op, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

use super::open_keeping;
use crate::cli::{Desk, PATIENCE};
use crate::support::postgres::Schema;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_771_232_400 + second).unwrap()
}

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// Kept ten seconds longer, ten seconds shorter, and as written.
fn lifetimes() -> Lifetimes {
    let changed = Lifetimes::default().longer("long", seconds(10));
    changed.longer("short", seconds(-10))
}

async fn write(store: &Store) {
    for ns in ["long", "short", "usual"] {
        let op = Op::put(ns, "k", Expected::Absent, "x").expiring(Some(at(20)));
        store.apply(vec![op], at(0)).await.unwrap();
    }
}

async fn there(store: &Store, now: i64) -> Vec<&'static str> {
    let mut found = Vec::new();
    for ns in ["long", "short", "usual"] {
        let got = store.get(ns, "k", at(now)).await.unwrap();
        let scanned = store.scan(ns, "", None, 10, at(now)).await.unwrap();
        assert_eq!(got.is_some(), scanned.len() == 1);
        found.extend(got.map(|_| ns));
    }
    found
}

/// What was written before anything was set.
async fn what_is_set_moves_the_end(store: &Store) {
    assert_eq!(there(store, 9).await, ["long", "short", "usual"]);
    assert_eq!(there(store, 10).await, ["long", "usual"]);
    assert_eq!(there(store, 20).await, ["long"]);
    // What is over counts as absent where something new is written, too.
    let again = Op::put("short", "k", Expected::Absent, "y");
    store.apply(vec![again], at(10)).await.unwrap();
    let still = Op::put("long", "k", Expected::Absent, "y");
    assert!(store.apply(vec![still], at(29)).await.is_err());
    assert_eq!(store.sweep(at(20)).await.unwrap(), 1, "the usual one");
    assert_eq!(store.sweep(at(29)).await.unwrap(), 0);
    assert_eq!(store.sweep(at(30)).await.unwrap(), 1, "the long one");
}

#[tokio::test]
async fn on_sled_what_is_set_moves_the_end_of_what_was_written_before() {
    let dir = TempDir::new().unwrap();
    let store = open_keeping(dir.path(), Lifetimes::default()).await;
    write(&store).await;
    drop(store);
    what_is_set_moves_the_end(&open_keeping(dir.path(), lifetimes()).await).await;
}

#[tokio::test]
async fn on_postgres_what_is_set_moves_the_end_of_what_was_written_before() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    let dir = TempDir::new().unwrap();
    let open = async |lifetimes| {
        let place = schema.place(dir.path()).keeping(lifetimes);
        let opening = Store::open(place, at(0), PATIENCE).await;
        opening.unwrap().store
    };
    let store = open(Lifetimes::default()).await;
    write(&store).await;
    let store = open(lifetimes()).await;
    what_is_set_moves_the_end(&store).await;
    drop(store);
    schema.drop().await;
}

#[test]
fn evidence_goes_before_what_it_came_to() {
    let desk = Desk::new();
    desk.run(&["diagnose", "441632960105"]).answered();
    let history = |config: &str| {
        let name = desk.file("calltriage.toml", config);
        let done = desk.run(&["--config", name, "history", "--json"]);
        let found: Vec<Value> = done.answered().json();
        found.len()
    };
    let again = |config: &str| {
        let name = desk.file("calltriage.toml", config);
        let done = desk.run(&["--config", name, "export", "-"]);
        done.answered().out.matches("\"ns\":\"evidence\"").count()
    };
    assert_eq!(history(""), 1);
    assert!(again("") > 0);
    let short = "[retention]\nevidence = \"1ms\"\n";
    assert_eq!((history(short), again(short)), (1, 0));
    let none = "[retention]\ninvestigations = \"1ms\"\nevidence = \"1ms\"\n";
    assert_eq!((history(none), again(none)), (0, 0));
    // Nothing is removed by looking: whoever sets it longer again still has it.
    assert_eq!(history("[retention]\ninvestigations = \"1000d\"\n"), 1);
}
