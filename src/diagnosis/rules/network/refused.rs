//! TCP connections that were refused where a call should have gone on: nobody listens, or a firewall turns them away.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::between;
use super::given_up::{GivenUp, MAY_BE_ANOTHERS};
use crate::diagnosis::case::{Case, shifted};
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::ending::ended::side_of;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Hop, Name, Signal};

pub(super) static CONNECTION_REFUSED: Rule = Rule {
    id: "connection-refused",
    family: "network",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A TCP connection that a node of the call wanted to open and that was refused, by a reset or by an ICMP error: \
            between its INVITE and 2 s after its final answer, to an address that no INVITE of the call was seen to \
            reach; or during the talk, to the very address and port of the Contact that the requests of the call have to \
            go to. An error where that node then refused the call itself with 408, 480 or 5xx.",
    matters: "No SIP message was ever sent: the trace shows a silence, and only this tells why.",
    remedy: "Start the service that should listen there, or correct address, port and transport; a device behind a NAT \
             cannot be called back at the address of its Contact, and has to be reached over its own connection.",
    silent: "The call was answered or refused by somebody else. Nothing was seen of the connection: no answer to it is \
             no refusal. Before an answer it carries no Call-ID: another call may have opened it, so the cause is likely \
             at most.",
    source: "RFC 9293 section 3.10.7.1; RFC 792; RFC 3261 sections 8.1.3.1 and 18.4; RFC 5626; catalogue H12, H14",
    explains: &[
        "refused-by-platform",
        "request-timeout",
        "server-failure",
        "other-refusal",
        "called-unavailable",
        "missing-ack",
        "hung-leg",
        "call-still-up",
    ],
    limits: &[],
    check: Check::Call(connection_refused),
};

/// What only follows where a request inside the dialog could not be sent.
const IN_DIALOG: &[&str] = &["missing-ack", "hung-leg", "call-still-up"];

/// A connection that did not come up.
struct Refusal {
    at: Timestamp,
    from: SocketAddr,
    to: SocketAddr,
    /// Who says so, where it is not the machine that was asked.
    reporter: Option<IpAddr>,
}

fn connection_refused(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let found = match GivenUp::of(case) {
        Some(given_up) => at_setup(rule, case, &given_up),
        None => in_dialog(rule, case),
    };
    found.into_iter().collect()
}

/// What was refused between two times, in order.
fn refusals(case: &Case<'_>, from: Timestamp, until: Timestamp) -> Vec<Refusal> {
    let resets = between(&case.observed.resets, |it| it.at, from, until).iter();
    let by_reset = resets.filter(|reset| reset.refuses).map(|reset| Refusal {
        at: reset.at,
        from: reset.destination,
        to: reset.source,
        reporter: None,
    });
    let errors = between(&case.observed.icmp, |it| it.at, from, until).iter();
    let by_icmp = errors.filter(|error| !error.udp && error.call_id.is_none());
    let by_icmp = by_icmp.map(|error| Refusal {
        at: error.at,
        from: error.source,
        to: error.destination,
        reporter: (error.reporter != error.destination.ip()).then_some(error.reporter),
    });
    let mut all: Vec<Refusal> = by_reset.chain(by_icmp).collect();
    all.sort_by_key(|refusal| refusal.at);
    all
}

impl Refusal {
    /// What happened, as a sentence.
    fn words(&self, case: &Case<'_>, from: SocketAddr, whither: &str) -> String {
        let by = match self.reporter {
            Some(reporter) => format!("{reporter} reported by ICMP that it cannot be reached"),
            None => "it was refused".to_owned(),
        };
        format!(
            "{} wanted to open a TCP connection to {}{whither} at {}, and {by}.",
            case.name(from),
            self.to,
            case.at(self.at),
        )
    }

    /// Why, as far as who refused it tells.
    fn cause(&self) -> String {
        match self.reporter {
            Some(reporter) => {
                format!("{reporter} knows no way there, or a filter at it forbids it.")
            }
            None => format!(
                "The machine is up, and nothing listens on port {}, or a firewall refuses it in its name.",
                self.to.port()
            ),
        }
    }

    /// Whose that is: only the machine itself speaks for its side.
    fn owner(&self, own: Side, peer: Side) -> Owner {
        match self.reporter {
            Some(reporter) if reporter == self.from.ip() => own.into(),
            Some(_) => Side::Between.into(),
            None => peer.into(),
        }
    }
}

fn at_setup(rule: &Rule, case: &Case<'_>, given_up: &GivenUp<'_>) -> Option<Finding> {
    let refusals = refusals(case, given_up.invite.at(), given_up.until);
    let refusal = refusals
        .iter()
        .find(|it| given_up.may_have_tried(case, it.from, it.to))?;
    let fits = given_up.fits(case, refusal.at);
    let peer = given_up.peer(case);
    let node = given_up.node;
    let conclusion = Conclusion {
        fact: refusal.words(case, node, ""),
        fact_certainty: Certainty::Certain,
        cause: format!("{} {MAY_BE_ANOTHERS}", refusal.cause()),
        owner: refusal.owner(case.roles.side(node), peer),
        to_act: Some(peer.into()),
        certainty: if fits {
            Certainty::Likely
        } else {
            Certainty::Possible
        },
        by: Some(node),
        severity: fits.then_some(Severity::Error),
        next: format!(
            "Ask the owner of {} whether the service runs and listens there; check on {} that address, port and transport \
             are right.",
            refusal.to,
            case.name(node)
        ),
    };
    let finding = rule.finding(case, given_up.proof(), conclusion)?;
    Some(finding.explaining(if fits { rule.explains } else { &[] }))
}

fn in_dialog(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    /// What belongs to the end of the call may come a little later.
    const AFTER: SignedDuration = SignedDuration::from_secs(32);
    let answered = case.answer()?;
    let refusals = refusals(case, answered.at(), shifted(case.call.ended()?, AFTER));
    if refusals.is_empty() {
        return None;
    }
    let contacts = case.call.hops.iter().flat_map(contacts);
    let (refusal, contact) = contacts
        .filter_map(|contact| {
            let is_it =
                |it: &&Refusal| it.to == contact.target && it.from.ip() == contact.asks.ip();
            Some((refusals.iter().find(is_it)?, contact))
        })
        .min_by_key(|(refusal, _)| refusal.at)?;
    let (asks, writer) = (case.name(contact.asks), case.name(contact.writer));
    let side = side_of(case, contact.writer);
    let conclusion = Conclusion {
        fact: refusal.words(
            case,
            contact.asks,
            &format!(", the Contact of {writer} ({}),", case.when(contact.signal)),
        ),
        fact_certainty: Certainty::Certain,
        cause: format!(
            "{} What {asks} had to send inside the call could not be sent.",
            refusal.cause()
        ),
        owner: refusal.owner(side_of(case, contact.asks), side),
        to_act: Some(side.into()),
        certainty: Certainty::Likely,
        by: Some(contact.asks),
        severity: None,
        next: format!(
            "Let {writer} keep its own connection open and be reached over it (RFC 5626), or let it name an address in \
             its Contact at which it takes connections."
        ),
    };
    let finding = rule.finding(case, [contact.signal], conclusion)?;
    Some(finding.explaining(IN_DIALOG))
}

/// Where the requests inside a dialog have to go by a message.
struct Contact<'a> {
    signal: &'a Arc<Signal>,
    writer: SocketAddr,
    /// Who has to send there.
    asks: SocketAddr,
    target: SocketAddr,
}

/// The Contacts of both ends of a hop that are addresses, and after which nothing else is asked first.
fn contacts(hop: &Hop) -> Vec<Contact<'_>> {
    let invite = hop.first_invite().map(|it| (it, hop.client, hop.server));
    let answer = hop.final_response().map(|it| (it, hop.server, hop.client));
    let both = invite.into_iter().chain(answer);
    both.filter_map(|(signal, writer, asks)| {
        let message = signal.message();
        if message.header(Name::RecordRoute).is_some() {
            return None;
        }
        let uri = message.contact()?.uri;
        let asks_tls = uri.scheme == "sips"
            || uri
                .param("transport")
                .is_some_and(|it| it.eq_ignore_ascii_case("tls"));
        let port = uri.port.unwrap_or(if asks_tls { 5061 } else { 5060 });
        let target = SocketAddr::new(uri.host.parse().ok()?, port);
        Some(Contact {
            signal,
            writer,
            asks,
            target,
        })
    })
    .collect()
}
