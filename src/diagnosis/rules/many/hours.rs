//! The rule on a carrier whose calls failed for a time. Compares within the calls at hand: what is usual at that hour, a
//! watch knows, which has a longer memory.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::compared::{Compared, Spike, TIMES, mostly};
use crate::diagnosis::finding::Severity;
use crate::diagnosis::party::Party;
use crate::diagnosis::patterns::{Conclusion, Entry, Ledger, Pattern, Share};
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::diagnosis::tuning::Tuning;
use crate::sip::Certainty;

pub(super) static CARRIER_FAILED_FOR_A_TIME: Rule = Rule {
    id: "carrier-failed-for-a-time",
    family: "many",
    severity: Severity::Error,
    bearing: Bearing::Context,
    finds: "Hours in which calls through a carrier failed at least three times as often as in its other hours, with 30 calls \
            or more on each side.",
    matters: "Something broke then, and what changed at that time is why.",
    remedy: "See what was changed, moved or announced at that time; report it to the carrier with three of these calls.",
    silent: "The difference may be chance (Wilson's interval of 95 %), all calls lie in one hour, or nobody recorded times. It \
             compares within the calls at hand, not with what was usual before.",
    source: "ITU-T E.425; catalogue A1, A3",
    explains: &[],
    limits: &[&CALLS, &RATE],
    check: Check::Calls(failed_for_a_time),
};

static CALLS: Limit = Limit {
    key: "carrier-failed-for-a-time.calls",
    what: "of how many calls on each side a rate is taken",
    default: Figure::Count(30),
};

static RATE: Limit = Limit {
    key: "carrier-failed-for-a-time.times",
    what: TIMES,
    default: Figure::Score(3.0),
};

const HOUR: i64 = 3600;

fn hour(entry: &Entry) -> Option<i64> {
    Some(entry.at?.as_second().div_euclid(HOUR))
}

fn failed_for_a_time(rule: &Rule, ledger: &Ledger, tuning: &Tuning) -> Vec<Pattern> {
    let spike = Spike {
        tuning,
        calls: &CALLS,
        times: &RATE,
    };
    let carriers = ledger.calls_by(|it| it.carrier.as_deref().filter(|_| it.at.is_some()));
    let judged = carriers.iter().filter_map(|(carrier, calls)| {
        let bad = bad_hours(calls, spike);
        let is_in = |it: &&&Entry| hour(it).is_some_and(|hour| bad.contains(&hour));
        let (inside, outside): (Vec<&Entry>, Vec<&Entry>) =
            calls.iter().copied().partition(|it| is_in(&it));
        let own = of(inside, &outside);
        let when = span(&bad)?;
        let others = carriers.iter().filter(|(other, _)| *other != carrier);
        let others = others.flat_map(|(_, calls)| calls).filter(is_in).copied();
        // Where the others failed then too, it is something that all share.
        let beside = Compared {
            failed: Vec::new(),
            own: own.own,
            rest: Share::of(others, |it| it.failed()),
        };
        let (party, cause) = match beside.is_spike(spike) {
            true => (
                Party::Carrier,
                "Through the other carriers calls passed in these hours.",
            ),
            false => (
                Party::Undecided,
                "Too few calls went through other carriers in these hours, or they failed too: it may be this carrier, or \
                 something that all share.",
            ),
        };
        rule.pattern(
            tuning,
            Conclusion {
                about: (*carrier).to_owned(),
                party,
                to_act: Party::Configuration,
                certainty: Certainty::Possible,
                severity: None,
                fact: format!(
                    "{carrier}, {when}: {} of {} calls ({} %) failed, in its other hours {} of {} ({} %){}.",
                    own.own.part,
                    own.own.whole,
                    own.own.percent(),
                    own.rest.part,
                    own.rest.whole,
                    own.rest.percent(),
                    mostly(&own.failed),
                ),
                cause: cause.to_owned(),
                next: format!("See what changed at {carrier} or here at that time; diagnose the first of these calls."),
                proof: own.failed,
            },
        )
    });
    judged.collect()
}

/// The hours that stand out, ascending: as many of the worst ones as together, and the last of them by itself, are so
/// much worse than the rest. An hour of few calls tells nothing.
fn bad_hours(calls: &[&Entry], spike: Spike<'_>) -> Vec<i64> {
    let mut hours: BTreeMap<i64, Share> = BTreeMap::new();
    for call in calls {
        let share = hours.entry(hour(call).unwrap_or_default()).or_insert(NONE);
        share.whole += 1;
        share.part += usize::from(call.failed());
    }
    let is_busy = |(_, share): &(i64, Share)| spike.tuning.reaches(spike.calls, share.whole);
    let mut rest = Share::of(calls, |it| it.failed());
    let mut worst: Vec<(i64, Share)> = hours.into_iter().filter(is_busy).collect();
    worst.sort_by(|(_, a), (_, b)| b.ratio().total_cmp(&a.ratio()));
    let (mut own, mut count) = (NONE, 0);
    for (at, (_, share)) in worst.iter().enumerate() {
        own = Share {
            part: own.part + share.part,
            whole: own.whole + share.whole,
        };
        rest = Share {
            part: rest.part - share.part,
            whole: rest.whole - share.whole,
        };
        let together = Compared {
            failed: Vec::new(),
            own,
            rest,
        };
        let is_together = together.is_spike(spike);
        let alone = Compared {
            own: *share,
            ..together
        };
        if is_together && alone.is_spike(spike) {
            count = at + 1;
        }
    }
    let mut bad: Vec<i64> = worst.iter().take(count).map(|(hour, _)| *hour).collect();
    bad.sort_unstable();
    bad
}

const NONE: Share = Share { part: 0, whole: 0 };

fn of<'l>(own: Vec<&'l Entry>, rest: &[&'l Entry]) -> Compared<'l> {
    Compared {
        own: Share::of(&own, |it| it.failed()),
        rest: Share::of(rest, |it| it.failed()),
        failed: own.into_iter().filter(|it| it.failed()).collect(),
    }
}

/// Some hours, ascending, in words: which one, or how many from when to when.
fn span(hours: &[i64]) -> Option<String> {
    let (first, last) = (*hours.first()?, *hours.last()?);
    let at = |hour: i64| Timestamp::from_second(hour.checked_mul(HOUR)?).ok();
    let (from, to) = (at(first)?, at(last.checked_add(1)?)?);
    let when = format!(
        "{} to {} UTC",
        from.strftime("%F %H:%M"),
        to.strftime("%F %H:%M")
    );
    Some(match hours.len() {
        1 => when,
        count => format!("{count} hours in {when}"),
    })
}
