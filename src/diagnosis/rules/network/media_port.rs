//! ICMP errors about media: voice that was sent to a port where nobody listened during the talk.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::SignedDuration;

use super::{MOST, between};
use crate::diagnosis::case::{Case, shifted};
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::ending::ended::{answered, side_of};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::times;
use crate::sip::{Certainty, Method, Signal};
use crate::wire::{IcmpError, IcmpKind};

pub(super) static MEDIA_PORT_UNREACHABLE: Rule = Rule {
    id: "media-port-unreachable",
    family: "network",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "ICMP says twice or more, during the talk, that nothing listens on the address and port \
            at which a side of the call wanted its audio.",
    matters: "Voice was sent to a closed port: that side heard nothing for that time.",
    remedy: "See whether the device or relay had opened the port that it announced, and what stands \
             in front of it.",
    silent: "It came within a second of the answer or around the BYE, when ports are being opened \
             and closed; the side had announced another port by then; or it came only once.",
    source: "RFC 792, RFC 3264 section 5.1; catalogue V12, V13, V14",
    explains: &[],
    limits: &[],
    check: Check::Call(media_port_unreachable),
};

/// Ports open a little after the answer and close a little before the BYE is seen.
const OPENING: SignedDuration = SignedDuration::from_secs(1);
const CLOSING: SignedDuration = SignedDuration::from_millis(500);

/// Where one side wanted its audio, from one message on.
struct Endpoint<'a> {
    signal: &'a Arc<Signal>,
    leg: usize,
    audio: SocketAddr,
}

fn media_port_unreachable(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let errors = in_talk(case);
    if errors.is_empty() {
        return Vec::new();
    }
    let endpoints = endpoints(case);
    let mut told: Vec<SocketAddr> = Vec::new();
    let mut findings = Vec::new();
    for error in &errors {
        let port = error.destination;
        if told.contains(&port) {
            continue;
        }
        told.push(port);
        let same: Vec<&IcmpError> = errors
            .iter()
            .copied()
            .filter(|other| other.destination == port && in_force(&endpoints, other).is_some())
            .collect();
        if let (true, Some(endpoint)) = (same.len() >= 2, in_force(&endpoints, error)) {
            findings.extend(finding(rule, case, endpoint, &same));
        }
    }
    findings
}

/// The errors about closed UDP ports between the answer and the first BYE.
fn in_talk<'a>(case: &Case<'a>) -> Vec<&'a IcmpError> {
    let is_closed = |error: &&IcmpError| error.udp && error.kind == IcmpKind::PortUnreachable;
    if case.observed.icmp.is_empty() {
        return Vec::new();
    }
    let Some(answer) = answered(case) else {
        return Vec::new();
    };
    let from = shifted(answer.at(), OPENING);
    let bye = case.call.requests(Method::Bye).map(|bye| bye.at()).min();
    let Some(until) = bye.or(case.call.ended()).map(|end| shifted(end, -CLOSING)) else {
        return Vec::new();
    };
    between(&case.observed.icmp, |it| it.at, from, until)
        .iter()
        .filter(is_closed)
        .take(MOST)
        .collect()
}

fn endpoints<'a>(case: &Case<'a>) -> Vec<Endpoint<'a>> {
    let described = case.call.signals.iter().filter_map(|(leg, signal)| {
        let sdp = signal.message().sdp()?;
        let audio = sdp.audio().filter(|audio| audio.port != 0)?;
        Some(Endpoint {
            signal,
            leg: *leg,
            audio: SocketAddr::new(audio.ip()?, audio.port),
        })
    });
    described.collect()
}

/// The description that was in force for the port of an error: the first that named it, unless its
/// writer had named another before the error came.
fn in_force<'e, 'a>(endpoints: &'e [Endpoint<'a>], error: &IcmpError) -> Option<&'e Endpoint<'a>> {
    let first = endpoints
        .iter()
        .find(|it| it.audio == error.destination && it.signal.at() <= error.at)?;
    let last = endpoints.iter().rfind(|it| {
        (it.leg, it.signal.source()) == (first.leg, first.signal.source())
            && it.signal.at() <= error.at
    })?;
    (last.audio == error.destination).then_some(first)
}

fn finding(
    rule: &Rule,
    case: &Case<'_>,
    endpoint: &Endpoint<'_>,
    errors: &[&IcmpError],
) -> Option<Finding> {
    let (first, last) = (errors.first()?, errors.last()?);
    let writer = case.call.node(endpoint.signal.source());
    let side = side_of(case, writer);
    let by_host = first.reporter == first.destination.ip();
    let start = case.call.started()?;
    let since = |error: &IcmpError| case.lasting(error.at.duration_since(start));
    let fact = format!(
        "{} wanted its audio at {} ({}), and {} said {} during the talk (from +{} to +{}) that \
         nothing listens there.",
        case.name(writer),
        endpoint.audio,
        case.when(endpoint.signal),
        if by_host {
            "that host itself".to_owned()
        } else {
            first.reporter.to_string()
        },
        times(errors.len()),
        since(first),
        since(last),
    );
    let conclusion = Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause: if by_host {
            "The port that it announced was not open, so that it heard nothing then.".into()
        } else {
            "A machine in front of it turned the audio away, so that it heard nothing then.".into()
        },
        owner: if by_host { side } else { Side::Between }.into(),
        to_act: Some(side.into()),
        certainty: Certainty::Likely,
        by: by_host.then_some(writer),
        severity: None,
        next: format!(
            "See whether {} had opened port {}, and what stands in front of it.",
            case.name(writer),
            endpoint.audio.port()
        ),
    };
    rule.finding(case, [endpoint.signal], conclusion)
}
