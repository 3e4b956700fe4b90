//! The rule on names whose address is a node that the call had passed already.

use std::net::IpAddr;

use super::stuck::{around, target, words};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::resolution::{End, Resolution};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::code_and_phrase;
use crate::sip::{Certainty, Method};

pub(super) static NAME_LEADS_BACK: Rule = Rule {
    id: "name-leads-back",
    family: "dns",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "An INVITE that was refused with 482 or 483, for a name in its Route or Request-URI of which DNS told its \
            sender no other address than its own, or that of a node that the INVITE had come over: where it went next.",
    matters: "It is the step at which the call turns back, of a circle on which every node did as it was told.",
    remedy: "Let the sender know that it serves the name itself, or correct the record so that it names the machine \
             behind it.",
    silent: "The call was not refused for a loop: a node may look its own name up. Or the address was known before, so \
             that no packet shows it; routing-loop shows the circle.",
    source: "RFC 3263 section 4; RFC 3261 sections 16.3 and 16.5; catalogue L6",
    explains: &[
        "routing-loop",
        "hops-spent",
        "max-forwards-kept",
        "request-rejected",
        "refused-by-platform",
    ],
    limits: &[],
    check: Check::Call(|rule, case| name_leads_back(rule, case).into_iter().collect()),
};

/// INVITEs of one call that are looked at.
const MOST: usize = 64;

fn name_leads_back(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    if case.observed.dns.is_empty() {
        return None;
    }
    let invites = case.call.with_method(Method::Invite);
    let looped = invites.filter(|it| !it.in_dialog && matches!(it.final_code(), Some(482 | 483)));
    looped.take(MOST).find_map(|invite| {
        let (request, answer) = (invite.request()?, invite.final_response()?);
        let message = request.message();
        let (name, _) = target(message)?;
        let node = invite.client;
        let asked = Resolution::of(case, node, &name, around(request))?;
        let End::Found(addresses) = asked.end() else {
            return None;
        };
        let mut passed: Vec<IpAddr> = message.vias().iter().filter_map(|it| it.address()).collect();
        passed.push(node.ip());
        let leads_back = addresses.iter().all(|(ip, _)| passed.contains(ip));
        let went = request.destination();
        let is_taken = addresses.iter().any(|(ip, _)| *ip == went.ip());
        if !leads_back || !is_taken {
            return None;
        }
        let whose = match went.ip() == node.ip() {
            true => "itself".to_owned(),
            false => format!("{}, over which it had come", case.name(invite.server)),
        };
        let name_of_node = case.name(node);
        let conclusion = Conclusion {
            fact: format!(
                "{name_of_node} sent the INVITE ({}) for {name} to {whose}, as DNS had told it ({}), and it was refused \
                 with {}.",
                case.when(request),
                words(case, &asked),
                code_and_phrase(answer),
            ),
            fact_certainty: Certainty::Certain,
            cause: format!(
                "{name_of_node} does not take {name} for its own, or the record names the wrong machine."
            ),
            owner: case.roles.forwarder(node),
            to_act: None,
            certainty: match asked.is_own {
                true => Certainty::Likely,
                false => Certainty::Possible,
            },
            by: Some(node),
            severity: None,
            next: format!(
                "On {name_of_node}: see whether {name} is among the domains that it serves itself; else correct its \
                 address in DNS."
            ),
        };
        rule.finding(case, [request, answer], conclusion)
    })
}
