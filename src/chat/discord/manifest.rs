//! The application as Discord has to know it: its commands, its intents and what it must be allowed, each with its reason.
//! Registers nothing.
//!
//! Fields and sizes are those of <https://docs.discord.com/developers/interactions/application-commands>.

use serde_json::{Map, Value, json};

use super::show::limits::{CHOICES, COMMAND_OPTIONS, COMMAND_TEXT};
use crate::chat::commands::{Command, CommandOption, OptionKind, Place, Table, Verb};
use crate::chat::show::text::{length, short};
use crate::config::Discord;

/// The command.
pub const COMMAND: &str = "triage";

/// The command on a message.
pub const MESSAGE_COMMAND: &str = "Diagnose this call";

/// The option of every sub-command that asks for an answer which only the asker sees.
pub const PRIVATE: &str = "private";

/// The option that hands over a file.
pub const FILE: &str = "file";

/// The verbs that are no sub-commands, and why.
pub const LEFT_OUT: [(Verb, &str); 1] = [(Verb::Quit, "it ends the terminal's conversation")];

/// The group of the sub-commands that are used least: Discord takes 25 in one place, and a group counts as one.
pub const GROUP: &str = "list";

/// What is said of the group.
const GROUP_SUMMARY: &str = "The rules, the patterns of many calls, and what is watched.";

/// The verbs of the group.
const GROUPED: [Verb; 3] = [Verb::Patterns, Verb::Watches, Verb::Rules];

/// A sub-command, and a group of them, among the options of a command.
const SUB_COMMAND: u8 = 1;
/// An option that holds several of those.
pub const SUB_COMMAND_GROUP: u8 = 2;

/// Options that only forms fill in.
const HIDDEN: [&str; 2] = ["filled", "ask"];

/// What the connection has to tell (<https://docs.discord.com/developers/events/gateway#gateway-intents>), and why.
pub const INTENTS: [(&str, &str); 3] = [
    (
        "GUILD_MESSAGES",
        "to take @calltriage in channels and threads; text comes with mentions of the bot only",
    ),
    ("DIRECT_MESSAGES", "to take what is written to it directly"),
    (
        "MESSAGE_CONTENT",
        "only where a channel has offer = true: to see ids that people paste; it has to be switched on in the portal",
    ),
];

/// What the bot must be allowed in a server (<https://docs.discord.com/developers/topics/permissions>), its bit, and why.
pub const PERMISSIONS: [(&str, u64, &str); 6] = [
    (
        "VIEW_CHANNEL",
        1 << 10,
        "to know who reads in a channel before it answers",
    ),
    (
        "SEND_MESSAGES",
        1 << 11,
        "to answer mentions, and to tell of incidents",
    ),
    (
        "EMBED_LINKS",
        1 << 14,
        "to answer with cards in the colour of the verdict",
    ),
    (
        "ATTACH_FILES",
        1 << 15,
        "to show ladders, and to give long evidence as files",
    ),
    (
        "READ_MESSAGE_HISTORY",
        1 << 16,
        "to reply to messages, and to find after a restart what it has already answered",
    ),
    (
        "SEND_MESSAGES_IN_THREADS",
        1 << 38,
        "to do the same in threads",
    ),
];

/// The scopes with which the bot is invited, and why.
pub const SCOPES: [(&str, &str); 2] = [
    ("bot", "to be a member that reads mentions and answers them"),
    (
        "applications.commands",
        "to have /triage and \"Diagnose this call\"",
    ),
];

/// The commands as they are registered: everywhere, or in a server.
#[must_use]
pub fn commands(table: &Table, everywhere: bool) -> Value {
    let (grouped, alone): (Vec<&Command>, Vec<&Command>) =
        registered(table).partition(|it| is_grouped(it));
    let of = |these: Vec<&Command>| these.into_iter().map(sub_command).collect::<Vec<Value>>();
    let mut subs = of(alone);
    subs.push(json!({
        "name": GROUP,
        "type": SUB_COMMAND_GROUP,
        "description": described(GROUP_SUMMARY),
        "options": of(grouped),
    }));
    let default = registered(table).find(|it| it.verb == Verb::DEFAULT);
    let description = default.map_or("Says what happened to a call.", |it| it.summary.as_str());
    let mut chat = json!({
        "name": COMMAND,
        "type": 1,
        "description": short(description, COMMAND_TEXT),
        "options": subs,
    });
    let mut message = json!({ "name": MESSAGE_COMMAND, "type": 3 });
    if everywhere {
        // In servers and in direct messages with the bot.
        for one in [&mut chat, &mut message] {
            if let Some(one) = one.as_object_mut() {
                one.insert("contexts".to_owned(), json!([0, 1]));
                one.insert("integration_types".to_owned(), json!([0]));
            }
        }
    }
    json!([chat, message])
}

/// What Discord's clients call everything that the bot must be allowed, as in "View Channel".
#[must_use]
pub fn permission_names() -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at_checked(1).unwrap_or_default();
        format!("{first}{}", rest.to_lowercase())
    };
    let name = |name: &str| name.split('_').map(word).collect::<Vec<_>>().join(" ");
    let all: Vec<String> = PERMISSIONS.iter().map(|(it, ..)| name(it)).collect();
    all.join(", ")
}

/// Everything that the bot must be allowed.
#[must_use]
pub fn bits() -> u64 {
    PERMISSIONS.iter().map(|(_, bit, _)| bit).sum()
}

/// The link that invites the bot of this application, with what it must be allowed and no more.
#[must_use]
pub fn invite(application: &str) -> String {
    let bits = bits();
    let scopes = SCOPES.map(|(name, _)| name).join("+");
    format!(
        "https://discord.com/oauth2/authorize?client_id={application}&scope={scopes}&permissions={bits}"
    )
}

/// Where Discord reaches the bot by HTTP, at this address of ours.
#[must_use]
pub fn interactions(base: &str) -> String {
    format!("{base}/discord/interactions")
}

/// Everything that is set by hand or by an invitation, and the commands.
#[must_use]
pub fn manifest(settings: Option<&Discord>, url: Option<&str>, table: &Table) -> Value {
    let application = settings.map_or("APPLICATION_ID".to_owned(), |it| {
        it.application_id.to_string()
    });
    let everywhere = settings.is_none_or(|it| it.servers.is_empty());
    json!({
        "invite": invite(&application),
        "scopes": SCOPES.map(|(name, _)| name),
        "permissions": PERMISSIONS.map(|(name, _, _)| name),
        "intents": INTENTS.map(|(name, _)| name),
        "interactions_endpoint_url": url.map(interactions),
        "commands": commands(table, everywhere),
    })
}

/// The commands that are sub-commands.
pub fn registered(table: &Table) -> impl Iterator<Item = &Command> {
    table.commands().iter().filter(|it| {
        it.available.contains(&Place::Chat) && !LEFT_OUT.iter().any(|(verb, _)| *verb == it.verb)
    })
}

/// How a command is typed, as in "/triage list rules".
#[must_use]
pub fn typed(command: &Command) -> String {
    let name = &command.name;
    match is_grouped(command) {
        true => format!("/{COMMAND} {GROUP} {name}"),
        false => format!("/{COMMAND} {name}"),
    }
}

fn is_grouped(command: &Command) -> bool {
    GROUPED.contains(&command.verb)
}

fn sub_command(command: &Command) -> Value {
    let mut options: Vec<Value> = Vec::new();
    let takes_files = takes_files(command);
    if let (Some(rest), Some(name)) = (&command.rest, rest_option(command)) {
        options.push(json!({
            "name": name,
            "type": 3,
            "description": described(&rest.summary),
            // A file says it all.
            "required": rest.required && !takes_files,
            "autocomplete": true,
        }));
    }
    if takes_files {
        options.push(json!({
            "name": FILE,
            "type": 11,
            "description": "A capture or a text trace to look into.",
        }));
    }
    let own = command.options.iter();
    options.extend(
        own.filter(|it| !HIDDEN.contains(&it.name.as_str()))
            .map(option),
    );
    options.push(json!({
        "name": PRIVATE,
        "type": 5,
        "description": "Only you see the answer.",
    }));
    // What is required comes first; the rest keeps its order.
    options.sort_by_key(|it| it.get("required").and_then(Value::as_bool) != Some(true));
    options.truncate(COMMAND_OPTIONS);
    json!({
        "name": command.name,
        "type": SUB_COMMAND,
        "description": described(&command.summary),
        "options": options,
    })
}

fn option(option: &CommandOption) -> Value {
    let mut fields = Map::new();
    fields.insert("name".to_owned(), json!(option.name));
    fields.insert("description".to_owned(), json!(described(&option.summary)));
    let kind = match &option.kind {
        OptionKind::Flag => 5,
        OptionKind::Number => {
            fields.insert("min_value".to_owned(), json!(0));
            4
        }
        OptionKind::Text | OptionKind::Duration => 3,
        OptionKind::Choice(words) => {
            let fits = words.len() <= CHOICES && words.iter().all(|it| length(it) <= COMMAND_TEXT);
            match fits {
                true => {
                    let choice = |word: &String| json!({ "name": word, "value": word });
                    let choices: Vec<Value> = words.iter().map(choice).collect();
                    fields.insert("choices".to_owned(), json!(choices));
                }
                false => {
                    fields.insert("autocomplete".to_owned(), json!(true));
                }
            }
            3
        }
    };
    fields.insert("type".to_owned(), json!(kind));
    Value::Object(fields)
}

/// Whether a file can be handed over with it.
fn takes_files(command: &Command) -> bool {
    command.verb == Verb::DEFAULT
}

/// The option that has what follows a command besides its options.
#[must_use]
pub fn rest_option(command: &Command) -> Option<String> {
    let name = command.rest.as_ref()?.name.to_lowercase();
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    Some(words.join("-"))
}

fn described(text: &str) -> String {
    short(text, COMMAND_TEXT)
}
