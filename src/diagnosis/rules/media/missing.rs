//! Rules on audio that did not come at all: in one direction, or in both. A packet that was not
//! seen is known only not to have passed this capture point, and no capture is taken to see media
//! unless it shows some.

use std::net::{IpAddr, SocketAddr};

use super::words::{A_SECOND, failed, may_miss, proof, span_words, told_private, voices};
use crate::diagnosis::case::{Case, count};
use crate::diagnosis::finding::{Blame, Finding, Severity};
use crate::diagnosis::media::{Flow, MediaPath};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::Certainty;
use crate::wire::IcmpError;

pub(super) static ONE_WAY_AUDIO: Rule = Rule {
    id: "one-way-audio",
    family: "media",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "On a hop that was answered for 3 s or more, audio of at least a second in one direction \
            and not one packet in the other, to or from the addresses that the descriptions give. \
            The side is that whose packets are missing on the first hop that lacks them; a relay \
            that got them and sent none on is that side.",
    matters: "One side hears nothing; people hang up, and a platform may end the call for missing media.",
    remedy: "Find the last place that the missing direction reaches: a capture at the side that \
             should send it. Then its firewall and the address it was told to send to.",
    silent: "One side was on hold or said that it only sends or receives; both name further addresses to try (ICE); \
             the side that hears nothing reports by RTCP what it receives: then it passes elsewhere; no audio of the hop was seen at all, as it may pass elsewhere; messages of the hop \
             were seen one way only.",
    source: "RFC 3264 section 5.1, RFC 4961; catalogue V12",
    explains: &["hung-up"],
    limits: &[],
    check: Check::Call(one_way_audio),
};

/// What is known of one direction on one hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passage {
    /// It went there.
    Seen,
    /// The other direction went there, and this did not.
    Missing,
    /// Nothing of this hop can be said.
    Unseen,
}

/// So many report blocks show that something was received.
const FEWEST_BLOCKS: u64 = 2;

fn passage<'a>(path: &MediaPath<'a>, flow: &Flow<'a>) -> Passage {
    let heard = path.back(flow);
    // Who reports on a source got packets of it (RFC 3550 section 6.4): they pass elsewhere.
    let is_received = flow
        .received(heard)
        .is_some_and(|it| it.blocks >= FEWEST_BLOCKS);
    if flow.since_answer() > 0 {
        Passage::Seen
    } else if is_received {
        Passage::Unseen
    } else if may_miss(path) && heard.since_answer() >= A_SECOND {
        Passage::Missing
    } else {
        Passage::Unseen
    }
}

fn one_way_audio(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    voices(&case.media)
        .iter()
        .filter_map(|voice| missing_voice(rule, case, voice))
        .collect()
}

fn missing_voice<'a>(
    rule: &Rule,
    case: &Case<'a>,
    voice: &[(&MediaPath<'a>, &Flow<'a>)],
) -> Option<Finding> {
    let passages: Vec<Passage> = voice
        .iter()
        .map(|(path, flow)| passage(path, flow))
        .collect();
    let at = passages.iter().position(|it| *it == Passage::Missing)?;
    let (path, flow) = voice.get(at)?;
    let before = passages.get(..at).unwrap_or_default();
    let sender = case.roles.side(flow.from.node);
    let astray = flow.astray.iter().max_by_key(|stream| stream.packets);
    let (cause, owner, certainty) = if let Some(astray) = astray.filter(|it| it.packets > 0) {
        (
            format!(
                "{} packets went to {}, where nobody awaits them: that port was not announced.",
                count(astray.packets),
                astray.destination
            ),
            sender,
            Certainty::Likely,
        )
    } else if before.contains(&Passage::Seen) {
        (
            format!(
                "It got this audio from the other side and sent none on: {} is where it ends.",
                case.end_who(&flow.from)
            ),
            sender,
            Certainty::Likely,
        )
    } else if let Some(address) = told_private(flow) {
        (
            format!("It was told to send to {address}, a private address that it cannot reach."),
            case.roles.side(flow.to.node),
            Certainty::Likely,
        )
    } else if before.contains(&Passage::Unseen) || voice.len() == 1 {
        (
            "Whether it was sent at all, or was lost before it came here, only a capture at its \
             sender shows."
                .to_owned(),
            sender,
            Certainty::Possible,
        )
    } else {
        (
            "It did not come in from there: not sent, sent elsewhere, or stopped by a firewall."
                .to_owned(),
            sender,
            Certainty::Likely,
        )
    };
    let there = path.back(flow);
    let fact = format!(
        "One-way audio: {} packets went from {} to {}, and none came back {}, {}.",
        count(there.since_answer()),
        case.end_name(&there.from),
        case.end_name(&there.to),
        match flow.astray.is_empty() {
            true => "past this capture point",
            false => "to where audio is awaited",
        },
        span_words(case, path),
    );
    let next = format!(
        "Capture at {} and see whether it sends audio, and to which address.",
        case.end_name(&flow.from)
    );
    let blame = Blame {
        cause,
        owner: owner.into(),
        certainty,
        next,
    };
    failed(rule, case, proof(path), fact, blame)
}

pub(super) static NO_AUDIO: Rule = Rule {
    id: "no-audio",
    family: "media",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "On a hop that was answered for 3 s or more, not one packet of audio in either direction, \
            though this capture point sees media between these machines: of this hop before the \
            answer, its RTCP, or that of another call. Or an ICMP error says that audio to an \
            announced address could not be delivered.",
    matters: "Neither side hears anything; a platform may end the call for missing media.",
    remedy: "Check the addresses and ports in the descriptions, the relay, and with encrypted media \
             its handshake.",
    silent: "Nothing shows that this capture would see the media; one side was on hold; both name \
             further addresses to try (ICE).",
    source: "RFC 3264, RFC 792; catalogue V13",
    explains: &["hung-up"],
    limits: &[],
    check: Check::Call(no_audio),
};

/// Why audio that was not seen would have been seen.
enum Sight<'a> {
    /// Early media or RTCP of the same hop, or media of another call.
    Media(&'static str),
    /// An ICMP error about it.
    Refused(&'a IcmpError),
}

fn no_audio(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let silent = |path: &&MediaPath<'_>| {
        may_miss(path) && path.flows().iter().all(|flow| flow.since_answer() == 0)
    };
    let paths = case.media.iter().filter(silent);
    paths
        .filter_map(|path| Some((path, sight(case, path)?)))
        .filter_map(|(path, sight)| no_audio_on(rule, case, path, &sight))
        .collect()
}

fn no_audio_on(
    rule: &Rule,
    case: &Case<'_>,
    path: &MediaPath<'_>,
    sight: &Sight<'_>,
) -> Option<Finding> {
    let flow = &path.to_called;
    let fact = format!(
        "No audio: no packet between {} and {} passed this capture point in either direction, {}.",
        case.end_name(&flow.from),
        case.end_name(&flow.to),
        span_words(case, path),
    );
    let (cause, owner, certainty, next) = match sight {
        Sight::Refused(error) => {
            let ends = path.flows().map(|flow| &flow.to);
            let end = ends
                .into_iter()
                .find(|end| end.announced.contains(&error.destination))?;
            (
                format!(
                    "{} reported that audio for {} could not be delivered ({}).",
                    error.reporter,
                    error.destination,
                    case.at(error.at),
                ),
                case.roles.side(end.node),
                Certainty::Likely,
                format!("See why nothing takes audio at {}.", case.end_name(end)),
            )
        }
        Sight::Media(words) => (
            format!(
                "{words} was seen here, so audio would have been: it was not sent, or not this way."
            ),
            Side::Unknown,
            Certainty::Possible,
            format!(
                "Capture at {} and at {}: does either send audio, and to which address?",
                case.end_name(&flow.from),
                case.end_name(&flow.to)
            ),
        ),
    };
    let blame = Blame {
        cause,
        owner: owner.into(),
        certainty,
        next,
    };
    failed(rule, case, proof(path), fact, blame)
}

/// Whether and why this capture point would have seen the audio of a path.
fn sight<'c>(case: &'c Case<'_>, path: &MediaPath<'_>) -> Option<Sight<'c>> {
    let ends = path.flows().map(|flow| &flow.to.announced);
    let announced = |address: SocketAddr| ends.iter().any(|end| end.contains(&address));
    let (from, to) = (path.offer.at(), path.until);
    let refused = case.observed.icmp.iter().find(|error| {
        error.udp && error.at >= from && error.at <= to && announced(error.destination)
    });
    if let Some(error) = refused {
        return Some(Sight::Refused(error));
    }
    if path.flows().iter().any(|flow| flow.packets() > 0) {
        return Some(Sight::Media("Audio from before the answer"));
    }
    if path.flows().iter().any(|flow| flow.reports() > 0) {
        return Some(Sight::Media("RTCP of this call"));
    }
    let ips = |end: &[SocketAddr]| {
        end.iter()
            .map(|address| address.ip())
            .collect::<Vec<IpAddr>>()
    };
    let [called, caller] = ends.map(|end| ips(end));
    let between = |a: IpAddr, b: IpAddr| {
        (called.contains(&a) && caller.contains(&b)) || (called.contains(&b) && caller.contains(&a))
    };
    let other = case.observed.media.iter().any(|stream| {
        stream.packets >= A_SECOND && between(stream.source.ip(), stream.destination.ip())
    });
    other.then_some(Sight::Media("Audio of another call between the two"))
}
