//! Leases: who may do a thing until when, and the fence that keeps out who has lost one without noticing. Built on the
//! port; knows no engine.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::value::{Expected, Op, from_json, to_json};
use super::{Store, StoreError};

const NS: &str = "lease";

/// A value a lease, written only when it changes hands: its version is the fencing number.
const FENCES: &str = "fence";

/// A lease that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Grows with every change of hands and stays the same while one holder renews: who shows a
    /// smaller one than was seen before has lost the lease without noticing.
    pub fencing: u64,
    /// When it ends unless renewed.
    pub until: Timestamp,
}

/// What a change carries that only the holder of a lease may make: once another one has it, the change is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence(Option<(&'static str, u64)>);

impl Fence {
    /// The fence of a lease that is held.
    #[must_use]
    pub fn of(name: &'static str, lease: Lease) -> Fence {
        Fence(Some((name, lease.fencing)))
    }

    /// Where nobody else can come.
    pub(super) fn open() -> Fence {
        Fence(None)
    }

    /// What goes into the apply; nothing where nobody else can come.
    #[must_use]
    pub fn op(&self) -> Option<Op> {
        let (name, fencing) = self.0?;
        Some(Op::check(FENCES, name, Expected::Version(fencing)))
    }

    /// Whether an apply was refused because the lease is another's now.
    #[must_use]
    pub fn is_lost(error: &StoreError) -> bool {
        matches!(error, StoreError::Conflict { ns, .. } if ns == FENCES)
    }
}

/// What is stored. The record outlives the lease, so that the fencing number can only grow.
#[derive(Serialize, Deserialize)]
struct Record {
    holder: String,
    until: Timestamp,
    /// Absent in the record that took the lease: then that record's version is the number.
    fencing: Option<u64>,
}

impl Store {
    /// Takes or renews the lease `name` for `holder`; nothing when somebody else has it.
    ///
    /// # Errors
    /// As [`Store::apply`], but never `Conflict`.
    pub async fn lease(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let until = now.saturating_add(ttl).unwrap_or(Timestamp::MAX);
        let (expected, fencing) = match self.get(NS, name, now).await? {
            None => (Expected::Absent, None),
            Some(stored) => {
                let held: Record = from_json(&format!("the lease {name}"), &stored.bytes)?;
                let ours = held.holder == holder && held.until > now;
                if !ours && held.until > now {
                    return Ok(None);
                }
                let fencing = ours.then_some(held.fencing.unwrap_or(stored.version));
                (Expected::Version(stored.version), fencing)
            }
        };
        let record = Record {
            holder: holder.to_owned(),
            until,
            fencing,
        };
        let mut ops = vec![Op::put(NS, name, expected, to_json(&record)?)];
        if fencing.is_none() {
            ops.push(Op::put(FENCES, name, Expected::Any, Vec::new()));
        }
        match self.apply(ops, now).await {
            Ok(version) => Ok(Some(Lease {
                fencing: fencing.unwrap_or(version),
                until,
            })),
            Err(StoreError::Conflict { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gives the lease `name` back before it ends. Does nothing when `holder` no longer has it.
    ///
    /// # Errors
    /// As [`Store::apply`], but never `Conflict`.
    pub async fn release(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(stored) = self.get(NS, name, now).await? else {
            return Ok(());
        };
        let held: Record = from_json(&format!("the lease {name}"), &stored.bytes)?;
        if held.holder != holder || held.until <= now {
            return Ok(());
        }
        let record = Record { until: now, ..held };
        let expected = Expected::Version(stored.version);
        match self
            .put_if(NS, name, expected, to_json(&record)?, None, now)
            .await
        {
            Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
