//! Where the log and the messages tell different outcomes. The messages win; that they differ is worth
//! saying, since people read the log.

use super::{logged, row};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Finding, Proof, Severity};
use crate::diagnosis::party::{Party, Side};
use crate::diagnosis::rules::ending::ended::hung_up_by;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::knowledge::End;
use crate::sip::{Certainty, Hop};

pub(super) static LOG_AND_PACKETS_DISAGREE: Rule = Rule {
    id: "log-and-packets-disagree",
    family: "record",
    severity: Severity::Info,
    bearing: Bearing::Context,
    finds: "The code in the row of the log is not the one that the caller got, or its release reason names \
            another side than the one whose BYE came first.",
    matters: "Who reads the log alone comes to another verdict. With digests the row may show only the \
              first challenge; administrators can rewrite codes.",
    remedy: "Trust the messages; mention both where the case is reported.",
    silent: "They agree, or there is no final answer among the messages.",
    source: "The platform's documentation of traces; design, section 4",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| {
        let found = [disagrees(rule, case), names_other_side(rule, case)];
        found.into_iter().flatten().collect()
    }),
};

fn disagrees(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let row = row(case)?;
    let logged_code = row.code?;
    // What the caller got: a carrier's answer may not have reached it.
    let told = case.call.ingress().and_then(Hop::final_response);
    let last = told.or(case.answer())?;
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

/// The release reason says that one side sent the BYE, and the messages show that the other did.
fn names_other_side(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let reason = row(case)?.answered.as_ref()?.release_reason.as_deref()?;
    let released = case.knowledge.release(reason)?;
    let (side, bye) = hung_up_by(case).filter(|_| released.is_bye())?;
    let seen = match side {
        Side::Caller => End::Downstream,
        Side::CalledPeer | Side::CalledUser => End::Upstream,
        _ => return None,
    };
    let request = bye.request()?;
    if released.end.is_none_or(|end| end == seen) {
        return None;
    }
    rule.finding_of(
        case,
        Proof::fields([logged("release_reason", reason)]).and([request]),
        Conclusion {
            fact: format!(
                "The platform's log says {reason}, and the first BYE came from {} ({}); the messages count.",
                case.name(bye.client),
                case.when(request),
            ),
            fact_certainty: Certainty::Certain,
            cause: "The reason in the log may be that of the other leg.".to_owned(),
            owner: Party::Undecided.into(),
            to_act: None,
            certainty: Certainty::Possible,
            by: None,
            severity: None,
            next: String::new(),
        },
    )
}
