//! The rule on challenges that an INVITE was left with. What happens to credentials that were
//! sent is for others.

use super::{each, handed_on};
use crate::diagnosis::case::Case;
use crate::diagnosis::exchange::{Ended, Exchange};
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Method};

pub(super) static CHALLENGE_UNANSWERED: Rule = Rule {
    id: "challenge-unanswered",
    family: "authentication",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "An INVITE was answered 401 or 407 with a challenge, the challenge was confirmed by an \
            ACK, and no INVITE with credentials for it followed within 32 seconds. The call ended \
            with that.",
    matters: "The challenge is normal; the caller's device, or our side towards a carrier, had \
              nothing to answer it with.",
    remedy: "Set user name and password on the side that was asked, or authorise its address.",
    silent: "The challenge was answered, the ACK to it was not seen, the call went on another \
             way, or the challenge only came through from further down.",
    source: "RFC 3261 section 22.2; catalogue R1",
    explains: &["call-forbidden"],
    limits: &[],
    check: Check::Call(|rule, case| each(rule, case, challenge_unanswered)),
};

fn challenge_unanswered(rule: &Rule, case: &Case<'_>, exchange: &Exchange<'_>) -> Option<Finding> {
    if !exchange.decides || exchange.method != Method::Invite {
        return None;
    }
    let Some(Ended::Unanswered(end)) = exchange.ended() else {
        return None;
    };
    let ack = end.challenged.acks.first()?;
    let (client, server) = exchange.names(case);
    let view = end.view(case, exchange);
    let handed_on = handed_on(case, exchange);
    let certainty = if end.had_credentials || handed_on.is_some() {
        Certainty::Possible
    } else {
        view.certainty.min(Certainty::Likely)
    };
    let no_credentials = || match end.modern_only() {
        Some(only) => format!(
            "It has no credentials for this realm, or it does not know {only}, the only algorithm \
             on offer."
        ),
        None => "It has no user name and password for this realm, or its address was to be let in \
                 without."
            .to_owned(),
    };
    let cause = handed_on
        .or_else(|| end.gave_up_before().map(str::to_owned))
        .unwrap_or_else(no_credentials);
    let fact = format!(
        "{server} asked {client} for credentials ({}, realm \"{}\", {}) and no INVITE with them \
         followed{}.",
        end.challenge.message().code().unwrap_or(0),
        end.realm(),
        case.when(end.challenge),
        view.words,
    );
    let next = if exchange.is_ours(case) {
        format!(
            "Enter our user name and password for {server} in its settings, or have it authorise \
             our address."
        )
    } else {
        format!("Set user name and password on {client}, or authorise its address.")
    };
    let blame = Blame {
        cause,
        owner: exchange.client_owner(case),
        certainty,
        next,
    };
    let asked = end.challenged.requests.first();
    rule.finding(
        case,
        asked.into_iter().chain([end.challenge, ack]),
        Conclusion {
            fact_certainty: view.certainty,
            ..Conclusion::certain(fact, exchange.client, blame)
        },
    )
}
