//! The commands that are registered, and what is a sub-command or why not.

use std::collections::BTreeSet;

use calltriage::chat::commands::{Place, Table};
use calltriage::chat::discord::manifest::{
    INTENTS, LEFT_OUT, PERMISSIONS, SCOPES, commands, manifest, registered, rest_option,
};
use calltriage::chat::discord::registering::is_registered;
use calltriage::config::{Discord, DiscordWayIn, Secret};
use serde_json::{Value, json};

#[test]
fn each_command_is_a_sub_command_or_is_left_out_with_a_reason() {
    let table = Table::embedded().unwrap();
    let subs: BTreeSet<&str> = registered(&table).map(|it| it.name.as_str()).collect();
    assert_eq!(subs, told(&commands(&table, true)[0]));
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

/// What somebody can use of a command as it is registered. Discord takes 25 options in one place.
fn told(command: &Value) -> BTreeSet<&str> {
    let options = command["options"].as_array().unwrap();
    assert!(options.len() <= 25, "{}", options.len());
    let mut all = BTreeSet::new();
    for one in options {
        match one["type"].as_u64() {
            Some(2) => all.extend(told(one)),
            _ => all.extend(one["name"].as_str()),
        }
    }
    all
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
    theirs[1]["nsfw"] = json!(false);
    theirs[1]["name_localizations"] = json!(null);
    theirs[0]["description"] = json!("");
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
fn what_is_ours_no_more_is_seen() {
    let table = Table::embedded().unwrap();
    let ours = commands(&table, false);
    let option = "/0/options/0/options/0";
    for (name, value) in [
        ("choices", json!([{ "name": "old", "value": "old" }])),
        ("required", json!(true)),
        ("max_length", json!(5)),
        ("min_value", json!(1)),
        ("channel_types", json!([0])),
    ] {
        let mut with = ours.clone();
        let mut without = ours.clone();
        with.pointer_mut(option).unwrap()[name] = value.clone();
        let fields = without.pointer_mut(option).unwrap().as_object_mut();
        fields.unwrap().remove(name);
        // Whichever of both is ours.
        assert!(!is_registered(&without, &with), "{name}");
        assert!(!is_registered(&with, &without), "{name}");
    }
    let mut shut = ours.clone();
    shut[0]["default_member_permissions"] = json!("0");
    assert!(!is_registered(&ours, &shut));
    // Where nothing is told Discord puts in what it likes.
    let mut theirs = ours.clone();
    theirs[0]["contexts"] = json!([0]);
    assert!(is_registered(&ours, &theirs));
    // A number is the same with and without a point.
    let limited = |least: serde_json::Value| json!([{ "name": "n", "min_value": least }]);
    assert!(is_registered(&limited(json!(0)), &limited(json!(0.0))));
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
    let mut settings = Discord {
        token: Secret::new("none".to_owned()),
        application_id: 7,
        way_in: DiscordWayIn::Gateway,
        api_url: "https://discord.com".parse().unwrap(),
        servers: Vec::new(),
        internal_servers: Vec::new(),
        staff_roles: Vec::new(),
        gateway_limit: std::time::Duration::from_secs(90),
    };
    let made = manifest(
        Some(&settings),
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
    let table = Table::embedded().unwrap();
    assert_eq!(made["commands"], commands(&table, true));
    settings.servers = vec![8];
    let made = manifest(Some(&settings), None, &table);
    assert_eq!(made["commands"], commands(&table, false));
}
