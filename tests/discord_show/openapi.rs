//! Discord's own description of its API takes every golden payload. It lies beside the repository; without it this skips,
//! and says so.

use std::path::Path;

use serde_json::{Value, json};

use crate::slack_show::golden::folder;

/// Discord's description: <https://github.com/discord/discord-api-spec>.
const DESCRIPTION: &str = "../shared/data/discord-openapi.json";

/// What takes a payload of one of these schemas.
fn judge(described: &Value, schemas: &[&str]) -> jsonschema::Validator {
    let any: Vec<Value> = schemas
        .iter()
        .map(|name| json!({ "$ref": format!("#/components/schemas/{name}") }))
        .collect();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": described["components"],
        "anyOf": any,
    });
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn discords_own_description_takes_every_payload() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(DESCRIPTION);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: no {}", path.display());
        return;
    };
    let described: Value = serde_json::from_str(&text).unwrap();
    let message = judge(&described, &["MessageCreateRequest"]);
    let edit = judge(&described, &["IncomingWebhookUpdateRequestPartial"]);
    let modal = judge(&described, &["ModalInteractionCallbackRequest"]);
    let command = judge(&described, &["ApplicationCommandUpdateRequest"]);
    let callback = judge(
        &described,
        &[
            "ApplicationCommandAutocompleteCallbackRequest",
            "CreateMessageInteractionCallbackRequest",
        ],
    );
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder("discord")).unwrap() {
        let path = entry.unwrap().path();
        let payload: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let judged: Vec<(&jsonschema::Validator, Value)> = match (&payload, &payload["body"]) {
            (Value::Array(all), _) => all.iter().map(|it| (&command, it.clone())).collect(),
            (it, Value::Null) => vec![(&callback, it["callback"].clone())],
            (_, body) if body.get("title").is_some() => {
                vec![(&modal, json!({ "type": 9, "data": body }))]
            }
            (_, body) => vec![(&message, body.clone()), (&edit, body.clone())],
        };
        count += 1;
        for (judge, value) in judged {
            for error in judge.iter_errors(&value) {
                wrong.push(format!("{name}: {} at {}", error, error.instance_path()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // It judges indeed.
    let long = json!({ "embeds": [{ "description": "x".repeat(4_097) }] });
    assert!(!message.is_valid(&long));
    let nameless = json!({ "type": 8, "data": { "choices": [{ "name": "", "value": "x" }] } });
    assert!(!callback.is_valid(&nameless));
    println!("{count} payloads pass");
}
