//! The methods `chat.*`: what is posted, changed and refused. Sends no event itself but asks for it.

use serde_json::{Value, json};

use super::Inner;
use super::checks;
use super::state::{BOT_USER, Message, State, TEAM_DOMAIN};
use super::web_api::{Done, No, channel, text};

/// What a message says, checked.
pub(super) struct Content {
    pub text: Option<String>,
    pub blocks: Option<Value>,
    pub attachments: Option<Value>,
    pub metadata: Option<Value>,
}

/// `text` may be so long before Slack cuts it, in characters.
const LONGEST_POST: usize = 40_000;
/// The same for a change, which Slack refuses instead.
const LONGEST_UPDATE: usize = 4_000;

pub(super) fn content(arguments: &Value, longest: usize) -> Result<Content, No> {
    let list = |name: &str| match &arguments[name] {
        Value::Null => Ok(None),
        // Some clients send JSON within JSON, and Slack takes it.
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(list) if list.is_array() => Ok(Some(list)),
            _ => Err(No::because("invalid_blocks_format", name)),
        },
        list if list.is_array() => Ok(Some(list.clone())),
        _ => Err(No::because("invalid_blocks_format", name)),
    };
    let blocks = list("blocks")?;
    let attachments = list("attachments")?;
    let markdown = arguments["markdown_text"].as_str();
    let text = arguments["text"].as_str().or(markdown).map(str::to_owned);
    if text
        .as_ref()
        .is_some_and(|text| text.chars().count() > longest)
    {
        return Err(No::because("msg_too_long", format!("over {longest}")));
    }
    if markdown.is_some() && (blocks.is_some() || arguments["text"].is_string()) {
        return Err(No::because("markdown_text_conflict", "with text or blocks"));
    }
    if let Some(blocks) = &blocks {
        refuse_blocks(checks::message(blocks))?;
    }
    if attachments
        .as_ref()
        .and_then(Value::as_array)
        .is_some_and(|it| it.len() > 100)
    {
        return Err(No::because("too_many_attachments", "over 100"));
    }
    let metadata = match &arguments["metadata"] {
        Value::Null => None,
        Value::Object(it) if it.is_empty() => Some(Value::Null),
        it if it["event_type"].is_string() && it["event_payload"].is_object() => Some(it.clone()),
        _ => {
            return Err(No::because(
                "invalid_metadata_format",
                "event_type, event_payload",
            ));
        }
    };
    Ok(Content {
        text,
        blocks,
        attachments,
        metadata,
    })
}

/// The error of Slack for bad blocks, with its reasons where Slack has them.
pub(super) fn refuse_blocks(found: Vec<String>) -> Result<(), No> {
    if found.is_empty() {
        return Ok(());
    }
    let error = match found.iter().any(|it| it.contains("msg_blocks_too_long")) {
        true => "msg_blocks_too_long",
        false => "invalid_blocks",
    };
    Err(No {
        more: json!({"errors": found, "response_metadata": {"messages": found}}),
        ..No::because(error, found.join("; "))
    })
}

impl Content {
    fn says_something(&self) -> Result<(), No> {
        let some = |list: &Option<Value>| list.as_ref().is_some_and(|it| it != &json!([]));
        let text = self
            .text
            .as_ref()
            .is_some_and(|text| !text.trim().is_empty());
        match text || some(&self.blocks) || some(&self.attachments) {
            true => Ok(()),
            false => Err("no_text".into()),
        }
    }
}

/// A ts that begins a thread in the channel.
pub(super) fn thread_of(
    state: &State,
    place: &str,
    arguments: &Value,
) -> Result<Option<String>, No> {
    let Some(ts) = arguments["thread_ts"].as_str() else {
        return Ok(None);
    };
    match state.message(place, ts) {
        None => Err(No::because("thread_not_found", ts)),
        Some(found) if found.thread_ts.as_ref().is_some_and(|it| it != ts) => {
            Err(No::because("thread_not_found", "it is a reply itself"))
        }
        Some(_) => Ok(Some(ts.to_owned())),
    }
}

impl Inner {
    /// A channel into which the bot may write.
    fn writable(&self, state: &State, id: &str) -> Result<String, No> {
        let id = match id.starts_with('U') {
            true => state.direct(id).map_or(id, |it| it.id.as_str()),
            false => id,
        };
        let found = channel(state, id)?;
        if found.is_archived {
            return Err("is_archived".into());
        }
        let open = self.app.scopes.contains("chat:write.public") && !found.is_private;
        match found.has_bot() || open {
            true => Ok(found.id.clone()),
            false => Err(No::because("not_in_channel", id)),
        }
    }

    pub(super) fn post_message(&self, arguments: &Value) -> Done {
        let content = content(arguments, LONGEST_POST)?;
        content.says_something()?;
        let message = {
            let state = self.lock();
            let place = self.writable(&state, text(arguments, "channel")?)?;
            let thread = thread_of(&state, &place, arguments)?;
            bots(place, thread, content, "chat.postMessage")
        };
        let (value, place) = self.add(message);
        Ok(json!({"channel": place, "ts": value["ts"], "message": value}))
    }

    pub(super) fn post_ephemeral(&self, arguments: &Value) -> Done {
        let content = content(arguments, LONGEST_POST)?;
        content.says_something()?;
        let user = text(arguments, "user")?;
        let message = {
            let state = self.lock();
            let place = self.writable(&state, text(arguments, "channel")?)?;
            if !state.channels[&place].members.contains(user) {
                return Err(No::because("user_not_in_channel", user));
            }
            let thread = thread_of(&state, &place, arguments)?;
            Message {
                only_for: Some(user.to_owned()),
                ..bots(place, thread, content, "chat.postEphemeral")
            }
        };
        let (value, _) = self.add(message);
        Ok(json!({"message_ts": value["ts"]}))
    }

    /// Puts a message up, tells the bot where it listens, and says how it looks.
    pub(super) fn add(&self, mut message: Message) -> (Value, String) {
        let (now, micros, base) = (self.now(), self.micros(), self.base());
        let (value, place, heard) = self.change(|state| {
            message.ts = state.ts(micros);
            message.times.push(now);
            message.texts.push(message.text.clone());
            if message.blocks.is_array() {
                fill_ids(state, &mut message.blocks);
            }
            let value = state.message_json(&message, true, &base);
            let place = message.channel.clone();
            let heard = message.only_for.is_none() && state.channels[&place].has_bot();
            state.messages.push(message);
            (value, place, heard)
        });
        if heard {
            self.message_event(&place, value.clone());
        }
        (value, place)
    }

    pub(super) fn update(&self, arguments: &Value) -> Done {
        let content = content(arguments, LONGEST_UPDATE)?;
        content.says_something()?;
        let (place, ts) = (text(arguments, "channel")?, text(arguments, "ts")?);
        {
            let state = self.lock();
            channel(&state, place)?;
            match state.message(place, ts) {
                Some(it) if it.only_for.is_some() => {
                    return Err(No::because("message_not_found", "it is ephemeral"));
                }
                None => return Err(No::because("message_not_found", ts)),
                Some(it) if !it.is_bots() => return Err("cant_update_message".into()),
                Some(_) => {}
            }
        }
        let value = self.edit(place, ts, content);
        Ok(json!({"channel": place, "ts": ts, "text": value["text"], "message": value}))
    }

    /// Changes what stands at a place that is known to exist.
    pub(super) fn edit(&self, place: &str, ts: &str, content: Content) -> Value {
        let (now, micros, base) = (self.now(), self.micros(), self.base());
        let (before, after, heard) = self.change(|state| {
            let edited = state.ts(micros);
            let mut blocks = content.blocks;
            if let Some(blocks) = &mut blocks {
                fill_ids(state, blocks);
            }
            let before = state.message_json(state.message(place, ts).unwrap(), true, &base);
            let message = message_mut(state, place, ts);
            if let Some(text) = content.text {
                message.text = text;
            }
            if let Some(blocks) = blocks {
                message.blocks = if blocks == json!([]) {
                    Value::Null
                } else {
                    blocks
                };
            }
            if let Some(attachments) = content.attachments {
                message.attachments = attachments;
            }
            if let Some(metadata) = content.metadata {
                message.metadata = Some(metadata).filter(|it| !it.is_null());
            }
            message.edited = Some(edited);
            message.times.push(now);
            message.texts.push(message.text.clone());
            let heard = message.only_for.is_none();
            let after = state.message_json(state.message(place, ts).unwrap(), true, &base);
            (before, after, heard && state.channels[place].has_bot())
        });
        if heard {
            self.changed_event(place, before, after.clone());
        }
        after
    }

    pub(super) fn permalink(&self, arguments: &Value) -> Done {
        let (place, ts) = (text(arguments, "channel")?, text(arguments, "message_ts")?);
        let state = self.lock();
        channel(&state, place)?;
        let Some(found) = state.message(place, ts) else {
            return Err(No::because("message_not_found", ts));
        };
        let plain = ts.replace('.', "");
        let thread = match &found.thread_ts {
            Some(thread) => format!("?thread_ts={thread}&cid={place}"),
            None => String::new(),
        };
        let link = format!("https://{TEAM_DOMAIN}.slack.com/archives/{place}/p{plain}{thread}");
        Ok(json!({"channel": place, "permalink": link}))
    }
}

/// The message at a place that is known to exist.
pub(super) fn message_mut<'a>(state: &'a mut State, place: &str, ts: &str) -> &'a mut Message {
    let mut all = state.messages.iter_mut();
    all.find(|it| it.channel == place && it.ts == ts).unwrap()
}

/// A message of the bot that does not stand yet.
pub(super) fn bots(channel: String, thread: Option<String>, content: Content, by: &str) -> Message {
    Message {
        channel,
        ts: String::new(),
        thread_ts: thread,
        user: BOT_USER.to_owned(),
        text: content.text.unwrap_or_default(),
        blocks: content.blocks.unwrap_or_default(),
        attachments: content.attachments.unwrap_or_default(),
        metadata: content.metadata.filter(|it| !it.is_null()),
        files: Vec::new(),
        edited: None,
        deleted: false,
        only_for: None,
        by: by.to_owned(),
        times: Vec::new(),
        texts: Vec::new(),
    }
}

/// Gives blocks and elements the ids that Slack gives where the bot left them out.
pub(super) fn fill_ids(state: &mut State, blocks: &mut Value) {
    for block in blocks.as_array_mut().into_iter().flatten() {
        if block["block_id"].is_null() {
            block["block_id"] = json!(state.id("b"));
        }
        let interactive = |it: &Value| {
            let kind = it["type"].as_str().unwrap_or("");
            let silent = ["plain_text", "mrkdwn", "image"].contains(&kind);
            it.is_object() && !silent && !kind.starts_with("rich_text")
        };
        let kind = block["type"].as_str().unwrap_or("").to_owned();
        let mut elements: Vec<&mut Value> = Vec::new();
        if let Value::Object(members) = block {
            for (name, value) in members {
                match (kind.as_str(), name.as_str()) {
                    ("section", "accessory") | ("input", "element") => elements.push(value),
                    ("actions", "elements") => {
                        elements.extend(value.as_array_mut().into_iter().flatten());
                    }
                    _ => {}
                }
            }
        }
        for element in elements {
            if interactive(element) && element["action_id"].is_null() {
                element["action_id"] = json!(state.id("a"));
            }
        }
    }
}
