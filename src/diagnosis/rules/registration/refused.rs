//! Rules on registrations that were refused. A challenge that nobody answered, and silence, are
//! for others.

use super::binding::wanted;
use super::{account, judge, since_success, until_then};
use crate::diagnosis::case::Case;
use crate::diagnosis::exchange::{Ended, Exchange, Refused, request_and_answer};
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::said;
use crate::diagnosis::words::{code_and_phrase, times};
use crate::sip::{Certainty, Name, Signal, Transaction};

pub(super) static REGISTRATION_REFUSED: Rule = Rule {
    id: "registration-refused",
    family: "registration",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The last REGISTER was refused: its credentials challenged again, or a final answer \
            other than 2xx, 423 and a challenge.",
    matters: "The device has no binding and cannot be called; where calls need a registration, it \
              cannot call either.",
    remedy: "By code: password and user name (401, 403), the account's existence and the domain \
             (404, 400), the registrar itself (5xx).",
    silent: "A later REGISTER was answered 2xx; the end is a challenge that nobody answered, a \
             423, or no answer at all, which have rules of their own.",
    source: "RFC 3261 sections 10.3 and 22.4; catalogue R2, R14",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| judge(rule, case, registration_refused)),
};

fn registration_refused(rule: &Rule, case: &Case<'_>, exchange: &Exchange<'_>) -> Option<Finding> {
    let tail = since_success(exchange);
    let last = tail.last()?;
    let (proof, fact, blame) = match exchange.ended() {
        Some(Ended::Refused(refused)) => {
            let (fact, blame) = by_credentials(case, exchange, &refused);
            (refused.proof, fact, blame)
        }
        Some(_) => return None,
        None => {
            let answer = last.final_response()?;
            let code = answer.message().code().unwrap_or(0);
            if code < 300 || code == 423 {
                return None;
            }
            let count = tail
                .iter()
                .filter(|turn| turn.final_code() == Some(code))
                .count();
            let known = last.request().map(|request| account(request));
            let (client, server) = exchange.names(case);
            let fact = format!(
                "{server} refused to register {} for {client} {} ({} at {}).",
                known.unwrap_or_default(),
                times(count),
                code_and_phrase(answer),
                case.when(answer),
            );
            let blame = by_code(case, exchange, last, answer);
            (request_and_answer(&[*last]), fact, blame)
        }
    };
    let fact = fact + until_then(exchange);
    // Where nobody can be named, the one whose list decides can look first; a redirection is the device's to follow.
    let is_open = blame.owner == Party::Undecided.into();
    let to_act = match last.final_code() {
        Some(300..=399) => exchange.client_owner(case),
        _ => exchange.server_owner(case),
    };
    let conclusion = Conclusion {
        to_act: is_open.then_some(to_act),
        ..Conclusion::certain(fact, exchange.server, blame)
    };
    rule.finding(case, proof, conclusion)
}

/// What is to be said where the credentials were refused.
fn by_credentials(
    case: &Case<'_>,
    exchange: &Exchange<'_>,
    refused: &Refused<'_>,
) -> (String, Blame) {
    let (client, server) = exchange.names(case);
    let user = &refused.user;
    let fact = format!(
        "{server} refused the registration of {client}: credentials refused {} (user \"{user}\", \
         realm \"{}\"; last answer {} at {}).",
        times(refused.count),
        refused.realm,
        code_and_phrase(refused.answer),
        case.when(refused.answer),
    );
    let mut cause = refused.cause();
    let (owner, certainty) = if exchange.was_accepted() {
        cause.push_str(" They were accepted before: one of the two sides was changed since.");
        (Party::Undecided.into(), Certainty::Possible)
    } else {
        (exchange.client_owner(case), Certainty::Likely)
    };
    let next = format!("Set the password of user \"{user}\" anew on {client} and in its account.");
    let blame = Blame {
        cause,
        owner,
        certainty,
        next,
    };
    (fact, blame)
}

/// What a refusal means by its code, where the credentials are not what was refused.
fn by_code(case: &Case<'_>, exchange: &Exchange<'_>, last: &Transaction, answer: &Signal) -> Blame {
    let (client, server) = exchange.names(case);
    let client_side = exchange.client_owner(case);
    let has_credentials = last
        .request()
        .is_some_and(|request| !request.message().credentials().is_empty());
    let make = |cause: String, owner: Owner, certainty: Certainty, next: String| Blame {
        cause,
        owner,
        certainty,
        next,
    };
    match answer.message().code().unwrap_or(0) {
        400..=699 if said::blames_credentials(answer) => make(
            "It says itself that user or credentials are wrong.".into(),
            client_side,
            Certainty::Likely,
            format!("Compare user name and password of {client} with the account at {server}."),
        ),
        400..=407 | 409..=479 | 604 if exchange.was_accepted() => make(
            "The same device was accepted before, so something was changed at the registrar since."
                .into(),
            exchange.server_owner(case),
            Certainty::Possible,
            format!("Check what was changed for this account at {server}."),
        ),
        300..=399 => make(
            "The registrar sends the device elsewhere.".into(),
            Party::Undecided.into(),
            Certainty::Possible,
            format!("Have {client} register at the address in the Contact of that answer."),
        ),
        401 | 407 => make(
            "The answer holds no challenge, so the device had nothing to answer.".into(),
            Party::Undecided.into(),
            Certainty::Possible,
            format!("Check at {server} whether it knows the account and the device's address."),
        ),
        403 if has_credentials => make(
            "Some registrars answer a wrong password so; it may as well be an account that is \
             disabled or limited to other addresses."
                .into(),
            client_side,
            Certainty::Possible,
            format!(
                "Set the password of {client} anew; check at {server} that the account is active \
                 and allowed from its address."
            ),
        ),
        403 => make(
            "It was refused before any password was asked for: the account or the address is not \
             allowed, or not known."
                .into(),
            Party::Undecided.into(),
            Certainty::Possible,
            format!("Check at {server} that account and address of {client} are allowed."),
        ),
        404 | 410 | 604 => make(
            "The account does not exist under this name and domain: misspelt on the device, or \
             never set up."
                .into(),
            client_side,
            Certainty::Possible,
            format!("Compare user and domain on {client} with the account at {server}."),
        ),
        400 | 414 | 416 | 420 | 421 => make(
            "The registrar cannot take the request as it is written: domain, scheme or an \
             extension."
                .into(),
            client_side,
            Certainty::Possible,
            format!("Check the domain set on {client}, and the registrar's words in that answer."),
        ),
        408 | 480 | 500..=599 => make(
            "The registrar, or what stands behind it, could not do it; the request itself is not \
             blamed."
                .into(),
            exchange.server_owner(case),
            Certainty::Likely,
            format!("Look at {server} and the registrar behind it at that time."),
        ),
        _ => make(
            String::new(),
            Party::Undecided.into(),
            Certainty::Possible,
            format!("Ask whoever runs {server} why, with Call-ID and time."),
        ),
    }
}

pub(super) static REGISTRATION_INTERVAL_TOO_BRIEF: Rule = Rule {
    id: "registration-interval-too-brief",
    family: "registration",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The last REGISTER was answered 423: the expiry it asks for is below the least that \
            the registrar takes.",
    matters: "The device has no binding; a client has to ask again with at least Min-Expires.",
    remedy: "Raise the registration expiry on the device to Min-Expires or more.",
    silent: "The device asked again with a longer expiry and was registered.",
    source: "RFC 3261 sections 10.2.8 and 10.3; catalogue R9",
    explains: &["registration-refused"],
    limits: &[],
    check: Check::Call(|rule, case| judge(rule, case, interval_too_brief)),
};

fn interval_too_brief(rule: &Rule, case: &Case<'_>, exchange: &Exchange<'_>) -> Option<Finding> {
    let tail = since_success(exchange);
    let brief: Vec<_> = tail
        .iter()
        .filter(|turn| turn.final_code() == Some(423))
        .copied()
        .collect();
    // A request that waits for its answer does not end the loop.
    let ended = tail.iter().rfind(|turn| turn.final_code().is_some());
    let answer = ended
        .filter(|turn| turn.final_code() == Some(423))
        .and_then(|turn| turn.final_response())?;
    let asked = brief
        .last()
        .and_then(|turn| wanted(turn.request()?.message()));
    let least = answer.message().seconds(Name::MinExpires);
    let (client, server) = exchange.names(case);
    let asked_words = asked.map_or("an expiry".into(), |asked| format!("{asked} s"));
    let least_words = least.map_or(String::new(), |least| format!(", least {least} s"));
    let fact = format!(
        "{client} asked {server} {} to be registered for {asked_words} and was told that is too \
         brief (423{least_words}; last at {}).{}",
        times(brief.len()),
        case.when(answer),
        until_then(exchange),
    );
    let long_enough = matches!((asked, least), (Some(asked), Some(least)) if asked >= least);
    let (owner, certainty, cause) = if long_enough {
        (
            exchange.server_owner(case),
            Certainty::Likely,
            "The registrar refuses an expiry that it says it takes.",
        )
    } else if brief.len() > 1 {
        (
            exchange.client_owner(case),
            Certainty::Certain,
            "The device does not raise its expiry when it is told to.",
        )
    } else {
        (
            exchange.client_owner(case),
            Certainty::Likely,
            "The device has not asked again with a longer expiry.",
        )
    };
    let next = match least {
        _ if long_enough => format!("Check the least and the greatest expiry set on {server}."),
        Some(least) => format!("Set the registration expiry of {client} to {least} s or more."),
        None => format!("Raise the registration expiry of {client}."),
    };
    let blame = Blame {
        cause: cause.into(),
        owner,
        certainty,
        next,
    };
    let conclusion = Conclusion::certain(fact, exchange.server, blame);
    rule.finding(case, request_and_answer(&brief), conclusion)
}
