//! A carrier, a customer, a destination or a server whose calls fail, or ring late, more than the rest.
//! Compares within the calls at hand: without a longer memory nobody knows what was usual before.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::compared::{Compared, Spike, TIMES, compare, mostly};
use crate::diagnosis::case::seconds;
use crate::diagnosis::finding::Severity;
use crate::diagnosis::party::Party;
use crate::diagnosis::patterns::{Conclusion, Entry, Groups, Ledger, Pattern, Share, median};
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::diagnosis::tuning::Tuning;
use crate::sip::Certainty;

/// How many different values some calls have.
fn different<'l>(calls: &[&'l Entry], value: impl Fn(&'l Entry) -> Option<&'l str>) -> usize {
    calls
        .iter()
        .filter_map(|it| value(it))
        .collect::<BTreeSet<_>>()
        .len()
}

pub(super) static CARRIER_FAILS_MORE: Rule = Rule {
    id: "carrier-fails-more",
    family: "many",
    severity: Severity::Error,
    bearing: Bearing::Context,
    finds: "A carrier at which calls fail at least three times as often as at the others, for the same customers and \
            destinations, with 30 calls or more on each side.",
    matters: "Each call that goes there first is late or lost.",
    remedy: "Route around it; report it with three of these calls.",
    silent: "The difference may be chance (Wilson's interval of 95 %), or no other carrier took such calls. It compares within the calls at hand, not with what was usual before.",
    source: "Catalogue A3, attribution modifier 6",
    explains: &[],
    limits: &[
        &CARRIER_CALLS,
        &CARRIER_TIMES,
        &CARRIER_NUMBERS,
        &CARRIER_CUSTOMERS,
    ],
    check: Check::Calls(carriers),
};

static CARRIER_CALLS: Limit = Limit {
    key: "carrier-fails-more.calls",
    what: "of how many calls on each side a rate is taken",
    default: Figure::Count(30),
};

static CARRIER_TIMES: Limit = Limit {
    key: "carrier-fails-more.times",
    what: TIMES,
    default: Figure::Score(3.0),
};

static CARRIER_NUMBERS: Limit = Limit {
    key: "carrier-fails-more.numbers",
    what: "to how many numbers calls fail before the carrier is named",
    default: Figure::Count(3),
};

static CARRIER_CUSTOMERS: Limit = Limit {
    key: "carrier-fails-more.customers",
    what: "of how many customers calls fail before the carrier is named",
    default: Figure::Count(2),
};

fn carriers(rule: &Rule, ledger: &Ledger, tuning: &Tuning) -> Vec<Pattern> {
    let all: Vec<&Entry> = ledger.calls().collect();
    let groups = ledger.calls_by(|it| it.carrier.as_deref());
    let judged = groups.iter().filter_map(|(carrier, own)| {
        let compared = compare(
            own,
            &all,
            |it| it.carrier.as_deref() == Some(carrier) || it.carrier.is_none(),
            |it| Some((it.customer.as_deref(), it.country.as_deref()?)),
        );
        let spike = Spike {
            tuning,
            calls: &CARRIER_CALLS,
            times: &CARRIER_TIMES,
        };
        if !compared.is_spike(spike) {
            return None;
        }
        let failed = &compared.failed;
        let numbers = different(failed, |it| Some(it.called.as_str()));
        let customers = different(failed, |it| it.customer.as_deref());
        // One customer's habit, or one number, is not the carrier's fault.
        let is_theirs = tuning.reaches(&CARRIER_NUMBERS, numbers)
            && tuning.reaches(&CARRIER_CUSTOMERS, customers);
        rule.pattern(
            tuning,
            Conclusion {
                about: (*carrier).to_owned(),
                party: if is_theirs {
                    Party::Carrier
                } else {
                    Party::Undecided
                },
                to_act: Party::Carrier,
                certainty: if is_theirs {
                    Certainty::Likely
                } else {
                    Certainty::Possible
                },
                severity: None,
                fact: format!("{carrier}: {}{}.", compared.figures(), mostly(failed)),
                cause: format!(
                    "{numbers} numbers of {} customers are hit.",
                    customers.max(1)
                ),
                next: format!("Route around {carrier}, and report it with three of these calls."),
                proof: compared.failed,
            },
        )
    });
    judged.collect()
}

pub(super) static CUSTOMER_FAILS_MORE: Rule = Rule {
    id: "customer-fails-more",
    family: "many",
    severity: Severity::Error,
    bearing: Bearing::Context,
    finds: "A customer whose calls fail at least three times as often as those of the others, with 30 calls or more on each \
            side.",
    matters: "Only this customer suffers: its settings, its numbers or its device are why.",
    remedy: "Diagnose one of these calls; tell the customer.",
    silent: "The difference may be chance (Wilson's interval of 95 %), or there is no other customer. It compares within the calls at hand, not with what was usual before.",
    source: "Catalogue A4",
    explains: &[],
    limits: &[&CUSTOMER_CALLS, &CUSTOMER_TIMES, &CUSTOMER_STOPPED],
    check: Check::Calls(customers),
};

static CUSTOMER_CALLS: Limit = Limit {
    key: "customer-fails-more.calls",
    what: "of how many calls on each side a rate is taken",
    default: Figure::Count(30),
};

static CUSTOMER_TIMES: Limit = Limit {
    key: "customer-fails-more.times",
    what: TIMES,
    default: Figure::Score(3.0),
};

static CUSTOMER_STOPPED: Limit = Limit {
    key: "customer-fails-more.stopped-here",
    what: STOPPED,
    default: Figure::Percent(50.0),
};

fn customers(rule: &Rule, ledger: &Ledger, tuning: &Tuning) -> Vec<Pattern> {
    let judge = |customer: &str, failed: &[&Entry]| {
        if most_stopped_here(tuning, &CUSTOMER_STOPPED, failed) {
            let next =
                format!("Look at the settings of {customer}: credit, limits, routes, caller IDs.");
            (Party::Configuration, STOPPED_HERE, next)
        } else {
            let next = format!(
                "Compare a failing call of {customer} with a good one of another customer."
            );
            let cause = "They failed behind the platform: what this customer sends or calls differs \
                         from the rest.";
            (Party::Undecided, cause, next)
        }
    };
    let spike = Spike {
        tuning,
        calls: &CUSTOMER_CALLS,
        times: &CUSTOMER_TIMES,
    };
    single(rule, ledger, spike, |it| it.customer.as_deref(), judge)
}

/// Said where calls never left the platform.
const STOPPED_HERE: &str = "Most were refused here, before any carrier was tried.";

/// What a limit on that says of itself.
const STOPPED: &str =
    "which part of the failed calls the platform refused by itself where it is ours; above that";

fn most_stopped_here(tuning: &Tuning, limit: &Limit, failed: &[&Entry]) -> bool {
    Share::of(failed, |it| it.stopped_here).ratio() * 100.0 > tuning.number(limit)
}

pub(super) static SERVER_FAILS_MORE: Rule = Rule {
    id: "server-fails-more",
    family: "many",
    severity: Severity::Error,
    bearing: Bearing::Context,
    finds: "A server of the platform at which calls fail at least three times as often as at the others, with 30 calls or more \
            on each side.",
    matters: "The server, or the way to it, is why: the same calls pass elsewhere.",
    remedy: "Take it out of the rotation, and report it.",
    silent: "The difference may be chance (Wilson's interval of 95 %), or there is only one server. It compares within the calls at hand, not with what was usual before.",
    source: "Catalogue A6",
    explains: &[],
    limits: &[&SERVER_CALLS, &SERVER_TIMES],
    check: Check::Calls(servers),
};

static SERVER_CALLS: Limit = Limit {
    key: "server-fails-more.calls",
    what: "of how many calls on each side a rate is taken",
    default: Figure::Count(30),
};

static SERVER_TIMES: Limit = Limit {
    key: "server-fails-more.times",
    what: TIMES,
    default: Figure::Score(3.0),
};

fn servers(rule: &Rule, ledger: &Ledger, tuning: &Tuning) -> Vec<Pattern> {
    let judge = |server: &str, _: &[&Entry]| {
        let next = format!("Take {server} out of the rotation, and look at it.");
        (
            Party::Undecided,
            "Calls pass through the other servers.",
            next,
        )
    };
    let spike = Spike {
        tuning,
        calls: &SERVER_CALLS,
        times: &SERVER_TIMES,
    };
    single(rule, ledger, spike, |it| it.server.as_deref(), judge)
}

/// Compares by one thing, against all others that have it.
fn single<'l>(
    rule: &Rule,
    ledger: &'l Ledger,
    spike: Spike<'_>,
    value: impl Fn(&'l Entry) -> Option<&'l str> + Copy,
    judge: impl Fn(&str, &[&Entry]) -> (Party, &'static str, String),
) -> Vec<Pattern> {
    let groups: Groups<'l, &str> = ledger.calls_by(value);
    let all = Share::of(groups.values().flatten(), |it| it.failed());
    let judged = groups.into_iter().filter_map(|(about, own)| {
        let share = Share::of(&own, |it| it.failed());
        let compared = Compared {
            failed: own.into_iter().filter(|it| it.failed()).collect(),
            own: share,
            rest: Share {
                part: all.part - share.part,
                whole: all.whole - share.whole,
            },
        };
        if !compared.is_spike(spike) {
            return None;
        }
        let (party, cause, next) = judge(about, &compared.failed);
        rule.pattern(
            spike.tuning,
            Conclusion {
                about: about.to_owned(),
                party,
                to_act: Party::Configuration,
                certainty: Certainty::Possible,
                severity: None,
                fact: format!(
                    "{about}: {}{}.",
                    compared.figures(),
                    mostly(&compared.failed)
                ),
                cause: cause.to_owned(),
                next,
                proof: compared.failed,
            },
        )
    });
    judged.collect()
}

pub(super) static DESTINATION_FAILS_MORE: Rule = Rule {
    id: "destination-fails-more",
    family: "many",
    severity: Severity::Error,
    bearing: Bearing::Context,
    finds: "A country to which calls fail at least three times as often as to the others, through two carriers or more that \
            each have failures there, with 30 calls or more on each side.",
    matters: "No other route helps: the networks there, or what we send to them, are why.",
    remedy: "Compare number format and caller ID with a call that passes; ask two carriers.",
    silent: "One carrier alone fails there: then it is that carrier. The difference may be chance. It compares within the calls at hand, not with what was usual before.",
    source: "Catalogue A5, attribution modifier 5",
    explains: &[],
    limits: &[
        &DESTINATION_CALLS,
        &DESTINATION_TIMES,
        &DESTINATION_CARRIERS,
        &DESTINATION_STOPPED,
    ],
    check: Check::Calls(destinations),
};

static DESTINATION_CALLS: Limit = Limit {
    key: "destination-fails-more.calls",
    what: "of how many calls on each side a rate is taken",
    default: Figure::Count(30),
};

static DESTINATION_TIMES: Limit = Limit {
    key: "destination-fails-more.times",
    what: TIMES,
    default: Figure::Score(3.0),
};

static DESTINATION_CARRIERS: Limit = Limit {
    key: "destination-fails-more.carriers",
    what: "through how many carriers calls fail there",
    default: Figure::Count(2),
};

static DESTINATION_STOPPED: Limit = Limit {
    key: "destination-fails-more.stopped-here",
    what: STOPPED,
    default: Figure::Percent(50.0),
};

fn destinations(rule: &Rule, ledger: &Ledger, tuning: &Tuning) -> Vec<Pattern> {
    let judge = |country: &str, failed: &[&Entry]| {
        if most_stopped_here(tuning, &DESTINATION_STOPPED, failed) {
            let next = format!("Look at the routes and rate cards for {country}.");
            (Party::Configuration, STOPPED_HERE, next)
        } else {
            let next = format!(
                "Compare number format and caller ID of a failing call to {country} with a good one, and \
                 ask two carriers."
            );
            let cause = "Several carriers fail there alike: the networks there, or what we send to all of \
                         them.";
            (Party::Undecided, cause, next)
        }
    };
    let spike = Spike {
        tuning,
        calls: &DESTINATION_CALLS,
        times: &DESTINATION_TIMES,
    };
    let found = single(rule, ledger, spike, |it| it.country.as_deref(), judge);
    let several = |pattern: &Pattern| {
        let failed: Vec<&Entry> = ledger
            .calls()
            .filter(|it| it.failed() && it.country.as_deref() == Some(pattern.about.as_str()))
            .collect();
        let carriers = different(&failed, |it| it.carrier.as_deref());
        pattern.party == Party::Configuration || tuning.reaches(&DESTINATION_CARRIERS, carriers)
    };
    found.into_iter().filter(several).collect()
}

pub(super) static EFFECTIVENESS_LOW: Rule = Rule {
    id: "effectiveness-low",
    family: "many",
    severity: Severity::Error,
    bearing: Bearing::Context,
    finds: "The network lost more than one call in five of 30 or more, busy, unanswered and declined ones not counted as \
            lost.",
    matters: "Something that all these calls share is broken.",
    remedy: "See whether one carrier, customer, destination or server stands out; diagnose the most frequent failure.",
    silent: "The true rate may still be below that (Wilson's interval of 95 %). It compares within the calls at hand, not with what was usual before.",
    source: "ITU-T E.425; catalogue A1",
    explains: &[],
    limits: &[&LEAST_EFFECTIVE, &FEWEST_IN_ALL],
    check: Check::Calls(effectiveness),
};

static LEAST_EFFECTIVE: Limit = Limit {
    key: "effectiveness-low.ratio",
    what: "the lowest network effectiveness ratio that is good",
    default: Figure::Percent(80.0),
};

static FEWEST_IN_ALL: Limit = Limit {
    key: "effectiveness-low.calls",
    what: "of how many calls it is taken",
    default: Figure::Count(30),
};

fn effectiveness(rule: &Rule, ledger: &Ledger, tuning: &Tuning) -> Vec<Pattern> {
    let calls: Vec<&Entry> = ledger.calls().collect();
    let good = Share::of(&calls, |it| !it.failed());
    let enough = tuning.reaches(&FEWEST_IN_ALL, good.whole);
    if !enough || good.at_most() * 100.0 >= tuning.number(&LEAST_EFFECTIVE) {
        return Vec::new();
    }
    let failed: Vec<&Entry> = calls.into_iter().filter(|it| it.failed()).collect();
    let conclusion = Conclusion {
        about: "all calls".to_owned(),
        fact: format!(
            "{} of {} calls were lost (network effectiveness {} %){}.",
            failed.len(),
            good.whole,
            good.percent(),
            mostly(&failed)
        ),
        proof: failed,
        party: Party::Undecided,
        to_act: Party::Undecided,
        certainty: Certainty::Possible,
        severity: None,
        cause: String::new(),
        next: "See what the failing calls share, and diagnose the most frequent failure."
            .to_owned(),
    };
    rule.pattern(tuning, conclusion).into_iter().collect()
}

pub(super) static TRUNK_DOWN: Rule = Rule {
    id: "trunk-down",
    family: "many",
    severity: Severity::Error,
    bearing: Bearing::Context,
    finds: "A carrier that refused each of its calls, 5 or more, with 503 within 50 ms.",
    matters: "Nothing passes there: the refusal is made before anything is tried.",
    remedy: "Look at our registration and address entry there, ask for maintenance, route around it.",
    silent: "Any call was answered, rang or was refused otherwise.",
    source: "RFC 3261 section 21.5.4; catalogue S503c",
    explains: &[],
    limits: &[&DOWN_CALLS, &DOWN_WITHIN],
    check: Check::Calls(trunk_down),
};

static DOWN_CALLS: Limit = Limit {
    key: "trunk-down.calls",
    what: "how many refusals in a row make a trunk that is down",
    default: Figure::Count(5),
};

static DOWN_WITHIN: Limit = Limit {
    key: "trunk-down.within",
    what: "how soon they are refused",
    default: Figure::Time(SignedDuration::from_millis(50)),
};

fn trunk_down(rule: &Rule, ledger: &Ledger, tuning: &Tuning) -> Vec<Pattern> {
    let within = tuning.time(&DOWN_WITHIN);
    let is_shut = |it: &&Entry| {
        it.refusal == Some(503)
            && !it.rang
            && !it.stopped_here
            && it.refused_after.is_some_and(|after| after < within)
    };
    let groups = ledger.calls_by(|it| it.carrier.as_deref());
    let judged = groups.into_iter().filter_map(|(carrier, calls)| {
        let enough = tuning.reaches(&DOWN_CALLS, calls.len());
        if !enough || !calls.iter().all(is_shut) {
            return None;
        }
        rule.pattern(
            tuning,
            Conclusion {
                about: carrier.to_owned(),
                fact: format!("{carrier} refused all {} calls with 503 within {}.", calls.len(), seconds(within)),
                proof: calls,
                party: Party::Carrier,
                to_act: Party::Configuration,
                certainty: Certainty::Possible,
                severity: None,
                cause: "It refuses before it tries anything: maintenance there, or it does not know us any more.".to_owned(),
                next: format!("Check our registration and address at {carrier}, then ask it; route around it."),
            },
        )
    });
    judged.collect()
}

pub(super) static CARRIER_RINGS_LATE: Rule = Rule {
    id: "carrier-rings-late",
    family: "many",
    severity: Severity::Warning,
    bearing: Bearing::Context,
    finds: "A carrier through which it takes in the middle a second longer to ring than through the others, to the same \
            countries, with 20 calls or more on each side.",
    matters: "Callers hear nothing for longer, and hang up.",
    remedy: "Ask the carrier about these destinations, or prefer another one for them.",
    silent: "No other carrier took calls to these countries. It compares within the calls at hand, not with what was usual before.",
    source: "RFC 6076 section 4.3; catalogue A7",
    explains: &[],
    limits: &[&LATER, &LATE_CALLS],
    check: Check::Calls(rings_late),
};

static LATER: Limit = Limit {
    key: "carrier-rings-late.by",
    what: "by how much later is late",
    default: Figure::Time(SignedDuration::from_secs(1)),
};

static LATE_CALLS: Limit = Limit {
    key: "carrier-rings-late.calls",
    what: "of how many calls on each side the middle is taken",
    default: Figure::Count(20),
};

fn rings_late(rule: &Rule, ledger: &Ledger, tuning: &Tuning) -> Vec<Pattern> {
    let groups = ledger.calls_by(|it| {
        it.pdd?;
        Some((it.country.as_deref()?, it.carrier.as_deref()?))
    });
    let middle = |calls: &[&Entry]| median(calls.iter().filter_map(|it| it.pdd).collect());
    let enough = |calls: &[&Entry]| tuning.reaches(&LATE_CALLS, calls.len());
    let judged = groups.iter().filter_map(|((country, carrier), own)| {
        let others = groups.iter().filter(|((there, other), _)| there == country && other != carrier);
        let others: Vec<&Entry> = others.flat_map(|(_, calls)| calls.iter().copied()).collect();
        if !enough(own) || !enough(&others) {
            return None;
        }
        let (own_middle, rest) = (middle(own)?, middle(&others)?);
        let later = own_middle.checked_sub(rest)?;
        if later < tuning.time(&LATER) {
            return None;
        }
        rule.pattern(
            tuning,
            Conclusion {
                about: (*carrier).to_owned(),
                fact: format!(
                    "To {country} it rings after {} in the middle of {} calls through {carrier}, after {} of {} through others.",
                    seconds(own_middle),
                    own.len(),
                    seconds(rest),
                    others.len()
                ),
                proof: own.clone(),
                party: Party::Carrier,
                to_act: Party::Carrier,
                certainty: Certainty::Possible,
                severity: None,
                cause: String::new(),
                next: format!("Ask {carrier} about {country}, or prefer another carrier for it."),
            },
        )
    });
    judged.collect()
}
