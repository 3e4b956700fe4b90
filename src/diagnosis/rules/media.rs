//! Where media should flow, by what the session descriptions say: addresses that cannot be
//! reached, answers without a description, refused streams.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::SignedDuration;

use super::{Bearing, Rule};
use crate::diagnosis::case::{Case, seconds};
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::sip::address::is_private;
use crate::sip::sdp::Sdp;
use crate::sip::{Certainty, Described, Hop, Signal, Transaction};

/// The rules of this family.
pub const RULES: &[&Rule] = &[&PRIVATE_MEDIA_ADDRESS, &ANSWER_WITHOUT_SDP, &STREAM_REFUSED];

/// The description of the calling side on a hop.
fn of_caller(hop: &Hop) -> Option<Described<'_>> {
    hop.decisive()?.described_by_client()
}

/// The description of the called side on a hop.
fn of_called(hop: &Hop) -> Option<Described<'_>> {
    hop.decisive()?.described_by_server()
}

static PRIVATE_MEDIA_ADDRESS: Rule = Rule {
    id: "private-media-address",
    family: "media",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A session description that names a private, carrier-grade NAT or link-local address for \
            audio, sent by a node that itself sends from a public address; and whether it reached \
            the other end unchanged.",
    matters: "Nobody outside can send audio to that address: one-way audio or none.",
    remedy: "Set the public address for media on the side that wrote it, or relay media for it.",
    silent: "Signalling comes from a private address too (a local network), the address is the \
             loopback or 0.0.0.0, or neither an answer nor early media was offered. Only a note \
             where a relay replaced it, or where the other leg was not captured.",
    source: "RFC 3264, RFC 4961, RFC 1918, RFC 6598; catalogue V8",
    explains: &[],
    check: private_media_address,
};

/// What became of a private address on its way to the other end.
enum Fate<'a> {
    /// It reached the last node seen as it was.
    Unchanged(Described<'a>),
    /// A node in between wrote another one.
    Replaced(Described<'a>),
    /// Nothing further was seen.
    Unseen,
}

fn private_media_address(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let way = case.way();
    let heard = way.iter().any(|hop| of_called(hop).is_some());
    if !heard && case.answer().is_none() {
        return Vec::new();
    }
    let calling: Vec<Described<'_>> = way.iter().filter_map(|hop| of_caller(hop)).collect();
    let called: Vec<Described<'_>> = way.iter().rev().filter_map(|hop| of_called(hop)).collect();
    [calling, called]
        .iter()
        .flat_map(|passage| private_in(rule, case, passage, way.len()))
        .collect()
}

/// Judges one direction: its descriptions in the order in which they travel.
fn private_in(
    rule: &Rule,
    case: &Case<'_>,
    passage: &[Described<'_>],
    hops: usize,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut before: Option<IpAddr> = None;
    for (at, described) in passage.iter().enumerate() {
        let address = described.audio_address();
        let is_new = address != before;
        before = address.or(before);
        let Some(address) = address.filter(|address| is_new && is_unreachable(*address)) else {
            continue;
        };
        if is_private(described.signal.source().ip()) {
            continue;
        }
        let fate = fate(case, passage, at, hops);
        findings.extend(address_finding(rule, case, described, address, &fate));
    }
    findings
}

/// A private address that is none on purpose: the loopback stands in no real call.
fn is_unreachable(address: IpAddr) -> bool {
    is_private(address) && !address.is_loopback()
}

fn fate<'a>(case: &Case<'_>, passage: &[Described<'a>], at: usize, hops: usize) -> Fate<'a> {
    let Some(here) = passage.get(at) else {
        return Fate::Unseen;
    };
    let later = || passage.iter().skip(at + 1);
    let other = later().find(|described| described.audio_address() != here.audio_address());
    if let Some(other) = other {
        return Fate::Replaced(other.clone());
    }
    let writer = case.call.node(here.signal.source());
    let own = case.roles.side(writer) == Side::Platform;
    match later().last() {
        Some(last) => Fate::Unchanged(last.clone()),
        // Behind a platform's own description there is nobody to replace it.
        None if own && hops > 1 => Fate::Unchanged(here.clone()),
        None => Fate::Unseen,
    }
}

fn address_finding(
    rule: &Rule,
    case: &Case<'_>,
    described: &Described<'_>,
    address: IpAddr,
    fate: &Fate<'_>,
) -> Option<Finding> {
    let writer = case.call.node(described.signal.source());
    let fact = format!(
        "{} wants its audio at {address} ({}), a private address, though it sends from {}.",
        case.name(writer),
        case.when(described.signal),
        described.signal.source().ip(),
    );
    let (severity, certainty, cause) = match fate {
        // That it did any harm is no more than possible, so how the call ended is told first.
        Fate::Replaced(other) => (
            Severity::Info,
            Certainty::Possible,
            format!(
                "{} put its own media address in place of it: a relay takes the audio.",
                case.name(case.call.node(other.signal.source()))
            ),
        ),
        Fate::Unseen => (
            Severity::Info,
            Certainty::Possible,
            "Whether a relay behind this leg replaces it was not seen.".to_owned(),
        ),
        Fate::Unchanged(_) => unchanged(case),
    };
    let last = match fate {
        Fate::Unchanged(last) | Fate::Replaced(last) => Some(last.signal),
        Fate::Unseen => None,
    };
    let next = match severity {
        Severity::Info => format!(
            "Only if audio was missing: set the public media address on {}.",
            case.name(writer)
        ),
        _ => format!(
            "Set the public media address on {}, or relay media for it; then call again and listen \
             both ways.",
            case.name(writer)
        ),
    };
    rule.finding(
        case,
        last.into_iter().chain([described.signal]),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause,
            owner: case.roles.side(writer).into(),
            to_act: None,
            certainty,
            by: Some(writer),
            severity: Some(severity),
            next,
        },
    )
}

/// How bad an address is that reached the other end as it was.
fn unchanged(case: &Case<'_>) -> (Severity, Certainty, String) {
    // Nobody talks for long into a dead line: then the other end sent back to where audio came
    // from (symmetric RTP).
    const LONG_TALK: SignedDuration = SignedDuration::from_secs(60);
    let words = "It reached the other end unchanged, which cannot send audio there";
    let Some(answer) = case.answer() else {
        return (
            Severity::Warning,
            Certainty::Likely,
            format!("{words}: no early audio."),
        );
    };
    let bye = case.byes().find_map(|bye| bye.request());
    let talk = bye.map(|bye| bye.at().duration_since(answer.at()));
    match talk.filter(|talk| *talk >= LONG_TALK) {
        Some(talk) => (
            Severity::Warning,
            Certainty::Possible,
            format!(
                "{words} unless it answers to where audio comes from; the {} of talk speak for that.",
                seconds(talk)
            ),
        ),
        None => (
            Severity::Error,
            Certainty::Likely,
            format!("{words}: one-way audio or none."),
        ),
    }
}

static ANSWER_WITHOUT_SDP: Rule = Rule {
    id: "answer-without-sdp",
    family: "media",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An INVITE with a session description and a 2xx without one, none having come reliably \
            before; or a 2xx that makes the offer and an ACK that does not answer it.",
    matters: "One side does not know where to send audio: the call is silent.",
    remedy: "Let that side send its description in the 2xx (or in the ACK to an offer in the 2xx).",
    silent: "A reliable 18x carried the description, a body is there that is not a description, or \
             the message was cut short in the trace.",
    source: "RFC 3261 section 13.2.1, RFC 3264 section 5; catalogue V5",
    explains: &[],
    check: answer_without_sdp,
};

fn answer_without_sdp(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let lacking = |hop: &&Hop| hop.decisive().is_some_and(|invite| lacks(invite).is_some());
    // A called side without a description is first seen farthest from the caller, a caller's
    // nearest; the first hop that lacks it in travelling order names who left it out.
    let way = case.way();
    let answer = way.iter().rev().copied().find(lacking);
    let Some((hop, invite)) = answer.and_then(|hop| Some((hop, hop.decisive()?))) else {
        return Vec::new();
    };
    let Some(Lack { signal, late }) = lacks(invite) else {
        return Vec::new();
    };
    let (by, hop_at_fault) = if late {
        let first = way.iter().copied().find(lacking).unwrap_or(hop);
        (first.client, first)
    } else {
        (hop.server, hop)
    };
    let signal = hop_at_fault
        .decisive()
        .and_then(|invite| lacks(invite))
        .map_or(signal, |lack| lack.signal);
    let fact = format!(
        "{} sent its {} ({}) without a session description, which it owed.",
        case.name(by),
        signal
            .message
            .code()
            .map_or("ACK".to_owned(), |code| code.to_string()),
        case.when(signal),
    );
    let early = invite
        .progress()
        .any(|answer| answer.message.sdp().is_some());
    let request = hop_at_fault.decisive().and_then(|invite| invite.request());
    rule.finding(
        case,
        request.into_iter().chain([signal]),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: if early {
                "An 18x without acknowledgement carried one; strict devices do not count that."
                    .into()
            } else {
                "The other side does not know where to send audio.".into()
            },
            owner: case.roles.side(by).into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: Some(by),
            severity: early.then_some(Severity::Warning),
            next: format!(
                "Show {} the message and have it send its session description there.",
                case.name(by)
            ),
        },
    )
    .into_iter()
    .collect()
}

/// A message that owes a description.
struct Lack<'a> {
    signal: &'a Arc<Signal>,
    /// Whether the offer came late, in the 2xx, and the ACK owes the answer.
    late: bool,
}

fn lacks(invite: &Transaction) -> Option<Lack<'_>> {
    let request = invite.request()?;
    let ok = invite
        .final_response()
        .filter(|s| matches!(s.message.code(), Some(200..=299)))?;
    let is_bare = |signal: &Signal| signal.message.body().is_empty() && !signal.message.is_cut();
    let reliable = |signal: &&Arc<Signal>| {
        let required = signal.message.elements(crate::sip::Name::Require);
        required
            .iter()
            .any(|tag| tag.eq_ignore_ascii_case("100rel"))
            && signal.message.sdp().is_some()
    };
    if request.message.sdp().is_some() {
        let settled = invite.progress().any(|answer| reliable(&answer));
        return (is_bare(ok) && !settled).then_some(Lack {
            signal: ok,
            late: false,
        });
    }
    let settled = invite.progress().any(|answer| reliable(&answer));
    let ack = invite.acks.first()?;
    let late = is_bare(request) && ok.message.sdp().is_some() && is_bare(ack) && !settled;
    late.then_some(Lack {
        signal: ack,
        late: true,
    })
}

static STREAM_REFUSED: Rule = Rule {
    id: "stream-refused",
    family: "media",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "A 2xx that accepts the call but sets the port of every audio stream to 0.",
    matters: "The call is answered and billed, and carries no audio.",
    remedy: "Compare the codecs and the transport (RTP or SRTP) that both sides allow.",
    silent: "One of several audio streams was accepted, or no audio was offered.",
    source: "RFC 3264 section 6; catalogue V3",
    explains: &[],
    check: stream_refused,
};

fn stream_refused(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    // Farthest from the caller: there it was refused first.
    let refusal = case.way().into_iter().rev().find_map(refusal);
    let Some((hop, offer, answer)) = refusal else {
        return Vec::new();
    };
    let offered: Vec<String> = offer
        .sdp
        .media
        .iter()
        .filter(|media| media.kind == "audio")
        .map(|media| format!("{} {}", media.protocol, media.codecs().join(", ")))
        .collect();
    let fact = format!(
        "{} answered {} ({}) but refused the audio (port 0); offered was {}.",
        case.name(hop.server),
        answer.message.code().unwrap_or(200),
        case.when(answer),
        offered.join(" and ").trim(),
    );
    rule.finding(
        case,
        [offer.signal, answer],
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: "Mostly no codec in common, or only one side wants encrypted media; which side \
                    is wrong the packets do not say."
                .into(),
            owner: Side::Unknown.into(),
            to_act: Some(case.roles.side(hop.server).into()),
            certainty: Certainty::Possible,
            by: Some(hop.server),
            severity: None,
            next: format!(
                "Ask {} which codecs and which media transport it accepts, and offer one of them.",
                case.name(hop.server)
            ),
        },
    )
    .into_iter()
    .collect()
}

fn refusal(hop: &Hop) -> Option<(&Hop, Described<'_>, &Arc<Signal>)> {
    let invite = hop.decisive()?;
    let offer = invite.offer_answer()?.offer;
    let answer = invite
        .final_response()
        .filter(|s| matches!(s.message.code(), Some(200..=299)))?;
    let reply = answer.message.sdp()?;
    let ports = |sdp: &Sdp| -> Vec<u16> {
        let audio = sdp.media.iter().filter(|media| media.kind == "audio");
        audio.map(|media| media.port).collect()
    };
    let (asked, got) = (ports(&offer.sdp), ports(&reply));
    let refused = !got.is_empty() && got.iter().all(|port| *port == 0);
    (asked.iter().any(|port| *port != 0) && refused).then_some((hop, offer, answer))
}
