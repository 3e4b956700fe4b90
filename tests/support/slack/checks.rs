//! What Slack refuses in blocks and views: unknown keys, wrong types, empty and too long texts, too many
//! of anything, ids used twice. Gives reasons, each with its path as Slack writes it; knows no message.
//!
//! <https://docs.slack.dev/reference/block-kit>

use std::collections::BTreeSet;

use serde_json::Value;

use super::elements;

/// Undocumented: `msg_blocks_too_long` at about so many characters over all blocks
/// (<https://github.com/slackapi/bolt-js/issues/2509>).
const LONGEST_BLOCKS: usize = 13_200;
/// Characters over all markdown blocks of a message.
const LONGEST_MARKDOWN: usize = 12_000;
const MOST_BLOCKS: usize = 50;
const MOST_VIEW_BLOCKS: usize = 100;

/// What is wrong with the blocks of a message.
pub fn message(blocks: &Value) -> Vec<String> {
    let mut checker = Checker::default();
    checker.blocks(blocks, "/blocks", MOST_BLOCKS);
    let characters = characters(blocks);
    if characters > LONGEST_BLOCKS {
        checker.wrong(
            "/blocks",
            &format!("msg_blocks_too_long: {characters} characters"),
        );
    }
    checker.found
}

/// What is wrong with a modal or a home.
pub fn view(view: &Value) -> Vec<String> {
    let mut checker = Checker::default();
    let modal = view["type"] == "modal";
    let (required, optional): (&[&str], &[&str]) = match modal {
        true => (
            &["type", "title", "blocks"],
            &[
                "close",
                "submit",
                "private_metadata",
                "callback_id",
                "external_id",
                "clear_on_close",
                "notify_on_close",
                "submit_disabled",
            ],
        ),
        false => (
            &["type", "blocks"],
            &["private_metadata", "callback_id", "external_id"],
        ),
    };
    checker.keys(view, "/view", required, optional);
    for name in ["title", "close", "submit"] {
        checker.plain(&view[name], &format!("/view/{name}"), 24);
    }
    checker.string(&view["private_metadata"], "/view/private_metadata", 0, 3000);
    for name in ["callback_id", "external_id"] {
        checker.string(&view[name], &format!("/view/{name}"), 0, 255);
    }
    for name in ["clear_on_close", "notify_on_close", "submit_disabled"] {
        checker.boolean(&view[name], &format!("/view/{name}"));
    }
    checker.blocks(&view["blocks"], "/view/blocks", MOST_VIEW_BLOCKS);
    let mut blocks = view["blocks"].as_array().into_iter().flatten();
    if modal && blocks.any(|it| it["type"] == "input") && view["submit"].is_null() {
        checker.wrong("/view/submit", "must be there with an input");
    }
    checker.found
}

/// How many characters of text stand in blocks.
fn characters(value: &Value) -> usize {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| match (name.as_str(), value) {
                ("text", Value::String(text)) => text.chars().count(),
                _ => characters(value),
            })
            .sum(),
        Value::Array(all) => all.iter().map(characters).sum(),
        _ => 0,
    }
}

/// Collects what is wrong.
#[derive(Debug, Default)]
pub(super) struct Checker {
    pub found: Vec<String>,
}

impl Checker {
    pub(super) fn wrong(&mut self, path: &str, why: &str) {
        self.found
            .push(format!("[ERROR] {why} [json-pointer:{path}]"));
    }

    /// An object with these members and no others. A null counts as absent.
    pub(super) fn keys(&mut self, value: &Value, path: &str, required: &[&str], optional: &[&str]) {
        let Some(members) = value.as_object() else {
            return self.wrong(path, "must be an object");
        };
        for (name, value) in members {
            let known = required.contains(&name.as_str()) || optional.contains(&name.as_str());
            if !known && !value.is_null() {
                self.wrong(path, &format!("additional property: {name}"));
            }
        }
        for name in required {
            if value[name].is_null() {
                self.wrong(path, &format!("missing required field: {name}"));
            }
        }
    }

    /// A string, if it is there, of so many characters.
    pub(super) fn string(&mut self, value: &Value, path: &str, least: usize, most: usize) {
        match value {
            Value::Null => {}
            Value::String(text) => {
                let length = text.chars().count();
                if length < least {
                    self.wrong(path, &format!("must be more than {} characters", least - 1));
                }
                if length > most {
                    self.wrong(path, &format!("must be less than {} characters", most + 1));
                }
            }
            _ => self.wrong(path, "must be a string"),
        }
    }

    pub(super) fn boolean(&mut self, value: &Value, path: &str) {
        if !value.is_null() && !value.is_boolean() {
            self.wrong(path, "must be a boolean");
        }
    }

    pub(super) fn one_of(&mut self, value: &Value, path: &str, words: &[&str]) {
        if !value.is_null() && !words.iter().any(|word| value == word) {
            self.wrong(path, &format!("must be one of {words:?}"));
        }
    }

    pub(super) fn url(&mut self, value: &Value, path: &str) {
        self.string(value, path, 1, 3000);
        if value.as_str().is_some_and(|it| !it.starts_with("http")) {
            self.wrong(path, "must be a valid URL");
        }
    }

    /// `plain_text`, if it is there.
    pub(super) fn plain(&mut self, value: &Value, path: &str, most: usize) {
        if value.is_object() && value["type"] != "plain_text" {
            self.wrong(path, "must be plain_text");
        }
        self.text(value, path, most);
    }

    /// `plain_text` or `mrkdwn`, if it is there.
    pub(super) fn text(&mut self, value: &Value, path: &str, most: usize) {
        if value.is_null() {
            return;
        }
        let more: &[&str] = match value["type"].as_str() {
            Some("plain_text") => &["emoji"],
            Some("mrkdwn") => &["verbatim"],
            _ => return self.wrong(path, "must be plain_text or mrkdwn"),
        };
        self.keys(value, path, &["type", "text"], more);
        self.string(&value["text"], &format!("{path}/text"), 1, most);
        self.boolean(&value[more[0]], &format!("{path}/{}", more[0]));
    }

    /// A list, if it is there; its items with their paths.
    pub(super) fn list<'a>(
        &mut self,
        value: &'a Value,
        path: &str,
        least: usize,
        most: usize,
    ) -> Vec<(&'a Value, String)> {
        match value {
            Value::Null => Vec::new(),
            Value::Array(items) => {
                if items.len() < least {
                    self.wrong(path, &format!("no fewer than {least} items allowed"));
                }
                if items.len() > most {
                    self.wrong(path, &format!("no more than {most} items allowed"));
                }
                let paths = (0..).map(|at| format!("{path}/{at}"));
                items.iter().zip(paths).collect()
            }
            _ => {
                self.wrong(path, "must be a list");
                Vec::new()
            }
        }
    }

    fn blocks(&mut self, blocks: &Value, path: &str, most: usize) {
        let mut ids = BTreeSet::new();
        let mut markdown = 0;
        let mut tables = 0;
        for (block, path) in self.list(blocks, path, 0, most) {
            if let Some(id) = block["block_id"].as_str()
                && !ids.insert(id)
            {
                self.wrong(&path, &format!("block_id {id} already exists"));
            }
            if block["type"] == "markdown" {
                markdown += block["text"].as_str().map_or(0, |it| it.chars().count());
            }
            tables += usize::from(block["type"] == "table");
            self.block(block, &path);
        }
        if markdown > LONGEST_MARKDOWN {
            self.wrong(path, &format!("{markdown} characters of markdown"));
        }
        if tables > 1 {
            self.wrong(path, "only one table allowed");
        }
    }

    fn block(&mut self, block: &Value, path: &str) {
        let (required, optional): (&[&str], &[&str]) = match block["type"].as_str() {
            Some("section") => (&[], &["text", "fields", "accessory", "expand"]),
            Some("header") => (&["text"], &["level"]),
            Some("divider") => (&[], &[]),
            Some("image") => (&["alt_text"], &["image_url", "slack_file", "title"]),
            Some("actions" | "context") => (&["elements"], &[]),
            Some("input") => (
                &["label", "element"],
                &["hint", "optional", "dispatch_action"],
            ),
            Some("markdown") => (&["text"], &[]),
            Some("rich_text") => (&["elements"], &[]),
            Some("file") => (&["external_id", "source"], &[]),
            Some("table") => (&["rows"], &["column_settings"]),
            _ => return self.wrong(path, &format!("unsupported type: {}", block["type"])),
        };
        let required = [&["type"], required].concat();
        let optional = [&["block_id"], optional].concat();
        self.keys(block, path, &required, &optional);
        self.string(&block["block_id"], &format!("{path}/block_id"), 1, 255);
        let at = |name: &str| format!("{path}/{name}");
        match block["type"].as_str().unwrap_or("") {
            "section" => {
                if block["text"].is_null() && block["fields"].is_null() {
                    self.wrong(path, "missing required field: text or fields");
                }
                self.text(&block["text"], &at("text"), 3000);
                for (field, path) in self.list(&block["fields"], &at("fields"), 1, 10) {
                    self.text(field, &path, 2000);
                }
                self.boolean(&block["expand"], &at("expand"));
                if !block["accessory"].is_null() {
                    self.element(&block["accessory"], &at("accessory"), elements::IN_SECTION);
                }
            }
            "header" => self.plain(&block["text"], &at("text"), 150),
            "image" => {
                if block["image_url"].is_null() == block["slack_file"].is_null() {
                    self.wrong(path, "either image_url or slack_file");
                }
                self.url(&block["image_url"], &at("image_url"));
                self.string(&block["alt_text"], &at("alt_text"), 1, 2000);
                self.plain(&block["title"], &at("title"), 2000);
            }
            "actions" => {
                let mut ids = BTreeSet::new();
                for (element, path) in self.list(&block["elements"], &at("elements"), 1, 25) {
                    if let Some(id) = element["action_id"].as_str()
                        && !ids.insert(id)
                    {
                        self.wrong(&path, &format!("action_id {id} already exists"));
                    }
                    self.element(element, &path, elements::IN_ACTIONS);
                }
            }
            "context" => {
                for (element, path) in self.list(&block["elements"], &at("elements"), 1, 10) {
                    match element["type"] == "image" {
                        true => self.element(element, &path, &["image"]),
                        false => self.text(element, &path, 3000),
                    }
                }
            }
            "input" => {
                self.plain(&block["label"], &at("label"), 2000);
                self.plain(&block["hint"], &at("hint"), 2000);
                self.boolean(&block["optional"], &at("optional"));
                self.boolean(&block["dispatch_action"], &at("dispatch_action"));
                self.element(&block["element"], &at("element"), elements::IN_INPUT);
            }
            "markdown" => self.string(&block["text"], &at("text"), 1, LONGEST_MARKDOWN),
            "rich_text" => {
                let kinds = [
                    "rich_text_section",
                    "rich_text_list",
                    "rich_text_preformatted",
                    "rich_text_quote",
                ];
                for (element, path) in self.list(&block["elements"], &at("elements"), 1, 1000) {
                    if element["type"].is_null() {
                        self.wrong(&path, "missing required field: type");
                    }
                    self.one_of(&element["type"], &path, &kinds);
                    self.list(&element["elements"], &format!("{path}/elements"), 0, 1000);
                }
            }
            "file" => self.one_of(&block["source"], &at("source"), &["remote"]),
            "table" => {
                for (row, path) in self.list(&block["rows"], &at("rows"), 1, 100) {
                    for (cell, path) in self.list(row, &path, 1, 20) {
                        self.one_of(&cell["type"], &path, &["raw_text", "rich_text"]);
                        if cell["type"] == "raw_text" {
                            self.keys(cell, &path, &["type", "text"], &[]);
                            self.string(&cell["text"], &format!("{path}/text"), 1, 10_000);
                        }
                    }
                }
                if characters(&block["rows"]) > 10_000 {
                    self.wrong(&at("rows"), "more than 10000 characters");
                }
                self.list(&block["column_settings"], &at("column_settings"), 0, 20);
            }
            _ => {}
        }
    }
}
