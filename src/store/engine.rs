//! sled, made durable and honest: blocking, one writer at a time. Does not decide what to do about
//! damage; it only finds it.
//!
//! sled's own `flush` is not durable: on Linux it calls `sync_file_range`, which does not commit the
//! file's length and block map. So the file is synced here after each flush, and only then is the
//! generation remembered and the apply acknowledged.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, RwLock};

use bytes::Bytes;
use jiff::Timestamp;
use sled::{Batch, Db, IVec};

use super::error::StoreError;
use super::generation;
use super::lifetimes::Lifetimes;
use super::limits::MAX_APPLY_BYTES;
use super::record::{self, Encoded, HEAD_KEY, Head, Header, RECORDS, piece_prefix, record_key};
use super::value::{Entry, Expected, Op, Stored};

/// The database's folder inside the store's.
pub(super) const FOLDER: &str = "sled";

/// What sled puts into a separate, never synced file begins at a quarter of this. The largest node
/// (twenty pieces, or an index of 256 long keys) stays well below.
const SEGMENT_BYTES: usize = 4 * 1024 * 1024;

/// sled would take a gigabyte.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// How many expired values one sweep removes.
const SWEEP_OPS: usize = 500;

/// sled with its folder, its lock and what it should contain.
#[derive(Debug)]
pub(super) struct Engine {
    db: Db,
    /// The same file as sled's, held open to sync it.
    file: File,
    /// The store's folder.
    dir: PathBuf,
    /// Readers see a batch whole or not at all; the writer has it alone.
    head: RwLock<Head>,
    /// The last generation that survives a power cut.
    durable: Mutex<u64>,
    /// How long what is kept.
    lifetimes: Lifetimes,
    /// Set when a write failed half way: memory and disk may differ, so nothing more is written.
    broken: AtomicBool,
    /// Held from before sled opens until after it has closed, hence the last field.
    _lock: File,
}

/// How closely a database is looked at when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// All of it is read once: right for the bot, which starts seldom and runs long.
    Whole,
    /// Only what it says of itself: right for a command that somebody waits for.
    Head,
}

/// A database that sled could open, and what is in it.
pub(super) struct Inspected {
    db: Db,
    /// What the last apply said would be there.
    pub declared: Head,
    /// What is there, as far as it was looked at.
    pub counted: Head,
    /// How many values fail their checksum.
    pub damaged: u64,
}

impl Inspected {
    /// Whether entries vanished or turned old. Damaged values alone do not count: they are named
    /// when they are read.
    pub fn is_incomplete(&self) -> bool {
        self.declared.count != self.counted.count
            || (self.damaged == 0 && self.declared.sum != self.counted.sum)
    }
}

/// Opens the database below `dir`, making it if there is none.
pub(super) fn inspect(dir: &Path, check: Check) -> Result<Inspected, sled::Error> {
    let db = sled::Config::new()
        .path(dir.join(FOLDER))
        .segment_size(SEGMENT_BYTES)
        .cache_capacity(CACHE_BYTES)
        .flush_every_ms(None)
        .open()?;
    let declared = match db.get(HEAD_KEY)? {
        None => Head::default(),
        Some(raw) => Head::decode(&raw).ok_or(sled::Error::Corruption { at: None, bt: () })?,
    };
    if check == Check::Head {
        return Ok(Inspected {
            db,
            declared,
            counted: declared,
            damaged: 0,
        });
    }
    let mut counted = Head {
        generation: declared.generation,
        ..Head::default()
    };
    let mut damaged = 0;
    for entry in db.scan_prefix(RECORDS) {
        let (key, raw) = entry?;
        counted.add(&key, &raw);
        damaged += u64::from(read_value(&db, &key, &raw).is_err());
    }
    Ok(Inspected {
        db,
        declared,
        counted,
        damaged,
    })
}

impl Engine {
    /// Starts to work with an inspected database, at `generation` or where it is, whichever is
    /// further, and makes all of that durable: sled syncs neither its settings nor its folders.
    pub fn start(
        dir: &Path,
        found: Inspected,
        generation: u64,
        lifetimes: Lifetimes,
        lock: File,
    ) -> Result<Self, StoreError> {
        let folder = dir.join(FOLDER);
        let opening = |error| StoreError::unavailable("opening the database", &error);
        let file = File::open(folder.join("db")).map_err(opening)?;
        let head = Head {
            generation: found.counted.generation.max(generation),
            ..found.counted
        };
        let engine = Engine {
            db: found.db,
            file,
            dir: dir.to_owned(),
            head: RwLock::new(head),
            durable: Mutex::new(0),
            lifetimes,
            broken: AtomicBool::new(false),
            _lock: lock,
        };
        if head != found.declared {
            engine
                .db
                .insert(HEAD_KEY, head.encode())
                .map_err(from_sled)?;
        }
        sync_tree(&folder).map_err(opening)?;
        generation::sync_folder(dir).map_err(opening)?;
        if head.generation > 0 {
            engine.make_durable(head.generation)?;
        }
        Ok(engine)
    }

    pub fn get(&self, ns: &str, key: &str, now: Timestamp) -> Result<Option<Stored>, StoreError> {
        let _whole = self.head.read().map_err(|_| broken())?;
        let now = self.lifetimes.clock(ns, now);
        let key = record_key(ns, key);
        let Some(raw) = self.db.get(&key).map_err(from_sled)? else {
            return Ok(None);
        };
        Ok(Some(read_value(&self.db, &key, &raw)?).filter(|it| !is_expired(it, now)))
    }

    pub fn scan(
        &self,
        ns: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        let _whole = self.head.read().map_err(|_| broken())?;
        let now = self.lifetimes.clock(ns, now);
        let first = record_key(ns, prefix);
        let name_at = record_key(ns, "").len();
        // The smallest key above `after` is `after` and a zero byte.
        let next = after.map(|after| [record_key(ns, after), vec![0]].concat());
        let start = next
            .filter(|next| *next > first)
            .unwrap_or_else(|| first.clone());

        let mut entries = Vec::new();
        let mut bytes = 0;
        for found in self.db.range(start..) {
            let (raw_key, raw) = found.map_err(from_sled)?;
            if !raw_key.starts_with(&first) || entries.len() >= limit {
                break;
            }
            let key = raw_key
                .get(name_at..)
                .and_then(|name| std::str::from_utf8(name).ok())
                .ok_or_else(|| StoreError::Corrupt(format!("a key in {ns} is not text")))?;
            let stored = read_value(&self.db, &raw_key, &raw);
            if stored.as_ref().is_ok_and(|it| is_expired(it, now)) {
                continue;
            }
            bytes += stored.as_ref().map_or(0, |it| it.bytes.len());
            if bytes > MAX_APPLY_BYTES && !entries.is_empty() {
                break;
            }
            entries.push(Entry {
                key: key.to_owned(),
                stored,
            });
        }
        Ok(entries)
    }

    /// Carries out each of these, all of its changes or none, and makes them durable together. The outcomes stand in
    /// the same order.
    pub fn apply_all(&self, round: &[(Vec<Op>, Timestamp)]) -> Vec<Result<u64, StoreError>> {
        let each = round.iter().map(|(ops, now)| self.apply(ops, *now));
        let mut outcomes: Vec<Result<u64, StoreError>> = each.collect();
        let newest = outcomes.iter().flatten().max().copied();
        if let Some(Err(error)) = newest.map(|newest| self.make_durable(newest)) {
            for outcome in outcomes.iter_mut().filter(|it| it.is_ok()) {
                *outcome = Err(error.clone());
            }
        }
        outcomes
    }

    /// Hands the changes to sled; they are not durable yet.
    fn apply(&self, ops: &[Op], now: Timestamp) -> Result<u64, StoreError> {
        let mut head = self.head.write().map_err(|_| broken())?;
        if !ops.is_empty() {
            let mut plan = Plan::new(&self.db, *head);
            for op in ops {
                plan.take(op, self.lifetimes.clock(op.ns(), now))?;
            }
            *head = self.commit(plan)?;
        }
        Ok(head.generation)
    }

    pub fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        let (swept, generation) = {
            let mut head = self.head.write().map_err(|_| broken())?;
            let mut plan = Plan::new(&self.db, *head);
            for found in self.db.scan_prefix(RECORDS) {
                let (key, raw) = found.map_err(from_sled)?;
                let its_now = self.lifetimes.clock(record::namespace(&key), now);
                if Header::decode(&raw).is_some_and(|(it, _)| it.is_expired(its_now)) {
                    plan.remove(key.to_vec(), &raw);
                }
                if plan.pending.len() >= SWEEP_OPS {
                    break;
                }
            }
            if plan.pending.is_empty() {
                return Ok(0);
            }
            let swept = plan.pending.len();
            *head = self.commit(plan)?;
            (swept, head.generation)
        };
        self.make_durable(generation)?;
        Ok(u64::try_from(swept).unwrap_or(u64::MAX))
    }

    /// Hands the planned changes to sled, all or nothing. The caller holds the writer's lock.
    fn commit(&self, plan: Plan<'_>) -> Result<Head, StoreError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(broken());
        }
        let (batch, head) = plan.finish()?;
        self.unless_broken(self.db.apply_batch(batch).map_err(from_sled))?;
        Ok(head)
    }

    /// Returns when `generation` survives a power cut. Whoever waits here meanwhile is served by
    /// the same sync.
    fn make_durable(&self, generation: u64) -> Result<(), StoreError> {
        let mut durable = self.durable.lock().map_err(|_| broken())?;
        if *durable >= generation {
            return Ok(());
        }
        if self.broken.load(Ordering::SeqCst) {
            return Err(broken());
        }
        let reached = self.head.read().map_err(|_| broken())?.generation;
        self.unless_broken(self.sync(reached))?;
        *durable = reached;
        Ok(())
    }

    fn sync(&self, generation: u64) -> Result<(), StoreError> {
        self.db.flush().map_err(from_sled)?;
        self.file
            .sync_all()
            .and_then(|()| generation::write(&self.dir, generation))
            .map_err(|error| StoreError::unavailable("writing to disk", &error))
    }

    fn unless_broken<T>(&self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        if outcome.is_err() {
            self.broken.store(true, Ordering::SeqCst);
        }
        outcome
    }
}

/// The changes of one apply, checked against what is there and against each other.
struct Plan<'a> {
    db: &'a Db,
    head: Head,
    /// What the changes so far leave under a key.
    pending: BTreeMap<Vec<u8>, Option<Encoded>>,
}

impl<'a> Plan<'a> {
    fn new(db: &'a Db, head: Head) -> Self {
        let head = Head {
            generation: head.generation + 1,
            ..head
        };
        Plan {
            db,
            head,
            pending: BTreeMap::new(),
        }
    }

    fn take(&mut self, op: &Op, now: Timestamp) -> Result<(), StoreError> {
        let key = record_key(op.ns(), op.key());
        let before = match self.pending.get(&key) {
            Some(pending) => pending.as_ref().map(|it| IVec::from(it.record.as_slice())),
            None => self.db.get(&key).map_err(from_sled)?,
        };
        let holds = match op.expected() {
            Expected::Any => true,
            Expected::Absent => live_version(before.as_deref(), now, op)?.is_none(),
            Expected::Version(it) => live_version(before.as_deref(), now, op)? == Some(it),
        };
        if !holds {
            return Err(op.conflict());
        }
        if matches!(op, Op::Check { .. }) {
            return Ok(());
        }
        if let Some(before) = before {
            self.remove(key.clone(), &before);
        }
        if let Op::Put {
            bytes, expires_at, ..
        } = op
        {
            let encoded = record::encode(&key, self.head.generation, *expires_at, bytes);
            self.head.add(&key, &encoded.record);
            self.pending.insert(key, Some(encoded));
        }
        Ok(())
    }

    fn remove(&mut self, key: Vec<u8>, record: &[u8]) {
        self.head.remove(&key, record);
        self.pending.insert(key, None);
    }

    fn finish(self) -> Result<(Batch, Head), StoreError> {
        let mut batch = Batch::default();
        for (key, after) in self.pending {
            for piece in self.db.scan_prefix(piece_prefix(&key)).keys() {
                batch.remove(piece.map_err(from_sled)?);
            }
            match after {
                None => batch.remove(key),
                Some(Encoded { record, pieces }) => {
                    batch.insert(key, record);
                    for (key, piece) in pieces {
                        batch.insert(key, piece);
                    }
                }
            }
        }
        batch.insert(HEAD_KEY, self.head.encode());
        Ok((batch, self.head))
    }
}

/// The version of a record that counts as present.
fn live_version(record: Option<&[u8]>, now: Timestamp, op: &Op) -> Result<Option<u64>, StoreError> {
    let Some(record) = record else {
        return Ok(None);
    };
    let (header, _) = Header::decode(record)
        .ok_or_else(|| StoreError::Corrupt(format!("{}/{}", op.ns(), op.key())))?;
    Ok(Some(header.version).filter(|_| !header.is_expired(now)))
}

fn is_expired(stored: &Stored, now: Timestamp) -> bool {
    stored.expires_at.is_some_and(|at| at <= now)
}

/// The value of a record, if it is what was written.
fn read_value(db: &Db, key: &[u8], record: &IVec) -> Result<Stored, StoreError> {
    let damaged = || {
        let name = String::from_utf8_lossy(key.get(2..).unwrap_or_default()).into_owned();
        StoreError::Corrupt(format!("the value of {name} fails its checksum"))
    };
    let (header, inline) = Header::decode(record).ok_or_else(damaged)?;
    let bytes = if header.is_in_pieces() {
        let mut whole = Vec::new();
        for piece in db.scan_prefix(piece_prefix(key)).values() {
            whole.extend_from_slice(&piece.map_err(from_sled)?);
        }
        Bytes::from(whole)
    } else {
        Bytes::copy_from_slice(inline)
    };
    if !header.matches(key, &bytes) {
        return Err(damaged());
    }
    Ok(Stored {
        bytes,
        version: header.version,
        expires_at: header.expires_at,
    })
}

/// Syncs every file and folder below `folder`.
fn sync_tree(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sync_tree(&path)?;
        } else {
            File::open(&path)?.sync_all()?;
        }
    }
    generation::sync_folder(folder)
}

pub(super) fn from_sled(error: sled::Error) -> StoreError {
    match error {
        sled::Error::Io(error) => StoreError::unavailable("the database's file", &error),
        sled::Error::Corruption { .. } => StoreError::Corrupt("the database's file".to_owned()),
        other => StoreError::Corrupt(other.to_string()),
    }
}

fn broken() -> StoreError {
    StoreError::Unavailable(
        "an earlier write failed; look at the disk and restart, what was acknowledged is safe"
            .to_owned(),
    )
}
