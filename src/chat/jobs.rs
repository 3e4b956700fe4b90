//! Requests on their way to an answer, in the store: accepted once, and never forgotten before they are answered.
//! Answers none.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::request::Request;
use crate::store::{Expected, Op, Store, StoreError};

/// Requests that still need an answer.
const OPEN: &str = "jobs";

/// Requests that came in, answered or not, so that a redelivery is known.
const SEEN: &str = "jobs-seen";

/// No platform delivers anything again after a day.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// Nobody waits for an answer any more after this time.
const WORTH_ANSWERING: SignedDuration = SignedDuration::from_hours(24);

/// A page of the store.
const PAGE: usize = 100;

/// The requests of one chat.
#[derive(Debug, Clone)]
pub struct Jobs {
    store: Store,
    chat: &'static str,
}

/// A request and how far its answer is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// What was asked.
    pub request: Request,
    /// How far it is.
    pub stage: Stage,
}

/// How far an answer is. Each stage is stored before what follows it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Whether a message stands for it is known to the platform only.
    Accepted,
    /// It is known where its answer goes.
    Standing(Standing),
    /// Something that changes the world outside was begun: it is never begun again.
    Acting(Standing),
    /// The answer was given; its files may still be missing.
    Answered(Standing),
}

/// Where the answer goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Into the message that stands for the job, by the platform's id.
    Message(String),
    /// To the address that came with the request, or to who asked: no message stands for it.
    Apart,
}

impl Standing {
    /// The message, where there is one.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        match self {
            Standing::Message(id) => Some(id),
            Standing::Apart => None,
        }
    }
}

impl Job {
    /// What the platform's messages carry to be found again.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.request.id
    }
}

impl Jobs {
    /// The requests of this chat.
    #[must_use]
    pub fn new(store: Store, chat: &'static str) -> Jobs {
        Jobs { store, chat }
    }

    /// Takes a request. When this returns a job, it survives a power cut and will be answered; nothing is returned for
    /// one that was taken before.
    ///
    /// # Errors
    /// Those of the store: the request was not taken, and must not be acknowledged.
    pub async fn accept(
        &self,
        request: Request,
        now: Timestamp,
    ) -> Result<Option<Job>, StoreError> {
        let job = Job {
            request,
            stage: Stage::Accepted,
        };
        let key = self.key(job.id());
        let seen = Op::put(SEEN, &key, Expected::Absent, Vec::new());
        let open = Op::put(OPEN, &key, Expected::Absent, json(&job));
        let ops = vec![seen.expiring(now.checked_add(REMEMBERED).ok()), open];
        match self.store.apply(ops, now).await {
            Ok(_) => Ok(Some(job)),
            Err(StoreError::Conflict { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps how far a job is.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn advance(
        &self,
        job: &mut Job,
        stage: Stage,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        job.stage = stage;
        let op = Op::put(OPEN, &self.key(job.id()), Expected::Any, json(job));
        self.store.apply(vec![op], now).await.map(|_| ())
    }

    /// Forgets a job that is answered, and writes in the same step what has to be known of it. That it came in is
    /// remembered.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn finish(
        &self,
        job: &Job,
        known: Option<Op>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let forgotten = Op::delete(OPEN, &self.key(job.id()), Expected::Any);
        let ops = known.into_iter().chain([forgotten]).collect();
        self.store.apply(ops, now).await.map(|_| ())
    }

    /// The jobs that an earlier run left, the oldest first. Those that nobody waits for any more are dropped.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn left_over(&self, now: Timestamp) -> Result<Vec<Job>, StoreError> {
        let (prefix, mut after) = (format!("{}/", self.chat), None::<String>);
        let mut found: Vec<Job> = Vec::new();
        loop {
            let page = self
                .store
                .scan(OPEN, &prefix, after.as_deref(), PAGE, now)
                .await?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            for entry in page {
                let job = entry.stored.ok();
                let job = job.and_then(|it| serde_json::from_slice::<Job>(&it.bytes).ok());
                let Some(job) = job else {
                    tracing::error!(key = %entry.key, "a stored request cannot be read");
                    continue;
                };
                if now.duration_since(job.request.asked_at) > WORTH_ANSWERING {
                    self.finish(&job, None, now).await?;
                } else {
                    found.push(job);
                }
            }
        }
        found.sort_by(|a, b| (a.request.asked_at, a.id()).cmp(&(b.request.asked_at, b.id())));
        Ok(found)
    }

    fn key(&self, id: &str) -> String {
        format!("{}/{id}", self.chat)
    }
}

fn json(job: &Job) -> Vec<u8> {
    // Plain data with string keys always has a JSON form.
    serde_json::to_vec(job).unwrap_or_default()
}
