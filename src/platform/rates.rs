//! Where calls of a customer may go and at what price: routes, rate cards and their rules. Finds the
//! rule of a number; chooses no route.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Id;

/// A route of a customer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Route {
    /// The number of the row. Rate cards are not found by it.
    pub id: Option<Id>,
    /// The rate card that it uses.
    pub card_id: Option<String>,
    /// What the platform calls it.
    pub name: Option<String>,
    /// Whose it is.
    pub customer_id: Option<Id>,
    /// The whole row as received.
    pub raw: Value,
}

impl Route {
    /// Whether its rate card has rules to look at: cards named `internal` and `ip:...` have none.
    #[must_use]
    pub fn has_rules(&self) -> bool {
        self.card_id.as_deref().is_some_and(|card| {
            let card = card.trim().to_ascii_lowercase();
            !card.is_empty() && card != "internal" && !card.starts_with("ip:")
        })
    }
}

/// A rate card.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Card {
    /// Under which name rules are found.
    pub id: Option<String>,
    /// Which revision is in force.
    pub active_revision: Option<u64>,
    /// The currency of its prices.
    pub currency: Option<String>,
    /// How its carriers are chosen, in the platform's words.
    pub strategy: Option<String>,
    /// Whether it is for calls out or in, in the platform's words.
    pub direction: Option<String>,
    /// How many rules it has.
    pub rules: Option<u64>,
    /// The whole object as received.
    pub raw: Value,
}

/// A price for all numbers that begin alike.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RateRule {
    /// How the numbers begin, in digits. Empty is every number.
    pub prefix: String,
    /// The destination.
    pub name: Option<String>,
    /// The price, as reported.
    pub cost: Option<f64>,
    /// The shortest time that is billed, in seconds, as reported.
    pub minimum: Option<f64>,
    /// The step in which time is billed, in seconds, as reported.
    pub pulse: Option<f64>,
    /// The state in the platform's words; `Blocked` sends no call.
    pub status: Option<String>,
    /// The whole row as received.
    pub raw: Value,
}

impl RateRule {
    /// Whether its state says that no call goes there.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.status
            .as_deref()
            .is_some_and(|status| status.trim().eq_ignore_ascii_case("blocked"))
    }
}

/// What the rate cards of a customer have for a number, in the revisions that are in force.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Rates {
    /// The number as it was looked for, in digits.
    pub number: String,
    /// How many routes the customer has.
    pub routes: usize,
    /// The cards that were looked at, each once.
    pub cards: Vec<CardRules>,
    /// How many cards were not looked at.
    pub left_out: usize,
}

/// What one rate card has for a number.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CardRules {
    /// The card.
    pub card: String,
    /// Its revision in force.
    pub revision: u64,
    /// The rule for the number, of those that were given.
    pub rule: Option<RateRule>,
    /// Whether the card may have more rules than were given: then another one may fit.
    pub is_cut: bool,
}

/// The rule for a number: of all whose prefix the number begins with, the longest. `number` may have
/// a plus and separators; everything but its digits is left out of account.
#[must_use]
pub fn longest_prefix<'r>(rules: &'r [RateRule], number: &str) -> Option<&'r RateRule> {
    let number = digits(number);
    if number.is_empty() {
        return None;
    }
    let fitting = rules.iter().filter_map(|rule| {
        let prefix = digits(&rule.prefix);
        // A prefix in other words than digits is none of a number.
        let is_readable = prefix.len() == rule.prefix.trim().trim_start_matches('+').len();
        (is_readable && number.starts_with(&prefix)).then_some((prefix.len(), rule))
    });
    // Of two equal ones the first: `max_by_key` alone would take the last.
    fitting
        .rev()
        .max_by_key(|(length, _)| *length)
        .map(|(_, rule)| rule)
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
