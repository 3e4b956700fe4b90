//! What people do: commands, mentions, messages, clicks, forms. Each does what Slack's client would and
//! no more: it cannot click what is not there, nor send a form that is incomplete.

use serde_json::{Map, Value, json};

use super::record::Source;
use super::state::{BOT_USER, File, Message, elements};
use super::{Fake, Inner};

/// Somebody at a keyboard.
pub struct Person<'a> {
    fake: &'a Fake,
    id: String,
}

/// A text as it must be written in a query.
pub(super) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

impl Fake {
    /// Somebody of the workspace.
    pub fn user(&self, id: &str) -> Person<'_> {
        assert!(self.look(|state| state.users.contains_key(id)), "{id}");
        Person {
            fake: self,
            id: id.to_owned(),
        }
    }
}

impl Person<'_> {
    fn inner(&self) -> &Inner {
        &self.fake.inner
    }

    fn source(&self, channel: &str) -> Source {
        self.inner().source(&json!(self.id), channel)
    }

    /// Types a command, as `/triage 123`; the id of the envelope. Works in channels without the bot.
    pub fn slash(&self, channel: &str, line: &str) -> String {
        assert!(line.starts_with('/'));
        let payload = self.inner().command(&self.id, channel, line);
        self.inner()
            .enqueue("slash_commands", payload, self.source(channel))
    }

    /// Writes into a channel, or (`thread`) into a thread of it; the ts.
    pub fn message_in(&self, channel: &str, thread: Option<&str>, text: &str) -> String {
        let message = self.written(channel, thread, text);
        let (value, _) = self.inner().add(message);
        value["ts"].as_str().unwrap().to_owned()
    }

    /// Writes into a channel; the ts.
    pub fn message(&self, channel: &str, text: &str) -> String {
        self.message_in(channel, None, text)
    }

    /// Mentions the bot: `message` and `app_mention`, two events about one ts, which is returned.
    /// Where the bot is no member, Slack sends neither.
    pub fn mention(&self, channel: &str, thread: Option<&str>, text: &str) -> String {
        let text = format!("<@{BOT_USER}> {text}");
        let message = self.written(channel, thread, &text);
        self.say_and_mention(message)
    }

    fn say_and_mention(&self, message: Message) -> String {
        let inner = self.inner();
        let channel = message.channel.clone();
        let (has_bot, is_im) = {
            let state = inner.lock();
            (
                state.channels[&channel].has_bot(),
                state.channels[&channel].is_im,
            )
        };
        let subscribed = inner.app.events.contains("app_mention");
        let (value, _) = match message.files.is_empty() {
            true => inner.add(message),
            false => inner.share(message),
        };
        // Slack keeps no order between the two.
        if has_bot && !is_im && subscribed {
            let mut event = value.clone();
            event["type"] = json!("app_mention");
            event["channel"] = json!(channel);
            event["event_ts"] = value["ts"].clone();
            inner.event(event, self.source(&channel));
        }
        value["ts"].as_str().unwrap().to_owned()
    }

    /// Writes to the bot alone; the channel and the ts.
    pub fn direct(&self, text: &str) -> (String, String) {
        let channel = self.inner().direct(&self.id);
        let ts = self.message(&channel, text);
        (channel, ts)
    }

    /// A message with a file, as `file_share`; with a mention of the bot in `text`, `app_mention` too.
    /// `text` is as written, so a mention is `<@U0BOTBOTBO>`. The ts.
    pub fn upload(
        &self,
        channel: &str,
        thread: Option<&str>,
        file: (&str, &[u8]),
        text: &str,
    ) -> String {
        let id = self.inner().change(|state| {
            let id = state.id("F");
            let file = File {
                id: id.clone(),
                name: file.0.to_owned(),
                title: file.0.to_owned(),
                user: self.id.clone(),
                announced: file.1.len(),
                content: Some(file.1.to_vec()),
                shares: Vec::new(),
                complete: true,
            };
            state.files.insert(id.clone(), file);
            id
        });
        let message = Message {
            files: vec![id],
            ..self.written(channel, thread, text)
        };
        if text.contains(&format!("<@{BOT_USER}>")) {
            return self.say_and_mention(message);
        }
        let (value, _) = self.inner().share(message);
        value["ts"].as_str().unwrap().to_owned()
    }

    fn written(&self, channel: &str, thread: Option<&str>, text: &str) -> Message {
        let state = self.inner().lock();
        assert!(
            state.channels[channel].members.contains(&self.id),
            "{} is not in {channel}",
            self.id
        );
        if let Some(thread) = thread {
            assert!(
                state.message(channel, thread).is_some(),
                "no thread {thread}"
            );
        }
        let blocks = json!([{"type": "rich_text", "elements": [{"type": "rich_text_section",
            "elements": [{"type": "text", "text": text}]}]}]);
        Message {
            channel: channel.to_owned(),
            ts: String::new(),
            thread_ts: thread.map(str::to_owned),
            user: self.id.clone(),
            text: text.to_owned(),
            blocks: if text.is_empty() { Value::Null } else { blocks },
            attachments: Value::Null,
            metadata: None,
            files: Vec::new(),
            edited: None,
            deleted: false,
            only_for: None,
            by: "user".to_owned(),
            times: Vec::new(),
            texts: Vec::new(),
        }
    }

    /// Changes a message of their own: `message_changed`.
    pub fn edit(&self, channel: &str, ts: &str, text: &str) {
        let own = self
            .inner()
            .lock()
            .message(channel, ts)
            .is_some_and(|it| it.user == self.id);
        assert!(own, "not theirs");
        let content = super::chat::Content {
            text: Some(text.to_owned()),
            blocks: None,
            attachments: None,
            metadata: None,
        };
        self.inner().edit(channel, ts, content);
    }

    /// Uses a shortcut on a message; the id of the envelope.
    pub fn message_shortcut(&self, channel: &str, ts: &str, callback_id: &str) -> String {
        let mut payload = self.inner().interaction("message_action", &self.id);
        let mut around = self.inner().around(&self.id, channel, ts);
        around.as_object_mut().unwrap().remove("container");
        super::state::merge(&mut payload, around);
        payload["callback_id"] = json!(callback_id);
        payload["action_ts"] = json!(self.inner().action_ts());
        self.inner()
            .enqueue("interactive", payload, self.source(channel))
    }

    /// Clicks a button of a message; the id of the envelope.
    pub fn click(&self, channel: &str, ts: &str, action_id: &str) -> String {
        self.act(channel, ts, action_id, None)
    }

    /// Chooses the option with this value in a select or overflow menu; the id of the envelope.
    pub fn select(&self, channel: &str, ts: &str, action_id: &str, value: &str) -> String {
        self.act(channel, ts, action_id, Some(value))
    }

    fn act(&self, channel: &str, ts: &str, action_id: &str, value: Option<&str>) -> String {
        let (block, element) = self.fake.look(|state| {
            let message = state.message(channel, ts).expect("no such message stands");
            let only_for = message.only_for.as_ref();
            assert!(
                only_for.is_none_or(|it| *it == self.id),
                "{} cannot see it",
                self.id
            );
            named(message.elements(), action_id)
        });
        let mut payload = self.inner().interaction("block_actions", &self.id);
        super::state::merge(&mut payload, self.inner().around(&self.id, channel, ts));
        payload["state"] = json!({"values": {}});
        payload["actions"] = json!([action(&block, &element, value)]);
        payload["actions"][0]["action_ts"] = json!(self.inner().action_ts());
        self.inner()
            .enqueue("interactive", payload, self.source(channel))
    }

    /// Clicks a button (or, with a value, chooses) in the topmost form, or in the app home if none is
    /// open; the id of the envelope.
    pub fn act_in_view(&self, action_id: &str, value: Option<&str>) -> String {
        let view = self.fake.look(|state| match state.top_view(&self.id) {
            Some(view) => view.json(&json!({})),
            None => state.homes.get(&self.id).expect("no view").clone(),
        });
        let (block, element) = named(elements(&view["blocks"]), action_id);
        let id = view["id"].as_str().unwrap().to_owned();
        let mut payload = self.inner().interaction("block_actions", &self.id);
        payload["trigger_id"] = json!(self.inner().new_trigger(&self.id, Some(&id)));
        payload["container"] = json!({"type": "view", "view_id": id});
        payload["view"] = view;
        payload["actions"] = json!([action(&block, &element, value)]);
        payload["actions"][0]["action_ts"] = json!(self.inner().action_ts());
        self.inner()
            .enqueue("interactive", payload, self.source(""))
    }

    /// Sends the topmost form with values by `action_id` or `block_id`; the rest is as the bot filled it in. What the
    /// form demands must be there, as Slack's client would insist. The id of the envelope.
    pub fn submit(&self, values: &[(&str, &str)]) -> String {
        let view = self
            .fake
            .look(|state| state.top_view(&self.id).expect("no form").clone());
        let mut state = Map::new();
        let mut left: Vec<_> = values.iter().map(|(name, _)| *name).collect();
        for block in view.view["blocks"].as_array().into_iter().flatten() {
            if block["type"] != "input" {
                continue;
            }
            let element = &block["element"];
            let name = element["action_id"].as_str().unwrap();
            let block_id = block["block_id"].as_str().unwrap();
            let is_it = |known: &str| known == name || known == block_id;
            let given = values.iter().find(|(known, _)| is_it(known));
            left.retain(|known| !is_it(known));
            let value = input(element, given.map(|(_, value)| *value));
            let empty = value
                .as_object()
                .unwrap()
                .values()
                .all(|it| it.is_null() || *it == element["type"]);
            assert!(
                block["optional"] == true || !empty,
                "{name} must be filled in"
            );
            state.insert(
                block["block_id"].as_str().unwrap().to_owned(),
                json!({name: value}),
            );
        }
        assert!(left.is_empty(), "the form has no {left:?}: {}", view.view);
        let mut payload = self.inner().interaction("view_submission", &self.id);
        payload["trigger_id"] = json!(self.inner().new_trigger(&self.id, Some(&view.id)));
        payload["view"] = view.json(&Value::Object(state));
        payload["response_urls"] = json!([]);
        let source = Source {
            view: Some(view.id),
            ..self.source("")
        };
        self.inner().enqueue("interactive", payload, source)
    }

    /// Closes the topmost form; the id of the envelope, if the bot wanted to know.
    pub fn close(&self) -> Option<String> {
        let view = self
            .fake
            .look(|state| state.top_view(&self.id).expect("no form").clone());
        self.inner()
            .change(|state| state.views.retain(|it| it.id != view.id));
        if view.view["notify_on_close"] != true {
            return None;
        }
        let mut payload = self.inner().interaction("view_closed", &self.id);
        payload["view"] = view.json(&json!({}));
        payload["is_cleared"] = json!(false);
        Some(
            self.inner()
                .enqueue("interactive", payload, self.source("")),
        )
    }

    /// Opens the home of the app; the id of the envelope.
    pub fn open_home(&self) -> Option<String> {
        let inner = self.inner();
        let channel = inner.direct(&self.id);
        let ts = inner.change(|state| state.ts(inner.micros()));
        let mut event = json!({"type": "app_home_opened", "user": self.id, "channel": channel,
            "tab": "home", "event_ts": ts});
        if let Some(home) = inner.lock().homes.get(&self.id) {
            event["view"] = home.clone();
        }
        let subscribed = inner.app.events.contains("app_home_opened");
        subscribed.then(|| inner.event(event, self.source(&channel)))
    }
}

impl Inner {
    /// When somebody clicked; no two clicks have the same.
    fn action_ts(&self) -> String {
        self.change(|state| state.ts(self.micros()))
    }
}

fn named(all: Vec<(String, Value)>, action_id: &str) -> (String, Value) {
    let names: Vec<_> = all.iter().map(|(_, it)| it["action_id"].clone()).collect();
    let found = all.into_iter().find(|(_, it)| it["action_id"] == action_id);
    found.unwrap_or_else(|| panic!("there is no {action_id} among {names:?}"))
}

fn option(element: &Value, value: &str) -> Value {
    let groups = element["option_groups"].as_array().into_iter().flatten();
    let grouped = groups.flat_map(|it| it["options"].as_array().into_iter().flatten());
    let mut all = element["options"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(grouped);
    let found = all.find(|it| it["value"] == value);
    found
        .unwrap_or_else(|| panic!("no option {value} in {element}"))
        .clone()
}

fn action(block: &str, element: &Value, value: Option<&str>) -> Value {
    let mut action = json!({"type": element["type"], "action_id": element["action_id"],
        "block_id": block});
    match (element["type"].as_str().unwrap(), value) {
        ("button", None) => {
            action["text"] = element["text"].clone();
            for name in ["value", "style", "url"] {
                if !element[name].is_null() {
                    action[name] = element[name].clone();
                }
            }
        }
        ("static_select" | "overflow" | "radio_buttons", Some(value)) => {
            action["selected_option"] = option(element, value);
            if let Some(placeholder) = element.get("placeholder") {
                action["placeholder"] = placeholder.clone();
            }
        }
        ("multi_static_select" | "checkboxes", Some(value)) => {
            let values = value.split(',').filter(|it| !it.is_empty());
            action["selected_options"] = values.map(|it| option(element, it)).collect();
        }
        (kind, value) => panic!("a {kind} takes no {value:?}"),
    }
    action
}

/// The state of an input, as given or as the bot filled it in.
fn input(element: &Value, given: Option<&str>) -> Value {
    let kind = element["type"].as_str().unwrap();
    let chosen = |many: bool| match (given, many) {
        (Some(value), false) => option(element, value),
        (Some(values), true) => {
            let values = values.split(',').filter(|it| !it.is_empty());
            values.map(|it| option(element, it)).collect()
        }
        (None, false) => element["initial_option"].clone(),
        (None, true) => element.get("initial_options").cloned().unwrap_or(json!([])),
    };
    let plain = |initial: &str| given.map_or_else(|| element[initial].clone(), |it| json!(it));
    match kind {
        "static_select" | "radio_buttons" => {
            json!({"type": kind, "selected_option": chosen(false)})
        }
        "multi_static_select" | "checkboxes" => {
            json!({"type": kind, "selected_options": chosen(true)})
        }
        "datepicker" => json!({"type": kind, "selected_date": plain("initial_date")}),
        "timepicker" => json!({"type": kind, "selected_time": plain("initial_time")}),
        "users_select" => json!({"type": kind, "selected_user": plain("initial_user")}),
        "conversations_select" => {
            json!({"type": kind, "selected_conversation": plain("initial_conversation")})
        }
        "channels_select" => json!({"type": kind, "selected_channel": plain("initial_channel")}),
        _ => json!({"type": kind, "value": plain("initial_value")}),
    }
}
