//! "Only this call?": how many other calls around it failed, by carrier, destination and customer, from
//! the platform's own sums. Counts and compares; fetches nothing and concludes no cause.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::call::Window;
use crate::platform::{Aggregate, Cdr, Id};

/// How long around a call others are counted.
pub const AROUND: SignedDuration = SignedDuration::from_mins(15);

/// How long before that they are counted to compare.
pub const BEFORE: SignedDuration = SignedDuration::from_hours(1);

/// Fewer calls than this tell nothing.
const FEWEST: u64 = 5;

/// More codes than this are not told.
const MOST_CODES: usize = 4;

/// How calls by other ways to the same destination are called.
const OTHER_CARRIERS: &str = "other carriers";

/// Where so large a share fails, it is not this call's own matter, however long it has been so.
const NEARLY_ALL: f64 = 0.9;

/// So many times the share of before is more than chance makes of it.
const MUCH_MORE: f64 = 2.0;

/// Whether others suffer too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Others on the same way fail too.
    Others,
    /// The others on the same way are well.
    Alone,
    /// Too few calls to tell, or they could not be counted.
    CannotTell,
}

/// The calls around one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeLine {
    /// Whether others suffer too.
    pub answer: Answer,
    /// From when they were counted.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// Who was counted, the nearest to the call first.
    pub counts: Vec<Count>,
    /// How many customers have failing calls on the same way.
    pub customers_hit: usize,
    /// With what the other calls on the same way ended that failed, the most frequent first: only where call
    /// detail records are seen to hold unanswered calls.
    #[serde(default)]
    pub codes: Vec<Ended>,
    /// All of it in one to three sentences.
    pub said: String,
}

/// A final code, and how many calls ended with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The code.
    pub code: u16,
    /// How many.
    pub calls: usize,
}

/// Calls of one kind, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Which, as in `Acme (#105) → UK Mobile`.
    pub what: String,
    /// How many were tried.
    pub attempts: u64,
    /// How many of them were not answered.
    pub failed: u64,
    /// How many were tried in the hour before.
    pub attempts_before: u64,
    /// How many of those were not answered.
    pub failed_before: u64,
}

/// What of a call others are compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Of {
    /// The carrier that it failed at: number and name.
    pub carrier: Option<(Id, String)>,
    /// Its destination as rate cards name it.
    pub destination: Option<String>,
    /// Its customer: number and name.
    pub customer: Option<(Id, String)>,
}

/// The time in which others are counted, and the hour before it.
#[must_use]
pub fn windows(at: Timestamp, now: Timestamp) -> (Window, Window) {
    let shifted = |at: Timestamp, by: SignedDuration| at.checked_add(by).unwrap_or(at);
    let to = shifted(at, SignedDuration::from_mins(5)).min(now).max(at);
    let from = shifted(to, -AROUND);
    (
        Window::new(from, to),
        Window::new(shifted(from, -BEFORE), from),
    )
}

/// Counts the calls around one: `during` and `before` are sums by carrier, customer and destination.
#[must_use]
pub fn scope_line(
    of: &Of,
    window: Window,
    during: &[Aggregate],
    before: &[Aggregate],
    time: &dyn Fn(Timestamp) -> String,
) -> ScopeLine {
    let counted = |what: String, is_it: &dyn Fn(&Aggregate) -> bool| {
        let (attempts, failed) = sum(during, is_it);
        let (attempts_before, failed_before) = sum(before, is_it);
        Count {
            what,
            attempts,
            failed,
            attempts_before,
            failed_before,
        }
    };
    let to = of.destination.as_deref();
    let goes_there = |it: &Aggregate| to.is_none_or(|to| is_destination(it, to));
    let there = to.map_or_else(String::new, |to| format!(" → {to}"));
    let mut counts = Vec::new();
    let mut hit = 0;
    if let Some((id, name)) = &of.carrier {
        let same_way = |it: &Aggregate| it.carrier_id == Some(*id) && goes_there(it);
        counts.push(counted(format!("{name}{there}"), &same_way));
        hit = customers_hit(during, &same_way);
        if let Some(to) = to {
            let elsewhere = |it: &Aggregate| it.carrier_id != Some(*id) && is_destination(it, to);
            counts.push(counted(format!("{OTHER_CARRIERS} → {to}"), &elsewhere));
        }
    } else if let Some(to) = to {
        let same_way = |it: &Aggregate| is_destination(it, to);
        counts.push(counted(format!("all carriers → {to}"), &same_way));
        hit = customers_hit(during, &same_way);
    }
    if let Some((id, name)) = &of.customer {
        let own = |it: &Aggregate| it.customer_id == Some(*id);
        counts.push(counted(format!("{name} in all"), &own));
    }
    let answer = answer(&counts);
    let said = said(answer, window, &counts, hit, time);
    ScopeLine {
        answer,
        from: window.from,
        to: window.to,
        counts,
        customers_hit: hit,
        codes: Vec::new(),
        said,
    }
}

impl ScopeLine {
    /// The same with the codes of other calls on the way of a call, out of the records of the same time. `whose`
    /// the records are stands in the sentence.
    #[must_use]
    pub fn with_codes(mut self, of: &Of, whose: &str, call_id: &str, records: &[Cdr]) -> ScopeLine {
        let carrier = of.carrier.as_ref().map(|(id, _)| *id);
        let to = of.destination.as_deref();
        let is_there = |it: &&Cdr| {
            (carrier.is_none() || it.carrier_id == carrier)
                && to.is_none_or(|to| it.destination.as_deref() == Some(to))
        };
        let failed = records.iter().filter(|it| it.is_answered() == Some(false));
        let others = failed.filter(|it| it.call_id.as_deref() != Some(call_id));
        for code in others.filter(is_there).filter_map(|it| it.code) {
            match self.codes.iter_mut().find(|it| it.code == code) {
                Some(known) => known.calls = known.calls.saturating_add(1),
                None => self.codes.push(Ended { code, calls: 1 }),
            }
        }
        self.codes.sort_by_key(|it| (Reverse(it.calls), it.code));
        let told = self.codes.iter().take(MOST_CODES);
        let told: Vec<String> = told
            .map(|it| format!("{} \u{d7} {}", it.calls, it.code))
            .collect();
        if !told.is_empty() {
            let more = if self.codes.len() > MOST_CODES {
                " and others"
            } else {
                ""
            };
            let told = told.join(", ");
            self.said = format!(
                "{} Others {whose} that failed there: {told}{more}.",
                self.said
            );
        }
        self
    }
}

fn is_destination(aggregate: &Aggregate, to: &str) -> bool {
    aggregate.destination.as_deref() == Some(to)
        || aggregate.carrier_destination.as_deref() == Some(to)
}

fn sum(aggregates: &[Aggregate], is_it: &dyn Fn(&Aggregate) -> bool) -> (u64, u64) {
    aggregates
        .iter()
        .filter(|it| is_it(it))
        .fold((0, 0), |(attempts, failed), it| {
            (
                attempts.saturating_add(it.attempts.unwrap_or(0)),
                failed.saturating_add(it.failed().unwrap_or(0)),
            )
        })
}

fn customers_hit(aggregates: &[Aggregate], is_it: &dyn Fn(&Aggregate) -> bool) -> usize {
    let failing = aggregates
        .iter()
        .filter(|it| is_it(it) && it.failed().is_some_and(|failed| failed > 0));
    let mut customers: Vec<Id> = failing.filter_map(|it| it.customer_id).collect();
    customers.sort_unstable();
    customers.dedup();
    customers.len()
}

/// Others suffer where more than this one call failed on the same way, and clearly more than before, or than by other
/// ways to the same destination, or nearly all of them.
fn answer(counts: &[Count]) -> Answer {
    let Some(count) = counts.first().filter(|it| it.attempts >= FEWEST) else {
        return Answer::CannotTell;
    };
    if count.failed <= 1 {
        return Answer::Alone;
    }
    let share = share(count.failed, count.attempts);
    let before = share_or(count.failed_before, count.attempts_before, 0.0);
    let elsewhere = counts
        .get(1)
        .filter(|it| it.what.starts_with(OTHER_CARRIERS) && it.attempts >= FEWEST);
    let is_worse_here =
        elsewhere.is_some_and(|it| share > self::share(it.failed, it.attempts) * MUCH_MORE);
    if share > before * MUCH_MORE
        || count.attempts_before < FEWEST
        || is_worse_here
        || share >= NEARLY_ALL
    {
        Answer::Others
    } else {
        Answer::Alone
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "counts of calls are far below 2^52"
)]
fn share(part: u64, all: u64) -> f64 {
    part as f64 / all as f64
}

fn share_or(part: u64, all: u64, none: f64) -> f64 {
    if all == 0 { none } else { share(part, all) }
}

fn said(
    answer: Answer,
    window: Window,
    counts: &[Count],
    hit: usize,
    time: &dyn Fn(Timestamp) -> String,
) -> String {
    let first = match answer {
        Answer::Others => "No.",
        Answer::Alone => "As far as the counts show: others fail no more than usual.",
        Answer::CannotTell => "Too few calls to tell.",
    };
    let told: Vec<String> = counts
        .iter()
        .enumerate()
        .map(|(at, count)| {
            let before = if at == 0 {
                format!(
                    " (hour before: {} of {})",
                    count.failed_before, count.attempts_before
                )
            } else {
                String::new()
            };
            let failed = if at == 0 { " failed" } else { "" };
            format!(
                "{}: {} of {}{failed}{before}",
                count.what, count.failed, count.attempts
            )
        })
        .collect();
    let hit = match (answer, hit) {
        (Answer::Others, 2..) => format!("; {hit} customers hit"),
        _ => String::new(),
    };
    if told.is_empty() {
        return first.to_owned();
    }
    format!(
        "{first} From {} to {}, {}{hit}.",
        time(window.from),
        time(window.to),
        told.join("; ")
    )
}
