//! The rule on an account that is registered from several places at once.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::binding::contacts;
use super::{account, judge};
use crate::diagnosis::case::Case;
use crate::diagnosis::exchange::{Exchange, is_accepted};
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::Certainty;
use crate::sip::address::is_private;
use crate::sip::header::NameAddr;

pub(super) static REGISTERED_ELSEWHERE_TOO: Rule = Rule {
    id: "registered-elsewhere-too",
    family: "registration",
    severity: Severity::Info,
    bearing: Bearing::Trouble,
    finds: "The last 2xx to a REGISTER lists contacts at two or more public addresses.",
    matters: "Calls to the account ring at all of them; where nobody knows the other place, somebody else \
              has the password.",
    remedy: "Ask the account's owner whether all these places are theirs; if not, change the password.",
    silent: "All contacts are at one address, or at private ones of which the registrar does not say where \
             it saw them.",
    source: "RFC 3261 sections 10.2.1 and 10.3; catalogue R15",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| judge(rule, case, registered_elsewhere_too)),
};

fn registered_elsewhere_too(
    rule: &Rule,
    case: &Case<'_>,
    exchange: &Exchange<'_>,
) -> Option<Finding> {
    let last = exchange.turns.iter().rfind(|turn| is_accepted(turn))?;
    let (request, answer) = (last.request()?, last.final_response()?);
    let places: BTreeSet<IpAddr> = contacts(answer.message())
        .iter()
        .filter_map(place)
        .collect();
    if places.len() < 2 {
        return None;
    }
    const MOST_TOLD: usize = 5;
    let told: Vec<String> = places
        .iter()
        .take(MOST_TOLD)
        .map(IpAddr::to_string)
        .collect();
    let fact = format!(
        "{} is registered from {} public addresses at once ({}): {}{}.",
        account(request),
        places.len(),
        case.when(answer),
        told.join(", "),
        if places.len() > MOST_TOLD {
            " and others"
        } else {
            ""
        },
    );
    let blame = Blame {
        cause: "That is usual for an account with several devices; otherwise somebody else has its password."
            .into(),
        owner: Party::Undecided.into(),
        certainty: Certainty::Possible,
        next: "Ask the account's owner whether all these places are theirs.".into(),
    };
    let conclusion = Conclusion::certain(fact, exchange.server, blame);
    rule.finding(case, [request, answer], conclusion)
}

/// The public address at which a contact is: where the registrar saw it, else what it says itself.
fn place(contact: &NameAddr) -> Option<IpAddr> {
    let seen = contact.param("received").map(NameAddr::parse);
    let seen = seen.and_then(|seen| seen.uri.host.parse().ok());
    let own = || contact.uri.host.parse().ok();
    seen.or_else(own).filter(|ip| !is_private(*ip))
}
