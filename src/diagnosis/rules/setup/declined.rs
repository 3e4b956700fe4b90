//! Calls that somebody did not want: a person, a device or an analytics service.

use super::{Reading, by_location, caller_id, refused, refused_alike};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::Severity;
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::refusal::{Kind, Refusal};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Name};

pub(super) static CALL_DECLINED: Rule = Rule {
    id: "call-declined",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "603, 607 or 608 to the INVITE, or Q.850 cause 21 with a code other than 403.",
    matters: "A person, a device or an analytics service did not want this call.",
    remedy: "After ringing: none. Without: look for block lists and the reputation of the caller ID.",
    silent: "The platform declined it by itself, or a Q.850 cause says something else.",
    source: "RFC 3261 section 21.6.2; RFC 8197; RFC 8688; ATIS-1000099; catalogue S603, S607, S608, \
             I21, attribution modifier 5",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        refused(rule, case, Kind::Declined, |refusal| {
            declined(case, refusal)
        })
    }),
};

fn declined(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    const CODES: [u16; 3] = [603, 607, 608];
    let message = refusal.origin.answer.message();
    if refusal.is_by_analytics() {
        let said = || message.reasons().into_iter().map(|reason| reason.text);
        let contact = match message.header(Name::CallInfo) {
            Some(info) => Some(info.into_owned()),
            None => said().find(|text| !text.is_empty()),
        };
        let contact = contact.map_or(String::new(), |info| format!(" It names: {info}."));
        let next = if contact.is_empty() {
            "The owner of the caller ID asks the one who answered for redress; trying other routes \
             makes it worse."
        } else {
            "The owner of the caller ID seeks redress at the contact given; trying other routes \
             makes it worse."
        };
        return Reading::new(
            Side::Caller,
            Certainty::Likely,
            &format!("A network's analytics blocked the caller ID.{contact}"),
            next,
        );
    }
    if refusal.code == 607 {
        return Reading::new(
            Side::CalledUser,
            Certainty::Likely,
            "The called user marked calls of this caller as unwanted.",
            "The caller should not call this user again.",
        )
        .acts(Side::Caller);
    }
    if refusal.ringing.is_some() {
        return Reading::new(
            Side::CalledUser,
            Certainty::Likely,
            "It rang, and the person or the device declined.",
            "Nothing to repair.",
        )
        .acts(Party::Nobody)
        .severity(Severity::Info);
    }
    if let Some(reading) = by_location(case, refusal) {
        return reading;
    }
    if refused_alike(case, refusal, &CODES) {
        return caller_id(
            case,
            refusal,
            "Several routes decline it alike: most often because of the caller ID.",
            "Check the reputation of the caller ID; try one that is known to pass.",
        );
    }
    if case.roles.calls_a_customer() {
        return Reading::new(
            Side::CalledPeer,
            Certainty::Likely,
            "The called device declined without ringing: do not disturb, or a block list in it.",
            "Ask the customer to look at do not disturb and block lists of the device.",
        );
    }
    Reading::undecided(
        case,
        refusal,
        "Declined without ringing and without a mark: do not disturb, a block list or the carrier.",
        "Look at block lists; call the number from another caller ID and compare.",
    )
}
