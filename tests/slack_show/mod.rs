//! What Slack is shown: golden payloads, hostile text, Slack's limits, the manifest.

// Says nothing new to the compiler; tells clippy that the helpers here are tests too.
#![cfg(test)]

mod forms;
pub mod golden;
pub mod limits;
mod manifest;
mod text;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use calltriage::chat::commands::Table;
use calltriage::chat::show::Context;
use calltriage::chat::show::files::Attachment;
use calltriage::chat::slack::show::{Shown, limits as slack, message as show};
use calltriage::chat::{Conversation, Desk, Preview, Reply};
use calltriage::config::{Contact, ContactKind, Endpoints, Reports, Via};
use calltriage::diagnosis::{Investigator, Peer, PeerKind, Peers};
use calltriage::render::card::for_customer;
use calltriage::render::incident::{Exemplar, IncidentCard, Press, Shade};
use calltriage::report::{Audience, form as report_form};
use calltriage::sources::{Captures, Source};
use calltriage::store::Store;
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

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples/captures")
        .join(name)
}

/// The answer over example captures.
pub async fn of_captures(names: &[&str], message: &str) -> Reply {
    let paths = names.iter().map(|name| example(name)).collect();
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

/// The answer over example captures as the customer sees it whose calls they are.
pub async fn of_captures_to_customer(names: &[&str], message: &str) -> Reply {
    match of_captures(names, message).await {
        Reply::Investigation(found, _) => {
            let calls = found.calls.iter();
            Reply::ForCustomer(calls.map(|it| for_customer(it, &TimeZone::UTC)).collect())
        }
        other => panic!("{other:?}"),
    }
}

/// The form of a report to the platform, which has the most fields.
pub async fn form_of_report() -> report_form::Form {
    let captures = Captures::paths("captures", vec![example("no-circuits.pcap")], peers());
    let investigator = Investigator::new(vec![Source::Captures(Arc::new(captures))], peers());
    let now: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    let desk = crate::reports::desk(investigator, None);
    let made = crate::reports::made(&desk, "441632960106", Audience::Platform, now).await;
    made.report.form()
}

/// A report from its draft to its fix, each by its name. Its id is always the same.
pub async fn of_reports() -> Vec<(&'static str, Reply)> {
    let folder = tempfile::tempdir().unwrap();
    let now: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    let store = Store::open(folder.path(), now, Duration::ZERO).await;
    let capture = example("no-circuits.pcap");
    let source = Source::Captures(Arc::new(Captures::paths(
        "captures",
        vec![capture],
        peers(),
    )));
    let investigator = Investigator::new(vec![source], peers());
    let carrier = Contact {
        name: "acme".to_owned(),
        kind: ContactKind::Carrier,
        peer: Some("Acme".to_owned()),
        via: Via::Copy,
        subject: None,
        reference: None,
        hours: None,
    };
    let ours = Reports {
        contact: Some("NOC, +44 20 7946 0018".to_owned()),
        ..Reports::default()
    };
    let store = Some(store.unwrap().store);
    let desk = crate::reports::desk_with(investigator, store, ours, vec![carrier]);
    let mut conversation = Conversation::default();
    let mut found = Vec::new();
    let mut id = String::new();
    for (name, ask) in [
        ("report-draft", "report 441632960106 --to acme"),
        ("report-to-submit", "submit ID"),
        ("files of the report", "submit ID --confirm"),
        ("report-sent", "report ID"),
        ("report-acknowledged", "ticket ID acknowledged"),
        ("report-fixed", "ticket ID fixed"),
    ] {
        let ask = ask.replace("ID", &id);
        match desk.answer(&mut conversation, &ask, now).await {
            Reply::Report(mut preview) => {
                id.clone_from(&preview.id);
                rename(&mut preview, &id);
                found.push((name, Reply::Report(preview)));
            }
            Reply::Files { .. } => assert_eq!(name, "files of the report"),
            _ => panic!("{name} is no report"),
        }
    }
    found
}

/// Gives a report the same id as ever, wherever it stands.
fn rename(preview: &mut Preview, id: &str) {
    let to = "r-20261201-abc123";
    let renamed = |text: &mut String| *text = text.replace(id, to);
    renamed(&mut preview.id);
    renamed(&mut preview.subject);
    renamed(&mut preview.text);
    preview.facts.iter_mut().for_each(|it| renamed(&mut it.1));
    let lists = [
        &mut preview.problems,
        &mut preview.missing,
        &mut preview.events,
    ];
    lists.into_iter().flatten().for_each(renamed);
    preview.link.iter_mut().for_each(renamed);
    let alternatives = preview.actions.iter_mut().chain(&mut preview.recipients);
    alternatives.for_each(|it| renamed(&mut it.command));
}

/// An incident in the middle of its life, with whatever a card of one can have.
pub fn incident() -> IncidentCard {
    let press = |name, label, command: &str| Press {
        name,
        label,
        command: command.to_owned(),
    };
    let example = |call_id: &str| Exemplar {
        call_id: call_id.to_owned(),
        says: "Acme (#12) answered 503 <!channel> 0.57 s after the INVITE. [carrier-no-circuit]"
            .to_owned(),
    };
    let fact = |label: &str, text: &str| (label.to_owned(), text.to_owned());
    IncidentCard {
        id: "inc-0216-0950".to_owned(),
        headline: "186 of 190 carrier Acme (#12) failed, mostly 503".to_owned(),
        tone: Shade::Bad,
        state: "Open since 09:48 UTC · major".to_owned(),
        facts: vec![
            fact("Customers", "*Northwind* (#106) 14×, Vandelay (#113) 11×"),
            fact("Party", "likely carrier (3 of 186 looked at)"),
        ],
        chart: vec![0, 1, 12, 40, 38],
        chart_says: "lost calls a minute, 09:46 UTC to 09:50 UTC".to_owned(),
        examples: vec![example("d1@198.51.100.10"), example("d2@198.51.100.10")],
        next: vec!["Ask Acme whether its trunk has free circuits.".to_owned()],
        notes: vec!["inc-0216-0950 · watch all (failures >= 12 in 5m)".to_owned()],
        buttons: vec![
            press("ack", "Acknowledge", "acknowledge inc-0216-0950"),
            press("mute", "Mute 1 h", "mute inc-0216-0950 --for 1h"),
            press("silence", "Mute until resolved", "mute inc-0216-0950"),
            press("list", "Full list", "incidents inc-0216-0950"),
            press("report", "Report a problem", "report inc-0216-0950"),
        ],
    }
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
