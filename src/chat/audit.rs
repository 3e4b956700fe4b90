//! Who asked what, when, and which answer came: written as it happens, read by `calltriage audit`. Nothing that a
//! chat can say changes or removes an entry.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::request::Request;
use crate::store::{Expected, Op, Store, StoreError};

/// The audit log lies there, by time.
pub const NS: &str = "audit";

/// As long as disputes take, and then some.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(400 * 24);

const PAGE: usize = 200;

/// The audit log.
#[derive(Debug, Clone)]
pub struct Audit {
    store: Store,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was asked.
    pub at: Timestamp,
    /// The chat, as in "slack".
    pub chat: String,
    /// Who asked, by the chat's id.
    pub user: String,
    /// Where, by the chat's id.
    pub channel: String,
    /// The command by its name.
    pub command: String,
    /// What was asked, as it was written.
    pub said: String,
    /// The id of the request.
    pub request: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what", content = "which")]
pub enum Outcome {
    /// It was answered, with this investigation where there was one.
    Answered(Option<String>),
    /// It was refused, with this sentence.
    Denied(String),
    /// It could not be answered, for this reason.
    Failed(String),
}

impl Outcome {
    /// The word for it in numbers.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Answered(_) => "answered",
            Outcome::Denied(_) => "denied",
            Outcome::Failed(_) => "failed",
        }
    }
}

impl Entry {
    /// The change that adds it: a request has one, so that what a dead process wrote of it is replaced. It goes into
    /// the same step as what it tells of.
    #[must_use]
    pub fn added(&self, now: Timestamp) -> Op {
        let at = self.at.as_microsecond();
        let key = format!("{at:020}/{}/{}", self.chat, self.request);
        // Plain data with string keys always has a JSON form.
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        Op::put(NS, &key, Expected::Any, bytes).expiring(now.checked_add(KEPT_FOR).ok())
    }

    /// What came of a request to use this command; of one that names none the command is empty.
    #[must_use]
    pub fn of(request: &Request, command: &str, outcome: Outcome) -> Entry {
        Entry {
            at: request.asked_at,
            chat: request.asker.chat.clone(),
            user: request.asker.user.clone(),
            channel: request.place.channel.clone(),
            command: command.to_owned(),
            said: request.said.clone(),
            request: request.id.clone(),
            outcome,
        }
    }
}

impl Audit {
    /// The log in this store.
    #[must_use]
    pub fn new(store: Store) -> Audit {
        Audit { store }
    }

    /// The newest `most` entries, the newest first.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn newest(&self, most: usize, now: Timestamp) -> Result<Vec<Entry>, StoreError> {
        let mut found = std::collections::VecDeque::new();
        let mut after: Option<String> = None;
        loop {
            let page = self.store.scan(NS, "", after.as_deref(), PAGE, now).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            let read = page.into_iter().filter_map(|entry| entry.stored.ok());
            for entry in read.filter_map(|it| serde_json::from_slice::<Entry>(&it.bytes).ok()) {
                if found.len() >= most {
                    found.pop_front();
                }
                found.push_back(entry);
            }
        }
        Ok(found.into_iter().rev().collect())
    }
}
