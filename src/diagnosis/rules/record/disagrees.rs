//! Where the log and the messages tell different outcomes. The messages win; that they differ is worth
//! saying, since people read the log.

use super::{logged, row};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Proof, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Rule};
use crate::sip::Certainty;

pub(super) static LOG_AND_PACKETS_DISAGREE: Rule = Rule {
    id: "log-and-packets-disagree",
    family: "record",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "The code in the row of the log is not the one that the caller got.",
    matters: "Who reads the log alone comes to another verdict. With digests the row may show only the \
              first challenge; administrators can rewrite codes.",
    remedy: "Trust the messages; mention both where the case is reported.",
    silent: "They agree, or there is no final answer among the messages.",
    source: "The platform's documentation of traces; design, section 4",
    explains: &[],
    check: |rule, case| disagrees(rule, case).into_iter().collect(),
};

fn disagrees(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let row = row(case)?;
    let logged_code = row.code?;
    let last = case.answer().or(case.failure())?;
    let seen = last.message().code()?;
    if seen == logged_code {
        return None;
    }
    let cause = match logged_code {
        401 | 407 => {
            "With digest authentication the row may show only the challenge to the first of two \
                      INVITEs."
        }
        _ => "The code in the log may be that of routing, or one that was rewritten.",
    };
    let reason = row.reason.as_deref().unwrap_or_default();
    rule.finding_of(
        case,
        Proof::fields([logged("sip_code", logged_code)]).and([last]),
        Conclusion {
            fact: format!(
                "The platform's log says {}, the messages show {seen} ({}); the messages count.",
                format!("{logged_code} {reason}").trim_end(),
                case.when(last),
            ),
            fact_certainty: Certainty::Certain,
            cause: cause.to_owned(),
            owner: Party::Undecided.into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: None,
            severity: None,
            next: String::new(),
        },
    )
}
