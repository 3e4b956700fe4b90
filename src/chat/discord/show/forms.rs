//! Forms as modals, five parts a page, and the fields of one that was sent. Opens none.
//!
//! <https://docs.discord.com/developers/components/reference#label>

use serde_json::{Value, json};

use super::limits::{
    FIELD_DESCRIPTION, INPUT, INPUT_LABEL, INPUTS, MODAL_TITLE, OPTION, PLACEHOLDER,
};
use super::text::Markdown;
use crate::chat::show::forms::{Field, Form, Input};
use crate::chat::show::text::{length, plain, short};

/// What is told before the fields.
const TEXT: u8 = 10;
/// A field with its name and what is wanted there.
const LABEL: u8 = 18;
/// What is chosen from.
const SELECT: u8 = 3;
/// What is written in.
const WRITTEN: u8 = 4;

/// Whether what a form is for has room above its fields: it takes that of one, and no page of its own.
fn has_head(form: &Form) -> bool {
    let count = form.fields.len();
    !form.head.is_empty() && (count + 1).div_ceil(INPUTS) == count.div_ceil(INPUTS)
}

/// The fields of each page.
fn paged(form: &Form) -> impl Iterator<Item = &[Field]> {
    let most = INPUTS - usize::from(has_head(form));
    let (first, rest) = form.fields.split_at(form.fields.len().min(most));
    std::iter::once(first).chain(rest.chunks(INPUTS))
}

/// How many pages a form has.
#[must_use]
pub fn pages(form: &Form) -> usize {
    paged(form).count()
}

/// The page on which a field stands, from 0; the first for one that is not there.
#[must_use]
pub fn page_of(form: &Form, name: &str) -> usize {
    let has_it = |fields: &[Field]| fields.iter().any(|it| it.name == name);
    paged(form).position(has_it).unwrap_or_default()
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
    let head = (page == 0 && has_head(form))
        .then(|| json!({ "type": TEXT, "content": Markdown::from(&form.head).to_string() }));
    let fields = paged(form).nth(page).unwrap_or_default().iter().map(field);
    json!({
        "title": title + &number,
        "custom_id": id,
        "components": head.into_iter().chain(fields).collect::<Vec<_>>(),
    })
}

fn field(field: &Field) -> Value {
    let component = match &field.input {
        Input::Line(most) => written(field, 1, most.unwrap_or(INPUT)),
        Input::Lines(most) => written(field, 2, *most),
        Input::Choice(choices) => select(field, choices),
    };
    let mut label = json!({ "type": LABEL, "label": label(&field.label), "component": component });
    let wanted = short(wanted(field), FIELD_DESCRIPTION);
    if let Some(label) = label.as_object_mut()
        && !wanted.is_empty()
    {
        label.insert("description".to_owned(), json!(wanted));
    }
    label
}

fn written(field: &Field, style: u8, most: usize) -> Value {
    let most = most.clamp(1, INPUT);
    let mut input = json!({
        "type": WRITTEN,
        "custom_id": field.name,
        "style": style,
        "max_length": most,
        "required": field.required,
    });
    if let Some(input) = input.as_object_mut()
        && !field.value.is_empty()
        && length(&field.value) <= most
    {
        input.insert("value".to_owned(), json!(field.value));
    }
    input
}

fn select(field: &Field, choices: &[(String, String)]) -> Value {
    let option = |(word, label): &(String, String)| {
        let mut option = json!({ "label": short(label, OPTION), "value": word });
        if let Some(option) = option.as_object_mut()
            && *word == field.value
        {
            option.insert("default".to_owned(), json!(true));
        }
        option
    };
    let mut select = json!({
        "type": SELECT,
        "custom_id": field.name,
        "options": choices.iter().map(option).collect::<Vec<_>>(),
        "required": field.required,
    });
    if let Some(select) = select.as_object_mut() {
        if !field.hint.is_empty() && field.value.is_empty() {
            select.insert(
                "placeholder".to_owned(),
                json!(short(field.hint, PLACEHOLDER)),
            );
        }
        if !field.required {
            select.insert("min_values".to_owned(), json!(0));
        }
    }
    select
}

/// The label; of one that is too long the part before its explanation, which stands below it.
fn label(text: &str) -> String {
    let text = plain(text);
    if length(&text) <= INPUT_LABEL {
        return text;
    }
    let head = text.split([':', ',', ';', '(']).next().unwrap_or_default();
    short(head.trim(), INPUT_LABEL)
}

/// What is wanted in a field, in a few words. In a choice without a value its hint stands itself.
fn wanted(field: &Field) -> &str {
    let is_shown = matches!(&field.input, Input::Choice(_)) && field.value.is_empty();
    match field.hint {
        hint if !hint.is_empty() && !is_shown => hint,
        _ if length(&field.label) > INPUT_LABEL => &field.label,
        _ => "",
    }
}

/// The fields of a modal that was sent, as they were filled in; empty where nothing was.
#[must_use]
pub fn filled(data: &Value) -> Vec<(String, String)> {
    let parts = data.get("components").and_then(Value::as_array);
    let field = |part: &Value| {
        let input = part.get("component")?;
        let name = input.get("custom_id")?.as_str()?;
        let value = input.get("value").or_else(|| input.pointer("/values/0"));
        let value = value.and_then(Value::as_str).unwrap_or_default();
        Some((name.to_owned(), value.to_owned()))
    };
    parts.into_iter().flatten().filter_map(field).collect()
}
