//! Slack's limits, and a check of a whole payload against them. Makes no payload; see `sheet`.
//!
//! Sizes are those of <https://docs.slack.dev/reference/block-kit>, counted as [`length`]
//! does.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::chat::show::text::length;

/// Blocks of a message.
pub const MESSAGE_BLOCKS: usize = 50;
/// Blocks of a modal or of the app home.
pub const VIEW_BLOCKS: usize = 100;
/// Characters over all blocks of a message. Slack documents none, and refuses with `msg_blocks_too_long`
/// at about 13,200 (<https://github.com/slackapi/bolt-js/issues/2509>).
pub const MESSAGE_CHARS: usize = 12_000;
/// The text beside the blocks, as notifications show it; Slack advises 4,000.
pub const FALLBACK: usize = 4_000;
/// A section's text, and any other text object.
pub const SECTION: usize = 3_000;
/// Fields of a section.
pub const FIELDS: usize = 10;
/// One field.
pub const FIELD: usize = 2_000;
/// A header's text.
pub const HEADER: usize = 150;
/// Elements of a context.
pub const CONTEXT_ELEMENTS: usize = 10;
/// Elements of an actions block.
pub const ACTIONS: usize = 25;
/// A button's text.
pub const BUTTON: usize = 75;
/// A button's value.
pub const BUTTON_VALUE: usize = 2_000;
/// `block_id`, `action_id` and `callback_id`.
pub const ID: usize = 255;
/// Options of a select.
pub const OPTIONS: usize = 100;
/// An option's text, or its description.
pub const OPTION: usize = 75;
/// An option's value.
pub const OPTION_VALUE: usize = 150;
/// A placeholder.
pub const PLACEHOLDER: usize = 150;
/// Title, submit and close of a modal.
pub const MODAL_TITLE: usize = 24;
/// What a view carries unseen.
pub const PRIVATE_METADATA: usize = 3_000;
/// An input's label or hint.
pub const LABEL: usize = 2_000;
/// What a text input holds, and what it is filled with.
pub const INPUT: usize = 3_000;
/// The title of a confirmation.
pub const CONFIRM_TITLE: usize = 100;
/// The text of a confirmation.
pub const CONFIRM_TEXT: usize = 300;
/// Either button of a confirmation.
pub const CONFIRM_BUTTON: usize = 30;

/// What a message or a view has that Slack would refuse, a sentence each; nothing where it is fit to send.
#[must_use]
pub fn check(payload: &Value) -> Vec<String> {
    let mut wrong = Wrong(Vec::new());
    let is_view = matches!(kind(payload), "modal" | "home");
    let blocks = list(payload, "blocks");
    let most = if is_view { VIEW_BLOCKS } else { MESSAGE_BLOCKS };
    wrong.over("blocks", blocks.len(), most);
    if is_view {
        wrong.text(
            "private_metadata",
            payload.pointer("/private_metadata"),
            PRIVATE_METADATA,
        );
        wrong.text("callback_id", payload.pointer("/callback_id"), ID);
        for part in ["title", "submit", "close"] {
            wrong.text(
                part,
                payload.get(part).and_then(|it| it.get("text")),
                MODAL_TITLE,
            );
        }
    } else {
        wrong.text("text", payload.pointer("/text"), FALLBACK);
        wrong.over(
            "characters over all blocks",
            blocks.iter().map(chars).sum(),
            MESSAGE_CHARS,
        );
    }
    unique(&mut wrong, blocks, "block_id");
    // The fields of a form stand each in a block of its own, which tells them apart.
    let acting = blocks.iter().filter(|it| kind(it) != "input");
    let elements = acting.flat_map(elements);
    unique(&mut wrong, elements, "action_id");
    for each in blocks {
        block(&mut wrong, each);
    }
    wrong.0
}

/// The characters that people and programs put into blocks: every text and value, not Slack's own words.
#[must_use]
pub fn chars(value: &Value) -> usize {
    match value {
        Value::String(text) => length(text),
        Value::Array(all) => all.iter().map(chars).sum(),
        Value::Object(all) => all
            .iter()
            .filter(|(name, _)| *name != "type")
            .map(|(_, it)| chars(it))
            .sum(),
        _ => 0,
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
            if text.trim().is_empty() && what != "private_metadata" && what != "initial_value" {
                self.0.push(format!("{what}: empty"));
            }
        }
    }
}

fn kind(of: &Value) -> &str {
    of.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn list<'v>(of: &'v Value, name: &str) -> &'v [Value] {
    of.get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The elements of a block that can be used.
fn elements(block: &Value) -> impl Iterator<Item = &Value> {
    let one = ["accessory", "element"]
        .into_iter()
        .filter_map(|name| block.get(name));
    list(block, "elements").iter().chain(one)
}

fn unique<'v>(wrong: &mut Wrong, all: impl IntoIterator<Item = &'v Value>, id: &str) {
    let mut seen = BTreeSet::new();
    for id_of in all
        .into_iter()
        .filter_map(|it| it.get(id).and_then(Value::as_str))
    {
        if !seen.insert(id_of) {
            wrong.0.push(format!("{id} {id_of:?} stands in it twice"));
        }
    }
}

fn block(wrong: &mut Wrong, block: &Value) {
    wrong.text("block_id", block.pointer("/block_id"), ID);
    let kind = kind(block);
    let many = list(block, "elements").len();
    match kind {
        "section" => {
            wrong.text("section", block.pointer("/text/text"), SECTION);
            let fields = list(block, "fields");
            wrong.over("fields", fields.len(), FIELDS);
            for field in fields {
                wrong.text("field", field.pointer("/text"), FIELD);
            }
        }
        "header" => wrong.text("header", block.pointer("/text/text"), HEADER),
        "context" => {
            wrong.over("context elements", many, CONTEXT_ELEMENTS);
            for each in elements(block) {
                wrong.text("context", each.pointer("/text"), SECTION);
            }
        }
        "actions" => wrong.over("actions", many, ACTIONS),
        "input" => {
            wrong.text("label", block.pointer("/label/text"), LABEL);
            wrong.text("hint", block.pointer("/hint/text"), LABEL);
        }
        _ => {}
    }
    if kind != "context" {
        elements(block).for_each(|each| element(wrong, each));
    }
}

fn element(wrong: &mut Wrong, element: &Value) {
    wrong.text("action_id", element.pointer("/action_id"), ID);
    wrong.text(
        "placeholder",
        element.pointer("/placeholder/text"),
        PLACEHOLDER,
    );
    wrong.text("initial_value", element.pointer("/initial_value"), INPUT);
    if kind(element) == "button" {
        wrong.text("button", element.pointer("/text/text"), BUTTON);
        wrong.text("button value", element.pointer("/value"), BUTTON_VALUE);
    }

    wrong.text(
        "confirm title",
        element.pointer("/confirm/title/text"),
        CONFIRM_TITLE,
    );
    wrong.text(
        "confirm text",
        element.pointer("/confirm/text/text"),
        CONFIRM_TEXT,
    );
    wrong.text(
        "confirm",
        element.pointer("/confirm/confirm/text"),
        CONFIRM_BUTTON,
    );
    wrong.text(
        "deny",
        element.pointer("/confirm/deny/text"),
        CONFIRM_BUTTON,
    );
    let options = list(element, "options");
    wrong.over("options", options.len(), OPTIONS);
    for option in options {
        wrong.text("option", option.pointer("/text/text"), OPTION);
        wrong.text("option value", option.pointer("/value"), OPTION_VALUE);
        wrong.text(
            "option description",
            option.pointer("/description/text"),
            OPTION,
        );
    }
}
