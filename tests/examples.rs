//! The example captures: what truly happened, which is known from how they were made, against what
//! calltriage says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use calltriage::call::{CallQuery, Context, Reading, parse};
use calltriage::diagnosis::investigator::progress::unwatched;
use calltriage::diagnosis::{Investigation, Investigator, Party, Peers};
use calltriage::sources::{Captures, Source};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

/// One entry of `examples/captures.toml`.
#[derive(Deserialize)]
pub struct Example {
    pub name: String,
    file: PathBuf,
    pub title: String,
    pub happened: String,
    party: Party,
    query: String,
    call_ids: Vec<Vec<String>>,
}

#[derive(Deserialize)]
struct Examples {
    capture: Vec<Example>,
}

impl Example {
    /// Its capture file.
    pub fn bytes(&self) -> Vec<u8> {
        std::fs::read(folder().join(&self.file)).unwrap()
    }
}

/// All examples, in the order of the file.
pub fn all() -> Vec<Example> {
    let text = std::fs::read_to_string(folder().join("captures.toml")).unwrap();
    toml::from_str::<Examples>(&text).unwrap().capture
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// What calltriage says of an example, with nothing known but the capture.
pub fn investigate(example: &Example) -> Investigation {
    let paths = vec![folder().join(&example.file)];
    let captures = Captures::paths("example", paths, Peers::default());
    let investigator =
        Investigator::new(vec![Source::Captures(Arc::new(captures))], Peers::default());
    let now: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    let query = match parse(&example.query, &Context::new(now, TimeZone::UTC)) {
        Reading::Query(query) => query,
        other => panic!("{} does not read as a query: {other:?}", example.query),
    };
    run(&investigator, &query, now)
}

fn run(investigator: &Investigator, query: &CallQuery, now: Timestamp) -> Investigation {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let found = investigator.investigate("example".into(), "example", query, now, &unwatched);
    runtime.block_on(found).investigation
}

/// Holds several calls of several kinds: its truth is a count, told in its own test.
const MANY: &str = "many-calls";

#[test]
fn every_verdict_names_the_party_that_owns_the_cause() {
    let wrong: Vec<String> = all()
        .iter()
        .filter(|example| example.name != MANY)
        .filter_map(|example| {
            let verdict = &investigate(example).calls[0].verdict;
            (verdict.party != example.party).then(|| {
                format!(
                    "{}: {:?} by {}, truly {:?}",
                    example.name, verdict.party, verdict.rule, example.party
                )
            })
        })
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_legs_of_each_call_are_joined_without_configuration() {
    for example in all() {
        let found = investigate(&example);
        let joined: Vec<&Vec<String>> = found.calls.iter().map(|call| &call.call_ids).collect();
        for ids in &example.call_ids {
            let is_there = joined
                .iter()
                .any(|found| found.len() == ids.len() && ids.iter().all(|id| found.contains(id)));
            // The query of the file with many calls finds one of them.
            assert!(
                is_there || example.name == MANY,
                "{}: {ids:?} not among {joined:?}",
                example.name
            );
        }
    }
}

#[test]
fn forty_calls_are_told_apart() {
    let example = all()
        .into_iter()
        .find(|example| example.name == MANY)
        .unwrap();
    let captures = Captures::paths(
        "example",
        vec![folder().join(&example.file)],
        Peers::default(),
    );
    let investigator =
        Investigator::new(vec![Source::Captures(Arc::new(captures))], Peers::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = lines.clone();
    let all = investigator.investigate_each(
        "id".to_owned(),
        Timestamp::UNIX_EPOCH,
        Arc::new(|one: &Investigation| serde_json::to_string(one).unwrap()),
        Box::new(move |line| {
            kept.lock().unwrap().push(line);
            true
        }),
    );
    let problems = runtime.block_on(all);
    let investigations: Vec<Investigation> = lines
        .lock()
        .unwrap()
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(problems, calltriage::sources::Unread::default());
    for ids in &example.call_ids {
        let joined = investigations
            .iter()
            .any(|one| one.calls[0].call_ids == *ids);
        assert!(joined, "{ids:?} are not joined");
    }
    // The last digit of the number decides what becomes of a call.
    let mut counted: BTreeMap<(char, String), usize> = BTreeMap::new();
    for one in &investigations {
        let call = &one.calls[0];
        let digit = call.facts[0].to.chars().next_back().unwrap();
        *counted
            .entry((digit, call.verdict.rule.clone()))
            .or_default() += 1;
    }
    let expected = [
        ('0', "hung-up"),
        ('1', "hung-up"),
        ('2', "hung-up"),
        ('3', "hung-up"),
        ('4', "hung-up"),
        ('5', "called-busy"),
        ('6', "number-not-found"),
        ('7', "hung-up"),
        ('8', "call-declined"),
        ('9', "no-answer"),
    ];
    let expected: BTreeMap<(char, String), usize> = expected
        .iter()
        .map(|(digit, rule)| ((*digit, (*rule).to_owned()), 4))
        .collect();
    assert_eq!(counted, expected);
}
