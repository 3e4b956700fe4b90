//! What the log shows, step by step: calls counted into incidents, watches judged, incidents opened, joined and merged.
//! Pure; decides nothing of what is posted.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::board::{Action, Board, Held, STEP};
use super::finding::Fire;
use super::grouping::{Axis, Cause, beginning, representative};
use super::life::{ID_PREFIX, Incident, MOST_EXAMPLES, SAME_AGAIN, Turn, is_most};
use super::posts::JOINED;
use super::signal::Seen;
use super::watch::When;
use crate::diagnosis::patterns::Share;

/// No stretch is gone through in more steps.
const MOST_STEPS: usize = 400;

/// So many calls are diagnosed at first.
pub(super) const FIRST_EXAMPLES: usize = 3;

impl Board {
    /// Takes in calls and judges what they show; a long stretch step by step, so that nothing in it is missed.
    pub(super) fn looked(&mut self, calls: Vec<Seen>, until: Timestamp, actions: &mut Vec<Action>) {
        let before = self.looked_until.unwrap_or(until);
        self.looked_from.get_or_insert(before);
        let new = self.keep(calls);
        for call in &new {
            self.learn(call);
            self.tally.note(call);
        }
        let mut at = before;
        let mut noted = 0;
        for step in 0..MOST_STEPS {
            at = at.checked_add(STEP).unwrap_or(until);
            if at > until || step + 1 == MOST_STEPS {
                at = until;
            }
            let here = new.partition_point(|it| it.at <= at).max(noted);
            let now_new = if at == until { new.len() } else { here };
            for call in new.get(noted..now_new).unwrap_or_default() {
                let is_of_another = self.is_of_narrower(call);
                for held in &mut self.held {
                    let it = &mut held.incident;
                    if it.is_open() && it.counts(call) && !(it.is_of_everything() && is_of_another)
                    {
                        it.note(call);
                        self.changed.insert(it.id.clone());
                    }
                }
            }
            noted = now_new;
            self.judge(at, actions);
            if at == until {
                break;
            }
        }
        self.looked_until = Some(until.max(before));
        self.forget(until);
    }

    /// Whether an incident of one place is about a call: what is lost everywhere is then counted without it.
    fn is_of_narrower(&self, call: &Seen) -> bool {
        let mut open = self.held.iter().map(|it| &it.incident);
        open.any(|it| {
            it.is_open() && it.cause.is_of_calls() && !it.is_of_everything() && it.holds(call)
        })
    }

    /// Counts a call into what is usual of each watch.
    pub(super) fn learn(&mut self, call: &Seen) {
        for watch in self.watches.iter().filter(|it| it.scope.holds(call)) {
            let hit = match &watch.condition.when {
                // Of those the calls that are diagnosed are counted.
                When::Rising(super::watch::Rise::Rule(_), _) => continue,
                When::Rising(super::watch::Rise::Code(code), _) => {
                    call.code == Some(*code) && !call.answered
                }
                _ => call.failed(),
            };
            self.baselines
                .entry(watch.name.clone())
                .or_default()
                .note(call.at, hit);
        }
    }

    /// Judges all windows that end at this moment.
    pub(super) fn judge(&mut self, at: Timestamp, actions: &mut Vec<Action>) {
        let mut fires: Vec<Fire> = self
            .watches
            .iter()
            .flat_map(|it| self.fires(it, at))
            .collect();
        // First what is told of already: whatever else is lost by it then belongs there.
        fires.sort_by_key(|fire| !self.incidents().any(|it| it.cause == fire.cause));
        let mut fired: BTreeSet<String> = BTreeSet::new();
        for fire in fires {
            let id = self
                .known(&fire, at)
                .unwrap_or_else(|| self.open(&fire, at));
            if let Some(held) = self.find(&id).filter(|_| !fire.examples.is_empty()) {
                held.incident.learn(fire.examples);
            }
            fired.insert(id);
        }
        self.merge(at);
        let mut told: Vec<(String, Turn)> = Vec::new();
        for n in 0..self.held.len() {
            let Some(held) = self.held.get(n) else {
                continue;
            };
            let of_log = held.incident.cause.is_of_calls()
                || matches!(held.incident.cause.axis, Axis::Watch | Axis::Silence);
            let fires = fired.contains(&held.incident.id);
            if !of_log || !(held.incident.is_open() || fires) {
                continue;
            }
            let window = held.incident.measure.window;
            let is_of_everything = held.incident.is_of_everything();
            let its = self.window(window, at).filter(|it| {
                held.incident.counts(it) && !(is_of_everything && self.is_of_narrower(it))
            });
            let there = Share::of(its, |it| it.failed());
            let Some(held) = self.held.get_mut(n) else {
                continue;
            };
            let before = (held.incident.state.clone(), held.incident.severity);
            if fires && matches!(held.incident.cause.axis, Axis::Watch | Axis::Silence) {
                held.incident.last_sign = at;
            }
            let turns = held.incident.judge(there, fires, at);
            if !turns.is_empty() || before != (held.incident.state.clone(), held.incident.severity)
            {
                self.changed.insert(held.incident.id.clone());
            }
            told.extend(
                turns
                    .into_iter()
                    .map(|turn| (held.incident.id.clone(), turn)),
            );
        }
        for (id, turn) in told {
            self.tell(&id, &turn);
        }
        self.ask(at, actions);
        self.sample(at, actions);
    }

    /// The incident that is about what fires: by its cause, or by the calls it shares with it.
    pub(super) fn known(&mut self, fire: &Fire, at: Timestamp) -> Option<String> {
        let is_recent = |it: &Incident| {
            it.closed()
                .is_none_or(|closed| at.duration_since(closed) < SAME_AGAIN)
        };
        let mut by_cause = None;
        for held in &mut self.held {
            let it = &mut held.incident;
            if !is_recent(it) || !it.is_about(&fire.cause) {
                continue;
            }
            if it.is_still_about(&fire.cause, &fire.lost) {
                by_cause = Some(it.id.clone());
                break;
            }
            // It joined for calls that both lost, and is lost for another reason by now.
            it.joined.retain(|joined| *joined != fire.cause);
            self.changed.insert(it.id.clone());
        }
        if let Some(id) = by_cause {
            self.reopen(&id, fire, at);
            return Some(id);
        }
        // A server that the platform announces as in trouble is no news.
        let of_calls = |it: &&Held| {
            it.incident.is_open() && it.incident.cause.is_of_calls() && fire.cause.is_of_calls()
        };
        let inside = self.held.iter().filter(of_calls).find(|it| {
            let shared = fire
                .lost
                .iter()
                .filter(|call| it.incident.counts(call))
                .count();
            is_most(shared, fire.lost.len())
        });
        if let Some(held) = inside {
            let id = held.incident.id.clone();
            self.join(&id, &fire.cause, false);
            return Some(id);
        }
        let ids: BTreeSet<&str> = fire.lost.iter().map(|it| it.call_id.as_str()).collect();
        let around = self.held.iter().filter(of_calls).find(|it| {
            let window = it.incident.measure.window;
            let its: Vec<&Seen> = self
                .window(window, at)
                .filter(|call| call.failed() && it.incident.counts(call))
                .collect();
            let shared = its
                .iter()
                .filter(|call| ids.contains(call.call_id.as_str()))
                .count();
            is_most(shared, its.len())
        });
        let id = around.map(|it| it.incident.id.clone())?;
        self.join(&id, &fire.cause, true);
        Some(id)
    }

    fn join(&mut self, id: &str, cause: &Cause, is_wider: bool) {
        if let Some(held) = self.find(id) {
            let joined = match is_wider {
                true => std::mem::replace(&mut held.incident.cause, cause.clone()),
                false => cause.clone(),
            };
            held.incident.joined.push(joined);
            held.urgent = true;
        }
    }

    /// What is known of it again: the calls of the window from after its end are counted too.
    fn reopen(&mut self, id: &str, fire: &Fire, at: Timestamp) {
        let Some(it) = self.held(id).map(|it| &it.incident) else {
            return;
        };
        let since = it.closed();
        let is_new = |call: &&Seen| since.is_some_and(|closed| call.at > closed) && it.counts(call);
        let window = self.window(fire.measure.window, at);
        let calls: Vec<Seen> = window.filter(is_new).cloned().collect();
        let Some(held) = self.find(id) else { return };
        held.incident.said.clone_from(&fire.said);
        if since.is_some() {
            let lost = fire.lost.iter().map(|it| it.at);
            let again = lost.filter(|it| Some(*it) > since).min().unwrap_or(at);
            held.incident.begin_again(fire.severity, again);
            calls.iter().for_each(|it| held.incident.note(it));
            held.urgent = true;
        }
    }

    /// An id that nobody has.
    pub(super) fn new_id(&self, at: Timestamp) -> String {
        let base = format!("{ID_PREFIX}{}", at.strftime("%m%d-%H%M"));
        let is_free = |id: &String| self.held(id).is_none();
        let more = (2..).map(|n| format!("{base}-{n}"));
        std::iter::once(base.clone())
            .chain(more)
            .find(is_free)
            .unwrap_or(base)
    }

    pub(super) fn open(&mut self, fire: &Fire, at: Timestamp) -> String {
        let window: Vec<&Seen> = self.window(fire.measure.window, at).collect();
        let there: Vec<&Seen> = window
            .iter()
            .copied()
            .filter(|it| {
                let is_of_everything = fire.cause.axis == Axis::Everything;
                fire.cause.holds(it) && !(is_of_everything && self.is_of_narrower(it))
            })
            .collect();
        let first = fire.lost.first().map_or(fire.began, |it| it.at);
        let began = beginning(&there).unwrap_or(first);
        let id = self.new_id(at);
        let mut incident = Incident::new(id, fire.cause.clone(), fire.measure.clone(), began, at);
        // What is lost in another incident is not what this one is set against.
        let others = window.iter().filter(|it| {
            let is_known = |held: &Held| held.incident.is_open() && held.incident.holds(it);
            !fire.cause.holds(it) && !self.held.iter().any(is_known)
        });
        let elsewhere = Share::of(others, |it| it.failed());
        incident.elsewhere = (elsewhere.part, elsewhere.whole);
        incident.said.clone_from(&fire.said);
        incident.severity = fire.severity;
        for call in there.iter().filter(|it| it.at >= began) {
            incident.note(call);
        }
        self.hold(incident, vec![fire.channel.clone()])
    }

    pub(super) fn hold(&mut self, incident: Incident, own: Vec<String>) -> String {
        let id = incident.id.clone();
        self.changed.insert(id.clone());
        self.held.push(Held {
            incident,
            own,
            posts: Vec::new(),
            urgent: true,
            asking: None,
        });
        id
    }

    /// Two that lose the same calls are one: the younger goes into the older.
    pub(super) fn merge(&mut self, at: Timestamp) {
        let open: Vec<usize> = (0..self.held.len())
            .filter(|n| {
                self.held
                    .get(*n)
                    .is_some_and(|it| it.incident.is_open() && it.incident.cause.is_of_calls())
            })
            .collect();
        for (n, one) in open.iter().enumerate() {
            for two in open.iter().skip(n + 1) {
                let (Some(a), Some(b)) = (self.held.get(*one), self.held.get(*two)) else {
                    continue;
                };
                if !a.incident.is_open() || !b.incident.is_open() {
                    continue;
                }
                let window = a.incident.measure.window.max(b.incident.measure.window);
                let (mut both, mut any) = (0_usize, 0_usize);
                for call in self.window(window, at).filter(|it| it.failed()) {
                    let (in_a, in_b) = (a.incident.counts(call), b.incident.counts(call));
                    both += usize::from(in_a && in_b);
                    any += usize::from(in_a || in_b);
                }
                if any == 0 || both * 10 < any * 8 {
                    continue;
                }
                let (older, younger) = (a.incident.id.clone(), b.incident.id.clone());
                let cause = b.incident.cause.clone();
                self.join(&older, &cause, false);
                if let Some(held) = self.find(&younger) {
                    held.incident.end(at);
                    held.incident.said = format!("{JOINED}{older}");
                    held.urgent = true;
                }
            }
        }
    }

    /// Asks for calls to be diagnosed: three at first, more as it grows, so that a party can be named.
    pub(super) fn ask(&mut self, at: Timestamp, actions: &mut Vec<Action>) {
        for n in 0..self.held.len() {
            let Some(held) = self.held.get(n) else {
                continue;
            };
            let it = &held.incident;
            if !it.is_open() || held.asking.is_some() || it.lost == 0 {
                continue;
            }
            let wanted = match it.asked.len() {
                0 => FIRST_EXAMPLES,
                asked if asked < MOST_EXAMPLES && it.lost >= asked * 4 => {
                    FIRST_EXAMPLES.min(MOST_EXAMPLES - asked)
                }
                _ => continue,
            };
            let lost: Vec<&Seen> = self
                .window(it.measure.window, at)
                .filter(|call| call.failed() && it.counts(call))
                .collect();
            // Those that only this one is about show it best.
            let is_only_its = |call: &&&Seen| {
                let is_known = |other: &Held| {
                    other.incident.id != it.id
                        && other.incident.is_open()
                        && other.incident.holds(call)
                };
                !self.held.iter().any(is_known)
            };
            let own: Vec<&Seen> = lost.iter().filter(is_only_its).copied().collect();
            let lost = if own.is_empty() { lost } else { own };
            let chosen = representative(&lost, wanted, &it.asked);
            let calls: Vec<String> = chosen.iter().map(|it| it.call_id.clone()).collect();
            if calls.is_empty() {
                continue;
            }
            let Some(held) = self.held.get_mut(n) else {
                continue;
            };
            held.incident.asked.extend(calls.iter().cloned());
            held.asking = Some(at);
            self.changed.insert(held.incident.id.clone());
            actions.push(Action::Diagnose {
                incident: held.incident.id.clone(),
                calls,
            });
        }
    }
}
