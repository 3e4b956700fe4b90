//! ICMP errors about messages of the call: what could not be delivered, who says so, and which
//! silence that explains.

use std::sync::Arc;

use jiff::SignedDuration;

use super::undelivered::{FOLLOWS, Undelivered};
use super::{MOST, between};
use crate::diagnosis::case::{Case, shifted};
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::ending::ended::side_of;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::times;
use crate::sip::{Certainty, Repeat, Signal, Transport};
use crate::wire::{IcmpError, IcmpKind};

pub(super) static ICMP_UNREACHABLE: Rule = Rule {
    id: "icmp-unreachable",
    family: "network",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An ICMP error about a message of the call that was not answered: it quotes the Call-ID, \
            or it names the same two addresses and ports within 4 s of that message. The host \
            itself (nothing listens on the port, or its own firewall rejects it), or a router in \
            between (no way there, a filter, a packet too big, a routing loop).",
    matters: "It is no silence any more: a machine with an address says that the message did not \
              arrive, and why.",
    remedy: "Port unreachable from the host itself: start the service, or correct the port. From \
             another machine: ask whose it is, and show it the two addresses.",
    silent: "The message was answered all the same. Only a note where the call went on by another \
             route. A TCP connection that never came up carries no message to tie it to.",
    source: "RFC 792, RFC 1812 section 5.2.7.1, RFC 4443; RFC 3261 section 18.4; catalogue T1, T5, \
             T9, H2",
    explains: FOLLOWS,
    limits: &[],
    check: Check::Call(icmp_unreachable),
};

/// A message that could not be delivered.
struct Returned<'a> {
    error: &'a IcmpError,
    /// How many errors say the same.
    count: usize,
    lost: Undelivered<'a>,
}

/// Who waits for a lost fragment says so after 30 s or more.
const LATEST: SignedDuration = SignedDuration::from_secs(65);

fn icmp_unreachable(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let mut returned: Vec<Returned<'_>> = Vec::new();
    let (Some(started), Some(ended)) = (case.call.started(), case.call.ended()) else {
        return Vec::new();
    };
    let near = between(
        &case.observed.icmp,
        |it| it.at,
        started,
        shifted(ended, LATEST),
    )
    .iter();
    let own = near.filter_map(|error| Some((error, about(case, error)?)));
    let placed = own.take(MOST).filter_map(|(error, signal)| {
        let lost = Undelivered::of(case, signal)?;
        Some(Returned {
            error,
            count: 1,
            lost,
        })
    });
    for new in placed {
        let known = returned.iter_mut().find(|known| {
            let way = |it: &Returned<'_>| (it.error.source, it.error.destination, it.lost.purpose);
            way(known) == way(&new)
        });
        match known {
            Some(known) => known.count += 1,
            None => returned.push(new),
        }
    }
    returned
        .iter()
        .filter_map(|returned| finding(rule, case, returned))
        .collect()
}

/// The message that an error is about. One that quotes a Call-ID is about that call alone; else
/// the addresses and ports must be those of a message sent just before.
fn about<'a>(case: &Case<'a>, error: &IcmpError) -> Option<&'a Arc<Signal>> {
    /// A host that does not answer ARP is reported after some 3 s.
    const SOON: SignedDuration = SignedDuration::from_secs(4);
    let within = match &error.call_id {
        Some(id) if case.call.legs.iter().any(|leg| leg.call_id == *id) => LATEST,
        Some(_) => return None,
        None => SOON,
    };
    let signals = &case.call.signals;
    let until = signals.partition_point(|(_, signal)| signal.at() <= error.at);
    signals
        .get(..until)?
        .iter()
        .rev()
        .map(|(_, signal)| signal)
        .take_while(|signal| error.at.duration_since(signal.at()) <= within)
        .find(|signal| {
            signal.repeat != Repeat::CaptureDuplicate
                && (signal.source(), signal.destination()) == (error.source, error.destination)
                && (signal.packet.transport == Transport::Udp) == error.udp
        })
}

/// Why a message came back, and whose that is.
struct Why {
    said: &'static str,
    cause: String,
    owner: Owner,
    to_act: Owner,
    certainty: Certainty,
    next: String,
}

fn finding(rule: &Rule, case: &Case<'_>, returned: &Returned<'_>) -> Option<Finding> {
    let (error, lost) = (returned.error, &returned.lost);
    let signal = lost.signal;
    let (sender, receiver) = (
        case.call.node(error.source),
        case.call.node(error.destination),
    );
    let by_host = error.reporter == error.destination.ip();
    let why = why(case, error);
    let reporter = if by_host {
        format!("{} itself", case.name(receiver))
    } else {
        error.reporter.to_string()
    };
    let how_often = match returned.count {
        1 => String::new(),
        n => format!(" {}", times(n)),
    };
    let after = case.lasting(error.at.duration_since(signal.at()));
    let about = match error.call_id {
        Some(_) => format!("{} ({})", lost.what(), case.when(signal)),
        None => format!(
            "a packet there, {after} after {} ({})",
            lost.what(),
            case.when(signal)
        ),
    };
    let fact = format!(
        "{reporter} reported{how_often} by ICMP that {}: about {about} from {} to {}, which was not \
         {}.",
        why.said,
        case.name(sender),
        case.name(receiver),
        lost.fate(),
    );
    let (severity, explains) = lost.bearing(case);
    let conclusion = Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause: why.cause,
        owner: why.owner,
        to_act: Some(why.to_act),
        certainty: why.certainty,
        by: by_host.then_some(receiver),
        severity: Some(severity),
        next: why.next,
    };
    let finding = rule.finding(case, lost.proof(), conclusion)?;
    Some(finding.explaining(explains))
}

fn why(case: &Case<'_>, error: &IcmpError) -> Why {
    let (sender, receiver) = (
        case.call.node(error.source),
        case.call.node(error.destination),
    );
    let (from, to) = (side_of(case, sender), side_of(case, receiver));
    let by_host = error.reporter == error.destination.ip();
    let by_sender = error.reporter == error.source.ip();
    let reporter = error.reporter;
    // Only the host itself speaks for its side; whose a machine in between is cannot be told.
    let (owner, to_act) = match (by_host, by_sender) {
        (true, _) => (to, to),
        (_, true) => (from, from),
        _ => (Side::Between, to),
    };
    let whose = if by_host {
        format!("Ask the owner of {}", case.name(receiver))
    } else {
        format!("Find out whose {reporter} is and ask there")
    };
    let why = |said, cause: String, next: String| Why {
        said,
        cause,
        owner: owner.into(),
        to_act: to_act.into(),
        certainty: Certainty::Likely,
        next,
    };
    match error.kind {
        IcmpKind::PortUnreachable | IcmpKind::ProtocolUnreachable => {
            let cause = if by_host {
                format!(
                    "The host is up, and nothing listens on {} there, or its own firewall rejects \
                     it.",
                    error.destination
                )
            } else {
                format!("{reporter} stands in front of it and turns such packets away.")
            };
            let next = format!(
                "{whose} whether the service runs and listens on port {}; check that the address \
                 and port are right on {}.",
                error.destination.port(),
                case.name(sender)
            );
            why("nothing listens on the port", cause, next)
        }
        IcmpKind::NetworkUnreachable | IcmpKind::HostUnreachable => {
            let said = if error.kind == IcmpKind::HostUnreachable {
                "the host cannot be reached"
            } else {
                "there is no way to the network"
            };
            let cause = if by_host {
                "The host refuses what it should take.".to_owned()
            } else {
                format!("{reporter} knows no way on, or the host is down.")
            };
            let next = format!(
                "{whose} about the way to {}; check that this address is right and the host up.",
                error.destination.ip()
            );
            why(said, cause, next)
        }
        IcmpKind::Prohibited => why(
            "a filter forbids it",
            format!("A firewall at {reporter} does not let it through."),
            format!(
                "{whose} to let {} reach {}.",
                error.source.ip(),
                error.destination
            ),
        ),
        IcmpKind::TooBig => Why {
            owner: from.into(),
            to_act: from.into(),
            ..why(
                "the packet is too big for a link on the way",
                format!(
                    "{} sends it whole and does not let it be cut.",
                    case.name(sender)
                ),
                format!(
                    "Let {} use TCP for such messages, or send fewer codecs and headers.",
                    case.name(sender)
                ),
            )
        },
        // The host itself waits for no further router, but for a fragment.
        IcmpKind::TimeExceeded if by_host => Why {
            owner: Side::Between.into(),
            to_act: from.into(),
            ..why(
                "a fragment of it never came",
                "The message was sent in fragments, and one was lost or filtered on the way."
                    .to_owned(),
                format!(
                    "Let {} use TCP for such messages, or see where fragments are dropped.",
                    case.name(sender)
                ),
            )
        },
        IcmpKind::TimeExceeded => why(
            "the packet went through too many routers",
            format!("Packets go round in a circle at {reporter}."),
            format!("{whose} about the route to {}.", error.destination.ip()),
        ),
        IcmpKind::Other => Why {
            certainty: Certainty::Possible,
            ..why(
                "it could not be delivered",
                String::new(),
                format!("{whose} about packets to {}.", error.destination),
            )
        },
    }
}
