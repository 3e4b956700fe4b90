//! The rule on calls that one side hung up.

use std::sync::Arc;

use super::ended::{Ended, ended, sender};
use super::platform::is_platforms_own;
use super::{reason_text, reason_words, talk};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Signal, Transaction};

pub(super) static HUNG_UP: Rule = Rule {
    id: "hung-up",
    family: "ending",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "Which side sent the first BYE of an answered call, by its node and its From tag, when, \
            after how long, and the reason that the BYE gives. A warning where that reason speaks \
            of a failure.",
    matters: "An ordinary call ends so; a complaint of a dropped call starts with who sent the BYE.",
    remedy: "None where the call was meant to end. Else ask the side that sent the BYE.",
    silent: "The call was not answered, the platform itself sent BYEs to both sides, or no BYE was \
             seen.",
    source: "RFC 3261 section 15, RFC 3326; catalogue M1",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| hung_up(rule, case).into_iter().collect()),
};

fn hung_up(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let (side, bye, seen) = match ended(case) {
        Some(Ended::BySide(side, bye)) => (side, bye, true),
        Some(Ended::Unseen(bye)) if !is_platforms_own(case, bye) => (sender(case, bye), bye, false),
        _ => return None,
    };
    let (request, answer) = (bye.request()?, case.answer()?);
    let reply = last_reply(case, bye);
    let ending = match reply.and_then(|reply| reply.message().code()) {
        Some(code) => format!("it was answered {code}"),
        None => "no answer to it was seen".to_owned(),
    };
    let who = capital(side_words(side));
    let is_lost = answer.code().is_none();
    let talked = format!(
        "{}{}",
        if is_lost { "at least " } else { "" },
        case.lasting(talk(case, request))
    );
    let fact = if seen {
        format!(
            "{who} hung up: {} sent BYE ({}) after {talked} of talk; {ending}.",
            case.name(bye.client),
            case.when(request),
        )
    } else {
        format!(
            "The BYE came from {who_low} through {} ({}) after {talked} of talk; {ending}.",
            case.name(bye.client),
            case.when(request),
            who_low = side_words(side),
        )
    };
    let failed = speaks_of_failure(request);
    let mut cause = reason_words(request);
    if !seen {
        cause = format!("What lies behind that node was not seen. {cause}");
    }
    if is_lost {
        cause = format!("The answer to its INVITE was not captured; the ACK to it was. {cause}");
    }
    if let Some(other) = called_again(case, request) {
        let when = case.when(other);
        cause = format!(
            "Another call began under the same Call-ID ({when}); it is not judged. {cause}"
        );
    }
    let conclusion = Conclusion {
        fact,
        fact_certainty: if seen && !is_lost {
            Certainty::Certain
        } else {
            Certainty::Likely
        },
        cause: cause.trim().to_owned(),
        owner: if failed {
            Party::Undecided.into()
        } else {
            Party::Nobody.into()
        },
        to_act: Some(if failed {
            side.into()
        } else {
            Party::Nobody.into()
        }),
        // Whether a person or a machine ended it does not stand in a BYE.
        certainty: if failed {
            Certainty::Possible
        } else {
            Certainty::Likely
        },
        by: Some(bye.client),
        severity: failed.then_some(Severity::Warning),
        next: if failed {
            format!(
                "Ask {} why it ended the call with that reason; give it the Call-ID and the time.",
                case.name(bye.client)
            )
        } else {
            format!(
                "Nothing, unless the call was not meant to end: then ask {}, which sent the BYE.",
                case.name(bye.client)
            )
        },
    };
    let proof = [Some(answer), Some(request), reply].into_iter().flatten();
    rule.finding(case, proof, conclusion)
}

/// The INVITE of a later call by the same caller under the same Call-ID.
fn called_again<'a>(case: &Case<'a>, bye: &Signal) -> Option<&'a Arc<Signal>> {
    let hop = case.call.ingress()?;
    let own = &hop.decisive()?.from_tag;
    let others = hop.invites.iter().filter(|it| it.from_tag != *own);
    let mut sent = others.filter_map(|it| it.request());
    sent.find(|it| it.number > bye.number)
}

/// The last final answer to a BYE, a repeated one with credentials included.
fn last_reply<'a>(case: &Case<'a>, bye: &Transaction) -> Option<&'a Arc<Signal>> {
    case.byes()
        .filter(|other| {
            (other.client, other.server, &other.from_tag) == (bye.client, bye.server, &bye.from_tag)
        })
        .filter_map(|other| other.final_response())
        .last()
}

/// Whether the reason of a BYE is other than that somebody hung up.
fn speaks_of_failure(bye: &Signal) -> bool {
    const TOLD: &[&str] = &[
        "timeout",
        "timed out",
        "timer",
        "no rtp",
        "expired",
        "failure",
    ];
    let text = reason_text(bye);
    let by_cause = bye.message().reasons().iter().any(|reason| {
        let isup = reason.protocol.eq_ignore_ascii_case("Q.850");
        let sip = reason.protocol.eq_ignore_ascii_case("SIP");
        match reason.cause {
            Some(cause) if isup => !matches!(cause, 16 | 31),
            Some(cause) if sip => cause >= 400 && cause != 487,
            _ => false,
        }
    });
    by_cause || TOLD.iter().any(|words| text.contains(words))
}

fn side_words(side: Side) -> &'static str {
    match side {
        Side::Caller => "the caller",
        Side::Platform => "the platform",
        Side::CalledPeer | Side::CalledUser => "the called side",
        Side::Between | Side::Unknown => "an unknown side",
    }
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
