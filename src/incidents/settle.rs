//! What is posted when: one message a cause and channel, edited with restraint, its thread told of turning points only,
//! silence where silence was asked for. Pure; says what is to be done and does none of it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use jiff::{SignedDuration, Timestamp};

use super::board::{Action, Board, Held};
use super::grouping::Axis;
use super::life::{Incident, Severity, Turn};
use super::mute::{Mute, Target};
use super::posts::{self, Post, Reader, Stage};
use super::routes;
use crate::render::incident::IncidentCard;

/// A message waits so long at most for the diagnosis of its calls.
const DIAGNOSIS: SignedDuration = SignedDuration::from_secs(30);

/// A message about an alert waits so long: it may be the first of a storm.
const STORM: SignedDuration = SignedDuration::from_secs(5);

/// How soon what failed is tried again, doubled each time.
const AGAIN: SignedDuration = SignedDuration::from_secs(2);
const LONGEST: SignedDuration = SignedDuration::from_mins(5);

const HOUR: SignedDuration = SignedDuration::from_hours(1);

impl Board {
    /// The card of an incident, as a channel sees it.
    #[must_use]
    pub fn card(&self, id: &str, channel: &str, now: Timestamp) -> Option<IncidentCard> {
        let held = self.held(id)?;
        Some(self.drawn(&held.incident, channel, now))
    }

    fn drawn(&self, it: &Incident, channel: &str, now: Timestamp) -> IncidentCard {
        let time = |at: Timestamp| self.clock(channel, at);
        let mute = self.mutes.iter().find(|mute| mute.covers(it, now));
        posts::card(it, &Reader { time: &time, mute }, now)
    }

    /// A time as a channel reads it.
    #[must_use]
    pub fn clock(&self, channel: &str, at: Timestamp) -> String {
        let zone = self
            .settings
            .zones
            .get(channel)
            .unwrap_or(&self.settings.zone);
        at.to_zoned(zone.clone()).strftime("%H:%M %Z").to_string()
    }

    /// Tells the threads of an incident of a turning point.
    pub(super) fn tell(&mut self, id: &str, turn: &Turn) {
        let Some(at) = self.held.iter().position(|it| it.incident.id == id) else {
            return;
        };
        let texts: Vec<(String, String)> = match self.held.get(at) {
            None => return,
            Some(held) => {
                let said = |post: &Post| {
                    let time = |moment: Timestamp| self.clock(&post.channel, moment);
                    (
                        post.channel.clone(),
                        posts::turned(&held.incident, turn, &time),
                    )
                };
                held.posts.iter().map(said).collect()
            }
        };
        let now = self
            .held
            .get(at)
            .map_or(Timestamp::MIN, |it| it.incident.last_bad);
        // That it is over is told although it is muted: nobody has to look again.
        let quiet = *turn != Turn::Over && self.is_muted(at, now);
        if let Some(held) = self.held.get_mut(at) {
            held.urgent = true;
            if !quiet {
                for (channel, text) in texts {
                    queue(held, &channel, text);
                }
            }
        }
        self.changed.insert(id.to_owned());
    }

    /// Says something in all threads of an incident.
    pub(super) fn say(&mut self, id: &str, text: String) {
        if let Some(held) = self.find(id) {
            let channels: Vec<String> = held.posts.iter().map(|it| it.channel.clone()).collect();
            for channel in channels {
                queue(held, &channel, text.clone());
            }
            held.urgent = true;
        }
    }

    fn is_muted(&self, at: usize, now: Timestamp) -> bool {
        let held = self.held.get(at);
        held.is_some_and(|it| self.mutes.iter().any(|mute| mute.covers(&it.incident, now)))
    }

    /// Ends the mutes whose time is over, and says so.
    pub(super) fn expire(&mut self, now: Timestamp, actions: &mut Vec<Action>) {
        let (over, left): (Vec<Mute>, Vec<Mute>) = std::mem::take(&mut self.mutes)
            .into_iter()
            .partition(|it| it.is_over(now));
        self.mutes = left;
        for mute in over {
            self.mutes_changed = true;
            let was = |it: &&Held| {
                let unending = Mute {
                    until: None,
                    ..mute.clone()
                };
                it.incident.is_open() && unending.covers(&it.incident, now)
            };
            let ids: Vec<(String, bool)> = self
                .held
                .iter()
                .filter(was)
                .map(|it| (it.incident.id.clone(), it.posts.is_empty()))
                .collect();
            let told = !ids.is_empty() || matches!(mute.target, Target::Incident(_));
            for (id, is_new) in ids {
                let lost = self.held(&id).map_or(0, |it| it.incident.lost);
                // What was not posted yet is posted now, which says enough.
                if !is_new {
                    self.say(
                        &id,
                        format!(
                            "The mute by {} is over; it still goes on: {lost} lost calls by now.",
                            mute.by
                        ),
                    );
                }
            }
            if !told {
                actions.push(Action::Tell {
                    channel: mute.channel.clone(),
                    key: format!("mute/{}", mute.id),
                    text: format!("The mute of {} by {} is over.", mute.about(), mute.by),
                });
            }
        }
    }

    /// A message stands.
    pub(super) fn delivered(&mut self, id: &str, channel: &str, message: String) {
        if let Some(post) = self
            .find(id)
            .and_then(|it| it.posts.iter_mut().find(|it| it.channel == channel))
        {
            post.stage = Stage::Standing { message };
        }
    }

    /// A message, an edit or a reply could not be delivered.
    pub(super) fn undelivered(&mut self, id: &str, channel: &str, for_ever: bool, now: Timestamp) {
        let Some(post) = self
            .find(id)
            .and_then(|it| it.posts.iter_mut().find(|it| it.channel == channel))
        else {
            return;
        };
        post.saying = false;
        let times = match &post.stage {
            // It stands, and shows what it showed before.
            Stage::Standing { .. } if !for_ever => {
                post.shown = 0;
                return;
            }
            Stage::Failed { times, .. } => *times,
            _ => post.failures,
        };
        post.failures = times.saturating_add(1);
        let wait = AGAIN
            .saturating_mul(2_i32.saturating_pow(times.min(10)))
            .min(LONGEST);
        post.stage = match for_ever {
            true => Stage::Refused,
            false => Stage::Failed {
                until: now.checked_add(wait).unwrap_or(now),
                times: post.failures,
            },
        };
    }

    /// Something was said in a thread.
    pub(super) fn said(&mut self, id: &str, channel: &str, key: &str) {
        if let Some(post) = self
            .find(id)
            .and_then(|it| it.posts.iter_mut().find(|it| it.channel == channel))
        {
            post.saying = false;
            post.to_say.retain(|(known, _)| known != key);
        }
    }

    /// What is to be posted, edited, said now.
    pub(super) fn settle(&mut self, now: Timestamp, actions: &mut Vec<Action>) {
        for times in self.posted.values_mut() {
            while times
                .pop_front_if(|at| now.duration_since(*at) >= HOUR)
                .is_some()
            {}
        }
        for at in 0..self.held.len() {
            self.post(at, now, actions);
            self.bring_up(at, now, actions);
            self.page(at, now, actions);
        }
    }

    fn post(&mut self, at: usize, now: Timestamp, actions: &mut Vec<Action>) {
        let Some(held) = self.held.get(at) else {
            return;
        };
        let it = &held.incident;
        let channels = routes::channels(&self.settings.routes, &held.own, it.severity, &it.cause);
        for channel in channels {
            let known = self
                .held
                .get(at)
                .and_then(|it| it.posts.iter().find(|it| it.channel == channel));
            let due = match known.map(|it| &it.stage) {
                None => self.may_post(at, &channel, now),
                Some(Stage::Failed { until, .. }) => *until <= now,
                Some(_) => false,
            };
            if !due {
                continue;
            }
            let shown = self
                .held
                .get(at)
                .map_or(0, |it| brief(&self.drawn(&it.incident, &channel, now)));
            let Some(held) = self.held.get_mut(at) else {
                return;
            };
            let id = held.incident.id.clone();
            let key = format!("{id}/{channel}");
            match held.posts.iter_mut().find(|it| it.channel == channel) {
                Some(post) => post.stage = Stage::Sending,
                None => {
                    held.posts
                        .push(Post::new(channel.clone(), key.clone(), now));
                    self.posted
                        .entry(channel.clone())
                        .or_default()
                        .push_back(now);
                }
            }
            if let Some(post) = held.posts.iter_mut().find(|it| it.channel == channel) {
                post.shown = shown;
            }
            self.changed.insert(id.clone());
            actions.push(Action::Post {
                incident: id,
                channel,
                key,
            });
        }
    }

    /// Whether a channel may get a new message about an incident now.
    fn may_post(&self, at: usize, channel: &str, now: Timestamp) -> bool {
        let Some(held) = self.held.get(at) else {
            return false;
        };
        let it = &held.incident;
        let is_bot = it.cause.axis == Axis::Bot;
        // What came and went in silence stays silent.
        if (!it.is_open() && !is_bot) || self.is_muted(at, now) {
            return false;
        }
        if self
            .settings
            .planned
            .iter()
            .any(|work| work.covers(&it.cause, now))
        {
            return false;
        }
        let age = now.duration_since(it.opened);
        if held
            .asking
            .is_some_and(|since| now.duration_since(since) < DIAGNOSIS)
            && held.posts.is_empty()
        {
            return false;
        }
        if it.cause.axis == Axis::Alert && age < STORM && it.severity < Severity::Total {
            return false;
        }
        let cannot_wait =
            it.severity == Severity::Total || matches!(it.cause.axis, Axis::Source | Axis::Silence);
        if cannot_wait {
            return true;
        }
        if self.settings.quiet.as_ref().is_some_and(|it| it.holds(now)) {
            return false;
        }
        let posted = self
            .posted
            .get(channel)
            .map_or(0, std::collections::VecDeque::len);
        self.settings.most_posts == 0 || posted < self.settings.most_posts
    }

    /// Edits and replies for the messages that stand.
    fn bring_up(&mut self, at: usize, now: Timestamp, actions: &mut Vec<Action>) {
        let Some(held) = self.held.get(at) else {
            return;
        };
        let is_done = !held.incident.is_open() && !held.urgent;
        if is_done
            && held
                .posts
                .iter()
                .all(|it| it.to_say.is_empty() && it.shown != 0)
        {
            return;
        }
        let id = held.incident.id.clone();
        let (urgent, age) = (held.urgent, now.duration_since(held.incident.opened));
        let between = match age.as_mins() {
            ..10 => SignedDuration::from_mins(1),
            10..60 => SignedDuration::from_mins(5),
            _ => SignedDuration::from_mins(15),
        };
        let cards: Vec<u64> = held
            .posts
            .iter()
            .map(|post| brief(&self.drawn(&held.incident, &post.channel, now)))
            .collect();
        let Some(held) = self.held.get_mut(at) else {
            return;
        };
        let mut all_stand = true;
        for (post, shown) in held.posts.iter_mut().zip(cards) {
            let Stage::Standing { message } = &post.stage else {
                all_stand &= post.stage == Stage::Refused;
                continue;
            };
            let (message, channel) = (message.clone(), post.channel.clone());
            if post.shown != shown && (urgent || now.duration_since(post.edited) >= between) {
                post.shown = shown;
                post.edited = now;
                self.changed.insert(id.clone());
                let (incident, channel, message) = (id.clone(), channel.clone(), message.clone());
                actions.push(Action::Edit {
                    incident,
                    channel,
                    message,
                });
            }
            if let Some((key, text)) = post.to_say.first().filter(|_| !post.saying) {
                let (key, text) = (key.clone(), text.clone());
                post.saying = true;
                self.changed.insert(id.clone());
                actions.push(Action::Say {
                    incident: id.clone(),
                    channel,
                    message,
                    key,
                    text,
                });
            }
        }
        held.urgent &= !all_stand;
    }

    fn page(&mut self, at: usize, now: Timestamp, actions: &mut Vec<Action>) {
        let (Some(after), Some(held)) = (self.settings.page_after, self.held.get(at)) else {
            return;
        };
        let it = &held.incident;
        let is_due = it.severity == Severity::Total
            && it.is_open()
            && it.acknowledged.is_none()
            && !it.paged;
        let since = it.total_since.unwrap_or(it.opened);
        if !is_due || now.duration_since(since) < after || self.is_muted(at, now) {
            return;
        }
        let id = it.id.clone();
        if let Some(held) = self.find(&id) {
            held.incident.paged = true;
        }
        self.say(&id, "Nobody took note: the pager was called.".to_owned());
        actions.push(Action::Page { incident: id });
    }
}

fn queue(held: &mut Held, channel: &str, text: String) {
    if let Some(post) = held.posts.iter_mut().find(|it| it.channel == channel) {
        post.told += 1;
        let key = format!("{}/{}", post.key, post.told);
        post.to_say.push((key, text));
    }
}

/// What a card says, in short: without its chart, which moves by itself.
fn brief(card: &IncidentCard) -> u64 {
    let mut hasher = DefaultHasher::new();
    let still = IncidentCard {
        chart: Vec::new(),
        chart_says: String::new(),
        ..card.clone()
    };
    still.hash(&mut hasher);
    hasher.finish()
}
