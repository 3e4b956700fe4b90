//! Reads every golden payload with twilight's types and checks it with twilight-validate; prints what it refuses.

#[path = "../../../judging.rs"]
mod judging;

use std::error::Error;
use std::process::ExitCode;

use serde_json::Value;
use twilight_model::application::command::Command;
use twilight_model::channel::message::{Component, Embed};
use twilight_validate::command::{self, CommandValidationErrorType};
use twilight_validate::{component, embed, message};

/// Discord's documents allow twice what twilight still has as the length of a whole command.
const WHOLE_COMMAND: usize = 8_000;

fn is_within(refused: &CommandValidationErrorType) -> bool {
    matches!(refused, CommandValidationErrorType::CommandTooLarge { characters } if *characters <= WHOLE_COMMAND)
}

fn judge(payload: &Value) -> Result<(), Box<dyn Error>> {
    if let Value::Array(commands) = payload {
        for one in commands {
            let mut one = one.clone();
            // What twilight's type of a command from Discord demands, and a registration has not.
            one["id"] = "1".into();
            one["version"] = "1".into();
            let fields = one.as_object_mut().ok_or("no object")?;
            fields.entry("description").or_insert("".into());
            let one: Command = serde_json::from_value(one)?;
            match command::command(&one) {
                Err(error) if is_within(error.kind()) => {}
                other => other?,
            }
            // What is said of the whole is said before its parts are looked at.
            command::options(&one.options)?;
            one.options.iter().try_for_each(command::option)?;
        }
        return Ok(());
    }
    if let Some(callback) = payload.get("callback") {
        return first_answer(callback);
    }
    let body = &payload["body"];
    let components: Vec<Component> = serde_json::from_value(body["components"].clone())?;
    if body["title"].is_string() {
        return Ok(components.iter().try_for_each(component::component_v2)?);
    }
    self::message(body, &components)
}

/// A first answer: what is offered to who types, or a message.
fn first_answer(callback: &Value) -> Result<(), Box<dyn Error>> {
    let data = &callback["data"];
    if let Value::Array(choices) = &data["choices"] {
        // They have the limits of those that are registered.
        let option = serde_json::json!({ "type": 3, "name": "call", "description": "A call.", "choices": choices });
        return Ok(command::option(&serde_json::from_value(option)?)?);
    }
    match data.get("embeds") {
        Some(_) => self::message(data, &serde_json::from_value::<Vec<Component>>(data["components"].clone())?),
        None => Ok(()),
    }
}

fn message(body: &Value, components: &[Component]) -> Result<(), Box<dyn Error>> {
    message::content(body["content"].as_str().unwrap_or_default())?;
    message::components(components, false)?;
    let embeds = body["embeds"].as_array().cloned().unwrap_or_default();
    let mut known: Vec<Embed> = Vec::new();
    for mut one in embeds {
        one["type"] = "rich".into();
        one["fields"] = Value::Array(Vec::new());
        let one: Embed = serde_json::from_value(one)?;
        embed::embed(&one)?;
        known.push(one);
    }
    message::embeds(&known)?;
    Ok(())
}

fn main() -> ExitCode {
    judging::judged("twilight", |payload| judge(&payload))
}
