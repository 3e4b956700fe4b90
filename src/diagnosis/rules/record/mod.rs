//! Rules on what the platform's own records say of a call: its log, its bills, what RTCP told it. Where
//! packets tell the same, the packets speak; where the two disagree, they win and that is said.

mod agent;
mod attempts;
mod balance;
pub(super) mod billing;
pub(in crate::diagnosis) mod caller_id;
mod credit;
mod dialogs;
mod digits;
mod disagrees;
mod inbound;
mod legs;
mod not_registered;
pub(in crate::diagnosis) mod place;
mod quality;
mod refused;
mod registering;
pub(in crate::diagnosis) mod released;
mod routes;
mod services;
mod settings;
mod siblings;
mod simulated;
mod source;
mod trace;
mod turning;

use jiff::Timestamp;

pub(super) use source::SCANNERS;

use super::Rule;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::Field;
use crate::platform::CallRecord;

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &refused::REFUSED_IN_LOG,
    &refused::CHALLENGE_IN_LOG,
    &simulated::SIMULATION_ROUTED,
    &attempts::CARRIERS_FAILED_IN_LOG,
    &siblings::REACHED_THROUGH_ANOTHER,
    &siblings::FAILS_EVERYWHERE,
    &routes::ROUTING_STOPPED,
    &inbound::INBOUND_DELIVERY,
    &place::WRONG_DESTINATION,
    &place::RIGHT_DESTINATION,
    &caller_id::CALLER_ID_NOT_OWN,
    &credit::CUSTOMER_CANNOT_DIAL,
    &balance::BALANCE_RAN_OUT,
    &released::RELEASED_IN_LOG,
    &billing::BILLED_LONGER_THAN_TALKED,
    &billing::BILLED_UNANSWERED,
    &quality::POOR_QUALITY_REPORTED,
    &turning::QUALITY_TURNED,
    &disagrees::LOG_AND_PACKETS_DISAGREE,
    &services::SERVICE_ENDED_CALL,
    &services::SERVICE_TOOK_PART,
    &agent::AGENT_TOOK_PART,
    &dialogs::ENDED_IN_DIALOGS,
    &dialogs::LISTED_IN_DIALOGS,
    &digits::DIGITS_NOT_AGREED,
    &registering::REGISTRATION_USER_UNKNOWN,
    &registering::REGISTRATION_ADDRESS_NOT_ALLOWED,
    &registering::REGISTRATION_LOST,
    &not_registered::REGISTRATION_BLOCKED,
    &not_registered::REGISTRATION_NOT_LOGGED,
    &not_registered::REGISTRATION_NOT_CHECKED,
    &trace::TRACE_NOT_HELD,
    &trace::TRACE_EXPIRES_SOON,
    &trace::MAY_STILL_BE_UP,
];

/// The row of the log.
fn row<'a>(case: &Case<'a>) -> Option<&'a CallRecord> {
    case.records?.row.as_ref()
}

/// Whether nothing but the row speaks of the call.
fn is_row_alone(case: &Case<'_>) -> bool {
    case.call.signals.is_empty()
}

/// What a row stands in.
fn log_name(row: &CallRecord) -> &'static str {
    if row.is_of_billing {
        "call detail record"
    } else {
        "log"
    }
}

/// What fields of the platform's log name as their record.
pub(in crate::diagnosis) const LOG: &str = "call log";

/// A field of the row.
fn logged(name: &str, value: impl ToString) -> Field {
    Field::new(LOG, name, value)
}

/// Code and reason of the row, as people say them, with the fields that prove it.
fn verdict_of(row: &CallRecord) -> Option<(String, Vec<Field>)> {
    let code = row.code.map(|code| code.to_string());
    let reason = row
        .reason
        .as_deref()
        .map(str::trim)
        .filter(|it| !it.is_empty());
    let said = match (&code, reason) {
        (Some(code), Some(reason)) => format!("{code} {reason}"),
        (Some(code), None) => code.clone(),
        (None, Some(reason)) => reason.to_owned(),
        (None, None) => return None,
    };
    let fields = [
        code.map(|code| logged("sip_code", code)),
        reason.map(|reason| logged("sip_reason", reason)),
    ];
    Some((said, fields.into_iter().flatten().collect()))
}

/// A moment as sentences say it.
fn moment(at: Timestamp) -> String {
    at.strftime("%F %T UTC").to_string()
}

/// Whether a release reason speaks of a BYE, be it one that is known or not.
fn speaks_of_bye(reason: &str) -> bool {
    reason.to_ascii_lowercase().contains("bye")
}

/// A text as a sentence of its own.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}
