//! Watches on a rule: which calls are looked at for them, a few at a time, and how often a rule explained those that were.
//! Pure; opens no incident and diagnoses no call.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::board::{Action, Board};
use super::grouping::{Axis, representative};
use super::signal::{Example, Seen};
use super::watch::{Rise, Watch, When};
use crate::diagnosis::patterns::Share;

/// What was diagnosed for a watch comes back under this and its name.
const FOR_WATCH: &str = "watch-";

/// In each window calls are looked at so often, so many at a time. Some of them were not lost: rules tell of those too.
const TIMES_A_WINDOW: i32 = 4;
const LOST: usize = 2;
const OTHERS: usize = 1;

/// No more diagnosed calls are remembered.
const MOST_REMEMBERED: usize = 1000;

/// A call that was diagnosed.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    /// The call as it is watched; nothing where the log did not show it.
    call: Option<Seen>,
    /// What came out.
    example: Example,
    /// When it was.
    at: Timestamp,
}

/// The rule that a watch is about.
fn rule_of(watch: &Watch) -> Option<&str> {
    match &watch.condition.when {
        When::Rising(Rise::Rule(rule), _) => Some(rule),
        _ => None,
    }
}

impl Judged {
    /// Whether it is one of those that a watch is about.
    fn is_of(&self, watch: &Watch) -> bool {
        match &self.call {
            Some(call) => watch.scope.holds(call),
            None => watch.scope.0.is_empty(),
        }
    }
}

impl Board {
    /// Asks for calls to be diagnosed for watches on a rule: nobody else would look at them.
    pub(super) fn sample(&mut self, at: Timestamp, actions: &mut Vec<Action>) {
        let watches = self.watches.iter().filter(|it| rule_of(it).is_some());
        let due = watches.filter(|watch| {
            let last = self.sampled.get(&watch.name);
            last.is_none_or(|last| {
                at.duration_since(*last) >= watch.condition.window / TIMES_A_WINDOW
            })
        });
        let mut asked = Vec::new();
        for watch in due {
            let window: Vec<&Seen> = self
                .window(watch.condition.window, at)
                .filter(|it| watch.scope.holds(it) && !self.looked_at.contains(&it.call_id))
                .collect();
            let (lost, mut others): (Vec<&Seen>, Vec<&Seen>) =
                window.into_iter().partition(|it| it.failed());
            others.sort_by_key(|it| Reverse(it.at));
            let chosen = representative(&lost, LOST, &[]).into_iter();
            let chosen = chosen.chain(others.into_iter().take(OTHERS));
            let calls: Vec<String> = chosen.map(|it| it.call_id.clone()).collect();
            if !calls.is_empty() {
                asked.push((watch.name.clone(), calls));
            }
        }
        for (name, calls) in asked {
            self.sampled.insert(name.clone(), at);
            self.looked_at.extend(calls.iter().cloned());
            let incident = format!("{FOR_WATCH}{name}");
            actions.push(Action::Diagnose { incident, calls });
        }
    }

    /// Remembers what calls were diagnosed as, for the watches on rules and what is usual of them.
    pub(super) fn remember(&mut self, examples: &[Example], now: Timestamp) {
        for example in examples {
            let call = self.calls.iter().rev();
            let call = call.clone().find(|it| it.call_id == example.call_id);
            let judged = Judged {
                call: call.cloned(),
                example: example.clone(),
                at: example.at.unwrap_or(now),
            };
            for watch in &self.watches {
                if let Some(rule) = rule_of(watch).filter(|_| judged.is_of(watch)) {
                    let usual = self.baselines.entry(watch.name.clone()).or_default();
                    usual.note(judged.at, example.rule == rule);
                }
            }
            self.judged.push_back(judged);
        }
        while self.judged.len() > MOST_REMEMBERED {
            self.judged.pop_front();
        }
    }

    /// How many of the calls of a window that were looked at a rule explains, and those.
    pub(super) fn explained(
        &self,
        watch: &Watch,
        rule: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> (Share, Vec<(&Seen, &Example)>) {
        let recent = self.judged.iter();
        let recent: Vec<&Judged> = recent
            .filter(|it| it.at > from && it.at <= until && it.is_of(watch))
            .collect();
        let share = Share::of(&recent, |it| it.example.rule == rule);
        let hits = recent.iter().filter(|it| it.example.rule == rule);
        (
            share,
            hits.filter_map(|it| Some((it.call.as_ref()?, &it.example)))
                .collect(),
        )
    }

    /// What was looked at for a watch is shown by the incident that the watch found.
    pub(super) fn show_of_watch(&mut self, id: &str, examples: &[Example]) {
        let Some(name) = id.strip_prefix(FOR_WATCH) else {
            return;
        };
        let watch = self.watches.iter().find(|it| it.name == name);
        let Some(rule) = watch.and_then(rule_of) else {
            return;
        };
        let its = examples.iter().filter(|it| it.rule == rule);
        let its: Vec<Example> = its.cloned().collect();
        let open = self.held.iter_mut().find(|it| {
            it.incident.is_open()
                && it.incident.cause.axis == Axis::Watch
                && it.incident.cause.value == name
        });
        if let Some(held) = open.filter(|_| !its.is_empty()) {
            held.incident.learn(its);
            self.changed.insert(held.incident.id.clone());
        }
    }
}
