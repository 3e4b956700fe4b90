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

/// Requests that were answered so far as could be, and whose true answer waits for a platform.
const LATE: &str = "jobs-late";

/// Offers that were taken, each with the job that took it.
const OFFERS: &str = "offers-taken";

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

    /// Whether something with this id comes in for the first time; from now on it does not.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn is_new(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let seen = Op::put(SEEN, &self.key(id), Expected::Absent, Vec::new());
        let seen = seen.expiring(now.checked_add(REMEMBERED).ok());
        match self.store.apply(vec![seen], now).await {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Keeps that a job begins to change the world outside, and that it takes its offer. Says whether it may: not where
    /// another one took that offer.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn begin_acting(
        &self,
        job: &mut Job,
        standing: Standing,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let acting = Job {
            request: job.request.clone(),
            stage: Stage::Acting(standing),
        };
        let put = Op::put(OPEN, &self.key(job.id()), Expected::Any, json(&acting));
        let mut ops = vec![put];
        if let Some(offer) = &job.request.offer {
            let id = job.id().as_bytes().to_vec();
            let taken = Op::put(OFFERS, &self.key(offer), Expected::Absent, id);
            ops.push(taken.expiring(now.checked_add(REMEMBERED).ok()));
        }
        match self.store.apply(ops, now).await {
            Ok(_) => {}
            Err(StoreError::Conflict { .. }) => {
                let offer = job.request.offer.as_deref().unwrap_or_default();
                let taken = self.store.get(OFFERS, &self.key(offer), now).await?;
                // It may have been this one, in a try whose outcome the store could not tell: it has not acted yet.
                if taken.is_none_or(|it| it.bytes != job.id().as_bytes()) {
                    return Ok(false);
                }
            }
            Err(error) => return Err(error),
        }
        *job = acting;
        Ok(true)
    }

    /// Keeps that the true answer of a job waits for a platform.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn wait(&self, job: &Job, now: Timestamp) -> Result<(), StoreError> {
        let until = job.request.asked_at.checked_add(WORTH_ANSWERING).ok();
        let op = Op::put(LATE, &self.key(job.id()), Expected::Any, json(job));
        self.store.apply(vec![op.expiring(until)], now).await?;
        Ok(())
    }

    /// Forgets that the answer of a job waits.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn waits_no_more(&self, job: &Job, now: Timestamp) -> Result<(), StoreError> {
        let op = Op::delete(LATE, &self.key(job.id()), Expected::Any);
        self.store.apply(vec![op], now).await.map(|_| ())
    }

    /// The jobs whose true answers waited when an earlier run ended, the oldest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn waiting(&self, now: Timestamp) -> Result<Vec<Job>, StoreError> {
        self.all(LATE, now).await
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
    /// remembered, and, where that is said, that its true answer still waits.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn finish(
        &self,
        job: &Job,
        known: Option<Op>,
        waits: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let of = |ns| Op::delete(ns, &self.key(job.id()), Expected::Any);
        let late = (!waits).then(|| of(LATE));
        let ops = known.into_iter().chain([of(OPEN)]).chain(late).collect();
        self.store.apply(ops, now).await.map(|_| ())
    }

    /// The jobs that an earlier run left, the oldest first. Those that nobody waits for any more are dropped.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn left_over(&self, now: Timestamp) -> Result<Vec<Job>, StoreError> {
        let mut found = Vec::new();
        for job in self.all(OPEN, now).await? {
            if now.duration_since(job.request.asked_at) > WORTH_ANSWERING {
                self.finish(&job, None, false, now).await?;
            } else {
                found.push(job);
            }
        }
        Ok(found)
    }

    /// The jobs of a namespace, the oldest first.
    async fn all(&self, ns: &str, now: Timestamp) -> Result<Vec<Job>, StoreError> {
        let (prefix, mut after) = (format!("{}/", self.chat), None::<String>);
        let mut found: Vec<Job> = Vec::new();
        loop {
            let page = self
                .store
                .scan(ns, &prefix, after.as_deref(), PAGE, now)
                .await?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            for entry in page {
                let job = entry.stored.ok();
                let job = job.and_then(|it| serde_json::from_slice::<Job>(&it.bytes).ok());
                match job {
                    Some(job) => found.push(job),
                    None => tracing::error!(key = %entry.key, "a stored request cannot be read"),
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
