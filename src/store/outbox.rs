//! The outbox: what still has to be delivered, in order, across restarts. Built on the port; knows
//! no engine and delivers nothing itself.
//!
//! An entry goes in and out as an [`Op`], so that it can stand in one apply with the change that
//! calls for it. A claim ends by itself, so what a dead process had claimed comes up again.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::value::{Expected, Op, base64_bytes, from_json, to_json};
use super::{Store, StoreError};

const NS: &str = "outbox";
const PAGE: usize = 100;

/// One queue of things to deliver.
#[derive(Debug, Clone)]
pub struct Outbox {
    prefix: String,
}

/// An entry that is ours to deliver until the claim ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What it was pushed as.
    pub id: String,
    /// What is to be delivered.
    pub payload: Bytes,
    /// How often it has been claimed, this time included.
    pub attempts: u32,
    version: u64,
}

/// What a claim brought.
#[derive(Debug, Default)]
pub struct Claims {
    /// The entries that are ours now, in the order of their ids.
    pub taken: Vec<Claim>,
    /// The ids of entries that cannot be read and stay where they are.
    pub damaged: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    #[serde(with = "base64_bytes")]
    payload: Bytes,
    attempts: u32,
    /// Nobody may claim it before.
    not_before: Timestamp,
}

impl Outbox {
    /// Where all queues lie.
    pub const NS: &str = NS;

    /// The queue of that name. No name may be the beginning of another up to a slash.
    #[must_use]
    pub fn new(queue: &str) -> Self {
        Outbox {
            prefix: format!("{queue}/"),
        }
    }

    /// The change that adds an entry. Entries are claimed in the order of their ids. The same id
    /// again is a conflict: nothing is delivered twice because it was pushed twice.
    ///
    /// # Errors
    /// None that depend on the store.
    pub fn push(&self, id: &str, payload: Bytes, due: Timestamp) -> Result<Op, StoreError> {
        let envelope = Envelope {
            payload,
            attempts: 0,
            not_before: due,
        };
        Ok(Op::put(
            NS,
            &self.key(id),
            Expected::Absent,
            to_json(&envelope)?,
        ))
    }

    /// Takes up to `limit` entries that are due and that nobody else has, for `hold`.
    ///
    /// # Errors
    /// As [`Store::apply`], but never `Conflict`. What was taken before the error comes up again
    /// when its claim ends.
    pub async fn claim(
        &self,
        store: &Store,
        limit: usize,
        hold: Duration,
        now: Timestamp,
    ) -> Result<Claims, StoreError> {
        let until = now.saturating_add(hold).unwrap_or(Timestamp::MAX);
        let mut claims = Claims::default();
        let mut after: Option<String> = None;
        loop {
            let page = store
                .scan(NS, &self.prefix, after.as_deref(), PAGE, now)
                .await?;
            let Some(last) = page.last() else {
                return Ok(claims);
            };
            after = Some(last.key.clone());
            for entry in page {
                if claims.taken.len() >= limit {
                    return Ok(claims);
                }
                let id = entry
                    .key
                    .strip_prefix(&self.prefix)
                    .unwrap_or(&entry.key)
                    .to_owned();
                let readable = entry.stored.and_then(|stored| {
                    let envelope: Envelope = from_json(&id, &stored.bytes)?;
                    Ok((envelope, stored.version))
                });
                let Ok((mut envelope, version)) = readable else {
                    claims.damaged.push(id);
                    continue;
                };
                if envelope.not_before > now {
                    continue;
                }
                envelope.not_before = until;
                envelope.attempts = envelope.attempts.saturating_add(1);
                let expected = Expected::Version(version);
                let bytes = to_json(&envelope)?;
                match store
                    .put_if(NS, &entry.key, expected, bytes, None, now)
                    .await
                {
                    Ok(version) => claims.taken.push(Claim {
                        id,
                        payload: envelope.payload,
                        attempts: envelope.attempts,
                        version,
                    }),
                    Err(StoreError::Conflict { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }

    /// The change that removes a delivered entry. It conflicts when the claim had ended and
    /// somebody else took the entry.
    #[must_use]
    pub fn ack(&self, claim: &Claim) -> Op {
        Op::delete(NS, &self.key(&claim.id), Expected::Version(claim.version))
    }

    /// The change that gives an entry back, to be claimed again from `due` on.
    ///
    /// # Errors
    /// None that depend on the store.
    pub fn defer(&self, claim: &Claim, due: Timestamp) -> Result<Op, StoreError> {
        let envelope = Envelope {
            payload: claim.payload.clone(),
            attempts: claim.attempts,
            not_before: due,
        };
        let expected = Expected::Version(claim.version);
        Ok(Op::put(
            NS,
            &self.key(&claim.id),
            expected,
            to_json(&envelope)?,
        ))
    }

    fn key(&self, id: &str) -> String {
        format!("{}{id}", self.prefix)
    }
}
