//! The fields of a form as somebody sees them, and as Discord's clients send them back. Knows nothing of who fills them in.

use serde_json::{Value, json};

/// The fields of a form, without what is told before them: each label with what is filled in under it.
pub fn all(modal: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    let parts = modal["components"].as_array().unwrap().iter();
    parts.filter_map(|it| Some((it, it.get("component")?)))
}

/// The field of this name.
#[track_caller]
pub fn named<'v>(modal: &'v Value, name: &str) -> &'v Value {
    let mut all = all(modal);
    let found = all.find(|(_, input)| input["custom_id"] == name);
    found
        .unwrap_or_else(|| panic!("no field {name} in {modal}"))
        .1
}

/// What stands in a field before anybody fills it in: what is written, or the value of what is chosen.
pub fn value(input: &Value) -> &str {
    let chosen = options(input).find(|it| it["default"] == true);
    let value = chosen.map_or(&input["value"], |it| &it["value"]);
    value.as_str().unwrap_or_default()
}

/// The same as it is read.
pub fn readable(input: &Value) -> &str {
    let chosen = options(input).find(|it| it["default"] == true);
    let value = chosen.map_or(&input["value"], |it| &it["label"]);
    value.as_str().unwrap_or_default()
}

/// A field as it is sent back, filled in with what is named, else as it stands.
#[track_caller]
pub fn sent(input: &Value, filled: &[(&str, &str)]) -> Value {
    let name = input["custom_id"].as_str().unwrap();
    let typed = filled.iter().find(|(known, _)| *known == name);
    let value = typed.map_or_else(|| value(input), |it| it.1);
    let is_required = input["required"] != false;
    assert!(
        !is_required || !value.is_empty(),
        "{name} has to be filled in"
    );
    match input["type"] == 3 {
        true => {
            let chosen: Vec<&str> = Some(value)
                .into_iter()
                .filter(|it| !it.is_empty())
                .collect();
            let is_there = |word: &&str| options(input).any(|it| it["value"] == *word);
            assert!(
                chosen.iter().all(is_there),
                "{name} has no {value:?}: {input}"
            );
            json!({ "type": 3, "custom_id": name, "values": chosen })
        }
        false => {
            let most = input["max_length"].as_u64().unwrap_or(4_000);
            assert!(value.chars().count() as u64 <= most, "{name} takes {most}");
            json!({ "type": 4, "custom_id": name, "value": value })
        }
    }
}

fn options(input: &Value) -> impl Iterator<Item = &Value> {
    input["options"].as_array().into_iter().flatten()
}
