//! The rule on INVITEs that went to the right host and to another port than DNS and the URI say.

use super::stuck::{around, target, words};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::resolution::Resolution;
use crate::diagnosis::rules::ending::ended::{is_silent, side_of};
use crate::diagnosis::rules::silence::deciding_hop;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Transport};

pub(super) static SRV_PORT_IGNORED: Rule = Rule {
    id: "srv-port-ignored",
    family: "dns",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An INVITE that nobody answered and that went to an address which DNS had given to its sender for the name in \
            its Route or Request-URI, but to another port: the URI has none and the SRV records for this transport name \
            others; or the URI has one, and the port of an SRV record was taken instead.",
    matters: "The host is up and the trace shows only a silence: at that port nobody listens for these calls.",
    remedy: "Let the sender take the port of the SRV record where the URI has none, and that of the URI where it has one; \
             or set the port in the route.",
    silent: "The INVITE was answered: then somebody listens there all the same. The SRV records were not asked for, or \
             were known before, so that no packet shows them.",
    source: "RFC 3263 section 4.2; RFC 2782; catalogue L6",
    explains: &[
        "no-response",
        "request-timeout",
        "server-failure",
        "other-refusal",
        "caller-gave-up",
        "platform-gave-up",
        "cancel-unanswered",
        "icmp-unreachable",
    ],
    limits: &[],
    check: Check::Call(|rule, case| srv_port_ignored(rule, case).into_iter().collect()),
};

fn srv_port_ignored(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    if case.observed.dns.is_empty() {
        return None;
    }
    let hop = deciding_hop(case)?;
    let last = hop.invites.last()?;
    let invite = last.request()?;
    if !last.responses.is_empty() || !is_silent(last, case.seen_until) {
        return None;
    }
    let (name, written) = target(invite.message())?;
    let asked = Resolution::of(case, hop.client, &name, around(invite))?;
    let went = invite.destination();
    let transport = match invite.packet.transport {
        Transport::Udp => "_udp",
        _ => "_tcp",
    };
    let ports: Vec<u16> = asked.services(Some(transport)).map(|it| it.0).collect();
    let is_its = asked.leads_to(went.ip());
    let right = match written {
        Some(port) => (port != went.port() && ports.contains(&went.port())).then_some(port),
        None => ports
            .first()
            .copied()
            .filter(|_| !ports.contains(&went.port())),
    };
    let right = right.filter(|_| is_its)?;
    let (sender, side) = (case.name(hop.client), side_of(case, hop.client));
    let (says, cause) = match written {
        Some(_) => (
            format!("{name}:{right} stands in its URI"),
            "A port in the URI goes before DNS, and only the address is to be asked for then.",
        ),
        None => (
            format!("the SRV records name port {right}"),
            "Where a URI has no port, that of the SRV record holds, and no default.",
        ),
    };
    let fact = format!(
        "{sender} sent the INVITE ({}) to {went}, the address of {name}, and got no answer; {says} (DNS: {}).",
        case.when(invite),
        words(case, &asked),
    );
    let conclusion = Conclusion::certain(
        fact,
        hop.client,
        Blame {
            cause: cause.to_owned(),
            owner: side.into(),
            certainty: match asked.is_own {
                true => Certainty::Likely,
                false => Certainty::Possible,
            },
            next: format!(
                "On {sender}: send calls for {name} to port {right}, by its SRV look-up or by the port set in the route."
            ),
        },
    );
    rule.finding(case, last.requests.iter(), conclusion)
}
