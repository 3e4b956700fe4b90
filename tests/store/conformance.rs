//! What any engine must do. A new engine adds one line to `engines!`.

use std::time::Duration;

use bytes::Bytes;
use calltriage::store::{
    Expected, Fence, MAX_APPLY_BYTES, MAX_KEY_BYTES, MAX_OPS, Op, Outbox, Store, StoreError,
};

use super::{House, at};

macro_rules! conformance {
    ($($case:ident),* $(,)?) => {
        conformance!(@engine on_sled, House::sled, $($case),*);
        conformance!(@engine over_the_socket, House::remote, $($case),*);
        conformance!(@engine on_postgres, House::postgres, $($case),*);
    };
    (@engine $engine:ident, $make:path, $($case:ident),*) => {
        mod $engine {
            use super::House;
            $(
                #[tokio::test]
                async fn $case() {
                    let Some(house) = $make().await else {
                        return;
                    };
                    super::$case(&house.store).await;
                    house.close().await;
                }
            )*
        }
    };
}

conformance!(
    gives_back_what_was_put,
    keeps_expectations,
    checks_without_changing,
    applies_all_or_nothing,
    applies_in_order,
    scans_in_order_and_pages,
    keeps_namespaces_apart,
    forgets_what_has_expired,
    refuses_what_is_too_large,
    keeps_large_values_whole,
    gives_a_lease_to_one,
    keeps_out_who_has_lost_its_lease,
    delivers_from_the_outbox_once,
    lets_one_of_many_win,
);

async fn put(store: &Store, key: &str, expected: Expected, value: &str) -> Result<u64, StoreError> {
    let bytes = Bytes::copy_from_slice(value.as_bytes());
    store.put_if("ns", key, expected, bytes, None, at(0)).await
}

async fn text(store: &Store, ns: &str, key: &str) -> Option<String> {
    let stored = store.get(ns, key, at(0)).await.unwrap()?;
    Some(String::from_utf8(stored.bytes.to_vec()).unwrap())
}

fn conflict(key: &str) -> StoreError {
    StoreError::Conflict {
        ns: "ns".to_owned(),
        key: key.to_owned(),
    }
}

async fn gives_back_what_was_put(store: &Store) {
    for key in ["", "a", "a/b", "\0", "ü", "\u{10ffff}"] {
        for value in ["", "x", "\0\n\"ü"] {
            let version = put(store, key, Expected::Any, value).await.unwrap();
            let stored = store.get("ns", key, at(0)).await.unwrap().unwrap();
            assert_eq!(
                (&stored.bytes[..], stored.version),
                (value.as_bytes(), version)
            );
            assert_eq!(stored.expires_at, None);
        }
    }
    assert_eq!(text(store, "ns", "nothing").await, None);
}

async fn keeps_expectations(store: &Store) {
    let first = put(store, "k", Expected::Absent, "1").await.unwrap();
    assert_eq!(
        put(store, "k", Expected::Absent, "2").await,
        Err(conflict("k"))
    );
    let second = put(store, "k", Expected::Version(first), "2")
        .await
        .unwrap();
    assert!(second > first);
    assert_eq!(
        put(store, "k", Expected::Version(first), "3").await,
        Err(conflict("k"))
    );
    assert_eq!(
        store
            .delete_if("ns", "k", Expected::Version(first), at(0))
            .await,
        Err(conflict("k"))
    );
    assert_eq!(text(store, "ns", "k").await.as_deref(), Some("2"));
    store
        .delete_if("ns", "k", Expected::Version(second), at(0))
        .await
        .unwrap();
    assert_eq!(text(store, "ns", "k").await, None);
    store
        .delete_if("ns", "k", Expected::Any, at(0))
        .await
        .unwrap();
    let third = put(store, "k", Expected::Absent, "1").await.unwrap();
    assert!(third > second, "a version comes only once");
    assert_eq!(
        put(store, "new", Expected::Version(third), "1").await,
        Err(conflict("new"))
    );
}

async fn checks_without_changing(store: &Store) {
    let first = put(store, "k", Expected::Absent, "1").await.unwrap();
    let with = |expected, key: &str| {
        vec![
            Op::check("ns", "k", expected),
            Op::put("ns", key, Expected::Absent, "x"),
        ]
    };
    for wrong in [Expected::Absent, Expected::Version(first + 1)] {
        assert_eq!(
            store.apply(with(wrong, "a"), at(0)).await,
            Err(conflict("k"))
        );
    }
    assert_eq!(text(store, "ns", "a").await, None);
    for (key, right) in [("a", Expected::Version(first)), ("b", Expected::Any)] {
        store.apply(with(right, key), at(0)).await.unwrap();
        assert_eq!(text(store, "ns", key).await.as_deref(), Some("x"));
    }
    let kept = store.get("ns", "k", at(0)).await.unwrap().unwrap();
    assert_eq!((&kept.bytes[..], kept.version), (&b"1"[..], first));
}

async fn applies_all_or_nothing(store: &Store) {
    put(store, "there", Expected::Any, "old").await.unwrap();
    let ops = vec![
        Op::put("other", "a", Expected::Absent, "1"),
        Op::delete("ns", "there", Expected::Any),
        Op::put("ns", "b", Expected::Version(999_999), "2"),
    ];
    assert_eq!(store.apply(ops, at(0)).await, Err(conflict("b")));
    assert_eq!(text(store, "other", "a").await, None);
    assert_eq!(text(store, "ns", "there").await.as_deref(), Some("old"));
    store.apply(Vec::new(), at(0)).await.unwrap();
}

async fn applies_in_order(store: &Store) {
    let large = "x".repeat(100_000);
    let ops = vec![
        Op::put("ns", "k", Expected::Absent, large.clone()),
        Op::delete("ns", "k", Expected::Any),
        Op::put("ns", "k", Expected::Absent, "small"),
        Op::put("ns", "l", Expected::Absent, "small"),
        Op::put("ns", "l", Expected::Any, large.clone()),
        Op::put("ns", "m", Expected::Absent, large.clone()),
        Op::put("ns", "m", Expected::Any, "y".repeat(50_000)),
        Op::put("ns", "n", Expected::Absent, large.clone()),
        Op::delete("ns", "n", Expected::Any),
    ];
    let version = store.apply(ops, at(0)).await.unwrap();
    assert_eq!(text(store, "ns", "k").await.as_deref(), Some("small"));
    assert_eq!(text(store, "ns", "l").await, Some(large));
    assert_eq!(text(store, "ns", "m").await, Some("y".repeat(50_000)));
    assert_eq!(text(store, "ns", "n").await, None);
    assert_eq!(
        store.get("ns", "k", at(0)).await.unwrap().unwrap().version,
        version
    );
}

async fn scans_in_order_and_pages(store: &Store) {
    let mut keys: Vec<String> = (0..25).map(|n| format!("call/{n}")).collect();
    for key in keys
        .iter()
        .map(String::as_str)
        .chain(["call", "call0", "cbll", "a"])
    {
        put(store, key, Expected::Absent, key).await.unwrap();
    }
    keys.sort();
    let mut seen = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = store
            .scan("ns", "call/", after.as_deref(), 10, at(0))
            .await
            .unwrap();
        assert!(page.len() <= 10);
        let Some(last) = page.last() else { break };
        after = Some(last.key.clone());
        for entry in page {
            assert_eq!(entry.stored.unwrap().bytes, entry.key.as_bytes());
            seen.push(entry.key);
        }
    }
    assert_eq!(seen, keys);
    let rest = store
        .scan("ns", "", Some("call0"), 10, at(0))
        .await
        .unwrap();
    assert_eq!(
        rest.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(),
        ["cbll"]
    );
    let early = store
        .scan("ns", "call/", Some("b"), 1, at(0))
        .await
        .unwrap();
    assert_eq!(early[0].key, "call/0", "after something before the prefix");
}

async fn keeps_namespaces_apart(store: &Store) {
    let names = [("a", "bc"), ("ab", "c"), ("abc", ""), ("", "abc")];
    for (ns, key) in names {
        let op = Op::put(ns, key, Expected::Absent, format!("{ns}|{key}"));
        store.apply(vec![op], at(0)).await.unwrap();
    }
    for (ns, key) in names {
        assert_eq!(text(store, ns, key).await, Some(format!("{ns}|{key}")));
        assert_eq!(store.scan(ns, "", None, 10, at(0)).await.unwrap().len(), 1);
    }
}

async fn forgets_what_has_expired(store: &Store) {
    for n in 0..3 {
        let op = Op::put("ns", &n.to_string(), Expected::Absent, "x").expiring(Some(at(10 + n)));
        store.apply(vec![op], at(0)).await.unwrap();
    }
    put(store, "kept", Expected::Absent, "x").await.unwrap();
    assert!(store.get("ns", "0", at(9)).await.unwrap().is_some());
    let gone = store.get("ns", "0", at(10)).await.unwrap();
    assert_eq!(gone, None, "absent from that very moment");
    assert_eq!(
        store.scan("ns", "", None, 10, at(11)).await.unwrap().len(),
        2
    );
    let again = Op::put("ns", "0", Expected::Absent, "y");
    store.apply(vec![again], at(10)).await.unwrap();
    assert_eq!(store.sweep(at(11)).await.unwrap(), 1);
    assert_eq!(store.sweep(at(11)).await.unwrap(), 0);
    assert_eq!(
        store.scan("ns", "", None, 10, at(0)).await.unwrap().len(),
        3
    );
}

async fn refuses_what_is_too_large(store: &Store) {
    let long = "k".repeat(MAX_KEY_BYTES);
    for (key, bytes) in [(long.as_str(), 1), ("k", MAX_APPLY_BYTES + 1)] {
        let op = Op::put("ns", key, Expected::Any, vec![0; bytes]);
        let error = store.apply(vec![op], at(0)).await.unwrap_err();
        assert!(matches!(error, StoreError::TooLarge(_)), "{error}");
    }
    let many = vec![Op::delete("ns", "k", Expected::Any); MAX_OPS + 1];
    let error = store.apply(many, at(0)).await.unwrap_err();
    assert!(matches!(error, StoreError::TooLarge(_)), "{error}");

    let most: Vec<_> = (0..MAX_OPS)
        .map(|n| Op::put("ns", &format!("{n:\0>510}"), Expected::Any, vec![0; 4000]))
        .collect();
    store.apply(most, at(0)).await.unwrap();
    let page = store.scan("ns", "", None, usize::MAX, at(0)).await.unwrap();
    assert_eq!(page.len(), MAX_OPS);
}

async fn keeps_large_values_whole(store: &Store) {
    for length in [4096, 4097, 16_384, 16_385, 1_000_000, MAX_APPLY_BYTES, 5] {
        let value: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        let op = Op::put("ns", "k", Expected::Any, value.clone());
        store.apply(vec![op], at(0)).await.unwrap();
        let stored = store.get("ns", "k", at(0)).await.unwrap().unwrap();
        assert!(stored.bytes == value, "{length} bytes came back otherwise");
    }
    for n in 0..3 {
        let op = Op::put("big", &n.to_string(), Expected::Any, vec![n; 3_000_000]);
        store.apply(vec![op], at(0)).await.unwrap();
    }
    let page = store.scan("big", "", None, 10, at(0)).await.unwrap();
    assert_eq!(page.len(), 1, "a heavy page ends early");
    let rest = store.scan("big", "", Some("1"), 10, at(0)).await.unwrap();
    assert_eq!(rest[0].key, "2");
}

async fn gives_a_lease_to_one(store: &Store) {
    let minute = Duration::from_secs(60);
    let first = store
        .lease("gateway", "a", minute, at(0))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(first.until, at(60));
    assert_eq!(
        store.lease("gateway", "b", minute, at(59)).await.unwrap(),
        None
    );
    let renewed = store
        .lease("gateway", "a", minute, at(30))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((renewed.fencing, renewed.until), (first.fencing, at(90)));
    let again = store
        .lease("gateway", "a", minute, at(40))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(again.fencing, first.fencing);
    assert_eq!(
        store.lease("gateway", "b", minute, at(99)).await.unwrap(),
        None
    );
    let taken = store
        .lease("gateway", "b", minute, at(100))
        .await
        .unwrap()
        .unwrap();
    assert!(taken.fencing > first.fencing);
    assert_eq!(
        store.lease("gateway", "a", minute, at(101)).await.unwrap(),
        None
    );
    store.release("gateway", "a", at(101)).await.unwrap();
    assert_eq!(
        store.lease("gateway", "a", minute, at(102)).await.unwrap(),
        None
    );
    store.release("gateway", "b", at(102)).await.unwrap();
    let back = store
        .lease("gateway", "a", minute, at(102))
        .await
        .unwrap()
        .unwrap();
    assert!(back.fencing > taken.fencing);
}

async fn keeps_out_who_has_lost_its_lease(store: &Store) {
    let minute = Duration::from_secs(60);
    let lease = async |holder: &str, second| {
        let lease = store.lease("something", holder, minute, at(second)).await;
        Fence::of("something", lease.unwrap().unwrap())
    };
    let write = async |fence: Fence, value: &str| {
        let op = Op::put("ns", "k", Expected::Any, value.to_owned());
        let ops = [op].into_iter().chain(fence.op()).collect();
        store.apply(ops, at(0)).await
    };
    let first = lease("a", 0).await;
    write(first, "a").await.unwrap();
    let renewed = lease("a", 30).await;
    assert_eq!(renewed, first);
    write(first, "a again").await.unwrap();
    let second = lease("b", 100).await;
    let late = write(first, "a too late").await.unwrap_err();
    assert!(Fence::is_lost(&late), "{late:?}");
    write(second, "b").await.unwrap();
    assert_eq!(text(store, "ns", "k").await.as_deref(), Some("b"));
    // The same holder after a gap is a new one: another may have been there meanwhile.
    let third = lease("a", 1000).await;
    assert!(Fence::is_lost(&write(second, "b").await.unwrap_err()));
    write(third, "a").await.unwrap();
}

async fn delivers_from_the_outbox_once(store: &Store) {
    let outbox = Outbox::new("replies");
    let hold = Duration::from_secs(30);
    for id in ["2", "1", "3"] {
        let push = outbox
            .push(id, Bytes::copy_from_slice(id.as_bytes()), at(0))
            .unwrap();
        let cause = Op::put("ns", id, Expected::Absent, "asked");
        store.apply(vec![cause, push.clone()], at(0)).await.unwrap();
        assert!(
            store.apply(vec![push], at(0)).await.is_err(),
            "pushed twice"
        );
    }
    let later = outbox.push("0", Bytes::new(), at(1000)).unwrap();
    store.apply(vec![later], at(0)).await.unwrap();

    let ids = |claims: &calltriage::store::Claims| -> Vec<String> {
        claims
            .taken
            .iter()
            .map(|it| format!("{}:{}", it.id, it.attempts))
            .collect()
    };
    let mine = outbox.claim(store, 2, hold, at(1)).await.unwrap();
    assert_eq!(ids(&mine), ["1:1", "2:1"]);
    let yours = outbox.claim(store, 9, hold, at(2)).await.unwrap();
    assert_eq!(ids(&yours), ["3:1"]);
    assert_eq!(yours.taken[0].payload, "3");
    store
        .apply(vec![outbox.ack(&mine.taken[0])], at(3))
        .await
        .unwrap();
    let defer = outbox.defer(&mine.taken[1], at(20)).unwrap();
    store.apply(vec![defer], at(3)).await.unwrap();
    assert_eq!(
        ids(&outbox.claim(store, 9, hold, at(19)).await.unwrap()),
        [""; 0]
    );
    assert_eq!(
        ids(&outbox.claim(store, 9, hold, at(20)).await.unwrap()),
        ["2:2"]
    );
    assert_eq!(
        ids(&outbox.claim(store, 9, hold, at(32)).await.unwrap()),
        ["3:2"]
    );
    let late = store.apply(vec![outbox.ack(&yours.taken[0])], at(33)).await;
    assert!(matches!(late, Err(StoreError::Conflict { .. })), "{late:?}");
}

async fn lets_one_of_many_win(store: &Store) {
    let racers: Vec<_> = (0..16)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { put(&store, "k", Expected::Absent, &n.to_string()).await })
        })
        .collect();
    let mut won = 0;
    for racer in racers {
        match racer.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert_eq!(error, conflict("k")),
        }
    }
    assert_eq!(won, 1);
}
