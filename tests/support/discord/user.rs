//! The people of the fake: what they type, press and send, as Discord tells the bot of it.

use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

use super::gateway::MESSAGE_CONTENT;
use super::state::{Asked, Message, State};
use super::{APPLICATION, BOT, BOT_ROLE, Fake, SERVER, SIGNING_SEED};

/// Somebody.
pub struct User {
    pub fake: Fake,
    pub id: u64,
}

impl User {
    /// Their direct messages with the bot.
    pub fn direct_channel(&self) -> u64 {
        self.id + 500
    }

    /// Uses a sub-command, of a group as in "list rules"; gives the interaction's id.
    pub fn slash(&self, channel: u64, verb: &str, options: &[(&str, Value)]) -> u64 {
        let options: Vec<Value> = options.iter().map(given).collect();
        let data = json!({
            "id": "1", "name": "triage", "type": 1, "guild_id": SERVER.to_string(),
            "options": [sub_command(verb, &json!(options))],
        });
        self.interaction(channel, 2, data, None)
    }

    /// Uses the command in a way that nobody can read; gives the interaction's id.
    pub fn slash_without_words(&self, channel: u64, secret: &str) -> u64 {
        let data = json!({ "id": "1", "name": "triage", "type": 1, "guild_id": secret });
        self.interaction(channel, 2, data, None)
    }

    /// Hands over a file with a command.
    pub fn slash_with_file(&self, channel: u64, name: &str, bytes: &[u8]) -> u64 {
        let file = self.file(name, bytes);
        let id = file["id"].as_str().unwrap().to_owned();
        let data = json!({
            "id": "1", "name": "triage", "type": 1, "guild_id": SERVER.to_string(),
            "options": [{
                "name": "diagnose", "type": 1, "options": [{ "name": "file", "type": 11, "value": id }],
            }],
            "resolved": { "attachments": { id: file } },
        });
        self.interaction(channel, 2, data, None)
    }

    /// A file of theirs, as a message or a command carries it.
    pub fn file(&self, name: &str, bytes: &[u8]) -> Value {
        // Discord takes no blanks.
        let name = &name.replace(' ', "_");
        let url = format!("{}/files/{name}", self.fake.api_url());
        let id = self.fake.change(|state| {
            state.files.insert(name.to_owned(), bytes.to_vec());
            state.id()
        });
        json!({
            "id": id.to_string(), "filename": name, "size": bytes.len(), "url": url, "proxy_url": url,
        })
    }

    /// Uses the command on a message.
    pub fn on_message(&self, channel: u64, text: &str) -> u64 {
        self.on_message_with(channel, text, json!({}))
    }

    /// The same on a message that has more than its text.
    pub fn on_message_with(&self, channel: u64, text: &str, more: Value) -> u64 {
        let mut message = self.fake.change(|state| {
            let id = state.id();
            let author = state.person(self.id);
            json!({
                "id": id.to_string(), "channel_id": channel.to_string(), "author": author, "content": text,
                "timestamp": "2026-02-16T09:10:02.000000+00:00", "edited_timestamp": null, "tts": false,
                "mention_everyone": false, "mentions": [], "mention_roles": [], "attachments": [], "embeds": [],
                "pinned": false, "type": 0,
            })
        });
        for (name, value) in more.as_object().unwrap() {
            message[name] = value.clone();
        }
        let id = message["id"].as_str().unwrap().to_owned();
        let data = json!({
            "id": "2", "name": "Diagnose this call", "type": 3, "guild_id": SERVER.to_string(), "target_id": id,
            "resolved": { "messages": { id: message } },
        });
        self.interaction(channel, 2, data, None)
    }

    /// Types in an option.
    pub fn types(&self, channel: u64, verb: &str, option: &str, so_far: &str) -> u64 {
        let data = json!({
            "id": "1", "name": "triage", "type": 1, "guild_id": SERVER.to_string(),
            "options": [sub_command(verb, &json!([
                { "name": option, "type": 3, "value": so_far, "focused": true },
            ]))],
        });
        self.interaction(channel, 4, data, None)
    }

    /// Presses a button of a message.
    pub fn press(&self, message: &Message, custom_id: &str) -> u64 {
        let data = json!({ "custom_id": custom_id, "component_type": 2 });
        self.interaction(message.channel, 3, data, Some(message))
    }

    /// Chooses in a select of a message.
    pub fn choose(&self, message: &Message, custom_id: &str, value: &str) -> u64 {
        let data = json!({ "custom_id": custom_id, "component_type": 3, "values": [value] });
        self.interaction(message.channel, 3, data, Some(message))
    }

    /// Sends the form that an interaction opened, its fields filled in by name; the others stay as they are. Discord's
    /// clients send nothing else than what can be chosen and written there.
    #[track_caller]
    pub fn submit(&self, channel: u64, modal: &Value, filled: &[(&str, &str)]) -> u64 {
        for (name, _) in filled {
            super::fields::named(modal, name);
        }
        let parts = modal["components"].as_array().unwrap().iter();
        let sent = parts.zip(1..).map(|(part, id)| match &part["component"] {
            Value::Null => json!({ "type": part["type"], "id": id }),
            input => {
                let mut sent = super::fields::sent(input, filled);
                sent["id"] = json!(id + 100);
                json!({ "type": part["type"], "id": id, "component": sent })
            }
        });
        let data = json!({
            "custom_id": modal["custom_id"], "components": sent.collect::<Vec<_>>(),
        });
        self.interaction(channel, 5, data, None)
    }

    fn interaction(&self, channel: u64, kind: u8, data: Value, message: Option<&Message>) -> u64 {
        let direct = channel == self.direct_channel();
        let now = self.fake.inner.now();
        let (id, payload) = self.fake.change(|state| {
            let id = state.id();
            let user = state.person(self.id);
            let token = format!("token-{id}");
            let mut at = match state.channels.get(&channel) {
                Some(known) => known.clone(),
                None => json!({ "id": channel.to_string(), "type": 1 }),
            };
            at["permissions"] = json!("0");
            let mut payload = json!({
                "id": id.to_string(), "application_id": APPLICATION.to_string(), "type": kind, "data": data,
                "channel": at, "channel_id": channel.to_string(), "token": token, "version": 1, "locale": "en-GB",
                "app_permissions": "0", "entitlements": [], "authorizing_integration_owners": {},
                "attachment_size_limit": state.file_bytes, "context": if direct { 1 } else { 0 },
            });
            match direct {
                true => payload["user"] = user,
                false => {
                    let roles = state.members.get(&self.id).cloned().unwrap_or_default();
                    let roles: Vec<String> = roles.iter().map(u64::to_string).collect();
                    payload["guild_id"] = json!(SERVER.to_string());
                    payload["guild_locale"] = json!("en-GB");
                    payload["member"] = json!({
                        "user": user, "roles": roles, "joined_at": "2026-01-01T00:00:00.000000+00:00", "deaf": false,
                        "mute": false, "flags": 0, "permissions": "0", "avatar": null, "pending": false,
                    });
                }
            }
            if let Some(message) = message {
                payload["message"] = message.json(state);
            }
            if state.is_odd {
                payload.as_object_mut().unwrap().remove("entitlements");
                payload["member"]["joined_at"] = json!("some time ago");
            }
            state.asked.push(Asked {
                id,
                token,
                user: self.id,
                channel,
                sent_at: now,
                answered: None,
                message: None,
                follow_ups: 0,
            });
            (id, payload)
        });
        let url = self.fake.inner.http.lock().unwrap().clone();
        match url {
            None => self.fake.tell("INTERACTION_CREATE", payload),
            Some(url) => {
                let fake = self.fake.clone();
                tokio::spawn(async move {
                    let (status, body) = send_signed(&url, &payload).await;
                    let body: Value = serde_json::from_str(&body).unwrap_or_default();
                    let now = fake.inner.now();
                    fake.change(|state| match status {
                        200 => state.answered_at_once(id, &body, now),
                        status => state.refused.push(format!("interaction: status {status}")),
                    });
                });
            }
        }
        id
    }

    /// Writes in a channel; gives the message's id.
    pub fn writes(&self, channel: u64, text: &str) -> u64 {
        self.message(channel, text, json!({}))
    }

    /// Writes to the bot in a channel.
    pub fn mentions(&self, channel: u64, text: &str) -> u64 {
        self.message(channel, &to_bot(text), json!({}))
    }

    /// Writes to the bot in a channel a message that has more than its text.
    pub fn mentions_with(&self, channel: u64, text: &str, more: Value) -> u64 {
        self.message(channel, &to_bot(text), more)
    }

    /// Writes to the bot's role, which has its name.
    pub fn mentions_role(&self, channel: u64, text: &str) -> u64 {
        self.message(channel, &format!("<@&{BOT_ROLE}> {text}"), json!({}))
    }

    /// Replies to a message of the bot, to the bot.
    pub fn replies(&self, message: &Message, text: &str) -> u64 {
        self.replies_with(message, text, json!({}))
    }

    /// The same with more than its text.
    pub fn replies_with(&self, message: &Message, text: &str, mut more: Value) -> u64 {
        let told = self.fake.look(|state| message.json(state));
        more["type"] = json!(19);
        more["message_reference"] =
            json!({ "message_id": told["id"], "channel_id": told["channel_id"] });
        more["referenced_message"] = told;
        self.message(message.channel, &to_bot(text), more)
    }

    /// Begins a thread from a message, and writes to the bot in it; gives the thread.
    pub fn begins_thread(&self, message: &Message, text: &str) -> u64 {
        let (thread, channel) = (message.id, message.channel);
        self.fake
            .change(|state| state.begin_thread(thread, channel));
        // What stands over it is told as a message of its own.
        let begun_with =
            json!({ "message_id": thread.to_string(), "channel_id": channel.to_string() });
        self.message(
            thread,
            "",
            json!({ "type": 21, "message_reference": begun_with }),
        );
        self.mentions(thread, text);
        thread
    }

    /// Opens a post in a forum that is written to the bot; gives the post, which is a thread.
    pub fn opens_post(&self, forum: u64, text: &str) -> u64 {
        let post = self.fake.change(|state| {
            let post = state.id();
            state.begin_thread(post, forum);
            post
        });
        self.mentions_with(post, text, json!({ "id": post.to_string() }));
        post
    }

    /// Changes a message of theirs to one that is written to the bot.
    pub fn edits(&self, channel: u64, message: u64, text: &str) {
        let edited = json!({ "id": message.to_string(), "edited_timestamp": "2026-02-16T09:20:02.000000+00:00" });
        let payload = self
            .fake
            .change(|state| self.written(state, channel, &to_bot(text), edited));
        self.fake.tell("MESSAGE_UPDATE", payload);
    }

    /// Writes to the bot with a file.
    pub fn hands_over(&self, channel: u64, name: &str, bytes: &[u8]) -> u64 {
        let file = self.file(name, bytes);
        self.mentions_with(channel, "", json!({ "attachments": [file] }))
    }

    fn message(&self, channel: u64, text: &str, more: Value) -> u64 {
        let payload = self
            .fake
            .change(|state| self.written(state, channel, text, more));
        let id = payload["id"].as_str().unwrap().parse().unwrap();
        self.fake.tell("MESSAGE_CREATE", payload);
        id
    }

    /// A message, as Discord tells the bot of it, with more than its text.
    fn written(&self, state: &mut State, channel: u64, text: &str, more: Value) -> Value {
        let direct = channel == self.direct_channel();
        let is_mention = text.contains(&format!("<@{BOT}>"));
        let is_role = text.contains(&format!("<@&{BOT_ROLE}>"));
        let mentions = match is_mention {
            true => json!([state.person(BOT)]),
            false => json!([]),
        };
        let mut payload = json!({
            "id": state.id().to_string(), "channel_id": channel.to_string(), "author": state.person(self.id),
            "content": text, "timestamp": "2026-02-16T09:10:02.000000+00:00", "edited_timestamp": null,
            "tts": false, "mention_everyone": false, "mentions": mentions, "attachments": [],
            "embeds": [], "pinned": false,
            "mention_roles": if is_role { json!([BOT_ROLE.to_string()]) } else { json!([]) },
            "type": 0,
        });
        if !direct {
            payload["guild_id"] = json!(SERVER.to_string());
        }
        if state.is_odd {
            payload["timestamp"] = json!("some time ago");
        }
        for (name, value) in more.as_object().unwrap() {
            payload[name] = value.clone();
        }
        // Text and files are told of what is said to the bot, by its user's name, and else only to who may read all.
        if !(direct || is_mention || self.id == BOT || state.intents & MESSAGE_CONTENT != 0) {
            payload["content"] = json!("");
            payload["attachments"] = json!([]);
        }
        payload
    }
}

/// What is said to the bot, with its name before it.
fn to_bot(text: &str) -> String {
    format!("<@{BOT}> {text}")
}

fn sub_command(verb: &str, options: &Value) -> Value {
    match verb.split_once(' ') {
        Some((group, verb)) => {
            json!({ "name": group, "type": 2, "options": [sub_command(verb, options)] })
        }
        None => json!({ "name": verb, "type": 1, "options": options }),
    }
}

fn given((name, value): &(&str, Value)) -> Value {
    let kind = match value {
        Value::Bool(_) => 5,
        Value::Number(_) => 4,
        _ => 3,
    };
    json!({ "name": name, "type": kind, "value": value })
}

/// Sends something as Discord signs it: the status and the body of the answer.
pub async fn send_signed(url: &str, payload: &Value) -> (u16, String) {
    let at = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs()
        .to_string();
    let body = payload.to_string();
    let signature = sign(&at, body.as_bytes());
    send(
        url,
        &[
            ("x-signature-ed25519", &signature),
            ("x-signature-timestamp", &at),
        ],
        body,
    )
    .await
}

/// The signature of a body.
pub fn sign(at: &str, body: &[u8]) -> String {
    let key = SigningKey::from_bytes(&SIGNING_SEED);
    let signature = key.sign(&[at.as_bytes(), body].concat());
    signature
        .to_bytes()
        .iter()
        .map(|it| format!("{it:02x}"))
        .collect()
}

/// Sends something with these headers: the status and the body of the answer.
pub async fn send(url: &str, headers: &[(&str, &str)], body: String) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client
        .post(url)
        .header("content-type", "application/json")
        .body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}
