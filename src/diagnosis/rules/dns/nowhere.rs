//! The rule on SRV records that lead to no host.

use super::stuck::{FOLLOWS, Stuck, Verdict, stuck};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::resolution::{End, Outcome};
use crate::diagnosis::rules::ending::ended::side_of;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::Certainty;

pub(super) static SRV_POINTS_NOWHERE: Rule = Rule {
    id: "srv-points-nowhere",
    family: "dns",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "DNS packets in which a node of the call got SRV records for the name that its request had to go to, or \
            meanwhile for a SIP service, and no host behind them: the target is \".\", which says that nobody serves \
            there, or the address of each target was asked for in vain. After that it refused the INVITE with 404, 408, \
            478, 480, 5xx or 604, or sent no ACK to a 2xx that was repeated.",
    matters: "Who finds an SRV record may not fall back to the address of the name itself: the domain is out of reach for \
              all who follow the standard, and well for those who do not.",
    remedy: "Have the owner of the domain name hosts in its SRV records that have an A or AAAA record, and no alias.",
    silent: "One target has an address, also one that came along with the SRV records; or the addresses were not asked \
             for where this was captured. A warning where the refusal names another reason.",
    source: "RFC 2782; RFC 3263 section 4.2; catalogue L6",
    explains: FOLLOWS,
    limits: &[],
    check: Check::Call(srv_points_nowhere),
};

fn srv_points_nowhere(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let all = stuck(case);
    let found = all.iter().filter_map(|stuck| {
        let verdict = match &stuck.end {
            End::NotServed => not_served(stuck),
            End::Dead { targets, outcome } => dead(case, stuck, targets, *outcome),
            _ => return None,
        };
        stuck.finding(rule, case, verdict)
    });
    found.take(1).collect()
}

fn not_served(stuck: &Stuck<'_>) -> Verdict {
    let name = &stuck.asked.name;
    Verdict {
        cause: format!(
            "The SRV records of {name} have \".\" for a target: its owner says that no SIP is served there."
        ),
        owner: stuck.writer,
        to_act: stuck.writer,
        at_most: Certainty::Likely,
        next: format!(
            "Use another name than {name} where it was set, or ask the owner of the domain which transport it serves."
        ),
    }
}

fn dead(case: &Case<'_>, stuck: &Stuck<'_>, targets: &[&str], outcome: Outcome) -> Verdict {
    /// More of them say no more.
    const MOST_SHOWN: usize = 4;
    let name = &stuck.asked.name;
    let shown = targets
        .iter()
        .take(MOST_SHOWN)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    let none = match targets {
        [_] => "which has no address",
        _ => "none of which has an address",
    };
    let cause = format!("The SRV records of {name} lead to {shown}, {none}.");
    match outcome {
        Outcome::NoName | Outcome::NoRecord => Verdict {
            cause,
            owner: stuck.writer,
            to_act: stuck.writer,
            at_most: Certainty::Likely,
            next: format!(
                "Have the owner of {name} give {shown} an A or AAAA record, or name another host in the SRV records."
            ),
        },
        _ => Verdict {
            cause: format!(
                "The SRV records of {name} lead to {shown}, and what their address is was not answered."
            ),
            owner: Party::Undecided.into(),
            to_act: side_of(case, stuck.node).into(),
            at_most: Certainty::Possible,
            next: format!(
                "On {}: look up the address of {shown} at its DNS server and at another one.",
                case.name(stuck.node)
            ),
        },
    }
}
