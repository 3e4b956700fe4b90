//! Forms as modals, five fields a page, and the fields of one that was sent. Opens none.
//!
//! A modal has text fields only: serenity loses what is chosen in any other (`Label`). So a choice is written, as one of
//! the words that the field names.

use serde_json::{Value, json};

use super::limits::{INPUT, INPUT_LABEL, INPUT_PLACEHOLDER, INPUTS, MODAL_TITLE};
use crate::chat::show::forms::{Field, Form, Input, Refused};
use crate::chat::show::text::{length, plain, short};

/// How many pages a form has.
#[must_use]
pub fn pages(form: &Form) -> usize {
    form.fields.len().div_ceil(INPUTS).max(1)
}

/// A page of a form, from 0, as the modal that is known by `id`.
#[must_use]
pub fn page(form: &Form, page: usize, id: &str) -> Value {
    let of = pages(form);
    let number = match of {
        1 => String::new(),
        of => format!(" ({} of {of})", page + 1),
    };
    let title = short(&form.title, MODAL_TITLE.saturating_sub(length(&number)));
    let fields = form.fields.chunks(INPUTS).nth(page).unwrap_or_default();
    json!({
        "title": title + &number,
        "custom_id": id,
        "components": fields.iter().map(field).collect::<Vec<_>>(),
    })
}

fn field(field: &Field) -> Value {
    let (style, most) = match &field.input {
        Input::Line(most) => (1, most.unwrap_or(INPUT).min(INPUT)),
        Input::Lines(most) => (2, (*most).min(INPUT)),
        Input::Choice(words) => (
            1,
            words
                .iter()
                .map(|(word, _)| length(word))
                .max()
                .unwrap_or(1),
        ),
    };
    let placeholder = short(&wanted(field), INPUT_PLACEHOLDER);
    let mut input = json!({
        "type": 4,
        "custom_id": field.name,
        "style": style,
        "label": label(&field.label),
        "max_length": most.max(1),
        "required": field.required,
    });
    if let Some(input) = input.as_object_mut() {
        if !placeholder.is_empty() {
            input.insert("placeholder".to_owned(), json!(placeholder));
        }
        if !field.value.is_empty() && length(&field.value) <= most {
            input.insert("value".to_owned(), json!(field.value));
        }
    }
    json!({ "type": 1, "components": [input] })
}

/// The label; of one that is too long the part before its explanation, which the placeholder has.
fn label(text: &str) -> String {
    let text = plain(text);
    if length(&text) <= INPUT_LABEL {
        return text;
    }
    let head = text.split([':', ',', ';', '(']).next().unwrap_or_default();
    short(head.trim(), INPUT_LABEL)
}

/// What is wanted in a field, in a few words.
fn wanted(field: &Field) -> String {
    match &field.input {
        Input::Choice(words) => {
            let words: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
            words.join(", ")
        }
        _ if !field.hint.is_empty() => field.hint.to_owned(),
        _ if length(&field.label) > INPUT_LABEL => field.label.clone(),
        _ => String::new(),
    }
}

/// The fields of a modal that was sent, as they were filled in.
#[must_use]
pub fn filled(data: &Value) -> Vec<(String, String)> {
    let rows = data.get("components").and_then(Value::as_array);
    let inputs = rows.into_iter().flatten().filter_map(|row| {
        let inputs = row.get("components")?.as_array()?;
        inputs.first()
    });
    let text = |input: &Value, name: &str| {
        let text = input.get(name).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    inputs
        .map(|input| (text(input, "custom_id"), text(input, "value")))
        .collect()
}

/// What was filled in with each choice as the word that it means.
///
/// # Errors
/// The choices that are none of the words, each with a sentence.
pub fn chosen(
    form: &Form,
    filled: Vec<(String, String)>,
) -> Result<Vec<(String, String)>, Vec<Refused>> {
    let mut wrong = Vec::new();
    let mut meant = Vec::new();
    for (name, value) in filled {
        let field = form.fields.iter().find(|it| it.name == name);
        let words = match field.map(|it| &it.input) {
            Some(Input::Choice(words)) if !value.trim().is_empty() => words,
            _ => {
                meant.push((name, value));
                continue;
            }
        };
        let said = value.trim().to_lowercase();
        let is_it = |(word, label): &&(String, String)| {
            word.to_lowercase() == said || label.to_lowercase() == said
        };
        match words.iter().find(is_it) {
            Some((word, _)) => meant.push((name, word.clone())),
            None => {
                let allowed: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
                let why = format!("This is one of: {}.", allowed.join(", "));
                wrong.push((name, why));
            }
        }
    }
    match wrong.is_empty() {
        true => Ok(meant),
        false => Err(wrong),
    }
}
