//! The app as Slack has to know it: its manifest, and why it asks for each scope. Installs nothing.
//!
//! Fields and sizes are those of <https://docs.slack.dev/reference/app-manifest>.

use serde_json::{Value, json};

use crate::chat::commands::{Command, Place, Table, Verb};

/// The `callback_id` of the message shortcut.
pub const SHORTCUT: &str = "diagnose";

/// The slash command. Slack keeps `/call` for itself.
pub const SLASH: &str = "/triage";

/// The longest description of a slash command that Slack shows whole.
const DESCRIPTION: usize = 140;

/// How Slack reaches the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way<'a> {
    /// Over a socket that the app opens: no port is open to the world.
    Socket,
    /// Over HTTPS, at this base URL, without a slash at its end.
    Http(&'a str),
}

/// Each scope of the bot, and why it cannot do without
/// (<https://docs.slack.dev/reference/scopes>).
pub const SCOPES: [(&str, &str); 13] = [
    (
        "commands",
        "to take /triage and the shortcut \"Diagnose this call\"",
    ),
    (
        "chat:write",
        "to answer, and to edit the answer as steps end",
    ),
    (
        "app_mentions:read",
        "to take @calltriage in channels and threads, where slash commands do not exist",
    ),
    ("im:history", "to take what is written to it directly"),
    (
        "im:write",
        "to answer privately once a command's own address has ended",
    ),
    (
        "files:write",
        "to put ladder pictures and long evidence into the thread",
    ),
    ("files:read", "to read a capture that somebody hands it"),
    (
        "channels:history",
        "to see ids pasted into public channels that opted in, and after a restart what it has already answered",
    ),
    (
        "groups:history",
        "the same in private channels that it was invited to",
    ),
    (
        "channels:read",
        "to know which public channels are shared with other companies",
    ),
    (
        "groups:read",
        "the same of private channels that it was invited to",
    ),
    (
        "users:read",
        "to know who is a guest, and which zone somebody reads times in",
    ),
    ("usergroups:read", "to grant commands to user groups"),
];

/// What it is told of (<https://docs.slack.dev/reference/events>), and why.
pub const EVENTS: [(&str, &str); 5] = [
    ("app_mention", "@calltriage in a channel or a thread"),
    ("message.im", "what is written to it directly"),
    (
        "message.channels",
        "ids pasted into public channels that opted in",
    ),
    ("message.groups", "the same in private channels"),
    (
        "app_home_opened",
        "to fill the app home when somebody looks at it",
    ),
];

/// The whole manifest.
#[must_use]
pub fn manifest(way: Way<'_>, table: &Table) -> Value {
    let url = |path: &str| match way {
        Way::Socket => None,
        Way::Http(base) => Some(format!("{base}/slack/{path}")),
    };
    let with_url = |mut value: Value, field: &str, path: &str| {
        if let (Some(url), Some(fields)) = (url(path), value.as_object_mut()) {
            fields.insert(field.to_owned(), json!(url));
        }
        value
    };
    let slash = json!({
        "command": SLASH,
        "description": first_sentence(table),
        "usage_hint": hint(table),
        "should_escape": false,
    });
    let events = json!({ "bot_events": EVENTS.map(|(name, _)| name) });
    let interactivity = json!({ "is_enabled": true });
    json!({
        "_metadata": { "major_version": 1, "minor_version": 1 },
        "display_information": {
            "name": "calltriage",
            "description": "Says what happened to a phone call, who has to act and what to do next.",
            "background_color": "#1b3a4b",
            "long_description": "Hand it a Call-ID or a phone number, in a channel, a thread or directly. It asks the \
                platform's logs, reads the SIP messages of the call and says what happened, whose the cause is, how \
                sure that is, which messages prove it and what to do next, with the ladder of the call as a picture. \
                Nothing with a side effect runs without a click by somebody who may.",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": true,
                "messages_tab_enabled": true,
                "messages_tab_read_only_enabled": false,
            },
            "bot_user": { "display_name": "calltriage", "always_online": true },
            "shortcuts": [{
                "name": "Diagnose this call",
                "type": "message",
                "callback_id": SHORTCUT,
                "description": "Looks for calls in this message and says what happened to them.",
            }],
            "slash_commands": [with_url(slash, "url", "commands")],
        },
        "oauth_config": { "scopes": { "bot": SCOPES.map(|(name, _)| name) } },
        "settings": {
            "event_subscriptions": with_url(events, "request_url", "events"),
            "interactivity": with_url(interactivity, "request_url", "interactions"),
            "org_deploy_enabled": false,
            "socket_mode_enabled": way == Way::Socket,
            "token_rotation_enabled": false,
        },
    })
}

fn usable(table: &Table) -> impl Iterator<Item = &Command> {
    let in_chat = |it: &&Command| it.available.contains(&Place::Chat) && it.verb != Verb::Quit;
    table.commands().iter().filter(in_chat)
}

fn first_sentence(table: &Table) -> String {
    let default = usable(table).find(|it| it.verb == Verb::DEFAULT);
    let said = default.map_or("", |it| it.summary.as_str());
    said.chars().take(DESCRIPTION).collect()
}

/// What may follow the slash command: what the default one takes, and the names of the others.
fn hint(table: &Table) -> String {
    let others = usable(table).filter(|it| it.verb != Verb::DEFAULT);
    let names: Vec<&str> = others.map(|it| it.name.as_str()).collect();
    format!("Call-ID, number or a sentence | {}", names.join(" | "))
}
