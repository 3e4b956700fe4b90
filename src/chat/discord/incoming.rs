//! What comes in from Discord, read into requests: the same for the gateway and HTTP. Decides what is ignored; sends
//! nothing.
//!
//! Shapes: <https://docs.discord.com/developers/interactions/receiving-and-responding>,
//! <https://docs.discord.com/developers/resources/message>.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::show::callback::EPHEMERAL;
use super::show::forms;
use super::{CHAT, manifest};
use crate::chat::commands::{OptionKind, Table, about};
use crate::chat::request::{AnswerAddress, Asker, Attached, Place, Request};

/// Discord's first millisecond: <https://docs.discord.com/developers/reference#snowflakes>.
const EPOCH_MS: i64 = 1_420_070_400_000;

/// Where an answer to a request goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// The channel, or the thread, in which it was asked.
    pub channel: u64,
    /// The message that asked, where one did.
    pub message: Option<u64>,
    /// The interaction that asked, where one did.
    pub interaction: Option<Interaction>,
}

/// What lets us answer an interaction, for a quarter of an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interaction {
    /// Its id.
    pub id: u64,
    /// Its token: whoever has it can answer in our name.
    pub token: String,
    /// Whether its first answer is seen only by who asked.
    pub private: bool,
    /// How many bytes a file of an answer may have there; nothing where that was not told.
    #[serde(default)]
    pub file_bytes: Option<u64>,
}

impl Callback {
    /// As a request carries it.
    #[must_use]
    pub fn address(&self) -> AnswerAddress {
        // Plain data always has a JSON form.
        AnswerAddress::new(&serde_json::to_string(self).unwrap_or_default())
    }

    /// As a request carried it.
    #[must_use]
    pub fn of(request: &Request) -> Option<Callback> {
        serde_json::from_str(request.answer_at.as_ref()?.0.expose()).ok()
    }
}

/// What somebody wants of the bot.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// Whether we are there.
    Ping,
    /// An answer.
    Ask(Box<Request>),
    /// A button was pressed, or an option chosen, that is known by this.
    Used(String, Box<Request>),
    /// A form was sent that is known by this, with its fields.
    Sent(String, Vec<(String, String)>, Box<Request>),
    /// What could stand in an option of a command that somebody is typing.
    Complete(Typing, Box<Request>),
    /// A message that nobody asked the bot about, in a channel.
    Overheard(Box<Request>),
    /// What Discord never sends so.
    Unreadable,
    /// Nothing: why it is ignored.
    Nothing(&'static str),
}

/// An option that somebody is typing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typing {
    /// The command.
    pub command: String,
    /// The option, as it is registered.
    pub option: String,
    /// What stands in it so far.
    pub so_far: String,
}

/// What has to be known of the bot to know what is meant for it.
#[derive(Debug, Clone, Copy)]
pub struct Own {
    /// Its user's id.
    pub user: u64,
    /// Its own role in the server of the message, where that is mentioned.
    pub role: Option<u64>,
    /// Since when it runs.
    pub since: Timestamp,
}

/// An interaction, as its payload.
#[must_use]
pub fn interaction(payload: &Value, table: &Table, now: Timestamp) -> Incoming {
    let kind = payload.get("type").and_then(Value::as_u64);
    if kind == Some(1) {
        return Incoming::Ping;
    }
    let Some(asked) = asked(payload, now) else {
        return Incoming::Unreadable;
    };
    let data = payload.get("data").unwrap_or(&Value::Null);
    match kind {
        Some(2) if data.get("type").and_then(Value::as_u64) == Some(3) => {
            about_message(data, asked)
        }
        Some(2) => command(data, table, asked),
        Some(3) => used(payload, data, asked),
        Some(4) => typing(data, asked),
        Some(5) => {
            let id = text(data, "custom_id");
            let request = within(payload, asked);
            Incoming::Sent(id, forms::filled(data), Box::new(request))
        }
        _ => Incoming::Nothing("an interaction of another kind"),
    }
}

/// Who asked, where and by which interaction, before it is known what; nothing where that cannot be read.
fn asked(payload: &Value, now: Timestamp) -> Option<Request> {
    let interaction = id(payload, "id")?;
    let token = text(payload, "token");
    let member = payload.pointer("/member/user");
    let user = id(member.or_else(|| payload.get("user"))?, "id")?;
    let server = id(payload, "guild_id");
    let nothing = Value::Null;
    let channel = payload.get("channel").unwrap_or(&nothing);
    let here = id(channel, "id").or_else(|| id(payload, "channel_id"))?;
    let callback = Callback {
        channel: here,
        message: None,
        interaction: Some(Interaction {
            id: interaction,
            token: (!token.is_empty()).then_some(token)?,
            private: false,
            file_bytes: payload.get("attachment_size_limit").and_then(Value::as_u64),
        }),
    };
    let kind = channel.get("type").and_then(Value::as_u64);
    let parent = id(channel, "parent_id").filter(|_| is_thread(kind));
    Some(Request {
        id: format!("interaction-{interaction}"),
        asker: asker(user, server),
        place: place(here, parent, server),
        said: String::new(),
        files: Vec::new(),
        asked_at: now,
        joins: false,
        private: false,
        answer_at: Some(callback.address()),
        offer: None,
    })
}

/// Whether a channel of this type is a thread.
#[must_use]
pub fn is_thread(kind: Option<u64>) -> bool {
    matches!(kind, Some(10..=12))
}

/// A channel, or a thread of one. A thread is known by its channel and its id, which is that of the message that it
/// began with, where it began with one.
fn place(here: u64, parent: Option<u64>, server: Option<u64>) -> Place {
    Place {
        channel: parent.unwrap_or(here).to_string(),
        thread: parent.map(|parent| format!("{parent}/{here}")),
        direct: server.is_none(),
    }
}

fn asker(user: u64, server: Option<u64>) -> Asker {
    Asker {
        chat: CHAT.to_owned(),
        user: user.to_string(),
        workspace: server.map(|it| it.to_string()).unwrap_or_default(),
    }
}

/// A sub-command with its options, as somebody would type it.
fn command(data: &Value, table: &Table, asked: Request) -> Incoming {
    let Some(sub) = sub_command(data) else {
        return Incoming::Unreadable;
    };
    let name = text(sub, "name");
    let Some(command) = table.named(&name) else {
        return Incoming::Nothing("a command that is no longer there");
    };
    let mut said = command.name.clone();
    let (mut rest, mut private, mut files) = (String::new(), false, Vec::new());
    for given in list(sub, "options") {
        let (name, value) = (text(given, "name"), written(given.get("value")));
        if name == manifest::PRIVATE {
            private = value == "true";
        } else if name == manifest::FILE {
            let at = format!("/resolved/attachments/{value}");
            files.extend(data.pointer(&at).and_then(attached));
        } else if manifest::rest_option(command).as_deref() == Some(&name) {
            rest = value;
        } else if let Some(option) = command.options.iter().find(|it| it.name == name) {
            match option.kind {
                OptionKind::Flag if value == "true" => said.push_str(&format!(" --{name}")),
                OptionKind::Flag => {}
                _ => said.push_str(&format!(" --{name}={}", value.trim())),
            }
        }
    }
    if !rest.trim().is_empty() {
        said.push_str(&format!(" {}", rest.trim()));
    }
    // A file speaks for itself.
    if rest.trim().is_empty() && !files.is_empty() && said == command.name {
        said.clear();
    }
    Incoming::Ask(Box::new(Request {
        said,
        files,
        private,
        ..asked
    }))
}

/// The sub-command of a command, where it is in a group that of the group.
fn sub_command(data: &Value) -> Option<&Value> {
    let first = data.pointer("/options/0")?;
    let kind = first.get("type").and_then(Value::as_u64);
    match kind == Some(u64::from(manifest::SUB_COMMAND_GROUP)) {
        true => first.pointer("/options/0"),
        false => Some(first),
    }
}

/// The command on a message.
fn about_message(data: &Value, asked: Request) -> Incoming {
    let target = text(data, "target_id");
    let Some(message) = data.pointer(&format!("/resolved/messages/{target}")) else {
        return Incoming::Unreadable;
    };
    // What is forwarded stands in snapshots, without a text of its own.
    let forwarded = list(message, "message_snapshots").iter();
    let forwarded = forwarded.filter_map(|it| it.get("message"));
    let whole = std::iter::once(message).chain(forwarded);
    let written = whole.clone().flat_map(all_written);
    let written: Vec<String> = written.filter(|it| !it.trim().is_empty()).collect();
    Incoming::Ask(Box::new(Request {
        said: about(&written.join("\n")),
        files: whole.flat_map(attachments).collect(),
        ..asked
    }))
}

/// All that can be read in a message: other bots say what they know in embeds.
fn all_written(message: &Value) -> Vec<String> {
    let mut all = vec![text(message, "content")];
    for embed in list(message, "embeds") {
        all.extend(["title", "description"].map(|name| text(embed, name)));
        for field in list(embed, "fields") {
            all.push(format!("{}: {}", text(field, "name"), text(field, "value")));
        }
        all.extend(embed.get("footer").map(|it| text(it, "text")));
    }
    all
}

fn used(payload: &Value, data: &Value, asked: Request) -> Incoming {
    let chosen = data.pointer("/values/0").and_then(Value::as_str);
    let used = chosen.map_or_else(|| text(data, "custom_id"), ToOwned::to_owned);
    match used.is_empty() {
        true => Incoming::Unreadable,
        false => Incoming::Used(used, Box::new(within(payload, asked))),
    }
}

/// The same, known to come from a message of ours: what only one person sees is answered so.
fn within(payload: &Value, asked: Request) -> Request {
    let message = payload.get("message").unwrap_or(&Value::Null);
    let flags = message.get("flags").and_then(Value::as_u64);
    let is_private = flags.is_some_and(|flags| flags & EPHEMERAL != 0);
    let offer = id(message, "id").map(|it| format!("{}/{it}", asked.place.channel));
    Request {
        private: is_private,
        offer,
        ..asked
    }
}

fn typing(data: &Value, asked: Request) -> Incoming {
    let sub = sub_command(data).unwrap_or(&Value::Null);
    let is_focused = |it: &&Value| it.get("focused").and_then(Value::as_bool) == Some(true);
    let Some(option) = list(sub, "options").iter().find(is_focused) else {
        return Incoming::Unreadable;
    };
    let typing = Typing {
        command: text(sub, "name"),
        option: text(option, "name"),
        so_far: written(option.get("value")),
    };
    Incoming::Complete(typing, Box::new(asked))
}

/// A message; `parent` is the channel of the thread in which it was written, where it was written in one.
#[must_use]
pub fn message(payload: &Value, parent: Option<u64>, own: Own, now: Timestamp) -> Incoming {
    let author = payload.get("author").unwrap_or(&Value::Null);
    let is_bot = author.get("bot").and_then(Value::as_bool) == Some(true);
    let is_hook = id(payload, "webhook_id").is_some();
    let (Some(message), Some(user)) = (id(payload, "id"), id(author, "id")) else {
        return Incoming::Unreadable;
    };
    if is_bot || is_hook || user == own.user {
        return Incoming::Nothing("a bot's own words");
    }
    // 0 is a message, 19 a reply: all others are notices.
    let kind = payload.get("type").and_then(Value::as_u64);
    if !matches!(kind, None | Some(0 | 19)) {
        return Incoming::Nothing("a notice");
    }
    if payload
        .get("edited_timestamp")
        .is_some_and(|it| !it.is_null())
    {
        return Incoming::Nothing("an edit");
    }
    if written_at(message).is_some_and(|at| at < own.since) {
        return Incoming::Nothing("written before the bot started");
    }
    let Some(channel) = id(payload, "channel_id") else {
        return Incoming::Unreadable;
    };
    let server = id(payload, "guild_id");
    let mut place = place(channel, parent, server);
    if place.thread.is_none() {
        place.thread = answered(payload, own).map(|it| format!("{channel}/{it}"));
    }
    let (said, private) = privately(&without_mention(&text(payload, "content"), own));
    let callback = Callback {
        channel,
        message: Some(message),
        interaction: None,
    };
    let request = Box::new(Request {
        id: format!("message-{message}"),
        asker: asker(user, server),
        joins: place.thread.is_some(),
        place,
        said,
        files: attachments(payload),
        asked_at: now,
        private,
        answer_at: Some(callback.address()),
        offer: None,
    });
    let mut mentioned = list(payload, "mentions").iter();
    let is_mention = own.role.is_some() || mentioned.any(|it| id(it, "id") == Some(own.user));
    match is_mention || server.is_none() {
        true => Incoming::Ask(request),
        false => Incoming::Overheard(request),
    }
}

/// The message of ours that a message replies to.
fn answered(payload: &Value, own: Own) -> Option<u64> {
    let author = payload.pointer("/referenced_message/author")?;
    let is_ours = id(author, "id") == Some(own.user);
    id(payload.get("referenced_message")?, "id").filter(|_| is_ours)
}

/// When something was made: its id begins with that.
#[must_use]
pub fn written_at(id: u64) -> Option<Timestamp> {
    let since = i64::try_from(id >> 22).ok()?;
    Timestamp::from_millisecond(since.checked_add(EPOCH_MS)?).ok()
}

/// The smallest id of what was made at that time.
#[must_use]
pub fn snowflake_at(time: Timestamp) -> u64 {
    let since = time.as_millisecond().saturating_sub(EPOCH_MS);
    u64::try_from(since).unwrap_or_default() << 22
}

/// An id of Discord's: a number, mostly written as text.
#[must_use]
pub fn id(of: &Value, name: &str) -> Option<u64> {
    let id = of.get(name)?;
    let id = id.as_u64().or_else(|| id.as_str()?.parse().ok());
    id.filter(|id| *id > 0)
}

fn text(of: &Value, name: &str) -> String {
    of.get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// A value as somebody would type it.
fn written(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(flag)) => flag.to_string(),
        _ => String::new(),
    }
}

fn list<'v>(of: &'v Value, name: &str) -> &'v [Value] {
    of.get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn attachments(message: &Value) -> Vec<Attached> {
    list(message, "attachments")
        .iter()
        .filter_map(attached)
        .collect()
}

fn attached(file: &Value) -> Option<Attached> {
    Some(Attached {
        id: id(file, "id")?.to_string(),
        name: text(file, "filename"),
        size: file.get("size").and_then(Value::as_u64).unwrap_or_default(),
        url: text(file, "url"),
    })
}

/// The text without the word that asks for an answer that only the asker sees.
fn privately(text: &str) -> (String, bool) {
    const PRIVATE: &str = "--private";
    if !text.split_whitespace().any(|word| word == PRIVATE) {
        return (text.trim().to_owned(), false);
    }
    (text.replace(PRIVATE, "").trim().to_owned(), true)
}

/// What is said to the bot without its name.
fn without_mention(text: &str, own: Own) -> String {
    let user = own.user;
    let text = text
        .replace(&format!("<@{user}>"), " ")
        .replace(&format!("<@!{user}>"), " ");
    let role = own.role.map(|role| format!("<@&{role}>"));
    let text = role.map_or(text.clone(), |role| text.replace(&role, " "));
    text.trim().to_owned()
}
