//! Carries out what the board says: posts, edits, replies, diagnoses, the pager. In a channel one thing after another.
//! Says nothing twice that may have arrived, and decides nothing of what is said.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex as Plain, PoisonError, Weak};
use std::time::Duration;

use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};

use super::board::{Action, Event};
use super::keeper::Keeper;
use super::poster::{Place, Poster, Undelivered, Words};
use crate::metrics;
use crate::render::incident::IncidentCard;

/// One call costs about so many requests to diagnose: log, trace, quality, records, sums.
const REQUESTS_A_CALL: usize = 8;

/// How long what failed in passing waits before it is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// What is done in each channel, one thing after another.
pub(super) type Lanes = Plain<BTreeMap<String, mpsc::UnboundedSender<(Action, OnItsWay)>>>;

/// How much was set off and is not done.
#[derive(Debug, Clone, Default)]
pub(super) struct UnderWay(Arc<watch::Sender<usize>>);

/// Something that was set off; done when this is dropped.
#[derive(Debug)]
pub(super) struct OnItsWay(UnderWay);

impl UnderWay {
    fn one_more(&self) -> OnItsWay {
        self.0.send_modify(|count| *count = count.saturating_add(1));
        OnItsWay(self.clone())
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        self.0
            .0
            .send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Keeper {
    /// Sets an action off: in the order of its channel, or by itself.
    pub(super) fn set_off(self: &Arc<Self>, action: Action) {
        let on_its_way = self.under_way.one_more();
        let channel = match &action {
            Action::Post { channel, .. }
            | Action::Edit { channel, .. }
            | Action::Say { channel, .. }
            | Action::Tell { channel, .. } => channel.clone(),
            Action::Diagnose { .. } | Action::Page { .. } => {
                let keeper = Arc::clone(self);
                tokio::spawn(async move {
                    keeper.carry_out(action).await;
                    drop(on_its_way);
                });
                return;
            }
        };
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes
            .entry(channel)
            .or_insert_with(|| Keeper::lane(Arc::downgrade(self)));
        // The other end lives as long as we do.
        let _ = lane.send((action, on_its_way));
    }

    /// A lane of a channel: one thing after another, and what comes after one that panics all the same.
    fn lane(keeper: Weak<Keeper>) -> mpsc::UnboundedSender<(Action, OnItsWay)> {
        let (sender, mut receiver) = mpsc::unbounded_channel::<(Action, OnItsWay)>();
        tokio::spawn(async move {
            while let Some((action, on_its_way)) = receiver.recv().await {
                let Some(keeper) = keeper.upgrade() else {
                    return;
                };
                let done = AssertUnwindSafe(keeper.carry_out(action)).catch_unwind();
                if done.await.is_err() {
                    let labels = ["incidents", "panicked"];
                    keeper.metrics.count(&metrics::TASK_RESTARTS, &labels);
                }
                drop(on_its_way);
            }
        });
        sender
    }

    /// Ends once nothing is on its way any more.
    pub async fn idle(&self) {
        let mut under_way = self.under_way.0.subscribe();
        // The sender is ours and stays.
        let _ = under_way.wait_for(|count| *count == 0).await;
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

    async fn card(&self, incident: &str, channel: &str) -> Option<IncidentCard> {
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
}

fn not_posted(incident: String, channel: String, error: &Undelivered) -> Event {
    Event::NotPosted {
        incident,
        channel,
        for_ever: matches!(error, Undelivered::Final(_)),
    }
}
