//! Which processes share a store: who of them is alive, and which one leads. Says so in the store, over and over;
//! does none of the work.
//!
//! Time is the server's, so that the clocks of the machines need not agree. Whoever has not been heard of for
//! [`HEARD_WITHIN`] counts as dead: others take up its work, and its own later writes are refused, because each of
//! them names the version or the fencing number that it had.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::lease::{Fence, Lease};
use super::postgres::PostgresStore;
use super::sweeping::BETWEEN_SWEEPS;
use super::value::{Expected, Op};
use super::{Store, StoreError};

/// Where each process says that it lives.
const NS: &str = "replicas";

/// The lease of the one that does what only one may do.
const LEADER: &str = "leader";

/// Who says nothing for so long counts as dead.
const HEARD_WITHIN: Duration = Duration::from_secs(10);

/// How often each says that it lives. Two may be missed.
const BETWEEN_BEATS: Duration = Duration::from_secs(3);

/// One process among those that share a store.
#[derive(Debug)]
pub(super) struct Replica {
    id: String,
    leading: watch::Receiver<Option<Leading>>,
    leaving: Arc<Notify>,
    /// What says that it lives, until somebody waits for the end of that.
    living: Mutex<Option<JoinHandle<()>>>,
}

/// That this process leads.
#[derive(Debug, Clone, Copy)]
struct Leading {
    fence: Fence,
    /// By our own clock, which nobody sets.
    until: Instant,
}

/// Whether this process does what only one may do at a time.
#[derive(Debug, Clone)]
pub struct Leadership {
    /// Nothing where no other process can have the store.
    leading: Option<watch::Receiver<Option<Leading>>>,
}

impl Leadership {
    /// What each change has to carry that only the leader may make; nothing while another process leads.
    #[must_use]
    pub fn fence(&self) -> Option<Fence> {
        match &self.leading {
            None => Some(Fence::open()),
            Some(leading) => {
                let leading = (*leading.borrow())?;
                (leading.until > Instant::now()).then_some(leading.fence)
            }
        }
    }

    /// Whether other processes may lead instead of this one.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.leading.is_some()
    }
}

impl Replica {
    /// Takes part in the work on this store from now on, for as long as the value lives. When it returns, the others
    /// know: what this process begins is not taken for a dead one's.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn begin(store: PostgresStore) -> Result<Arc<Replica>, StoreError> {
        let id = format!("{:016x}", fastrand::u64(..));
        let (lead, leading) = watch::channel(None);
        let begun = Instant::now();
        let first = beat(&store, &id).await?;
        said(&id, &lead, first, begun);
        let leaving = Arc::new(Notify::new());
        let living = tokio::spawn(live(store, id.clone(), lead, Arc::clone(&leaving)));
        Ok(Arc::new(Replica {
            id,
            leading,
            leaving,
            living: Mutex::new(Some(living)),
        }))
    }

    async fn leave(&self) {
        self.leaving.notify_one();
        let living = self
            .living
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(living) = living {
            // It says itself where it fails.
            let _ = living.await;
        }
    }
}

/// Says that a process lives, and leads where nobody else does, until nobody asks any more or it leaves.
async fn live(
    store: PostgresStore,
    id: String,
    lead: watch::Sender<Option<Leading>>,
    leaving: Arc<Notify>,
) {
    let mut swept = Instant::now();
    let mut begun = Instant::now();
    loop {
        tokio::select! {
            () = lead.closed() => break,
            () = leaving.notified() => break,
            () = tokio::time::sleep_until(begun + BETWEEN_BEATS) => {}
        }
        begun = Instant::now();
        match beat(&store, &id).await {
            Ok(lease) => {
                said(&id, &lead, lease, begun);
                if lease.is_some() && swept.elapsed() >= BETWEEN_SWEEPS {
                    swept = Instant::now();
                    let store = Store::Postgres(store.clone());
                    tokio::spawn(async move { store.sweep_all().await });
                }
            }
            // What was known holds until it runs out.
            Err(error) => {
                tracing::warn!(replica = id, %error, "cannot say that this replica lives")
            }
        }
    }
    lead.send_replace(None);
    if let Err(error) = leave(&store, &id).await {
        tracing::debug!(replica = id, %error, "others will find out that this replica is gone");
    }
}

/// Tells this process whether it leads, as a beat that was begun then has shown.
fn said(id: &str, lead: &watch::Sender<Option<Leading>>, lease: Option<Lease>, begun: Instant) {
    let leading = lease.map(|it| Leading {
        fence: Fence::of(LEADER, it),
        until: begun + HEARD_WITHIN,
    });
    let before = lead.send_replace(leading);
    if before.is_some() != leading.is_some() {
        let leads = leading.is_some();
        tracing::info!(replica = id, leads, "who leads has changed");
    }
}

async fn beat(store: &PostgresStore, id: &str) -> Result<Option<Lease>, StoreError> {
    let now = store.clock().await?;
    let store = Store::Postgres(store.clone());
    let until = now.checked_add(HEARD_WITHIN).ok();
    let lives = Op::put(NS, id, Expected::Any, Vec::new()).expiring(until);
    store.apply(vec![lives], now).await?;
    store.lease(LEADER, id, HEARD_WITHIN, now).await
}

async fn leave(store: &PostgresStore, id: &str) -> Result<(), StoreError> {
    let now = store.clock().await?;
    let store = Store::Postgres(store.clone());
    store.release(LEADER, id, now).await?;
    store.delete_if(NS, id, Expected::Any, now).await
}

impl Store {
    /// Who this process is among those that share the store; nothing where no other can have it. Work that another
    /// one has begun is free once that one is gone.
    #[must_use]
    pub fn replica(&self) -> Option<&str> {
        match self {
            Store::Postgres(it) => it.replica().map(|it| it.id.as_str()),
            Store::Sled(_) | Store::Remote(_) | Store::Forgetful(_) => None,
        }
    }

    /// Says for the last time that this process has the store, where others share it: what it has not finished is
    /// theirs at once. It must not work on any of that any more.
    pub async fn leave(&self) {
        if let Store::Postgres(it) = self
            && let Some(replica) = it.replica()
        {
            replica.leave().await;
        }
    }

    /// Which of these are alive: processes that share the store, this one included.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn alive(&self) -> Result<Vec<String>, StoreError> {
        let Store::Postgres(it) = self else {
            return Ok(Vec::new());
        };
        let now: Timestamp = it.clock().await?;
        let (mut alive, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = self.scan(NS, "", after.as_deref(), 100, now).await?;
            let Some(last) = page.last() else {
                return Ok(alive);
            };
            after = Some(last.key.clone());
            alive.extend(page.into_iter().map(|entry| entry.key));
        }
    }

    /// Whether this process does what only one may do at a time.
    #[must_use]
    pub fn leadership(&self) -> Leadership {
        let replica = match self {
            Store::Postgres(it) => it.replica(),
            Store::Sled(_) | Store::Remote(_) | Store::Forgetful(_) => None,
        };
        Leadership {
            leading: replica.map(|it| it.leading.clone()),
        }
    }
}
