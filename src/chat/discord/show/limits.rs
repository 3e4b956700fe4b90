//! Discord's limits, and a check of a whole payload against them. Makes no payload; see `message`.
//!
//! Sizes are those of <https://docs.discord.com/developers/resources/message> and
//! <https://docs.discord.com/developers/components/reference>, counted as [`length`] does.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::chat::show::text::length;

/// The text of a message beside its embeds.
pub const CONTENT: usize = 2_000;
/// Embeds of a message.
pub const EMBEDS: usize = 10;
/// Characters over all embeds of a message.
pub const EMBED_CHARS: usize = 6_000;
/// The title of an embed.
pub const TITLE: usize = 256;
/// The text of an embed.
pub const DESCRIPTION: usize = 4_096;
/// Fields of an embed.
pub const FIELDS: usize = 25;
/// The name of a field.
pub const FIELD_NAME: usize = 256;
/// The value of a field.
pub const FIELD_VALUE: usize = 1_024;
/// The footer of an embed.
pub const FOOTER: usize = 2_048;
/// Rows of components.
pub const ROWS: usize = 5;
/// Buttons of a row.
pub const ROW_BUTTONS: usize = 5;
/// The label of a button.
pub const LABEL: usize = 80;
/// What a component or a form is known by.
pub const CUSTOM_ID: usize = 100;
/// Options of a select.
pub const OPTIONS: usize = 25;
/// The label, the value or the description of an option.
pub const OPTION: usize = 100;
/// The placeholder of a select.
pub const PLACEHOLDER: usize = 150;
/// Fields of a form, with what is told before them.
pub const INPUTS: usize = 5;
/// The title of a form.
pub const MODAL_TITLE: usize = 45;
/// The label of a field.
pub const INPUT_LABEL: usize = 45;
/// What a field takes, and what it is filled with.
pub const INPUT: usize = 4_000;
/// What is wanted in a field, below its label.
pub const FIELD_DESCRIPTION: usize = 100;
/// What is told before the fields of a form.
pub const FORM_TEXT: usize = 4_000;
/// Files of a message.
pub const FILES: usize = 10;
/// One file, where the server has no better plan.
pub const FILE_BYTES: usize = 10 * 1024 * 1024;
/// What a file shows, for those who do not see it.
pub const FILE_DESCRIPTION: usize = 1_024;
/// Sub-commands and options of a command.
pub const COMMAND_OPTIONS: usize = 25;
/// The description of a command or option, and the name and value of a choice.
pub const COMMAND_TEXT: usize = 100;
/// Choices offered for an option.
pub const CHOICES: usize = 25;

/// What a message or a form has that Discord would refuse, a sentence each; nothing where it is fit to send.
#[must_use]
pub fn check(payload: &Value) -> Vec<String> {
    let mut wrong = Wrong(Vec::new());
    let mut ids = BTreeSet::new();
    let mut once = |wrong: &mut Wrong, part: &Value| {
        if let Some(id) = part.get("custom_id").and_then(Value::as_str)
            && !ids.insert(id.to_owned())
        {
            wrong.0.push(format!("custom_id {id} twice"));
        }
    };
    let parts = list(payload, "components");
    if payload.get("custom_id").is_some() {
        wrong.text("title", payload.get("title"), MODAL_TITLE);
        wrong.text("custom_id", payload.get("custom_id"), CUSTOM_ID);
        wrong.over("fields", parts.len(), INPUTS);
        for part in parts {
            form_part(&mut wrong, part);
            once(&mut wrong, part.get("component").unwrap_or(&Value::Null));
        }
        return wrong.0;
    }
    message(&mut wrong, payload);
    wrong.over("rows", parts.len(), ROWS);
    for row in parts {
        let parts = list(row, "components");
        let is_select = parts.iter().any(|it| kind(it) == 3);
        let most = if is_select { 1 } else { ROW_BUTTONS };
        wrong.over("components of a row", parts.len(), most);
        if parts.is_empty() {
            wrong.0.push("an empty row".to_owned());
        }
        for part in parts {
            component(&mut wrong, part);
            once(&mut wrong, part);
        }
    }
    wrong.0
}

fn form_part(wrong: &mut Wrong, part: &Value) {
    match (kind(part), part.get("component")) {
        (10, None) => wrong.text("text of a form", part.get("content"), FORM_TEXT),
        (18, Some(field)) if matches!(kind(field), 3 | 4) => {
            wrong.text("label of a field", part.get("label"), INPUT_LABEL);
            wrong.text(
                "description of a field",
                part.get("description"),
                FIELD_DESCRIPTION,
            );
            component(wrong, field);
        }
        (other, _) => wrong.0.push(format!("a part of a form of type {other}")),
    }
}

fn message(wrong: &mut Wrong, payload: &Value) {
    let content = payload.get("content").and_then(Value::as_str);
    wrong.over("content", length(content.unwrap_or_default()), CONTENT);
    let embeds = list(payload, "embeds");
    wrong.over("embeds", embeds.len(), EMBEDS);
    let texts = |embed: &Value| {
        let of = |at: &str| embed.pointer(at).and_then(Value::as_str).map_or(0, length);
        let fields = list(embed, "fields").iter().map(chars).sum::<usize>();
        of("/title") + of("/description") + of("/footer/text") + of("/author/name") + fields
    };
    let all = embeds.iter().map(texts).sum();
    wrong.over("characters over all embeds", all, EMBED_CHARS);
    for embed in embeds {
        wrong.text("title", embed.get("title"), TITLE);
        wrong.text("description", embed.get("description"), DESCRIPTION);
        wrong.text("footer", embed.pointer("/footer/text"), FOOTER);
        let fields = list(embed, "fields");
        wrong.over("fields", fields.len(), FIELDS);
        for field in fields {
            wrong.text("name of a field", field.get("name"), FIELD_NAME);
            wrong.text("value of a field", field.get("value"), FIELD_VALUE);
        }
    }
    let files = list(payload, "attachments");
    wrong.over("files", files.len(), FILES);
    for file in files {
        wrong.text(
            "description of a file",
            file.get("description"),
            FILE_DESCRIPTION,
        );
    }
    let is_empty = content.unwrap_or_default().trim().is_empty() && embeds.is_empty();
    if is_empty && files.is_empty() {
        wrong.0.push("an empty message".to_owned());
    }
    let silenced = payload.pointer("/allowed_mentions/parse");
    if silenced
        .and_then(Value::as_array)
        .is_none_or(|it| !it.is_empty())
    {
        wrong.0.push("somebody may be mentioned".to_owned());
    }
}

fn component(wrong: &mut Wrong, part: &Value) {
    wrong.text("custom_id", part.get("custom_id"), CUSTOM_ID);
    match kind(part) {
        2 => wrong.text("label", part.get("label"), LABEL),
        3 => {
            wrong.text("placeholder", part.get("placeholder"), PLACEHOLDER);
            let options = list(part, "options");
            wrong.over("options", options.len(), OPTIONS);
            let mut values = BTreeSet::new();
            for option in options {
                wrong.text("label of an option", option.get("label"), OPTION);
                wrong.text("value of an option", option.get("value"), OPTION);
                if !values.insert(option.get("value").and_then(Value::as_str)) {
                    wrong.0.push("a value of a select twice".to_owned());
                }
            }
        }
        4 => wrong.text("value of a field", part.get("value"), INPUT),
        other => wrong.0.push(format!("a component of type {other}")),
    }
}

struct Wrong(Vec<String>);

impl Wrong {
    fn over(&mut self, what: &str, many: usize, most: usize) {
        if many > most {
            self.0.push(format!("{what}: {many}, at most {most}"));
        }
    }

    /// A text that may be missing, but not empty.
    fn text(&mut self, what: &str, text: Option<&Value>, most: usize) {
        if let Some(text) = text.and_then(Value::as_str) {
            self.over(what, length(text), most);
            if text.trim().is_empty() {
                self.0.push(format!("{what}: empty"));
            }
        }
    }
}

fn chars(value: &Value) -> usize {
    let texts = value.as_object().into_iter().flatten();
    texts.filter_map(|(_, it)| it.as_str()).map(length).sum()
}

fn kind(of: &Value) -> u64 {
    of.get("type").and_then(Value::as_u64).unwrap_or_default()
}

fn list<'v>(of: &'v Value, name: &str) -> &'v [Value] {
    of.get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}
