//! Inbound calls, to a number of ours: what a refusal says of the number's own settings, and whose number
//! it is, who its customer is and where the far leg really went.

use super::place::{ASK, went};
use super::refused::Read;
use super::{logged, row};
use crate::diagnosis::case::Case;
use crate::diagnosis::delivery::Delivery;
use crate::diagnosis::finding::{Conclusion, Field, Finding, Proof, Severity};
use crate::diagnosis::party::{Direction, Party};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::knowledge::Refused;
use crate::platform::CallRecord;
use crate::sip::{Certainty, Hop};

/// What the platform refused an inbound call for before it called anybody; nothing where its text says
/// that better.
pub(super) fn read(
    case: &Case<'_>,
    row: &CallRecord,
    refused: &Option<Refused<'_>>,
) -> Option<Read> {
    let make = |cause: String, party: Party, certainty: Certainty, next: String| Read {
        fact: number_and_customer(case, row),
        fields: row.to.iter().map(|to| logged("ou", to)).collect(),
        cause,
        party,
        to_act: None,
        certainty,
        next,
    };
    let number = row.to.as_deref().unwrap_or("the number");
    let is_routeless = match refused {
        Some(Refused::Text(it)) => {
            let text = it.entry.text.to_ascii_lowercase();
            ["not found", "no route available", "no rule available"].contains(&text.as_str())
        }
        _ => row.code == Some(404),
    };
    if is_routeless {
        return Some(make(
            "Nobody was called: the number is missing, disabled, or leads nowhere.".to_owned(),
            Party::Configuration,
            Certainty::Likely,
            format!(
                "Check that {number} is set up and enabled, with the right customer, a card of direction \
                 Origination and the right destination."
            ),
        ));
    }
    if matches!(refused, Some(Refused::Text(_) | Refused::Code(_))) {
        return None;
    }
    let customer = case.records?.customer.as_ref();
    if matches!(row.code, Some(408 | 430 | 480)) {
        let is_by_address =
            customer.is_some_and(|it| it.sip_users.is_empty() && !it.ips.is_empty());
        return Some(if is_by_address {
            make(
                "The customer is known by its address alone, and calls to it need an entry of their own."
                    .to_owned(),
                Party::Configuration,
                Certainty::Possible,
                "Look for a second entry of the customer's address with \"This endpoint receives calls\"."
                    .to_owned(),
            )
        } else {
            make(
                "Mostly the called user's device is not registered.".to_owned(),
                Party::Customer,
                Certainty::Possible,
                "Look whether the called user is registered, on this server or its cluster, and turn \
                 NAT/SIP ping on for it."
                    .to_owned(),
            )
        });
    }
    let has_attestation = row.raw.to_string().contains("stir_shaken_attest");
    let attestation = if has_attestation {
        ""
    } else {
        " The row names no attestation, and the least attestation asked for drops calls without any too."
    };
    Some(make(
        format!(
            "No text says why, and nobody was called: something holds such calls back on purpose.{attestation}"
        ),
        Party::Configuration,
        Certainty::Possible,
        format!(
            "Look at the least attestation asked for on {number}, at spam lists and blocked kinds of \
             sources, and at the limits of the number."
        ),
    ))
}

/// Which number of whose was called.
fn number_and_customer(case: &Case<'_>, row: &CallRecord) -> String {
    let of = case.records.and_then(|it| it.customer_name());
    match (&row.to, of) {
        (Some(number), Some(of)) => format!("; the number is {number} of {of}"),
        (Some(number), None) => format!("; the number is {number}, of which no customer is known"),
        (None, Some(of)) => format!("; the number is one of {of}"),
        (None, None) => String::new(),
    }
}

pub(super) static INBOUND_DELIVERY: Rule = Rule {
    id: "inbound-delivery",
    family: "record",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "An inbound call: the number that was called, its customer, and where the far leg really went.",
    matters: "Whether that is the right place only the settings of the number tell; the call itself shows \
              where it went.",
    remedy: "Compare it with the destination that is set for the number.",
    silent: "The call goes out, or nothing says that it comes in; or it was sent nowhere.",
    source: "The platform's documentation of inbound numbers; catalogue B1 to B3",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| delivery(rule, case).into_iter().collect()),
};

fn has_rung(hop: &Hop) -> bool {
    hop.decisive()
        .is_some_and(|it| it.progress().next().is_some())
}

fn delivery(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let row = row(case).filter(|_| case.roles.direction == Direction::Inbound)?;
    let delivery = Delivery::of(case)?;
    let hop = delivery.hop;
    let ended = match hop.final_code() {
        Some(code) => format!("it answered {code}"),
        None => "it gave no final answer".to_owned(),
    };
    let (cause, next) = match hop.final_code() {
        None => (
            "Where its own calls out work, the way in through its NAT is closed.",
            "Turn NAT/SIP ping on for the user, have it register more often or use TCP; check that it \
             is registered on this server or its cluster.",
        ),
        Some(404 | 484) => (
            "\"Retain DID\" decides whether the device sees the number that was called or its own user \
             name.",
            "Ask which of the two the device expects, and set \"Retain DID\" accordingly.",
        ),
        // What rang was reached.
        Some(408 | 480) if !has_rung(hop) => (
            "The device is not registered, or cannot be reached through its NAT.",
            "Turn NAT/SIP ping on for the user; check that it is registered on this server or its cluster.",
        ),
        Some(200..=299) if case.expected.is_none() => ("", ASK),
        _ => ("", ""),
    };
    let did = case.records.and_then(|it| it.did.as_ref());
    let set_up = match did {
        Some(did) if did.is_empty() => " The platform has nothing set up for it.".to_owned(),
        Some(did) => format!(" It is set up as: {}.", did.shown()),
        None => String::new(),
    };
    let registered = case.records.and_then(|it| it.registered.as_ref());
    let registered = match registered {
        Some((user, words)) if words.is_empty() => {
            format!(" The platform shows no registration of {user} now.")
        }
        Some((user, words)) => format!(" Registered now as {user}: {}.", words.shown()),
        None => String::new(),
    };
    let is_trouble = !cause.is_empty();
    rule.finding_of(
        case,
        Proof::packets([delivery.invite])
            .with([logged(
                "direction",
                row.direction.as_deref().unwrap_or("inbound"),
            )])
            .with(did.map(|it| Field::new("DID", "answer", it.shown()))),
        Conclusion {
            fact: format!(
                "The call came in{}; it went to {}, and {ended}.{set_up}{registered}",
                number_and_customer(case, row),
                went(&delivery),
            ),
            fact_certainty: Certainty::Certain,
            cause: cause.to_owned(),
            owner: Party::Undecided.into(),
            to_act: None,
            certainty: Certainty::Possible,
            by: Some(hop.server),
            severity: is_trouble.then_some(Severity::Warning),
            next: next.to_owned(),
        },
    )
}
