//! Brings the tables to what this program needs, one step after another and never back. Knows no values.

use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::connection::failed;
use crate::store::StoreError;

/// What was ever done to the tables, in order. A step that was released is never changed.
const STEPS: &[&str] = &[include_str!("0001_entries.sql")];

/// Held while the tables are changed, so that replicas that start together take turns. Any number that nobody else
/// uses; these are the bytes of "calltria".
const LOCK: i64 = 0x6361_6c6c_7472_6961;

const LEDGER: &str = "create table if not exists calltriage_migrations (
    number integer primary key,
    applied_at timestamptz not null default now()
)";

/// Takes the steps that this database lacks: all of them or none.
///
/// # Errors
/// `Unavailable` where a newer program has changed the tables, or the user may not.
pub(super) async fn bring_up(client: &mut Client) -> Result<(), StoreError> {
    let known = i32::try_from(STEPS.len()).unwrap_or(i32::MAX);
    let changing = client.transaction().await.map_err(failed)?;
    changing
        .query_typed("select pg_advisory_xact_lock($1)", &[(&LOCK, Type::INT8)])
        .await
        .map_err(failed)?;
    changing.batch_execute(LEDGER).await.map_err(failed)?;
    let newest = "select coalesce(max(number), 0) from calltriage_migrations";
    let row = changing.query_typed_one(newest, &[]).await;
    let reached: i32 = row.and_then(|row| row.try_get(0)).map_err(failed)?;
    if reached > known {
        return Err(StoreError::Unavailable(format!(
            "a newer calltriage has changed the database (step {reached}, this one knows {known}); start that one"
        )));
    }
    let missing = (1..).zip(STEPS).filter(|(number, _)| *number > reached);
    for (number, step) in missing {
        changing.batch_execute(step).await.map_err(failed)?;
        let done = "insert into calltriage_migrations (number) values ($1)";
        let number: i32 = number;
        changing
            .execute_typed(done, &[(&number, Type::INT4)])
            .await
            .map_err(failed)?;
    }
    changing.commit().await.map_err(failed)
}
