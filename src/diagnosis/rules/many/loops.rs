//! Calls that come back as new calls: a forwarding pair, or a number that is routed to where it came
//! from. A node that makes a new Call-ID each time hides the loop from Max-Forwards.

use jiff::SignedDuration;

use crate::diagnosis::finding::Severity;
use crate::diagnosis::party::Party;
use crate::diagnosis::patterns::{Conclusion, Entry, Ledger, Pattern};
use crate::diagnosis::rules::{Bearing, Check, Figure, Limit, Rule};
use crate::diagnosis::tuning::Tuning;
use crate::sip::Certainty;

pub(super) static CALL_LOOP: Rule = Rule {
    id: "call-loop",
    family: "many",
    severity: Severity::Error,
    bearing: Bearing::Context,
    finds: "The same caller calls the same number again within 2 s, while the call before is still being set up, 3 times or \
            more.",
    matters: "Each round takes a channel, until nothing is left for anybody.",
    remedy: "Find who sends the number back: a forwarding that leads to itself, or an inbound number that is routed out \
             again.",
    silent: "The call before had ended: somebody dials again.",
    source: "Catalogue L4",
    explains: &[],
    limits: &[&ROUNDS, &APART],
    check: Check::Calls(call_loop),
};

static ROUNDS: Limit = Limit {
    key: "call-loop.rounds",
    what: "how many calls within one another make a loop",
    default: Figure::Count(3),
};

static APART: Limit = Limit {
    key: "call-loop.apart",
    what: "how soon each follows the one before",
    default: Figure::Time(SignedDuration::from_secs(2)),
};

fn call_loop(rule: &Rule, ledger: &Ledger, tuning: &Tuning) -> Vec<Pattern> {
    let pairs = ledger.calls_by(|it| {
        let named = !it.called.is_empty() && it.at.is_some();
        named.then_some((it.caller.as_str(), it.called.as_str()))
    });
    let judged = pairs.into_iter().filter_map(|((caller, called), mut calls)| {
        calls.sort_by_key(|it| it.at);
        let rounds = longest_chain(&calls, tuning.time(&APART));
        let enough = tuning.reaches(&ROUNDS, rounds.len());
        if !enough {
            return None;
        }
        rule.pattern(
            tuning,
            Conclusion {
                about: called.to_owned(),
                fact: format!(
                    "{called} was called by {caller} {} times, each while the call before was still being set up.",
                    rounds.len()
                ),
                proof: rounds.to_vec(),
                party: Party::Undecided,
                to_act: Party::Configuration,
                certainty: Certainty::Possible,
                severity: None,
                cause: "The call comes back as a new one: somebody behind us forwards it to where it came from.".to_owned(),
                next: format!("Follow {called} from hop to hop: look where its forwarding and its route lead."),
            },
        )
    });
    judged.collect()
}

/// The longest run in which each begins soon after the one before and within it.
fn longest_chain<'e, 'l>(sorted: &'e [&'l Entry], apart: SignedDuration) -> &'e [&'l Entry] {
    let within = |before: &Entry, next: &Entry| {
        let (Some(first), Some(then)) = (before.at, next.at) else {
            return false;
        };
        let after = then.duration_since(first);
        let until = before.setup.or(before.tried_for);
        after <= apart && until.is_none_or(|until| after < until)
    };
    let (mut best, mut from) = (0..0, 0);
    for (at, call) in sorted.iter().enumerate() {
        let goes_on = at > 0
            && sorted
                .get(at - 1)
                .is_some_and(|before| within(before, call));
        if !goes_on {
            from = at;
        }
        if at + 1 - from > best.len() {
            best = from..at + 1;
        }
    }
    sorted.get(best).unwrap_or_default()
}
