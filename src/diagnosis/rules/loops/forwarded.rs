//! The rule on calls that were forwarded from number to number too often.

use super::severity;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::sip::header::{Diversion, Forwarded, HistoryEntry};
use crate::sip::{Certainty, Signal};

static MANY: Limit = Limit {
    key: "forwarded-too-often.many",
    what: "how many times a call may be forwarded is no more ordinary",
    default: Figure::Count(5),
};

pub(super) static FORWARDED_TOO_OFTEN: Rule = Rule {
    id: "forwarded-too-often",
    family: "loops",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "An INVITE whose Diversion or History-Info headers tell of 5 forwardings or more; only a note \
            where the call was answered.",
    matters: "Networks refuse such calls, and two numbers that forward to each other look like this.",
    remedy: "Shorten the chain: let the first number forward to the last one.",
    silent: "Fewer are told. A node on the way may have taken the headers away.",
    source: "RFC 5806 section 10; RFC 7044; catalogue L5",
    explains: &[],
    limits: &[&MANY],
    check: Check::Call(|rule, case| forwarded_too_often(rule, case).into_iter().collect()),
};

fn forwarded_too_often(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let many = case.tuning.count(&MANY);
    let invites = case.call.hops.iter().filter_map(|hop| hop.first_invite());
    let told = invites.map(|invite| (forwardings(invite), invite));
    let (count, invite) = told.rev().max_by_key(|(count, _)| *count)?;
    if count < many {
        return None;
    }
    let numbers = chain(invite);
    rule.finding(
        case,
        [invite],
        Conclusion {
            fact: format!(
                "By its headers the call had been forwarded {count} times ({}){}.",
                case.when(invite),
                match numbers {
                    0 | 1 => String::new(),
                    numbers => format!(", over {numbers} different numbers"),
                }
            ),
            fact_certainty: Certainty::Certain,
            cause: "Who set up these forwardings cannot be told from one call.".to_owned(),
            owner: Party::Undecided.into(),
            to_act: None,
            certainty: Certainty::Possible,
            by: None,
            severity: Some(severity(case)),
            next: "Ask the owners of these numbers where each forwards to; two that forward to each other \
                   never end."
                .to_owned(),
        },
    )
}

/// How often the call was forwarded: the entries of Diversion with their own counts, or the changes of
/// target that History-Info tells, whichever tell of more.
fn forwardings(invite: &Signal) -> u64 {
    let diverted = invite.message().diversions();
    let counted = |one: &Diversion| u64::from(one.counter.unwrap_or(1).max(1));
    let diversions = diverted.iter().map(counted).fold(0, u64::saturating_add);
    let entries = invite.message().history();
    // That a user was found at a contact of theirs is no forwarding.
    let is_change = |entry: &&HistoryEntry| {
        matches!(entry.forwarded, Some(Forwarded::OtherUser(_))) || entry.cause.is_some()
    };
    let changes = entries.iter().filter(is_change).count();
    diversions.max(u64::try_from(changes).unwrap_or(u64::MAX))
}

/// How many different numbers forwarded it, by Diversion.
fn chain(invite: &Signal) -> usize {
    let diverted = invite.message().diversions();
    let users: std::collections::HashSet<_> = diverted
        .into_iter()
        .filter_map(|one| one.address.uri.user)
        .collect();
    users.len()
}
