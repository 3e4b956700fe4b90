//! What Discord refuses in a payload: limits as its reference has them, written without the bot's own.

use std::collections::BTreeSet;

use serde_json::Value;

fn chars(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.chars().count())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn known(value: &Value, what: &str, keys: &[&str], wrong: &mut Vec<String>) {
    for key in value.as_object().into_iter().flat_map(|it| it.keys()) {
        if !keys.contains(&key.as_str()) {
            wrong.push(format!("{what}: unknown {key}"));
        }
    }
}

/// A message, with the names of the files that came with it.
pub fn message(body: &Value, files: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    let keys = [
        "content",
        "embeds",
        "components",
        "attachments",
        "allowed_mentions",
        "flags",
        "nonce",
        "enforce_nonce",
        "message_reference",
        "tts",
    ];
    known(body, "message", &keys, &mut wrong);
    if body["allowed_mentions"] != serde_json::json!({ "parse": [] }) {
        wrong.push("allowed_mentions is not empty".to_owned());
    }
    if chars(&body["content"]) > 2_000 {
        wrong.push("content over 2000".to_owned());
    }
    if chars(&body["nonce"]) > 25 {
        wrong.push("nonce over 25".to_owned());
    }
    let embeds = list(&body["embeds"]);
    if embeds.len() > 10 {
        wrong.push("over 10 embeds".to_owned());
    }
    let mut all = 0;
    for embed in embeds {
        let keys = ["description", "color", "footer", "image", "title", "fields"];
        known(embed, "embed", &keys, &mut wrong);
        all +=
            chars(&embed["description"]) + chars(&embed["title"]) + chars(&embed["footer"]["text"]);
        if chars(&embed["description"]) > 4_096 {
            wrong.push("description over 4096".to_owned());
        }
        if let Some(url) = embed["image"]["url"].as_str() {
            let name = url.strip_prefix("attachment://").unwrap_or_default();
            if !files.iter().any(|it| it == name) {
                wrong.push(format!("no file for the image {url}"));
            }
        }
    }
    if all > 6_000 {
        wrong.push("embeds over 6000".to_owned());
    }
    // What is uploaded is described one by one; a name that is said again is the file's own.
    let attached = list(&body["attachments"]);
    let is_named =
        |(it, file): (&Value, &String)| it["filename"].as_str().is_none_or(|name| name == file);
    let fits = attached.len() == files.len() && attached.iter().zip(files).all(is_named);
    if body.get("attachments").is_some() && !fits {
        wrong.push(format!("attachments {attached:?} and files {files:?}"));
    }
    if files.len() > 10 || attached.iter().any(|it| chars(&it["description"]) > 1_024) {
        wrong.push("too many files, or a description over 1024".to_owned());
    }
    let is_empty = chars(&body["content"]) == 0 && embeds.is_empty() && files.is_empty();
    if is_empty && list(&body["components"]).is_empty() {
        wrong.push("50006 cannot send an empty message".to_owned());
    }
    components(list(&body["components"]), &mut wrong);
    wrong
}

fn components(rows: &[Value], wrong: &mut Vec<String>) {
    if rows.len() > 5 {
        wrong.push("over 5 rows".to_owned());
    }
    let mut ids = BTreeSet::new();
    for row in rows {
        let parts = list(&row["components"]);
        let selects = parts.iter().filter(|it| it["type"] == 3).count();
        let fits = parts.len() <= if selects > 0 { 1 } else { 5 };
        if row["type"] != 1 || parts.is_empty() || !fits {
            wrong.push(format!("a row: {row}"));
        }
        for part in parts {
            let id = part["custom_id"].as_str().unwrap_or_default();
            let length = id.chars().count();
            if length == 0 || length > 100 || !ids.insert(id.to_owned()) {
                wrong.push(format!("custom_id {id:?}"));
            }
            if part["type"] == 2 && !(1..=80).contains(&chars(&part["label"])) {
                wrong.push(format!("a label: {part}"));
            }
            if part["type"] == 3 && !is_select(part) {
                wrong.push(format!("a select: {part}"));
            }
        }
    }
}

/// A modal.
pub fn modal(body: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    known(
        body,
        "modal",
        &["title", "custom_id", "components"],
        &mut wrong,
    );
    let fits =
        (1..=45).contains(&chars(&body["title"])) && (1..=100).contains(&chars(&body["custom_id"]));
    let rows = list(&body["components"]);
    if !fits || !(1..=5).contains(&rows.len()) {
        wrong.push(format!("a modal: {body}"));
    }
    let mut ids = BTreeSet::new();
    for part in rows {
        match part["type"].as_u64() {
            Some(10) => {
                known(part, "text", &["type", "content"], &mut wrong);
                if !(1..=4_000).contains(&chars(&part["content"])) {
                    wrong.push(format!("a text: {part}"));
                }
            }
            Some(18) => field(part, &mut ids, &mut wrong),
            _ => wrong.push(format!("a part: {part}")),
        }
    }
    wrong
}

/// A field of a modal: what it is called, and what is filled in.
fn field(label: &Value, ids: &mut BTreeSet<String>, wrong: &mut Vec<String>) {
    let keys = ["type", "label", "description", "component"];
    known(label, "label", &keys, wrong);
    let has_description = label.get("description").is_some();
    let fits = (1..=45).contains(&chars(&label["label"]))
        && (!has_description || (1..=100).contains(&chars(&label["description"])));
    let input = &label["component"];
    let id = input["custom_id"].as_str().unwrap_or_default();
    if !fits || id.is_empty() || id.chars().count() > 100 || !ids.insert(id.to_owned()) {
        wrong.push(format!("a label: {label}"));
    }
    let fits = match input["type"].as_u64() {
        Some(4) => {
            let keys = [
                "type",
                "custom_id",
                "style",
                "max_length",
                "required",
                "value",
            ];
            known(input, "text input", &keys, wrong);
            let most = input["max_length"].as_u64().unwrap_or(4_000);
            matches!(input["style"].as_u64(), Some(1 | 2))
                && (1..=4_000).contains(&most)
                && chars(&input["value"]) as u64 <= most
        }
        Some(3) => {
            let keys = [
                "type",
                "custom_id",
                "options",
                "required",
                "min_values",
                "placeholder",
            ];
            known(input, "select", &keys, wrong);
            // One is chosen at most, and none where nothing has to be.
            let presets = list(&input["options"])
                .iter()
                .filter(|it| it["default"] == true);
            let may_be_empty = input["required"] == false;
            let least = input["min_values"].as_u64().unwrap_or(1);
            is_select(input)
                && chars(&input["placeholder"]) <= 150
                && presets.count() <= 1
                && least == u64::from(!may_be_empty)
        }
        _ => false,
    };
    if !fits {
        wrong.push(format!("a field: {input}"));
    }
}

/// Whether a select has options as they have to be.
fn is_select(part: &Value) -> bool {
    let options = list(&part["options"]);
    let values: BTreeSet<String> = options.iter().map(|it| it["value"].to_string()).collect();
    let fits = |it: &Value| {
        (1..=100).contains(&chars(&it["label"])) && (1..=100).contains(&chars(&it["value"]))
    };
    (1..=25).contains(&options.len()) && values.len() == options.len() && options.iter().all(fits)
}

/// The first answer to an interaction.
pub fn callback(body: &Value) -> Vec<String> {
    match body["type"].as_u64() {
        Some(1 | 6) => Vec::new(),
        Some(4) => message(&body["data"], &[]),
        Some(5) if matches!(body["data"]["flags"].as_u64(), None | Some(0 | 64)) => Vec::new(),
        Some(8) => {
            let choices = list(&body["data"]["choices"]);
            let fits = |it: &Value| {
                (1..=100).contains(&chars(&it["name"])) && (1..=100).contains(&chars(&it["value"]))
            };
            match choices.len() <= 25 && choices.iter().all(fits) {
                true => Vec::new(),
                false => vec![format!("choices: {body}")],
            }
        }
        Some(9) => modal(&body["data"]),
        _ => vec![format!("an answer of another kind: {body}")],
    }
}

/// Commands that are registered.
pub fn commands(all: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for command in list(all) {
        if command["type"] == 1 {
            option(command, &mut wrong);
        }
    }
    wrong
}

fn option(option: &Value, wrong: &mut Vec<String>) {
    let name = option["name"].as_str().unwrap_or_default();
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    let count = name.chars().count();
    if !(1..=32).contains(&count) || !name.chars().all(is_name) {
        wrong.push(format!("a name: {name:?}"));
    }
    if !(1..=100).contains(&chars(&option["description"])) {
        wrong.push(format!("a description of {name}"));
    }
    let options = list(&option["options"]);
    let names: BTreeSet<String> = options.iter().map(|it| it["name"].to_string()).collect();
    let required: Vec<bool> = options.iter().map(|it| it["required"] == true).collect();
    let in_order = required.is_sorted_by(|a, b| a >= b);
    if options.len() > 25 || names.len() != options.len() || !in_order {
        wrong.push(format!("the options of {name}"));
    }
    let choices = list(&option["choices"]);
    if choices.len() > 25 || (!choices.is_empty() && option["autocomplete"] == true) {
        wrong.push(format!("the choices of {name}"));
    }
    if option["type"] == 2 && options.iter().any(|it| it["type"] != 1) {
        wrong.push(format!("the group {name} has what is no sub-command"));
    }
    for one in options {
        self::option(one, wrong);
    }
}
