//! What other calls to the same number say, where the evidence of one call leaves carrier and called side
//! open: a number that is reached through another carrier is not at fault.

use jiff::SignedDuration;

use super::{logged, moment, row};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Proof, Severity};
use crate::diagnosis::party::{Direction, Side};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::platform::{CallRecord, Id, Records};
use crate::sip::Certainty;

/// Calls further away in time say little of this one.
const NEAR: SignedDuration = SignedDuration::from_hours(24);

/// Codes with which a carrier, or the called side behind it, refuses a number.
const OPEN: [u16; 12] = [403, 404, 408, 410, 480, 484, 486, 500, 502, 503, 504, 604];

pub(super) static REACHED_THROUGH_ANOTHER: Rule = Rule {
    id: "reached-through-another-carrier",
    family: "record",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "A call that one carrier refused in a way that may be the called side's, while another call \
            to the same number within a day was answered through another carrier.",
    matters: "The number exists and can be reached: the cause is with the carrier that refused it.",
    remedy: "Report it to that carrier with both calls; take it out of the route for this destination if \
             it goes on.",
    silent: "No other carrier was tried for the number within a day, or none was answered; the called \
             user was busy (486): that may be so in one call alone.",
    source: "The platform's documentation of carrier fail-over; catalogue, attribution modifier 3",
    explains: &[
        "number-not-found",
        "called-unavailable",
        "call-forbidden",
        "server-failure",
        "request-timeout",
        "carrier-no-circuit",
        "carriers-failed-in-log",
    ],
    limits: &[],
    check: Check::Call(|rule, case| reached(rule, case).into_iter().collect()),
};

fn reached(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let (records, failed) = failed_at(case)?;
    // A line may be busy in one call and free in the next.
    if failed.code == 486 {
        return None;
    }
    let other = siblings(records, case)
        .find(|(_, carrier)| carrier.is_some_and(|carrier| carrier != failed.carrier))?;
    let (call, carrier) = (other.0, other.1?);
    call.answered.as_ref()?;
    let (this, that) = (
        records.carrier_name(failed.carrier),
        records.carrier_name(carrier),
    );
    let number = call.to.as_deref().unwrap_or_default();
    let at = call.started.map(moment).unwrap_or_default();
    rule.finding_of(
        case,
        Proof::fields([
            logged("sip_code", failed.code),
            logged("callid of the other call", call.call_id.as_deref().unwrap_or_default()),
        ]),
        Conclusion {
            fact: format!(
                "{this} refused the call with {}, and a call to {number} was answered through {that} \
                 ({at}).",
                failed.code
            ),
            fact_certainty: Certainty::Certain,
            cause: "The number can be reached: the cause is with the carrier that refused it.".to_owned(),
            owner: Side::CalledPeer.into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: None,
            severity: None,
            next: format!("Report it to {this} with both Call-IDs."),
        },
    )
}

pub(super) static FAILS_EVERYWHERE: Rule = Rule {
    id: "fails-through-every-carrier",
    family: "record",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "A call that one carrier refused, while calls to the same number within a day were refused \
            with the same code through at least one other carrier, and none was answered.",
    matters: "Carriers that have nothing to do with each other agree: the cause lies behind them.",
    remedy: "Check the number with whoever gave it; nothing is to be reported to the carriers.",
    silent: "One carrier alone was tried, or the codes differ, or a call was answered.",
    source: "The platform's documentation of carrier fail-over; catalogue, attribution modifier 3",
    explains: &[
        "number-not-found",
        "called-unavailable",
        "called-busy",
        "carriers-failed-in-log",
    ],
    limits: &[],
    check: Check::Call(|rule, case| fails_everywhere(rule, case).into_iter().collect()),
};

fn fails_everywhere(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let (records, failed) = failed_at(case)?;
    if !matches!(failed.code, 404 | 410 | 480 | 484 | 486 | 604) {
        return None;
    }
    let others: Vec<(&CallRecord, Option<Id>)> = siblings(records, case).collect();
    let is_same = |(call, carrier): &&(&CallRecord, Option<Id>)| {
        carrier.is_some_and(|carrier| carrier != failed.carrier)
            && code_of(call) == Some(failed.code)
    };
    if others.iter().any(|(call, _)| call.answered.is_some()) {
        return None;
    }
    let (other, carrier) = others.iter().find(is_same)?;
    let (this, that) = (
        records.carrier_name(failed.carrier),
        records.carrier_name((*carrier)?),
    );
    rule.finding_of(
        case,
        Proof::fields([
            logged("sip_code", failed.code),
            logged("callid of the other call", other.call_id.as_deref().unwrap_or_default()),
        ]),
        Conclusion {
            fact: format!(
                "{this} and {that} both refused calls to this number with {}, and none was answered \
                 within a day.",
                failed.code
            ),
            fact_certainty: Certainty::Certain,
            cause: "Two carriers agree: the cause lies behind them, with the called number or user."
                .to_owned(),
            owner: Side::CalledUser.into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: None,
            severity: None,
            next: "Check the number with whoever gave it.".to_owned(),
        },
    )
}

/// Where and how the call failed.
struct Failed {
    carrier: Id,
    code: u16,
}

/// The one carrier that a call out was refused by, where its code leaves open whose cause it is.
fn failed_at<'a>(case: &Case<'a>) -> Option<(&'a Records, Failed)> {
    let row = row(case).filter(|row| row.answered.is_none() && case.answer().is_none())?;
    if case.roles.direction != Direction::Outbound {
        return None;
    }
    let last = row.attempts.last()?;
    let carrier = last.carrier_id?;
    let code = last.code.or(row.code).filter(|code| OPEN.contains(code))?;
    Some((case.records?, Failed { carrier, code }))
}

/// Other calls to the number near in time, with the carrier of each.
fn siblings<'a>(
    records: &'a Records,
    case: &Case<'a>,
) -> impl Iterator<Item = (&'a CallRecord, Option<Id>)> {
    let own = row(case);
    let started = own.and_then(|row| row.started);
    records
        .siblings
        .iter()
        .filter(move |it| own.is_none_or(|own| own.call_id != it.call_id))
        .filter(move |it| {
            let apart = it.started.zip(started);
            apart.is_some_and(|(a, b)| a.duration_since(b).abs() <= NEAR)
        })
        .map(|it| (it, it.carrier_ids().next_back()))
}

fn code_of(row: &CallRecord) -> Option<u16> {
    row.attempts.last().and_then(|it| it.code).or(row.code)
}
