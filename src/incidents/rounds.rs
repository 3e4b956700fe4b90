//! What the keeper looks at again and again: the platforms' logs, the status page, and which digests are due. Judges
//! nothing of what it reads.

use std::sync::{Arc, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::board::{Action, Event};
use super::keeper::Keeper;
use super::shelf::Shelf;
use super::signal::Seen;
use crate::metrics;

/// How often what is usual is kept.
const USUAL_KEPT: SignedDuration = SignedDuration::from_mins(10);

/// How often the status page is looked at.
const PAGE_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// When what is not done in each round was done last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rounds {
    page: Timestamp,
    usual: Timestamp,
}

impl Rounds {
    /// Beginning now.
    pub(super) fn from(now: Timestamp) -> Rounds {
        Rounds {
            page: Timestamp::MIN,
            usual: now,
        }
    }

    /// Whether something is due that was done then; it is done now.
    fn is_due(last: &mut Timestamp, every: SignedDuration, now: Timestamp) -> bool {
        let is_due = now.duration_since(*last) >= every;
        if is_due {
            *last = now;
        }
        is_due
    }
}

impl Keeper {
    /// Looks at everything once that is due now; whether all platforms answered.
    pub async fn round(self: &Arc<Self>) -> bool {
        let now = self.clock.now();
        let all_well = self.look(now).await;
        let (page, usual) = {
            let mut rounds = self.rounds.lock().unwrap_or_else(PoisonError::into_inner);
            let announces = self.orders.now().announces();
            (
                announces && Rounds::is_due(&mut rounds.page, PAGE_EVERY, now),
                Rounds::is_due(&mut rounds.usual, USUAL_KEPT, now),
            )
        };
        if page && let Some(listed) = self.source.announced().await {
            self.happen(Event::Announced(listed)).await;
        }
        if usual {
            self.keep_usual(now).await;
        }
        self.digest(now).await;
        all_well
    }

    /// Reads the log once; whether all platforms answered.
    async fn look(self: &Arc<Self>, now: Timestamp) -> bool {
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
                    self.note_answered(&source, &looked.calls, now).await;
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

    /// Says once where no failure can be counted. Noted first: a word that is lost is better than one twice.
    async fn note_answered(self: &Arc<Self>, source: &str, calls: &[Seen], now: Timestamp) {
        let (settled, op) = {
            let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
            let settled = answered.note(source, calls);
            (settled, Shelf::answered(&answered))
        };
        let Some(only) = settled else { return };
        if self.keep(vec![op], now).await.is_ok() && only {
            let source = source.to_owned();
            self.happen(Event::OnlyAnswered { source }).await;
        }
    }

    pub(super) fn spend(&self, who: &str, requests: usize, now: Timestamp) -> bool {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        budget.take(who, requests, now)
    }

    pub(super) async fn keep_usual(&self, now: Timestamp) {
        let ops = {
            let board = self.board.lock().await;
            Shelf::usual(board.baselines(), board.tally())
        };
        if let Err(error) = self.keep(ops, now).await {
            tracing::warn!(%error, "what is usual is not kept");
        }
    }

    /// Posts the digests that are due.
    async fn digest(self: &Arc<Self>, now: Timestamp) {
        for digest in &self.orders.now().digests {
            let (due, from) = digest.last_due(now);
            match self.shelf.digested(&digest.channel, now).await {
                // What was before the first run is nobody's news.
                Ok(None) => {
                    let _ = self
                        .keep(vec![Shelf::digest(&digest.channel, due)], now)
                        .await;
                    continue;
                }
                Ok(Some(last)) if last < due => {}
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
}
