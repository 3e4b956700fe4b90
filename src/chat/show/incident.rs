//! The card of an incident as a message. Sends nothing.

use super::buttons::{Button, is_sayable};
use super::card::{headline, labelled};
use super::sheet::{Action, Part, Rank, Sheet};
use super::text::Text;
use crate::chat::commands::Table;
use crate::render::incident::{IncidentCard, Press, sparkline};

/// An incident as a message; its buttons stand for commands of the table.
#[must_use]
pub fn incident(card: &IncidentCard, table: &Table) -> Sheet {
    let mut sheet = Sheet::default();
    sheet.toned(card.tone.into());
    let state = Text::outside(&card.state);
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
            Part::Small(vec![Text::outside(&card.chart_says)]),
        );
    }
    let facts = card
        .facts
        .iter()
        .map(|(label, text)| labelled(label, &Text::outside(text)));
    sheet.add(Rank::First, Part::Lines(None, facts.collect()));
    let examples = card.examples.iter().map(|it| {
        let id = Text::ours("• ").and(&Text::code(&it.call_id));
        id.and(&Text::ours("  ")).and(&Text::outside(&it.says))
    });
    sheet.titled(Rank::Second, "Calls looked at", examples.collect());
    let next = card
        .next
        .iter()
        .enumerate()
        .map(|(at, it)| Text::outside(&format!("{}. {it}", at + 1)));
    sheet.titled(Rank::First, "Do next", next.collect());
    let buttons = card.buttons.iter().filter_map(|it| button(it, table));
    sheet.add(Rank::First, Part::Actions(buttons.collect()));
    sheet.add(
        Rank::Last,
        Part::Small(card.notes.iter().map(|it| Text::outside(it)).collect()),
    );
    sheet
}

/// Sentences as a message, a line each.
#[must_use]
pub fn sentences(text: &str) -> Sheet {
    let mut sheet = Sheet::default();
    sheet.add(
        Rank::First,
        Part::Lines(None, text.lines().map(Text::outside).collect()),
    );
    sheet
}

/// A button, where there is its command.
fn button(press: &Press, table: &Table) -> Option<Action> {
    let verb = press.command.split(' ').next().unwrap_or_default();
    let is_known = table.named(verb).is_some()
        && press
            .command
            .split(' ')
            .all(|word| is_sayable(word) || word.starts_with("--"));
    is_known.then(|| {
        Action::Press(Button::say(
            press.name,
            0,
            press.label,
            press.command.clone(),
        ))
    })
}
