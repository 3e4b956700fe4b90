//! Which lost calls belong together: by the carrier, customer, server or destination in which they stand out from the
//! other calls of the same time. Pure; names a place, never a fault.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

use serde::{Deserialize, Serialize};

use super::signal::Seen;
use crate::diagnosis::patterns::Share;

/// Prefixes have so many digits: a country and an area, never single numbers.
const PREFIX: std::ops::RangeInclusive<usize> = 2..=6;

/// Fewer calls elsewhere tell nothing apart.
const FEWEST_ELSEWHERE: usize = 10;

/// The share of lost calls in a place is surely above so many times that of the others, and this much more.
const TIMES: f64 = 2.0;
const MORE: f64 = 0.05;

/// Customers, carriers and prefixes beyond these are not named.
const MOST_NAMED: usize = 5;

/// By what calls are told apart. The order is that in which equals are preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Axis {
    /// The platform's server.
    Server,
    /// The carrier.
    Carrier,
    /// The customer.
    Customer,
    /// The first digits of the called number.
    Prefix,
    /// Nothing: it is everywhere.
    Everything,
    /// What a watch watches, where no place stands out.
    Watch,
    /// No call at all.
    Silence,
    /// A source that does not answer.
    Source,
    /// What the platform announces.
    Announced,
    /// What another program noticed.
    Alert,
    /// The bot itself.
    Bot,
}

/// What an incident is about: one at a time has a message of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cause {
    /// By what.
    pub axis: Axis,
    /// Which: text from outside.
    pub value: String,
}

impl Cause {
    /// A cause.
    #[must_use]
    pub fn new(axis: Axis, value: impl Into<String>) -> Cause {
        let value = value.into();
        Cause { axis, value }
    }

    /// Whether it is a place among calls.
    #[must_use]
    pub fn is_of_calls(&self) -> bool {
        self.axis <= Axis::Everything
    }

    /// Whether a call is there; of what is no place among calls, none is.
    #[must_use]
    pub fn holds(&self, call: &Seen) -> bool {
        is_in(call, self.axis, &self.value)
    }
}

/// Whether a call is at a place.
fn is_in(call: &Seen, axis: Axis, value: &str) -> bool {
    match axis {
        Axis::Server => call.server.as_deref() == Some(value),
        Axis::Carrier => call.carrier.as_ref().is_some_and(|it| it.name == value),
        Axis::Customer => call.customer.as_ref().is_some_and(|it| it.name == value),
        Axis::Prefix => call.to.starts_with(value),
        Axis::Everything => true,
        _ => false,
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = &self.value;
        match self.axis {
            Axis::Server => write!(f, "calls on server {value}"),
            Axis::Carrier => write!(f, "calls through {value}"),
            Axis::Customer => write!(f, "calls of {value}"),
            Axis::Prefix => write!(f, "calls to {value}…"),
            Axis::Everything => f.write_str("all calls"),
            _ => f.write_str(value),
        }
    }
}

/// How often a value came, the most frequent first.
pub type Counted<T> = Vec<(T, usize)>;

/// Lost calls that belong together.
#[derive(Debug, Clone)]
pub struct Cluster<'c> {
    /// Where they stand out.
    pub cause: Cause,
    /// The lost calls, in the order in which they came.
    pub lost: Vec<&'c Seen>,
    /// Lost of all calls there.
    pub there: Share,
    /// Lost of all other calls of the time.
    pub elsewhere: Share,
}

/// The most frequent of some values.
#[must_use]
pub fn counted<T: Ord>(values: impl IntoIterator<Item = T>) -> Counted<T> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let mut counts: Counted<T> = counts.into_iter().collect();
    counts.sort_by_key(|(_, times)| Reverse(*times));
    counts.truncate(MOST_NAMED);
    counts
}

/// The groups of at least `least` lost calls, the largest first. What stands out nowhere is one group of everything.
#[must_use]
pub fn clusters<'c>(calls: &[&'c Seen], least: usize) -> Vec<Cluster<'c>> {
    let mut left: Vec<&Seen> = calls.to_vec();
    let mut found = Vec::new();
    loop {
        let lost = left.iter().filter(|it| it.failed()).count();
        if lost < least.max(1) {
            return found;
        }
        let Some(cause) = standing_out(&left, least) else {
            found.extend(whole(&left, least));
            return found;
        };
        let (there, elsewhere): (Vec<&Seen>, Vec<&Seen>) =
            left.iter().partition(|it| cause.holds(it));
        found.push(Cluster {
            cause,
            lost: there.iter().copied().filter(|it| it.failed()).collect(),
            there: Share::of(&there, |it| it.failed()),
            elsewhere: Share::of(&elsewhere, |it| it.failed()),
        });
        left = elsewhere;
    }
}

/// All lost calls as one group, where they are at least so many.
#[must_use]
pub fn whole<'c>(calls: &[&'c Seen], least: usize) -> Option<Cluster<'c>> {
    let lost: Vec<&Seen> = calls.iter().copied().filter(|it| it.failed()).collect();
    (lost.len() >= least.max(1)).then(|| Cluster {
        cause: Cause::new(Axis::Everything, ""),
        lost,
        there: Share::of(calls, |it| it.failed()),
        elsewhere: Share { part: 0, whole: 0 },
    })
}

/// Whether surely more is lost in a place than elsewhere.
#[must_use]
pub fn is_apart(there: Share, elsewhere: Share) -> bool {
    elsewhere.whole >= FEWEST_ELSEWHERE
        && there.at_least_of_many() > elsewhere.ratio() * TIMES + MORE
}

/// The places of a call.
fn places(call: &Seen) -> impl Iterator<Item = (Axis, &str)> {
    let server = call.server.as_deref().map(|it| (Axis::Server, it));
    let carrier = call
        .carrier
        .as_ref()
        .map(|it| (Axis::Carrier, it.name.as_str()));
    let customer = call
        .customer
        .as_ref()
        .map(|it| (Axis::Customer, it.name.as_str()));
    let prefixes = PREFIX.filter_map(|long| call.to.get(..long).map(|it| (Axis::Prefix, it)));
    server
        .into_iter()
        .chain(carrier)
        .chain(customer)
        .chain(prefixes)
}

/// The place in which lost calls stand out most, if there is one.
fn standing_out(calls: &[&Seen], least: usize) -> Option<Cause> {
    let all = Share::of(calls, |it| it.failed());
    let mut counts: BTreeMap<(Axis, &str), Share> = BTreeMap::new();
    // Only where something was lost something can stand out.
    for call in calls.iter().filter(|it| it.failed()) {
        for place in places(call) {
            let share = counts.entry(place).or_insert(Share { part: 0, whole: 0 });
            share.part += 1;
        }
    }
    counts.retain(|_, share| share.part >= least.max(1));
    if counts.is_empty() {
        return None;
    }
    // Few are left by now: they are counted one by one, which is cheaper than to look up each place of each call.
    for ((axis, value), share) in &mut counts {
        let is_there = |call: &&&Seen| is_in(call, *axis, value);
        share.whole = calls.iter().filter(is_there).count();
    }
    let stands_out = |share: &Share| {
        let elsewhere = Share {
            part: all.part.saturating_sub(share.part),
            whole: all.whole.saturating_sub(share.whole),
        };
        is_apart(*share, elsewhere).then(|| share.ratio() - elsewhere.ratio())
    };
    let scored = counts.iter().filter_map(|((axis, value), share)| {
        let apart = stands_out(share)?;
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "counts of calls, and a share between 0 and 1"
        )]
        let score = (share.part as f64 * apart * 1000.0) as u64;
        // Among equals the first axis, then the longest prefix.
        Some((score, Reverse(*axis), value.len(), *value))
    });
    let (_, Reverse(axis), _, value) = scored.max()?;
    Some(Cause::new(axis, value))
}

/// When something began, among the calls of a place in order: with the lost call from which on more is lost than in all
/// of them, most clearly. Some calls are lost always, and are no beginning.
#[must_use]
pub fn beginning(calls: &[&Seen]) -> Option<Timestamp> {
    let usual = Share::of(calls, |it| it.failed()).ratio();
    let (mut sum, mut most, mut begin) = (0.0, 0.0, None);
    for call in calls.iter().rev() {
        sum += f64::from(u8::from(call.failed())) - usual;
        if call.failed() && (sum > most || begin.is_none()) {
            (most, begin) = (sum, Some(call.at));
        }
    }
    // Where all are lost it began with the first.
    let all = usual >= 1.0;
    begin.and_then(|at| {
        if all {
            calls.first().map(|it| it.at)
        } else {
            Some(at)
        }
    })
}

/// Calls that stand for the others: each code and each customer before any a second time, the newest first.
#[must_use]
pub fn representative<'c>(lost: &[&'c Seen], most: usize, but: &[String]) -> Vec<&'c Seen> {
    let mut left: Vec<&Seen> = lost
        .iter()
        .copied()
        .filter(|it| !but.contains(&it.call_id))
        .collect();
    left.sort_by_key(|it| Reverse(it.at));
    let mut chosen: Vec<&Seen> = Vec::new();
    let codes = counted(left.iter().map(|it| it.code));
    let usual = codes.first().and_then(|it| it.0);
    while chosen.len() < most && !left.is_empty() {
        let taken = |call: &Seen| {
            let same = |it: &&&Seen| it.customer == call.customer && it.carrier == call.carrier;
            chosen.iter().filter(same).count()
        };
        let best = left
            .iter()
            .enumerate()
            .min_by_key(|(at, it)| (it.code != usual, taken(it), *at));
        let Some((at, _)) = best else { break };
        chosen.push(left.remove(at));
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::common::Ended;
    use crate::incidents::signal::Named;
    use jiff::Timestamp;

    fn call(n: usize, carrier: u64, customer: u64, to: &str, lost: bool) -> Seen {
        let named = |kind: &str, id: u64| Named {
            id,
            name: format!("{kind} (#{id})"),
        };
        Seen {
            call_id: format!("c{n}"),
            at: Timestamp::from_second(i64::try_from(n).unwrap()).unwrap(),
            customer: Some(named("Customer", customer)),
            carrier: Some(named("Carrier", carrier)),
            server: None,
            from: String::new(),
            to: to.to_owned(),
            code: Some(if lost { 503 } else { 200 }),
            ended: if lost { Ended::Failed } else { Ended::Good },
            answered: !lost,
            pdd_ms: None,
        }
    }

    fn found(calls: &[Seen]) -> Vec<(String, usize)> {
        let calls: Vec<&Seen> = calls.iter().collect();
        let found = clusters(&calls, 5);
        found
            .iter()
            .map(|it| (it.cause.to_string(), it.lost.len()))
            .collect()
    }

    #[test]
    fn two_causes_at_once_are_two_groups() {
        let calls: Vec<Seen> = (0..400)
            .map(|n| {
                let (carrier, customer) = (n as u64 % 4, n as u64 / 4 % 10);
                call(
                    n,
                    carrier,
                    customer,
                    "441632960001",
                    (carrier == 2 && n % 3 > 0) || customer == 7,
                )
            })
            .collect();
        assert_eq!(
            found(&calls),
            [
                ("calls through Carrier (#2)".to_owned(), 71),
                ("calls of Customer (#7)".to_owned(), 30)
            ]
        );
    }

    #[test]
    fn what_is_everywhere_stands_out_nowhere() {
        let calls: Vec<Seen> = (0..400)
            .map(|n| {
                call(
                    n,
                    n as u64 % 4,
                    n as u64 / 4 % 10,
                    &format!("44{}0001", n % 7),
                    n % 9 == 0,
                )
            })
            .collect();
        assert_eq!(found(&calls), [("all calls".to_owned(), 45)]);
    }

    #[test]
    fn a_prefix_is_named_as_long_as_it_goes() {
        let calls: Vec<Seen> = (0..400)
            .map(|n| {
                let to = if n % 4 == 0 {
                    "4479460001"
                } else {
                    "4420794600"
                };
                call(n, n as u64 % 3, n as u64 / 4 % 10, to, n % 4 == 0)
            })
            .collect();
        assert_eq!(found(&calls), [("calls to 447946…".to_owned(), 100)]);
    }
}
