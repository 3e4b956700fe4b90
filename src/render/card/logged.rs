//! What the platform's log says of a call, as the card's figures. Judges nothing.

use jiff::tz::TimeZone;

use super::Fact;
use super::figures::time;
use crate::diagnosis::Logged;
use crate::diagnosis::case::seconds;
use crate::render::clean;

/// More attempts than these are counted, not told.
const MOST_TOLD: usize = 6;

/// The figures of a call of which only the log speaks.
pub(super) fn alone(logged: &Logged, zone: &TimeZone) -> Vec<Fact> {
    let who = |text: &Option<String>| text.as_deref().map_or("(no number)".into(), clean::line);
    let (from, to) = (who(&logged.from), who(&logged.to));
    let mut facts = vec![Fact::new("Call", format!("{from} → {to}"))];
    facts.extend(logged.started.map(|at| Fact::new("When", time(at, zone))));
    let lasted = logged.duration_ms.map(jiff::SignedDuration::from_millis);
    facts.extend(lasted.map(|it| Fact::new("Took", format!("{} of talk", seconds(it)))));
    facts
}

/// What the log adds to what was seen.
pub(super) fn beside(logged: &Logged) -> Vec<Fact> {
    let mut facts = Vec::new();
    // Of a call that comes in the customer is who is called.
    let customer = logged.customer.as_ref();
    let (sending, called) = match logged.comes_in {
        true => (None, customer),
        false => (customer, None),
    };
    let sender = [
        sending,
        logged.source_address.as_ref(),
        logged.user.as_ref(),
    ];
    let sender: Vec<String> = sender
        .into_iter()
        .flatten()
        .map(|text| clean::line(text))
        .collect();
    if !sender.is_empty() {
        facts.push(Fact::new("Sender", sender.join(" · ")));
    }
    facts.extend(called.map(|it| Fact::new("Customer", clean::line(it))));
    let code = logged.code.map(|code| code.to_string());
    let parts: Vec<String> = [
        &code,
        &logged.reason,
        &logged.release_reason,
        &logged.engine,
    ]
    .into_iter()
    .flatten()
    .map(|text| clean::line(text))
    .collect();
    if !parts.is_empty() {
        facts.push(Fact::new("Log", parts.join(" · ")));
    }
    if !logged.attempts.is_empty() {
        let tried = logged.attempts.iter().take(MOST_TOLD).map(|it| {
            let code = it.code.map(|code| code.to_string());
            let words = [&it.carrier, &code, &it.reason];
            let words = words.into_iter().flatten().map(|text| clean::line(text));
            words.collect::<Vec<_>>().join(" ")
        });
        let mut tried: Vec<String> = tried.collect();
        let more = logged.attempts.len().saturating_sub(MOST_TOLD);
        if more > 0 {
            tried.push(format!("{more} more"));
        }
        facts.push(Fact::new("Routes", tried.join(", ")));
    }
    facts
}

/// The ids that the log gives, for a call of which no message was seen.
pub(super) fn ids(logged: &Logged) -> Vec<Fact> {
    let fact = |label: &str, id: &Option<String>| {
        id.as_deref().map(|id| Fact::new(label, clean::line(id)))
    };
    [
        fact("Call-ID", &logged.call_id),
        fact("Outgoing", &logged.outgoing_call_id),
    ]
    .into_iter()
    .flatten()
    .collect()
}
