//! What Slack is shown: golden payloads, hostile text, Slack's limits, the manifest.

// Says nothing new to the compiler; tells clippy that the helpers here are tests too.
#![cfg(test)]

mod forms;
pub mod golden;
pub mod limits;
mod manifest;
mod text;

use std::path::Path;
use std::sync::Arc;

use calltriage::chat::commands::Table;
use calltriage::chat::show::Context;
use calltriage::chat::show::files::Attachment;
use calltriage::chat::slack::show::{Shown, limits as slack, message as show};
use calltriage::chat::{Conversation, Desk, Reply};
use calltriage::config::Endpoints;
use calltriage::diagnosis::{Investigator, Peer, PeerKind, Peers};
use calltriage::sources::{Captures, Source};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::support::connexcs::{Fake, NOW};

/// The id that every investigation gets here.
pub const ID: &str = "20261201-091002-abc123";

pub fn peers() -> Peers {
    let peer = |name: &str, kind, address: &str| Peer {
        name: name.into(),
        kind,
        addresses: vec![address.parse().unwrap()],
    };
    Peers::new(vec![
        peer("Acme", PeerKind::Carrier, "203.0.113.9"),
        peer("Beta", PeerKind::Carrier, "203.0.113.19"),
        peer("Shop", PeerKind::Customer, "198.51.100.10"),
        peer("Switch", PeerKind::Platform, "192.0.2.5"),
    ])
}

fn desk(source: Source) -> Desk {
    let investigator = Investigator::new(vec![source], peers());
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    Desk::new(investigator, None, Table::embedded().unwrap(), berlin, None)
}

/// The answer to a message; the id of an investigation is always the same.
async fn answer(desk: &Desk, message: &str, now: Timestamp) -> Reply {
    let mut reply = desk
        .answer(&mut Conversation::default(), message, now)
        .await;
    if let Reply::Investigation(investigation, _) = &mut reply {
        investigation.id = ID.to_owned();
    }
    reply
}

/// The answer over example captures.
pub async fn of_captures(names: &[&str], message: &str) -> Reply {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/captures");
    let paths = names.iter().map(|name| folder.join(name)).collect();
    let source = Source::Captures(Arc::new(Captures::paths("captures", paths, peers())));
    answer(
        &desk(source),
        message,
        "2026-12-01T00:00:00Z".parse().unwrap(),
    )
    .await
}

/// The answer over a platform.
pub async fn of_platform(fake: &Fake, message: &str) -> Reply {
    let now = Timestamp::from_second(NOW).unwrap();
    answer(&desk(fake.source(Endpoints::default())), message, now).await
}

/// Runs something with the context of a test.
pub fn in_context<T>(buttons: bool, run: impl FnOnce(&Context<'_>) -> T) -> T {
    let table = Table::embedded().unwrap();
    run(&Context {
        job: "j-1",
        buttons,
        table: &table,
    })
}

/// A reply as it is compared: its files by what they are, pictures by their size.
pub fn replied(reply: &Reply, context: &Context<'_>) -> Value {
    message(&show::reply(reply, context), &show::files(reply, context))
}

/// A message as it is compared.
pub fn message(shown: &Shown, files: &[Attachment]) -> Value {
    let file = |file: &Attachment| {
        let content = match file.bytes.strip_prefix(b"\x89PNG\r\n\x1a\n") {
            Some(chunk) => {
                let side = |at: usize| u32::from_be_bytes(chunk[at..at + 4].try_into().unwrap());
                json!(format!("{} × {} pixels", side(8), side(12)))
            }
            None => json!(
                String::from_utf8_lossy(&file.bytes)
                    .lines()
                    .map(timeless)
                    .collect::<Vec<_>>()
            ),
        };
        json!({ "name": file.name, "title": file.title, "alt": file.alt, "content": content })
    };
    let mut value = serde_json::to_value(shown).unwrap();
    value["files"] = files.iter().map(file).collect();
    value
}

/// A line without how long a step took.
fn timeless(line: &str) -> String {
    match line.rsplit_once(" (") {
        Some((head, tail)) if tail.ends_with(" ms)") => head.to_owned(),
        _ => line.to_owned(),
    }
}

/// That a payload is within Slack's limits.
#[track_caller]
pub fn fits(payload: &Value) {
    assert_eq!(slack::check(payload), Vec::<String>::new(), "{payload:#}");
}
