//! The rule on addresses for audio that nobody outside can reach.

use std::net::IpAddr;

use jiff::SignedDuration;

use super::words::A_SECOND;
use super::{of_called, of_caller};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::media::Flow;
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::address::is_private;
use crate::sip::{Certainty, Described};

pub(super) static PRIVATE_MEDIA_ADDRESS: Rule = Rule {
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
             where a relay replaced it, where the other leg was not captured, or where audio was seen \
             to go elsewhere than to it.",
    source: "RFC 3264, RFC 4961, RFC 1918, RFC 6598; catalogue V8, V30",
    explains: &[],
    limits: &[],
    check: Check::Call(private_media_address),
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
        Fate::Unchanged(_) if latched(case, address) => (
            Severity::Info,
            Certainty::Possible,
            "It reached the other end unchanged, and audio goes to where its own comes from all \
             the same (symmetric RTP)."
                .to_owned(),
        ),
        Fate::Unchanged(last) => {
            let (severity, certainty, mut cause) = unchanged(case);
            let node = case.call.node(last.signal.source());
            if node != writer && case.roles.side(node) == Side::Platform {
                let who = case.who(node);
                cause.push_str(&format!(
                    " {who} passed it on as it was: it relays no media here."
                ));
            }
            (severity, certainty, cause)
        }
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
    let mut finding = rule.finding(
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
    )?;
    if severity != Severity::Info && hears_nothing(case, address) {
        finding
            .explains
            .extend(["one-way-audio", "no-audio"].map(str::to_owned));
    }
    Some(finding)
}

/// The directions of audio that should go to an address.
fn awaited_at<'c, 'a>(case: &'c Case<'a>, address: IpAddr) -> impl Iterator<Item = &'c Flow<'a>> {
    let flows = case.media.iter().flat_map(|path| path.flows());
    flows.filter(move |flow| flow.to.announced.iter().any(|it| it.ip() == address))
}

/// Whether audio for an address goes elsewhere instead.
fn latched(case: &Case<'_>, address: IpAddr) -> bool {
    awaited_at(case, address)
        .flat_map(|flow| &flow.streams)
        .any(|stream| stream.destination.ip() != address && stream.since_answer() >= A_SECOND)
}

/// Whether nothing was seen to go to an address.
fn hears_nothing(case: &Case<'_>, address: IpAddr) -> bool {
    awaited_at(case, address).any(|flow| flow.since_answer() == 0)
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
    let bye = case.own_byes().find_map(|bye| bye.request());
    let talk = bye.map(|bye| bye.at().duration_since(answer.at()));
    match talk.filter(|talk| *talk >= LONG_TALK) {
        Some(talk) => (
            Severity::Warning,
            Certainty::Possible,
            format!(
                "{words} unless it answers to where audio comes from; the {} of talk speak for that.",
                case.lasting(talk)
            ),
        ),
        None => (
            Severity::Error,
            Certainty::Likely,
            format!("{words}: one-way audio or none."),
        ),
    }
}
