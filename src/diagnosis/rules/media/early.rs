//! The rule on callers that hear nothing while it rings.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::SignedDuration;

use super::words::{A_SECOND, voices};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::media::Flow;
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::sip::{Certainty, Hop, Signal};

pub(super) static NO_RINGBACK: Rule = Rule {
    id: "no-ringback",
    family: "media",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "The caller waited 5 s or more after a 183, until the answer or until it gave up, and got neither a 180 \
            nor a description of media; or it got one with a description, no 180, and not one packet of audio \
            from there before the answer, though audio was seen to come after it. Of the first only a note where \
            the call was answered all the same.",
    matters: "The caller hears nothing, takes the call for dead and hangs up.",
    remedy: "Send 180, or a 183 with a description and the tone behind it.",
    silent: "A 180 or any other sign than 183 came too: the caller's device then makes the tone. The call was \
             refused, both sides name ICE candidates, or no audio was seen from that side at all.",
    source: "RFC 3960 section 3; catalogue V15, X1",
    explains: &["caller-gave-up"],
    limits: &[&WAIT],
    check: Check::Call(|rule, case| no_ringback(rule, case).into_iter().collect()),
};

static WAIT: Limit = Limit {
    key: "no-ringback.wait",
    what: "the longest silence after a 183 that no caller minds",
    default: Figure::Time(SignedDuration::from_secs(5)),
};

/// A hop on which nothing but 183 came for long enough.
struct Quiet<'a> {
    hop: &'a Hop,
    progress: &'a Arc<Signal>,
    end: &'a Arc<Signal>,
    /// Whether one of the 183 described media.
    has_sdp: bool,
}

fn no_ringback(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let Quiet {
        progress,
        end,
        has_sdp,
        ..
    } = quiet(case, case.call.ingress()?)?;
    let (source, side, certainty, cause) = if has_sdp {
        let (source, side, certainty) = unheard(case)?;
        let cause = "An early audio path was opened and nothing sent on it.";
        (source, side, certainty, cause)
    } else {
        // Farthest from the caller: who said so first.
        let way = case.way().into_iter().rev();
        let first = way
            .filter_map(|hop| quiet(case, hop))
            .find(|it| !it.has_sdp)?;
        let cause = "A 183 alone makes no device play a tone: that takes a 180, or audio.";
        let source = first.hop.server;
        (source, case.roles.side(source), Certainty::Likely, cause)
    };
    let what = if has_sdp {
        "183 with a description, no 180, and no audio"
    } else {
        "183 without a description and no 180"
    };
    let fact = format!(
        "The caller heard no ringing for {}: it got {what} from {} to {}.",
        case.lasting(end.at().duration_since(progress.at())),
        case.when(progress),
        case.when(end),
    );
    let blame = Blame {
        cause: cause.to_owned(),
        owner: side.into(),
        certainty,
        next: format!(
            "Have {} send 180 while it rings, or the tone as early audio.",
            case.name(source)
        ),
    };
    let is_harmless = !has_sdp && case.answer().is_some();
    let conclusion = Conclusion {
        severity: is_harmless.then_some(Severity::Info),
        ..Conclusion::certain(fact, source, blame)
    };
    rule.finding(case, [progress, end], conclusion)
}

/// A hop with nothing but 183 before its answer or the caller's CANCEL.
fn quiet<'a>(case: &Case<'_>, hop: &'a Hop) -> Option<Quiet<'a>> {
    let invite = hop.decisive()?;
    let progress = invite.progress().next()?;
    let only_183 = invite
        .progress()
        .all(|it| it.message().code() == Some(183) && !it.message().is_cut());
    let answer = invite
        .final_response()
        .filter(|it| matches!(it.message().code(), Some(200..=299)));
    let end = invite.cancels.first().or(answer)?;
    let long = end.at().duration_since(progress.at()) >= case.tuning.time(&WAIT);
    (only_183 && long).then(|| Quiet {
        hop,
        progress,
        end,
        // An offer in the INVITE is not asked for: without one a 183 makes it.
        has_sdp: invite.progress().any(|it| !it.message().body().is_empty()),
    })
}

/// Who sent no audio before the answer though it did after it, and whose that is; nothing where the caller heard
/// any, or nothing can be said.
fn unheard(case: &Case<'_>) -> Option<(SocketAddr, Side, Certainty)> {
    // In the order of the voice: the caller's own path is the last.
    let [_, to_caller] = voices(&case.media);
    let is_early = |flow: &Flow<'_>| flow.packets() > flow.since_answer();
    let ((path, own), before) = to_caller.split_last()?;
    let may_tell = !path.may_go_elsewhere
        && path.hop.upstream.is_none()
        && own.since_answer() >= A_SECOND
        && !is_early(own);
    if !may_tell {
        return None;
    }
    if before.iter().any(|(_, flow)| is_early(flow)) {
        let relay = own.from.node;
        return Some((relay, case.roles.side(relay), Certainty::Likely));
    }
    let (_, farthest) = to_caller.first()?;
    let source = farthest.from.node;
    let side = match farthest.since_answer() {
        0 => Side::Unknown,
        _ => case.roles.side(source),
    };
    Some((source, side, Certainty::Possible))
}
