//! How long answered calls last, many together: a length at which they end again and again, and calls
//! that end as soon as they begin. Says which timer such a length may be; the trace of one call shows it.

use jiff::SignedDuration;

use crate::diagnosis::case::seconds;
use crate::diagnosis::finding::Severity;
use crate::diagnosis::party::Party;
use crate::diagnosis::patterns::{Conclusion, Entry, Groups, Ledger, Pattern, Share};
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::diagnosis::tuning::Tuning;
use crate::sip::{Certainty, EndedBy};

pub(super) static PERIODIC_DROP: Rule = Rule {
    id: "periodic-drop",
    family: "many",
    severity: Severity::Error,
    bearing: Bearing::Context,
    finds: "3 or more answered calls of one customer or carrier that end after 30, 60, 300, 900, 1800 or 3600 s, 2 s more \
            or less, and three times as many as in as long a time before and after.",
    matters: "People do not hang up by the clock: a timer ends these calls.",
    remedy: "Look at one of them: whether an ACK, a ping's answer, a session refresh or media is missing, or a longest \
             duration is set.",
    silent: "So many calls end around that time that these are no more than chance.",
    source: "Catalogue M6",
    explains: &[],
    limits: &[&DROPS],
    check: Check::Calls(|rule, ledger, tuning| {
        let customers = ledger.calls_by(|it| it.customer.as_deref());
        let carriers = ledger.calls_by(|it| it.carrier.as_deref());
        let mut found = drops(rule, tuning, customers);
        found.extend(drops(rule, tuning, carriers));
        found
    }),
};

static DROPS: Limit = Limit {
    key: "periodic-drop.calls",
    what: "how many calls that end after the same time are suspicious",
    default: Figure::Count(3),
};

/// Round times, in seconds, with what may end calls then.
const TIMERS: [(i64, &str); 6] = [
    (30, "missing media, a missing ACK or a ping without answer"),
    (60, "missing media, or a limit of the credit check"),
    (300, "a session refresh that gets no answer"),
    (900, "a session that is not refreshed"),
    (1800, "a session that is not refreshed"),
    (3600, "a longest duration"),
];

fn drops(rule: &Rule, tuning: &Tuning, groups: Groups<'_, &str>) -> Vec<Pattern> {
    let mut found = Vec::new();
    for (peer, calls) in groups {
        for (length, timer) in TIMERS {
            let off = |it: &&Entry| Some(it.talk?.as_millis() - i128::from(length) * 1000);
            let near = |it: &&&Entry| off(it).is_some_and(|off| off.abs() <= 2_000);
            let around =
                |it: &&&Entry| off(it).is_some_and(|off| (2_001..=12_000).contains(&off.abs()));
            let same: Vec<&Entry> = calls.iter().filter(near).copied().collect();
            // Ten seconds on each side against four in the middle.
            let expected = calls.iter().filter(around).count() * 4 / 20;
            let enough = tuning.reaches(&DROPS, same.len());
            if !enough || same.len() < expected.saturating_mul(3).max(1) {
                continue;
            }
            let conclusion = Conclusion {
                about: peer.to_owned(),
                fact: format!(
                    "{} answered calls of {peer} ended after {length} s, 2 s more or less.",
                    same.len()
                ),
                proof: same,
                party: Party::Undecided,
                to_act: Party::Undecided,
                certainty: Certainty::Possible,
                severity: None,
                cause: format!("A timer; after this time usually {timer}."),
                next: "Diagnose the first of these calls: its messages show what was missing."
                    .to_owned(),
            };
            found.extend(rule.pattern(tuning, conclusion));
        }
    }
    found
}

pub(super) static SHORT_CALLS: Rule = Rule {
    id: "short-calls",
    family: "many",
    severity: Severity::Warning,
    bearing: Bearing::Context,
    finds: "30 % or more of a carrier's answered calls, of 20 or more, end within 6 s by the caller, twice as often as through \
            the other carriers; or of a customer's, on whichever carrier. Where too few calls went through other carriers \
            to compare with, nobody is named.",
    matters: "The caller hears nothing, the wrong thing, or a machine: the call was billed and of no use.",
    remedy: "Listen to some of these calls; look for one-way audio and for answers without ringing.",
    silent: "There are fewer calls, or through the other carriers as many are short.",
    source: "RFC 6076 section 4.5; catalogue M8",
    explains: &[],
    limits: &[&SHORT, &SHORT_SHARE, &SHORT_CALLS_SEEN],
    check: Check::Calls(short_calls),
};

static SHORT: Limit = Limit {
    key: "short-calls.talk",
    what: "up to how long an answered call is short",
    default: Figure::Time(SignedDuration::from_secs(6)),
};

static SHORT_SHARE: Limit = Limit {
    key: "short-calls.share",
    what: "which part of the answered calls may be short",
    default: Figure::Percent(30.0),
};

static SHORT_CALLS_SEEN: Limit = Limit {
    key: "short-calls.answered",
    what: "of how many answered calls a part is taken",
    default: Figure::Count(20),
};

/// Between whom it lies that calls are short.
enum Whose {
    Carrier,
    Customer,
    Open,
}

fn short_calls(rule: &Rule, ledger: &Ledger, tuning: &Tuning) -> Vec<Pattern> {
    let longest = tuning.time(&SHORT);
    let is_short = |it: &Entry| {
        it.talk.is_some_and(|talk| talk < longest) && it.ended_by == Some(EndedBy::Caller)
    };
    let share = |calls: &[&Entry]| {
        Share::of(calls.iter().filter(|it| it.talk.is_some()), |it| {
            is_short(it)
        })
    };
    let too_many = |share: Share| {
        tuning.reaches(&SHORT_CALLS_SEEN, share.whole)
            && share.at_least() * 100.0 >= tuning.number(&SHORT_SHARE)
    };
    let carriers = ledger.calls_by(|it| it.carrier.as_deref());
    let mut judged: Vec<(&str, Vec<&Entry>, Share, Whose)> = Vec::new();
    for (carrier, calls) in &carriers {
        let others = carriers.iter().filter(|(other, _)| *other != carrier);
        let others: Vec<&Entry> = others
            .flat_map(|(_, calls)| calls.iter().copied())
            .collect();
        let (own, rest) = (share(calls), share(&others));
        if !too_many(own) {
            continue;
        }
        if !tuning.reaches(&SHORT_CALLS_SEEN, rest.whole) {
            judged.push((carrier, calls.clone(), own, Whose::Open));
        } else if own.at_least() > 2.0 * rest.at_most() {
            judged.push((carrier, calls.clone(), own, Whose::Carrier));
        }
    }
    for (customer, calls) in ledger.calls_by(|it| it.customer.as_deref()) {
        let mut by_carrier: Groups<'_, &str> = Groups::new();
        for call in &calls {
            by_carrier
                .entry(call.carrier.as_deref().unwrap_or_default())
                .or_default()
                .push(call);
        }
        let everywhere =
            by_carrier.len() > 1 && by_carrier.values().all(|calls| too_many(share(calls)));
        if everywhere {
            judged.push((customer, calls.clone(), share(&calls), Whose::Customer));
        }
    }
    let patterns = judged.into_iter().filter_map(|(about, calls, share, whose)| {
        let (party, to_act, cause) = match whose {
            Whose::Carrier => (
                Party::Undecided,
                Party::Carrier,
                "Through other carriers calls last longer: false answers or dead air on this one are likely causes.",
            ),
            Whose::Customer => (
                Party::Customer,
                Party::Customer,
                "So it is on every carrier: what is called, or the caller itself, is why.",
            ),
            Whose::Open => (
                Party::Undecided,
                Party::Configuration,
                "Too few calls went through other carriers to compare with: the carrier, the caller or what is called may \
                 be why.",
            ),
        };
        rule.pattern(
            tuning,
            Conclusion {
                about: about.to_owned(),
                proof: calls.into_iter().filter(|it| is_short(it)).collect(),
                party,
                to_act,
                certainty: Certainty::Possible,
                severity: None,
                fact: format!(
                    "{} of {} answered calls of {about} ({} %) were ended by the caller within {}.",
                    share.part,
                    share.whole,
                    share.percent(),
                    seconds(longest),
                ),
                cause: cause.to_owned(),
                next: "Listen to one of these calls, and look whether it rang and had audio both ways.".to_owned(),
            },
        )
    });
    patterns.collect()
}
