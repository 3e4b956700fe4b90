//! The rule on requests that came back to a node which had sent them on.

use std::collections::HashMap;

use super::{explaining, refused_with};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::code_and_phrase;
use crate::sip::{Certainty, Hop, Signal, Transaction};

pub(super) static ROUTING_LOOP: Rule = Rule {
    id: "routing-loop",
    family: "loops",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An INVITE that was refused with 482 or 483 and whose Via headers, with the node that refused \
            it, name one node twice: the ring of nodes that it went round; or that came back to a node over legs \
            with Call-IDs of their own. A node that sent it to itself is a ring of one.",
    matters: "No node on the ring takes the call for its own, so that it can reach nobody.",
    remedy: "See on each node of the ring where it sends this number to, and break the ring where the \
             number should have left it.",
    silent: "The INVITE was not refused for it: a call may pass a node twice on purpose. Or each round got \
             a new Call-ID and not all of them were seen.",
    source: "RFC 3261 sections 16.3 and 21.4.20; RFC 5393; catalogue L1, L6",
    explains: &[
        "request-rejected",
        "refused-by-platform",
        "hops-spent",
        "max-forwards-kept",
    ],
    limits: &[],
    check: Check::Call(|rule, case| routing_loop(rule, case).into_iter().collect()),
};

/// More Via headers than that tell nothing new: each node has one.
const MOST: usize = 128;

fn routing_loop(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let refused = [482, 483]
        .into_iter()
        .flat_map(|code| refused_with(case, code));
    let (invite, request, answer, ring) =
        refused.take(MOST).find_map(|(invite, request, answer)| {
            let ring = ring(vias(request)).or_else(|| ring(hops(case, invite)))?;
            Some((invite, request, answer, ring))
        })?;
    let owner = owner(case, &ring);
    let fact = format!(
        "The INVITE went round in a circle: {} ({}); {} refused it with {}.",
        ring.join(" > "),
        case.when(request),
        case.name(invite.server),
        code_and_phrase(answer),
    );
    let cause = match (ring.as_slice(), owner) {
        ([node, _], Owner::Side(_)) => {
            format!("{node} sent it to itself: its own routing says so.")
        }
        _ => "One of them should have sent it elsewhere; which one, the packets do not tell."
            .to_owned(),
    };
    let found = rule.finding(
        case,
        [request, answer],
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause,
            owner,
            to_act: (owner == Party::Undecided.into()).then_some(Side::Platform.into()),
            certainty: match owner {
                Owner::Side(_) => Certainty::Likely,
                Owner::Party(_) => Certainty::Possible,
            },
            by: Some(invite.server),
            severity: None,
            next: "See on each node of this circle where it sends the number to; DNS names that lead back \
                   to the asker count too."
                .to_owned(),
        },
    );
    found.map(|found| explaining(case, answer.code().unwrap_or(482), found))
}

/// The nodes that a request went over, as its Via headers name them, and last the address that it was sent to.
fn vias(request: &Signal) -> Vec<String> {
    let vias = request.message().vias();
    let from = vias.len().saturating_sub(MOST);
    let passed = vias.iter().skip(from).rev().map(|via| {
        let port = via.port_or_default();
        match via.address() {
            Some(ip) => std::net::SocketAddr::new(ip, port).to_string(),
            None => format!("{}:{port}", via.host.to_ascii_lowercase()),
        }
    });
    passed.chain([request.destination().to_string()]).collect()
}

/// The nodes that the call went over until this INVITE, leg by leg.
fn hops(case: &Case<'_>, invite: &Transaction) -> Vec<String> {
    let is_its = |hop: &&Hop| {
        (hop.leg, hop.client, hop.server) == (invite.leg, invite.client, invite.server)
    };
    let mut nodes = vec![invite.server.to_string()];
    let mut next = case.call.hops.iter().find(is_its);
    while let Some(hop) = next.filter(|_| nodes.len() < MOST) {
        nodes.push(hop.client.to_string());
        next = case.call.upstream(hop);
    }
    nodes.reverse();
    nodes
}

/// The nodes of a way from the first that it came back to, up to there.
fn ring(nodes: Vec<String>) -> Option<Vec<String>> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (at, node) in nodes.iter().enumerate() {
        if let Some(first) = seen.insert(node, at) {
            return nodes.get(first..=at).map(<[String]>::to_vec);
        }
    }
    None
}

/// Whose the ring is: a node's that sent to itself. On a longer one each node got the call and sent it on, so
/// that its place on the way does not tell whose it is.
fn owner(case: &Case<'_>, ring: &[String]) -> Owner {
    match ring {
        [node, _] => node
            .parse()
            .map_or(Party::Undecided.into(), |node| case.roles.forwarder(node)),
        _ => Party::Undecided.into(),
    }
}
