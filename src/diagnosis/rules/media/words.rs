//! Figures and times of audio in words, what several rules of this family ask of a path, and the one way in
//! which they put a finding about it together. Looks for nothing itself.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding};
use crate::diagnosis::media::{Flow, MediaPath};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::Rule;
use crate::sip::address::is_private;
use crate::sip::{Certainty, Method, Signal};

/// Fewer packets than this, a second of sound, say nothing of a direction.
pub(super) const A_SECOND: u64 = 50;

/// A shorter talk than this says nothing of what did not come.
pub(super) const LONG_ENOUGH: SignedDuration = SignedDuration::from_secs(3);

/// A part of a whole as `0.4 %`.
pub(super) fn percent(part: u64, whole: u64) -> String {
    let share = part as f64 * 100.0 / whole.max(1) as f64;
    format!("{share:.1} %")
}

/// Microseconds as whole milliseconds.
pub(super) fn millis(micros: u64) -> String {
    format!("{} ms", (micros + 500) / 1000)
}

/// What ended the time in which both sides wanted to talk: `the BYE at +41.0 s`.
pub(super) fn end_words(case: &Case<'_>, path: &MediaPath<'_>) -> String {
    let what = match path.ended_by {
        Some(signal) if signal.is_request(&Method::Bye) => "the BYE",
        Some(_) => "the new description",
        None if path.outlasts_recording => "the end of the recording of its audio",
        None => "the end of what was seen",
    };
    format!("{what} at {}", case.at(path.until))
}

/// `from the 200 at +3.2 s to the BYE at +41.0 s`
pub(super) fn span_words(case: &Case<'_>, path: &MediaPath<'_>) -> String {
    let from = match path.from() {
        from if from > path.answer.at() => {
            format!("the beginning of the recording at {}", case.at(from))
        }
        _ => format!(
            "the {} at {}",
            path.answer.message().code().unwrap_or(200),
            case.when(path.answer)
        ),
    };
    format!("from {from} to {}", end_words(case, path))
}

/// The messages between which a path is judged.
pub(super) fn proof<'a>(path: &MediaPath<'a>) -> impl Iterator<Item = &'a Arc<Signal>> {
    [Some(path.offer), Some(path.answer), path.ended_by]
        .into_iter()
        .flatten()
}

/// Whether what does not come on a path is missing: both sides wanted to talk for long enough, at
/// the addresses that they gave.
pub(super) fn may_miss(path: &MediaPath<'_>) -> bool {
    !path.is_held && !path.may_go_elsewhere && path.lasted() >= LONG_ENOUGH
}

/// The BYE of a call whose talk was too short to say anything.
pub(super) fn short_talk_ended_by<'a>(case: &Case<'a>) -> Option<&'a Arc<Signal>> {
    let answered = case.answer()?.at();
    let bye = case.own_byes().find_map(|bye| bye.request())?;
    (since(bye.at(), answered) < LONG_ENOUGH).then_some(bye)
}

/// Whether the platform ended the call and gave missing media as its reason.
fn ended_for_media(case: &Case<'_>) -> bool {
    let is_platforms = |node: SocketAddr| case.roles.side(node) == Side::Platform;
    case.own_byes()
        .filter(|bye| is_platforms(bye.client))
        .filter_map(|bye| bye.request())
        .flat_map(|bye| bye.message().reasons())
        .any(|reason| {
            let text = reason.text.to_lowercase();
            ["rtp", "media", "mi termination", "mi timeout"]
                .iter()
                .any(|word| text.contains(word))
        })
}

/// What counting shows of audio, with the messages between which it is so.
pub(super) fn counted<'s>(
    rule: &Rule,
    case: &Case<'_>,
    proof: impl IntoIterator<Item = &'s Arc<Signal>>,
    fact: String,
    blame: Blame,
) -> Option<Finding> {
    let conclusion = Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause: blame.cause,
        owner: blame.owner,
        to_act: None,
        certainty: blame.certainty,
        by: None,
        severity: None,
        next: blame.next,
    };
    rule.finding(case, proof, conclusion)
}

/// The same of audio that fails: where the platform ended the call for missing media, that follows from it.
pub(super) fn failed<'s>(
    rule: &Rule,
    case: &Case<'_>,
    proof: impl IntoIterator<Item = &'s Arc<Signal>>,
    fact: String,
    blame: Blame,
) -> Option<Finding> {
    let mut finding = counted(rule, case, proof, fact, blame)?;
    let ended = ended_for_media(case).then(|| "platform-ended-call".to_owned());
    finding.explains.extend(ended);
    Some(finding)
}

/// Whether a sender shows that it sends nothing, or comfort noise (RFC 3389), while nobody speaks:
/// then a time without packets is no fault.
pub(super) fn is_discontinuous(flow: &Flow<'_>) -> bool {
    const COMFORT_NOISE: u8 = 13;
    const PAUSE_US: u64 = 1_000_000;
    flow.streams.iter().any(|stream| {
        let types = &stream.payload_types;
        stream.longest_gap >= PAUSE_US || types.iter().any(|it| it.payload_type == COMFORT_NOISE)
    })
}

/// The private address that the receiver of a direction gave to a sender with a public one.
pub(super) fn told_private(flow: &Flow<'_>) -> Option<SocketAddr> {
    let told = flow.to.announced.first().copied()?;
    is_out_of_reach(flow, told).then_some(told)
}

/// Whether the receiver of a direction named a private address to a sender with a public one.
pub(super) fn is_out_of_reach(flow: &Flow<'_>, told: SocketAddr) -> bool {
    let is_reachable = is_private(flow.from.node.ip()) || told.ip().is_loopback();
    is_private(told.ip()) && !is_reachable
}

/// How long after another time something was.
pub(super) fn since(later: Timestamp, earlier: Timestamp) -> SignedDuration {
    later.duration_since(earlier)
}

/// The two ways of the voice along the paths of a call, each with its flows in the order in which the voice
/// passes them.
pub(super) fn voices<'c, 'a>(
    paths: &'c [MediaPath<'a>],
) -> [Vec<(&'c MediaPath<'a>, &'c Flow<'a>)>; 2] {
    let paths = || paths.iter();
    [
        paths().map(|path| (path, &path.to_called)).collect(),
        paths().rev().map(|path| (path, &path.to_caller)).collect(),
    ]
}
