//! Calls that cost somebody money for nothing: countries that a customer never called before, bait of
//! one ring, answers that are none. Suspicions, and said as such: the bill of an innocent is closed as
//! easily as a thief's.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::diagnosis::case::seconds;
use crate::diagnosis::finding::Severity;
use crate::diagnosis::party::Party;
use crate::diagnosis::patterns::{Conclusion, Entry, Ledger, Pattern, Share};
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::diagnosis::tuning::Tuning;
use crate::sip::{Certainty, EndedBy};

pub(super) static NEW_COUNTRIES: Rule = Rule {
    id: "new-countries",
    family: "many",
    severity: Severity::Error,
    bearing: Bearing::Context,
    finds: "A customer that within an hour made 20 calls or more to 3 countries or more that it never called before, in a \
            day or more of its calls.",
    matters: "So begins toll fraud: somebody with a stolen account calls numbers whose owners share the bill.",
    remedy: "Ask the customer at once; until it answers, suspend the routes to these countries.",
    silent: "Less than a day of the customer's calls is known: what is new cannot be told.",
    source: "Catalogue F5",
    explains: &[],
    limits: &[&NEW, &NEW_CALLS, &HISTORY, &WINDOW],
    check: Check::Calls(new_countries),
};

static NEW: Limit = Limit {
    key: "new-countries.countries",
    what: "how many new countries within an hour are suspicious",
    default: Figure::Count(3),
};

static NEW_CALLS: Limit = Limit {
    key: "new-countries.calls",
    what: "how many calls to them",
    default: Figure::Count(20),
};

static WINDOW: Limit = Limit {
    key: "new-countries.within",
    what: "within what time these calls must be made",
    default: Figure::Time(SignedDuration::from_hours(1)),
};

static HISTORY: Limit = Limit {
    key: "new-countries.history",
    what: "for how long a customer's calls must be known",
    default: Figure::Time(SignedDuration::from_hours(24)),
};

fn new_countries(rule: &Rule, ledger: &Ledger, tuning: &Tuning) -> Vec<Pattern> {
    let customers = ledger.calls_by(|entry| entry.customer.as_deref());
    let judged = customers.into_iter().filter_map(|(customer, calls)| {
        let known_since = calls.iter().filter_map(|it| it.at).min()?;
        let mut known: BTreeSet<&str> = BTreeSet::new();
        let mut fresh: Vec<(&str, Timestamp, &Entry)> = Vec::new();
        for call in &calls {
            let (Some(country), Some(at)) = (call.country.as_deref(), call.at) else {
                continue;
            };
            let is_long_known = at.duration_since(known_since) >= tuning.time(&HISTORY);
            // A country that was new within this very hour still counts as new.
            let is_new = fresh.iter().any(|(it, ..)| *it == country) || !known.contains(country);
            if is_long_known && is_new {
                fresh.retain(|(_, then, _)| at.duration_since(*then) <= tuning.time(&WINDOW));
                fresh.push((country, at, call));
            }
            known.insert(country);
            let countries: BTreeSet<&str> = fresh.iter().map(|(it, ..)| *it).collect();
            if tuning.reaches(&NEW, countries.len()) && tuning.reaches(&NEW_CALLS, fresh.len()) {
                break;
            }
        }
        let countries: BTreeSet<&str> = fresh.iter().map(|(it, ..)| *it).collect();
        if !tuning.reaches(&NEW, countries.len()) || !tuning.reaches(&NEW_CALLS, fresh.len()) {
            return None;
        }
        let named: Vec<&str> = countries.iter().copied().take(6).collect();
        rule.pattern(
            tuning,
            Conclusion {
                about: customer.to_owned(),
                fact: format!(
                    "{customer} made {} calls within an hour to {} countries that it had not called before: {}.",
                    fresh.len(),
                    countries.len(),
                    named.join(", ")
                ),
                proof: fresh.into_iter().map(|(.., call)| call).collect(),
                party: Party::Undecided,
                to_act: Party::Customer,
                certainty: Certainty::Possible,
                severity: None,
                cause: "A stolen account, or a new campaign.".to_owned(),
                next: format!("Ask {customer} whether these calls are wanted; suspend these routes until then."),
            },
        )
    });
    judged.collect()
}

pub(super) static MISSED_CALL_BAIT: Rule = Rule {
    id: "missed-call-bait",
    family: "many",
    severity: Severity::Warning,
    bearing: Bearing::Context,
    finds: "A source most of whose calls, 20 or more to as many numbers, are given up by the caller within 6 s.",
    matters: "People call back a number that rang once, and pay for it; and the calls take channels for nothing.",
    remedy: "Ask the customer what these calls are for; block the pattern where nobody knows.",
    silent: "Fewer than four in five of its calls end so: people hang up, too.",
    source: "Catalogue F6",
    explains: &[],
    limits: &[&BAIT_CALLS, &BAIT_RING, &BAIT_SHARE],
    check: Check::Calls(bait),
};

static BAIT_CALLS: Limit = Limit {
    key: "missed-call-bait.calls",
    what: "how many such calls of one source are suspicious",
    default: Figure::Count(20),
};

static BAIT_RING: Limit = Limit {
    key: "missed-call-bait.ring",
    what: "how soon they are given up",
    default: Figure::Time(SignedDuration::from_secs(6)),
};

static BAIT_SHARE: Limit = Limit {
    key: "missed-call-bait.share",
    what: "which part of a source's calls must end so",
    default: Figure::Percent(80.0),
};

fn bait(rule: &Rule, ledger: &Ledger, tuning: &Tuning) -> Vec<Pattern> {
    let longest = tuning.time(&BAIT_RING);
    let is_bait = |it: &Entry| {
        let short = it.tried_for.is_some_and(|long| long <= longest);
        it.rang && short && it.ended_by == Some(EndedBy::Canceled)
    };
    let sources = ledger.calls_by(|entry| entry.source);
    let judged = sources.into_iter().filter_map(|(ip, calls)| {
        let rings: Vec<&Entry> = calls.iter().copied().filter(|it| is_bait(it)).collect();
        let numbers: BTreeSet<&str> = rings.iter().map(|it| it.called.as_str()).collect();
        let share = Share {
            part: rings.len(),
            whole: calls.len(),
        };
        let is_most = share.ratio() * 100.0 >= tuning.number(&BAIT_SHARE);
        if !tuning.reaches(&BAIT_CALLS, numbers.len()) || !is_most {
            return None;
        }
        rule.pattern(
            tuning,
            Conclusion {
                about: ip.to_string(),
                fact: format!(
                    "{} of {} calls from {ip}, to {} numbers, were given up within {} while they rang.",
                    share.part,
                    share.whole,
                    numbers.len(),
                    seconds(longest),
                ),
                proof: rings,
                party: Party::Undecided,
                to_act: Party::Customer,
                certainty: Certainty::Possible,
                severity: None,
                cause: "Bait for people who call back, or a dialler that drops what it cannot serve.".to_owned(),
                next: format!("Ask whoever calls from {ip} what these calls are for."),
            },
        )
    });
    judged.collect()
}

pub(super) static FALSE_ANSWERS: Rule = Rule {
    id: "false-answers",
    family: "many",
    severity: Severity::Warning,
    bearing: Bearing::Context,
    finds: "A carrier with 10 calls or more to 5 numbers or more that were answered within 2 s without any 18x and that \
            the caller ended within 10 s, while the same numbers ring or fail through other carriers.",
    matters: "The calls are billed although nobody answered.",
    remedy: "Prove it with a test call to a number of your own; dispute the charges; take the carrier out.",
    silent: "No other carrier was tried for these numbers: menus, voicemail and conferences answer at once, too.",
    source: "Catalogue F7",
    explains: &[],
    limits: &[&FALSE_CALLS, &FALSE_NUMBERS, &FALSE_WITHIN, &FALSE_TALK],
    check: Check::Calls(false_answers),
};

static FALSE_CALLS: Limit = Limit {
    key: "false-answers.calls",
    what: "how many such calls of one carrier are suspicious",
    default: Figure::Count(10),
};

static FALSE_NUMBERS: Limit = Limit {
    key: "false-answers.numbers",
    what: "to how many numbers",
    default: Figure::Count(5),
};

static FALSE_WITHIN: Limit = Limit {
    key: "false-answers.within",
    what: "how soon an answer is sooner than anybody takes a call",
    default: Figure::Time(SignedDuration::from_secs(2)),
};

static FALSE_TALK: Limit = Limit {
    key: "false-answers.talk",
    what: "how soon a caller hangs up who reached nobody",
    default: Figure::Time(SignedDuration::from_secs(10)),
};

fn false_answers(rule: &Rule, ledger: &Ledger, tuning: &Tuning) -> Vec<Pattern> {
    let (soon, brief) = (tuning.time(&FALSE_WITHIN), tuning.time(&FALSE_TALK));
    let within =
        |figure: Option<SignedDuration>, most: SignedDuration| figure.is_some_and(|it| it <= most);
    let at_once = |it: &Entry| it.answered && !it.rang && within(it.setup, soon);
    let is_false =
        |it: &Entry| at_once(it) && within(it.talk, brief) && it.ended_by == Some(EndedBy::Caller);
    let carriers = ledger.calls_by(|entry| entry.carrier.as_deref());
    let mut found = Vec::new();
    for (carrier, calls) in &carriers {
        let suspicious: Vec<&Entry> = calls.iter().copied().filter(|it| is_false(it)).collect();
        let numbers: BTreeSet<&str> = suspicious.iter().map(|it| it.called.as_str()).collect();
        let elsewhere = carriers.iter().filter(|(other, _)| *other != carrier);
        let elsewhere = elsewhere
            .flat_map(|(_, calls)| calls)
            .filter(|it| numbers.contains(it.called.as_str()));
        let others: Vec<&&Entry> = elsewhere.collect();
        let compared: BTreeSet<&str> = others.iter().map(|it| it.called.as_str()).collect();
        // The same number answered at once elsewhere is a machine that does.
        if others.iter().any(|it| at_once(it))
            || !tuning.reaches(&FALSE_CALLS, suspicious.len())
            || !tuning.reaches(&FALSE_NUMBERS, compared.len())
        {
            continue;
        }
        let conclusion = Conclusion {
            about: (*carrier).to_owned(),
            fact: format!(
                "{carrier} answered {} calls to {} numbers within {} without ringing, and the callers ended them within \
                 {}; {} of these numbers never answered so through other carriers.",
                suspicious.len(),
                numbers.len(),
                seconds(soon),
                seconds(brief),
                compared.len()
            ),
            proof: suspicious,
            party: Party::Carrier,
            to_act: Party::Carrier,
            certainty: Certainty::Likely,
            severity: None,
            cause: "Answers that are none: the carrier, or one behind it, bills what nobody took."
                .to_owned(),
            next: format!(
                "Call a number of your own through {carrier} and compare; dispute these calls."
            ),
        };
        found.extend(rule.pattern(tuning, conclusion));
    }
    found
}
