//! The commands that are registered, and what is a sub-command or why not.

use std::collections::BTreeSet;

use calltriage::chat::commands::{Place, Table};
use calltriage::chat::discord::manifest::{
    INTENTS, LEFT_OUT, PERMISSIONS, SCOPES, commands, is_registered, manifest, registered,
    rest_option,
};
use serde_json::json;

#[test]
fn each_command_is_a_sub_command_or_is_left_out_with_a_reason() {
    let table = Table::embedded().unwrap();
    let subs: BTreeSet<&str> = registered(&table).map(|it| it.name.as_str()).collect();
    assert!(subs.len() <= 25);
    for command in table.commands() {
        let left_out = LEFT_OUT.iter().any(|(verb, _)| *verb == command.verb);
        let in_chat = command.available.contains(&Place::Chat);
        assert_eq!(
            subs.contains(command.name.as_str()),
            in_chat && !left_out,
            "{}",
            command.name
        );
    }
    assert!(
        subs.contains("diagnose"),
        "the nameless verb has a name here"
    );
}

#[test]
fn no_option_has_the_name_of_another() {
    for command in registered(&Table::embedded().unwrap()) {
        let rest = rest_option(command);
        assert!(
            !command
                .options
                .iter()
                .any(|it| Some(&it.name) == rest.as_ref()),
            "{}",
            command.name
        );
    }
}

#[test]
fn what_discord_adds_changes_nothing_and_what_changes_is_seen() {
    let table = Table::embedded().unwrap();
    let ours = commands(&table, true);
    let mut theirs = ours.clone();
    theirs.as_array_mut().unwrap().reverse();
    theirs[0]["id"] = json!("7");
    theirs[1]["dm_permission"] = json!(true);
    let first = theirs[1]["options"][0]["options"][0]
        .as_object_mut()
        .unwrap();
    first.remove("required");
    assert!(is_registered(&ours, &theirs));
    theirs[1]["options"][0]["description"] = json!("another");
    assert!(!is_registered(&ours, &theirs));
    assert!(!is_registered(&ours, &json!([])));
}

#[test]
fn everything_that_is_asked_for_has_a_reason() {
    let reasons = SCOPES
        .map(|it| it.1)
        .into_iter()
        .chain(INTENTS.map(|it| it.1));
    assert!(
        reasons
            .chain(PERMISSIONS.map(|it| it.2))
            .all(|it| it.len() > 20)
    );
    let made = manifest(
        Some(7),
        Some("https://bot.example"),
        &Table::embedded().unwrap(),
    );
    let invite = made["invite"].as_str().unwrap();
    assert!(
        invite.contains("client_id=7") && invite.contains("permissions=274878024704"),
        "{invite}"
    );
    assert_eq!(
        made["interactions_endpoint_url"],
        "https://bot.example/discord/interactions"
    );
}
