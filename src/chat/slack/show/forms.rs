//! Forms as views. Opens none.

use slack_morphism::prelude::*;

use super::limits::{INPUT, LABEL, MODAL_TITLE, OPTION, PLACEHOLDER};
use super::sheet::{plain_text, section};
use super::text::Mrkdwn;
use crate::chat::show::buttons::is_sayable;
use crate::chat::show::forms::{Field, Form, Input};
use crate::chat::show::text::length;

/// The action of every field; the block's id is the field's name.
pub const FIELD: &str = "field";

/// What stands in a choice that says nothing of what is wanted.
const CHOOSE: &str = "Choose";

/// A form as Slack shows it. Its `callback_id` is the word of its kind, its `private_metadata` what it is about.
#[must_use]
pub fn view(form: &Form) -> SlackView {
    let head = section(Mrkdwn::from(&form.head).to_string());
    let fields = form.fields.iter().map(|it| field(it).into());
    let blocks = std::iter::once(head).chain(fields).collect();
    let view = SlackModalView::new(plain_text(&form.title, MODAL_TITLE), blocks)
        .with_submit(plain_text(form.submit, MODAL_TITLE))
        .with_close(plain_text("Cancel", MODAL_TITLE))
        .with_callback_id(SlackCallbackId(form.kind.word().to_owned()));
    SlackView::Modal(match is_sayable(&form.about) {
        true => view.with_private_metadata(form.about.clone()),
        false => view,
    })
}

fn field(field: &Field) -> SlackInputBlock {
    let element = match &field.input {
        Input::Choice(choices) => choice(field, choices),
        Input::Line(most) => line(field, *most, false),
        Input::Lines(most) => line(field, Some(*most), true),
    };
    let input = SlackInputBlock::new(plain_text(&field.label, LABEL), element)
        .with_block_id(SlackBlockId(field.name.clone()));
    match field.required {
        true => input,
        false => input.with_optional(true),
    }
}

fn choice(field: &Field, choices: &[(String, String)]) -> SlackInputBlockElement {
    let item = |(word, label): &(String, String)| {
        SlackBlockChoiceItem::new(plain_text(label, OPTION), word.clone())
    };
    let chosen = choices.iter().find(|(word, _)| *word == field.value);
    let placeholder = match field.hint {
        "" => CHOOSE,
        hint => hint,
    };
    let select = SlackBlockStaticSelectElement::new()
        .with_action_id(SlackActionId(FIELD.to_owned()))
        .with_placeholder(plain_text(placeholder, PLACEHOLDER))
        .with_options(choices.iter().map(item).collect());
    match chosen {
        Some(chosen) => select.with_initial_option(item(chosen)).into(),
        None => select.into(),
    }
}

fn line(field: &Field, most: Option<usize>, multiline: bool) -> SlackInputBlockElement {
    let mut input =
        SlackBlockPlainTextInputElement::new().with_action_id(SlackActionId(FIELD.to_owned()));
    if multiline {
        input = input.with_multiline(true);
    }
    let room = most.map_or(INPUT, |most| most.min(INPUT));
    if most.is_some() {
        input = input.with_max_length(u64::try_from(room).unwrap_or_default());
    }
    if !field.hint.is_empty() {
        input = input.with_placeholder(plain_text(field.hint, PLACEHOLDER));
    }
    match field.value.is_empty() || length(&field.value) > room {
        true => input.into(),
        false => input.with_initial_value(field.value.clone()).into(),
    }
}
