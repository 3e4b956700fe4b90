//! Whether a reported problem is gone, by the calls of the same kind since. Counts; fetches nothing.

use jiff::Timestamp;

use super::part::moment;
use crate::diagnosis::Traits;
use crate::diagnosis::common::{Aspect, Ended};

/// What the calls since show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmed {
    /// Good calls, and none that failed so after the first of them.
    Fixed {
        /// When the first good one began.
        since: Timestamp,
        /// How many good ones there were.
        good: usize,
    },
    /// Calls still fail so.
    StillFailing {
        /// When the last one began.
        last: Timestamp,
        /// How many.
        failing: usize,
        /// How many good ones there were.
        good: usize,
    },
    /// There was no call of the kind.
    NoCalls,
}

impl Confirmed {
    /// What is said of it, in the thread and in the report.
    #[must_use]
    pub fn said(&self, after: Timestamp) -> String {
        match self {
            Confirmed::Fixed { since, good } => {
                let calls = if *good == 1 {
                    "1 good call".to_owned()
                } else {
                    format!("{good} good calls")
                };
                format!(
                    "Fixed since {}: {calls} of the same kind, none that fails so.",
                    moment(*since)
                )
            }
            Confirmed::StillFailing {
                last,
                failing,
                good,
            } => format!(
                "Still failing: {failing} of {} calls of the same kind since {}, the last at {}.",
                failing + good,
                moment(after),
                moment(*last)
            ),
            Confirmed::NoCalls => format!(
                "Not known yet: no call of the same kind since {}. Place or simulate one, then ask again.",
                moment(after)
            ),
        }
    }
}

/// What the calls after a moment show: `of` is the call that was reported, for `rule`.
#[must_use]
pub fn confirmed(of: &Traits, others: &[Traits], rule: &str, after: Timestamp) -> Confirmed {
    let is_alike = |it: &&Traits| {
        let same = |aspect| it.shares(aspect, of);
        // A call through another carrier says nothing of this one.
        let carrier = of.of(Aspect::Carrier).next().is_none() || same(Aspect::Carrier);
        carrier
            && [
                Aspect::Called,
                Aspect::Prefix,
                Aspect::Customer,
                Aspect::Caller,
            ]
            .into_iter()
            .any(same)
    };
    let later = others
        .iter()
        .filter(is_alike)
        .filter_map(|it| Some((it.at.filter(|at| *at > after)?, it)));
    let (mut failing, mut good) = (Vec::new(), Vec::new());
    for (at, call) in later {
        let fails_so = call.verdict.as_ref().is_some_and(|it| it.rule == rule);
        match call.ended {
            _ if fails_so => failing.push(at),
            Ended::Good => good.push(at),
            Ended::Failed | Ended::Undecided => {}
        }
    }
    let last_failing = failing.iter().max().copied();
    let first_good = good
        .iter()
        .filter(|at| last_failing.is_none_or(|last| **at > last))
        .min();
    match (first_good, last_failing) {
        (Some(since), _) => Confirmed::Fixed {
            since: *since,
            good: good.iter().filter(|at| *at >= since).count(),
        },
        (None, Some(last)) => Confirmed::StillFailing {
            last,
            failing: failing.len(),
            good: good.len(),
        },
        (None, None) => Confirmed::NoCalls,
    }
}
