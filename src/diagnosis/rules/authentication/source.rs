//! The rule on senders that were refused as such, before anybody asked for credentials.

use std::sync::Arc;

use jiff::SignedDuration;

use super::each;
use crate::diagnosis::case::Case;
use crate::diagnosis::exchange::Exchange;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::said;
use crate::diagnosis::words::code_and_phrase;
use crate::sip::{Certainty, Method, Name, Signal};

/// A node that refuses the sender looks no further: it answers at once.
const AT_ONCE: SignedDuration = SignedDuration::from_millis(100);

pub(super) static SOURCE_REFUSED: Rule = Rule {
    id: "source-refused",
    family: "authentication",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "An INVITE or REGISTER was refused without any challenge and without the call being \
            sent on, and the answer is about who asks: it says that the address is not allowed or \
            the user not known, or it is a 401 without a challenge within 100 ms.",
    matters: "The address is in no account's list, so nothing else was looked at. It may be a \
              customer's new address, or a stranger's.",
    remedy: "Find out whose the address is; add it to the account, or have the sender use the \
             address that is listed.",
    silent: "There was a challenge, the call was sent on, or the answer speaks of something else \
             (caller ID, destination, limits) or of nothing: such a 403 is call-forbidden.",
    source: "RFC 3261 section 21.4; ConnexCS routing texts; catalogue R7",
    explains: &[
        "call-forbidden",
        "registration-refused",
        "other-refusal",
        "refused-by-platform",
        "server-failure",
    ],
    limits: &[],
    check: Check::Call(|rule, case| each(rule, case, source_refused)),
};

fn source_refused(rule: &Rule, case: &Case<'_>, exchange: &Exchange<'_>) -> Option<Finding> {
    let (refusal, request, answer) = refusal(case, exchange).filter(|_| exchange.decides)?;
    let (client, server) = exchange.names(case);
    let took = answer.at().duration_since(request.at());
    let fact = format!(
        "{server} refused the {} of {client} after {} with {}, without a challenge ({}).",
        exchange.method,
        case.lasting(took),
        code_and_phrase(answer),
        case.when(answer),
    );
    let ours = exchange.is_ours(case);
    let cause = match refusal {
        Refusal::Source if ours => {
            "It does not accept our address: the address we send from changed, or was never \
             agreed on."
        }
        Refusal::Source => {
            "The address belongs to no account there: a customer's new address, one that was \
             never entered, or a stranger's."
        }
        Refusal::Account => {
            "No account there has this user: it is misspelt, missing, or not allowed from \
             this address."
        }
        Refusal::BareUnauthorized => {
            "A 401 that offers no challenge leaves the sender nothing to answer: its address \
             is probably in no account there."
        }
    };
    // The list of addresses is kept where the answer comes from; where that is us, or where
    // it is our address that is missing, it is our settings.
    let at_us = case.roles.side(exchange.server) == Side::Platform
        || case
            .knowledge
            .platform_reason(answer.message().reason_phrase())
            .is_some();
    let owner = if at_us || ours {
        Side::Platform
    } else {
        case.roles.side(exchange.client)
    };
    let certainty = match refusal {
        Refusal::Source if at_us || ours => Certainty::Likely,
        _ => Certainty::Possible,
    };
    let address = request.source().ip();
    let next = match refusal {
        Refusal::Account => {
            format!("Check that the user of {client} exists at {server} and is spelt alike.")
        }
        _ if ours => format!("Tell {server} to accept our address {address}."),
        _ => format!(
            "Find out whose address {address} is; a customer's is to be added to its account."
        ),
    };
    let blame = Blame {
        cause: cause.into(),
        owner: owner.into(),
        certainty,
        next,
    };
    let conclusion = Conclusion::certain(fact, exchange.server, blame);
    let finding = rule.finding(case, [request, answer], conclusion)?;
    // What it says of a user that registers says more than where such users are kept.
    let is_said = exchange.method == Method::Register && matches!(refusal, Refusal::Account);
    Some(if is_said {
        finding.explaining(&["refused-by-platform", "server-failure"])
    } else {
        finding
    })
}

/// What an answer without a challenge says about who asked.
pub(super) enum Refusal {
    /// The address is not allowed.
    Source,
    /// The user is not known.
    Account,
    /// A 401 that offers no way to authenticate.
    BareUnauthorized,
}

/// The answer by which the sender itself was refused, and the request.
pub(super) fn refusal<'c>(
    case: &Case<'_>,
    exchange: &Exchange<'c>,
) -> Option<(Refusal, &'c Arc<Signal>, &'c Arc<Signal>)> {
    let last = exchange.turns.last()?;
    let (request, answer) = (last.request()?, last.final_response()?);
    let is_refusal = matches!(answer.message().code(), Some(400..=699));
    let progressed = last.progress().next().is_some();
    if !is_refusal
        || exchange.sent_on
        || progressed
        || exchange.was_accepted()
        || exchange.has_challenge()
    {
        return None;
    }
    if said::blames_source(answer) {
        return Some((Refusal::Source, request, answer));
    }
    // Towards a carrier, an unknown user may well be the called one.
    if said::blames_account(answer) && !exchange.is_ours(case) {
        return Some((Refusal::Account, request, answer));
    }
    let bare = matches!(answer.message().code(), Some(401 | 407))
        && answer.message().header(Name::WwwAuthenticate).is_none()
        && answer.message().header(Name::ProxyAuthenticate).is_none()
        && !answer.message().is_cut()
        && answer.at().duration_since(request.at()) < AT_ONCE
        && !said::is_about_else(answer);
    bare.then_some((Refusal::BareUnauthorized, request, answer))
}
