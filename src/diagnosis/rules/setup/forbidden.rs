//! Calls that somebody forbade: 403 and its reasons.

use super::{
    Reading, at_once, by_location, caller_id, leaves_open, over_limit, refused, refused_alike,
    who_checks,
};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::Severity;
use crate::diagnosis::party::Side;
use crate::diagnosis::refusal::{Kind, Refusal};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::Certainty;

pub(super) static CALL_FORBIDDEN: Rule = Rule {
    id: "call-forbidden",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "403 to the INVITE, or Q.850 cause 55, 57 or 87 with another code.",
    matters: "Somebody decided not to let this call through; retrying does not help.",
    remedy: "Compare caller ID, number format and prefix with a call that passes on this route; \
             look at credit and limits there; then ask whoever answered.",
    silent: "The platform refused it by itself, or a Q.850 cause says something else.",
    source: "RFC 3261 section 21.4.4; catalogue S403a to S403e, attribution modifiers 4 and 5",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        refused(rule, case, Kind::Forbidden, |refusal| {
            forbidden(case, refusal)
        })
    }),
};

fn forbidden(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    if refusal.speaks_of_signature() {
        return Reading::undecided(
            case,
            refusal,
            "The text speaks of the call's signature (STIR): whoever signed it, or delayed it \
             after that.",
            "See on which leg the Identity header was added, and compare its time with the INVITE's.",
        );
    }
    if refusal.speaks_of_caller_id() {
        return caller_id(
            case,
            refusal,
            "The text speaks of the caller ID.",
            "Send a caller ID that the customer owns, in E.164.",
        );
    }
    if refusal.speaks_of_limit() {
        return over_limit(case, refusal);
    }
    if refusal.speaks_of_destination() {
        return Reading::new(
            case.roles.side(refusal.origin.hop.client),
            Certainty::Likely,
            "The text speaks of the destination: it is barred for the sender there.",
            "See whether the sender's account with the one who answered allows this destination; international and \
             premium numbers are often off until asked for.",
        );
    }
    if let Some(reading) = by_location(case, refusal) {
        return reading;
    }
    if refused_alike(case, refusal, &[403]) {
        return caller_id(
            case,
            refusal,
            "Several routes refuse it alike: most often because of the caller ID.",
            "Try the same number with a caller ID that is known to pass.",
        );
    }
    let (next, acts) = if case.roles.calls_a_customer() {
        (
            "Ask the customer what its device forbids: which addresses, caller IDs and numbers it takes calls from and for.",
            Side::CalledPeer,
        )
    } else {
        (
            "Compare caller ID, prefix and our credit on this route with a call that passes; then ask the one who \
             answered, with its Call-ID and the time.",
            who_checks(case, refusal),
        )
    };
    if leaves_open(case, refusal) {
        return at_once(case, refusal, next).acts(acts);
    }
    Reading::new(
        Side::CalledPeer,
        Certainty::Possible,
        "It does not say why: caller ID, prefix, credit or permission.",
        next,
    )
    .acts(acts)
}
