//! The rule on a nonce that was used again without counting on.

use std::collections::HashMap;
use std::sync::Arc;

use super::each;
use crate::diagnosis::case::Case;
use crate::diagnosis::exchange::{Exchange, Turn, credentials};
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::diagnosis::words::code_and_phrase;
use crate::sip::{Certainty, Transaction};

pub(super) static NONCE_COUNT_REPEATED: Rule = Rule {
    id: "nonce-count-repeated",
    family: "authentication",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "Credentials for a nonce that had let the same sender in before, whose nonce count (nc) did not \
            rise since then, and which were refused without stale=true.",
    matters: "A server takes that for a replayed message and asks anew, or refuses for good.",
    remedy: "Update the device, or let it use each nonce once (no qop caching).",
    silent: "The count rose, the nonce had let nobody in before, or the server called it stale.",
    source: "RFC 7616 section 3.4 (nc) and 5.5; catalogue R6",
    explains: &[
        "challenge-unanswered",
        "registration-challenge-unanswered",
        "registration-refused",
        "wrong-credentials",
        "call-forbidden",
    ],
    limits: &[],
    check: Check::Call(|rule, case| each(rule, case, nonce_count_repeated)),
};

fn nonce_count_repeated(rule: &Rule, case: &Case<'_>, exchange: &Exchange<'_>) -> Option<Finding> {
    let mut let_in: HashMap<String, (u32, &Arc<Transaction>)> = HashMap::new();
    for (turn, result) in exchange.judged() {
        for given in credentials(turn) {
            let Ok(count) = u32::from_str_radix(&given.nonce_count, 16) else {
                continue;
            };
            let before = let_in.get(&given.nonce).copied();
            let is_refused = matches!(turn.final_code(), Some(401 | 403 | 407));
            match before {
                Some((last, earlier)) if is_refused && count <= last && *result != Turn::Stale => {
                    return repeated(rule, case, exchange, (earlier, last), (turn, count));
                }
                _ if *result == Turn::Passed && !is_refused => {
                    let_in.insert(given.nonce.clone(), (count, turn));
                }
                _ => {}
            }
        }
    }
    None
}

fn repeated(
    rule: &Rule,
    case: &Case<'_>,
    exchange: &Exchange<'_>,
    (earlier, last): (&Transaction, u32),
    (turn, count): (&Arc<Transaction>, u32),
) -> Option<Finding> {
    let (before, request, answer) = (earlier.request()?, turn.request()?, turn.final_response()?);
    let (client, server) = exchange.names(case);
    let fact = format!(
        "{client} used a nonce again with count {count} ({}) after it had been let in with count {last} \
         ({}); {server} answered {}.",
        case.when(request),
        case.when(before),
        code_and_phrase(answer),
    );
    let blame = Blame {
        cause: "The count has to rise with each use: the server takes the request for a replay."
            .into(),
        owner: exchange.client_owner(case),
        certainty: Certainty::Likely,
        next: format!("Update {client}, or let it use each nonce once."),
    };
    // What came after it in the same exchange is not for this to explain.
    let is_last = exchange
        .turns
        .last()
        .is_some_and(|last| Arc::ptr_eq(last, turn));
    let conclusion = Conclusion {
        severity: (!is_last).then_some(Severity::Info),
        ..Conclusion::certain(fact, exchange.client, blame)
    };
    let found = rule.finding(case, [before, request, answer], conclusion);
    match is_last {
        true => found,
        false => found.map(|found| found.explaining(&[])),
    }
}
