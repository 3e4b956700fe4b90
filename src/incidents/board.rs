//! All incidents at once: events in, actions out. Pure: time is a parameter, nothing is fetched, kept or posted here.
//!
//! What is posted when is decided in `settle`; which calls belong together in `grouping`; the life of one in `life`.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::baseline::Baseline;
use super::judged::Judged;
use super::life::{Acknowledged, Incident};
use super::mute::{Mute, Target};
use super::posts::{Post, Stage};
use super::quiet::{Planned, Quiet};
use super::routes::Route;
use super::signal::{Alert, Example, Seen};
use super::watch::Watch;
use crate::platform;

/// Calls are kept for so long: as long as the longest window.
const KEPT: SignedDuration = SignedDuration::from_hours(6);

/// More calls than this are not kept.
const MOST_KEPT: usize = 200_000;

/// A stretch that was not looked at is gone through in steps of this.
pub(super) const STEP: SignedDuration = SignedDuration::from_mins(1);

/// Closed incidents are kept for so long, for lists and digests.
pub const CLOSED_KEPT: SignedDuration = SignedDuration::from_hours(8 * 24);

/// How it decides.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The channel of what no watch found: the status page, sources, the bot itself.
    pub channel: String,
    /// Which channels hear of what besides.
    pub routes: Vec<Route>,
    /// Quiet hours.
    pub quiet: Option<Quiet>,
    /// Work that is planned.
    pub planned: Vec<Planned>,
    /// New messages that a channel gets in an hour at most; zero is no limit.
    pub most_posts: usize,
    /// The channel of each hook.
    pub hooks: BTreeMap<String, String>,
    /// In which zone times are told, unless a channel has its own.
    pub zone: TimeZone,
    /// The zones of channels that have their own.
    pub zones: BTreeMap<String, TimeZone>,
    /// An unacknowledged total outage calls the pager after so long; without it nobody is called.
    pub page_after: Option<SignedDuration>,
    /// Incidents that are over are kept for so long.
    pub closed_kept: SignedDuration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            channel: String::new(),
            routes: Vec::new(),
            quiet: None,
            planned: Vec::new(),
            most_posts: 0,
            hooks: BTreeMap::new(),
            zone: TimeZone::UTC,
            zones: BTreeMap::new(),
            page_after: None,
            closed_kept: CLOSED_KEPT,
        }
    }
}

/// What happens.
#[derive(Debug, Clone)]
pub enum Event {
    /// The log was looked through until then, and these calls are new.
    Looked {
        /// The calls.
        calls: Vec<Seen>,
        /// Until when everything was seen.
        until: Timestamp,
    },
    /// Calls from before a restart, which were counted then.
    Recalled {
        /// The calls.
        calls: Vec<Seen>,
        /// Since when these are all that there were; nothing where some could not be had.
        all_from: Option<Timestamp>,
    },
    /// A source fails, and why; or does no longer.
    Trouble {
        /// Its name.
        source: String,
        /// Why it fails.
        why: Option<String>,
    },
    /// What the status page lists now.
    Announced(Vec<platform::Incident>),
    /// Alerts of other programs.
    Alerts(Vec<Alert>),
    /// What became of calls that were to be diagnosed.
    Diagnosed {
        /// The incident.
        incident: String,
        /// What came out.
        examples: Vec<Example>,
    },
    /// Somebody took note.
    Acknowledged {
        /// The incident.
        incident: String,
        /// Who.
        by: String,
    },
    /// Somebody does not want to hear of something.
    Muted(Mute),
    /// Somebody wants to hear of it again.
    Unmuted {
        /// The id or target of the mute, in words.
        what: String,
    },
    /// A message stands.
    Posted {
        /// The incident.
        incident: String,
        /// The channel.
        channel: String,
        /// Its id in the chat.
        message: String,
    },
    /// A message could not be posted.
    NotPosted {
        /// The incident.
        incident: String,
        /// The channel.
        channel: String,
        /// Whether it never will be.
        for_ever: bool,
    },
    /// Something stands in a thread.
    Said {
        /// The incident.
        incident: String,
        /// The channel.
        channel: String,
        /// What the reply carries.
        key: String,
    },
    /// The records of a platform hold answered calls only.
    OnlyAnswered {
        /// The platform.
        source: String,
    },
    /// The bot was away since then.
    Slept {
        /// Since when.
        since: Timestamp,
    },
    /// Time went by.
    Tick,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Post the card of an incident; the message carries the key.
    Post {
        /// The incident.
        incident: String,
        /// Where.
        channel: String,
        /// What the message carries.
        key: String,
    },
    /// Bring its message up to date.
    Edit {
        /// The incident.
        incident: String,
        /// Where.
        channel: String,
        /// The message.
        message: String,
    },
    /// Say something in the thread of its message.
    Say {
        /// The incident.
        incident: String,
        /// Where.
        channel: String,
        /// The message.
        message: String,
        /// What the reply carries.
        key: String,
        /// What to say.
        text: String,
    },
    /// Say something in a channel that belongs to no incident.
    Tell {
        /// Where.
        channel: String,
        /// What the message carries.
        key: String,
        /// What to say.
        text: String,
    },
    /// Diagnose calls.
    Diagnose {
        /// For which incident.
        incident: String,
        /// Their Call-IDs.
        calls: Vec<String>,
    },
    /// Call the pager.
    Page {
        /// About which incident.
        incident: String,
    },
}

/// An incident with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The incident.
    pub incident: Incident,
    /// The channels that hear of it by what found it.
    pub own: Vec<String>,
    /// Its messages.
    pub posts: Vec<Post>,
    /// Whether something must be said of it that a card does not wait for.
    #[serde(default)]
    pub urgent: bool,
    /// Since when calls are being diagnosed for it.
    #[serde(default)]
    pub asking: Option<Timestamp>,
}

/// A source that fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub why: String,
    /// How often it failed since then.
    #[serde(default)]
    pub times: usize,
}

/// All incidents.
#[derive(Debug, Default)]
pub struct Board {
    pub(super) settings: Settings,
    pub(super) watches: Vec<Watch>,
    pub(super) calls: VecDeque<Seen>,
    ids: HashSet<String>,
    pub(super) looked_from: Option<Timestamp>,
    pub(super) looked_until: Option<Timestamp>,
    pub(super) held: Vec<Held>,
    pub(super) mutes: Vec<Mute>,
    /// By watch: calls that are lost, or have the code it asks for.
    pub(super) baselines: BTreeMap<String, Baseline>,
    /// The calls that were diagnosed, for rules that rise.
    pub(super) judged: VecDeque<Judged>,
    /// When calls were last looked at for a watch on a rule.
    pub(super) sampled: BTreeMap<String, Timestamp>,
    /// Calls that were looked at for one.
    pub(super) looked_at: HashSet<String>,
    pub(super) troubles: BTreeMap<String, Trouble>,
    /// When a channel got a new message, in the last hour.
    pub(super) posted: BTreeMap<String, VecDeque<Timestamp>>,
    pub(super) changed: BTreeSet<String>,
    pub(super) mutes_changed: bool,
    /// How many calls and lost calls were seen by hour and carrier: see `digest`.
    pub(super) tally: super::digest::Tally,
}

impl Board {
    /// An empty one.
    #[must_use]
    pub fn new(settings: Settings, watches: Vec<Watch>) -> Board {
        Board {
            settings,
            watches,
            ..Board::default()
        }
    }

    /// Puts back what an earlier run kept.
    pub fn restore(
        &mut self,
        held: Vec<Held>,
        mutes: Vec<Mute>,
        baselines: BTreeMap<String, Baseline>,
        until: Option<Timestamp>,
    ) {
        self.held = held;
        for held in self.held.iter_mut().filter(|it| it.asking.is_some()) {
            // Whoever was asked died with the process.
            held.asking = None;
            let known = &held.incident.examples;
            held.incident
                .asked
                .retain(|id| known.iter().any(|it| it.call_id == *id));
        }
        self.mutes = mutes;
        self.baselines = baselines;
        self.looked_until = until;
        self.looked_from = until;
    }

    /// The messages that were on their way when an earlier run ended.
    #[must_use]
    pub fn unsent(&self) -> Vec<Action> {
        let posts = self
            .held
            .iter()
            .flat_map(|held| held.posts.iter().map(move |post| (held, post)));
        let sending = posts.filter(|(_, post)| post.stage == Stage::Sending);
        sending
            .map(|(held, post)| Action::Post {
                incident: held.incident.id.clone(),
                channel: post.channel.clone(),
                key: post.key.clone(),
            })
            .collect()
    }

    /// Puts back what was counted for digests.
    pub fn restore_tally(&mut self, tally: super::digest::Tally) {
        self.tally = tally;
    }

    /// What is watched.
    #[must_use]
    pub fn watches(&self) -> &[Watch] {
        &self.watches
    }

    /// Watches something more; one of the same name is replaced.
    pub fn add_watch(&mut self, watch: Watch) {
        self.watches.retain(|it| it.name != watch.name);
        self.watches.push(watch);
    }

    /// Decides by other settings from now on, and watches these instead of those that nobody in particular asked for.
    /// What is known of a watch that stays is kept.
    pub fn follow(&mut self, settings: Settings, watches: &[Watch]) {
        self.settings = settings;
        self.watches
            .retain(|it| it.by.is_some() && !watches.iter().any(|new| new.name == it.name));
        self.watches.splice(0..0, watches.iter().cloned());
    }

    /// Watches something no longer; whether it was watched.
    pub fn remove_watch(&mut self, name: &str) -> bool {
        let before = self.watches.len();
        self.watches.retain(|it| it.name != name);
        self.watches.len() < before
    }

    /// All incidents, those that are over among them.
    pub fn incidents(&self) -> impl Iterator<Item = &Incident> {
        self.held.iter().map(|it| &it.incident)
    }

    /// An incident with its messages.
    #[must_use]
    pub fn held(&self, id: &str) -> Option<&Held> {
        self.held.iter().find(|it| it.incident.id == id)
    }

    /// The mutes that hold.
    #[must_use]
    pub fn mutes(&self) -> &[Mute] {
        &self.mutes
    }

    /// What is usual, by watch.
    #[must_use]
    pub fn baselines(&self) -> &BTreeMap<String, Baseline> {
        &self.baselines
    }

    /// What was counted for digests.
    #[must_use]
    pub fn tally(&self) -> &super::digest::Tally {
        &self.tally
    }

    /// Until when the log was looked through.
    #[must_use]
    pub fn looked_until(&self) -> Option<Timestamp> {
        self.looked_until
    }

    /// The longest window of all watches: calls so far back are needed after a restart.
    #[must_use]
    pub fn longest_window(&self) -> SignedDuration {
        let windows = self.watches.iter().map(|it| it.condition.window);
        windows.max().unwrap_or(STEP)
    }

    /// The ids of incidents that changed since this was last asked.
    pub fn take_changed(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.changed)
    }

    /// Whether the mutes changed since this was last asked.
    pub fn take_mutes_changed(&mut self) -> bool {
        std::mem::take(&mut self.mutes_changed)
    }

    /// Takes in what happens, and says what is to be done.
    pub fn take(&mut self, event: Event, now: Timestamp) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            Event::Looked { calls, until } => self.looked(calls, until, &mut actions),
            Event::Recalled { calls, all_from } => {
                self.looked_from = calls.iter().map(|it| it.at).min().or(self.looked_from);
                if let Some(from) = all_from {
                    self.tally.count_anew(from, &calls);
                }
                self.keep(calls);
            }
            Event::Trouble { source, why } => self.trouble(source, why, now),
            Event::Announced(listed) => self.announced(listed, now),
            Event::Alerts(alerts) => {
                for alert in alerts {
                    self.alerted(alert, now, &mut actions);
                }
            }
            Event::Diagnosed { incident, examples } => self.diagnosed(&incident, examples, now),
            Event::Acknowledged { incident, by } => {
                if let Some(held) = self.find(&incident) {
                    held.incident.acknowledged = Some(Acknowledged { by, at: now });
                    held.urgent = true;
                }
            }
            Event::Muted(mute) => {
                self.mutes.retain(|it| it.target != mute.target);
                self.mutes.push(mute);
                self.mutes_changed = true;
                self.touch_open();
            }
            Event::Unmuted { what } => {
                self.mutes.retain(|it| it.about() != what && it.id != what);
                self.mutes_changed = true;
                self.touch_open();
            }
            Event::Posted {
                incident,
                channel,
                message,
            } => self.delivered(&incident, &channel, message),
            Event::NotPosted {
                incident,
                channel,
                for_ever,
            } => self.undelivered(&incident, &channel, for_ever, now),
            Event::Said {
                incident,
                channel,
                key,
            } => self.said(&incident, &channel, &key),
            Event::OnlyAnswered { source } => self.only_answered(&source, &mut actions),
            Event::Slept { since } => self.slept(since, now),
            Event::Tick => {}
        }
        self.age(now, &mut actions);
        self.settle(now, &mut actions);
        actions
    }

    /// The incident, marked as changed.
    pub(super) fn find(&mut self, id: &str) -> Option<&mut Held> {
        let found = self.held.iter_mut().find(|it| it.incident.id == id)?;
        self.changed.insert(id.to_owned());
        Some(found)
    }

    fn touch_open(&mut self) {
        for held in self.held.iter_mut().filter(|it| it.incident.is_open()) {
            held.urgent = true;
            self.changed.insert(held.incident.id.clone());
        }
    }

    /// Keeps calls for the windows, in order; what was kept before is not new.
    pub(super) fn keep(&mut self, calls: Vec<Seen>) -> Vec<Seen> {
        let mut new: Vec<Seen> = Vec::new();
        for call in calls {
            // Each look sees most of them again.
            if !self.ids.contains(&call.call_id) {
                self.ids.insert(call.call_id.clone());
                new.push(call);
            }
        }
        new.sort_by_key(|it| it.at);
        let in_order = self
            .calls
            .back()
            .zip(new.first())
            .is_none_or(|(last, first)| last.at <= first.at);
        self.calls.extend(new.iter().cloned());
        if !in_order {
            self.calls.make_contiguous().sort_by_key(|it| it.at);
        }
        new
    }

    pub(super) fn forget(&mut self, until: Timestamp) {
        let kept = self
            .longest_window()
            .max(SignedDuration::from_hours(1))
            .min(KEPT);
        let oldest = until.checked_sub(kept).unwrap_or(Timestamp::MIN);
        while let Some(call) = self.calls.front() {
            if call.at >= oldest && self.calls.len() <= MOST_KEPT {
                return;
            }
            self.ids.remove(&call.call_id);
            self.looked_at.remove(&call.call_id);
            self.calls.pop_front();
        }
    }

    /// The calls of a window, in order.
    pub(super) fn window(
        &self,
        length: SignedDuration,
        until: Timestamp,
    ) -> impl Iterator<Item = &Seen> {
        let from = until.checked_sub(length).unwrap_or(Timestamp::MIN);
        let first = self.calls.partition_point(|it| it.at <= from);
        let last = self.calls.partition_point(|it| it.at <= until);
        self.calls.range(first..last.max(first))
    }

    fn diagnosed(&mut self, id: &str, examples: Vec<Example>, now: Timestamp) {
        self.remember(&examples, now);
        self.show_of_watch(id, &examples);
        let Some(held) = self.find(id) else { return };
        held.asking = None;
        held.urgent = true;
        let turn = held.incident.learn(examples);
        // What the first message says already is no turning point.
        if let Some(turn) = turn.filter(|_| !held.posts.is_empty()) {
            self.tell(id, &turn);
        }
    }

    /// Time goes by for what the log does not tell, and for what is forgotten.
    fn age(&mut self, now: Timestamp, actions: &mut Vec<Action>) {
        self.tell_of_sources(now);
        let closed_kept = self.settings.closed_kept;
        self.held.retain(|held| {
            let is_kept = held
                .incident
                .closed()
                .is_none_or(|at| now.duration_since(at) < closed_kept);
            if !is_kept {
                self.changed.insert(held.incident.id.clone());
            }
            is_kept
        });
        let closed: BTreeSet<String> = self
            .incidents()
            .filter(|it| !it.is_open())
            .map(|it| it.id.clone())
            .collect();
        // Of an incident that is over nothing is muted any more.
        let before = self.mutes.len();
        self.mutes
            .retain(|mute| !matches!(&mute.target, Target::Incident(id) if closed.contains(id)));
        self.mutes_changed |= self.mutes.len() < before;
        self.expire(now, actions);
    }
}
