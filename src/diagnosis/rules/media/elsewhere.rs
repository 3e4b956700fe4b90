//! Rules on audio that is not as it was announced: from another address, or of another payload
//! type.

use std::net::SocketAddr;

use super::words::{A_SECOND, counted, proof};
use crate::diagnosis::case::{Case, count};
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::media::{Flow, MediaPath};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::Certainty;
use crate::wire::MediaStream;

pub(super) static RTP_FROM_ELSEWHERE: Rule = Rule {
    id: "rtp-from-elsewhere",
    family: "media",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "At least a second of audio to an announced address from another address than its sender \
            announced: mostly a NAT. A note where the answer goes back to where it came from \
            (symmetric RTP), a warning where audio still goes to the announced address. A note of what \
            another machine sends there beside the announced one.",
    matters: "What is sent to the announced address does not reach a sender behind a NAT: it hears \
              nothing.",
    remedy: "Let the other side send to where audio comes from (symmetric RTP, comedia), or have the \
             sender announce its public address.",
    silent: "Audio comes from an announced address too, or none was announced.",
    source: "RFC 4961, RFC 7362 section 3; catalogue V11",
    explains: &[],
    limits: &[],
    check: Check::Call(rtp_from_elsewhere),
};

fn rtp_from_elsewhere(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let flows = || {
        case.media
            .iter()
            .flat_map(|path| path.flows().map(|flow| (path, flow)))
    };
    flows()
        .filter_map(|(path, flow)| elsewhere(rule, case, path, flow))
        .collect()
}

fn elsewhere<'a>(
    rule: &Rule,
    case: &Case<'a>,
    path: &MediaPath<'a>,
    flow: &Flow<'a>,
) -> Option<Finding> {
    let announced = &flow.from.announced;
    let own = |stream: &&MediaStream| announced.contains(&stream.source);
    if announced.is_empty() {
        return None;
    }
    if flow.streams.iter().any(|s| own(s) && s.packets > 0) {
        return beside(rule, case, path, flow);
    }
    let stream = flow.fullest().filter(|stream| stream.packets >= A_SECOND)?;
    let home = *announced.first()?;
    let there = path.back(flow);
    let goes_to = |address: SocketAddr| {
        let mut streams = there.streams.iter();
        streams.any(|s| s.destination == address && s.since_answer() > 0)
    };
    let (answered, missed) = (goes_to(stream.source), goes_to(home));
    let (severity, owner, cause) = if answered {
        (
            Severity::Info,
            Party::Nobody.into(),
            "Audio goes back to where it comes from (symmetric RTP), so this does no harm."
                .to_owned(),
        )
    } else if missed {
        (
            Severity::Warning,
            case.roles.side(flow.from.node).into(),
            format!(
                "Audio in the other direction goes to {home}, as announced, where its receiver may \
                 not be reached."
            ),
        )
    } else {
        (
            Severity::Info,
            Side::Unknown.into(),
            "Audio in the other direction was not seen.".to_owned(),
        )
    };
    let fact = format!(
        "{} packets of audio for {} came from {}, whereas {home} was announced.",
        count(stream.packets),
        case.end_name(&flow.to),
        stream.source,
    );
    rule.finding(
        case,
        proof(path),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause,
            owner,
            to_act: None,
            certainty: Certainty::Possible,
            by: None,
            severity: Some(severity),
            next: if answered {
                String::new()
            } else {
                format!(
                    "Ask whether {} is heard and hears; if not, let {} send to where audio comes \
                     from.",
                    case.end_who(&flow.from),
                    case.end_name(&flow.to)
                )
            },
        },
    )
}

/// What came from another machine beside the audio that came from where it was announced.
fn beside<'a>(
    rule: &Rule,
    case: &Case<'a>,
    path: &MediaPath<'a>,
    flow: &Flow<'a>,
) -> Option<Finding> {
    let most = flow.strangers.iter().max_by_key(|stream| stream.packets);
    let stream = most.filter(|stream| stream.packets >= A_SECOND)?;
    let conclusion = Conclusion {
        fact: format!(
            "{} packets of audio for {} came from {} too, beside those from {}.",
            count(stream.packets),
            case.end_name(&flow.to),
            stream.source,
            case.end_name(&flow.from),
        ),
        fact_certainty: Certainty::Certain,
        cause: "They are another call's on the same port, or somebody's who is no part of this call: who takes audio \
                from anywhere plays them too."
            .to_owned(),
        owner: Side::Unknown.into(),
        to_act: None,
        certainty: Certainty::Possible,
        by: None,
        severity: Some(Severity::Info),
        next: String::new(),
    };
    rule.finding(case, proof(path), conclusion)
}

pub(super) static UNANNOUNCED_PAYLOAD_TYPE: Rule = Rule {
    id: "unannounced-payload-type",
    family: "media",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "Most packets of a direction, at least a second of them, are of a payload type that the \
            description of their receiver does not name.",
    matters: "The receiver does not know how to decode it: silence or noise.",
    remedy: "Let the sender use a payload type of the description that it got.",
    silent: "Comfort noise, or a type that the receiver named at any time in the call.",
    source: "RFC 3264 sections 5.1 and 6.1; catalogue V6",
    explains: &[],
    limits: &[],
    check: Check::Call(unannounced_payload_type),
};

fn unannounced_payload_type(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let flows = || {
        case.media
            .iter()
            .flat_map(|path| path.flows().map(|flow| (path, flow)))
    };
    flows()
        .filter_map(|(path, flow)| unannounced(rule, case, path, flow))
        .collect()
}

fn unannounced<'a>(
    rule: &Rule,
    case: &Case<'a>,
    path: &MediaPath<'a>,
    flow: &Flow<'a>,
) -> Option<Finding> {
    const COMFORT_NOISE: u8 = 13;
    let named = &flow.to.payload_types;
    let counts = || flow.streams.iter().flat_map(|stream| &stream.payload_types);
    let is_foreign =
        |payload_type: u8| payload_type != COMFORT_NOISE && !named.contains(&payload_type);
    let foreign = counts().filter(|it| is_foreign(it.payload_type));
    let packets: u64 = foreign.clone().map(|it| it.packets).sum();
    if named.is_empty() || packets < A_SECOND || packets * 2 <= flow.packets() {
        return None;
    }
    let payload_type = foreign.max_by_key(|it| it.packets)?.payload_type;
    let listed: Vec<String> = named.iter().map(u8::to_string).collect();
    let fact = format!(
        "{} of {} packets from {} to {} are of payload type {payload_type}, which the receiver did \
         not name; it named {}.",
        count(packets),
        count(flow.packets()),
        case.end_name(&flow.from),
        case.end_name(&flow.to),
        listed.join(", "),
    );
    let blame = Blame {
        cause: "The receiver may play noise or nothing.".into(),
        owner: case.roles.side(flow.from.node).into(),
        certainty: Certainty::Possible,
        next: format!(
            "Ask {} to send what the description it got allows.",
            case.end_who(&flow.from)
        ),
    };
    counted(rule, case, proof(path), fact, blame)
}
