//! The rules on Contacts to which the requests inside a dialog cannot go.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::{
    LOST_IN_DIALOG, Lost, Target, answer, answer_writer, lost_to_client, lost_to_server, writer,
};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::address::is_private;
use crate::sip::{Certainty, Message, Name, Signal, Transport};

pub(super) static CONTACT_UNREACHABLE: Rule = Rule {
    id: "contact-unreachable",
    family: "headers",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An INVITE or the 2xx to it that has no Contact, or one with a private address though its sender \
            sends from a public one, and no Record-Route; and the requests that had to go there were lost: \
            the ACK never came and the 2xx was repeated, or a request inside the dialog got no answer.",
    matters: "ACK, BYE and re-INVITE go to the Contact: the call is cut off, or never ends.",
    remedy: "Let the side that wrote the Contact put its public address there (NAT support, external \
             address), or let the other side answer to where packets come from.",
    silent: "Nothing was lost, or what was lost had been sent to where packets come from, as many nodes do. \
             Or the message has a Record-Route, so that requests go there first.",
    source: "RFC 3261 sections 8.1.1.8, 12.1.1 and 12.2.1.1; catalogue H5",
    explains: LOST_IN_DIALOG,
    limits: &[],
    check: Check::Call(|rule, case| lost_for(rule, case, unreachable).into_iter().collect()),
};

pub(super) static CONTACT_TRANSPORT_WRONG: Rule = Rule {
    id: "contact-transport-wrong",
    family: "headers",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An INVITE or the 2xx to it that came over UDP or plain TCP, has no Record-Route and a Contact \
            that asks for TLS (sips: or transport=tls); and the requests that had to go there were lost.",
    matters: "ACK, BYE and re-INVITE have to go over TLS to a place where nobody may speak it.",
    remedy: "Let the Contact name the transport that is in use, or use TLS on the whole way.",
    silent: "Nothing was lost, or the message has a Record-Route.",
    source: "RFC 3261 section 12.2.1.1; RFC 5630 section 3; catalogue H12",
    explains: LOST_IN_DIALOG,
    limits: &[],
    check: Check::Call(|rule, case| lost_for(rule, case, wants_tls).into_iter().collect()),
};

/// What is wrong with the Contact of a message.
struct Fault {
    /// In words, as the message has it.
    what: String,
    /// Why that loses requests.
    why: &'static str,
    /// Where they go by it.
    target: Option<Target>,
}

type Look = fn(&Signal) -> Option<Fault>;

fn unreachable(signal: &Signal) -> Option<Fault> {
    let message = signal.message();
    let Some(contact) = message.contact() else {
        return message.header(Name::Contact).is_none().then(|| Fault {
            what: "no Contact".to_owned(),
            why: "Without one nobody knows where to send to.",
            target: None,
        });
    };
    let host = contact.uri.host.parse().ok()?;
    let source = signal.source();
    (is_private(host) && !is_private(source.ip())).then(|| Fault {
        what: format!("the private address {host} as its Contact, though it came from {source}"),
        why: "Nobody outside can send to that address.",
        target: Some(Target(host, None)),
    })
}

fn wants_tls(signal: &Signal) -> Option<Fault> {
    /// RFC 3261 section 19.1.2.
    const TLS_PORT: u16 = 5061;
    let message = signal.message();
    let uri = message.contact()?.uri;
    let by_param = uri
        .param("transport")
        .is_some_and(|it| it.eq_ignore_ascii_case("tls"));
    let is_sips = uri.scheme.eq_ignore_ascii_case("sips");
    let is_plain = matches!(signal.packet.transport, Transport::Udp | Transport::Tcp);
    // A source that does not tell transports counts as UDP: the Via has to agree.
    let via = message.top_via()?.transport;
    let agrees = matches!(via.as_str(), "UDP" | "TCP");
    let asks = if is_sips {
        "a sips: Contact"
    } else {
        "a Contact with transport=tls"
    };
    let host: Option<IpAddr> = uri.host.parse().ok();
    let port = uri.port.unwrap_or(TLS_PORT);
    (is_plain && agrees && (is_sips || by_param)).then(|| Fault {
        what: format!(
            "{asks}, though it came over {}",
            signal.packet.transport.name().to_uppercase()
        ),
        why: "The requests inside the call have to go over TLS, which is not used here.",
        target: host
            .filter(|host| SocketAddr::new(*host, port) != signal.source())
            .map(|host| Target(host, Some(port))),
    })
}

fn lost_for(rule: &Rule, case: &Case<'_>, look: Look) -> Option<Finding> {
    let fault = |message: &Arc<Signal>| {
        let is_direct = message.message().header(Name::RecordRoute).is_none();
        look(message).filter(|_| is_direct)
    };
    case.way().into_iter().find_map(|hop| {
        let of_answer = || {
            let message = answer(hop)?;
            let fault = fault(message)?;
            let lost = lost_to_server(case, hop, fault.target)?;
            let by = answer_writer(case, hop, |other| same_contact(other, message));
            finding(rule, case, fault, message, by, lost)
        };
        let of_invite = || {
            let message = hop.decisive()?.request()?;
            let fault = fault(message)?;
            let lost = lost_to_client(case, hop, fault.target)?;
            let by = writer(case, hop, |other| same_contact(other, message));
            finding(rule, case, fault, message, by, lost)
        };
        of_answer().or_else(of_invite)
    })
}

fn same_contact(other: &Message, message: &Signal) -> bool {
    other.header(Name::Contact) == message.message().header(Name::Contact)
}

fn finding(
    rule: &Rule,
    case: &Case<'_>,
    fault: Fault,
    message: &Arc<Signal>,
    by: SocketAddr,
    lost: Lost<'_>,
) -> Option<Finding> {
    let Fault { what, why, .. } = fault;
    let name = case.name(by);
    let kind = message
        .code()
        .map_or("INVITE".to_owned(), |code| format!("{code}"));
    let found = rule.finding(
        case,
        [message].into_iter().chain(lost.proof),
        Conclusion {
            fact: format!(
                "The {kind} of {name} has {what} ({}); {}.",
                case.when(message),
                lost.words
            ),
            fact_certainty: Certainty::Certain,
            cause: why.to_owned(),
            owner: case.roles.side(by).into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: Some(by),
            severity: None,
            next: format!(
                "Correct the Contact that {name} writes; see its settings for NAT and transport."
            ),
        },
    );
    found.map(|found| found.explaining(lost.seen_as))
}
