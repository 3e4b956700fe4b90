//! Answers about routes, rate cards and the rules of a card.

use super::rows::{Rows, read};
use super::unreadable::Unreadable;
use crate::platform::{Card, RateRule, Route};

/// Reads the routes of a customer.
///
/// # Errors
/// Where the answer as a whole is no list of routes.
pub fn routes(body: &[u8]) -> Result<Rows<Route>, Unreadable> {
    read(body, |fields| {
        let route = Route {
            id: fields.id(&["id"]),
            card_id: fields.text(&["card_id"]),
            name: fields.text(&["name"]),
            customer_id: fields.id(&["company_id", "customer_id"]),
            raw: fields.raw(),
        };
        (route.id.is_some() || route.card_id.is_some()).then_some(route)
    })
}

/// Reads the rate card that was asked for: one row.
///
/// # Errors
/// Where the answer as a whole is no card.
pub fn cards(body: &[u8]) -> Result<Rows<Card>, Unreadable> {
    read(body, |fields| {
        let card = Card {
            id: fields.text(&["id"]),
            active_revision: fields.count(&["active_rev"]),
            currency: fields.text(&["currency"]),
            strategy: fields.text(&["strategy"]),
            direction: fields.text(&["direction"]),
            rules: fields.count(&["count"]),
            raw: fields.raw(),
        };
        (card.id.is_some() || card.active_revision.is_some()).then_some(card)
    })
}

/// Reads the rules of a revision of a rate card. A rule without a prefix is malformed, one whose
/// prefix is empty is for every number.
///
/// # Errors
/// Where the answer as a whole is no list of rules.
pub fn rate_rules(body: &[u8]) -> Result<Rows<RateRule>, Unreadable> {
    read(body, |fields| {
        let prefix = fields.text(&["prefix"]);
        let is_there = fields
            .element()
            .get("prefix")
            .is_some_and(|it| it.is_string());
        Some(RateRule {
            prefix: prefix.or_else(|| is_there.then(String::new))?,
            name: fields.text(&["name"]),
            cost: fields.number(&["cost"]),
            minimum: fields.number(&["mcd"]),
            pulse: fields.number(&["pulse"]),
            status: fields.text(&["status"]),
            raw: fields.raw(),
        })
    })
}
