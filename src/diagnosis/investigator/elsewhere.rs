//! Where else to look for a call that was not found, in order, and who can look first. What no log can
//! tell is said with the very address or number to look for. Asks nobody.

use std::net::IpAddr;

use jiff::SignedDuration;

use super::platform::{LOG_KEPT, TRACE_KEPT};
use crate::call::{CallQuery, Direction, Symptom, Term};
use crate::diagnosis::firewall::Standing;
use crate::diagnosis::party::Party;

/// What comes first where something could not be asked.
pub(super) const ASK_FIRST: &str = "See to it that everything can be asked: `calltriage doctor` says what is wrong and how to mend it.";

/// Where no call has all that a scope names.
pub(super) const IN_SCOPE: &str =
    "Check customer, carrier, destination and time (UTC) of the question: no call has all of them.";

const CAPTURE: &str = "tcpdump -ni any -s0 -w call.pcap port 5060";

/// Where only captures were searched.
pub(super) fn of_captures(query: &CallQuery) -> Vec<String> {
    let mut next = vec![format!("Check {}, and the day (UTC).", to_check(query))];
    next.extend(without_window(query));
    next.push(format!(
        "If it is right, the call may never have arrived: a firewall, a wrong address or port. \
         Ask the sender for a capture: {CAPTURE}."
    ));
    next
}

/// Where a platform's log was searched: what it keeps, what it never logs, and who sent the call.
/// `is_searched`: whether any of it answered, so that what was asked for may be mistyped.
pub(super) fn of_platform(
    query: &CallQuery,
    standing: &Standing,
    is_searched: bool,
) -> (Party, Vec<String>) {
    let mut next = Vec::new();
    let address = address(query);
    let number = query.terms.iter().find_map(|term| match term {
        Term::Number(number) => Some(number.digits.as_str()),
        _ => None,
    });
    let is_inbound = query.scope.direction == Some(Direction::Inbound)
        || query.symptoms.contains(&Symptom::NotDelivered);
    let firewall = match address {
        Some(ip) => standing.next(ip),
        None => Some("Look for the sender's address in the platform's firewall (Setup > Advanced > Firewall): \
                 what it blocks is never logged. After removing the entry wait 15 minutes."
            .to_owned()),
    };
    let days = |kept: SignedDuration| kept.as_hours() / 24;
    let check = is_searched.then(|| {
        format!(
            "Check {}, and the day (UTC): the platform keeps its log for {} days and messages for {} days.",
            to_check(query),
            days(LOG_KEPT),
            days(TRACE_KEPT)
        )
    });
    let sender = if is_inbound {
        let number = number.unwrap_or("the number");
        format!(
            "Ask the carrier whether it sends {number} to our address, with a capture that shows it: \
             {CAPTURE}."
        )
    } else {
        format!(
            "If it is right, the call may never have arrived: check host, port and transport that the sender \
             sends to, and ask it for a capture: {CAPTURE}."
        )
    };
    let to_act = match (address, is_inbound) {
        (Some(_), _) => {
            let to_act = match firewall {
                Some(_) => Party::Configuration,
                None => Party::Undecided,
            };
            next.extend(firewall);
            next.extend(check);
            next.push(sender);
            to_act
        }
        (None, true) => {
            next.push(sender);
            next.extend(firewall);
            next.extend(check);
            Party::Carrier
        }
        (None, false) => {
            next.extend(check);
            next.extend(of_carriers_side(query));
            next.extend(firewall);
            next.push(sender);
            Party::Undecided
        }
    };
    next.extend(without_window(query));
    (to_act, next)
}

/// What of a query may be written wrong.
pub(super) fn to_check(query: &CallQuery) -> String {
    let has = |is_it: fn(&Term) -> bool| query.terms.iter().any(is_it);
    let has_number = has(|it| matches!(it, Term::Number(_)));
    let written = match (has(Term::is_call_id), has_number) {
        (true, true) => "the id letter by letter, the number in its other forms",
        (true, false) => "the id letter by letter",
        (false, true) => "the number in its other forms",
        (false, false) if address(query).is_some() => "the address",
        (false, false) => "the name letter by letter",
    };
    match &query.scope.customer {
        Some(customer) => format!("{written}, the customer {customer}"),
        None => written.to_owned(),
    }
}

/// The first address that a query names.
pub(super) fn address(query: &CallQuery) -> Option<IpAddr> {
    query.terms.iter().find_map(|term| match term {
        Term::Address { ip, .. } => Some(*ip),
        _ => None,
    })
}

/// A carrier knows a call by another Call-ID than the customer does, and the log may not find it by that.
fn of_carriers_side(query: &CallQuery) -> Option<String> {
    let is_it = |term: &Term| matches!(term, Term::OutgoingCallId(_));
    query.terms.iter().any(is_it).then(|| {
        "This id is one of the carrier's side: ask with the Call-ID of the customer's side, or with number \
         and time."
            .to_owned()
    })
}

fn without_window(query: &CallQuery) -> Option<String> {
    query
        .window
        .is_some()
        .then(|| "Ask again without the time, in case the clock or the zone is off.".to_owned())
}
