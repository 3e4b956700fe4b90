//! What Discord is shown: golden payloads, hostile text, Discord's limits, the commands that are registered.

// Says nothing new to the compiler; tells clippy that the helpers here are tests too.
#![cfg(test)]

mod golden;
mod limits;
mod manifest;
mod openapi;
mod text;

use calltriage::chat::discord::show::{Shown, limits as discord};
use serde_json::{Value, json};

/// A message as it is compared: its body, and its files by what they are, pictures by their size.
pub fn message(shown: &Shown) -> Value {
    let file = |bytes: &[u8]| match bytes.strip_prefix(b"\x89PNG\r\n\x1a\n") {
        Some(chunk) => {
            let side = |at: usize| u32::from_be_bytes(chunk[at..at + 4].try_into().unwrap());
            json!(format!("{} × {} pixels", side(8), side(12)))
        }
        None => json!(format!(
            "{} lines",
            String::from_utf8_lossy(bytes).lines().count()
        )),
    };
    let files: Vec<Value> = shown.files.iter().map(|it| file(&it.bytes)).collect();
    json!({ "body": shown.body(), "files": files })
}

/// That a payload is within Discord's limits.
#[track_caller]
pub fn fits(payload: &Value) {
    assert_eq!(discord::check(payload), Vec::<String>::new(), "{payload:#}");
}
