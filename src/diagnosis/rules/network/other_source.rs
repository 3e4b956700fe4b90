//! Answers that came from another address than was asked. Judges no answer.

use std::sync::Arc;

use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::ending::ended::side_of;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Hop, Signal};

pub(super) static ANSWERED_FROM_ELSEWHERE: Rule = Rule {
    id: "answered-from-elsewhere",
    family: "network",
    severity: Severity::Info,
    bearing: Bearing::Trouble,
    finds: "Answers to an INVITE that came from another IP address than it was sent to. A warning where that address is \
            not known to belong to the same peer.",
    matters: "Many clients and firewalls do not take such answers; and a ticket goes to the owner of the wrong address.",
    remedy: "Have the peer answer from the address that is asked; write all its addresses into the configuration.",
    silent: "Only the port is another one.",
    source: "RFC 3581 section 4; RFC 3261 section 18.2.2",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        let mut hops = case.call.hops.iter();
        hops.find_map(|hop| elsewhere(rule, case, hop))
            .into_iter()
            .collect()
    }),
};

fn elsewhere(rule: &Rule, case: &Case<'_>, hop: &Hop) -> Option<Finding> {
    let invite = hop.first_invite()?;
    let asked = invite.destination();
    let answers = hop.invites.iter().flat_map(|invite| &invite.responses);
    let others: Vec<&Arc<Signal>> = answers
        .filter(|answer| answer.source().ip() != asked.ip())
        .collect();
    let (first, last) = (*others.first()?, *others.last()?);
    let by = case.call.node(first.source());
    let is_same_peer =
        case.roles.name(hop.server).is_some() && case.roles.name(hop.server) == case.roles.name(by);
    let (asked, answered) = (case.name(hop.server), case.name(by));
    let fact = format!(
        "{} sent the INVITE to {asked} ({}), and {answered} answered it (from {}).",
        case.name(hop.client),
        case.when(invite),
        case.when(first),
    );
    let blame = Blame {
        cause: "A client, or a firewall in front of it, need not take an answer from where it did not ask.".into(),
        owner: side_of(case, hop.server).into(),
        certainty: Certainty::Possible,
        next: format!("Ask the owner of {asked} whether {answered} is its own, and to answer from the address asked."),
    };
    let conclusion = Conclusion {
        severity: (!is_same_peer).then_some(Severity::Warning),
        ..Conclusion::certain(fact, by, blame)
    };
    rule.finding(case, [invite, first, last], conclusion)
}
