//! The manifest is one that Slack takes, as far as its reference says.

use std::path::Path;

use calltriage::chat::commands::Table;
use calltriage::chat::slack::manifest::{EVENTS, SCOPES, Way, manifest};
use serde_json::Value;

use crate::cli::Desk;

/// Fields, types and sizes of <https://docs.slack.dev/reference/app-manifest>, as far as this app uses them.
fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slack_show/manifest.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn it_fits_the_reference() {
    let table = Table::embedded().unwrap();
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for way in [Way::Socket, Way::Http("https://bot.example.com/x")] {
        let made = manifest(way, &table);
        let wrong: Vec<String> = validator
            .iter_errors(&made)
            .map(|it| it.to_string())
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        let is_socket = way == Way::Socket;
        assert_eq!(made["settings"]["socket_mode_enabled"], is_socket);
        assert_eq!(made.to_string().contains("/slack/events"), !is_socket);
    }
    let mut broken = manifest(Way::Socket, &table);
    broken["features"]["shortcuts"][0]["name"] = "A name of more than 24 characters".into();
    assert!(!validator.is_valid(&broken));
}

/// The events that need a scope, by Slack's page of each event.
#[test]
fn every_event_has_its_scope() {
    let needs = |event: &str| match event {
        "app_mention" => Some("app_mentions:read"),
        "message.im" => Some("im:history"),
        "message.channels" => Some("channels:history"),
        "message.groups" => Some("groups:history"),
        _ => None,
    };
    for scope in EVENTS.iter().filter_map(|(event, _)| needs(event)) {
        assert!(SCOPES.iter().any(|(known, _)| *known == scope), "{scope}");
    }
    assert!(SCOPES.iter().chain(&EVENTS).all(|(_, why)| why.len() > 20));
}

#[test]
fn the_command_prints_it() {
    let printed = Desk::new().run(&["manifest", "slack"]).answered().out;
    let printed: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(printed, manifest(Way::Socket, &Table::embedded().unwrap()));
    let reasons = Desk::new()
        .run(&["manifest", "slack", "--reasons"])
        .answered()
        .out;
    assert_eq!(reasons.lines().count(), SCOPES.len() + EVENTS.len());
    let refused = Desk::new().run(&["manifest", "slack", "--url", "http://bot.example.com"]);
    assert!(refused.err.contains("https://"), "{}", refused.err);
}
