//! How a process comes to its store: alone, or through the bot that already has it. Says what was
//! lost and sets a damaged database aside; never deletes one.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::Store;
use super::engine::{self, Check, Engine, Inspected};
use super::error::StoreError;
use super::generation::{self, Remembered};
use super::layout;
use super::place::Place;
use super::postgres::PostgresStore;
use super::sled_store::SledStore;
use super::socket::{self, RemoteStore};

/// How long a command that can answer without its history tries to get at it.
pub const PATIENCE_WITH_HISTORY: Duration = Duration::from_millis(500);

/// How long a command tries that is about the store and nothing else, however busy the bot is.
pub const PATIENCE_WITH_STORE: Duration = Duration::from_secs(10);

/// Between two tries. Locks are not announced, so there is nothing to wait for.
const RETRY_AFTER: Duration = Duration::from_millis(25);

/// sled's threads may hold its file a moment longer than its last user.
const SLED_LINGERS: Duration = Duration::from_millis(500);

/// An open store, and what has to be said about it.
#[derive(Debug)]
pub struct Opening {
    /// The store, ready for use.
    pub store: Store,
    /// What was lost or is damaged, for people.
    pub notice: Option<String>,
}

/// What a one-shot command got.
#[derive(Debug)]
pub struct Joined {
    /// The store, or nothing: then the command goes on without history.
    pub store: Option<Store>,
    /// What has to be said about that, for people.
    pub notice: Option<String>,
}

impl Store {
    /// Opens the store at `place` for a process that will work on what is in it, making it if there is none, and
    /// waits up to `patience` for another process to leave a folder. On a server the process is one of several.
    ///
    /// All of a folder is read once. When it is damaged or has lost acknowledged changes, the database is
    /// renamed to `sled.damaged-<now>`, an empty one takes its place, and the notice says so.
    ///
    /// # Errors
    /// `Unavailable` when another process keeps it, or the folder or the server cannot be used.
    pub async fn open(
        place: impl Into<Place>,
        now: Timestamp,
        patience: Duration,
    ) -> Result<Opening, StoreError> {
        let place = place.into();
        let dir: &Path = &place;
        if let Some(server) = place.server() {
            // For the socket: others on this machine see that the program runs. Where they cannot, it runs all the same.
            let made = make_folder(dir).map_err(|error| unusable(dir, &error));
            made.or_else(StoreError::unless_unwritable)?;
            let store = PostgresStore::open(server, place.lifetimes().clone()).await?;
            layout::bring_up(&Store::Postgres(store.clone()), layout::STEPS, now).await?;
            return Ok(Opening {
                store: Store::Postgres(store.taking_part().await?),
                notice: None,
            });
        }
        let until = Instant::now() + patience;
        loop {
            match try_open(&place, Check::Whole, now).await? {
                Some(opening) => {
                    layout::bring_up(&opening.store, layout::STEPS, now).await?;
                    opening.store.sweep_now_and_then();
                    return Ok(opening);
                }
                None if Instant::now() >= until => return Err(locked(dir)),
                None => tokio::time::sleep(RETRY_AFTER).await,
            }
        }
    }

    /// Gets a one-shot command to the store at `place`: asks the server, or the running bot, else opens the folder,
    /// else gives up after `patience` and says so. Never fails. It does not read the store through,
    /// as [`Store::open`] does; what is damaged says so when it is read.
    pub async fn open_or_join(
        place: impl Into<Place>,
        patience: Duration,
        now: Timestamp,
    ) -> Joined {
        let place = place.into();
        let dir: &Path = &place;
        if let Some(server) = place.server() {
            let opened = PostgresStore::open(server, place.lifetimes().clone()).await;
            return joined(opened.map(Store::Postgres), None, now).await;
        }
        let until = Instant::now() + patience;
        loop {
            match RemoteStore::connect(&socket::path_in(dir), patience).await {
                Ok(Some(remote)) => {
                    return Joined {
                        store: Some(Store::Remote(remote)),
                        notice: None,
                    };
                }
                Ok(None) => {}
                Err(error) => return without_history(&error),
            }
            match try_open(&place, Check::Head, now).await {
                Ok(Some(Opening { store, notice })) => return joined(Ok(store), notice, now).await,
                Ok(None) if Instant::now() >= until => return without_history(&locked(dir)),
                Ok(None) => tokio::time::sleep(RETRY_AFTER).await,
                Err(error) => return without_history(&error),
            }
        }
    }
}

/// What a command got that opened the store itself.
async fn joined(
    opened: Result<Store, StoreError>,
    notice: Option<String>,
    now: Timestamp,
) -> Joined {
    let brought_up = async {
        let store = opened?;
        layout::bring_up(&store, layout::STEPS, now).await?;
        Ok(store)
    };
    match brought_up.await {
        Ok(store) => Joined {
            store: Some(store),
            notice,
        },
        Err(error) => without_history(&error),
    }
}

fn without_history(error: &StoreError) -> Joined {
    Joined {
        store: None,
        notice: Some(format!("going on without history: {error}")),
    }
}

fn unusable(dir: &Path, error: &io::Error) -> StoreError {
    StoreError::unavailable(&format!("the folder {}", dir.display()), error)
}

fn locked(dir: &Path) -> StoreError {
    StoreError::Unavailable(format!(
        "another process has {} open and does not answer on its socket; try again when it is done",
        dir.display()
    ))
}

/// Nothing when another process has the store.
async fn try_open(
    place: &Place,
    check: Check,
    now: Timestamp,
) -> Result<Option<Opening>, StoreError> {
    let place = place.clone();
    tokio::task::spawn_blocking(move || open_blocking(&place, check, now))
        .await
        .unwrap_or_else(|error| {
            Err(StoreError::Corrupt(format!(
                "the database could not be opened: {error}"
            )))
        })
}

fn open_blocking(
    place: &Place,
    check: Check,
    now: Timestamp,
) -> Result<Option<Opening>, StoreError> {
    let dir: &Path = place;
    let unusable = |error| unusable(dir, &error);
    make_folder(dir).map_err(unusable)?;
    let Some(lock) = lock(dir).map_err(unusable)? else {
        return Ok(None);
    };
    let remembered = generation::read(dir).map_err(unusable)?;
    let acknowledged = match remembered {
        Remembered::Generation(it) => it,
        Remembered::Nothing | Remembered::Unreadable => 0,
    };

    let (found, notice) = match inspect(dir, check)? {
        Ok(found) => match complaint(&found, remembered) {
            None => (found, None),
            Some(Complaint::Tolerable(notice)) => (found, Some(notice)),
            Some(Complaint::Lost(why)) => {
                drop_quietly(found);
                start_afresh(dir, now, &why)?
            }
        },
        Err(why) => start_afresh(dir, now, &why)?,
    };
    let engine = Engine::start(dir, found, acknowledged, place.lifetimes().clone(), lock)?;
    Ok(Some(Opening {
        store: Store::Sled(SledStore::new(engine)),
        notice,
    }))
}

/// Only its owner may read the store: it holds calls and numbers.
fn make_folder(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => generation::sync_folder(parent),
        _ => generation::sync_folder(Path::new(".")),
    }
}

/// Our own lock, beside sled's: it is also held while a database is set aside, and it tells "in
/// use" from every other failure.
fn lock(dir: &Path) -> io::Result<Option<File>> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The outer failure is one of the machine (permissions, a full disk); the inner one is damage.
fn inspect(dir: &Path, check: Check) -> Result<Result<Inspected, String>, StoreError> {
    let until = Instant::now() + SLED_LINGERS;
    loop {
        let error = match catch_unwind(AssertUnwindSafe(|| engine::inspect(dir, check))) {
            Ok(Ok(found)) => return Ok(Ok(found)),
            Ok(Err(error)) => error,
            // It has already told the log where.
            Err(_panic) => return Ok(Err("the database cannot be read".to_owned())),
        };
        let sled::Error::Io(io_error) = &error else {
            return Ok(Err(engine::from_sled(error).to_string()));
        };
        if io_error.to_string().contains("could not acquire lock") {
            if Instant::now() >= until {
                return Err(engine::from_sled(error));
            }
            std::thread::sleep(RETRY_AFTER);
        } else if io_error.raw_os_error().is_some() {
            return Err(engine::from_sled(error));
        } else {
            // Not from the system: sled or std found the file shorter or other than it must be.
            return Ok(Err(error.to_string()));
        }
    }
}

enum Complaint {
    /// Worth a word, no reason to start afresh.
    Tolerable(String),
    /// Acknowledged changes are gone.
    Lost(String),
}

fn complaint(found: &Inspected, remembered: Remembered) -> Option<Complaint> {
    if let Remembered::Generation(acknowledged) = remembered
        && found.declared.generation < acknowledged
    {
        return Some(Complaint::Lost(format!(
            "{acknowledged} changes were acknowledged, the database knows of {}",
            found.declared.generation
        )));
    }
    if found.is_incomplete() {
        return Some(Complaint::Lost(format!(
            "it should hold {} values and holds {}, or older ones",
            found.declared.count, found.counted.count
        )));
    }
    if found.damaged > 0 {
        return Some(Complaint::Tolerable(format!(
            "{} of {} stored values are damaged; the others are fine",
            found.damaged, found.counted.count
        )));
    }
    (remembered == Remembered::Unreadable).then(|| {
        Complaint::Tolerable(
            "the store's generation file was damaged; whether its last changes are there \
             cannot be told"
                .to_owned(),
        )
    })
}

/// sled may also panic while it closes a damaged file.
fn drop_quietly(found: Inspected) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(found)));
}

/// Renames what is there and makes an empty database. The generation file stays as it is until the
/// new database has reached it: after a crash in between, the loss is said twice rather than never.
fn start_afresh(
    dir: &Path,
    now: Timestamp,
    why: &str,
) -> Result<(Inspected, Option<String>), StoreError> {
    let aside = set_aside(dir, now)
        .map_err(|error| StoreError::unavailable("setting the damaged database aside", &error))?;
    let found = inspect(dir, Check::Whole)?.map_err(StoreError::Corrupt)?;
    let notice = format!(
        "the store lost data ({why}); what is left of it is kept in {}, and the bot goes on with \
         an empty store",
        aside.display()
    );
    Ok((found, Some(notice)))
}

fn set_aside(dir: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let stamp = now.strftime("%Y%m%dT%H%M%SZ");
    let name = |number: u32| match number {
        0 => dir.join(format!("{}.damaged-{stamp}", engine::FOLDER)),
        _ => dir.join(format!("{}.damaged-{stamp}-{number}", engine::FOLDER)),
    };
    let aside = (0..1000)
        .map(name)
        .find(|path| !path.exists())
        .ok_or_else(|| io::Error::from(ErrorKind::AlreadyExists))?;
    fs::rename(dir.join(engine::FOLDER), &aside)?;
    generation::sync_folder(dir)?;
    Ok(aside)
}
