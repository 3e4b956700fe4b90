//! The async face of the sled engine: every call runs on a blocking thread, and applies that wait at the same time
//! are made durable together. Decides nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use jiff::Timestamp;
use tokio::sync::oneshot;

use super::engine::Engine;
use super::error::StoreError;
use super::value::{Entry, Op, Stored};

/// sled in this process. Made by [`Store::open`](super::Store::open).
#[derive(Debug, Clone)]
pub struct SledStore {
    engine: Arc<Engine>,
    queue: Arc<Queue>,
}

/// Applies that wait for the disk.
#[derive(Debug, Default)]
struct Queue {
    state: Mutex<Waiting>,
    /// Why the last apply was not kept, where that is so.
    trouble: Mutex<Option<StoreError>>,
}

#[derive(Debug, Default)]
struct Waiting {
    applies: Vec<Apply>,
    /// Whether a thread works them off.
    is_served: bool,
}

#[derive(Debug)]
struct Apply {
    ops: Vec<Op>,
    now: Timestamp,
    answer: oneshot::Sender<Result<u64, StoreError>>,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, Waiting> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trouble(&self) -> MutexGuard<'_, Option<StoreError>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes whether something could be kept.
    fn note(&self, outcomes: &[Result<u64, StoreError>]) {
        for outcome in outcomes {
            match outcome {
                Ok(_) => *self.trouble() = None,
                // Whatever is wrong afterwards is wrong because of the first.
                Err(why @ (StoreError::Unwritable(_) | StoreError::Unavailable(_))) => {
                    self.trouble().get_or_insert_with(|| why.clone());
                }
                Err(_) => {}
            }
        }
    }

    /// Adds an apply. Says whether a thread has to be started for it.
    fn add(&self, apply: Apply) -> bool {
        let mut state = self.state();
        state.applies.push(apply);
        !std::mem::replace(&mut state.is_served, true)
    }

    /// All that wait. Where none do, whoever comes next starts a thread.
    fn take(&self) -> Option<Vec<Apply>> {
        let mut state = self.state();
        let applies = std::mem::take(&mut state.applies);
        state.is_served = !applies.is_empty();
        state.is_served.then_some(applies)
    }
}

/// Serves a queue to its end. Should it not come to that, because the engine panicked or the runtime ended, those who
/// wait are told, and the next apply finds a thread again.
struct Serving {
    engine: Option<Arc<Engine>>,
    queue: Arc<Queue>,
    is_over: bool,
}

impl Drop for Serving {
    fn drop(&mut self) {
        if !self.is_over {
            *self.queue.state() = Waiting::default();
        }
    }
}

impl Serving {
    /// Works off what waits: each round is made durable at once, and nobody is answered before, not even who was
    /// refused for what another one of the round wrote.
    fn serve(mut self) {
        let mut next = self.queue.take();
        while let (Some(applies), Some(engine)) = (next.take(), &self.engine) {
            let (mut answers, mut round) = (Vec::new(), Vec::new());
            for Apply { ops, now, answer } in applies {
                round.push((ops, now));
                answers.push(answer);
            }
            let outcomes = engine.apply_all(&round);
            self.queue.note(&outcomes);
            next = self.queue.take();
            if next.is_none() {
                // Who has the last answer may close the store, and open it again at once.
                self.engine = None;
            }
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                // Who does not wait any more needs no answer.
                let _ = answer.send(outcome);
            }
        }
        self.is_over = true;
    }
}

/// The store, for who does not keep it open.
#[derive(Debug)]
pub(super) struct NotHolding {
    engine: Weak<Engine>,
    queue: Weak<Queue>,
}

impl NotHolding {
    /// The store, if somebody still has it open.
    pub fn again(&self) -> Option<SledStore> {
        Some(SledStore {
            engine: self.engine.upgrade()?,
            queue: self.queue.upgrade()?,
        })
    }
}

impl SledStore {
    pub(super) fn without_holding(&self) -> NotHolding {
        NotHolding {
            engine: Arc::downgrade(&self.engine),
            queue: Arc::downgrade(&self.queue),
        }
    }

    pub(super) fn new(engine: Engine) -> Self {
        SledStore {
            engine: Arc::new(engine),
            queue: Arc::default(),
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
        let (answer, answered) = oneshot::channel();
        if self.queue.add(Apply { ops, now, answer }) {
            let serving = Serving {
                engine: Some(Arc::clone(&self.engine)),
                queue: Arc::clone(&self.queue),
                is_over: false,
            };
            tokio::task::spawn_blocking(move || serving.serve());
        }
        // Nobody answers only where the engine panicked or the runtime ended.
        answered.await.unwrap_or_else(|_| Err(unreadable()))
    }

    pub(super) fn trouble(&self) -> Option<StoreError> {
        self.queue.trouble().clone()
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
            Err(error) if error.is_panic() => Err(unreadable()),
            Err(_) => Err(StoreError::Unavailable(
                "the program is stopping".to_owned(),
            )),
        }
    }
}

fn unreadable() -> StoreError {
    StoreError::Corrupt(
        "the database cannot be read; restart, and the start will say what is lost".to_owned(),
    )
}
