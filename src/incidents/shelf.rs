//! What must survive a restart: incidents with their messages, mutes, watches set up in chats, what is usual, until when
//! the log was read, and alerts that were taken. Keeps and gives back; judges nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::answered::Answered;
use super::baseline::Baseline;
use super::board::Held;
use super::digest::Tally;
use super::mute::Mute;
use super::signal::Alert;
use super::watch::Watch;
use crate::store::{Claim, Expected, Leadership, Op, Outbox, Store, StoreError};

/// All of it lies there.
pub const NS: &str = "incidents";
const INCIDENT: &str = "i/";
const WATCH: &str = "w/";
const BASELINE: &str = "b/";
const MUTES: &str = "mutes";
const TALLY: &str = "tally";
const ALIVE: &str = "alive";
const DIGESTED: &str = "digested";
const ANSWERED: &str = "answered";

/// The queue of alerts that came in.
const QUEUE: &str = "hooks";

const PAGE: usize = 100;

/// The queue of what people asked of a process that does not keep incidents itself.
const WISHES: &str = "wishes";

/// So many alerts are taken out at once.
const AT_ONCE: usize = 500;

/// How long an alert that was taken out is nobody else's: it is taken in at once, or the process died.
const HOLD: Duration = Duration::from_secs(5);

/// When the program last ran, and how far it had read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alive {
    /// When it last said so.
    pub at: Timestamp,
    /// Until when the log was read.
    pub until: Option<Timestamp>,
}

/// What a person asked of a process that does not keep incidents itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wish {
    /// Somebody takes note of an incident.
    Acknowledge {
        /// The incident.
        incident: String,
        /// Who.
        by: String,
    },
    /// Somebody does not want to hear of something.
    Mute(Mute),
    /// Somebody wants to hear of it again.
    Unmute {
        /// The id or target of the mute, in words.
        what: String,
    },
    /// Something more is to be watched.
    Watch(Watch),
    /// Something is to be watched no longer.
    Unwatch(String),
}

/// Everything that was kept.
#[derive(Debug, Default)]
pub struct Kept {
    /// The incidents.
    pub held: Vec<Held>,
    /// The mutes.
    pub mutes: Vec<Mute>,
    /// The watches that were set up in chats.
    pub watches: Vec<Watch>,
    /// What is usual, by watch.
    pub baselines: BTreeMap<String, Baseline>,
    /// What was counted for digests.
    pub tally: Tally,
    /// When the program last ran.
    pub alive: Option<Alive>,
    /// Which platforms' records hold answered calls only.
    pub answered: Answered,
}

/// Incidents in a store.
#[derive(Debug, Clone)]
pub struct Shelf {
    store: Store,
}

impl Shelf {
    /// In this store.
    #[must_use]
    pub fn new(store: Store) -> Shelf {
        Shelf { store }
    }

    /// Whether this process does what only one may do at a time.
    #[must_use]
    pub fn leadership(&self) -> Leadership {
        self.store.leadership()
    }

    /// Everything that was kept. What cannot be read any more is left out.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn read(&self, now: Timestamp) -> Result<Kept, StoreError> {
        let mut held: Vec<(String, Held)> = self.all(INCIDENT, now).await?;
        held.sort_by_key(|(_, it)| it.incident.opened);
        Ok(Kept {
            held: held.into_iter().map(|(_, it)| it).collect(),
            mutes: self.one(MUTES, now).await?.unwrap_or_default(),
            watches: self
                .all(WATCH, now)
                .await?
                .into_iter()
                .map(|(_, it)| it)
                .collect(),
            baselines: self.all(BASELINE, now).await?.into_iter().collect(),
            tally: self.one(TALLY, now).await?.unwrap_or_default(),
            alive: self.one(ALIVE, now).await?,
            answered: self.one(ANSWERED, now).await?.unwrap_or_default(),
        })
    }

    async fn one<T: DeserializeOwned>(
        &self,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<T>, StoreError> {
        let stored = self.store.get(NS, key, now).await?;
        Ok(stored.and_then(|it| serde_json::from_slice(&it.bytes).ok()))
    }

    async fn all<T: DeserializeOwned>(
        &self,
        prefix: &str,
        now: Timestamp,
    ) -> Result<Vec<(String, T)>, StoreError> {
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self
                .store
                .scan(NS, prefix, after.as_deref(), PAGE, now)
                .await?;
            let Some(last) = page.last() else {
                return Ok(found);
            };
            after = Some(last.key.clone());
            for entry in page {
                let name = entry
                    .key
                    .strip_prefix(prefix)
                    .unwrap_or(&entry.key)
                    .to_owned();
                let read = entry
                    .stored
                    .ok()
                    .and_then(|it| serde_json::from_slice(&it.bytes).ok());
                match read {
                    Some(value) => found.push((name, value)),
                    None => tracing::warn!(
                        key = entry.key,
                        "something of incidents cannot be read and is left out"
                    ),
                }
            }
        }
    }

    /// Carries out changes together.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn apply(&self, ops: Vec<Op>, now: Timestamp) -> Result<(), StoreError> {
        if ops.is_empty() {
            return Ok(());
        }
        self.store.apply(ops, now).await.map(|_| ())
    }

    /// The change that keeps an incident; or that forgets it, where there is none of the id.
    #[must_use]
    pub fn incident(id: &str, held: Option<&Held>) -> Op {
        let key = format!("{INCIDENT}{id}");
        match held {
            Some(held) => put(&key, held),
            None => Op::delete(NS, &key, Expected::Any),
        }
    }

    /// The change that keeps all mutes.
    #[must_use]
    pub fn mutes(mutes: &[Mute]) -> Op {
        put(MUTES, &mutes)
    }

    /// The change that keeps a watch, or forgets it.
    #[must_use]
    pub fn watch(name: &str, watch: Option<&Watch>) -> Op {
        let key = format!("{WATCH}{name}");
        match watch {
            Some(watch) => put(&key, watch),
            None => Op::delete(NS, &key, Expected::Any),
        }
    }

    /// The changes that keep what is usual.
    #[must_use]
    pub fn usual(baselines: &BTreeMap<String, Baseline>, tally: &Tally) -> Vec<Op> {
        let baselines = baselines
            .iter()
            .map(|(name, it)| put(&format!("{BASELINE}{name}"), it));
        baselines.chain([put(TALLY, tally)]).collect()
    }

    /// The change that says that the program runs.
    #[must_use]
    pub fn alive(alive: Alive) -> Op {
        put(ALIVE, &alive)
    }

    /// The change that keeps which platforms' records hold answered calls only.
    #[must_use]
    pub fn answered(answered: &Answered) -> Op {
        put(ANSWERED, answered)
    }

    /// When the last digest of a channel was posted.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn digested(
        &self,
        channel: &str,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.one(&format!("{DIGESTED}/{channel}"), now).await
    }

    /// The change that notes a digest.
    #[must_use]
    pub fn digest(channel: &str, at: Timestamp) -> Op {
        put(&format!("{DIGESTED}/{channel}"), &at)
    }

    /// Keeps alerts until they are taken in: when it returns they are safe.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn push(&self, id: &str, alerts: &[Alert], now: Timestamp) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(alerts).unwrap_or_default();
        let op = Outbox::new(QUEUE).push(id, Bytes::from(bytes), now)?;
        match self.store.apply(vec![op], now).await {
            // The same again is there already.
            Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Keeps what somebody wishes until the process that leads has done it.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn wish(&self, wish: &Wish, now: Timestamp) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(wish).unwrap_or_default();
        let id = format!("{:020}-{:08x}", now.as_microsecond(), fastrand::u32(..));
        let op = Outbox::new(WISHES).push(&id, Bytes::from(bytes), now)?;
        self.apply(vec![op], now).await
    }

    /// What people wish, in order, each with the change that says that it was done; nothing where it cannot be read.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn wishes(&self, now: Timestamp) -> Result<Vec<(Option<Wish>, Op)>, StoreError> {
        let outbox = Outbox::new(WISHES);
        let claims = outbox.claim(&self.store, AT_ONCE, HOLD, now).await?;
        let read = |claim: &Claim| {
            (
                serde_json::from_slice(&claim.payload).ok(),
                outbox.ack(claim),
            )
        };
        Ok(claims.taken.iter().map(read).collect())
    }

    /// The alerts that wait, and the changes that say that they were taken in.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn waiting(&self, now: Timestamp) -> Result<(Vec<Alert>, Vec<Op>), StoreError> {
        let outbox = Outbox::new(QUEUE);
        let claims = outbox.claim(&self.store, AT_ONCE, HOLD, now).await?;
        let read = |claim: &Claim| {
            serde_json::from_slice::<Vec<Alert>>(&claim.payload).unwrap_or_default()
        };
        let alerts = claims.taken.iter().flat_map(read).collect();
        Ok((
            alerts,
            claims.taken.iter().map(|it| outbox.ack(it)).collect(),
        ))
    }
}

fn put<T: Serialize + ?Sized>(key: &str, value: &T) -> Op {
    // Plain data with string keys always has a JSON form.
    Op::put(
        NS,
        key,
        Expected::Any,
        serde_json::to_vec(value).unwrap_or_default(),
    )
}
