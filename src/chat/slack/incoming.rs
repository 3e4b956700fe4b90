//! What comes in from Slack, read into requests: the same for Socket Mode and HTTP. Decides what is ignored; sends
//! nothing.
//!
//! Shapes: <https://docs.slack.dev/interactivity/implementing-slash-commands>,
//! <https://docs.slack.dev/reference/interaction-payloads>, <https://docs.slack.dev/reference/events>.

use jiff::Timestamp;
use serde_json::Value;

use super::show::forms::FIELD;
use crate::chat::commands::about;
use crate::chat::new_id;
use crate::chat::request::{AnswerAddress, Asker, Attached, Place, Request};
use crate::chat::show::buttons::SAY;
use crate::chat::show::forms::{self, FormKind};

/// The chat's name.
pub const CHAT: &str = "slack";

/// The `callback_id` of the shortcut on a message.
pub const DIAGNOSE: &str = super::manifest::SHORTCUT;

/// What somebody wants of the bot.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// An answer.
    Ask(Box<Request>),
    /// A form, at once: its trigger lasts three seconds.
    Form(Form),
    /// The app's home, as if this had been asked where nobody else reads.
    Home(Box<Request>),
    /// A message that nobody asked the bot about, in a channel.
    Overheard(Box<Request>),
    /// A form whose fields cannot stand as they are: each with a sentence.
    Wrong(Vec<(String, String)>),
    /// What Slack never sends so: as much of it as can be read, to apologise.
    Unreadable(Box<Request>),
    /// Nothing: why it is ignored.
    Nothing(&'static str),
}

/// A form to be opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// What lets it open.
    pub trigger: String,
    /// Which form.
    pub kind: FormKind,
    /// What it is about.
    pub about: String,
    /// The message whose button asked for it.
    pub message: String,
    /// Who asked for it, and where: there, what it says is answered.
    pub asked: Box<Request>,
}

impl Form {
    /// What the form carries: the place, the message and what it is about.
    #[must_use]
    pub fn metadata(&self) -> String {
        let place = &self.asked.place;
        let thread = place.thread.as_deref().unwrap_or_default();
        let (channel, message, about) = (&place.channel, &self.message, &self.about);
        format!("{channel} {thread} {message} {about}")
    }
}

/// The place, the message and what a form is about, as [`Form::metadata`] wrote them.
fn carried(metadata: &str) -> Option<(Place, &str, &str)> {
    let mut parts = metadata.splitn(4, ' ');
    let (channel, thread) = (parts.next()?, parts.next()?);
    let (message, about) = (parts.next()?, parts.next()?);
    let place = place(channel, Some(thread).filter(|it| !it.is_empty()));
    Some((place, message, about))
}

/// What an offer is known by: a message makes one, whichever of its buttons takes it.
fn offer(channel: &str, message: &str) -> Option<String> {
    (!message.is_empty()).then(|| format!("{channel}/{message}"))
}

/// What has to be known of the bot to know what is meant for it.
#[derive(Debug, Clone)]
pub struct Own {
    /// Its user's id.
    pub user: String,
    /// Since when it runs.
    pub since: Timestamp,
}

/// A slash command, as its fields by name.
#[must_use]
pub fn command(fields: &Value, now: Timestamp) -> Incoming {
    let text = field(fields, "text");
    let (said, private) = privately(&text);
    // Slack delivers a command once or not at all; whoever heard its request may send that again.
    let id = match field(fields, "trigger_id") {
        none if none.is_empty() => new_id(now),
        trigger => format!("command-{trigger}"),
    };
    ask_or_apologise(Request {
        id,
        asker: asker(&field(fields, "user_id"), &field(fields, "team_id")),
        place: place(&field(fields, "channel_id"), None),
        said,
        files: Vec::new(),
        asked_at: now,
        joins: false,
        private,
        answer_at: address(fields),
        offer: None,
    })
}

/// Who asked and where is needed for any answer.
fn ask_or_apologise(request: Request) -> Incoming {
    let request = Box::new(request);
    match request.asker.user.is_empty() || request.place.channel.is_empty() {
        true => Incoming::Unreadable(request),
        false => Incoming::Ask(request),
    }
}

/// An event of the Events API, as its whole callback.
#[must_use]
pub fn event(callback: &Value, own: &Own, now: Timestamp) -> Incoming {
    let nothing = Value::Null;
    let event = callback.get("event").unwrap_or(&nothing);
    let team = field(callback, "team_id");
    let user = field(event, "user");
    match field(event, "type").as_str() {
        "app_home_opened" if field(event, "tab") != "messages" => {
            return Incoming::Home(Box::new(Request {
                id: field(callback, "event_id"),
                place: Place {
                    direct: true,
                    ..place(&user, None)
                },
                asker: asker(&user, &team),
                said: "history".to_owned(),
                files: Vec::new(),
                asked_at: now,
                joins: false,
                private: true,
                answer_at: None,
                offer: None,
            }));
        }
        "app_mention" | "message" => {}
        "" => return Incoming::Unreadable(Box::new(clicked(callback, now))),
        _ => return Incoming::Nothing("an event of another kind"),
    }
    let subtype = field(event, "subtype");
    if !subtype.is_empty() && subtype != "file_share" {
        return Incoming::Nothing("an edit, a deletion or a notice");
    }
    if event.get("edited").is_some() {
        return Incoming::Nothing("an edit");
    }
    if user.is_empty() || user == own.user || event.get("bot_id").is_some() {
        return Incoming::Nothing("a bot's own words");
    }
    let written = written_at(&field(event, "ts"));
    if written.is_some_and(|at| at < own.since) {
        return Incoming::Nothing("written before the bot started");
    }
    let direct = field(event, "channel_type") == "im" || field(event, "channel").starts_with('D');
    let is_mention = field(event, "type") == "app_mention";
    let text = field(event, "text");
    if !is_mention && !direct && text.contains(&format!("<@{}>", own.user)) {
        return Incoming::Nothing("the second event of a mention");
    }
    let thread = event.get("thread_ts").and_then(Value::as_str);
    let (said, private) = privately(&without_mention(&text, &own.user));
    let request = Request {
        id: field(callback, "event_id"),
        asker: asker(&user, &team),
        place: Place {
            direct,
            ..place(&field(event, "channel"), thread)
        },
        said,
        files: files(event),
        asked_at: now,
        joins: thread.is_some(),
        private,
        answer_at: None,
        offer: None,
    };
    match is_mention || direct {
        // Without an id it could not be known again, without a time it may be old.
        true if request.id.is_empty() || written.is_none() => {
            Incoming::Unreadable(Box::new(request))
        }
        true => ask_or_apologise(request),
        false => Incoming::Overheard(Box::new(request)),
    }
}

/// A button, a select, a shortcut or a form, as its payload.
#[must_use]
pub fn interaction(payload: &Value, now: Timestamp) -> Incoming {
    match field(payload, "type").as_str() {
        "block_actions" => action(payload, now),
        "message_action" if field(payload, "callback_id") == DIAGNOSE => {
            let message = payload.get("message").unwrap_or(&Value::Null);
            let ts = field(message, "ts");
            let thread = message
                .get("thread_ts")
                .and_then(Value::as_str)
                .unwrap_or(&ts);
            let request = clicked(payload, now);
            ask_or_apologise(Request {
                id: format!("shortcut-{}-{}", field(payload, "action_ts"), user(payload)),
                said: about(&field(message, "text")),
                files: files(message),
                place: place(&request.place.channel, Some(thread)),
                ..request
            })
        }
        "view_submission" => submitted(payload, now),
        "" => Incoming::Unreadable(Box::new(clicked(payload, now))),
        _ => Incoming::Nothing("an interaction of another kind"),
    }
}

fn action(payload: &Value, now: Timestamp) -> Incoming {
    let Some(action) = payload.pointer("/actions/0") else {
        return Incoming::Unreadable(Box::new(clicked(payload, now)));
    };
    let name = field(action, "action_id");
    let chosen = action
        .pointer("/selected_option/value")
        .and_then(Value::as_str);
    let value = chosen.map_or_else(|| field(action, "value"), ToOwned::to_owned);
    let container = payload.get("container").unwrap_or(&Value::Null);
    let is_ephemeral = container.get("is_ephemeral").and_then(Value::as_bool) == Some(true);
    let message = field(container, "message_ts");
    let thread = match field(container, "thread_ts") {
        // What only one person sees begins no thread.
        thread if thread.is_empty() && !is_ephemeral => message.clone(),
        thread => thread,
    };
    let thread = Some(thread.as_str()).filter(|it| !it.is_empty());
    let clicked = clicked(payload, now);
    if let Some(kind) = FormKind::opened_by(&name) {
        let asked = Request {
            place: place(&field(container, "channel_id"), thread),
            ..clicked
        };
        return Incoming::Form(Form {
            trigger: field(payload, "trigger_id"),
            kind,
            about: value,
            message,
            asked: Box::new(asked),
        });
    }
    if !name.starts_with(SAY) || value.is_empty() {
        return Incoming::Nothing("a button of another kind");
    }
    let id = format!("click-{}-{}", field(action, "action_ts"), user(payload));
    let channel = clicked.place.channel.clone();
    ask_or_apologise(Request {
        id,
        said: value,
        place: place(&channel, thread),
        offer: offer(&channel, &message),
        ..clicked
    })
}

/// A form that was sent. Where it was opened is part of what it is about.
fn submitted(payload: &Value, now: Timestamp) -> Incoming {
    let view = payload.get("view").unwrap_or(&Value::Null);
    let blocks = view.pointer("/state/values").and_then(Value::as_object);
    let filled: Vec<(String, String)> = blocks
        .into_iter()
        .flatten()
        .map(|(block, elements)| {
            let element = elements.get(FIELD).unwrap_or(&Value::Null);
            let chosen = element
                .pointer("/selected_option/value")
                .and_then(Value::as_str);
            (
                block.clone(),
                chosen.map_or_else(|| field(element, "value"), ToOwned::to_owned),
            )
        })
        .collect();
    let metadata = field(view, "private_metadata");
    let Some((place, message, about)) = carried(&metadata) else {
        return Incoming::Nothing("a form of another kind");
    };
    let Some(kind) = FormKind::named(&field(view, "callback_id")) else {
        return Incoming::Nothing("a form of another kind");
    };
    let said = match forms::command(kind, about, &filled) {
        Ok(command) => command,
        Err(wrong) => return Incoming::Wrong(wrong),
    };
    // An offer is what changes the world: a form of a report only fills it in, as often as somebody likes.
    let is_offer = kind != FormKind::Report;
    ask_or_apologise(Request {
        id: format!("form-{}-{}", field(view, "id"), field(view, "hash")),
        said,
        offer: offer(&place.channel, message).filter(|_| is_offer),
        place,
        ..clicked(payload, now)
    })
}

/// What is known of something that somebody clicked, before it is known what it says.
fn clicked(payload: &Value, now: Timestamp) -> Request {
    let channel = payload.pointer("/channel/id").and_then(Value::as_str);
    let team = payload.pointer("/team/id").and_then(Value::as_str);
    let known = ["event_id", "trigger_id", "action_ts"].map(|name| field(payload, name));
    let known = known.into_iter().find(|it| !it.is_empty());
    Request {
        id: known.map_or_else(|| new_id(now), |known| format!("unread-{known}")),
        asker: asker(&user(payload), team.unwrap_or_default()),
        place: place(channel.unwrap_or_default(), None),
        said: String::new(),
        files: Vec::new(),
        asked_at: now,
        joins: false,
        private: false,
        answer_at: address(payload),
        offer: None,
    }
}

fn user(payload: &Value) -> String {
    let user = payload.pointer("/user/id").and_then(Value::as_str);
    user.unwrap_or_default().to_owned()
}

fn field(of: &Value, name: &str) -> String {
    of.get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn asker(user: &str, workspace: &str) -> Asker {
    Asker {
        chat: CHAT.to_owned(),
        user: user.to_owned(),
        workspace: workspace.to_owned(),
    }
}

fn place(channel: &str, thread: Option<&str>) -> Place {
    Place {
        channel: channel.to_owned(),
        thread: thread.map(ToOwned::to_owned),
        direct: channel.starts_with('D'),
    }
}

fn address(fields: &Value) -> Option<AnswerAddress> {
    let url = field(fields, "response_url");
    (!url.is_empty()).then(|| AnswerAddress::new(&url))
}

/// The text without the word that asks for an answer that only the asker sees.
fn privately(text: &str) -> (String, bool) {
    const PRIVATE: &str = "--private";
    let is_it = |word: &str| word == PRIVATE;
    if !text.split_whitespace().any(is_it) {
        return (text.trim().to_owned(), false);
    }
    (text.replace(PRIVATE, "").trim().to_owned(), true)
}

/// What is said to the bot without its name.
fn without_mention(text: &str, own: &str) -> String {
    text.replace(&format!("<@{own}>"), " ").trim().to_owned()
}

fn files(message: &Value) -> Vec<Attached> {
    let listed = message.get("files").and_then(Value::as_array);
    let read = |file: &Value| {
        Some(Attached {
            id: file.get("id")?.as_str()?.to_owned(),
            name: field(file, "name"),
            size: file.get("size").and_then(Value::as_u64).unwrap_or_default(),
            url: field(file, "url_private_download"),
        })
    };
    listed.into_iter().flatten().filter_map(read).collect()
}

/// When a message was written: its id is its time, in seconds with a fraction.
fn written_at(ts: &str) -> Option<Timestamp> {
    let (seconds, fraction) = ts.split_once('.')?;
    let micros: i64 = fraction.get(..6)?.parse().ok()?;
    let seconds: i64 = seconds.parse().ok()?;
    Timestamp::from_microsecond(seconds.checked_mul(1_000_000)?.checked_add(micros)?).ok()
}
