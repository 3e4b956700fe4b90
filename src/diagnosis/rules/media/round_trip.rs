//! The rule on audio that is long on its way.

use jiff::SignedDuration;

use super::words::{counted, millis, proof};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Finding, Severity};
use crate::diagnosis::media::{End, MediaPath};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::sip::Certainty;

pub(super) static LONG_ROUND_TRIP: Rule = Rule {
    id: "long-round-trip",
    family: "media",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "RTCP reports, three or more of an end of a path, tell that audio takes more than 300 ms there and back; \
            an error above 800 ms. How much of it lies to each side of this capture point: the time from a \
            sender report that passes here to the report that answers it, less what its receiver kept it.",
    matters: "People talk over each other, and echo that nobody heard before is heard.",
    remedy: "Take a media zone nearer to the far side of it; look for a satellite link or a VPN on that way.",
    silent: "No reports or less than three were seen, they are encrypted, or one side's do not name the report \
             that they answer.",
    source: "RFC 3550 section 6.4.1, ITU-T G.114; catalogue Y4, Y5",
    explains: &["poor-sound-estimated", "poor-quality-reported"],
    limits: &[&SLOW, &VERY_SLOW],
    check: Check::Call(|rule, case| long_round_trip(rule, case).into_iter().collect()),
};

static SLOW: Limit = Limit {
    key: "long-round-trip.slow",
    what: "the longest mean round trip that nobody minds",
    default: Figure::Time(SignedDuration::from_millis(300)),
};

static VERY_SLOW: Limit = Limit {
    key: "long-round-trip.very-slow",
    what: "the longest mean round trip with which people can still talk",
    default: Figure::Time(SignedDuration::from_millis(800)),
};

fn long_round_trip(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    // Where a relay passes reports on, each path tells the whole way: the paths do not add up.
    let paths = case.media.iter();
    let (path, whole) = paths
        .filter_map(|path| Some((path, path.round_trip()?)))
        .max_by_key(|(_, whole)| *whole)?;
    let above = |limit| i128::from(whole) > case.tuning.time(limit).as_micros();
    if !above(&SLOW) {
        return None;
    }
    let ends = [&path.to_caller, &path.to_called].map(|flow| (&flow.from, flow.round_trip()));
    let parts = ends.iter().filter_map(|(end, part)| Some((*end, (*part)?)));
    let words = parts.clone().map(|(end, part)| {
        format!(
            "{} from this capture point to {} and back",
            millis(part),
            case.end_name(end)
        )
    });
    let fact = format!(
        "Audio between {} and {} takes {}{} there and back on average, by RTCP: {}.",
        case.end_name(&path.to_called.from),
        case.end_name(&path.to_called.to),
        if is_whole(path) { "" } else { "at least " },
        millis(whole),
        words.collect::<Vec<_>>().join(", "),
    );
    let blame = blame(case, parts.max_by_key(|(_, part)| *part)?, whole);
    let mut finding = counted(rule, case, proof(path), fact, blame)?;
    if let (true, None) = (above(&VERY_SLOW), case.tuning.severity(rule)) {
        finding.severity = Severity::Error;
    }
    Some(finding)
}

fn is_whole(path: &MediaPath<'_>) -> bool {
    path.flows().iter().all(|flow| flow.round_trip().is_some())
}

/// Whose the delay is: of the longer part, where that is two thirds and more of the whole.
fn blame(case: &Case<'_>, (end, part): (&End, u64), whole: u64) -> Blame {
    let name = case.end_name(end);
    let is_there = part.saturating_mul(3) >= whole.saturating_mul(2);
    let (cause, owner, certainty) = if is_there {
        (
            format!("Most of it lies between this capture point and {name}."),
            Side::Between,
            Certainty::Likely,
        )
    } else {
        (
            "Both ways are long.".to_owned(),
            Side::Unknown,
            Certainty::Possible,
        )
    };
    Blame {
        cause,
        owner: owner.into(),
        certainty,
        next: format!(
            "Try a media zone nearer to {name}, and ask for a satellite link or a VPN on its way."
        ),
    }
}
