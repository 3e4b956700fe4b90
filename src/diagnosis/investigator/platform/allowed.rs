//! What a customer's settings have for a call that was refused: rules of its rate cards for the called number,
//! entries for the caller number. Asked only where the refusal is, or may be, about them; judges nothing.

use std::collections::HashSet;

use futures_util::future::join_all;

use super::Asking;
use crate::diagnosis::rules::record::caller_id::may_be_about_caller;
use crate::knowledge::{Asks, Refused};
use crate::platform::{CallRecord, CardRules, CliEntry, Id, Rates, longest_prefix};
use crate::sources::{ConnexCs, Lookup};

/// More rate cards of one customer are not looked at.
const MOST_CARDS: usize = 3;

/// A list of so many rules may have been cut.
const MOST_RULES: usize = 1000;

/// What the settings have, as far as it was asked for.
#[derive(Debug, Default)]
pub struct Allowed {
    pub rates: Option<Rates>,
    pub callers: Option<Vec<CliEntry>>,
    /// What could not be asked for, and why.
    pub unavailable: Vec<(&'static str, String)>,
}

impl Allowed {
    /// Of a call, and its customer where that is known.
    pub async fn of(asking: Asking<'_>, row: &CallRecord, customer: Option<Id>) -> Allowed {
        let mut allowed = Allowed::default();
        match asks(asking, row) {
            Some(Asks::RateCards) => {
                if let (Some(customer), Some(number)) = (customer, number(row)) {
                    allowed
                        .look_at_rates(asking.platform, customer, number)
                        .await;
                }
            }
            Some(Asks::CallerIds) => {
                if let Some(cli) = row.from.as_deref() {
                    allowed.look_at_callers(asking.platform, cli).await;
                }
            }
            None => {}
        }
        allowed
    }

    async fn look_at_callers(&mut self, platform: &ConnexCs, cli: &str) {
        match platform.cli_entries(cli).await {
            Lookup::Found(answer) => self.callers = Some(answer.rows),
            Lookup::Empty => self.callers = Some(Vec::new()),
            Lookup::Unavailable(why) => self.unavailable.push(("caller numbers", why)),
        }
    }

    async fn look_at_rates(&mut self, platform: &ConnexCs, customer: Id, number: String) {
        let routes = match platform.routes(customer).await {
            Lookup::Found(answer) => answer.rows,
            Lookup::Empty => Vec::new(),
            Lookup::Unavailable(why) => return self.unavailable.push(("routes", why)),
        };
        let mut seen = HashSet::new();
        let with_rules = routes.iter().filter(|route| route.has_rules());
        let cards: Vec<&str> = with_rules
            .filter_map(|route| route.card_id.as_deref())
            .filter(|card| seen.insert(*card))
            .collect();
        let asked = cards.iter().take(MOST_CARDS);
        let found = join_all(asked.map(|card| rules_for(platform, card, &number))).await;
        let mut rates = Rates {
            number: number.clone(),
            routes: routes.len(),
            cards: Vec::new(),
            left_out: cards.len().saturating_sub(MOST_CARDS),
        };
        for card in found {
            match card {
                Ok(card) => rates.cards.push(card),
                Err(why) => {
                    // It may be the one that counts.
                    rates.left_out = rates.left_out.saturating_add(1);
                    self.unavailable.push(("rate card", why));
                }
            }
        }
        self.rates = Some(rates);
    }
}

/// Which list tells more of how a call failed: by its text, where that is known; where no text says why and no
/// carrier was chosen, the rate cards.
fn asks(asking: Asking<'_>, row: &CallRecord) -> Option<Asks> {
    let is_refused = row.answered.is_none() && row.attempts.is_empty();
    let text = row.reason.as_deref().unwrap_or_default();
    if may_be_about_caller(row) {
        return Some(Asks::CallerIds);
    }
    match asking.knowledge.refused(text, row.code) {
        _ if !is_refused => None,
        Some(Refused::Text(found)) => found.entry.asks,
        _ => {
            let is_challenge = matches!(row.code, Some(401 | 407));
            let is_final = row.code.is_some_and(|code| code >= 300) && !is_challenge;
            (is_final && row.routes.is_empty() && !row.comes_in()).then_some(Asks::RateCards)
        }
    }
}

/// The called number as it is looked for in rate cards: after rewriting where the row has that, without what was
/// dialled before it.
fn number(row: &CallRecord) -> Option<String> {
    let rewritten = row
        .raw
        .pointer("/routing/dest_number")
        .or(row.raw.get("dest_number"));
    let rewritten = rewritten.and_then(|it| it.as_str()).map(str::to_owned);
    let number = rewritten.or_else(|| row.to.clone())?;
    let number = number.rsplit(['*', '#']).next().unwrap_or_default();
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

/// What one card has for a number.
pub async fn rules_for(platform: &ConnexCs, card: &str, number: &str) -> Result<CardRules, String> {
    let revision = match platform.card(card).await {
        Lookup::Found(found) => found.active_revision,
        Lookup::Empty => return Err(format!("the platform has no card {card}")),
        Lookup::Unavailable(why) => return Err(why),
    };
    let revision = revision.ok_or_else(|| format!("the card {card} names no revision in force"))?;
    let (rules, is_cut) = match platform.rate_rules(card, revision).await {
        Lookup::Found(answer) => {
            // A rule that could not be read may be the one.
            let is_cut = answer.rows.len() >= MOST_RULES || !answer.notes.is_empty();
            (answer.rows, is_cut)
        }
        Lookup::Empty => (Vec::new(), false),
        Lookup::Unavailable(why) => return Err(why),
    };
    Ok(CardRules {
        card: card.to_owned(),
        revision,
        rule: longest_prefix(&rules, number).cloned(),
        is_cut,
    })
}
