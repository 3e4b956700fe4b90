//! Which process keeps incidents, where several share the store: the one that leads. It takes up what was kept, and does
//! what the others wish; these only read. Decides nothing of what is an incident.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::board::{Action, Board, Event};
use super::keeper::Keeper;
use super::posts::Stage;
use super::shelf::{Alive, Kept, Shelf, Wish};
use crate::store::{Fence, Op, StoreError};

/// A longer absence of the program is told.
const ABSENCE: SignedDuration = SignedDuration::from_mins(10);

/// No longer stretch is read after an absence.
const LONGEST_GAP: SignedDuration = SignedDuration::from_hours(2);

impl Keeper {
    /// What every change has to carry; nothing while another process keeps incidents.
    pub(super) fn fence(&self) -> Option<Fence> {
        let term = *self.term.lock().unwrap_or_else(PoisonError::into_inner);
        term.filter(|it| self.leadership.fence() == Some(*it))
    }

    /// Whether this process keeps incidents now; it takes up what was kept where it did not before.
    pub(super) async fn is_its_turn(self: &Arc<Self>) -> bool {
        let Some(fence) = self.leadership.fence() else {
            return false;
        };
        if self.fence() == Some(fence) {
            return true;
        }
        match self.take_up(fence).await {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, "incidents are not taken up");
                false
            }
        }
    }

    /// Takes up what was kept, and goes on from there: messages that were on their way, and the calls of the last
    /// windows.
    pub(super) async fn take_up(self: &Arc<Self>, fence: Fence) -> Result<(), StoreError> {
        let now = self.clock.now();
        let kept = self.shelf.read(now).await?;
        let alive = kept.alive;
        *self.answered.lock().unwrap_or_else(PoisonError::into_inner) = kept.answered.clone();
        let sending = kept.held.iter().flat_map(|it| &it.posts);
        let doubtful: BTreeSet<String> = sending
            .flat_map(|post| {
                let own = (!matches!(post.stage, Stage::Standing { .. })).then(|| post.key.clone());
                own.into_iter()
                    .chain(post.to_say.iter().map(|(key, _)| key.clone()))
            })
            .collect();
        *self.doubtful.lock().unwrap_or_else(PoisonError::into_inner) = doubtful;
        *self.board.lock().await = self.restored(kept, now);
        *self.term.lock().unwrap_or_else(PoisonError::into_inner) = Some(fence);
        self.resume(alive, now).await;
        Ok(())
    }

    /// Reads what another process has kept, so that people are told how it stands.
    pub(super) async fn reload(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let kept = self.shelf.read(now).await?;
        *self.board.lock().await = self.restored(kept, now);
        Ok(())
    }

    fn restored(&self, kept: Kept, now: Timestamp) -> Board {
        let orders = self.orders.now();
        let mut board = Board::new(orders.settings.clone(), orders.watches.clone());
        let watches = kept.watches.into_iter();
        for watch in watches.filter(|it| !orders.has(&it.name)) {
            board.add_watch(watch);
        }
        // What was read long ago is not gone through: the platform would have to give all of it again.
        let oldest = now.checked_sub(LONGEST_GAP).unwrap_or(now);
        let until = kept.alive.and_then(|it| it.until).map(|it| it.max(oldest));
        board.restore(kept.held, kept.mutes, kept.baselines, until);
        board.restore_tally(kept.tally);
        board
    }

    /// Goes on where an earlier run ended, or another process.
    async fn resume(self: &Arc<Self>, alive: Option<Alive>, now: Timestamp) {
        let (sending, until, back) = {
            let board = self.board.lock().await;
            let sending: Vec<Action> = board.unsent();
            (
                sending,
                board.looked_until(),
                // Calls of the last hour may come once more: what is known of them is not counted twice. What is counted
                // by the hour is counted anew, from the last full hour on.
                board.longest_window().max(SignedDuration::from_hours(2)),
            )
        };
        for action in sending {
            self.set_off(action);
        }
        if let Some(until) = until {
            let from = until.checked_sub(back).unwrap_or(until);
            let (mut calls, mut all) = (Vec::new(), true);
            for platform in self.source.platforms() {
                let recalled = self.source.recalled(platform, from, until).await;
                calls.extend(recalled.0);
                all &= recalled.1;
            }
            let all_from = all.then_some(from);
            self.happen(Event::Recalled { calls, all_from }).await;
        }
        if let Some(alive) = alive.filter(|it| now.duration_since(it.at) >= ABSENCE) {
            self.happen(Event::Slept { since: alive.at }).await;
        }
    }

    /// Carries out changes together, if this process still leads.
    pub(super) async fn keep(&self, mut ops: Vec<Op>, now: Timestamp) -> Result<(), StoreError> {
        if ops.is_empty() {
            return Ok(());
        }
        let term = *self.term.lock().unwrap_or_else(PoisonError::into_inner);
        ops.extend(term.and_then(|it| it.op()));
        let kept = self.shelf.apply(ops, now).await;
        if let Err(error) = &kept
            && Fence::is_lost(error)
        {
            tracing::warn!("another process keeps incidents now");
            *self.term.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        kept
    }

    /// Tells the process that leads what somebody wishes. When it returns, it will be done.
    pub(super) async fn wish(&self, wish: &Wish) -> Result<(), StoreError> {
        self.shelf.wish(wish, self.clock.now()).await
    }

    /// Hands on what a person has asked for; what came of something that this process had begun is done anew by the
    /// one that leads.
    pub(super) async fn hand_on(&self, event: Event) {
        let wish = match event {
            Event::Acknowledged { incident, by } => Wish::Acknowledge { incident, by },
            Event::Muted(mute) => Wish::Mute(mute),
            Event::Unmuted { what } => Wish::Unmute { what },
            _ => return,
        };
        if let Err(error) = self.wish(&wish).await {
            tracing::error!(%error, "what somebody asked of incidents is not kept");
        }
    }

    /// Does what other processes were asked for.
    pub(super) async fn grant(self: &Arc<Self>) {
        if !self.leadership.is_shared() {
            return;
        }
        let wishes = match self.shelf.wishes(self.clock.now()).await {
            Ok(wishes) => wishes,
            Err(error) => {
                tracing::error!(%error, "wishes wait in the store");
                return;
            }
        };
        for (wish, ack) in wishes {
            let event = match wish {
                Some(Wish::Acknowledge { incident, by }) => Event::Acknowledged { incident, by },
                Some(Wish::Mute(mute)) => Event::Muted(mute),
                Some(Wish::Unmute { what }) => Event::Unmuted { what },
                Some(Wish::Watch(watch)) => {
                    let op = Shelf::watch(&watch.name, Some(&watch));
                    if self.keep(vec![op, ack], self.clock.now()).await.is_ok() {
                        self.board.lock().await.add_watch(watch);
                    }
                    continue;
                }
                Some(Wish::Unwatch(name)) => {
                    let op = Shelf::watch(&name, None);
                    if self.keep(vec![op, ack], self.clock.now()).await.is_ok() {
                        self.board.lock().await.remove_watch(&name);
                    }
                    continue;
                }
                None => {
                    tracing::error!("a wish cannot be read and is dropped");
                    let _ = self.keep(vec![ack], self.clock.now()).await;
                    continue;
                }
            };
            self.happen_with(event, vec![ack]).await;
        }
    }
}
