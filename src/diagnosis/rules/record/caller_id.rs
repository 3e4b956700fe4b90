//! The rule on caller numbers that the platform's allow lists have for somebody else.

use super::{logged, row};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Field, Finding, Proof, Severity};
use crate::diagnosis::party::Party;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::platform::{CallRecord, Id, named};
use crate::sip::Certainty;

pub(super) static CALLER_ID_NOT_OWN: Rule = Rule {
    id: "caller-id-not-own",
    family: "record",
    severity: Severity::Warning,
    bearing: Bearing::Trouble,
    finds: "A call out that a carrier refused with 403, 433, 603, 607 or 608, and whose caller number the platform's allow \
            lists have for another customer and not for this one.",
    matters: "Carriers refuse numbers that are not the caller's; and whoever is called back is not the one who called.",
    remedy: "Ask the customer whose number that is; list it for this customer if it is its own, else have it present one of \
             its own.",
    silent: "No allow list has the number: a pattern may cover it. Or one of this customer has it, whose call it is is not \
             known, it came in from a carrier, or the lists could not be asked. What the platform itself refused, \
             refused-in-log tells.",
    source: "The platform's documentation of CLI restriction; catalogue F8, S403a",
    explains: &[],
    limits: &[],
    check: Check::Call(|rule, case| not_own(rule, case).into_iter().collect()),
};

/// With what a network refuses a caller number, among other things.
const OF_CALLER: [u16; 5] = [403, 433, 603, 607, 608];

/// Whether a carrier refused a call out in a way that may be about its caller number.
pub(in crate::diagnosis) fn may_be_about_caller(row: &CallRecord) -> bool {
    let last = row.attempts.last().and_then(|attempt| attempt.code);
    let code = last.or(row.code).unwrap_or_default();
    row.answered.is_none()
        && !row.attempts.is_empty()
        && !row.comes_in()
        && OF_CALLER.contains(&code)
}

fn not_own(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let row = row(case).filter(|row| may_be_about_caller(row))?;
    let records = case.records?;
    let (own, cli) = (records.customer_id()?, row.from.as_deref()?);
    let listed = records.callers.as_deref().unwrap_or_default();
    let owners: Vec<Id> = listed.iter().filter_map(|it| it.customer_id).collect();
    let other = owners.first().filter(|_| !owners.contains(&own))?;
    let own_name = records.customer_name()?;
    let conclusion = Conclusion {
        fact: format!(
            "The caller number {cli} is in the allow list of {} and not in that of {own_name}, whose call this was.",
            named("customer", *other, None),
        ),
        fact_certainty: Certainty::Certain,
        cause: "A carrier may have refused the call because the number is not the caller's.".into(),
        owner: Party::Customer.into(),
        to_act: None,
        certainty: Certainty::Possible,
        by: None,
        severity: None,
        next: format!(
            "Ask {own_name} whether {cli} is its number; if not, have it present one of its own."
        ),
    };
    let listed = Field::new("allow list", "company_id", other);
    rule.finding_of(
        case,
        Proof::fields([logged("cli", cli), listed]),
        conclusion,
    )
}
