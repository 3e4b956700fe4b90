//! The plain figures of a call in words: who, when, how long, which way. The durations of one line
//! add up to its total. Judges nothing.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Fact, audio, logged};
use crate::diagnosis::case::seconds;
use crate::diagnosis::{Case, Direction, Logged};
use crate::render::clean;
use crate::render::ladder::LEGS;
use crate::sip::{Hop, Signal};

/// More hops than this are counted, not told.
const MOST_HOPS: usize = 6;

/// The facts of a call, in the order in which people ask for them.
#[must_use]
pub fn facts(case: &Case<'_>, zone: &TimeZone) -> Vec<Fact> {
    let row = case.records.and_then(Logged::of);
    if let (true, Some(row)) = (case.call.signals.is_empty(), &row) {
        let mut facts = logged::alone(row, zone);
        facts.extend(logged::beside(row));
        return facts;
    }
    let mut facts = vec![Fact::new("Call", parties(case))];
    if case.call.is_timeless() {
        facts.push(Fact::new(
            "When",
            "not recorded; only the order of messages is known",
        ));
    } else {
        if let Some(started) = case.call.started() {
            facts.push(Fact::new("When", time(started, zone)));
        }
        facts.extend(durations(case).map(|text| Fact::new("Took", text)));
    }
    let hops = &case.call.hops;
    for (at, hop) in hops.iter().take(MOST_HOPS).enumerate() {
        let more = match hops.len().checked_sub(MOST_HOPS) {
            Some(more @ 1..) if at + 1 == MOST_HOPS => format!("; {more} more hops"),
            _ => String::new(),
        };
        let label = format!("Hop {}", at + 1);
        facts.push(Fact::new(label, format!("{}{more}", way(case, hop))));
    }
    facts.extend(audio::facts(case));
    facts.extend(row.iter().flat_map(logged::beside));
    facts.push(Fact::new("Trace", trace(case)));
    facts
}

/// The Call-ID of each leg, whole, with the letter that the ladder gives it.
#[must_use]
pub fn ids(case: &Case<'_>) -> Vec<Fact> {
    let legs = &case.call.legs;
    if let (true, Some(row)) = (legs.is_empty(), case.records.and_then(Logged::of)) {
        return logged::ids(&row);
    }
    legs.iter()
        .enumerate()
        .map(|(at, leg)| {
            let label = match LEGS.chars().nth(at) {
                Some(letter) if legs.len() > 1 => format!("Leg {letter}"),
                _ => "Call-ID".to_owned(),
            };
            Fact::new(label, clean::line(&leg.call_id))
        })
        .collect()
}

fn parties(case: &Case<'_>) -> String {
    let Some(leg) = case.call.first_leg() else {
        return String::new();
    };
    let who = |user: &str| match clean::line(user) {
        user if user.is_empty() => "(no number)".to_owned(),
        user => user,
    };
    let known = match case.roles.direction {
        Direction::Outbound => "outbound",
        Direction::Inbound => "inbound",
        Direction::AssumedOutbound | Direction::OneLeg => "",
    };
    let direction = case.roles.assumption().unwrap_or(known);
    let (from, to) = (who(&leg.facts.from), who(&leg.facts.to));
    format!(
        "{from} → {to} · {} · {direction}",
        leg.facts.transports.join(", ")
    )
}

/// A time in UTC, and in the reader's zone where that is another.
pub(super) fn time(at: Timestamp, zone: &TimeZone) -> String {
    let (utc, here) = (at.to_zoned(TimeZone::UTC), at.to_zoned(zone.clone()));
    let text = utc.strftime("%F %T UTC").to_string();
    if here.offset() == utc.offset() {
        return text;
    }
    let name = zone
        .iana_name()
        .map_or_else(|| here.strftime("UTC%:z").to_string(), ToOwned::to_owned);
    let format = if here.date() == utc.date() {
        "%T"
    } else {
        "%F %T"
    };
    format!("{text} ({} {name})", here.strftime(format))
}

/// How long each part took. Points in time are rounded first and durations taken between them, so
/// that the parts add up.
fn durations(case: &Case<'_>) -> Option<String> {
    let started = case.call.started()?;
    let since = |signal: &Signal| hundredths(started, signal.at());
    let ingress = case.call.ingress();
    let end_of_setup = case.answer().or(case.failure());
    let mut marks: Vec<(String, i64)> = Vec::new();
    if let Some(ringing) = ingress.and_then(Hop::progress) {
        let code = ringing.message().code().unwrap_or_default();
        marks.push((format!("to {code}"), since(ringing)));
    }
    if let Some(end) = end_of_setup {
        let what = match end.message().code() {
            Some(200..=299) => "to the answer".to_owned(),
            Some(code) => format!("to {code}"),
            // The answer itself was not captured.
            None => "to the ACK of the answer".to_owned(),
        };
        marks.push((what, since(end)));
    }
    let bye = case.own_byes().find_map(|bye| bye.request());
    if let (Some(bye), Some(_)) = (bye, case.answer()) {
        marks.push(("talk".to_owned(), since(bye)));
    }
    let mut parts = Vec::new();
    let mut before = 0;
    for (what, at) in &marks {
        // Another capture point's clock may put a later step before an earlier one.
        if *at >= before {
            parts.push(format!("{} {what}", figure(at - before)));
            before = *at;
        }
    }
    let total = match parts.len() {
        0 => return None,
        1 => String::new(),
        _ => format!(" = {}", figure(before)),
    };
    let open = match (case.answer(), bye) {
        (Some(_), None) => "; no BYE seen",
        _ => "",
    };
    Some(format!("{}{total}{open}", parts.join(" + ")))
}

fn hundredths(from: Timestamp, to: Timestamp) -> i64 {
    (to.as_microsecond() - from.as_microsecond() + 5_000) / 10_000
}

/// Hundredths of a second as `58.30 s`, with minutes where there are many.
fn figure(hundredths: i64) -> String {
    let text = format!("{}.{:02} s", hundredths / 100, hundredths % 100);
    let minutes = hundredths / 6_000;
    if minutes < 2 {
        return text;
    }
    format!("{text} ({minutes} min {} s)", hundredths / 100 % 60)
}

/// One hop of the INVITE and how it ended.
fn way(case: &Case<'_>, hop: &Hop) -> String {
    let ended = match hop.final_response() {
        None if hop.confirmed().is_some() => "answered, which was not captured".to_owned(),
        None => "no final answer".to_owned(),
        Some(answer) => {
            let cause = answer.message().q850().and_then(|reason| reason.cause);
            let cause = cause.map_or_else(String::new, |cause| format!(" cause {cause}"));
            let code = answer.message().code().unwrap_or_default();
            if case.call.is_timeless() {
                format!("{code}{cause} ({})", case.when(answer))
            } else {
                let started = case.call.started().unwrap_or(answer.at());
                let at = hundredths(started, answer.at());
                format!("{code}{cause} at +{}", figure(at))
            }
        }
    };
    clean::line(&format!(
        "{} → {}: {ended}",
        case.name(hop.client),
        case.name(hop.server)
    ))
}

fn trace(case: &Case<'_>) -> String {
    let count = |n: usize, one: &str| match n {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    };
    let sum = |of: fn(&crate::sip::Facts) -> usize| -> usize {
        case.call.legs.iter().map(|leg| of(&leg.facts)).sum()
    };
    let mut parts = vec![
        count(case.call.signals.len(), "message"),
        count(case.call.legs.len(), "leg"),
    ];
    let retransmissions = sum(|facts| facts.retransmissions);
    if retransmissions > 0 {
        parts.push(count(retransmissions, "retransmission"));
    }
    let duplicates = sum(|facts| facts.capture_duplicates);
    if duplicates > 0 {
        parts.push(count(duplicates, "capture duplicate"));
    }
    if let (Some(from), Some(to)) = (case.call.started(), case.call.ended())
        && !case.call.is_timeless()
    {
        parts.push(format!("over {}", seconds(to.duration_since(from))));
    }
    parts.join(", ")
}
