//! Any engine against a map in memory, over made-up histories.

use std::collections::BTreeMap;

use bytes::Bytes;
use calltriage::store::{Expected, Op, Store, StoreError};
use jiff::Timestamp;
use proptest::prelude::*;

use super::{House, at};

/// How a step states its expectation; versions are known only while it runs.
#[derive(Debug, Clone, Copy)]
enum Guess {
    Absent,
    Current,
    Wrong,
    Any,
}

#[derive(Debug, Clone)]
struct Change {
    ns: usize,
    key: usize,
    guess: Guess,
    what: What,
}

#[derive(Debug, Clone, Copy)]
enum What {
    /// Length of the value and seconds until it expires.
    Put(usize, Option<u8>),
    Delete,
    Check,
}

#[derive(Debug, Clone)]
enum Step {
    Apply(Vec<Change>),
    Wait(u8),
    Sweep,
}

const NAMESPACES: [&str; 3] = ["", "a", "ab"];
const KEYS: [&str; 6] = ["", "a", "aa", "ab", "b/", "b/c"];

fn change() -> impl Strategy<Value = Change> {
    let guess = prop_oneof![
        2 => Just(Guess::Absent),
        3 => Just(Guess::Current),
        1 => Just(Guess::Wrong),
        3 => Just(Guess::Any),
    ];
    let length = prop_oneof![0..20_usize, 4090..4100_usize, 16_380..60_000_usize];
    let put = (length, proptest::option::of(1..20_u8));
    let what = prop_oneof![
        7 => put.prop_map(|(length, expiry)| What::Put(length, expiry)),
        2 => Just(What::Delete),
        1 => Just(What::Check),
    ];
    (0..NAMESPACES.len(), 0..KEYS.len(), guess, what).prop_map(|(ns, key, guess, what)| Change {
        ns,
        key,
        guess,
        what,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => proptest::collection::vec(change(), 1..4).prop_map(Step::Apply),
        1 => (1..10_u8).prop_map(Step::Wait),
        1 => Just(Step::Sweep),
    ]
}

type Model = BTreeMap<(&'static str, &'static str), (Bytes, u64, Option<Timestamp>)>;

fn live(model: &Model, now: Timestamp) -> Model {
    let mut model = model.clone();
    model.retain(|_, (_, _, expires_at)| expires_at.is_none_or(|at| at > now));
    model
}

fn op(change: &Change, model: &Model, now: Timestamp) -> Op {
    let (ns, key) = (NAMESPACES[change.ns], KEYS[change.key]);
    let current = live(model, now)
        .get(&(ns, key))
        .map(|(_, version, _)| *version);
    let expected = match change.guess {
        Guess::Absent => Expected::Absent,
        Guess::Current => current.map_or(Expected::Absent, Expected::Version),
        Guess::Wrong => Expected::Version(current.map_or(77, |it| it + 1_000_000)),
        Guess::Any => Expected::Any,
    };
    match change.what {
        What::Delete => Op::delete(ns, key, expected),
        What::Check => Op::check(ns, key, expected),
        What::Put(length, expiry) => Op::put(ns, key, expected, vec![b'v'; length])
            .expiring(expiry.map(|seconds| now + jiff::SignedDuration::from_secs(seconds.into()))),
    }
}

/// What the map says to a batch: the next map without versions filled in, or a conflict.
fn predict(ops: &[Op], model: &Model, now: Timestamp) -> Option<Model> {
    let mut next = model.clone();
    for op in ops {
        let (Op::Put {
            ns, key, expected, ..
        }
        | Op::Delete { ns, key, expected }
        | Op::Check { ns, key, expected }) = op;
        let name = (
            *NAMESPACES.iter().find(|it| *it == ns).unwrap(),
            *KEYS.iter().find(|it| *it == key).unwrap(),
        );
        let current = live(&next, now).get(&name).map(|(_, version, _)| *version);
        let holds = match expected {
            Expected::Any => true,
            Expected::Absent => current.is_none(),
            Expected::Version(version) => current == Some(*version),
        };
        if !holds {
            return None;
        }
        if matches!(op, Op::Check { .. }) {
            continue;
        }
        next.remove(&name);
        if let Op::Put {
            bytes, expires_at, ..
        } = op
        {
            next.insert(name, (bytes.clone(), u64::MAX, *expires_at));
        }
    }
    Some(next)
}

async fn compare(store: &Store, model: &Model, now: Timestamp) {
    let live = live(model, now);
    for ns in NAMESPACES {
        let mut seen = BTreeMap::new();
        for entry in store.scan(ns, "", None, 100, now).await.unwrap() {
            let stored = entry.stored.unwrap();
            seen.insert(entry.key, (stored.bytes, stored.version, stored.expires_at));
        }
        let expected: BTreeMap<_, _> = live
            .iter()
            .filter(|((of, _), _)| *of == ns)
            .map(|((_, key), value)| ((*key).to_owned(), value.clone()))
            .collect();
        assert!(
            seen == expected,
            "in {ns:?}: {:?} for {:?}",
            seen.keys(),
            expected.keys()
        );
    }
}

async fn follow(store: &Store, steps: Vec<Step>) {
    let mut model = Model::new();
    let mut now = at(0);
    for step in steps {
        match step {
            Step::Wait(seconds) => now += jiff::SignedDuration::from_secs(seconds.into()),
            Step::Sweep => {
                let expired = model.len() - live(&model, now).len();
                assert_eq!(store.sweep(now).await.unwrap(), expired as u64);
                model = live(&model, now);
            }
            Step::Apply(changes) => {
                let ops: Vec<Op> = changes.iter().map(|it| op(it, &model, now)).collect();
                let outcome = store.apply(ops.clone(), now).await;
                match (predict(&ops, &model, now), outcome) {
                    (Some(mut next), Ok(version)) => {
                        for (_, written, _) in next.values_mut() {
                            *written = (*written).min(version);
                        }
                        model = next;
                    }
                    (None, Err(StoreError::Conflict { .. })) => {}
                    (predicted, outcome) => {
                        panic!("{outcome:?} where a conflict is {}", predicted.is_none())
                    }
                }
            }
        }
        compare(store, &model, now).await;
    }
}

fn run(house: impl Future<Output = Option<House>>, steps: Vec<Step>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let Some(house) = house.await else {
            return;
        };
        follow(&house.store, steps).await;
        house.close().await;
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    #[test]
    fn sled_is_a_map(steps in proptest::collection::vec(step(), 1..25)) {
        run(House::sled(), steps);
    }

    #[test]
    fn the_socket_is_a_map(steps in proptest::collection::vec(step(), 1..25)) {
        run(House::remote(), steps);
    }

    #[test]
    fn postgres_is_a_map(steps in proptest::collection::vec(step(), 1..25)) {
        run(House::postgres(), steps);
    }
}
