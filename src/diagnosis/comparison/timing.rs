//! How long each part of a call took, as it is compared.

use super::Judged;
use super::profile::Entry;

/// The durations; nothing where nobody recorded times, or nothing was seen.
pub(super) fn of(call: Judged<'_>) -> Option<Vec<Entry>> {
    let case = call.case;
    let facts = call
        .diagnosis
        .facts
        .first()
        .filter(|_| !case.call.is_timeless())?;
    let figures = [
        ("Post-dial delay", facts.pdd_ms),
        ("Setup", facts.setup_ms),
        ("Talk", facts.talk_ms),
    ];
    let known = figures
        .into_iter()
        .filter_map(|(label, ms)| Some(Entry::took(label, ms?)));
    let hops = (1..).zip(case.way()).flat_map(|(number, hop)| {
        let first = hop.first_response_delay();
        let asked = hop.first_invite().map(|it| it.at());
        let last = hop.final_response().map(|it| it.at());
        let whole = asked
            .zip(last)
            .map(|(asked, last)| last.duration_since(asked));
        let named = [("first answer", first), ("final answer", whole)];
        named.into_iter().filter_map(move |(what, took)| {
            let ms = i64::try_from(took?.as_millis()).ok()?;
            Some(Entry::took(format!("Hop {number}: {what}"), ms))
        })
    });
    Some(known.chain(hops).collect())
}
