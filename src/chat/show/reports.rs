//! A problem report as parts of a message, with what can be done. Sends nothing.

use super::Context;
use super::buttons::{Button, Choice, REPORT, select};
use super::card::{bullets, labelled};
use super::sheet::{Action, Part, Rank, Sheet};
use super::text::{Sign, Text};
use crate::chat::{Alternative, Preview};

/// A report: who gets it, what it says, and what can be done with it.
pub fn report(sheet: &mut Sheet, preview: &Preview, context: &Context<'_>) {
    let sign = match preview.state {
        "draft" => Sign::Memo,
        "failed" | "unsure" => Sign::Warning,
        "waiting" => Sign::Hourglass,
        "fixed" | "verified" => Sign::Check,
        _ => Sign::Envelope,
    };
    let state = Text::sign(sign).and(&Text::bold(&format!("Report: {}", preview.state)));
    let id = Text::ours("  ").and(&Text::code(&preview.id));
    sheet.line(Rank::First, state.and(&id));
    let facts = preview
        .facts
        .iter()
        .map(|(name, value)| labelled(name, &Text::outside(value)));
    sheet.add(Rank::First, Part::Lines(None, facts.collect()));
    sheet.titled(
        Rank::First,
        "It cannot be sent yet",
        bullets(&preview.problems),
    );
    let lines = preview.text.lines().map(ToOwned::to_owned).collect();
    sheet.add(Rank::Second, Part::Drawing(lines));
    sheet.titled(
        Rank::Second,
        "Support would still ask",
        bullets(&preview.missing),
    );
    let link = preview.link.as_deref().and_then(Text::address);
    sheet.add(Rank::First, Part::Lines(None, link.into_iter().collect()));
    let events = preview.events.iter().map(|it| Text::outside(it));
    sheet.add(Rank::Last, Part::Small(events.collect()));
    if context.buttons {
        sheet.add(Rank::First, Part::Actions(actions(preview)));
    }
}

fn actions(preview: &Preview) -> Vec<Action> {
    let edit = preview
        .form
        .is_some()
        .then(|| Button::form(REPORT, 0, "Edit", &preview.id));
    let said = preview
        .actions
        .iter()
        .enumerate()
        .map(|(nth, action)| said(nth, action, preview));
    let others = preview.recipients.iter().map(|it| Choice {
        label: it.label.clone(),
        command: it.command.clone(),
        otherwise: None,
    });
    let others = select("recipient", "Another recipient", others.collect());
    said.chain(edit).map(Action::Press).chain(others).collect()
}

/// What sends something is asked back first.
fn said(nth: usize, action: &Alternative, preview: &Preview) -> Button {
    let button = Button::say("report", nth, &action.label, action.command.clone());
    if !action.command.ends_with("--confirm") {
        return button;
    }
    let to = preview
        .facts
        .iter()
        .find(|(name, _)| *name == "To")
        .map_or("", |(_, to)| to.as_str());
    let otherwise = "It goes to who is named above.";
    let goes = format!("It goes to {to}.");
    button.asking("Send this report?", &goes, otherwise, "Send it")
}
