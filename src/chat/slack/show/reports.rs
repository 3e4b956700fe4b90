//! Problem reports: as a message with what can be done, and as a form. Sends nothing.

use slack_morphism::prelude::*;

use super::Context;
use super::buttons::{Button, Choice, REPORT, is_sayable, select};
use super::card::{bullets, labelled};
use super::forms::{FIELD, input, modal};
use super::limits::{CONFIRM_BUTTON, CONFIRM_TEXT, CONFIRM_TITLE, INPUT, OPTION, PLACEHOLDER};
use super::sheet::{Part, Rank, Sheet, plain_text, section};
use super::text::{Mrkdwn, length, short};
use crate::chat::{Alternative, Preview};
use crate::report::form::{Field, FieldKind, Form};

/// The `callback_id` of the form of a report. Its `private_metadata` is what it is about.
pub const FORM: &str = "report";

/// A report: who gets it, what it says, and what can be done with it.
pub(super) fn report(sheet: &mut Sheet, preview: &Preview, context: &Context<'_>) {
    let sign = match preview.state {
        "draft" => ":memo: ",
        "failed" | "unsure" => ":warning: ",
        "waiting" => ":hourglass_flowing_sand: ",
        "fixed" | "verified" => ":white_check_mark: ",
        _ => ":incoming_envelope: ",
    };
    let state = Mrkdwn::ours(sign).and(&Mrkdwn::bold(&format!("Report: {}", preview.state)));
    let id = Mrkdwn::ours("  ").and(&Mrkdwn::code(&preview.id));
    sheet.line(Rank::First, state.and(&id));
    let facts = preview
        .facts
        .iter()
        .map(|(name, value)| labelled(name, &Mrkdwn::outside(value)));
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
    let link = preview.link.as_deref().and_then(Mrkdwn::address);
    sheet.add(Rank::First, Part::Lines(None, link.into_iter().collect()));
    let events = preview.events.iter().map(|it| Mrkdwn::outside(it));
    sheet.add(Rank::Last, Part::Small(events.collect()));
    if context.buttons {
        sheet.add(Rank::First, Part::Actions(actions(preview)));
    }
}

fn actions(preview: &Preview) -> Vec<SlackActionBlockElement> {
    let edit = preview.form.is_some().then(|| Button {
        action: REPORT.to_owned(),
        label: "Edit".to_owned(),
        command: preview.id.clone(),
    });
    let said = preview
        .actions
        .iter()
        .enumerate()
        .map(|(nth, action)| said(nth, action, preview));
    let others = preview.recipients.iter().map(|it| Choice {
        label: it.label.clone(),
        command: it.command.clone(),
    });
    let others = select("recipient", "Another recipient", others.collect());
    said.chain(edit.map(|it| it.element().into()))
        .chain(others)
        .collect()
}

/// What sends something is asked back first.
fn said(nth: usize, action: &Alternative, preview: &Preview) -> SlackActionBlockElement {
    let button = Button::say("report", nth, &action.label, action.command.clone()).element();
    if !action.command.ends_with("--confirm") {
        return button.into();
    }
    let to = preview
        .facts
        .iter()
        .find(|(name, _)| *name == "To")
        .map_or("", |(_, to)| to.as_str());
    let asked = match short(&format!("It goes to {to}."), CONFIRM_TEXT) {
        empty if empty.is_empty() => "It goes to who is named above.".to_owned(),
        asked => asked,
    };
    let confirm = SlackBlockConfirmItem::new(
        plain_text("Send this report?", CONFIRM_TITLE),
        SlackBlockText::Plain(SlackBlockPlainText::new(asked)),
        plain_text("Send it", CONFIRM_BUTTON),
        plain_text("Not now", CONFIRM_BUTTON),
    );
    button
        .with_confirm(confirm)
        .with_style(SlackBlockButtonStyle::Primary)
        .into()
}

/// The form of a report; `about` is the id of an investigation or of a draft.
#[must_use]
pub fn form(form: &Form, about: &str) -> SlackView {
    let head = section(Mrkdwn::outside(&form.intro).to_string());
    let fields = form.fields.iter().map(|it| field(it).into());
    let blocks = std::iter::once(head).chain(fields).collect();
    modal(&form.title, "Preview", FORM, blocks, about)
}

fn field(field: &Field) -> SlackInputBlock {
    let action = SlackActionId(FIELD.to_owned());
    let element = match &field.kind {
        FieldKind::Choice(choices) => {
            let item = |(word, label): &(&'static str, &'static str)| {
                SlackBlockChoiceItem::new(plain_text(label, OPTION), (*word).to_owned())
            };
            let chosen = choices
                .iter()
                .find(|(word, _)| *word == field.value)
                .map(item);
            let select = SlackBlockStaticSelectElement::new()
                .with_action_id(action)
                .with_placeholder(plain_text("Choose", PLACEHOLDER))
                .with_options(choices.iter().map(item).collect());
            match chosen {
                Some(chosen) => select.with_initial_option(chosen).into(),
                None => select.into(),
            }
        }
        FieldKind::Line(most) | FieldKind::Lines(most) => {
            let most = (*most).min(INPUT);
            let input = SlackBlockPlainTextInputElement::new()
                .with_action_id(action)
                .with_multiline(matches!(field.kind, FieldKind::Lines(_)))
                .with_max_length(u64::try_from(most).unwrap_or_default());
            let input = match field.hint {
                "" => input,
                hint => input.with_placeholder(plain_text(hint, PLACEHOLDER)),
            };
            match field.value.is_empty() || length(&field.value) > most {
                true => input.into(),
                false => input.with_initial_value(field.value.clone()).into(),
            }
        }
    };
    input(field.name, field.label, element).with_optional(!field.required)
}

/// The command that a sent form stands for.
///
/// # Errors
/// The fields that no support would take, each with a sentence, as Slack shows it under the field.
pub fn command(about: &str, filled: &[(String, String)]) -> Result<String, Vec<(String, String)>> {
    let refused = filled.iter().filter_map(|(name, value)| {
        let why = crate::report::form::refused_alone(name, value)?;
        Some((name.clone(), why))
    });
    let refused: Vec<(String, String)> = refused.collect();
    match refused.is_empty() && is_sayable(about) {
        true => Ok(crate::chat::filling(about, filled)),
        false => Err(refused),
    }
}
