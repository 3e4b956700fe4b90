//! What an older program has kept is read by this one: each layout that there ever was has a file here, written by the
//! program of its time.

use std::path::{Path, PathBuf};

use calltriage::store::layout::{Step, bring_up, brought_up, of};
use calltriage::store::{Expected, Op, Store};
use jiff::Timestamp;
use tempfile::TempDir;

use super::open;
use crate::cli::{Desk, PATIENCE};
use crate::support::postgres::Schema;

fn now() -> Timestamp {
    Timestamp::from_second(1_771_232_400).unwrap()
}

fn suffixed(value: &[u8], suffix: &str) -> Option<Vec<u8>> {
    let is_done = String::from_utf8_lossy(value).contains(suffix);
    (!is_done).then(|| [value, suffix.as_bytes()].concat())
}

/// Two steps on one namespace, one on another.
const STEPS: &[Step] = &[
    Step {
        to: 2,
        ns: "a",
        change: |it| suffixed(it, ":2"),
    },
    Step {
        to: 3,
        ns: "a",
        change: |it| suffixed(it, ":3"),
    },
    Step {
        to: 3,
        ns: "b",
        change: |it| suffixed(it, ":3"),
    },
];

async fn put(store: &Store, ns: &str, key: &str, value: &str) {
    let op = Op::put(ns, key, Expected::Any, value.to_owned());
    store.apply(vec![op], now()).await.unwrap();
}

async fn text(store: &Store, ns: &str, key: &str) -> String {
    let stored = store.get(ns, key, now()).await.unwrap().unwrap();
    String::from_utf8(stored.bytes.to_vec()).unwrap()
}

async fn values_are_brought_up_once(store: &Store) {
    for n in 0..120 {
        put(store, "a", &format!("{n:03}"), "x").await;
    }
    put(store, "b", "k", "y").await;
    put(store, "c", "k", "z").await;
    bring_up(store, &STEPS[..1], now()).await.unwrap();
    assert_eq!(text(store, "a", "119").await, "x:2");
    // A crash left this one behind, and this one ahead.
    put(store, "a", "000", "x").await;
    put(store, "a", "001", "x:2:3").await;
    put(store, "layout", "number", "1").await;
    let both = tokio::join!(bring_up(store, STEPS, now()), bring_up(store, STEPS, now()));
    assert_eq!(both, (Ok(()), Ok(())));
    assert_eq!(text(store, "a", "000").await, "x:2:3");
    assert_eq!(text(store, "b", "k").await, "y:3");
    assert_eq!(text(store, "c", "k").await, "z");
    let older = bring_up(store, &STEPS[..1], now()).await.unwrap_err();
    assert!(
        older.to_string().contains("layout 3, this one knows 2"),
        "{older}"
    );
}

#[tokio::test]
async fn on_sled_values_are_brought_up_once() {
    let dir = TempDir::new().unwrap();
    values_are_brought_up_once(&open(dir.path()).await).await;
}

#[tokio::test]
async fn on_postgres_values_are_brought_up_once() {
    let Some(schema) = Schema::new().await else {
        return;
    };
    let dir = TempDir::new().unwrap();
    let opening = Store::open(schema.place(dir.path()), now(), PATIENCE).await;
    let store = opening.unwrap().store;
    values_are_brought_up_once(&store).await;
    drop(store);
    schema.drop().await;
}

#[test]
fn steps_follow_one_another() {
    assert_eq!((of(&[]), of(STEPS)), (1, 3));
    let up = |from, value: &str| brought_up(STEPS, from, "a", value.as_bytes());
    assert_eq!(up(1, "x"), Some(b"x:2:3".to_vec()));
    assert_eq!(up(2, "x:2"), Some(b"x:2:3".to_vec()));
    assert_eq!(up(3, "x"), None);
}

fn released() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/layouts")
}

/// `UPDATE_LAYOUT=1` writes the file of the layout of now, which is done once: when it is released.
#[test]
fn every_released_layout_is_read() {
    let current = calltriage::store::layout::of(calltriage::store::layout::STEPS);
    let newest = released().join(format!("{current}.jsonl"));
    if std::env::var_os("UPDATE_LAYOUT").is_some() {
        std::fs::create_dir_all(released()).unwrap();
        std::fs::write(&newest, written_now()).unwrap();
    }
    assert!(newest.exists(), "run UPDATE_LAYOUT=1 cargo test layouts::");
    for layout in 1..=current {
        let desk = Desk::new();
        // What was kept then is long over: it is kept for as long as this file.
        let config = desk.file(
            "calltriage.toml",
            "[retention]\ninvestigations = \"36500d\"\nevidence = \"36500d\"\naudit = \"36500d\"\n\
             threads = \"36500d\"\nreports = \"36500d\"\nincidents = \"36500d\"\n",
        );
        let file = released().join(format!("{layout}.jsonl"));
        let run = |args: &[&str]| {
            desk.run(&[&["--config", config], args].concat())
                .answered()
                .out
        };
        run(&["import", file.to_str().unwrap()]);
        let list = |args: &[&str]| {
            let out = run(args);
            let words = out.lines().map(|it| {
                it.trim()
                    .chars()
                    .map(|c| if c.is_ascii_digit() { '9' } else { c })
                    .collect()
            });
            words.collect::<Vec<String>>().join("\n")
        };
        let said = [
            list(&["history"]),
            list(&["audit"]),
            list(&["reports"]),
            list(&["incidents"]),
            list(&["watches"]),
            list(&["rules", "--accuracy"]),
        ];
        insta::allow_duplicates! {
            insta::assert_snapshot!(said.join("\n--\n"), @r"
            9999-99-99 99:99:99  99999999-999999-9p9e9p  carrier-no-circuit: carrier  999999999999
            9999-99-99 99:99:99  99999999-999999-axh99k  called-busy: far end  999999999999
            --
            9999-99-99 99:99:99 UTC  slack:U9ANN99999 in C9NOC99999  watch carrier:999 asr below 99% in 99m --name example  -> answered
            9999-99-99 99:99:99 UTC  slack:U9ANN99999 in C9NOC99999  wrong 999999999999 --party carrier they admit it  -> answered
            9999-99-99 99:99:99 UTC  slack:U9ANN99999 in C9NOC99999  report 999999999999  -> answered
            9999-99-99 99:99:99 UTC  slack:U9ANN99999 in C9NOC99999  999999999999  -> answered: 99999999-999999-axh99k
            --
            r-99999999-999999-s999ez  draft        carrier: 9 call to 999999999999 (United Kingdom): 999 Service Unavailable since 9999-99-99 99:99 UTC
            --
            inc-9999-9999  major · Trunk9Down (since 9999-99-99 99:99 UTC)
            --
            example: carrier:999, asr below 99% in 99m → slack:C9NOC99999 (by slack:U9ANN99999)
            --
            carrier-no-circuit: 9 of 9 marked as wrong
            called-busy: 9 of 9 marked as wrong
            ");
        }
        let again = desk.say(
            &["--config", config, "--json"],
            &format!("again {}\n", id(&run(&["history", "--json"]))),
        );
        assert!(again.out.contains("called-busy"), "{}", again.out);
    }
}

fn id(history: &str) -> String {
    let first: serde_json::Value = serde_json::from_str(history.lines().last().unwrap()).unwrap();
    first["id"].as_str().unwrap().to_owned()
}

/// An export with one of each kind, as the program writes it now.
fn written_now() -> String {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(one_of_each())
}

async fn one_of_each() -> String {
    use crate::slack::incidents::{SECRET, alerts, apart, hooks, post};
    use crate::slack::talk::answer;
    use crate::support::slack::{ANN, NOC};

    let (fake, bot) = crate::slack::in_slack(&hooks()).await;
    fake.user(ANN).slash(NOC, "/triage 441632960105");
    answer(&fake, NOC, "486").await;
    fake.user(ANN).slash(NOC, "/triage report 441632960106");
    answer(&fake, NOC, "503").await;
    fake.user(ANN).slash(
        NOC,
        "/triage wrong 441632960105 --party carrier they admit it",
    );
    answer(&fake, NOC, "they admit it").await;
    fake.user(ANN).slash(
        NOC,
        "/triage watch carrier:105 asr below 40% in 15m --name example",
    );
    answer(&fake, NOC, "Watched as example").await;
    let bot = apart(move || {
        let bearer = format!("Bearer {SECRET}");
        let body = alerts(1, 2).to_string();
        assert_eq!(
            post(&bot, "alertmanager", &[("authorization", &bearer)], &body),
            202
        );
        bot
    })
    .await;
    answer(&fake, NOC, "trunk 1").await;
    let done = apart(move || bot.command(&["export", "-"]).output().unwrap()).await;
    String::from_utf8(done.stdout).unwrap()
}
