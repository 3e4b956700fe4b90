//! The rule on digits that enter the call and do not leave it. Counts events and never learns which
//! digits they were.

use super::words::{A_SECOND, proof, voices};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::media::{Flow, MediaPath};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Method};

pub(super) static DIGITS_NOT_PASSED: Rule = Rule {
    id: "digits-not-passed",
    family: "media",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "Telephone events (RFC 4733) came in on one hop and none went out on the next, which \
            carried the same voice.",
    matters: "The called side does not hear which keys are pressed: menus, PINs and conferences do \
              not work.",
    remedy: "Offer telephone-event on the next leg too, and let the platform pass digits on.",
    silent: "An INFO went that way, the next hop carried no audio, or it carried payload types that \
             nothing explains.",
    source: "RFC 4733; catalogue V21",
    explains: &[],
    limits: &[],
    check: Check::Call(digits_not_passed),
};

fn digits_not_passed(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    voices(&case.media)
        .iter()
        .filter_map(|voice| {
            voice.windows(2).find_map(|pair| match pair {
                [before, after] => lost(rule, case, *before, *after),
                _ => None,
            })
        })
        .collect()
}

type Step<'c, 'a> = (&'c MediaPath<'a>, &'c Flow<'a>);

fn lost<'a>(
    rule: &Rule,
    case: &Case<'a>,
    (path, flow): Step<'_, 'a>,
    (next_path, next): Step<'_, 'a>,
) -> Option<Finding> {
    if flow.events() == 0 || next.events() > 0 || next.since_answer() < A_SECOND {
        return None;
    }
    // Where a type is not known it may be the event's.
    const DYNAMIC: u8 = 96;
    let known = |payload_type: u8| {
        next.to.payload_types.contains(&payload_type)
            || next.from.payload_types.contains(&payload_type)
    };
    let counts = next.streams.iter().flat_map(|stream| &stream.payload_types);
    let mut types = counts.map(|count| count.payload_type);
    if types.any(|payload_type| payload_type >= DYNAMIC && !known(payload_type)) {
        return None;
    }
    let mut infos = case.call.requests(Method::Info);
    if infos.any(|info| case.call.node(info.source()) == next.from.node) {
        return None;
    }
    let (cause, certainty) = if next.to.event_types.is_empty() {
        (
            format!(
                "{} did not agree to telephone-event on its leg.",
                case.end_who(&next.to)
            ),
            Certainty::Likely,
        )
    } else {
        (
            "Both legs agreed to telephone-event, so that it was between them that they were left \
             out."
                .to_owned(),
            Certainty::Likely,
        )
    };
    let events = match flow.events() {
        1 => "1 digit came".to_owned(),
        events => format!("{events} digits came"),
    };
    let fact = format!(
        "{events} from {} to {} as telephone events, and none went on from {} to {}.",
        case.end_name(&flow.from),
        case.end_name(&flow.to),
        case.end_name(&next.from),
        case.end_name(&next.to),
    );
    rule.finding(
        case,
        proof(path).chain(proof(next_path)),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause,
            owner: case.roles.side(next.from.node).into(),
            to_act: None,
            certainty,
            by: None,
            severity: None,
            next: "Look at how the platform passes digits on for this route.".into(),
        },
    )
}
