//! Answers about what happened inside the platform's own services. None of their keys is documented:
//! they are picked by how they end, and the element is kept whole.

use super::fields::Fields;
use super::lenient;
use super::moment::moment;
use super::rows::{Rows, read};
use super::unreadable::Unreadable;
use crate::platform::{AgentStep, ServiceEvent, Utterance};

const TIMES: [&str; 6] = ["micro_ts", "timestamp", "time", "date", "dt", "ts"];

fn at(fields: &Fields<'_>) -> Option<jiff::Timestamp> {
    fields.ending(&TIMES, |_| false, moment)
}

fn words(fields: &Fields<'_>, keys: &[&str]) -> Option<String> {
    fields.ending(keys, |key| key.ends_with("id"), lenient::text)
}

/// Reads the class 5 log of a call; no row where the call met none of these services.
///
/// # Errors
/// Where the answer as a whole is no list of events.
pub fn service_events(body: &[u8]) -> Result<Rows<ServiceEvent>, Unreadable> {
    read(body, |fields| {
        Some(ServiceEvent {
            at: at(fields),
            event: words(fields, &["event", "action", "type"]),
            value: words(fields, &["value", "data"]),
            raw: fields.raw(),
        })
    })
}

/// Reads the AI-agent log of a call; no row where no agent took part.
///
/// # Errors
/// Where the answer as a whole is no list of steps.
pub fn agent_steps(body: &[u8]) -> Result<Rows<AgentStep>, Unreadable> {
    read(body, |fields| {
        Some(AgentStep {
            at: at(fields),
            stage: words(fields, &["stage", "step", "type"]),
            raw: fields.raw(),
        })
    })
}

/// Reads the transcript of a call; no row where none was made.
///
/// # Errors
/// Where the answer as a whole is no transcript.
pub fn utterances(body: &[u8]) -> Result<Rows<Utterance>, Unreadable> {
    read(body, |fields| {
        Some(Utterance {
            at: at(fields),
            leg: fields.ending(&["leg", "channel"], |_| false, lenient::count),
            text: words(fields, &["text", "transcript"]),
            score: fields.ending(&["score", "confidence"], |_| false, lenient::number),
            raw: fields.raw(),
        })
    })
}
