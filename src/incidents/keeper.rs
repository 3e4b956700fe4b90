//! Does what the board says, and keeps all of it across restarts: what happens goes to the board, what follows from it is
//! set off. Decides nothing of what is an incident or what is told of it.
//!
//! What is looked at again and again stands in `rounds`, how what the board says is carried out in `deeds`, what people
//! ask to be watched in `asked`, and which of several processes does all this in `leading`.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex as Plain, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, Notify};

use super::answered::Answered;
use super::board::{Board, Event};
use super::budget::{Budget, wait};
use super::deeds::{Lanes, UnderWay};
use super::orders::{Orders, Pace};
use super::poster::Poster;
use super::rounds::Rounds;
use super::shelf::{Alive, Shelf};
use super::signal::Alert;
use super::source::Source;
use crate::latest::Latest;
use crate::metrics::{self, Metrics};
use crate::sources::api::Clock;
use crate::store::{Fence, Leadership, Op, StoreError};

/// How often what waits is looked at: a message for its diagnosis, an edit for its turn.
const TICK: Duration = Duration::from_secs(1);

/// How long the end waits for what is on its way.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// No look waits longer than this for the next, where a length cannot be told.
const AT_MOST: Duration = Duration::from_secs(600);

/// Everything that the keeper works with.
pub struct Parts {
    /// What it is told to do.
    pub orders: Orders,
    /// What is asked.
    pub source: Source,
    /// Where everything is kept.
    pub shelf: Shelf,
    /// Where it is told.
    pub posters: Vec<Arc<dyn Poster>>,
    /// What is counted.
    pub metrics: Metrics,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// Keeps incidents.
pub struct Keeper {
    pub(super) board: Mutex<Board>,
    /// Whether it is this process that does all this.
    pub(super) leadership: Leadership,
    /// What every change carries while it is; nothing while another one does.
    pub(super) term: Plain<Option<Fence>>,
    pub(super) source: Source,
    pub(super) shelf: Shelf,
    pub(super) posters: Vec<Arc<dyn Poster>>,
    pub(super) orders: Latest<Orders>,
    pub(super) budget: Plain<Budget>,
    pub(super) rounds: Plain<Rounds>,
    /// Which platforms' records hold answered calls only.
    pub(super) answered: Plain<Answered>,
    pub(super) metrics: Metrics,
    pub(super) clock: Arc<dyn Clock>,
    /// Something happened that does not wait for the next look.
    pub(super) nudge: Notify,
    /// What is done in a channel, one thing after another.
    pub(super) lanes: Lanes,
    /// What was set off and is not done.
    pub(super) under_way: UnderWay,
    /// Keys of messages of which it is not known whether they arrived.
    pub(super) doubtful: Plain<BTreeSet<String>>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").finish_non_exhaustive()
    }
}

impl Keeper {
    /// Takes up what an earlier run left; where several processes share the store, whichever leads does.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn start(parts: Parts) -> Result<Arc<Keeper>, StoreError> {
        let orders = parts.orders;
        let keeper = Arc::new(Keeper {
            board: Mutex::default(),
            source: parts.source,
            leadership: parts.shelf.leadership(),
            term: Plain::default(),
            shelf: parts.shelf,
            posters: parts.posters,
            budget: Plain::new(budget(orders.pace)),
            orders: Latest::new(Arc::new(orders)),
            rounds: Plain::new(Rounds::from(parts.clock.now())),
            answered: Plain::default(),
            metrics: parts.metrics,
            clock: parts.clock,
            nudge: Notify::new(),
            lanes: Lanes::default(),
            under_way: UnderWay::default(),
            doubtful: Plain::default(),
        });
        match keeper.leadership.fence() {
            Some(fence) => keeper.take_up(fence).await?,
            None => keeper.reload().await?,
        }
        Ok(keeper)
    }

    /// Reads the log again and again, until `stopped` comes; nothing while another process does.
    pub async fn run(self: Arc<Self>, stopped: impl Future<Output = ()>) {
        let mut stopped = std::pin::pin!(stopped);
        let mut failures = 0;
        loop {
            if !self.is_its_turn().await {
                tokio::select! {
                    () = &mut stopped => return,
                    () = self.clock.sleep(TICK) => continue,
                }
            }
            failures = match self.round().await {
                true => 0,
                false => failures + 1,
            };
            let rest = wait(self.orders.now().pace.every, failures);
            let rest = Duration::try_from(rest).unwrap_or(AT_MOST);
            let mut sleep = self.clock.sleep(rest);
            loop {
                tokio::select! {
                    () = &mut stopped => {
                        self.keep_usual(self.clock.now()).await;
                        tokio::select! {
                            () = self.idle() => {}
                            () = self.clock.sleep(LAST_WORDS) => {}
                        }
                        return;
                    }
                    () = self.nudge.notified() => self.take_in().await,
                    // Messages that wait for a diagnosis or a storm, and edits, do not wait for the log.
                    () = self.clock.sleep(TICK.min(rest)) => {
                        self.take_in().await;
                        self.happen(Event::Tick).await;
                    }
                    () = &mut sleep => break,
                }
                if self.fence().is_none() {
                    break;
                }
            }
        }
    }

    /// Takes alerts of other programs: when it returns they are safe.
    ///
    /// # Errors
    /// Those of the store: they were not taken.
    pub async fn accept(&self, id: &str, alerts: &[Alert]) -> Result<(), StoreError> {
        self.shelf.push(id, alerts, self.clock.now()).await?;
        self.nudge.notify_one();
        Ok(())
    }

    /// Takes in the alerts that wait.
    pub(super) async fn take_in(self: &Arc<Self>) {
        match self.shelf.waiting(self.clock.now()).await {
            Ok((alerts, acks)) if !acks.is_empty() => {
                self.metrics.add(
                    &metrics::INCIDENT_ALERTS,
                    &[],
                    f64::from(u32::try_from(alerts.len()).unwrap_or(u32::MAX)),
                );
                self.happen_with(Event::Alerts(alerts), acks).await;
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "alerts wait in the store"),
        }
        self.grant().await;
    }

    /// Lets something happen: it is kept, and what follows from it is set off.
    pub async fn happen(self: &Arc<Self>, event: Event) {
        self.happen_with(event, Vec::new()).await;
    }

    pub(super) async fn happen_with(self: &Arc<Self>, event: Event, mut ops: Vec<Op>) {
        let now = self.clock.now();
        if self.fence().is_none() {
            return self.hand_on(event).await;
        }
        let actions = {
            let mut board = self.board.lock().await;
            let is_look = matches!(event, Event::Looked { .. });
            let actions = board.take(event, now);
            ops.extend(
                board
                    .take_changed()
                    .into_iter()
                    .map(|id| Shelf::incident(&id, board.held(&id))),
            );
            if board.take_mutes_changed() {
                ops.push(Shelf::mutes(board.mutes()));
            }
            if is_look {
                ops.push(Shelf::alive(Alive {
                    at: now,
                    until: board.looked_until(),
                }));
            }
            let open = board.incidents().filter(|it| it.is_open()).count();
            self.metrics.set(
                &metrics::INCIDENTS_OPEN,
                &[],
                f64::from(u32::try_from(open).unwrap_or(u32::MAX)),
            );
            // Before anything is done of it, and before anything else happens: a process that dies goes on from here.
            match self.keep(ops, now).await {
                Ok(()) => {}
                // Another process does it, from what was kept before.
                Err(error) if Fence::is_lost(&error) => return,
                Err(error) => tracing::error!(%error, "what changed of incidents is not kept"),
            }
            actions
        };
        for action in actions {
            self.set_off(action);
        }
    }

    /// Does from now on what these say. What people watch besides goes on, unless a watch of the same name is ordered.
    pub async fn follow(&self, orders: Orders) {
        let mut board = self.board.lock().await;
        board.follow(orders.settings.clone(), &orders.watches);
        if self.orders.now().pace != orders.pace {
            let mut spent = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
            *spent = budget(orders.pace);
        }
        self.orders.replace(Arc::new(orders));
    }

    /// Reads something of the board.
    pub async fn read<T>(&self, read: impl FnOnce(&Board) -> T) -> T {
        if self.fence().is_none()
            && let Err(error) = self.reload().await
        {
            tracing::warn!(%error, "what is known of incidents may be old");
        }
        read(&*self.board.lock().await)
    }
}

fn budget(pace: Pace) -> Budget {
    Budget::new(pace.requests, pace.requests_each)
}
