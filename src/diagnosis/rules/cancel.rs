//! Rules on calls that somebody cancelled: who it was, and after what.

use std::sync::Arc;

use super::{Bearing, Rule};
use crate::diagnosis::case::{Case, seconds};
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::refusal::Refusal;
use crate::sip::{Certainty, Hop, Signal};

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &CALLER_GAVE_UP,
    &ANSWERED_ELSEWHERE,
    &PLATFORM_GAVE_UP,
    &CANCEL_UNSEEN,
];

/// The caller's CANCEL of a call that was not answered, with the hop it came in on.
fn callers_cancel<'a>(case: &Case<'a>) -> Option<(&'a Hop, &'a Arc<Signal>)> {
    let hop = case.call.ingress().filter(|_| case.answer().is_none())?;
    Some((hop, hop.cancel()?))
}

/// Whether a CANCEL says that another phone took the call (RFC 3326: SIP ;cause=200; Q.850 26).
fn says_answered_elsewhere(cancel: &Signal) -> bool {
    cancel.message.reasons().iter().any(|reason| {
        (reason.protocol.eq_ignore_ascii_case("SIP") && reason.cause == Some(200))
            || (reason.protocol.eq_ignore_ascii_case("Q.850") && reason.cause == Some(26))
    })
}

static CALLER_GAVE_UP: Rule = Rule {
    id: "caller-gave-up",
    family: "cancel",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "A CANCEL from the caller before anybody answered.",
    matters: "The call failed because the caller stopped waiting.",
    remedy: "None after ringing. Before ringing, look at why it took so long.",
    silent: "The CANCEL says that the call was answered elsewhere, or the platform cancelled.",
    source: "RFC 3261 section 9; catalogue X1",
    explains: &[],
    check: caller_gave_up,
};

fn caller_gave_up(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let Some((hop, cancel)) = callers_cancel(case) else {
        return Vec::new();
    };
    if says_answered_elsewhere(cancel) {
        return Vec::new();
    }
    let invite = hop.first_invite();
    let waited = |from: &Signal| seconds(cancel.at().duration_since(from.at()));
    let after = match (hop.ringing(), invite) {
        (Some(ringing), _) => format!("after {} of ringing", waited(ringing)),
        (None, Some(invite)) => {
            format!("{} after the INVITE, before anything rang", waited(invite))
        }
        (None, None) => "before anything rang".into(),
    };
    let fact = format!(
        "{} cancelled {after} ({}).",
        case.name(hop.client),
        case.when(cancel)
    );
    let proof = [invite, hop.ringing(), Some(cancel), hop.final_response()];
    rule.finding(
        case,
        proof.into_iter().flatten(),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: "The caller, or the caller's own timer, stopped waiting.".into(),
            owner: Party::Nobody.into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: Some(hop.client),
            severity: None,
            next: "Nothing to repair. If many calls end after the same time, it is the caller's timer."
                .into(),
        },
    )
    .into_iter()
    .collect()
}

static ANSWERED_ELSEWHERE: Rule = Rule {
    id: "answered-elsewhere",
    family: "cancel",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "A CANCEL that says that another phone took the call.",
    matters: "It is no missed call.",
    remedy: "None.",
    silent: "The CANCEL gives no such reason.",
    source: "RFC 3326 section 3.1; catalogue X5",
    explains: &[],
    check: |rule, case| {
        let Some((hop, cancel)) = callers_cancel(case) else {
            return Vec::new();
        };
        if !says_answered_elsewhere(cancel) {
            return Vec::new();
        }
        rule.finding(
            case,
            [cancel],
            Conclusion {
                fact: format!(
                    "{} cancelled at {} because another phone had answered.",
                    case.name(hop.client),
                    case.when(cancel)
                ),
                fact_certainty: Certainty::Certain,
                cause: String::new(),
                owner: Party::Nobody.into(),
                to_act: None,
                certainty: Certainty::Certain,
                by: Some(hop.client),
                severity: None,
                next: "Nothing to repair.".into(),
            },
        )
        .into_iter()
        .collect()
    },
};

static PLATFORM_GAVE_UP: Rule = Rule {
    id: "platform-gave-up",
    family: "cancel",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "A CANCEL towards the called side that the caller had not asked for.",
    matters: "A timer of the platform ended the attempt.",
    remedy: "After ringing: none, or a longer ring time.",
    silent: "The caller cancelled, or the called side never rang (stalled-after-trying).",
    source: "RFC 3261 section 16.7 (timer C); catalogue X6",
    explains: &[
        "request-timeout",
        "server-failure",
        "other-refusal",
        "cancel-unseen",
    ],
    check: platform_gave_up,
};

fn platform_gave_up(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let Some(ingress) = case.call.ingress().filter(|hop| hop.cancel().is_none()) else {
        return Vec::new();
    };
    if case.answer().is_some() {
        return Vec::new();
    }
    let last = case.call.downstream(ingress).last();
    let (Some(hop), Some(cancel)) = (last, last.and_then(Hop::cancel)) else {
        return Vec::new();
    };
    let Some(ringing) = hop.ringing() else {
        return Vec::new();
    };
    let told = ingress.final_response();
    let told_text = told
        .and_then(|told| told.message.code())
        .map_or(String::new(), |code| format!(" and told the caller {code}"));
    let fact = format!(
        "{} cancelled towards {} after {} of ringing ({}){told_text}.",
        case.name(hop.client),
        case.name(hop.server),
        seconds(cancel.at().duration_since(ringing.at())),
        case.when(cancel),
    );
    rule.finding(
        case,
        [ringing, cancel].into_iter().chain(told),
        Conclusion {
            fact,
            fact_certainty: Certainty::Certain,
            cause: "Nobody picked up within the platform's ring time.".into(),
            owner: Side::CalledUser.into(),
            to_act: Some(Party::Nobody.into()),
            certainty: Certainty::Likely,
            by: Some(hop.client),
            severity: None,
            next: "Nothing to repair; lengthen the ring time if it is too short.".into(),
        },
    )
    .into_iter()
    .collect()
}

static CANCEL_UNSEEN: Rule = Rule {
    id: "cancel-unseen",
    family: "cancel",
    severity: Severity::Warning,
    bearing: Bearing::Outcome,
    finds: "487 to an INVITE whose CANCEL was not seen.",
    matters: "487 says that somebody cancelled, yet not who.",
    remedy: "Capture where the CANCEL must have passed.",
    silent: "The CANCEL was seen.",
    source: "RFC 3261 sections 9.2, 21.4.25; catalogue S487",
    explains: &[],
    check: |rule, case| {
        let Some(refusal) = Refusal::of(case).filter(|refusal| refusal.code == 487) else {
            return Vec::new();
        };
        if case.call.hops.iter().any(|hop| hop.cancel().is_some()) {
            return Vec::new();
        }
        rule.finding(
            case,
            refusal.proof(),
            Conclusion {
                fact: refusal.sentence(case),
                fact_certainty: Certainty::Certain,
                cause:
                    "Somebody cancelled where it was not seen, or the code stands for something \
                        else."
                        .into(),
                owner: Party::Undecided.into(),
                to_act: Some(case.roles.side(refusal.origin.by).into()),
                certainty: Certainty::Possible,
                by: Some(refusal.origin.by),
                severity: None,
                next: "Ask the one who answered who cancelled, with the Call-ID and time.".into(),
            },
        )
        .into_iter()
        .collect()
    },
};
