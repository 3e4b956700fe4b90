//! What a reader would still ask for before they can begin: the platform's own list of what a report has to hold
//! (ConnexCS, "Reporting a problem"). Names what is missing; refuses nothing.

use jiff::{SignedDuration, Timestamp};

use super::{Audience, Report};

/// What support offers help with only for calls that it still has messages of.
const TRACE_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Carriers look at calls of the last day.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// Carriers want several examples.
const EXAMPLES: usize = 3;

/// What is missing, a sentence each.
#[must_use]
pub(super) fn missing(report: &Report, now: Timestamp) -> Vec<String> {
    let mut missing: Vec<String> = Vec::new();
    let mut lacks = |is_missing: bool, what: &str| {
        if is_missing {
            missing.push(what.to_owned());
        }
    };
    let about = report.calls.first();
    let age = about.and_then(|it| it.at).map(|at| now.duration_since(at));
    let own = &report.own;
    lacks(
        about.is_none_or(|it| it.call_id.is_empty()),
        "No Call-ID that this reader knows: they have to guess which call is meant.",
    );
    lacks(age.is_none(), "When the call began is not known.");
    match report.audience {
        Audience::Platform => {
            let is_traced = age.is_none_or(|age| age < TRACE_KEPT);
            lacks(
                !is_traced,
                "The call is older than seven days: the platform keeps no messages of it; ours are attached.",
            );
            lacks(
                own.changes.is_empty(),
                "Whether anything was changed before it began is not said.",
            );
            lacks(
                own.tried.is_empty(),
                "What you did about it yourself is not said.",
            );
            lacks(
                own.replication.is_empty(),
                "How it can be made to happen again is not said.",
            );
            lacks(
                report.pair.is_none(),
                "There is no good call to compare with.",
            );
            lacks(
                report.common.is_empty(),
                "What failing calls share is not known.",
            );
        }
        Audience::Carrier => {
            let fresh = report.calls.iter().filter_map(|it| it.at);
            let fresh = fresh.filter(|at| now.duration_since(*at) < FRESH).count();
            lacks(fresh == 0, "No example is younger than 24 hours.");
            lacks(
                report.calls.len() < EXAMPLES,
                "Carriers ask for three to five examples of the last 24 hours; fewer show the same.",
            );
        }
        Audience::Customer => {}
    }
    lacks(
        own.contact.is_empty() && !report.is_note,
        "Nobody is named who can be asked.",
    );
    missing
}
