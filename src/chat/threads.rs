//! What a thread is about: what was asked in it so far and which message has the answer, so that what is said in it
//! later joins. Kept in the store; reads no message.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::request::{Attached, Place};
use crate::store::{Expected, Op, Store, StoreError};

/// Threads lie there, by chat, channel and first message.
pub const NS: &str = "threads";

/// As long as the investigations in it.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// More than this is no question about calls any more.
const LONGEST: usize = 16 * 1024;

/// The threads of one chat.
#[derive(Debug, Clone)]
pub struct Threads {
    store: Store,
    chat: &'static str,
}

/// One thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// What was asked in it, joined.
    pub asked: String,
    /// The message that has the answer, by the platform's id.
    pub message: String,
    /// The investigation that the answer shows.
    pub investigation: String,
    /// The Call-IDs of its calls, all legs.
    #[serde(default)]
    pub call_ids: Vec<String>,
    /// The files that were handed over in it, still where the platform keeps them.
    #[serde(default)]
    pub files: Vec<Attached>,
}

impl Thread {
    /// The question with something more; nothing where it would grow without end. With files all Call-IDs of the case
    /// stand in it: a capture of the other side knows it by the one that was sent there.
    #[must_use]
    pub fn joined(&self, said: &str, with_files: bool) -> Option<String> {
        let ids = if with_files {
            self.call_ids.as_slice()
        } else {
            &[]
        };
        let ids = ids.iter().filter(|id| !self.asked.contains(id.as_str()));
        let more: Vec<&str> = ids.map(String::as_str).chain([said.trim()]).collect();
        let joined = format!("{} {}", self.asked, more.join(" "));
        let joined = joined.trim_end().to_owned();
        (joined.len() <= LONGEST).then_some(joined)
    }
}

impl Threads {
    /// The threads of this chat.
    #[must_use]
    pub fn new(store: Store, chat: &'static str) -> Threads {
        Threads { store, chat }
    }

    /// What the thread of this place is about; nothing for a channel, or where nothing was asked.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn at(&self, place: &Place, now: Timestamp) -> Result<Option<Thread>, StoreError> {
        let Some(thread) = &place.thread else {
            return Ok(None);
        };
        let key = self.key(&place.channel, thread);
        let stored = self.store.get(NS, &key, now).await?;
        Ok(stored.and_then(|it| serde_json::from_slice(&it.bytes).ok()))
    }

    /// Keeps what the thread that begins with the message `first` is about.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn keep(
        &self,
        channel: &str,
        first: &str,
        thread: &Thread,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // Plain data with string keys always has a JSON form.
        let bytes = serde_json::to_vec(thread).unwrap_or_default();
        let op = Op::put(NS, &self.key(channel, first), Expected::Any, bytes);
        let op = op.expiring(now.checked_add(KEPT_FOR).ok());
        self.store.apply(vec![op], now).await.map(|_| ())
    }

    fn key(&self, channel: &str, first: &str) -> String {
        format!("{}/{channel}/{first}", self.chat)
    }
}
