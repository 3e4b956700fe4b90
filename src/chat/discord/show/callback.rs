//! The first answers to what people do, as Discord wants them. Sends none.
//!
//! <https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object>

use serde_json::{Value, json};

use super::Shown;
use super::limits::{CHOICES, COMMAND_TEXT};
use crate::chat::show::text::short;

/// A message that only one person sees.
pub const EPHEMERAL: u64 = 1 << 6;

/// The kinds of them.
const PONG: u8 = 1;
const MESSAGE: u8 = 4;
const DEFERRED: u8 = 5;
const OFFERED: u8 = 8;
const MODAL: u8 = 9;

/// That we are there.
#[must_use]
pub fn pong() -> Value {
    json!({ "type": PONG })
}

/// That the answer comes, for who asked alone where it is private.
#[must_use]
pub fn deferred(private: bool) -> Value {
    match private {
        true => json!({ "type": DEFERRED, "data": { "flags": EPHEMERAL } }),
        false => json!({ "type": DEFERRED }),
    }
}

/// A message that only who asked sees.
#[must_use]
pub fn privately(shown: &Shown) -> Value {
    let mut body = shown.body();
    if let Some(body) = body.as_object_mut() {
        body.remove("attachments");
        body.insert("flags".to_owned(), json!(EPHEMERAL));
    }
    json!({ "type": MESSAGE, "data": body })
}

/// A page of a form.
#[must_use]
pub fn modal(page: &Value) -> Value {
    json!({ "type": MODAL, "data": page })
}

/// What could stand in an option: how each reads, and what it stands for. More than Discord takes are left out.
#[must_use]
pub fn choices(all: &[(String, String)]) -> Value {
    let choice = |(label, value): &(String, String)| json!({ "name": short(label, COMMAND_TEXT), "value": value });
    let choices: Vec<Value> = all.iter().take(CHOICES).map(choice).collect();
    json!({ "type": OFFERED, "data": { "choices": choices } })
}
