//! Does what the board says: reads the log, diagnoses, posts, edits, and keeps all of it across restarts. Decides
//! nothing of what is an incident or what is told of it.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex as Plain, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex, Notify, mpsc};

use super::board::{Action, Board, Event};
use super::budget::{Budget, wait};
use super::orders::{Orders, Pace};
use super::poster::{Place, Poster, Undelivered, Words};
use super::shelf::{Alive, Shelf, Wish};
use super::signal::Alert;
use super::source::Source;
use super::watch::Watch;
use crate::latest::Latest;
use crate::metrics::{self, Metrics};
use crate::sources::api::Clock;
use crate::store::{Fence, Leadership, Op, StoreError};

/// How often what is usual is kept.
const USUAL_KEPT: SignedDuration = SignedDuration::from_mins(10);

/// One call costs about so many requests to diagnose: log, trace, quality, records, sums.
const REQUESTS_A_CALL: usize = 8;

/// How often the status page is looked at.
const PAGE_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// How often what waits is looked at: a message for its diagnosis, an edit for its turn.
const TICK: Duration = Duration::from_secs(1);

/// How long what failed in passing waits before it is tried again.
const AGAIN: Duration = Duration::from_secs(5);

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
    posters: Vec<Arc<dyn Poster>>,
    pub(super) orders: Latest<Orders>,
    budget: Plain<Budget>,
    metrics: Metrics,
    pub(super) clock: Arc<dyn Clock>,
    /// Something happened that does not wait for the next look.
    pub(super) nudge: Notify,
    /// What is done in a channel, one thing after another.
    lanes: Plain<BTreeMap<String, mpsc::UnboundedSender<Action>>>,
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
            metrics: parts.metrics,
            clock: parts.clock,
            nudge: Notify::new(),
            lanes: Plain::default(),
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
        let (mut page_at, mut usual_at) = (Timestamp::MIN, self.clock.now());
        loop {
            if !self.is_its_turn().await {
                tokio::select! {
                    () = &mut stopped => return,
                    () = self.clock.sleep(TICK) => continue,
                }
            }
            let now = self.clock.now();
            failures = match self.look(now).await {
                true => 0,
                false => failures + 1,
            };
            if self.orders.now().announces() && now.duration_since(page_at) >= PAGE_EVERY {
                page_at = now;
                if let Some(listed) = self.source.announced().await {
                    self.happen(Event::Announced(listed)).await;
                }
            }
            if now.duration_since(usual_at) >= USUAL_KEPT {
                usual_at = now;
                self.keep_usual(now).await;
            }
            self.digest(now).await;
            let rest = wait(self.orders.now().pace.every, failures);
            let rest = Duration::try_from(rest).unwrap_or(AGAIN);
            let mut sleep = self.clock.sleep(rest);
            loop {
                tokio::select! {
                    () = &mut stopped => {
                        self.keep_usual(self.clock.now()).await;
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

    /// Reads the log once; whether all platforms answered.
    pub async fn look(self: &Arc<Self>, now: Timestamp) -> bool {
        self.take_in().await;
        let (watches, from) = {
            let board = self.board.lock().await;
            (board.watches().to_vec(), board.looked_until())
        };
        if watches.is_empty() {
            self.happen(Event::Tick).await;
            return true;
        }
        // At the first look there is a window to fill.
        let from = from.unwrap_or_else(|| {
            now.checked_sub(SignedDuration::from_hours(1))
                .unwrap_or(now)
        });
        let (mut calls, mut all_well) = (Vec::new(), true);
        for platform in self.source.platforms() {
            let allowed = self.spend("log", 1, now);
            if !allowed {
                tracing::warn!("the watches have used up their requests of this hour");
                self.metrics.count(&metrics::INCIDENT_SPARED, &["look"]);
                return true;
            }
            let looked = self.source.calls(platform, &watches, from, now).await;
            let source = platform.name().to_owned();
            let why = match looked {
                Ok(looked) => {
                    self.spend("log", looked.requests.saturating_sub(1), now);
                    if looked.is_full {
                        tracing::warn!(
                            source,
                            "more calls than the platform gives at once: some were not seen"
                        );
                    }
                    calls.extend(looked.calls);
                    None
                }
                Err(why) => {
                    all_well = false;
                    Some(why)
                }
            };
            self.happen(Event::Trouble { source, why }).await;
        }
        if all_well {
            self.metrics.add(
                &metrics::INCIDENT_CALLS,
                &[],
                f64::from(u32::try_from(calls.len()).unwrap_or(u32::MAX)),
            );
            self.happen(Event::Looked { calls, until: now }).await;
        }
        all_well
    }

    fn spend(&self, who: &str, requests: usize, now: Timestamp) -> bool {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        budget.take(who, requests, now)
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
    async fn take_in(self: &Arc<Self>) {
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

    async fn keep_usual(&self, now: Timestamp) {
        let ops = {
            let board = self.board.lock().await;
            Shelf::usual(board.baselines(), board.tally())
        };
        if let Err(error) = self.keep(ops, now).await {
            tracing::warn!(%error, "what is usual is not kept");
        }
    }

    /// Sets an action off: in the order of its channel, or by itself.
    pub(super) fn set_off(self: &Arc<Self>, action: Action) {
        let channel = match &action {
            Action::Post { channel, .. }
            | Action::Edit { channel, .. }
            | Action::Say { channel, .. }
            | Action::Tell { channel, .. } => channel.clone(),
            Action::Diagnose { .. } | Action::Page { .. } => {
                let keeper = Arc::clone(self);
                tokio::spawn(async move { keeper.carry_out(action).await });
                return;
            }
        };
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes.entry(channel).or_insert_with(|| {
            let (sender, mut receiver) = mpsc::unbounded_channel::<Action>();
            let keeper = Arc::downgrade(self);
            tokio::spawn(async move {
                while let Some(action) = receiver.recv().await {
                    let Some(keeper) = keeper.upgrade() else {
                        return;
                    };
                    let done = AssertUnwindSafe(keeper.carry_out(action)).catch_unwind();
                    // What comes after it is told all the same.
                    if done.await.is_err() {
                        let labels = ["incidents", "panicked"];
                        keeper.metrics.count(&metrics::TASK_RESTARTS, &labels);
                    }
                }
            });
            sender
        });
        // The other end lives as long as we do.
        let _ = lane.send(action);
    }

    // Boxed: what happens sets off what is carried out, and the other way round.
    fn carry_out(self: &Arc<Self>, action: Action) -> futures_util::future::BoxFuture<'static, ()> {
        let keeper = Arc::clone(self);
        Box::pin(async move {
            // What was set off before another process took over is that one's.
            if keeper.fence().is_none() {
                return;
            }
            if let Some(event) = keeper.done(action).await {
                keeper.happen(event).await;
            }
        })
    }

    async fn done(self: &Arc<Self>, action: Action) -> Option<Event> {
        match action {
            Action::Post {
                incident,
                channel,
                key,
            } => {
                let card = self.card(&incident, &channel).await?;
                let sent = self.say(&channel, None, &key, Words::Card(&card)).await;
                self.count("post", &channel, &sent);
                Some(match sent {
                    Ok(message) => Event::Posted {
                        incident,
                        channel,
                        message,
                    },
                    Err(error) => not_posted(incident, channel, &error),
                })
            }
            Action::Edit {
                incident,
                channel,
                message,
            } => {
                let card = self.card(&incident, &channel).await?;
                let (poster, id) = self.poster(&channel)?;
                let place = Place {
                    channel: id,
                    thread: None,
                    key: "",
                };
                let edited = poster.edit(place, &message, Words::Card(&card)).await;
                self.count("edit", &channel, &edited);
                match edited {
                    Ok(()) => None,
                    // Somebody took the message away, which is an answer too; passing trouble is over at the next edit.
                    Err(error) => Some(not_posted(incident, channel, &error)),
                }
            }
            Action::Say {
                incident,
                channel,
                message,
                key,
                text,
            } => {
                let said = self
                    .say(&channel, Some(&message), &key, Words::Text(&text))
                    .await;
                self.count("say", &channel, &said);
                match said {
                    Ok(_) | Err(Undelivered::Final(_)) => Some(Event::Said {
                        incident,
                        channel,
                        key,
                    }),
                    Err(error) => {
                        self.clock.sleep(AGAIN).await;
                        Some(not_posted(incident, channel, &error))
                    }
                }
            }
            Action::Tell { channel, key, text } => {
                let told = self.say(&channel, None, &key, Words::Text(&text)).await;
                self.count("tell", &channel, &told);
                None
            }
            Action::Diagnose { incident, calls } => {
                let now = self.clock.now();
                let affordable = calls.len().min(3);
                if !self.spend(&incident, affordable * REQUESTS_A_CALL, now) {
                    self.metrics
                        .count(&metrics::INCIDENT_SPARED, &["diagnosis"]);
                    return Some(Event::Diagnosed {
                        incident,
                        examples: Vec::new(),
                    });
                }
                let id = |at: usize| format!("{incident}-{}-{}", now.as_second(), at + 1);
                let examples = self.source.examples(&calls, id, now).await;
                Some(Event::Diagnosed { incident, examples })
            }
            Action::Page { incident } => {
                let card = self.card(&incident, "").await?;
                let pager = self.orders.now().pager.clone()?;
                let mut tries = 0;
                while let Err(error) = pager.call(&incident, &card).await {
                    tries += 1;
                    tracing::error!(%error, incident, tries, "the pager did not answer");
                    self.metrics.count(&metrics::INCIDENT_PAGES, &["failed"]);
                    if tries >= 10 {
                        return None;
                    }
                    self.clock.sleep(AGAIN * tries).await;
                }
                self.metrics.count(&metrics::INCIDENT_PAGES, &["called"]);
                None
            }
        }
    }

    /// Says something once: where it may have arrived before, it is looked for first.
    async fn say(
        &self,
        channel: &str,
        thread: Option<&str>,
        key: &str,
        words: Words<'_>,
    ) -> Result<String, Undelivered> {
        let Some((poster, id)) = self.poster(channel) else {
            return Err(Undelivered::Final(format!("no chat serves {channel}")));
        };
        let place = Place {
            channel: id,
            thread,
            key,
        };
        let doubtful = || self.doubtful.lock().unwrap_or_else(PoisonError::into_inner);
        let is_doubtful = doubtful().contains(key);
        if is_doubtful {
            let since = self
                .clock
                .now()
                .checked_sub(SignedDuration::from_hours(24))
                .unwrap_or(Timestamp::MIN);
            if let Some(message) = poster.find(place, since).await? {
                doubtful().remove(key);
                return Ok(message);
            }
        }
        let said = poster.post(place, words).await;
        match &said {
            Err(Undelivered::Passing(_)) => doubtful().insert(key.to_owned()),
            _ => doubtful().remove(key),
        };
        said
    }

    fn poster<'c>(&self, channel: &'c str) -> Option<(&Arc<dyn Poster>, &'c str)> {
        let (chat, id) = channel.split_once(':')?;
        let poster = self.posters.iter().find(|it| it.chat() == chat)?;
        Some((poster, id))
    }

    async fn card(
        &self,
        incident: &str,
        channel: &str,
    ) -> Option<crate::render::incident::IncidentCard> {
        let board = self.board.lock().await;
        board.card(incident, channel, self.clock.now())
    }

    fn count<T>(&self, what: &str, channel: &str, outcome: &Result<T, Undelivered>) {
        let chat = channel.split(':').next().unwrap_or_default();
        let word = match outcome {
            Ok(_) => "ok",
            Err(Undelivered::Passing(why)) => {
                tracing::warn!(what, why, "something of an incident was not delivered");
                "passing"
            }
            Err(Undelivered::Final(why)) => {
                tracing::error!(
                    what,
                    channel,
                    why,
                    "something of an incident can not be delivered"
                );
                "final"
            }
        };
        self.metrics
            .count(&metrics::INCIDENT_MESSAGES, &[chat, what, word]);
    }

    /// Posts the digests that are due.
    async fn digest(self: &Arc<Self>, now: Timestamp) {
        for digest in &self.orders.now().digests {
            let (due, from) = digest.last_due(now);
            match self.shelf.digested(&digest.channel, now).await {
                Ok(last) if last.is_none_or(|last| last < due) => {}
                _ => continue,
            }
            let lines = {
                let board = self.board.lock().await;
                let zone = digest.zone.clone();
                let time = |at: Timestamp| {
                    at.to_zoned(zone.clone())
                        .strftime("%a %F %H:%M %Z")
                        .to_string()
                };
                super::digest::lines(board.incidents(), board.tally(), from, due, &time)
            };
            // Noted first: a digest that is lost is better than one twice.
            if self
                .keep(vec![Shelf::digest(&digest.channel, due)], now)
                .await
                .is_ok()
            {
                let key = format!("digest/{}/{due}", digest.channel);
                self.set_off(Action::Tell {
                    channel: digest.channel.clone(),
                    key,
                    text: lines.join("\n"),
                });
            }
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

    /// Watches something more.
    ///
    /// # Errors
    /// One sentence, where it is not kept, or the name is the configuration's.
    pub async fn watch(&self, watch: Watch) -> Result<(), String> {
        if self.orders.now().has(&watch.name) {
            return Err(format!(
                "The watch {} stands in the configuration; give another name.",
                watch.name
            ));
        }
        let unkept = |error| format!("The watch was not kept: {error}");
        if self.fence().is_none() {
            return self.wish(&Wish::Watch(watch)).await.map_err(unkept);
        }
        let op = Shelf::watch(&watch.name, Some(&watch));
        self.keep(vec![op], self.clock.now())
            .await
            .map_err(unkept)?;
        self.board.lock().await.add_watch(watch);
        Ok(())
    }

    /// Watches something no longer.
    ///
    /// # Errors
    /// One sentence, where there is none of the name, or it is the configuration's.
    pub async fn unwatch(&self, name: &str) -> Result<(), String> {
        if self.orders.now().has(name) {
            return Err(format!(
                "The watch {name} stands in the configuration: take it out there."
            ));
        }
        if !self.board.lock().await.remove_watch(name) {
            return Err(format!(
                "There is no watch {name}; `watches` lists them all."
            ));
        }
        let kept = match self.fence() {
            None => self.wish(&Wish::Unwatch(name.to_owned())).await,
            Some(_) => {
                self.keep(vec![Shelf::watch(name, None)], self.clock.now())
                    .await
            }
        };
        kept.map_err(|error| format!("That was not kept: {error}"))
    }
}

fn budget(pace: Pace) -> Budget {
    Budget::new(pace.requests, pace.requests_each)
}

fn not_posted(incident: String, channel: String, error: &Undelivered) -> Event {
    Event::NotPosted {
        incident,
        channel,
        for_ever: matches!(error, Undelivered::Final(_)),
    }
}
