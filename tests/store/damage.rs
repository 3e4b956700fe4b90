//! A damaged disk: said, never silently less. Values that are not damaged stay readable.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use calltriage::store::{Expected, Op, Store, StoreError};
use tempfile::TempDir;

use super::{at, open, open_sound};

const VALUES: usize = 300;

fn key(n: usize) -> String {
    format!("{n:05}")
}

fn value(n: usize) -> Vec<u8> {
    vec![(n % 251) as u8; if n % 10 == 9 { 20_000 } else { 500 }]
}

/// A folder with a store that was closed in order, half of it since the last start.
async fn written() -> TempDir {
    let dir = TempDir::new().unwrap();
    for half in [0..VALUES / 2, VALUES / 2..VALUES] {
        let store = open_sound(dir.path()).await;
        for n in half {
            let op = Op::put("ns", &key(n), Expected::Absent, value(n));
            store.apply(vec![op], at(0)).await.unwrap();
        }
    }
    dir
}

fn database(dir: &Path) -> PathBuf {
    dir.join("sled/db")
}

fn set_aside(dir: &Path) -> usize {
    let names = fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name());
    names
        .filter(|it| it.to_string_lossy().starts_with("sled.damaged-20260216T"))
        .count()
}

/// How many values are as they were written; anything else must say that it is damaged.
async fn intact(store: &Store) -> usize {
    let mut intact = 0;
    for n in 0..VALUES {
        match store.get("ns", &key(n), at(0)).await {
            Ok(Some(stored)) => {
                assert!(stored.bytes == value(n), "a wrong value for {n}");
                intact += 1;
            }
            Ok(None) => {}
            Err(error) => assert!(matches!(error, StoreError::Corrupt(_)), "{error}"),
        }
    }
    intact
}

/// Opens what is left and holds it to the promise; whether the damage was noticed.
async fn said(dir: &Path) -> bool {
    let opening = open(dir).await;
    let intact = intact(&opening.store).await;
    match &opening.notice {
        None => assert_eq!(
            intact, VALUES,
            "less than was acknowledged, and nothing said"
        ),
        Some(notice) => {
            let empty = set_aside(dir) == 1;
            assert_eq!(intact == 0, empty, "{intact} left, {notice}");
            let op = Op::put("ns", "new", Expected::Absent, "x");
            opening.store.apply(vec![op], at(0)).await.unwrap();
        }
    }
    let noticed = opening.notice.is_some();
    drop(opening);
    open_sound(dir).await;
    noticed
}

#[tokio::test]
async fn flipped_bytes_are_said() {
    let sound = written().await;
    let length = fs::metadata(database(sound.path())).unwrap().len();
    // A fixed stream of places: a failure can be repeated.
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut noticed = 0;
    for round in 0..24 {
        let dir = copied(sound.path());
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(database(dir.path()))
            .unwrap();
        for _ in 0..=round % 16 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let mut byte = [0];
            file.read_exact_at(&mut byte, random % length).unwrap();
            file.write_all_at(&[!byte[0]], random % length).unwrap();
        }
        drop(file);
        noticed += u32::from(said(dir.path()).await);
    }
    assert!(noticed > 0, "no flip hit anything: the test shows nothing");
}

#[tokio::test]
async fn a_cut_file_is_said() {
    let sound = written().await;
    let length = fs::metadata(database(sound.path())).unwrap().len();
    for percent in [0, 1, 20, 60, 90] {
        let dir = copied(sound.path());
        let file = OpenOptions::new()
            .write(true)
            .open(database(dir.path()))
            .unwrap();
        file.set_len(length * percent / 100).unwrap();
        drop(file);
        let noticed = said(dir.path()).await;
        assert!(noticed || percent == 90, "cut to {percent} %");
    }
}

#[tokio::test]
async fn a_lost_database_is_said() {
    let dir = written().await;
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    let opening = open(dir.path()).await;
    let notice = opening.notice.unwrap();
    assert!(notice.contains("300 changes were acknowledged"), "{notice}");
    let op = Op::put("ns", "new", Expected::Absent, "x");
    let version = opening.store.apply(vec![op], at(0)).await.unwrap();
    assert!(
        version > 300,
        "versions and fencing numbers only grow, also across a loss"
    );
}

#[tokio::test]
async fn an_older_database_is_said_and_kept() {
    let dir = written().await;
    let older = copied(dir.path());
    let store = open_sound(dir.path()).await;
    store
        .apply(vec![Op::delete("ns", &key(0), Expected::Any)], at(0))
        .await
        .unwrap();
    drop(store);
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    copy(&older.path().join("sled"), &dir.path().join("sled"));
    let opening = open(dir.path()).await;
    let notice = opening.notice.unwrap();
    assert!(
        notice.contains("301 changes were acknowledged, the database knows of 300"),
        "{notice}"
    );
    assert_eq!(set_aside(dir.path()), 1);
    assert_eq!(intact(&opening.store).await, 0);
}

#[tokio::test]
async fn a_generation_behind_the_database_is_no_loss() {
    let dir = written().await;
    let before = fs::read(dir.path().join("generation")).unwrap();
    let store = open_sound(dir.path()).await;
    store
        .apply(vec![Op::delete("ns", "none", Expected::Any)], at(0))
        .await
        .unwrap();
    drop(store);
    let after = fs::read(dir.path().join("generation")).unwrap();
    assert_ne!(before, after);
    // As a crash between the two syncs leaves it.
    fs::write(dir.path().join("generation"), before).unwrap();
    fs::write(dir.path().join("generation.new"), "3").unwrap();
    assert_eq!(intact(&open_sound(dir.path()).await).await, VALUES);
    assert_eq!(fs::read(dir.path().join("generation")).unwrap(), after);
}

#[tokio::test]
async fn an_unreadable_generation_is_said() {
    let dir = written().await;
    for garbage in [&b""[..], b"12", b"\xff\xfe", b"300 00000000\n"] {
        fs::write(dir.path().join("generation"), garbage).unwrap();
        let opening = open(dir.path()).await;
        assert!(opening.notice.is_some());
        assert_eq!(intact(&opening.store).await, VALUES);
    }
    open_sound(dir.path()).await;
}

/// The database without the store around it, to do what a broken engine would. A store that was dropped lets go of it
/// once its last thread is through.
fn engine(dir: &Path) -> sled::Db {
    let config = sled::Config::new()
        .path(dir.join("sled"))
        .flush_every_ms(None)
        .segment_size(4 * 1024 * 1024);
    let patience = Instant::now() + Duration::from_secs(20);
    loop {
        match config.open() {
            Ok(engine) => return engine,
            Err(error) if Instant::now() > patience => panic!("{error}"),
            Err(_) => std::thread::yield_now(),
        }
    }
}

fn lies_at(n: usize) -> Vec<u8> {
    [&b"r\x02ns"[..], key(n).as_bytes()].concat()
}

#[tokio::test]
async fn a_value_that_vanished_is_said() {
    let dir = written().await;
    engine(dir.path()).remove(lies_at(7)).unwrap();
    let notice = open(dir.path()).await.notice.unwrap();
    assert!(
        notice.contains("it should hold 300 values and holds 299"),
        "{notice}"
    );
    assert_eq!(set_aside(dir.path()), 1);
}

#[tokio::test]
async fn a_value_that_turned_old_is_said() {
    let dir = written().await;
    let raw = engine(dir.path());
    let older = raw.get(lies_at(7)).unwrap().unwrap();
    drop(raw);
    let store = open_sound(dir.path()).await;
    store
        .apply(vec![Op::put("ns", &key(7), Expected::Any, "newer")], at(0))
        .await
        .unwrap();
    drop(store);
    engine(dir.path()).insert(lies_at(7), older).unwrap();
    let notice = open(dir.path()).await.notice.unwrap();
    assert!(notice.contains("or older ones"), "{notice}");
}

#[tokio::test]
async fn a_damaged_value_does_not_hide_the_others() {
    let dir = written().await;
    let raw = engine(dir.path());
    let mut record = raw.get(lies_at(7)).unwrap().unwrap().to_vec();
    *record.last_mut().unwrap() ^= 1;
    raw.insert(lies_at(7), record).unwrap();
    raw.insert(lies_at(8), "short").unwrap();
    drop(raw);

    let opening = open(dir.path()).await;
    assert!(
        opening
            .notice
            .unwrap()
            .contains("2 of 300 stored values are damaged")
    );
    let store = opening.store;
    assert_eq!(intact(&store).await, VALUES - 2);
    let page = store.scan("ns", "", None, 1000, at(0)).await.unwrap();
    let damaged: Vec<_> = page
        .iter()
        .filter(|it| it.stored.is_err())
        .map(|it| &it.key)
        .collect();
    assert_eq!(damaged, [&key(7), &key(8)]);
    assert_eq!(page.len(), VALUES);
    for n in [7, 8] {
        let op = Op::put("ns", &key(n), Expected::Any, value(n));
        store.apply(vec![op], at(0)).await.unwrap();
    }
    drop(store);
    assert_eq!(intact(&open_sound(dir.path()).await).await, VALUES);
}

fn copied(from: &Path) -> TempDir {
    let to = TempDir::new().unwrap();
    copy(from, to.path());
    to
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
