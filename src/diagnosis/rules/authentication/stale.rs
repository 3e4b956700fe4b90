//! Rules on credentials that were called stale: the password was right, the nonce was not.

use std::sync::Arc;

use super::each;
use crate::diagnosis::case::Case;
use crate::diagnosis::exchange::{Ended, Exchange, STALE_LOOP, Turn, credentials, issued_nonces};
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::times;
use crate::sip::{Certainty, Signal};

pub(super) static STALE_NONCE_LOOP: Rule = Rule {
    id: "stale-nonce-loop",
    family: "authentication",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "Three or more requests in a row were answered stale=true, and the call or registration \
            ended with that.",
    matters: "Stale means that the password was right: the two sides never agree on a nonce.",
    remedy: "Lengthen the life of nonces, let the nodes of a cluster share them, or update the \
             device.",
    silent: "A later request passed (see stale-nonce), or fewer than three were stale.",
    source: "RFC 7616 section 3.3; catalogue R3",
    explains: &["registration-refused", "call-forbidden"],
    limits: &[],
    check: Check::Call(|rule, case| each(rule, case, stale_nonce_loop)),
};

fn stale_nonce_loop(rule: &Rule, case: &Case<'_>, exchange: &Exchange<'_>) -> Option<Finding> {
    let Some(Ended::StaleLoop { answers }) = exchange.ended() else {
        return None;
    };
    if !exchange.decides {
        return None;
    }
    let (client, server) = exchange.names(case);
    let fact = format!(
        "{server} called the credentials of {client} stale {} in a row, to the end.",
        times(answers.len()),
    );
    let conclusion = Conclusion::certain(fact, exchange.server, stale_blame(case, exchange));
    rule.finding(case, answers, conclusion)
}

/// Whose stale nonces are: the server's where the client always used the newest one, the
/// client's where it kept to an old one.
fn stale_blame(case: &Case<'_>, exchange: &Exchange<'_>) -> Blame {
    let (client, server) = exchange.names(case);
    let judged = exchange.judged();
    let mut newest: Vec<String> = Vec::new();
    let (mut fresh, mut old) = (0, 0);
    for (turn, result) in judged {
        if *result == Turn::Stale && !newest.is_empty() {
            let is_fresh = credentials(turn)
                .iter()
                .any(|given| newest.contains(&given.nonce));
            if is_fresh {
                fresh += 1;
            } else {
                old += 1;
            }
        }
        newest = issued_nonces(turn);
    }
    match (fresh, old) {
        (1.., 0) => Blame {
            owner: exchange.server_owner(case),
            certainty: Certainty::Likely,
            cause: format!(
                "{client} used the newest nonce each time, so {server} forgets or does not share \
                 the nonces it makes."
            ),
            next: format!("Check the life of nonces on {server}, and that its nodes share them."),
        },
        // The first stale answer may be to a nonce that simply ran out.
        (0..=1, 2..) => Blame {
            owner: exchange.client_owner(case),
            certainty: Certainty::Likely,
            cause: format!("{client} keeps using an old nonce instead of the one it was given."),
            next: format!("Restart or update {client}: it does not take up new nonces."),
        },
        _ => Blame {
            owner: Party::Undecided.into(),
            certainty: Certainty::Possible,
            cause: String::new(),
            next: format!("Compare the nonces of {server} with those that {client} uses."),
        },
    }
}

pub(super) static STALE_NONCE: Rule = Rule {
    id: "stale-nonce",
    family: "authentication",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "Credentials were answered stale=true and a later request passed; a warning from three \
            in a row on.",
    matters: "Once is how nonces are renewed. Every further round costs time before the call.",
    remedy: "Lengthen the life of nonces, let the nodes of a cluster share them.",
    silent: "No answer was stale, or the call ended with it (see stale-nonce-loop).",
    source: "RFC 7616 section 3.3; catalogue R3",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| each(rule, case, stale_nonce)),
};

fn stale_nonce(rule: &Rule, case: &Case<'_>, exchange: &Exchange<'_>) -> Option<Finding> {
    let judged = exchange.judged();
    let mut longest: Vec<&Arc<Signal>> = Vec::new();
    let mut run: Vec<&Arc<Signal>> = Vec::new();
    let mut passed = None;
    for (turn, result) in judged {
        match result {
            Turn::Stale => run.extend(turn.final_response()),
            Turn::Passed if !run.is_empty() => {
                if run.len() > longest.len() {
                    longest = std::mem::take(&mut run);
                    passed = turn.request();
                }
                run.clear();
            }
            _ => run.clear(),
        }
    }
    let passed = passed.filter(|_| !longest.is_empty())?;
    let (client, server) = exchange.names(case);
    let fact = format!(
        "{server} called the credentials of {client} stale {} before it let the {} pass ({}).",
        times(longest.len()),
        exchange.method,
        case.when(passed),
    );
    let looped = longest.len() >= STALE_LOOP;
    let blame = if looped {
        stale_blame(case, exchange)
    } else {
        Blame {
            cause: "Nonces expire; the client took a new one, as it should.".into(),
            owner: Party::Nobody.into(),
            certainty: Certainty::Certain,
            next: String::new(),
        }
    };
    rule.finding(
        case,
        longest.into_iter().chain([passed]),
        Conclusion {
            severity: looped.then_some(Severity::Warning),
            ..Conclusion::certain(fact, exchange.server, blame)
        },
    )
}
