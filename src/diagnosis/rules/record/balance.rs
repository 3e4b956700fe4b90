//! Calls that the platform cut when the customer's balance was used up: no text says so, so it is put
//! together from how the call ended, its length and the customer's account.

use jiff::SignedDuration;

use super::settings::{Money, account};
use super::{logged, row, speaks_of_bye};
use crate::diagnosis::case::{Case, seconds};
use crate::diagnosis::finding::{Conclusion, Finding, Proof, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::ending::ended::hung_up_by;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::sip::Certainty;

/// How often the platform looks at balances.
const EVERY: i128 = 60_000;

/// How far from such a moment a call may have ended.
const SLACK: i128 = 5_000;

pub(super) static BALANCE_RAN_OUT: Rule = Rule {
    id: "balance-ran-out",
    family: "record",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "An answered call that neither side hung up ended a whole number of minutes after its answer, \
            and the customer's credit and debit limit together are not above nothing.",
    matters: "Balances are looked at once a minute, and calls without one are cut where that is set; \
              equipment and carriers have nothing to do with it.",
    remedy: "Top up; routing notices within 60 s.",
    silent: "One side hung up, the call ended at another moment, or there is credit by now.",
    source: "The platform's documentation of credit; catalogue M7",
    explains: &["platform-ended-call", "released-in-log"],
    limits: &[],
    check: Check::Call(|rule, case| ran_out(rule, case).into_iter().collect()),
};

fn ran_out(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let row = row(case)?;
    let answered = row.answered.as_ref()?;
    let (name, customer) = account(case)?;
    let release = answered.release_reason.as_deref().unwrap_or_default();
    if hung_up_by(case).is_some() || speaks_of_bye(release) || customer.can_dial() != Some(false) {
        return None;
    }
    let bye = case.own_byes().next().and_then(|bye| bye.request());
    let seen = bye
        .zip(case.answer())
        .map(|(bye, answer)| bye.at().duration_since(answer.at()));
    let lasted = seen.or_else(|| answered.duration_ms.map(SignedDuration::from_millis))?;
    let millis = lasted.as_millis();
    let rest = millis.rem_euclid(EVERY);
    if millis < EVERY - SLACK || rest.min(EVERY - rest) > SLACK {
        return None;
    }
    let money = Money::of(customer)?;
    let fields = money.fields().into_iter();
    let fields = fields.chain([logged("duration", millis / 1000)]);
    rule.finding_of(
        case,
        Proof::fields(fields).and(bye),
        Conclusion {
            fact: format!(
                "The call ended {} after its answer, and neither side hung up; {name} has no credit left: \
                 {money}.",
                seconds(lasted)
            ),
            fact_certainty: Certainty::Certain,
            cause: "Balances are looked at every 60 s, and calls without one are cut.".to_owned(),
            owner: Party::Configuration.into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: None,
            severity: None,
            next: "Top up or raise the limit, and wait 60 s.".to_owned(),
        },
    )
}
