//! The async face of the sled engine: every call runs on a blocking thread. Decides nothing.

use std::sync::Arc;

use jiff::Timestamp;

use super::engine::Engine;
use super::error::StoreError;
use super::value::{Entry, Op, Stored};

/// sled in this process. Made by [`Store::open`](super::Store::open).
#[derive(Debug, Clone)]
pub struct SledStore {
    engine: Arc<Engine>,
}

impl SledStore {
    pub(super) fn new(engine: Engine) -> Self {
        SledStore {
            engine: Arc::new(engine),
        }
    }

    pub(super) async fn get(
        &self,
        ns: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Stored>, StoreError> {
        let (ns, key) = (ns.to_owned(), key.to_owned());
        self.run(move |engine| engine.get(&ns, &key, now)).await
    }

    pub(super) async fn scan(
        &self,
        ns: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        let (ns, prefix, after) = (ns.to_owned(), prefix.to_owned(), after.map(str::to_owned));
        self.run(move |engine| engine.scan(&ns, &prefix, after.as_deref(), limit, now))
            .await
    }

    pub(super) async fn apply(&self, ops: Vec<Op>, now: Timestamp) -> Result<u64, StoreError> {
        self.run(move |engine| engine.apply(&ops, now)).await
    }

    pub(super) async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.run(move |engine| engine.sweep(now)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Engine) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let engine = Arc::clone(&self.engine);
        match tokio::task::spawn_blocking(move || work(&engine)).await {
            Ok(outcome) => outcome,
            // sled panics where it finds its file damaged.
            Err(error) if error.is_panic() => Err(StoreError::Corrupt(
                "the database cannot be read; restart, and the start will say what is lost"
                    .to_owned(),
            )),
            Err(_) => Err(StoreError::Unavailable(
                "the program is stopping".to_owned(),
            )),
        }
    }
}
