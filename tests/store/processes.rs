//! Several processes and one store: one has it, the others ask it or go on without.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener as StdListener;
use std::time::{Duration, Instant};

use calltriage::store::socket::{RemoteStore, Server, path_in};
use calltriage::store::{Expected, Joined, Op, PATIENCE_WITH_HISTORY, Store, StoreError};
use tempfile::TempDir;

use super::{Bot, at, open_sound};

async fn write(store: &Store, key: &str) {
    store
        .apply(vec![Op::put("ns", key, Expected::Absent, "x")], at(0))
        .await
        .unwrap();
}

fn without_history(joined: &Joined) -> &str {
    assert!(joined.store.is_none());
    joined.notice.as_deref().unwrap()
}

#[tokio::test]
async fn a_command_asks_the_running_bot() {
    let dir = TempDir::new().unwrap();
    let store = open_sound(dir.path()).await;
    let bot = Bot::start(store.clone(), dir.path()).await;
    let mode = fs::metadata(path_in(dir.path()))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    let (one, two) = tokio::join!(
        Store::open_or_join(dir.path(), PATIENCE_WITH_HISTORY, at(0)),
        Store::open_or_join(dir.path(), PATIENCE_WITH_HISTORY, at(0))
    );
    for (joined, key) in [(&one, "one"), (&two, "two")] {
        assert_eq!(joined.notice, None);
        let remote = joined.store.as_ref().unwrap();
        assert!(matches!(remote, Store::Remote(_)));
        write(remote, key).await;
        assert!(store.get("ns", key, at(0)).await.unwrap().is_some());
    }

    bot.stop().await;
    assert!(!path_in(dir.path()).exists());
    let remote = one.store.unwrap();
    let gone = remote.get("ns", "one", at(0)).await.unwrap_err();
    assert!(matches!(gone, StoreError::Unavailable(_)), "{gone}");
    // It finds the bot again when that is back.
    let bot = Bot::start(store, dir.path()).await;
    assert!(remote.get("ns", "one", at(0)).await.unwrap().is_some());
    bot.stop().await;
}

#[tokio::test]
async fn of_two_commands_at_once_one_gets_the_store() {
    let dir = TempDir::new().unwrap();
    let began = Instant::now();
    let (one, two) = tokio::join!(
        Store::open_or_join(dir.path(), PATIENCE_WITH_HISTORY, at(0)),
        Store::open_or_join(dir.path(), PATIENCE_WITH_HISTORY, at(0))
    );
    let (with, without) = if one.store.is_some() {
        (one, two)
    } else {
        (two, one)
    };
    write(with.store.as_ref().unwrap(), "k").await;
    let said = without_history(&without);
    assert!(said.starts_with("going on without history: "), "{said}");
    assert!(said.contains("another process has"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(5));

    drop(with);
    let joined = Store::open_or_join(dir.path(), PATIENCE_WITH_HISTORY, at(0)).await;
    assert!(
        joined
            .store
            .unwrap()
            .get("ns", "k", at(0))
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_command_says_a_loss_too() {
    let dir = TempDir::new().unwrap();
    write(&open_sound(dir.path()).await, "k").await;
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    let joined = Store::open_or_join(dir.path(), PATIENCE_WITH_HISTORY, at(0)).await;
    assert!(joined.notice.unwrap().contains("the store lost data"));
    write(&joined.store.unwrap(), "k").await;
}

#[tokio::test]
async fn a_second_bot_is_refused() {
    let dir = TempDir::new().unwrap();
    let store = open_sound(dir.path()).await;
    let refused = Store::open(dir.path(), at(0), Duration::ZERO)
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("another process has"),
        "{refused}"
    );
    let bot = Bot::start(store.clone(), dir.path()).await;
    let refused = Server::bind(&path_in(dir.path())).await.unwrap_err();
    assert!(
        refused.to_string().contains("another bot answers"),
        "{refused}"
    );
    bot.stop().await;
    let names: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    assert!(
        !names
            .iter()
            .any(|it| it.to_string_lossy().contains("damaged")),
        "{names:?}"
    );
}

#[tokio::test]
async fn a_dead_bots_socket_is_no_obstacle() {
    let dir = TempDir::new().unwrap();
    drop(StdListener::bind(path_in(dir.path())).unwrap());
    assert!(path_in(dir.path()).exists());
    let joined = Store::open_or_join(dir.path(), PATIENCE_WITH_HISTORY, at(0)).await;
    let store = joined.store.unwrap();
    assert!(matches!(store, Store::Sled(_)));
    let bot = Bot::start(store, dir.path()).await;
    assert!(
        RemoteStore::connect(&path_in(dir.path()), PATIENCE_WITH_HISTORY)
            .await
            .unwrap()
            .is_some()
    );
    bot.stop().await;
}

#[tokio::test]
async fn a_silent_bot_is_said() {
    let dir = TempDir::new().unwrap();
    let _frozen = StdListener::bind(path_in(dir.path())).unwrap();
    let joined = Store::open_or_join(dir.path(), PATIENCE_WITH_HISTORY, at(0)).await;
    let said = without_history(&joined);
    assert!(said.contains("does not answer"), "{said}");
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_is_said() {
    let dir = TempDir::new().unwrap();
    let deep = dir.path().join("d".repeat(120));
    let joined = Store::open_or_join(&deep, PATIENCE_WITH_HISTORY, at(0)).await;
    let said = without_history(&joined);
    assert!(
        said.contains("put the store into a folder with a shorter path"),
        "{said}"
    );
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_said() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "x").unwrap();
    let joined = Store::open_or_join(&file.join("store"), PATIENCE_WITH_HISTORY, at(0)).await;
    let said = without_history(&joined);
    assert!(said.contains("the folder "), "{said}");
}

#[tokio::test]
async fn garbage_on_the_socket_ends_only_that_connection() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let dir = TempDir::new().unwrap();
    let bot = Bot::start(open_sound(dir.path()).await, dir.path()).await;
    for garbage in [
        &b"\xff\xff\xff\xff"[..],
        b"\0\0\0\x02{}",
        b"\0\0\0\x09{\"Get\":",
    ] {
        let mut stream = tokio::net::UnixStream::connect(path_in(dir.path()))
            .await
            .unwrap();
        stream.write_all(garbage).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // A reset is as good as an end.
        let _ = stream.read_to_end(&mut answer).await;
        assert_eq!(answer, b"");
    }
    assert!(
        RemoteStore::connect(&path_in(dir.path()), PATIENCE_WITH_HISTORY)
            .await
            .unwrap()
            .is_some()
    );
    bot.stop().await;
}
