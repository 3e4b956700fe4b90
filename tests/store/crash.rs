//! `kill -9` at any moment: what was acknowledged is there, and a batch is there whole or not at all.
//!
//! The child is this test binary again, told by a variable which part to play; `.ci/power-cut` runs
//! the same parts around a power cut.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use calltriage::store::{Expected, Op, Store};
use tempfile::TempDir;

use super::{at, open, open_sound};

/// `write` or `check`, and the folder of the store.
const PART: &str = "CALLTRIAGE_STORE_PART";
const DIR: &str = "CALLTRIAGE_STORE_DIR";
/// For `check`: how many writes were acknowledged.
const ACKNOWLEDGED: &str = "CALLTRIAGE_STORE_ACKNOWLEDGED";

/// Most values are small; some lie in pieces, and now and then one fills a good part of a segment.
fn value(n: u64) -> Vec<u8> {
    let length = match n {
        n if n % 50 == 49 => 1_500_000,
        n if n % 7 == 6 => 40_000,
        n => 10 + n as usize % 300,
    };
    vec![(n % 251) as u8; length]
}

/// Two namespaces, a counter that is rewritten each time, and old entries that go away.
fn batch(n: u64) -> Vec<Op> {
    let mut ops = vec![
        Op::put("left", &format!("{n:08}"), Expected::Absent, value(n)),
        Op::put("right", &format!("{n:08}"), Expected::Absent, value(n + 3)),
        Op::put("counter", "n", Expected::Any, n.to_string()),
    ];
    if let Some(old) = n.checked_sub(200) {
        ops.push(Op::delete("left", &format!("{old:08}"), Expected::Any));
    }
    ops
}

/// How many batches are there, after a check that they are whole and without a gap.
async fn count(store: &Store) -> u64 {
    let batches = match store.get("counter", "n", at(0)).await.unwrap() {
        None => 0,
        Some(stored) => {
            std::str::from_utf8(&stored.bytes)
                .unwrap()
                .parse::<u64>()
                .unwrap()
                + 1
        }
    };
    for n in 0..batches + 2 {
        let key = format!("{n:08}");
        let left = store
            .get("left", &key, at(0))
            .await
            .unwrap()
            .map(|it| it.bytes);
        let right = store
            .get("right", &key, at(0))
            .await
            .unwrap()
            .map(|it| it.bytes);
        let left_stays = n < batches && n + 200 >= batches;
        assert!(
            left == left_stays.then(|| value(n).into()),
            "left {n} of {batches}"
        );
        assert!(
            right == (n < batches).then(|| value(n + 3).into()),
            "right {n} of {batches}"
        );
    }
    batches
}

#[tokio::test]
async fn the_child() {
    let (Ok(part), Ok(dir)) = (std::env::var(PART), std::env::var(DIR)) else {
        return;
    };
    let opening = open(Path::new(&dir)).await;
    assert_eq!(opening.notice, None);
    let batches = count(&opening.store).await;
    if part == "check" {
        let acknowledged: u64 = std::env::var(ACKNOWLEDGED).unwrap().parse().unwrap();
        println!("\nfound {batches} of {acknowledged}");
        assert!(
            batches >= acknowledged,
            "{batches} of {acknowledged} are left"
        );
        return;
    }
    for n in batches.. {
        opening.store.apply(batch(n), at(0)).await.unwrap();
        println!("\nacknowledged {}", n + 1);
        std::io::stdout().flush().unwrap();
    }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_by_kill() {
    let dir = TempDir::new().unwrap();
    let mut acknowledged = 0;
    for round in [1, 2, 60, 5, 120, 17, 3, 90] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::crash::the_child", "--nocapture"])
            .env(PART, "write")
            .env(DIR, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let until = acknowledged + round;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut seen = |line: std::io::Result<String>| {
            if let Some(n) = line.unwrap().strip_prefix("acknowledged ") {
                acknowledged = n.parse().unwrap();
            }
            acknowledged
        };
        while seen(lines.next().expect("the child ended by itself")) < until {}
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines {
            seen(line);
        }
        let store = open_sound(dir.path()).await;
        let batches = count(&store).await;
        assert!(
            batches >= acknowledged,
            "{batches} of {acknowledged} are left"
        );
    }
    let blobs = std::fs::read_dir(dir.path().join("sled/blobs"))
        .unwrap()
        .count();
    assert_eq!(blobs, 0, "sled never syncs what it puts there");
}
