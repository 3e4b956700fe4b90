//! When each row of a trace was recorded, by its two clocks. Where they disagree neither is trusted for
//! itself: the one counts that agrees with the log row, with the other rows, or with itself.

use jiff::{SignedDuration, Timestamp};

use crate::platform::TracedMessage;
use crate::sip::timeless::APART;

/// The same moment, one clock to the millisecond and one to the microsecond, rows written late.
const SAME: SignedDuration = SignedDuration::from_secs(1);

/// Which clock was taken where the two disagree, and what spoke for it.
struct Choice {
    dates: bool,
    because: &'static str,
}

/// The moment of each row, in their order, and what has to be said about them.
pub(super) fn moments(
    rows: &[&TracedMessage],
    near: Option<Timestamp>,
) -> (Vec<Timestamp>, Vec<String>) {
    let mut notes = Vec::new();
    let at_odds: Vec<(Timestamp, Timestamp)> = rows
        .iter()
        .filter_map(|row| Some((row.date?, row.micro_ts?)))
        .filter(|(date, micro)| !is_same(*date, *micro))
        .collect();
    let choice = choice(rows, &at_odds, near);
    if !at_odds.is_empty() {
        let clock = if choice.dates { "date" } else { "micro_ts" };
        notes.push(format!(
            "the two times of {} of {} messages of the trace disagree; `{clock}` was taken, {}",
            at_odds.len(),
            rows.len(),
            choice.because,
        ));
    }
    let known: Vec<Option<Timestamp>> = rows.iter().map(|row| moment(row, &choice)).collect();
    let missing = known.iter().filter(|at| at.is_none()).count();
    if missing == known.len() && missing > 0 {
        notes.push("no message of the trace has a time: only their order is known".to_owned());
        return (timeless(rows.len()), notes);
    }
    if missing > 0 {
        notes.push(format!(
            "messages of the trace without a time: {missing}; each got that of the one beside it"
        ));
    }
    (filled(&known), notes)
}

fn is_same(one: Timestamp, other: Timestamp) -> bool {
    apart(one, other) <= SAME
}

fn apart(one: Timestamp, other: Timestamp) -> SignedDuration {
    one.duration_since(other).abs()
}

/// The finer clock where both agree or there is only one.
fn moment(row: &TracedMessage, choice: &Choice) -> Option<Timestamp> {
    match (row.date, row.micro_ts) {
        (Some(date), Some(micro)) if choice.dates && !is_same(date, micro) => Some(date),
        (date, micro) => micro.or(date),
    }
}

/// Which clock is right where they disagree.
fn choice(
    rows: &[&TracedMessage],
    at_odds: &[(Timestamp, Timestamp)],
    near: Option<Timestamp>,
) -> Choice {
    let nearer_to = |known: Timestamp, because| {
        // Most rows decide: one clock for all of them keeps their order.
        let dates = at_odds
            .iter()
            .filter(|(date, micro)| apart(*date, known) <= apart(*micro, known))
            .count();
        let dates = dates.saturating_mul(2) >= at_odds.len();
        Choice { dates, because }
    };
    if let Some(near) = near {
        return nearer_to(near, "as it agrees with the call log");
    }
    let agreed = |row: &&&TracedMessage| {
        let both = row.date.zip(row.micro_ts);
        both.is_none_or(|(date, micro)| is_same(date, micro))
    };
    let mut agreed: Vec<Timestamp> = rows
        .iter()
        .filter(agreed)
        .filter_map(|row| row.micro_ts.or(row.date))
        .collect();
    agreed.sort();
    if let Some(middle) = agreed.get(agreed.len() / 2) {
        return nearer_to(*middle, "as it agrees with the other messages");
    }
    let span = |clock: fn(&(Timestamp, Timestamp)) -> Timestamp| {
        let first = at_odds.iter().map(clock).min();
        let last = at_odds.iter().map(clock).max();
        first
            .zip(last)
            .map_or(SignedDuration::ZERO, |(first, last)| apart(last, first))
    };
    let (dates, micros) = (span(|it| it.0), span(|it| it.1));
    let both_hold = dates.saturating_sub(micros).abs() <= SAME;
    Choice {
        dates: both_hold || dates < micros,
        because: if both_hold {
            "though nothing tells which is right"
        } else {
            "as it keeps the messages of the call together"
        },
    }
}

/// The known moments, and for the others that of the row before, else of the row after: an answer
/// comes in order of time.
fn filled(known: &[Option<Timestamp>]) -> Vec<Timestamp> {
    let mut last = known.iter().flatten().next().copied().unwrap_or_default();
    let fill = |at: &Option<Timestamp>| {
        last = at.unwrap_or(last);
        last
    };
    known.iter().map(fill).collect()
}

/// Moments that only keep an order.
fn timeless(count: usize) -> Vec<Timestamp> {
    let next = |at: &Timestamp| at.checked_add(APART).ok();
    std::iter::successors(Some(Timestamp::UNIX_EPOCH), next)
        .take(count)
        .collect()
}
