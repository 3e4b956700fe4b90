//! What the customer's own settings on the platform say of a call that was refused: rules of its rate cards for
//! the number, its allow list for the caller. Settings as they are now, which need not be as they were.

use std::fmt;

use super::refused::Read;
use crate::diagnosis::case::Case;
use crate::diagnosis::finding::Field;
use crate::diagnosis::party::Party;
use crate::knowledge::Asks;
use crate::platform::{CallRecord, CardRules, CliEntry, Customer, Id, Rates, named};
use crate::sip::Certainty;

/// Whether the list that tells more of a refusal was asked for and answered.
pub(super) fn is_answered(case: &Case<'_>, asks: Option<Asks>) -> bool {
    let records = case.records;
    match asks {
        Some(Asks::RateCards) => records.is_some_and(|it| it.rates.is_some()),
        Some(Asks::CallerIds) => records.is_some_and(|it| it.callers.is_some()),
        None => false,
    }
}

/// What money a customer may still spend, as the platform keeps it by now.
pub(super) struct Money<'a> {
    credit: f64,
    limit: f64,
    currency: &'a str,
}

impl<'a> Money<'a> {
    /// Nothing where the platform did not tell both.
    pub(super) fn of(customer: &'a Customer) -> Option<Money<'a>> {
        Some(Money {
            credit: customer.credit?,
            limit: customer.debit_limit?,
            currency: customer.currency.as_deref().unwrap_or_default(),
        })
    }

    /// What proves it.
    pub(super) fn fields(&self) -> [Field; 2] {
        [
            Field::new("customer", "credit", self.credit),
            Field::new("customer", "debit_limit", self.limit),
        ]
    }
}

impl fmt::Display for Money<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Money {
            credit,
            limit,
            currency,
        } = self;
        write!(f, "{credit:.2}")?;
        if !currency.is_empty() {
            write!(f, " {currency}")?;
        }
        write!(f, ", with a debit limit of {limit:.2}")
    }
}

/// The customer of a call with its name, where the platform told of it.
pub(super) fn account<'a>(case: &Case<'a>) -> Option<(String, &'a Customer)> {
    let records = case.records?;
    Some((records.customer_name()?, records.customer.as_ref()?))
}

impl Read {
    /// What the list says that a text asks for.
    pub(super) fn look_at_settings(&mut self, case: &Case<'_>, row: &CallRecord, asks: Asks) {
        let Some(records) = case.records else { return };
        match asks {
            Asks::RateCards => {
                if let Some(rates) = &records.rates {
                    self.look_at_rates(rates);
                }
            }
            Asks::CallerIds => {
                if let (Some(entries), Some(cli)) = (&records.callers, &row.from) {
                    self.look_at_callers(case, row, entries, cli);
                }
            }
        }
    }

    /// The customer's money, where payment was asked for.
    pub(super) fn look_at_account(&mut self, case: &Case<'_>) {
        let Some((name, account)) = account(case) else {
            return;
        };
        let can_dial = account.can_dial();
        let Some(money) = Money::of(account) else {
            return;
        };
        self.fields.extend(money.fields());
        self.fact
            .push_str(&format!("; the credit of {name} is {money} by now"));
        if can_dial == Some(true) {
            self.next = "There is credit by now: call again. If payment is still asked for, look at what the \
                         customer's packages and rate cards charge."
                .to_owned();
        }
    }

    /// What the rate cards lack, where no text says why a call was refused.
    pub(super) fn look_for_a_rule(&mut self, case: &Case<'_>) {
        let rates = case.records.and_then(|it| it.rates.as_ref());
        let Some(rates) = rates.filter(|it| lacks(it) || blocked(it).is_some()) else {
            return;
        };
        self.look_at_rates(rates);
        self.cause = "No text says why; that fits.".to_owned();
        self.party = Party::Configuration;
        self.certainty = Certainty::Likely;
    }

    fn look_at_rates(&mut self, rates: &Rates) {
        let number = &rates.number;
        if rates.routes == 0 {
            self.fields.push(Field::new("routing", "routes", 0));
            self.fact
                .push_str("; the platform lists no route of this customer");
            self.next = "Give the customer a route with a rate card that has this number; a change takes up \
                         to 60 s."
                .to_owned();
            return;
        }
        for card in &rates.cards {
            self.fields.push(field(card));
            self.fact.push_str(&told(card, number));
        }
        if rates.left_out > 0 {
            self.fact
                .push_str("; not every rate card of the customer was looked at");
        }
        if let Some(card) = blocked(rates) {
            let prefix = card.rule.as_ref().map_or("", |rule| &rule.prefix);
            self.next = format!(
                "Unblock the rule {prefix} of rate card {} if calls should go there, wait 60 s, and call again; \
                 it may be blocked on purpose.",
                card.card
            );
        } else if lacks(rates) {
            let card = rates.cards.first().map_or("", |it| &it.card);
            self.next = format!(
                "Check the number ({number} as it was looked for), then add a rule for it to rate card {card} \
                 and make that revision the active one; a change takes up to 60 s."
            );
        } else if rates.cards.iter().any(is_usable) {
            self.next = "The rate card has a rule for the number by now: check whether parameter rewrite or \
                         alias change the number, whether the route is enabled, and which revision was active \
                         then."
                .to_owned();
        }
    }

    fn look_at_callers(
        &mut self,
        case: &Case<'_>,
        row: &CallRecord,
        entries: &[CliEntry],
        cli: &str,
    ) {
        let known = case.records.and_then(|it| it.customer.as_ref());
        let own = known.map(|it| it.id).or(row.customer_id);
        let own_name = case.records.and_then(|it| it.customer_name());
        let own_name = own_name.unwrap_or_else(|| "this customer".to_owned());
        let listed: Vec<Id> = entries.iter().filter_map(|it| it.customer_id).collect();
        self.fields
            .push(Field::new("allow list", "entries", entries.len()));
        if own.is_some_and(|own| listed.contains(&own)) {
            self.fact.push_str(&format!(
                "; {cli} is in the allow list of {own_name} by now"
            ));
            self.party = Party::Configuration;
            self.next = "The caller number is listed: check the match on the dialled number, the carrier's \
                         restriction of caller IDs, and whether P-Asserted-Identity is required."
                .to_owned();
        } else if let Some(other) = listed.first() {
            let other = named("customer", *other, None);
            let not_own = match own {
                Some(_) => format!("and not in that of {own_name}"),
                None => "and whose call this was is not known".to_owned(),
            };
            self.fact.push_str(&format!(
                "; {cli} is in the allow list of {other}, {not_own}"
            ));
        } else {
            self.fact.push_str(&format!(
                "; no allow list has an entry of exactly {cli}, though a pattern in it may cover it"
            ));
        }
    }
}

fn is_usable(card: &CardRules) -> bool {
    card.rule.as_ref().is_some_and(|rule| !rule.is_blocked())
}

/// The card whose rule for the number is blocked, where no other card has one that is not.
fn blocked(rates: &Rates) -> Option<&CardRules> {
    let is_blocked = |card: &&CardRules| {
        !card.is_cut && card.rule.as_ref().is_some_and(|rule| rule.is_blocked())
    };
    let is_alone = rates.left_out == 0 && !rates.cards.iter().any(is_usable);
    rates.cards.iter().find(is_blocked).filter(|_| is_alone)
}

/// Whether no rate card has a rule for the number, all of them seen whole.
fn lacks(rates: &Rates) -> bool {
    let has_none = |card: &CardRules| card.rule.is_none() && !card.is_cut;
    let are_all_seen = rates.left_out == 0 && !rates.cards.is_empty();
    rates.routes == 0 || (are_all_seen && rates.cards.iter().all(has_none))
}

fn field(card: &CardRules) -> Field {
    let rule = match &card.rule {
        Some(rule) => rule.prefix.as_str(),
        None => "none",
    };
    Field::new("rate card", &card.card, rule)
}

fn told(card: &CardRules, number: &str) -> String {
    let which = format!("rate card {} (revision {})", card.card, card.revision);
    match &card.rule {
        Some(rule) => {
            let name = rule
                .name
                .as_ref()
                .map_or_else(String::new, |name| format!(" ({name})"));
            let rule_name = format!("{}{name}", rule.prefix);
            let beyond = if card.is_cut {
                ", of the rules that were given"
            } else {
                ""
            };
            match rule.is_blocked() {
                true => {
                    format!("; the rule {rule_name} of {which} for {number} is Blocked{beyond}")
                }
                false => format!("; {which} has the rule {rule_name} for {number} by now{beyond}"),
            }
        }
        None if card.is_cut => {
            format!("; of {which} not all rules were given, and none that was fits {number}")
        }
        None => format!("; {which} has no rule for {number}"),
    }
}
