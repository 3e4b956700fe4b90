//! Cancelling what is under way: what is done so far is the answer, and nothing is said that was not
//! looked at.

use std::process::Stdio;

use calltriage::call::{Context, Reading, parse};
use calltriage::config::Endpoints;
use calltriage::demo::{Behaviour, Endpoint};
use calltriage::diagnosis::investigator::cancel::{Canceller, Course};
use calltriage::diagnosis::investigator::progress::{Tick, unwatched};
use calltriage::diagnosis::{Investigation, Investigator, Peers};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use tokio::task::block_in_place;

use crate::cli::{Desk, signal};
use crate::support::connexcs::{Fake, NOW};

const IDS: [&str; 5] = [
    "busy-1@198.51.100.10",
    "caller-cancels-1@198.51.100.10",
    "4d7112070d2bab29143f000002504980@198.51.100.10",
    "53821987c85546ad88d583235447a67d@198.51.100.10",
    "nobody-knows-this-one@198.51.100.10",
];

/// Investigates all of them until `canceller` ends it; `watch` is told how it goes on.
async fn ask(
    fake: &Fake,
    canceller: &Canceller,
    watch: &(dyn Fn(Tick) + Send + Sync),
) -> Investigation {
    let sources = vec![fake.source(Endpoints::default())];
    let investigator = Investigator::new(sources, Peers::default());
    let (now, typed) = (Timestamp::from_second(NOW).unwrap(), IDS.join("\n"));
    let Reading::Query(query) = parse(&typed, &Context::new(now, TimeZone::UTC)) else {
        panic!("{typed}");
    };
    let running = canceller.begin();
    let course = Course::new(watch, &running);
    let done = investigator.investigate_while("id".into(), &typed, &query, now, course);
    done.await.investigation
}

#[tokio::test]
async fn what_is_done_is_the_answer() {
    let fake = Fake::start().await;
    let canceller = Canceller::default();
    // A word that came before ends nothing.
    canceller.cancel();
    let watch = |tick: Tick| {
        if matches!(tick, Tick::Counted { done: 2, .. }) {
            canceller.cancel();
        }
    };
    let answer = ask(&fake, &canceller, &watch).await;
    assert_eq!(answer.calls.len(), 2);
    assert!(answer.not_found.is_empty(), "{:?}", answer.not_found);
    assert_eq!(answer.lead, None);
    let said = "Cancelled after 2 of 5 calls; the others were not looked at.";
    assert!(
        answer.notes.iter().any(|note| note == said),
        "{:?}",
        answer.notes
    );

    let whole = ask(&fake, &canceller, &unwatched).await;
    assert_eq!((whole.calls.len(), whole.not_found.len()), (4, 1));
    assert!(!whole.notes.iter().any(|note| note.contains("ancelled")));
}

#[tokio::test]
async fn nothing_is_called_not_found_that_was_not_searched() {
    let fake = Fake::start().await;
    fake.always(Endpoint::Log, Behaviour::Hang);
    let canceller = Canceller::default();
    let cancelling = async {
        fake.until_in_flight(4).await;
        canceller.cancel();
    };
    let (answer, ()) = tokio::join!(ask(&fake, &canceller, &unwatched), cancelling);
    assert!(answer.not_found.is_empty(), "{:?}", answer.not_found);
    // That nobody waited says nothing of the platform.
    assert_eq!(answer.lead, None);
    let summary = &answer.calls[0].verdict.summary;
    assert!(summary.contains("where we could look"), "{summary}");
    let log = answer
        .steps
        .iter()
        .find(|it| it.detail.contains("cancelled before the log"));
    assert!(log.is_some(), "{:?}", answer.steps);
}

/// A desk that asks this platform.
fn desk(fake: &Fake) -> Desk {
    let desk = Desk::new();
    desk.file(
        "run.toml",
        format!(
            "[[sources]]\nname = \"main\"\nkind = \"connexcs\"\nbase_url = \"{}\"\n\
             token = {{ value = \"demo\" }}\n[sources.limits]\ncache = \"0s\"\n",
            fake.base_url()
        ),
    );
    desk
}

async fn until_traced(fake: &Fake, times: usize) {
    while fake.platform.seen().of(Endpoint::Trace).len() < times {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_interrupt_ends_it_with_an_answer() {
    let fake = Fake::start().await;
    fake.always(Endpoint::Trace, Behaviour::Hang);
    let desk = desk(&fake);
    let mut command = desk.command(&["--config", "run.toml", "--json", "diagnose", IDS[0]]);
    let child = command.stdout(Stdio::piped()).spawn().unwrap();
    until_traced(&fake, 1).await;
    signal(child.id(), "INT");
    let done = block_in_place(|| child.wait_with_output()).unwrap();
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    let answer: Value = serde_json::from_slice(&done.stdout).unwrap();
    let note = "Cancelled after 0 of 1 calls; the others were not looked at.";
    assert_eq!(answer["notes"][0], note, "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chat_goes_on_after_an_interrupt() {
    use std::io::{BufRead as _, BufReader, Write as _};
    let fake = Fake::start().await;
    fake.always(Endpoint::Trace, Behaviour::Hang);
    let desk = desk(&fake);
    let mut command = desk.command(&["--config", "run.toml", "--json", "chat"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    writeln!(stdin, "{}", IDS[0]).unwrap();
    until_traced(&fake, 1).await;
    signal(child.id(), "INT");
    let mut next = || -> Value {
        let line = block_in_place(|| lines.next()).unwrap().unwrap();
        serde_json::from_str(&line).unwrap()
    };
    let notes = next()["notes"].to_string();
    assert!(notes.contains("Cancelled after 0 of 1 calls"), "{notes}");
    fake.platform.script().clear();
    writeln!(stdin, "{}", IDS[0]).unwrap();
    let answer = next();
    assert_eq!(
        answer["calls"][0]["verdict"]["rule"], "called-busy",
        "{answer}"
    );
    // With nothing under way it ends the chat.
    signal(child.id(), "INT");
    assert!(block_in_place(|| child.wait()).unwrap().success());
}
