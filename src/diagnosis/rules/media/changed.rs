//! Rules on a side that describes its media a second time and not as the first: without a new version,
//! or in its final answer after an early one.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use jiff::SignedDuration;

use super::is_reliable;
use crate::diagnosis::case::{Case, shifted};
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::sdp::{Direction, Media, Sdp};
use crate::sip::{Certainty, Described, Hop, Method, Transaction};

pub(super) static CHANGED_WITHOUT_VERSION: Rule = Rule {
    id: "changed-without-version",
    family: "media",
    severity: Severity::Info,
    bearing: Bearing::Trouble,
    finds: "A re-INVITE or UPDATE that was accepted and whose offer differs in address, port, transport, codecs \
            or direction from what the same side described before, under the same o= line. A warning where it \
            asked for a hold and the answer still wants to send and to receive.",
    matters: "The version in o= says that something changed. Who goes by it takes the new description for the \
              old one: a hold or a new address has no effect.",
    remedy: "Let that side raise the version in o= by one with each change.",
    silent: "The o= line changed, nothing that matters did, or the request was refused. A version that was \
             raised without need does no harm.",
    source: "RFC 3264 section 8; catalogue V7",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| changed_without_version(rule, case).into_iter().collect()),
};

/// More changes of one call than this are not looked at.
const MOST: usize = 64;

/// An offer that changes something under an old version.
struct Unversioned<'a> {
    change: &'a Arc<Transaction>,
    before: Described<'a>,
    offer: Described<'a>,
    what: String,
}

fn changed_without_version(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let Unversioned {
        change,
        before,
        offer,
        what,
    } = unversioned(case)?;
    let writer = change.client;
    let answer = change.described_by_server();
    let still_talks = answer.as_ref().filter(|answer| {
        let both_ways = |sdp: &Sdp| sdp.audio().is_some_and(|it| !it.is_held());
        let stops = offer
            .sdp
            .audio()
            .is_some_and(|it| matches!(it.direction, Direction::SendOnly | Direction::Inactive));
        stops && both_ways(&answer.sdp)
    });
    let fact = format!(
        "{} changed {what} of its media ({}) and left its o= line as it was.",
        case.name(writer),
        case.when(offer.signal),
    );
    let (severity, certainty, cause) = match &still_talks {
        Some(answer) => (
            Severity::Warning,
            Certainty::Likely,
            format!(
                "{} answered ({}) as if nothing had changed: it may go by the version.",
                case.name(change.server),
                case.when(answer.signal)
            ),
        ),
        None => (
            Severity::Info,
            Certainty::Possible,
            "Who goes by the version takes it for the description it knows.".to_owned(),
        ),
    };
    let blame = Blame {
        cause,
        owner: case.roles.side(writer).into(),
        certainty,
        next: format!(
            "Have {} raise the version in o= with each change.",
            case.name(writer)
        ),
    };
    let conclusion = Conclusion {
        severity: Some(severity),
        ..Conclusion::certain(fact, writer, blame)
    };
    let answer = answer.map(|answer| answer.signal);
    let proof = [before.signal, offer.signal].into_iter().chain(answer);
    rule.finding(case, proof, conclusion)
}

/// The first change of the call that is one: on the hop of its writer.
fn unversioned<'a>(case: &Case<'a>) -> Option<Unversioned<'a>> {
    let mut known: HashMap<(usize, SocketAddr, SocketAddr), Described<'a>> = HashMap::new();
    let accepted = case.call.transactions.iter().filter(|it| {
        matches!(it.method, Method::Invite | Method::Update)
            && matches!(it.final_code(), Some(200..=299))
    });
    for change in accepted.take(MOST) {
        let from_client = (change.leg, change.client, change.server);
        let from_server = (change.leg, change.server, change.client);
        let offer = change.described_by_client();
        if let (true, Some(offer), Some(before)) =
            (change.in_dialog, offer.clone(), known.get(&from_client))
            && offer.signal.message().code().is_none()
            && !before.sdp.origin.is_empty()
            && before.sdp.origin == offer.sdp.origin
        {
            let what = differences(&before.sdp, &offer.sdp);
            if !what.is_empty() {
                let before = before.clone();
                let what = what.join(", ");
                return Some(Unversioned {
                    change,
                    before,
                    offer,
                    what,
                });
            }
        }
        known.extend(offer.map(|it| (from_client, it)));
        known.extend(change.described_by_server().map(|it| (from_server, it)));
    }
    None
}

/// What differs between two descriptions of one side, as far as it says where and how media goes.
fn differences(before: &Sdp, after: &Sdp) -> Vec<&'static str> {
    if before.media.len() != after.media.len() {
        return vec!["the number of streams"];
    }
    let pairs = || before.media.iter().zip(&after.media);
    type Differs = fn(&Media, &Media) -> bool;
    let aspects: [(&str, Differs); 5] = [
        ("the address", |a, b| a.address != b.address),
        ("the port", |a, b| a.port != b.port),
        ("the transport", |a, b| a.protocol != b.protocol),
        ("the codecs", |a, b| a.formats != b.formats),
        ("the direction", |a, b| a.direction != b.direction),
    ];
    let differ = |it: Differs| pairs().any(|(a, b)| it(a, b));
    let changed = aspects.into_iter().filter(|(_, it)| differ(*it));
    changed.map(|(what, _)| what).collect()
}

pub(super) static ANSWER_DIFFERS_FROM_EARLY: Rule = Rule {
    id: "answer-differs-from-early",
    family: "media",
    severity: Severity::Info,
    bearing: Bearing::Trouble,
    finds: "An 18x without acknowledgement that describes media, and a 2xx with the same To tag that gives \
            another address, port or transport for the audio, or no codec of the first. A warning where audio \
            was seen to go on to the early address alone, 2 s and more after the answer.",
    matters: "The first description is the answer, and a device need not look at a second one: audio goes on to \
              the place of the announcement, and the called side hears nothing.",
    remedy: "Let the answering side keep its description until the call is up and change it by a re-INVITE then, \
             or use another To tag, or a reliable 18x and UPDATE.",
    silent: "The 18x was reliable, the To tags differ (another branch answered), media was described anew by \
             UPDATE or PRACK in between, or the offer came in the 2xx.",
    source: "RFC 3261 section 13.2.1, RFC 6337 section 3.1.1; catalogue V17",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| answer_differs_from_early(rule, case).into_iter().collect()),
};

fn answer_differs_from_early(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    // Farthest from the caller: there it was answered first.
    let hops = case.way().into_iter().rev();
    let (hop, early, answer) =
        hops.filter_map(|hop| second(case, hop))
            .find(
                |(_, early, answer)| match (early.sdp.audio(), answer.sdp.audio()) {
                    (Some(early), Some(answer)) => is_another(early, answer),
                    _ => false,
                },
            )?;
    let (old, new) = (early.sdp.audio()?, answer.sdp.audio()?);
    let code = |it: &Described<'_>| it.signal.message().code().unwrap_or_default();
    let fact = format!(
        "{} described its audio in the {} ({}) as {} and in the {} ({}) as {}.",
        case.name(hop.server),
        code(&early),
        case.when(early.signal),
        place(old),
        code(&answer),
        case.when(answer.signal),
        place(new),
    );
    let is_stuck = goes_on_to(case, hop, &early, &answer);
    let (severity, certainty, cause) = if is_stuck {
        (
            Severity::Warning,
            Certainty::Likely,
            "Audio for it goes on to the early address after the answer, and none to the other.",
        )
    } else {
        (
            Severity::Info,
            Certainty::Possible,
            "A device that keeps to the first sends its audio to the wrong place once the call is answered.",
        )
    };
    let blame = Blame {
        cause: cause.to_owned(),
        owner: case.roles.side(hop.server).into(),
        certainty,
        next: format!(
            "Show {} both answers and have it describe its media the same way in both.",
            case.name(hop.server)
        ),
    };
    let conclusion = Conclusion {
        severity: Some(severity),
        ..Conclusion::certain(fact, hop.server, blame)
    };
    rule.finding(case, [early.signal, answer.signal], conclusion)
}

/// The first early answer of a hop and its 2xx, where both describe media and the first binds.
fn second<'a>(case: &Case<'a>, hop: &'a Hop) -> Option<(&'a Hop, Described<'a>, Described<'a>)> {
    let invite = hop.decisive()?;
    invite.request()?.message().sdp()?;
    let answer = invite
        .final_response()
        .filter(|it| matches!(it.message().code(), Some(200..=299)))?;
    let describes = |signal: &'a Arc<_>| Described::of(signal);
    let early = invite
        .progress()
        .filter(|it| it.to_tag == answer.to_tag)
        .find_map(describes)?;
    let anew = case.call.transactions.iter().any(|it| {
        it.leg == hop.leg
            && matches!(it.method, Method::Update | Method::Prack)
            && it.described_by_client().is_some()
    });
    let binds = !is_reliable(early.signal) && !anew;
    Some((hop, early, describes(answer)?)).filter(|_| binds)
}

fn is_another(early: &Media, answer: &Media) -> bool {
    let (old, new) = (early.codecs(), answer.codecs());
    let none_in_common =
        !old.is_empty() && !new.is_empty() && !new.iter().any(|codec| old.contains(codec));
    let is_taken = early.port != 0 && answer.port != 0;
    let moved = early.endpoint().is_some()
        && answer.endpoint().is_some()
        && early.endpoint() != answer.endpoint();
    is_taken && (moved || early.is_srtp() != answer.is_srtp() || none_in_common)
}

/// A description of audio in a few words: `203.0.113.9:4000 RTP/AVP PCMA, PCMU`.
fn place(audio: &Media) -> String {
    let at = audio.endpoint().map(|it| it.to_string());
    let words = [
        at,
        Some(audio.protocol.clone()),
        Some(audio.codecs().join(", ")),
    ];
    let words = words.into_iter().flatten().filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Whether audio was seen to go to the early address of a hop and to no other, well after the answer.
fn goes_on_to(case: &Case<'_>, hop: &Hop, early: &Described<'_>, answer: &Described<'_>) -> bool {
    const WELL_AFTER: SignedDuration = SignedDuration::from_secs(2);
    let endpoint = |it: &Described<'_>| it.sdp.audio().and_then(Media::endpoint);
    let (Some(old), Some(new)) = (endpoint(early), endpoint(answer)) else {
        return false;
    };
    let after = shifted(answer.signal.at(), WELL_AFTER);
    let mut paths = case.media.iter().filter(|path| path.hop.id == hop.id);
    old != new
        && paths.any(|path| {
            let streams = &path.to_called.streams;
            let late = || {
                streams
                    .iter()
                    .filter(|it| it.packets > 0 && it.last >= after)
            };
            late().any(|it| it.destination == old) && !late().any(|it| it.destination == new)
        })
}
