//! Calls refused early of a customer who may not dial: no text of the platform says so, so it is put
//! together from the row and the customer's account.

use super::settings::{Money, account};
use super::{is_row_alone, row, verdict_of};
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::{Conclusion, Field, Finding, Proof, Severity};
use crate::diagnosis::party::{Direction, Party};
use crate::diagnosis::refusal::Refusal;
use crate::diagnosis::rules::{Bearing, Check, Rule};
use crate::knowledge::Refused;
use crate::sip::Certainty;

pub(super) static CUSTOMER_CANNOT_DIAL: Rule = Rule {
    id: "customer-cannot-dial",
    family: "record",
    severity: Severity::Error,
    bearing: Bearing::Outcome,
    finds: "A call was refused before any carrier was tried, for a reason that no text names, and the \
            customer's credit and debit limit together are not above nothing, or its account is not \
            active.",
    matters: "It is a matter of the account, not of routes or equipment: nothing else has to be looked \
              for.",
    remedy: "Top up, raise the limit or activate the account; routing notices within 60 s.",
    silent: "The log names another reason, a carrier was tried, or the account is in order by now.",
    source: "The platform's documentation of customers and credit; catalogue S402, M7",
    explains: &["refused-by-platform"],
    limits: &[],
    check: Check::Call(|rule, case| cannot_dial(rule, case).into_iter().collect()),
};

fn cannot_dial(rule: &Rule, case: &Case<'_>) -> Option<Finding> {
    let row = row(case).filter(|row| row.answered.is_none() && row.attempts.is_empty())?;
    let (name, customer) = account(case)?;
    let text = row.reason.as_deref().unwrap_or_default();
    let named = case.knowledge.refused(text, row.code);
    let is_refused = row
        .code
        .is_some_and(|code| code >= 300 && !matches!(code, 401 | 407 | 487));
    let by_platform = || Refusal::of(case).is_some_and(|it| it.is_platforms_own(case));
    if matches!(named, Some(Refused::Text(_)))
        || !is_refused
        || !(is_row_alone(case) || by_platform())
    {
        return None;
    }
    let (said, mut fields) = verdict_of(row)?;
    let cause = if customer.is_active() == Some(false) {
        let status = customer.status.clone().unwrap_or_default();
        fields.push(Field::new("customer", "status", status.clone()));
        format!("The account of {name} is {status}.")
    } else if customer.can_dial() == Some(false) {
        let money = Money::of(customer)?;
        fields.extend(money.fields());
        format!("{name} has no credit left: {money}.")
    } else {
        return None;
    };
    let next = if customer.is_active() == Some(false) {
        "Read the alert of this account where it has a penalty: what an alert disabled comes back by \
         itself; else activate the account, wait 60 s, call again."
    } else if case.roles.direction == Direction::Inbound {
        "Allow inbound calls with zero balance, or top up; wait 60 s, call again."
    } else {
        "Top up or raise the limit, wait 60 s, call again."
    };
    rule.finding_of(
        case,
        Proof::fields(fields),
        Conclusion {
            fact: format!(
                "The platform refused the call with {said} before any carrier was tried."
            ),
            fact_certainty: Certainty::Certain,
            cause,
            owner: Party::Configuration.into(),
            to_act: None,
            certainty: Certainty::Likely,
            by: None,
            severity: None,
            next: next.to_owned(),
        },
    )
}
