//! Rules on registrations that came to nothing because somebody stayed silent: the device on a
//! challenge, or the registrar on everything.

use std::sync::Arc;

use jiff::SignedDuration;

use super::{judge, until_then};
use crate::diagnosis::case::Case;
use crate::diagnosis::exchange::{Ended, Exchange};
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Owner, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::times;
use crate::sip::{Certainty, Signal, Transport};

/// How long a client repeats a request before it gives up: timer F, 64*T1.
const GIVES_UP_AFTER: SignedDuration = SignedDuration::from_secs(32);
/// So many sends without an answer say something before that.
const SENDS_THAT_TELL: usize = 4;
/// So many times it is sent until then over UDP (timer E); nothing comes after the last of them.
const ALL_SENDS: usize = 11;

pub(super) static REGISTRATION_CHALLENGE_UNANSWERED: Rule = Rule {
    id: "registration-challenge-unanswered",
    family: "registration",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The last REGISTER was answered 401 or 407 with a challenge, and no REGISTER with \
            credentials for it followed within 32 seconds.",
    matters: "The challenge is normal; a device without the credentials never gets a binding.",
    remedy: "Set user name and password on the device. Where it repeats the REGISTER instead, the \
             challenge does not reach it: look at the network and NAT.",
    silent: "The challenge was answered, whatever came of it.",
    source: "RFC 3261 sections 10.2.7 and 22.2; catalogue R1",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| judge(rule, case, registration_challenge_unanswered)),
};

fn registration_challenge_unanswered(
    rule: &Rule,
    case: &Case<'_>,
    exchange: &Exchange<'_>,
) -> Option<Finding> {
    let Some(Ended::Unanswered(end)) = exchange.ended() else {
        return None;
    };
    let (challenged, challenge) = (end.challenged, end.challenge);
    let (client, server) = exchange.names(case);
    let view = end.view(case, exchange);
    // A REGISTER has no ACK. One that is sent again after its answer shows that this was lost.
    let repeats = challenged
        .requests
        .iter()
        .filter(|request| request.at() > challenge.at())
        .count();
    let mut fact = format!(
        "{server} asked {client} for credentials to register ({}, realm \"{}\", {}) and no \
         REGISTER with them followed{}.",
        challenge.message().code().unwrap_or(0),
        end.realm(),
        case.when(challenge),
        view.words,
    );
    let (owner, certainty, cause, next): (Owner, _, String, _) = if repeats > 0 {
        fact.push_str(&format!(
            " It sent the same REGISTER again {} after that.",
            times(repeats)
        ));
        (
            Side::Between.into(),
            Certainty::Likely,
            "The challenge does not reach it.".into(),
            format!("Find where answers from {server} to {client} are lost: firewall, NAT, ALG."),
        )
    } else {
        let no_credentials = || match end.modern_only() {
            Some(only) => format!(
                "It has no credentials, or it does not know {only}, the only algorithm on offer."
            ),
            None => "It has no user name and password for this realm.".to_owned(),
        };
        let cause = end
            .gave_up_before()
            .map_or_else(no_credentials, str::to_owned);
        let certainty = if end.had_credentials {
            Certainty::Possible
        } else {
            view.certainty.min(Certainty::Likely)
        };
        let next = format!("Set user name and password on {client}.");
        (exchange.client_owner(case), certainty, cause, next)
    };
    let proof = challenged.requests.iter().chain([challenge]);
    let blame = Blame {
        cause,
        owner,
        certainty,
        next,
    };
    rule.finding(
        case,
        proof,
        Conclusion {
            fact_certainty: view.certainty,
            ..Conclusion::certain(fact, exchange.client, blame)
        },
    )
}

pub(super) static REGISTRATION_UNANSWERED: Rule = Rule {
    id: "registration-unanswered",
    family: "registration",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "The last REGISTER got no final answer although the evidence reaches 32 seconds past \
            it, or it was sent eleven times, all that there are in that time; or, less sure, although \
            it was sent four times or more.",
    matters: "The device has no binding, and cannot tell why.",
    remedy: "Check address, port and transport of the registrar, firewalls, and block lists that \
             drop a sender after failed attempts.",
    silent: "It was answered in the end, or the evidence stops too early to tell.",
    source: "RFC 3261 section 17.1.2 (timers E and F); catalogue R12",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| judge(rule, case, registration_unanswered)),
};

fn registration_unanswered(
    rule: &Rule,
    case: &Case<'_>,
    exchange: &Exchange<'_>,
) -> Option<Finding> {
    let mut waiting: Vec<_> = exchange
        .turns
        .iter()
        .rev()
        .take_while(|turn| turn.final_response().is_none())
        .collect();
    waiting.reverse();
    let sends: Vec<&Arc<Signal>> = waiting.iter().flat_map(|turn| &turn.requests).collect();
    let (first, last) = (sends.first()?, sends.last()?);
    let is_spent = waiting.iter().any(|turn| turn.requests.len() >= ALL_SENDS);
    let watched = is_spent || case.watched_for(first, GIVES_UP_AFTER);
    if !watched && sends.len() < SENDS_THAT_TELL {
        return None;
    }
    let trying = waiting.iter().find_map(|turn| turn.first_response());
    let answered_before = exchange
        .turns
        .iter()
        .any(|turn| turn.final_response().is_some());
    let (client, server) = exchange.names(case);
    let span = last.at().duration_since(first.at());
    let over = if sends.len() > 1 {
        format!(" over {}", case.lasting(span))
    } else {
        String::new()
    };
    let mut fact = format!(
        "{client} sent its REGISTER to {server} {}{over} (from {}) and got no final answer.",
        times(sends.len()),
        case.when(first),
    );
    if let Some(trying) = trying {
        let code = trying.message().code().unwrap_or(0);
        fact.push_str(&format!(" Only a {code} came ({}).", case.when(trying)));
    }
    if !watched {
        fact.push_str(" The trace ends before the device would have given up.");
    }
    fact.push_str(until_then(exchange));
    let is_udp = first.packet.transport == Transport::Udp;
    let repeated = waiting.len() > 1 || sends.len() > 1;
    let (owner, certainty, cause): (Owner, _, _) = if is_udp && !repeated {
        (
            Party::Undecided.into(),
            Certainty::Possible,
            "A client without an answer repeats its request, and this one did not: an answer may \
             have reached it by a way that was not captured.",
        )
    } else if trying.is_some() {
        (
            exchange.server_owner(case),
            Certainty::Likely,
            "The request arrived: whoever took it has no answer from behind it.",
        )
    } else if answered_before {
        (
            Side::Between.into(),
            Certainty::Possible,
            "The same server had answered before, so the way was open then: look for a block \
             after failed attempts, or for packets too large for UDP.",
        )
    } else if is_udp {
        (
            Side::Between.into(),
            Certainty::Likely,
            "No answer of any kind reached this capture point: the way is blocked, or nobody \
             listens there.",
        )
    } else {
        (
            Side::Between.into(),
            Certainty::Possible,
            "The connection stood, and nothing came back over it.",
        )
    };
    let certainty = if watched {
        certainty
    } else {
        certainty.lowered()
    };
    let blame = Blame {
        cause: cause.into(),
        owner,
        certainty,
        next: format!(
            "Check that {server} is up, takes this port and transport, and does not block {}.",
            exchange.client.ip()
        ),
    };
    // Nobody answered; where packets were lost in between, the device is where the way begins.
    let to_act = matches!(blame.owner, Owner::Side(Side::Between))
        .then(|| case.roles.side(exchange.client).into());
    rule.finding(
        case,
        sends.iter().copied().chain(trying),
        Conclusion {
            fact_certainty: if watched && (repeated || !is_udp) {
                Certainty::Certain
            } else {
                Certainty::Likely
            },
            by: None,
            to_act,
            ..Conclusion::certain(fact, exchange.client, blame)
        },
    )
}
