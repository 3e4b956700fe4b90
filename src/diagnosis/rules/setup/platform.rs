//! Calls that the platform decided alone, before it tried any route.

use super::{Reading, refused};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::Severity;
use crate::diagnosis::party::{Direction, Party, Side};
use crate::diagnosis::refusal::{Kind, Refusal};
use crate::diagnosis::rules::{Bearing, Rule};
use crate::knowledge::ReasonOwner;
use crate::sip::Certainty;

pub(super) static REFUSED_BY_PLATFORM: Rule = Rule {
    id: "refused-by-platform",
    family: "setup",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The platform answered with a final code and no INVITE that it sent on was seen.",
    matters: "No carrier was seen to get the call: looking there first is lost time.",
    remedy: "Read the reason text: it names the setting. Simulate the call after changing it.",
    silent: "An INVITE was sent on, it rang, or only one leg was seen and nothing says that the \
             answering node is the platform.",
    source: "connexcs reference 3.3, 4.1, 4.2; catalogue S400, S402, S404a, S480a, B1, Q5",
    explains: &[],
    check: |rule, case| {
        refused(rule, case, Kind::Platform, |refusal| {
            own_decision(case, refusal)
        })
    },
};

fn own_decision(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    if let Some(reason) = refusal.platform_reason() {
        // Who is not known may have been spelt wrongly by the caller.
        let is_about_user = reason.text.eq_ignore_ascii_case("unknown user");
        return match reason.party {
            ReasonOwner::Platform => Reading::new(
                Party::Platform,
                Certainty::Likely,
                &reason.meaning,
                "Report it to the platform with this Call-ID.",
            ),
            ReasonOwner::Configuration => Reading::new(
                Party::Configuration,
                if is_about_user {
                    Certainty::Possible
                } else {
                    Certainty::Certain
                },
                &reason.meaning,
                "Correct the setting that the reason names, simulate the call, then call again.",
            ),
        };
    }
    match refusal.code {
        400 => Reading::new(
            Side::Caller,
            Certainty::Likely,
            "The platform refused the INVITE as malformed.",
            "Compare this INVITE with one that the platform accepts; suspect an ALG on the way.",
        ),
        402 => Reading::new(
            Side::Caller,
            Certainty::Likely,
            "402 asks for payment: the account's credit.",
            "Look at the credit of this account.",
        ),
        430 | 480 if case.roles.direction == Direction::Inbound => Reading::new(
            Side::CalledUser,
            Certainty::Possible,
            "Mostly the called user's device is not registered.",
            "Look whether the called user is registered, and where its calls are sent if not.",
        ),
        430 | 480 | 486 | 600 => Reading::undecided(
            case,
            refusal,
            "The platform tried no route that was seen: the called user is not registered or busy, \
             or a setting of ours says so.",
            "Look whether the called user is registered; read the routing log of this call.",
        ),
        408 | 504 => unseen_leg(case, refusal),
        _ if !refusal.is_immediate() => unseen_leg(case, refusal),
        _ => Reading::new(
            Side::Platform,
            Certainty::Likely,
            "The platform decided before any route was tried: number format, routing, rates, limits \
             or blocks are set there.",
            "Read the routing log of this call, correct the setting, simulate the call.",
        ),
    }
}

fn unseen_leg(case: &Case<'_>, refusal: &Refusal<'_>) -> Reading {
    Reading::undecided(
        case,
        refusal,
        "No INVITE to a route is in this trace: the platform tried none, or that leg was not \
         captured.",
        "Look for the other leg: same numbers, same second; read the routing log of this call.",
    )
}
