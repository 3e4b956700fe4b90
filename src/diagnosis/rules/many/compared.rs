//! Some calls against others, by how many of them fail: whether the rate of one is a spike, and in what words. Says not
//! whose it is.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnosis::patterns::{Entry, Share};
use crate::diagnosis::rules::Limit;
use crate::diagnosis::tuning::Tuning;

/// What a spike has to reach.
#[derive(Clone, Copy)]
pub(super) struct Spike<'t> {
    pub(super) tuning: &'t Tuning,
    /// Of how many calls on each side a rate is taken.
    pub(super) calls: &'t Limit,
    /// How many times the others' rate it is.
    pub(super) times: &'t Limit,
}

/// What a limit on how many times the others' rate is a spike says of itself.
pub(super) const TIMES: &str =
    "how many times the rate of the others is too much, as far as few calls can tell";

/// What the calls of one and the comparable ones of all others show.
pub(super) struct Compared<'l> {
    pub(super) failed: Vec<&'l Entry>,
    pub(super) own: Share,
    pub(super) rest: Share,
}

impl Compared<'_> {
    /// Whether the rate of failures is so much higher that few calls cannot explain it.
    pub(super) fn is_spike(&self, spike: Spike<'_>) -> bool {
        let Spike {
            tuning,
            calls,
            times,
        } = spike;
        tuning.reaches(calls, self.own.whole.min(self.rest.whole))
            && self.own.at_least() > tuning.number(times) * self.rest.at_most()
    }

    pub(super) fn figures(&self) -> String {
        format!(
            "{} of {} calls ({} %) failed, of comparable ones {} of {} ({} %)",
            self.own.part,
            self.own.whole,
            self.own.percent(),
            self.rest.part,
            self.rest.whole,
            self.rest.percent()
        )
    }
}

/// The calls of a group against those of all others that share `stratum` with one of them: another mix of
/// traffic is no spike.
pub(super) fn compare<'l, S: Ord>(
    own: &[&'l Entry],
    all: &[&'l Entry],
    is_own: impl Fn(&Entry) -> bool,
    stratum: impl Fn(&'l Entry) -> Option<S>,
) -> Compared<'l> {
    let strata: BTreeSet<S> = own.iter().filter_map(|it| stratum(it)).collect();
    let comparable = |it: &&&'l Entry| {
        !is_own(it) && stratum(it).is_some_and(|stratum| strata.contains(&stratum))
    };
    Compared {
        failed: own.iter().copied().filter(|it| it.failed()).collect(),
        own: Share::of(own, |it| it.failed()),
        rest: Share::of(all.iter().filter(comparable), |it| it.failed()),
    }
}

/// What most of these were refused with, as in `; 503 in 12 of them`.
pub(super) fn mostly(failed: &[&Entry]) -> String {
    let mut codes: BTreeMap<u16, usize> = BTreeMap::new();
    for code in failed.iter().filter_map(|it| it.refusal) {
        *codes.entry(code).or_default() += 1;
    }
    let most = codes.into_iter().max_by_key(|(_, count)| *count);
    most.map_or(String::new(), |(code, count)| {
        format!("; {code} in {count} of them")
    })
}
