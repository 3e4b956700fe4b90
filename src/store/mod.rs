//! What must survive a restart: one small port, two engines behind it. Knows keys and bytes, not what they mean.
//!
//! Everything is said in four operations: [`Store::get`], [`Store::scan`], [`Store::apply`] and
//! [`Store::sweep`]. Leases and the outbox are built on them and know no engine. Time is always a
//! parameter. A second process asks the first one over a Unix socket ([`socket`]), because the
//! embedded engine locks its folder; on PostgreSQL several processes share the work.

mod engine;
mod error;
mod forgetful;
mod generation;
pub mod layout;
mod lease;
mod lifetimes;
mod limits;
mod opening;
mod outbox;
mod place;
mod postgres;
mod record;
mod replica;
mod sled_store;
pub mod socket;
mod sweeping;
mod value;

pub use error::StoreError;
pub use forgetful::Forgetful;
pub use lease::{Fence, Lease};
pub use lifetimes::Lifetimes;
pub use limits::{MAX_APPLY_BYTES, MAX_KEY_BYTES, MAX_OPS, MAX_PAGE_ENTRIES};
pub use opening::{Joined, Opening, PATIENCE_WITH_HISTORY, PATIENCE_WITH_STORE};
pub use outbox::{Claim, Claims, Outbox};
pub use place::Place;
pub use postgres::PostgresStore;
pub use replica::Leadership;
pub use sled_store::SledStore;
pub use value::{Entry, Expected, Op, Stored};

use bytes::Bytes;
use jiff::Timestamp;

use socket::RemoteStore;

/// The store, whichever engine keeps it. Cheap to clone; clones are the same store.
#[derive(Debug, Clone)]
pub enum Store {
    /// sled in this process.
    Sled(SledStore),
    /// The store of the running bot, asked over its socket.
    Remote(RemoteStore),
    /// A PostgreSQL server, which other processes use too.
    Postgres(PostgresStore),
    /// Nothing: the disk takes nothing.
    Forgetful(Forgetful),
}

impl Store {
    /// A store that keeps nothing and says so, for a process that goes on without a disk that takes something.
    #[must_use]
    pub fn forgetful(why: StoreError) -> Store {
        Store::Forgetful(Forgetful::new(why))
    }

    /// Why nothing can be kept at the moment, where that is so as far as was seen; nothing where it can.
    #[must_use]
    pub fn trouble(&self) -> Option<StoreError> {
        match self {
            Store::Sled(it) => it.trouble(),
            Store::Forgetful(it) => Some(it.why()),
            // Who has the data says it.
            Store::Remote(_) | Store::Postgres(_) => None,
        }
    }

    /// The value under `key`, unless there is none or it has expired.
    ///
    /// # Errors
    /// `Corrupt` when the value fails its checksum; `Unavailable` when the engine cannot be asked.
    pub async fn get(
        &self,
        ns: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Stored>, StoreError> {
        limits::check_name(ns, key)?;
        match self {
            Store::Sled(it) => it.get(ns, key, now).await,
            Store::Remote(it) => it.get(ns, key, now).await,
            Store::Postgres(it) => it.get(ns, key, now).await,
            Store::Forgetful(_) => Ok(None),
        }
    }

    /// The entries of `ns` whose keys begin with `prefix` and come after `after`, in key order, at
    /// most `limit`. A page also ends early when it grows heavy: only an empty page is the last.
    /// A damaged value is an entry that says so; it does not hide the others.
    ///
    /// # Errors
    /// `Corrupt` when the engine cannot read on; `Unavailable` when it cannot be asked.
    pub async fn scan(
        &self,
        ns: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        limits::check_name(ns, prefix)?;
        let limit = limit.min(MAX_PAGE_ENTRIES);
        match self {
            Store::Sled(it) => it.scan(ns, prefix, after, limit, now).await,
            Store::Remote(it) => it.scan(ns, prefix, after, limit, now).await,
            Store::Postgres(it) => it.scan(ns, prefix, after, limit, now).await,
            Store::Forgetful(_) => Ok(Vec::new()),
        }
    }

    /// Carries out all of `ops` in order, or none of them. When it returns, they survive a power
    /// cut. The number is the version of every value written; it grows with each apply and is
    /// never used twice.
    ///
    /// # Errors
    /// `Conflict` when an expectation did not hold, `TooLarge` over a limit, `Unwritable` from a store that keeps
    /// nothing: nothing was changed.
    /// After `Unavailable`, and after `Unwritable` from others, the changes may have happened or not.
    pub async fn apply(&self, ops: Vec<Op>, now: Timestamp) -> Result<u64, StoreError> {
        limits::check_ops(&ops)?;
        match self {
            Store::Sled(it) => it.apply(ops, now).await,
            Store::Remote(it) => it.apply(ops, now).await,
            Store::Postgres(it) => it.apply(ops, now).await,
            Store::Forgetful(it) => Err(it.why()),
        }
    }

    /// Removes some values that have expired and says how many; 0 when none are left.
    ///
    /// # Errors
    /// As [`Store::apply`].
    pub async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        match self {
            Store::Sled(it) => it.sweep(now).await,
            Store::Remote(it) => it.sweep(now).await,
            Store::Postgres(it) => it.sweep(now).await,
            Store::Forgetful(_) => Ok(0),
        }
    }

    /// Writes one value if what is there is as `expected`, and returns its version.
    ///
    /// # Errors
    /// As [`Store::apply`].
    pub async fn put_if(
        &self,
        ns: &str,
        key: &str,
        expected: Expected,
        bytes: Bytes,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let op = Op::put(ns, key, expected, bytes).expiring(expires_at);
        self.apply(vec![op], now).await
    }

    /// Removes one value if what is there is as `expected`. What is absent already is no error.
    ///
    /// # Errors
    /// As [`Store::apply`].
    pub async fn delete_if(
        &self,
        ns: &str,
        key: &str,
        expected: Expected,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.apply(vec![Op::delete(ns, key, expected)], now)
            .await
            .map(|_| ())
    }
}
