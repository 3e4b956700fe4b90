//! One incident: what is known of it, and its states with hysteresis. Pure: is told what is seen and the time, and says
//! what changed; posts nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::grouping::{Axis, Cause};
use super::signal::{Alert, Example, Seen, Status};
use crate::diagnosis::Party;
use crate::diagnosis::patterns::Share;

/// So many quiet windows end an incident.
const QUIET_WINDOWS: i32 = 3;

/// What comes back within this is the same incident.
pub const SAME_AGAIN: SignedDuration = SignedDuration::from_mins(30);

/// Minutes of the chart that are kept.
const MINUTES_KEPT: usize = 240;

/// Fewer calls than this are no total outage.
const FEWEST_TOTAL: usize = 20;

/// So many calls have to agree on a party before it is named.
pub const AGREEING: usize = 3;

/// What an example calls a carrier.
pub const CARRIER: &str = Party::Carrier.label();

/// So many Call-IDs are kept of one incident.
const MOST_CALLS: usize = 500;

/// No more calls of one incident are diagnosed.
pub const MOST_EXAMPLES: usize = 12;

/// Ids of incidents begin with it.
pub const ID_PREFIX: &str = "inc-";

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Some calls of one customer, carrier or destination.
    Minor,
    /// Most calls of it, or several customers.
    Major,
    /// Everything: all calls of a customer or carrier, no traffic, no API.
    Total,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Severity::Minor => "minor",
            Severity::Major => "major",
            Severity::Total => "total",
        }
    }
}

/// Where it is in its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "is")]
pub enum State {
    /// It goes on.
    Open,
    /// Nothing was seen of it since then: it may be over.
    Calm {
        /// Since when.
        since: Timestamp,
    },
    /// It is over.
    Closed {
        /// When that was decided.
        at: Timestamp,
    },
}

/// Who took note of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Who, as in "slack:U012AB3CD".
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A minute of the chart: lost calls, and all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Minute {
    /// Lost calls.
    pub lost: u32,
    /// All calls.
    pub all: u32,
}

/// How it is told apart from noise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// The watch that found it; empty where none did.
    pub watch: String,
    /// Its condition, in words.
    pub condition: String,
    /// The window.
    pub window: SignedDuration,
    /// So many lost calls in a window are it.
    pub least: usize,
}

/// One incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its id, as people type it.
    pub id: String,
    /// What it is about.
    pub cause: Cause,
    /// What joined it.
    pub joined: Vec<Cause>,
    /// How it is told apart.
    pub measure: Measure,
    /// How bad it is at worst.
    pub severity: Severity,
    /// Where it is in its life.
    pub state: State,
    /// When it was noticed.
    pub opened: Timestamp,
    /// Its first sign.
    pub began: Timestamp,
    /// Its last sign.
    pub last_sign: Timestamp,
    /// When it was last too much.
    pub last_bad: Timestamp,
    /// Lost calls since it began, and all calls there.
    pub lost: usize,
    /// All calls there since it began.
    pub all: usize,
    /// Calls there after its end, once it is calm, and those of them that were lost as they always are.
    pub after: (usize, usize),
    /// Lost calls elsewhere when it was noticed, of all calls there.
    pub elsewhere: (usize, usize),
    /// Lost calls of all calls of the window in which most of them were lost.
    #[serde(default)]
    pub worst: (usize, usize),
    /// Lost calls by code.
    pub codes: BTreeMap<u16, usize>,
    /// Lost calls by customer.
    pub customers: BTreeMap<String, usize>,
    /// Lost calls by carrier.
    pub carriers: BTreeMap<String, usize>,
    /// Lost calls by the first four digits dialled.
    pub prefixes: BTreeMap<String, usize>,
    /// By the minute since 1970.
    pub minutes: BTreeMap<i64, Minute>,
    /// The calls that were diagnosed.
    pub examples: Vec<Example>,
    /// The Call-IDs that are being diagnosed, or could not be.
    pub asked: Vec<String>,
    /// The title and link of what the platform announces about it.
    pub announced: Option<(String, String)>,
    /// The alerts about it that go on, by hook and id.
    pub alerts: BTreeMap<String, Alert>,
    /// How many alerts there were.
    pub alerted: usize,
    /// What there is to say of it besides calls: the platform's words, an error.
    pub said: String,
    /// Who took note.
    pub acknowledged: Option<Acknowledged>,
    /// Whether the pager was called.
    pub paged: bool,
    /// Since when it is total.
    #[serde(default)]
    pub total_since: Option<Timestamp>,
    /// When it came back after it had been over.
    #[serde(default)]
    pub again: Option<Timestamp>,
    /// How long it was over in between.
    #[serde(default)]
    pub paused: SignedDuration,
    /// Call-IDs of lost calls, the first ones.
    pub calls: Vec<String>,
    /// How many customers were hit when that was last told.
    told_customers: usize,
}

/// What is to be said of an incident in its thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// It is worse than it was.
    Worse(Severity),
    /// Calls agree on a party.
    Party(String),
    /// More customers suffer.
    Spread(usize),
    /// It came back.
    Back(SignedDuration),
    /// It is over.
    Over,
}

impl Incident {
    /// A new one, noticed now.
    #[must_use]
    pub fn new(
        id: String,
        cause: Cause,
        measure: Measure,
        began: Timestamp,
        now: Timestamp,
    ) -> Incident {
        Incident {
            id,
            cause,
            joined: Vec::new(),
            measure,
            severity: Severity::Minor,
            state: State::Open,
            opened: now,
            began,
            last_sign: now,
            last_bad: now,
            lost: 0,
            all: 0,
            after: (0, 0),
            elsewhere: (0, 0),
            worst: (0, 0),
            codes: BTreeMap::new(),
            customers: BTreeMap::new(),
            carriers: BTreeMap::new(),
            prefixes: BTreeMap::new(),
            minutes: BTreeMap::new(),
            examples: Vec::new(),
            asked: Vec::new(),
            announced: None,
            alerts: BTreeMap::new(),
            alerted: 0,
            said: String::new(),
            acknowledged: None,
            paged: false,
            total_since: None,
            again: None,
            paused: SignedDuration::ZERO,
            calls: Vec::new(),
            told_customers: 1,
        }
    }

    /// Whether it is not over.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self.state, State::Closed { .. })
    }

    /// When it was closed.
    #[must_use]
    pub fn closed(&self) -> Option<Timestamp> {
        match self.state {
            State::Closed { at } => Some(at),
            _ => None,
        }
    }

    /// How long it lasted, from its first sign to its last, without the times in which it was over.
    #[must_use]
    pub fn lasted(&self) -> SignedDuration {
        let whole = self.last_sign.duration_since(self.began);
        (whole - self.paused).max(SignedDuration::ZERO)
    }

    /// Whether a call is one of its figures: of what joined it, the calls that are its own as well.
    #[must_use]
    pub fn counts(&self, call: &Seen) -> bool {
        match self.cause.is_of_calls() {
            true => self.cause.holds(call),
            false => self.holds(call),
        }
    }

    /// Whether a call is explained by it, or by what joined it: it makes no incident of its own.
    #[must_use]
    pub fn holds(&self, call: &Seen) -> bool {
        self.cause.holds(call) || self.joined.iter().any(|it| it.holds(call))
    }

    /// Whether it stands out nowhere.
    #[must_use]
    pub fn is_of_everything(&self) -> bool {
        self.cause.axis == Axis::Everything
    }

    /// Whether it is about that.
    #[must_use]
    pub fn is_about(&self, cause: &Cause) -> bool {
        self.cause == *cause || self.joined.contains(cause)
    }

    /// Whether these lost calls, which are of a cause that it is about, are its own for the most part. What joined it may
    /// be lost for another reason by now.
    #[must_use]
    pub fn is_still_about(&self, cause: &Cause, lost: &[Seen]) -> bool {
        let own = lost.iter().filter(|call| self.counts(call)).count();
        self.cause == *cause || lost.is_empty() || is_most(own, lost.len())
    }

    /// Takes in a call that it is about.
    pub fn note(&mut self, call: &Seen) {
        self.all += 1;
        let minute = self
            .minutes
            .entry(call.at.as_second().div_euclid(60))
            .or_default();
        minute.all = minute.all.saturating_add(1);
        if !call.failed() {
            return self.forget_old();
        }
        minute.lost = minute.lost.saturating_add(1);
        self.lost += 1;
        if self.calls.len() < MOST_CALLS {
            self.calls.push(call.call_id.clone());
        }
        self.began = self.began.min(call.at);
        self.last_sign = match self.lost {
            1 => call.at,
            _ => self.last_sign.max(call.at),
        };
        if let Some(code) = call.code {
            *self.codes.entry(code).or_default() += 1;
        }
        let named = [
            (
                &mut self.customers,
                call.customer.as_ref().map(|it| it.name.as_str()),
            ),
            (
                &mut self.carriers,
                call.carrier.as_ref().map(|it| it.name.as_str()),
            ),
            (&mut self.prefixes, call.to.get(..4)),
        ];
        for (counts, name) in named {
            if let Some(name) = name {
                *counts.entry(name.to_owned()).or_default() += 1;
            }
        }
        self.forget_old();
    }

    fn forget_old(&mut self) {
        while self.minutes.len() > MINUTES_KEPT {
            self.minutes.pop_first();
        }
    }

    /// Says whether it is too much at this moment, by its calls of one window: what changed of that.
    pub fn judge(&mut self, there: Share, fires: bool, now: Timestamp) -> Vec<Turn> {
        let mut turns = Vec::new();
        // Half as much still counts: what hovers at the limit neither ends nor begins anew with each call.
        let usual = share_of(self.elsewhere) * 2.0;
        // What is lost everywhere has no elsewhere to be set against: some calls are lost always.
        let part_of_worst = if self.is_of_everything() { 2.0 } else { 3.0 };
        if there.part >= self.measure.least && there.ratio() > share_of(self.worst) {
            self.worst = (there.part, there.whole);
        }
        let still = there.part >= (self.measure.least / 2).max(2)
            && there.ratio() >= (share_of(self.worst) / part_of_worst).max(usual);
        if fires || still {
            turns.extend(self.bad(now));
        }
        if self.cause.is_of_calls() {
            turns.extend(self.weigh(there, now));
            let customers = self.customers.len();
            if self.is_open() && customers >= 3 && customers >= self.told_customers * 3 {
                self.told_customers = customers;
                turns.push(Turn::Spread(customers));
            }
        }
        turns.extend(self.age(now));
        turns
    }

    /// What was over is there again, as bad as is said: whoever took note of it then did so of what was over.
    pub fn begin_again(&mut self, severity: Severity, now: Timestamp) {
        self.paused += now.duration_since(self.last_sign).max(SignedDuration::ZERO);
        self.again = Some(now);
        self.severity = severity;
        self.total_since = (severity == Severity::Total).then_some(now);
        (self.acknowledged, self.paged) = (None, false);
    }

    /// It is too much now.
    pub fn bad(&mut self, now: Timestamp) -> Option<Turn> {
        let back = match self.state {
            State::Closed { at } => Some(Turn::Back(now.duration_since(at))),
            _ => None,
        };
        self.last_bad = now;
        self.state = State::Open;
        self.after = (0, 0);
        back
    }

    /// Time goes by.
    pub fn age(&mut self, now: Timestamp) -> Option<Turn> {
        if !self.is_open() {
            return None;
        }
        let quiet = now.duration_since(self.last_bad);
        let windows = if self.cause.is_of_calls() || self.cause.axis == Axis::Watch {
            QUIET_WINDOWS
        } else {
            1
        };
        if quiet >= self.measure.window {
            self.find_end();
        }
        if quiet >= self.measure.window * windows {
            self.state = State::Closed { at: now };
            return Some(Turn::Over);
        }
        if quiet >= self.measure.window && matches!(self.state, State::Open) {
            self.state = State::Calm {
                since: self.last_bad,
            };
        }
        None
    }

    /// Finds when it truly ended: some calls are lost always, and are not its own. The end is the minute up to which
    /// more was lost than half of its share, most clearly.
    fn find_end(&mut self) {
        if self.lost == 0 || self.all == 0 {
            return;
        }
        let usual = self.lost as f64 / self.all as f64 / 2.0;
        let (mut sum, mut most, mut end) = (0.0, 0.0, None);
        for (minute, counts) in &self.minutes {
            sum += f64::from(counts.lost) - usual * f64::from(counts.all);
            if sum > most {
                (most, end) = (sum, Some(*minute));
            }
        }
        let Some(end) = end else { return };
        let after = self.minutes.range(end + 1..).map(|(_, it)| it);
        self.after = after.fold((0, 0), |(all, lost), it| {
            let count = |it: u32| usize::try_from(it).unwrap_or(0);
            (all + count(it.all), lost + count(it.lost))
        });
        let last = Timestamp::from_second(end.saturating_mul(60) + 59).unwrap_or(self.last_sign);
        self.last_sign = last.min(self.last_sign).max(self.began);
    }

    /// Lost calls of all calls there while it lasted.
    #[must_use]
    pub fn share(&self) -> Share {
        Share {
            part: self.lost.saturating_sub(self.after.1),
            whole: self.all.saturating_sub(self.after.0),
        }
    }

    /// Lost calls of all calls there in so long a time before now.
    fn recent(&self, length: SignedDuration, now: Timestamp) -> Share {
        let from = now
            .checked_sub(length)
            .unwrap_or(self.began)
            .max(self.again.unwrap_or(self.began));
        let minutes = self.minutes.range(from.as_second().div_euclid(60)..);
        let count = |it: u32| usize::try_from(it).unwrap_or(0);
        minutes.fold(Share { part: 0, whole: 0 }, |sum, (_, it)| Share {
            part: sum.part + count(it.lost),
            whole: sum.whole + count(it.all),
        })
    }

    /// Ends it at once.
    pub fn end(&mut self, now: Timestamp) -> Option<Turn> {
        if !self.is_open() {
            return None;
        }
        self.state = State::Closed { at: now };
        Some(Turn::Over)
    }

    /// How bad it is; it never becomes milder while it lasts.
    fn weigh(&mut self, there: Share, now: Timestamp) -> Option<Turn> {
        // Records of good calls come when these are over: the last minutes look worse than they are.
        let longer = self.recent(self.measure.window * QUIET_WINDOWS, now);
        let nearly_all =
            there.whole >= FEWEST_TOTAL && there.ratio() >= 0.95 && longer.ratio() >= 0.95;
        let most = there.whole >= FEWEST_TOTAL && there.ratio() >= 0.5;
        let several = there.whole >= FEWEST_TOTAL && there.ratio() >= 0.2;
        let severity = match () {
            () if nearly_all && self.cause.axis != Axis::Prefix => Severity::Total,
            () if most || (several && self.customers.len() >= 3) => Severity::Major,
            () => Severity::Minor,
        };
        if severity <= self.severity {
            return None;
        }
        self.severity = severity;
        if severity == Severity::Total {
            self.total_since = Some(now);
        }
        Some(Turn::Worse(severity))
    }

    /// Takes in what calls were diagnosed as.
    pub fn learn(&mut self, examples: Vec<Example>) -> Option<Turn> {
        let before = self.party().map(str::to_owned);
        for example in examples {
            if !self.examples.iter().any(|it| it.call_id == example.call_id) {
                self.examples.push(example);
            }
        }
        let after = self.party().map(str::to_owned);
        match (before, after) {
            (before, Some(after)) if before.as_deref() != Some(&after) => Some(Turn::Party(after)),
            _ => None,
        }
    }

    /// The party that calls agree on: at least three, and no diagnosed call names another.
    #[must_use]
    pub fn party(&self) -> Option<&str> {
        let named: BTreeSet<&str> = self
            .examples
            .iter()
            .map(|it| it.party.as_str())
            .filter(|it| !it.is_empty())
            .collect();
        let agreeing = self
            .examples
            .iter()
            .filter(|it| !it.party.is_empty())
            .count();
        let only = named.first().filter(|_| named.len() == 1)?;
        let is_sure = agreeing >= AGREEING && !(*only == CARRIER && self.is_of_several_carriers());
        is_sure.then_some(*only)
    }

    /// Whether no carrier has most of its lost calls: then it is no single one's, whatever each call shows by itself.
    #[must_use]
    pub fn is_of_several_carriers(&self) -> bool {
        let all: usize = self.carriers.values().sum();
        let most = self.carriers.values().max().copied().unwrap_or_default();
        self.cause.axis != Axis::Carrier && self.carriers.len() > 1 && most * 2 <= all
    }

    /// The servers and zones of the platform that nearly all its calls used that were looked at. A call that was lost for
    /// another reason is often among them.
    #[must_use]
    pub fn places(&self) -> BTreeSet<&str> {
        let used = |place: &&str| {
            let has = |it: &&Example| it.places.iter().any(|other| other == place);
            self.examples.iter().filter(has).count() * 4 >= self.examples.len() * 3
        };
        let all = self.examples.iter().flat_map(|it| &it.places);
        all.map(String::as_str).filter(used).collect()
    }

    /// The rule that most diagnosed calls agree on.
    #[must_use]
    pub fn rule(&self) -> Option<&Example> {
        let times = |it: &&Example| {
            self.examples
                .iter()
                .filter(|other| other.rule == it.rule)
                .count()
        };
        self.examples.iter().rev().max_by_key(times)
    }

    /// Takes in an alert; how many of them go on then.
    pub fn alert(&mut self, alert: Alert, now: Timestamp) -> usize {
        let key = format!("{}/{}", alert.hook, alert.id);
        match alert.status {
            Status::Firing => {
                if self.alerts.insert(key, alert).is_none() {
                    self.alerted += 1;
                }
                self.last_bad = now;
                self.last_sign = now;
            }
            Status::Resolved => {
                self.alerts.remove(&key);
            }
        }
        self.alerts.len()
    }
}

/// Whether one is most of the other.
#[must_use]
pub fn is_most(part: usize, whole: usize) -> bool {
    whole > 0 && part * 10 >= whole * 6
}

fn share_of((part, whole): (usize, usize)) -> f64 {
    Share { part, whole }.ratio()
}
