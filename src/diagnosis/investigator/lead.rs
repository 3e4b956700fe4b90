//! What an answer begins with where a platform told nothing at all: since when and why, whether the call
//! is diagnosed all the same, whom to telephone. Judges no call.

use jiff::{SignedDuration, Timestamp};

use super::gathered::Gathered;
use crate::sources::{ConnexCs, Known, Source};

/// What happened so recently is told without its day.
const TODAY: SignedDuration = SignedDuration::from_hours(20);

/// How sentences call what is asked.
const WHO: &str = "the platform's API";

/// The lead of an answer; nothing where each platform answered anything about its calls, or none was
/// asked about them.
pub(super) fn of(
    sources: &[Source],
    gathered: &Gathered,
    found: &[Known],
    now: Timestamp,
) -> Option<String> {
    let silent = &gathered.platform.as_ref()?.silent;
    if silent.is_empty() {
        return None;
    }
    let platform = |name: &str| {
        let mut platforms = sources.iter().filter_map(Source::platform);
        platforms.find(|it| it.name() == name)
    };
    let mut sentences: Vec<String> = Vec::new();
    for (name, why) in silent {
        let headline = platform(name).and_then(|it| headline(it, now));
        let headline = headline.unwrap_or_else(|| format!("{WHO} told nothing: {why}"));
        sentences.push(format!("{name}: {headline}."));
    }
    sentences.push(what_is_left(gathered, found).to_owned());
    for (name, _) in silent {
        if let Some(phone) = platform(name).and_then(ConnexCs::support_phone) {
            sentences.push(format!("Their support: {phone}."));
        }
    }
    Some(sentences.join(" "))
}

pub(super) fn headline(platform: &ConnexCs, now: Timestamp) -> Option<String> {
    let time = |at: Timestamp| {
        let format = if now.duration_since(at) < TODAY {
            "%H:%M UTC"
        } else {
            "%F %H:%M UTC"
        };
        at.strftime(format).to_string()
    };
    platform.health().headline(WHO, time)
}

/// What the answer rests on, without the platform.
fn what_is_left(gathered: &Gathered, found: &[Known]) -> &'static str {
    let is_alone = gathered
        .platform
        .as_ref()
        .is_some_and(|it| it.log.answered == 0 && it.trace.answered == 0);
    match (found.is_empty(), gathered.has_captures) {
        (false, true) if is_alone => "What follows is what captures show.",
        (false, _) => "What follows is what the other sources show.",
        (true, true) => NOT_IN_CAPTURES,
        (true, false) => NOT_DIAGNOSED,
    }
}

const NOT_IN_CAPTURES: &str = "The call is not diagnosed: captures hold nothing of it either.";
const NOT_DIAGNOSED: &str = "The call is not diagnosed.";

/// The lead of a call that is diagnosed after all, from evidence that was kept of it.
pub(super) fn over_kept(lead: &str, kept: &str) -> String {
    let is_left = format!("What follows is from the evidence of {kept}.");
    lead.replace(NOT_IN_CAPTURES, &is_left)
        .replace(NOT_DIAGNOSED, &is_left)
}
