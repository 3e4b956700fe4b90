//! What a watch finds in its window: whether its condition holds, and for which cause. Pure; opens no incident.

use std::collections::HashSet;

use jiff::Timestamp;

use super::baseline::Baseline;
use super::board::Board;
use super::grouping::{Axis, Cause, Cluster, clusters, is_apart, whole};
use super::life::{Measure, Severity};
use super::signal::{Example, Seen};
use super::watch::{FEWEST, Rise, Watch, When, shares};
use crate::diagnosis::patterns::Share;

/// Fewer lost calls than this are no rise, and fewer of a rule.
const FEWEST_RISING: usize = 5;

/// With fewer calls usual in a window silence says nothing.
const FEWEST_USUAL: f64 = 5.0;

/// Something that a watch found.
#[derive(Debug, Clone)]
pub struct Fire {
    /// What it is about.
    pub cause: Cause,
    /// The lost calls of the window.
    pub lost: Vec<Seen>,
    /// When it began, where no call tells.
    pub began: Timestamp,
    /// How it is told apart.
    pub measure: Measure,
    /// How bad it is at least.
    pub severity: Severity,
    /// The figure in words.
    pub said: String,
    /// The channel of the watch.
    pub channel: String,
    /// Calls that were looked at already.
    pub examples: Vec<Example>,
}

impl Board {
    /// What a watch finds in the window that ends then.
    pub(super) fn fires(&self, watch: &Watch, until: Timestamp) -> Vec<Fire> {
        let all: Vec<&Seen> = self.window(watch.condition.window, until).collect();
        let calls: Vec<&Seen> = all
            .iter()
            .copied()
            .filter(|it| watch.scope.holds(it))
            .collect();
        let is_known = |call: &Seen| {
            let mut open = self
                .held
                .iter()
                .map(|it| &it.incident)
                .filter(|it| it.is_open());
            open.any(|it| it.cause.is_of_calls() && it.holds(call))
        };
        let free: Vec<&Seen> = calls.iter().copied().filter(|it| !is_known(it)).collect();
        let found = Found {
            watch,
            all: &all,
            calls: &calls,
            free: &free,
            until,
        };
        let from = until.checked_sub(watch.condition.window).unwrap_or(until);
        let unknown = Baseline::default();
        let baseline = self.baselines.get(&watch.name).unwrap_or(&unknown);
        let rises = |share: Share, times: u32| baseline.is_rise(share, from, until, times);
        match &watch.condition.when {
            When::Failures(least) => found.groups(&calls, *least, |share| rises(share, 2)),
            When::AsrBelow(percent) => {
                found.low(shares::asr(&calls), *percent, "ASR", |it| !it.answered)
            }
            When::NerBelow(percent) => {
                found.low(shares::ner(&calls), *percent, "NER", |it| it.failed())
            }
            When::PddAbove(limit) => found.slow(*limit),
            When::Rising(Rise::Failures, times) => {
                let groups = found.groups(&calls, FEWEST_RISING, |share| rises(share, *times));
                groups
                    .into_iter()
                    .filter(|it| rises(found.share_of(&it.cause), *times))
                    .collect()
            }
            When::Rising(Rise::Code(code), times) => {
                let has = |it: &Seen| it.code == Some(*code) && !it.answered;
                if !rises(Share::of(&calls, |it| has(it)), *times) {
                    return Vec::new();
                }
                // Of the lost calls only those with the code.
                let of_code: Vec<&Seen> = calls
                    .iter()
                    .copied()
                    .filter(|it| has(it) || !it.failed())
                    .collect();
                found.groups(&of_code, FEWEST_RISING, |_| true)
            }
            When::Rising(Rise::Rule(rule), times) => {
                let (share, hits) = self.explained(watch, rule, from, until);
                if !rises(share, *times) {
                    return Vec::new();
                }
                let (part, whole) = (share.part, share.whole);
                let said = format!("{part} of {whole} calls looked at are {rule}");
                let (lost, examples): (Vec<&Seen>, Vec<&Example>) = hits.into_iter().unzip();
                vec![Fire {
                    examples: examples.into_iter().cloned().collect(),
                    ..found.own(said, lost, Severity::Minor)
                }]
            }
            When::NoTraffic => {
                let is_silent = calls.is_empty() && self.was_heard(watch, until);
                let said = format!("no call in {:#}", watch.condition.window);
                let fire = || Fire {
                    cause: Cause::new(Axis::Silence, watch.name.as_str()),
                    ..found.own(said, Vec::new(), Severity::Total)
                };
                is_silent.then(fire).into_iter().collect()
            }
        }
    }

    /// Whether silence says something: the whole window was looked at, and calls are usual.
    fn was_heard(&self, watch: &Watch, until: Timestamp) -> bool {
        let from = until.checked_sub(watch.condition.window).unwrap_or(until);
        if self.looked_from.is_none_or(|began| began > from) {
            return false;
        }
        let usual = self
            .baselines
            .get(&watch.name)
            .and_then(|it| it.usual_calls(until));
        match usual {
            Some(calls) => calls * watch.condition.window.as_secs_f64() / 3600.0 >= FEWEST_USUAL,
            None => {
                self.calls
                    .iter()
                    .filter(|it| it.at <= from && watch.scope.holds(it))
                    .count()
                    >= FEWEST
            }
        }
    }
}

/// A watch and the calls of its window.
struct Found<'a> {
    watch: &'a Watch,
    all: &'a [&'a Seen],
    calls: &'a [&'a Seen],
    /// Those that no open incident is about.
    free: &'a [&'a Seen],
    until: Timestamp,
}

impl Found<'_> {
    fn measure(&self, least: usize) -> Measure {
        Measure {
            watch: self.watch.name.clone(),
            condition: self.watch.condition.to_string(),
            window: self.watch.condition.window,
            least,
        }
    }

    fn fire(&self, cause: Cause, lost: &[&Seen], least: usize) -> Fire {
        Fire {
            cause,
            lost: lost.iter().map(|it| (*it).clone()).collect(),
            began: self.until,
            measure: self.measure(least),
            severity: Severity::Minor,
            said: String::new(),
            channel: self.watch.channel.clone(),
            examples: Vec::new(),
        }
    }

    /// Of the watch itself, where no place stands out.
    fn own(&self, said: String, lost: Vec<&Seen>, severity: Severity) -> Fire {
        let cause = Cause::new(Axis::Watch, self.watch.name.as_str());
        let began = self
            .until
            .checked_sub(self.watch.condition.window)
            .unwrap_or(self.until);
        Fire {
            said,
            severity,
            began,
            ..self.fire(cause, &lost, 1)
        }
    }

    fn share_of(&self, cause: &Cause) -> Share {
        Share::of(self.calls.iter().filter(|it| cause.holds(it)), |it| {
            it.failed()
        })
    }

    /// The groups of lost calls that are large enough. What stands out nowhere is only news where it is more than usual:
    /// wrong numbers are lost every day.
    fn groups(&self, calls: &[&Seen], least: usize, rises: impl Fn(Share) -> bool) -> Vec<Fire> {
        let named = |cluster: &Cluster<'_>| match cluster.cause.axis {
            Axis::Everything => self.watch.scope.cause(self.calls),
            _ => Some(cluster.cause.clone()),
        };
        // What a narrow watch finds is what it watches, and not one of its destinations by chance. Among all calls, those
        // that are told of hide others: what is left without them is looked through as well.
        let is_narrow = !self.watch.scope.0.is_empty();
        let found = match (is_narrow, self.free.len() < self.calls.len()) {
            (true, _) => whole(calls, least).into_iter().collect(),
            (false, false) => clusters(calls, least),
            (false, true) => {
                let mut found = clusters(calls, least);
                found.retain(|it| it.cause.axis != Axis::Everything);
                let ids: HashSet<&str> = self.free.iter().map(|it| it.call_id.as_str()).collect();
                let free = calls.iter().copied();
                let free: Vec<&Seen> = free
                    .filter(|it| ids.contains(it.call_id.as_str()))
                    .collect();
                found.extend(clusters(&free, least));
                found
            }
        };
        let found = found.into_iter();
        let found = found.filter_map(|cluster| {
            let cause = named(&cluster)
                .unwrap_or_else(|| Cause::new(Axis::Watch, self.watch.name.as_str()));
            let outside = self.all.iter().filter(|it| !cause.holds(it));
            let elsewhere = Share::of(outside, |it| it.failed());
            let is_scattered = cluster.cause.axis == Axis::Everything;
            if is_scattered && !is_apart(cluster.there, elsewhere) && !rises(cluster.there) {
                return None;
            }
            let fire = self.fire(cause, &cluster.lost, least);
            let said = format!(
                "{} of {} calls were lost",
                cluster.there.part, cluster.there.whole
            );
            Some(Fire { said, ..fire })
        });
        found.collect()
    }

    /// A share that is surely too low: of the place in which most of the bad calls are, else of the watch.
    fn low(
        &self,
        share: Share,
        percent: u32,
        name: &str,
        bad: impl Fn(&Seen) -> bool,
    ) -> Vec<Fire> {
        if share.whole < FEWEST || share.at_most() * 100.0 >= f64::from(percent) {
            return Vec::new();
        }
        let said = format!("{name} {} % of {} calls", share.percent(), share.whole);
        let bad: Vec<&Seen> = self.calls.iter().copied().filter(|it| bad(it)).collect();
        let groups = self.groups(self.calls, (bad.len() / 2).max(FEWEST_RISING), |_| false);
        match groups.into_iter().next() {
            Some(group) => vec![Fire { said, ..group }],
            None => vec![self.own(said, bad, Severity::Minor)],
        }
    }

    /// Delays above a limit: of one carrier, where the others are quick, else of the watch.
    fn slow(&self, limit: u32) -> Vec<Fire> {
        let Some((middle, count)) = shares::pdd(self.calls) else {
            return Vec::new();
        };
        let mut carriers: Vec<&str> = self
            .calls
            .iter()
            .filter_map(|it| Some(it.carrier.as_ref()?.name.as_str()))
            .collect();
        carriers.sort_unstable();
        carriers.dedup();
        let of = |name: &str| {
            let its: Vec<&Seen> = self
                .calls
                .iter()
                .copied()
                .filter(|it| it.carrier.as_ref().is_some_and(|it| it.name == name))
                .collect();
            shares::pdd(&its).filter(|(_, count)| *count >= FEWEST / 3)
        };
        let slow: Vec<(&str, u32)> = carriers
            .iter()
            .filter_map(|name| Some((*name, of(name)?.0)))
            .filter(|(_, middle)| *middle > limit)
            .collect();
        let all_slow = middle > limit && count >= FEWEST;
        let (said, is_bad) = match slow.as_slice() {
            [(name, middle)] if carriers.len() > 1 => (
                format!(
                    "half of the calls through {name} ring after more than {} s",
                    seconds(*middle)
                ),
                true,
            ),
            _ => (
                format!(
                    "half of {count} calls ring after more than {} s",
                    seconds(middle)
                ),
                all_slow,
            ),
        };
        is_bad
            .then(|| self.own(said, Vec::new(), Severity::Minor))
            .into_iter()
            .collect()
    }
}

fn seconds(millis: u32) -> String {
    format!("{:.1}", f64::from(millis) / 1000.0)
}
