//! The rule on calls that the platform itself ended, and what it says of why.

use std::net::SocketAddr;

use jiff::SignedDuration;

use super::ended::{Ended, ended, goes_to_caller, side_of};
use super::{reason_text, reason_words, talk};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Signal, Transaction};

pub(super) static PLATFORM_ENDED_CALL: Rule = Rule {
    id: "platform-ended-call",
    family: "ending",
    severity: Severity::Warning,
    bearing: Bearing::Outcome,
    finds: "The platform sent BYEs to both sides of an answered call and had got none from either; \
            what its reason says, and whether the talk time is a round value. No more than \
            possible where it sent one to one side only and the other, though captured, shows none.",
    matters: "Neither side hung up: a limit, a missing ping reply, missing media or a person at the \
              panel ended the call.",
    remedy: "Read the platform's release reason for the call, then the limit or timer it names.",
    silent: "A BYE of one side came first, also where the platform's own crosses it; or only one \
             side was captured, so that the other's BYE could not be seen.",
    source: "Catalogue M2, M3, M7; release reasons of the platform",
    explains: &["hung-up"],
    limits: &[],
    check: Check::Call(|rule, case| platform_ended_call(rule, case).into_iter().collect()),
};

fn platform_ended_call(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let (first, second) = match ended(case) {
        Some(Ended::ByPlatform(first, second)) => (first, Some(second)),
        Some(Ended::Unseen(bye)) if is_platforms_own(case, bye) => (bye, None),
        _ => return None,
    };
    let (request, answer) = (first.request()?, case.answer()?);
    let length = talk(case, request);
    let other = second.and_then(|bye| bye.request());
    let fact = match second.zip(other) {
        Some((bye, other)) => format!(
            "The platform ended the call: {} sent BYE to {} ({}) and to {} ({}) after {} of talk, \
             and had got none from either.",
            case.name(first.client),
            case.name(first.server),
            case.when(request),
            case.name(bye.server),
            case.when(other),
            case.lasting(length),
        ),
        None => format!(
            "{} sent BYE to {} ({}) after {} of talk; no BYE from or to the other side was seen.",
            case.name(first.client),
            case.name(first.server),
            case.when(request),
            case.lasting(length),
        ),
    };
    let told = told(request)
        .or_else(|| other.and_then(|other| told(other)))
        .unwrap_or_else(|| not_told(length));
    let conclusion = Conclusion {
        fact,
        fact_certainty: if second.is_some() {
            Certainty::Certain
        } else {
            Certainty::Possible
        },
        cause: told.cause,
        owner: told.owner,
        to_act: Some(told.to_act),
        certainty: told.certainty,
        by: Some(first.client),
        severity: None,
        next: "Read the platform's release reason for this call.".into(),
    };
    let proof = [Some(answer), Some(request), other].into_iter().flatten();
    rule.finding(case, proof, conclusion)
}

/// What the platform says of why it ended a call.
struct Told {
    cause: String,
    owner: Owner,
    to_act: Owner,
    certainty: Certainty,
}

/// Whether a BYE from the platform to one side is its own: the other side was captured, in a
/// trace that lacks nothing, and had no part in it, or the reason is one that only the platform gives.
pub(super) fn is_platforms_own(case: &Case<'_>, bye: &Transaction) -> bool {
    let to_caller = goes_to_caller(case, bye);
    let side = |node: SocketAddr| side_of(case, node);
    let other_side_seen = case.call.hops.iter().any(|hop| {
        if to_caller {
            side(hop.client) == Side::Platform && side(hop.server) == Side::CalledPeer
        } else {
            side(hop.client) == Side::Caller && side(hop.server) == Side::Platform
        }
    });
    (other_side_seen && !case.quality.is_lossy())
        || bye.request().is_some_and(|request| told(request).is_some())
}

/// Reads the reason that the platform writes into its BYE.
fn told(bye: &Signal) -> Option<Told> {
    let text = reason_text(bye);
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let settings: Owner = Side::Platform.into();
    let (why, owner, to_act): (&str, Owner, Owner) = if says(&["ping"]) {
        let silent = if says(&["caller"]) {
            Side::Caller
        } else if says(&["callee"]) {
            Side::CalledPeer
        } else {
            Side::Unknown
        };
        let to_act = if silent == Side::Unknown {
            settings
        } else {
            silent.into()
        };
        ("One side did not answer its pings.", silent.into(), to_act)
    } else if says(&["balance", "credit", "funds"]) {
        let customer: Owner = Party::Customer.into();
        ("The customer's credit had run out.", customer, customer)
    } else if says(&["duration", "lifetime", "call limit"]) {
        ("The call reached its maximum duration.", settings, settings)
    } else if says(&["rtp", "media", "mi termination", "mi timeout"]) {
        let open: Owner = Party::Undecided.into();
        (
            "No media was seen, or somebody ended it from the panel.",
            open,
            settings,
        )
    } else {
        return None;
    };
    Some(Told {
        cause: format!("{} {why}", reason_words(bye)),
        owner,
        to_act,
        certainty: Certainty::Likely,
    })
}

/// Without a word from the platform only the length of the call may hint at why.
fn not_told(length: SignedDuration) -> Told {
    const ROUND: &[i64] = &[
        60, 120, 180, 300, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200, 10_800, 14_400,
    ];
    let round = ROUND
        .iter()
        .find(|round| (length.as_millis() - i128::from(**round) * 1000).abs() <= 1000);
    let cause = match round {
        Some(round) => format!(
            "The talk time is a round {round} s: a possible maximum duration, or the credit check \
             that runs once a minute."
        ),
        None => "The packets do not say why.".to_owned(),
    };
    Told {
        cause,
        owner: Party::Undecided.into(),
        to_act: Side::Platform.into(),
        certainty: Certainty::Possible,
    }
}
