//! One apply on PostgreSQL: the rows are locked in one order, the changes checked in their own, and all are written in
//! one transaction. Decides as the other engines do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Transaction};

use super::connection::failed;
use crate::store::StoreError;
use crate::store::lifetimes::Lifetimes;
use crate::store::value::{Expected, Op};

/// Always in the order of the keys, so that two applies wait for each other and never in a circle.
const LOCK: &str = "\
    select e.ns, e.key, e.version, e.expires_at \
    from unnest($1::text[], $2::bytea[]) as wanted (ns, key) \
    join calltriage_entries e on e.ns = wanted.ns and e.key = wanted.key \
    order by e.ns, e.key for update of e";

/// After the locks: of two applies to the same value the later one has the greater number.
const NUMBER: &str = "select nextval('calltriage_version')";

const INSERT: &str = "\
    insert into calltriage_entries (ns, key, value, expires_at, version) \
    select n.ns, n.key, n.value, n.expires_at, $5 \
    from unnest($1::text[], $2::bytea[], $3::bytea[], $4::timestamptz[]) as n (ns, key, value, expires_at) \
    order by n.ns, n.key on conflict (ns, key) ";

const UNLESS_THERE: &str = "do nothing returning ns, key";

const OR_REPLACE: &str = "do update set value = excluded.value, version = excluded.version, \
                          expires_at = excluded.expires_at";

const DELETE: &str = "\
    delete from calltriage_entries e using unnest($1::text[], $2::bytea[]) as n (ns, key) \
    where e.ns = n.ns and e.key = n.key";

/// Why it was not done.
pub(super) enum Refused {
    /// For a reason that stays.
    For(StoreError),
    /// Another one was in the way: the same again may work.
    InTheWay(StoreError),
}

impl From<tokio_postgres::Error> for Refused {
    fn from(error: tokio_postgres::Error) -> Refused {
        let in_the_way = [
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
        ];
        match error.code().is_some_and(|it| in_the_way.contains(it)) {
            true => Refused::InTheWay(failed(error)),
            false => Refused::For(failed(error)),
        }
    }
}

/// A value that an apply concerns.
#[derive(Default)]
struct Slot<'o> {
    /// The row that is there, whether it has expired or not.
    row: Option<(u64, Option<Timestamp>)>,
    /// What the changes so far leave.
    left: Option<Left<'o>>,
    /// Whether they rest on there being no row.
    wants_none: bool,
}

enum Left<'o> {
    Value(&'o [u8], Option<Timestamp>),
    Nothing,
}

impl Slot<'_> {
    /// Whether what is there now is as expected.
    fn is(&mut self, expected: Expected, now: Timestamp) -> bool {
        let is_live = |until: Option<Timestamp>| until.is_none_or(|at| at > now);
        // Nobody knows the number of what is written only now.
        let version = match &self.left {
            Some(Left::Nothing) => None,
            Some(Left::Value(_, until)) => is_live(*until).then_some(u64::MAX),
            None => self.row.filter(|it| is_live(it.1)).map(|it| it.0),
        };
        if expected == Expected::Absent && self.left.is_none() && self.row.is_none() {
            self.wants_none = true;
        }
        match expected {
            Expected::Any => true,
            Expected::Absent => version.is_none(),
            Expected::Version(it) => version == Some(it),
        }
    }
}

/// Carries out all of `ops` or none, and gives their number.
pub(super) async fn apply(
    client: &mut Client,
    ops: &[Op],
    lifetimes: &Lifetimes,
    now: Timestamp,
) -> Result<u64, Refused> {
    let mut slots: BTreeMap<(&str, &[u8]), Slot<'_>> = BTreeMap::new();
    for op in ops {
        slots.entry(place(op)).or_default();
    }
    let changing = client.transaction().await?;
    let version = lock(&changing, &mut slots).await?;
    for op in ops {
        let slot = slots.entry(place(op)).or_default();
        if !slot.is(op.expected(), lifetimes.clock(op.ns(), now)) {
            return give_up(changing, op.conflict()).await;
        }
        slot.left = match op {
            Op::Put {
                bytes, expires_at, ..
            } => Some(Left::Value(bytes, *expires_at)),
            Op::Delete { .. } => Some(Left::Nothing),
            Op::Check { .. } => slot.left.take(),
        };
    }
    if let Some(taken) = write(&changing, &slots, version).await? {
        let op = ops.iter().find(|op| place(op) == taken);
        let conflict = op.map_or_else(|| StoreError::Unavailable(String::new()), Op::conflict);
        return give_up(changing, conflict).await;
    }
    changing.commit().await?;
    Ok(version)
}

fn place(op: &Op) -> (&str, &[u8]) {
    (op.ns(), op.key().as_bytes())
}

/// Ends the transaction, so that the connection can be used again.
async fn give_up(changing: Transaction<'_>, why: StoreError) -> Result<u64, Refused> {
    changing.rollback().await?;
    Err(Refused::For(why))
}

/// Locks the rows that are there, and takes a number.
async fn lock<'o>(
    changing: &Transaction<'_>,
    slots: &mut BTreeMap<(&'o str, &'o [u8]), Slot<'o>>,
) -> Result<u64, Refused> {
    let (spaces, keys): (Vec<&str>, Vec<&[u8]>) = slots.keys().copied().unzip();
    let wanted: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 2] =
        [(&spaces, Type::TEXT_ARRAY), (&keys, Type::BYTEA_ARRAY)];
    // One after the other, without waiting in between.
    let (rows, number) = tokio::try_join!(
        changing.query_typed(LOCK, &wanted),
        changing.query_typed_one(NUMBER, &[])
    )?;
    // Both are in the same order.
    let mut slots = slots.iter_mut();
    for row in &rows {
        let its: (&str, &[u8]) = (row.try_get(0)?, row.try_get(1)?);
        if let Some((_, slot)) = slots.find(|(place, _)| **place == its) {
            slot.row = Some((unsigned(row.try_get(2)?), row.try_get(3)?));
        }
    }
    Ok(unsigned(number.try_get(0)?))
}

/// Writes what is left. Gives the place where somebody else wrote meanwhile what had to be absent.
async fn write<'o>(
    changing: &Transaction<'_>,
    slots: &BTreeMap<(&'o str, &'o [u8]), Slot<'o>>,
    version: u64,
) -> Result<Option<(&'o str, &'o [u8])>, Refused> {
    let version = i64::try_from(version).unwrap_or(i64::MAX);
    let mut gone: (Vec<&str>, Vec<&[u8]>) = Default::default();
    let (mut fresh, mut any) = (Rows::default(), Rows::default());
    for ((ns, key), slot) in slots {
        match &slot.left {
            Some(Left::Value(value, until)) => {
                let rows = match slot.wants_none {
                    true => &mut fresh,
                    false => &mut any,
                };
                rows.add(ns, key, value, *until);
            }
            Some(Left::Nothing) if slot.row.is_some() => {
                gone.0.push(ns);
                gone.1.push(key);
            }
            Some(Left::Nothing) | None => {}
        }
    }
    if !gone.0.is_empty() {
        let named: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 2] =
            [(&gone.0, Type::TEXT_ARRAY), (&gone.1, Type::BYTEA_ARRAY)];
        changing.execute_typed(DELETE, &named).await?;
    }
    any.insert(changing, OR_REPLACE, &version).await?;
    let written = fresh.insert(changing, UNLESS_THERE, &version).await?;
    if written.len() == fresh.keys.len() {
        return Ok(None);
    }
    let mut there: Vec<(&str, &[u8])> = Vec::new();
    for row in &written {
        there.push((row.try_get(0)?, row.try_get(1)?));
    }
    let mut wanted = slots.iter().filter(|(_, slot)| slot.wants_none);
    Ok(wanted
        .find(|(place, _)| !there.contains(place))
        .map(|(place, _)| *place))
}

/// Rows to write, a column each.
#[derive(Default)]
struct Rows<'o> {
    spaces: Vec<&'o str>,
    keys: Vec<&'o [u8]>,
    values: Vec<&'o [u8]>,
    untils: Vec<Option<Timestamp>>,
}

impl<'o> Rows<'o> {
    fn add(&mut self, ns: &'o str, key: &'o [u8], value: &'o [u8], until: Option<Timestamp>) {
        self.spaces.push(ns);
        self.keys.push(key);
        self.values.push(value);
        self.untils.push(until);
    }

    async fn insert(
        &self,
        changing: &Transaction<'_>,
        otherwise: &str,
        version: &i64,
    ) -> Result<Vec<tokio_postgres::Row>, Refused> {
        if self.keys.is_empty() {
            return Ok(Vec::new());
        }
        let columns: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 5] = [
            (&self.spaces, Type::TEXT_ARRAY),
            (&self.keys, Type::BYTEA_ARRAY),
            (&self.values, Type::BYTEA_ARRAY),
            (&self.untils, Type::TIMESTAMPTZ_ARRAY),
            (version, Type::INT8),
        ];
        let statement = format!("{INSERT}{otherwise}");
        Ok(changing.query_typed(&statement, &columns).await?)
    }
}

/// Numbers of the sequence begin at 1 and never come near the sign.
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
