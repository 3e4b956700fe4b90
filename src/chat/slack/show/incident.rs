//! The card of an incident as a message. Draws; sends nothing.

use slack_morphism::prelude::SlackActionBlockElement;

use super::Shown;
use super::buttons::{Button, is_sayable};
use super::card::{headline, labelled};
use super::sheet::{Part, Rank, Sheet};
use super::text::{Mrkdwn, short};
use crate::chat::commands::Table;
use crate::render::incident::{IncidentCard, Press, sparkline};

/// A notification is no longer than this: no client shows more.
const NOTIFICATION: usize = 300;

/// An incident as a message; its buttons stand for commands of the table.
#[must_use]
pub fn incident(card: &IncidentCard, table: &Table) -> Shown {
    let mut sheet = Sheet::default();
    let state = Mrkdwn::outside(&card.state);
    sheet.add(
        Rank::First,
        Part::Lines(
            None,
            vec![headline(card.tone.into(), &card.headline), state],
        ),
    );
    if !card.chart.is_empty() {
        let bars = format!("|{}|", sparkline(&card.chart));
        sheet.add(Rank::Second, Part::Drawing(vec![bars]));
        sheet.add(
            Rank::Second,
            Part::Small(vec![Mrkdwn::outside(&card.chart_says)]),
        );
    }
    let facts = card
        .facts
        .iter()
        .map(|(label, text)| labelled(label, &Mrkdwn::outside(text)));
    sheet.add(Rank::First, Part::Lines(None, facts.collect()));
    let examples = card.examples.iter().map(|it| {
        let id = Mrkdwn::ours("• ").and(&Mrkdwn::code(&it.call_id));
        id.and(&Mrkdwn::ours("  ")).and(&Mrkdwn::outside(&it.says))
    });
    sheet.titled(Rank::Second, "Calls looked at", examples.collect());
    let next = card
        .next
        .iter()
        .enumerate()
        .map(|(at, it)| Mrkdwn::outside(&format!("{}. {it}", at + 1)));
    sheet.titled(Rank::First, "Do next", next.collect());
    let buttons = card.buttons.iter().filter_map(|it| button(it, table));
    sheet.add(Rank::First, Part::Actions(buttons.collect()));
    sheet.add(
        Rank::Last,
        Part::Small(card.notes.iter().map(|it| Mrkdwn::outside(it)).collect()),
    );
    Shown {
        text: short(&card.headline, NOTIFICATION),
        blocks: sheet.place(&card.id).blocks,
    }
}

/// Sentences as a message, a line each.
#[must_use]
pub fn sentences(text: &str) -> Shown {
    let mut sheet = Sheet::default();
    sheet.add(
        Rank::First,
        Part::Lines(None, text.lines().map(Mrkdwn::outside).collect()),
    );
    Shown {
        text: short(text.lines().next().unwrap_or_default(), NOTIFICATION),
        blocks: sheet.place("").blocks,
    }
}

/// A button, where there is its command.
fn button(press: &Press, table: &Table) -> Option<SlackActionBlockElement> {
    let verb = press.command.split(' ').next().unwrap_or_default();
    let is_known = table.named(verb).is_some()
        && press
            .command
            .split(' ')
            .all(|word| is_sayable(word) || word.starts_with("--"));
    is_known.then(|| {
        Button::say(press.name, 0, press.label, press.command.clone())
            .element()
            .into()
    })
}
