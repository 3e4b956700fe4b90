//! The store: what every engine must do, and what must not be lost.

// Says nothing new to the compiler; tells clippy that the helpers here are tests too.
#![cfg(test)]

mod conformance;
mod crash;
mod damage;
mod model;
mod postgres;
mod processes;

use std::path::Path;
use std::time::Duration;

use crate::support::postgres::Schema;
use calltriage::store::socket::{RemoteStore, Server, path_in};
use calltriage::store::{Opening, PATIENCE_WITH_HISTORY, Store};
use jiff::Timestamp;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Long enough for a loaded machine; nothing waits that long when all is well.
const PATIENCE: Duration = Duration::from_secs(10);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_771_232_400 + second).unwrap()
}

async fn open(dir: &Path) -> Opening {
    Store::open(dir, at(0), PATIENCE).await.unwrap()
}

async fn open_sound(dir: &Path) -> Store {
    let opening = open(dir).await;
    assert_eq!(opening.notice, None);
    opening.store
}

/// A process that serves the store in a folder, as the bot does.
struct Bot {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Bot {
    async fn start(store: Store, dir: &Path) -> Bot {
        let server = Server::bind(&path_in(dir)).await.unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(server.serve(store, async {
            let _ = stopped.await;
        }));
        Bot { stop, task }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

/// A store to try, whichever engine.
struct House {
    store: Store,
    bot: Option<Bot>,
    schema: Option<Schema>,
    _dir: TempDir,
}

impl House {
    async fn sled() -> Option<House> {
        let dir = TempDir::new().unwrap();
        Some(House {
            store: open_sound(dir.path()).await,
            bot: None,
            schema: None,
            _dir: dir,
        })
    }

    /// Nothing where there is no server to test with.
    async fn postgres() -> Option<House> {
        let schema = Schema::new().await?;
        let dir = TempDir::new().unwrap();
        let opening = Store::open(schema.place(dir.path()), at(0), PATIENCE).await;
        Some(House {
            store: opening.unwrap().store,
            bot: None,
            schema: Some(schema),
            _dir: dir,
        })
    }

    async fn remote() -> Option<House> {
        let dir = TempDir::new().unwrap();
        let bot = Bot::start(open_sound(dir.path()).await, dir.path()).await;
        let remote = RemoteStore::connect(&path_in(dir.path()), PATIENCE_WITH_HISTORY)
            .await
            .unwrap()
            .unwrap();
        Some(House {
            store: Store::Remote(remote),
            bot: Some(bot),
            schema: None,
            _dir: dir,
        })
    }

    async fn close(self) {
        if let Some(bot) = self.bot {
            bot.stop().await;
        }
        drop(self.store);
        if let Some(schema) = self.schema {
            schema.drop().await;
        }
    }
}
