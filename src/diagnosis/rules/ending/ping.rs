//! Calls cut because one side did not answer the pings inside them.

use std::sync::Arc;

use jiff::SignedDuration;

use super::answer_words;
use super::ended::{Ended, ended, furthest, is_silent, side_of, since};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Blame, Conclusion, Finding, Severity};
use crate::diagnosis::party::Side;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Method, Signal, Transaction};

pub(super) static PING_TIMEOUT: Rule = Rule {
    id: "ping-timeout",
    family: "ending",
    severity: Severity::Error,
    bearing: Bearing::Trouble,
    finds: "OPTIONS inside the dialog that got no answer, 408 or 481, and then a BYE from who sent \
            it.",
    matters: "The call was cut although nobody hung up: one side does not answer the pings by which \
              the other checks that the call is alive.",
    remedy: "Let the silent side answer OPTIONS inside a dialog, or turn the ping off for it.",
    silent: "Any other final answer, 200 as well as 404, 405 or 501, shows that the side is alive; \
             so does a BYE that it sends itself.",
    source: "RFC 3261 section 11; catalogue M4",
    explains: &[
        "platform-ended-call",
        "hung-up",
        "bye-unanswered",
        "bye-refused",
    ],
    limits: &[],
    check: Check::Call(ping_timeout),
};

fn ping_timeout(rule: &Rule, case: &Case<'_>) -> Vec<Finding> {
    let end = ended(case);
    let Some((end, bye)) = end
        .as_ref()
        .and_then(|end| Some((end, end.bye().request()?)))
    else {
        return Vec::new();
    };
    let dead = dead_pings(case, bye);
    // Who ended the call must be who pinged: a BYE from the silent side shows it alive.
    let by_pinger = dead.iter().any(|ping| match end {
        Ended::BySide(side, _) => side_of(case, ping.client) == *side,
        Ended::ByPlatform(..) | Ended::Unseen(_) => side_of(case, ping.client) == Side::Platform,
    });
    if !by_pinger {
        return Vec::new();
    }
    furthest(case, &dead)
        .into_iter()
        .filter_map(|ping| ping_finding(rule, case, ping, bye))
        .collect()
}

/// The last ping of each pair of nodes before the BYE, where it found nobody.
fn dead_pings<'a>(case: &Case<'a>, bye: &Signal) -> Vec<&'a Arc<Transaction>> {
    // A ping is sent every 30 s as a rule and given up after 32 s at most.
    const RECENT: SignedDuration = SignedDuration::from_secs(65);
    let pings: Vec<&'a Arc<Transaction>> = case
        .call
        .with_method(Method::Options)
        .filter(|ping| ping.in_dialog && ping.started().is_some_and(|at| at < bye.at()))
        .collect();
    let is_last = |at: usize, ping: &Transaction| {
        !pings
            .iter()
            .skip(at + 1)
            .any(|later| (later.client, later.server) == (ping.client, ping.server))
    };
    pings
        .iter()
        .enumerate()
        .filter(|(at, ping)| is_last(*at, ping))
        .map(|(_, ping)| *ping)
        .filter(|ping| {
            let refused = matches!(ping.final_code(), Some(408 | 481));
            let recent = since(Some(bye.at()), ping.started()).is_some_and(|age| age <= RECENT);
            recent && (refused || is_silent(ping, Some(bye.at())))
        })
        .collect()
}

fn ping_finding(
    rule: &Rule,
    case: &Case<'_>,
    ping: &Transaction,
    bye: &Arc<Signal>,
) -> Option<Finding> {
    let asked = ping.request()?;
    let silent = case.name(ping.server);
    let cause = match ping.final_code() {
        Some(481) => format!("{silent} no longer knew the call."),
        Some(_) => format!("{silent} is not able to answer pings."),
        None => format!(
            "{silent} was gone or does not answer OPTIONS, or the pings or their answers were lost \
             on the way."
        ),
    };
    let fact = format!(
        "{} pinged {silent} with OPTIONS ({}), which {}; BYE followed ({}).",
        case.name(ping.client),
        case.when(asked),
        answer_words(ping),
        case.when(bye),
    );
    let blame = Blame {
        cause,
        owner: side_of(case, ping.server).into(),
        certainty: Certainty::Likely,
        next: format!(
            "Let {silent} answer OPTIONS inside a call, check that nothing blocks them, or turn \
             the ping off for that side."
        ),
    };
    let proof = ping.requests.iter().chain(ping.final_response());
    let conclusion = Conclusion::certain(fact, ping.server, blame);
    rule.finding(case, proof.chain([bye]), conclusion)
}
