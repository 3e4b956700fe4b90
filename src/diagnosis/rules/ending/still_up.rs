//! The rule on calls whose end was not seen.

use jiff::SignedDuration;

use super::ended::answered;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::{Certainty, Method};

pub(super) static CALL_STILL_UP: Rule = Rule {
    id: "call-still-up",
    family: "ending",
    severity: Severity::Info,
    bearing: Bearing::Outcome,
    finds: "An answered call of which no BYE was seen until the trace ends.",
    matters: "Nothing can be said of how the call ended: it may still be up.",
    remedy: "Look again later; if the caller says that it ended, compare the dialog list.",
    silent: "A BYE, or an answer to one, was seen; or the call was not answered.",
    source: "Catalogue Q8 and M19",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| call_still_up(rule, case).into_iter().collect()),
};

fn call_still_up(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    const LIVE: SignedDuration = SignedDuration::from_secs(60);
    if case.call.with_method(Method::Bye).next().is_some() {
        return None;
    }
    let answer = answered(case)?;
    let (_, last) = case.call.signals.last()?;
    let until = case.seen_until.unwrap_or(last.at()).max(last.at());
    let quiet = until.duration_since(last.at());
    let is_live = quiet <= LIVE;
    let fact = format!(
        "The call was answered ({}) and no BYE was seen until the trace ends, {} after the answer.",
        case.when(answer),
        case.lasting(until.duration_since(answer.at())),
    );
    let cause = if is_live {
        "It may still be up: how it ends is not in this trace.".to_owned()
    } else {
        format!(
            "Nothing was seen for the last {}: it is still up, or its end did not pass here.",
            case.lasting(quiet)
        )
    };
    let conclusion = Conclusion {
        fact,
        fact_certainty: Certainty::Certain,
        cause,
        owner: if is_live {
            Party::Nobody.into()
        } else {
            Party::Undecided.into()
        },
        to_act: Some(Party::Nobody.into()),
        certainty: Certainty::Likely,
        by: None,
        severity: None,
        next: "Look again when the call is over; if it is said to be over, compare the platform's \
               list of live calls."
            .into(),
    };
    rule.finding(case, [answer, last], conclusion)
}
