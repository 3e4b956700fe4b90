//! Requests on their way to an answer, in the store: accepted once, and never forgotten before they are answered.
//! Answers none.
//!
//! Where several processes share the store, each job names the one that carries it out. It is free again once that one
//! counts as dead; who takes it writes it anew, and so the version changes without which its former holder can write
//! nothing of it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::request::Request;
use crate::store::{Expected, Op, Store, StoreError};

/// Requests that still need an answer.
pub const OPEN: &str = "jobs";

/// Requests that came in, answered or not, so that a redelivery is known.
pub const SEEN: &str = "jobs-seen";

/// Requests that were answered so far as could be, and whose true answer waits for a platform.
pub const LATE: &str = "jobs-late";

/// Offers that were taken, each with the job that took it.
pub const OFFERS: &str = "offers-taken";

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
    /// Which process carries it out, where several may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    holder: Option<String>,
    /// As what it stands among the open ones; nothing where it does not.
    #[serde(skip)]
    version: Option<u64>,
    /// Whether nothing of it is kept any more, because the store cannot be written.
    #[serde(skip)]
    is_unkept: bool,
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
    /// A request whose answer is so far, which stands in no store.
    #[must_use]
    pub fn new(request: Request, stage: Stage) -> Job {
        Job {
            request,
            stage,
            holder: None,
            version: None,
            is_unkept: false,
        }
    }

    /// The same, of which nothing is kept from now on.
    #[must_use]
    pub fn unkept(self) -> Job {
        Job {
            is_unkept: true,
            ..self
        }
    }

    /// Whether what becomes of it is kept.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        !self.is_unkept
    }

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

    /// Whether other processes may take what this one leaves.
    #[must_use]
    pub fn are_shared(&self) -> bool {
        self.store.replica().is_some()
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
        let mut job = Job::new(request, Stage::Accepted);
        job.holder = self.store.replica().map(str::to_owned);
        let key = self.key(job.id());
        let seen = Op::put(SEEN, &key, Expected::Absent, Vec::new());
        let open = Op::put(OPEN, &key, Expected::Absent, json(&job));
        let ops = vec![seen.expiring(now.checked_add(REMEMBERED).ok()), open];
        match self.store.apply(ops, now).await {
            Ok(version) => {
                job.version = Some(version);
                Ok(Some(job))
            }
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
        let mut acting = Job {
            stage: Stage::Acting(standing),
            ..job.clone()
        };
        let mut ops = Vec::new();
        if let Some(offer) = &job.request.offer {
            let id = job.id().as_bytes().to_vec();
            let taken = Op::put(OFFERS, &self.key(offer), Expected::Absent, id);
            ops.push(taken.expiring(now.checked_add(REMEMBERED).ok()));
        }
        match self.write(&mut acting, ops, now).await {
            Ok(()) => {}
            Err(StoreError::Conflict { ns, .. }) if ns == OFFERS => {
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
        if job.is_unkept {
            return Ok(());
        }
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

    /// The jobs whose true answers waited when an earlier run ended, or another process died, the oldest first. They
    /// are this one's now.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn waiting(&self, now: Timestamp) -> Result<Vec<Job>, StoreError> {
        let mut found = self.taken(LATE, now).await?;
        for job in &mut found {
            job.version = None;
        }
        Ok(found)
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
        self.write(job, Vec::new(), now).await
    }

    /// Keeps a job as it is now together with other changes, unless another process has it.
    async fn write(
        &self,
        job: &mut Job,
        others: Vec<Op>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if job.is_unkept {
            return Ok(());
        }
        let put = |job: &Job| Op::put(OPEN, &self.key(job.id()), expected(job), json(job));
        job.holder = self.store.replica().map(str::to_owned);
        let ops = |job: &Job| [put(job)].into_iter().chain(others.clone()).collect();
        let written = match self.store.apply(ops(job), now).await {
            Err(StoreError::Conflict { ns, .. }) if ns == OPEN => {
                // A write of ours may have got through without our knowing.
                job.version = self.still_ours(job, now).await?;
                self.store.apply(ops(job), now).await
            }
            written => written,
        };
        job.version = Some(written?);
        Ok(())
    }

    /// As what a job stands among the open ones, if it is this process's.
    async fn still_ours(&self, job: &Job, now: Timestamp) -> Result<Option<u64>, StoreError> {
        let key = self.key(job.id());
        let Some(stored) = self.store.get(OPEN, &key, now).await? else {
            return Ok(None);
        };
        let holder = serde_json::from_slice::<Job>(&stored.bytes).map(|it| it.holder);
        match holder {
            Ok(holder) if holder.as_deref() == self.store.replica() => Ok(Some(stored.version)),
            _ => Err(StoreError::Conflict {
                ns: OPEN.to_owned(),
                key,
            }),
        }
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
        if job.is_unkept {
            return Ok(());
        }
        let key = self.key(job.id());
        let late = (!waits).then(|| Op::delete(LATE, &key, Expected::Any));
        let ops = |expected| {
            let open = Op::delete(OPEN, &key, expected);
            [open]
                .into_iter()
                .chain(known.clone())
                .chain(late.clone())
                .collect()
        };
        match self.store.apply(ops(expected(job)), now).await {
            Err(StoreError::Conflict { .. }) => {
                let again = match self.still_ours(job, now).await? {
                    Some(version) => Expected::Version(version),
                    // It is forgotten already, and what had to be known was written with that.
                    None => return Ok(()),
                };
                self.store.apply(ops(again), now).await.map(|_| ())
            }
            finished => finished.map(|_| ()),
        }
    }

    /// The jobs that an earlier run left, or another process that died, the oldest first. They are this one's now.
    /// Those that nobody waits for any more are dropped.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn left_over(&self, now: Timestamp) -> Result<Vec<Job>, StoreError> {
        let mut found = Vec::new();
        for job in self.taken(OPEN, now).await? {
            if now.duration_since(job.request.asked_at) > WORTH_ANSWERING {
                self.finish(&job, None, false, now).await?;
            } else {
                found.push(job);
            }
        }
        Ok(found)
    }

    /// The jobs of a namespace that nobody carries out, the oldest first; from now on this process does.
    async fn taken(&self, ns: &str, now: Timestamp) -> Result<Vec<Job>, StoreError> {
        let us = self.store.replica();
        let mut free = self.all(ns, now).await?;
        if us.is_some() && !free.is_empty() {
            let alive = self.store.alive().await?;
            free.retain(|job| job.holder.as_ref().is_none_or(|it| !alive.contains(it)));
        }
        let mut taken = Vec::new();
        for mut job in free {
            if us.is_some() {
                job.holder = us.map(str::to_owned);
                let op = Op::put(ns, &self.key(job.id()), expected(&job), json(&job));
                job.version = match self.store.apply(vec![op], now).await {
                    Ok(version) => Some(version),
                    // Another one was faster.
                    Err(StoreError::Conflict { .. }) => continue,
                    Err(error) => return Err(error),
                };
            }
            taken.push(job);
        }
        Ok(taken)
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
                let job = entry.stored.ok().and_then(|it| {
                    let mut job: Job = serde_json::from_slice(&it.bytes).ok()?;
                    job.version = Some(it.version);
                    Some(job)
                });
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

fn expected(job: &Job) -> Expected {
    job.version.map_or(Expected::Absent, Expected::Version)
}

fn json(job: &Job) -> Vec<u8> {
    // Plain data with string keys always has a JSON form.
    serde_json::to_vec(job).unwrap_or_default()
}
