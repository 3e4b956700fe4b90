//! PostgreSQL as the engine: one store for several processes on several machines. Keeps keys and bytes, like the
//! embedded engine, and promises the same.
//!
//! Expiry has the microseconds of PostgreSQL; what is finer is cut off.

mod apply;
mod connection;
mod migrations;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use self::apply::{Refused, unsigned};
use self::connection::{Pool, failed};
use super::error::StoreError;
use super::lifetimes::Lifetimes;
use super::limits::MAX_APPLY_BYTES;
use super::place::Server;
use super::replica::Replica;
use super::value::{Entry, Op, Stored};

/// A server that is alive answers sooner, waiting for other replicas included.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// How often an apply is begun anew that others were in the way of.
const TRIES: usize = 5;

/// How many expired values one sweep removes.
const SWEEP_ROWS: i64 = 500;

const GET: &str = "select value, version, expires_at from calltriage_entries \
                   where ns = $1 and key = $2 and (expires_at is null or expires_at > $3)";

/// Values are only counted before they are read: a page of large ones never comes whole.
const SCAN: &str = "\
    select key, value, version, expires_at from ( \
        select *, sum(octet_length(value)) over (order by key) as bytes, row_number() over (order by key) as nth \
        from ( \
            select key, value, version, expires_at from calltriage_entries \
            where ns = $1 and key >= $2 and ($3::bytea is null or key < $3) and ($4::bytea is null or key > $4) \
                and (expires_at is null or expires_at > $5) \
            order by key limit $6 \
        ) found \
    ) counted \
    where bytes <= $7 or nth = 1 order by key";

/// Some namespaces have a clock of their own.
const SWEEP: &str = "\
    delete from calltriage_entries where ctid = any (array( \
        select e.ctid from calltriage_entries e \
        left join unnest($3::text[], $4::timestamptz[]) as own (ns, now) on own.ns = e.ns \
        where e.expires_at <= coalesce(own.now, $1) limit $2 for update of e skip locked))";

/// A store on a PostgreSQL server.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    pool: Arc<Pool>,
    lifetimes: Arc<Lifetimes>,
    /// Who this process is among those that share the store. A command that answers once is nobody.
    replica: Option<Arc<Replica>>,
}

impl PostgresStore {
    /// Connects, and brings the tables to what this program needs.
    ///
    /// # Errors
    /// `Unavailable` when the server cannot be used.
    pub(super) async fn open(
        server: &Server,
        lifetimes: Lifetimes,
    ) -> Result<PostgresStore, StoreError> {
        let pool = Pool::new(server)?;
        let mut connection = pool.get().await?;
        migrations::bring_up(&mut connection.client).await?;
        connection.give_back();
        Ok(PostgresStore {
            pool: Arc::new(pool),
            lifetimes: Arc::new(lifetimes),
            replica: None,
        })
    }

    /// The same store for a process that takes part in the work.
    ///
    /// # Errors
    /// `Unavailable` when the others cannot be told.
    pub(super) async fn taking_part(self) -> Result<PostgresStore, StoreError> {
        let replica = Replica::begin(self.clone()).await?;
        Ok(PostgresStore {
            replica: Some(replica),
            ..self
        })
    }

    pub(super) fn replica(&self) -> Option<&Replica> {
        self.replica.as_deref()
    }

    /// What time it is on the server: the same for all that share it.
    pub(super) async fn clock(&self) -> Result<Timestamp, StoreError> {
        in_time(async {
            let connection = self.pool.get().await?;
            let row = connection
                .client
                .query_typed_one("select clock_timestamp()", &[])
                .await;
            let time = row.and_then(|row| row.try_get(0)).map_err(failed)?;
            connection.give_back();
            Ok(time)
        })
        .await
    }

    pub(super) async fn get(
        &self,
        ns: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Stored>, StoreError> {
        in_time(async {
            let connection = self.pool.get().await?;
            let (key, now) = (key.as_bytes(), self.lifetimes.clock(ns, now));
            let row = connection
                .client
                .query_typed_opt(
                    GET,
                    &[
                        (&ns, Type::TEXT),
                        (&key, Type::BYTEA),
                        (&now, Type::TIMESTAMPTZ),
                    ],
                )
                .await
                .map_err(failed)?;
            connection.give_back();
            row.map(|row| stored(&row, 0).map_err(failed)).transpose()
        })
        .await
    }

    pub(super) async fn scan(
        &self,
        ns: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        in_time(async {
            let connection = self.pool.get().await?;
            let (first, end) = (prefix.as_bytes(), behind(prefix));
            let (after, now) = (after.map(str::as_bytes), self.lifetimes.clock(ns, now));
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let most = i64::try_from(MAX_APPLY_BYTES).unwrap_or(i64::MAX);
            let rows = connection
                .client
                .query_typed(
                    SCAN,
                    &[
                        (&ns, Type::TEXT),
                        (&first, Type::BYTEA),
                        (&end, Type::BYTEA),
                        (&after, Type::BYTEA),
                        (&now, Type::TIMESTAMPTZ),
                        (&limit, Type::INT8),
                        (&most, Type::INT8),
                    ],
                )
                .await
                .map_err(failed)?;
            connection.give_back();
            rows.iter().map(|row| entry(ns, row)).collect()
        })
        .await
    }

    pub(super) async fn apply(&self, ops: Vec<Op>, now: Timestamp) -> Result<u64, StoreError> {
        in_time(async {
            let mut tries = 0;
            loop {
                tries += 1;
                let mut connection = self.pool.get().await?;
                match apply::apply(&mut connection.client, &ops, &self.lifetimes, now).await {
                    Ok(number) => {
                        connection.give_back();
                        return Ok(number);
                    }
                    Err(Refused::For(error)) => {
                        if matches!(error, StoreError::Conflict { .. }) {
                            connection.give_back();
                        }
                        return Err(error);
                    }
                    Err(Refused::InTheWay(error)) if tries == TRIES => return Err(error),
                    Err(Refused::InTheWay(_)) => {}
                }
            }
        })
        .await
    }

    pub(super) async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        in_time(async {
            let connection = self.pool.get().await?;
            let (spaces, clocks) = self.lifetimes.clocks(now);
            let swept = connection
                .client
                .execute_typed(
                    SWEEP,
                    &[
                        (&now, Type::TIMESTAMPTZ),
                        (&SWEEP_ROWS, Type::INT8),
                        (&spaces, Type::TEXT_ARRAY),
                        (&clocks, Type::TIMESTAMPTZ_ARRAY),
                    ],
                )
                .await
                .map_err(failed)?;
            connection.give_back();
            Ok(swept)
        })
        .await
    }
}

/// Ends what a server that has gone silent would never end.
async fn in_time<T>(asking: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let silent = |_| {
        let within = ANSWER_WITHIN.as_secs();
        StoreError::Unavailable(format!("PostgreSQL did not answer within {within} s"))
    };
    timeout(ANSWER_WITHIN, asking).await.map_err(silent)?
}

/// The value in a row from this column on.
fn stored(row: &Row, first: usize) -> Result<Stored, tokio_postgres::Error> {
    Ok(Stored {
        bytes: Bytes::from(row.try_get::<_, Vec<u8>>(first)?),
        version: unsigned(row.try_get(first + 1)?),
        expires_at: row.try_get(first + 2)?,
    })
}

fn entry(ns: &str, row: &Row) -> Result<Entry, StoreError> {
    let key: Vec<u8> = row.try_get(0).map_err(failed)?;
    let key = String::from_utf8(key)
        .map_err(|_| StoreError::Corrupt(format!("a key in {ns} is not text")))?;
    let stored = stored(row, 1).map_err(failed);
    Ok(Entry { key, stored })
}

/// The first bytes behind all keys with this prefix; nothing where all keys have it. UTF-8 has no byte 0xff.
fn behind(prefix: &str) -> Option<Vec<u8>> {
    let mut end = prefix.as_bytes().to_vec();
    *end.last_mut()? += 1;
    Some(end)
}
