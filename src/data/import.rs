//! Takes in what [`export`](super::export) wrote, while the bot runs: all of a file is looked at before any of it is
//! kept. Replaces nothing that is there.

use std::io::{self, BufRead};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;

use super::{Counts, End, Head, Line, VERSION, Value, kind_of};
use crate::store::{Expected, Op, Store, StoreError, layout};

/// Values written at once, and how many bytes of them.
const OPS: usize = 100;
const BYTES: usize = 2 * 1024 * 1024;

/// Why it was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// The file is not what is meant.
    #[error("line {0}: {1}")]
    Line(u64, String),
    /// It ends before its end.
    #[error(
        "the file is not whole: its last line is missing or counts otherwise; nothing was taken in"
    )]
    Cut,
    /// It cannot be read.
    #[error("the file cannot be read: {0}")]
    File(#[from] io::Error),
    /// The store cannot be written.
    #[error("{0}; what was taken in before stays, and the same command goes on from there")]
    Store(#[from] StoreError),
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// What is there now that was not.
    pub new: Counts,
    /// What was there already and stays as it was.
    pub there: Counts,
    /// What was over already.
    pub over: Counts,
}

/// Looks through a file: whether it is whole, and of which layout.
///
/// # Errors
/// What is wrong with it.
pub fn check(file: impl BufRead) -> Result<u32, NotTaken> {
    let mut lines = (1..).zip(file.lines());
    let wrong = |number, why: &str| NotTaken::Line(number, format!("{why}; nothing was taken in"));
    let (_, first) = lines.next().ok_or(NotTaken::Cut)?;
    let head: Head = serde_json::from_str(&first?)
        .map_err(|_| wrong(1, "this is no file that `calltriage export` wrote"))?;
    let ours = layout::of(layout::STEPS);
    if head.calltriage_export > VERSION || head.layout > ours {
        return Err(wrong(
            1,
            "a newer calltriage has written this file; use that one",
        ));
    }
    let (mut count, mut end) = (0, None);
    for (number, line) in lines {
        let line = line?;
        if end.is_some() {
            return Err(wrong(number, "something follows the end"));
        }
        if let Ok(it) = serde_json::from_str::<End>(&line) {
            end = Some(it.end);
            continue;
        }
        let read: Result<Line, _> = serde_json::from_str(&line);
        let Ok(read) = read else {
            return Err(wrong(number, "it cannot be read"));
        };
        if kind_of(&read.ns).is_none() {
            return Err(wrong(number, "it has a kind of thing that is not known"));
        }
        if bytes(read.value).is_none() {
            return Err(wrong(number, "its value cannot be read"));
        }
        count += 1;
    }
    match end == Some(count) {
        true => Ok(head.layout),
        false => Err(NotTaken::Cut),
    }
}

/// Takes in a file that was looked through, of this layout.
///
/// # Errors
/// Those of the store.
pub async fn import(
    store: &Store,
    file: impl BufRead,
    from: u32,
    now: Timestamp,
) -> Result<Taken, NotTaken> {
    let mut taken = Taken::default();
    let (mut batch, mut size) = (Vec::new(), 0);
    for (number, line) in (1..).zip(file.lines()) {
        let Ok(line) = serde_json::from_str::<Line>(&line?) else {
            // The first and the last line.
            continue;
        };
        let changed = || NotTaken::Line(number, "the file has changed meanwhile".to_owned());
        let kind = kind_of(&line.ns).ok_or_else(changed)?;
        if line.expires_at.is_some_and(|at| at <= now) {
            taken.over.add(kind, 1);
            continue;
        }
        if store.get(&line.ns, &line.key, now).await?.is_some() {
            taken.there.add(kind, 1);
            continue;
        }
        let value = bytes(line.value).ok_or_else(changed)?;
        let value = layout::brought_up(layout::STEPS, from, &line.ns, &value).unwrap_or(value);
        if batch.len() >= OPS || size + value.len() > BYTES {
            put(store, std::mem::take(&mut batch), &mut taken, now).await?;
            size = 0;
        }
        size += value.len();
        let op = Op::put(&line.ns, &line.key, Expected::Absent, value);
        batch.push((kind, op.expiring(line.expires_at)));
    }
    put(store, batch, &mut taken, now).await?;
    Ok(taken)
}

async fn put(
    store: &Store,
    batch: Vec<(&'static str, Op)>,
    taken: &mut Taken,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ops = batch.iter().map(|(_, op)| op.clone()).collect();
    match store.apply(ops, now).await {
        Ok(_) => batch.iter().for_each(|(kind, _)| taken.new.add(kind, 1)),
        // The bot wrote one of them meanwhile: each by itself.
        Err(StoreError::Conflict { .. }) => {
            for (kind, op) in batch {
                match store.apply(vec![op], now).await {
                    Ok(_) => taken.new.add(kind, 1),
                    Err(StoreError::Conflict { .. }) => taken.there.add(kind, 1),
                    Err(error) => return Err(error),
                }
            }
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

fn bytes(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::Text(text) => Some(text.into_bytes()),
        Value::Base64(text) => BASE64.decode(text).ok(),
    }
}
