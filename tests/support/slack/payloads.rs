//! How commands, events and interactions look on the wire, with all the members that Slack sends.
//! Builds values and nothing else.

use serde_json::{Value, json};

use super::Inner;
use super::record::Source;
use super::state::{APP, BOT_USER, ResponseUrl, TEAM, TEAM_DOMAIN, merge};

impl Inner {
    /// The payload of a command; `line` is `/command text`.
    pub(super) fn command(&self, user: &str, channel: &str, line: &str) -> Value {
        let (command, text) = line.split_once(' ').unwrap_or((line, ""));
        let (user_name, channel_name) = self.names(user, channel);
        let response_url = self.new_response_url("commands", self.reply_to(user, channel));
        json!({
            "token": "fake", "team_id": TEAM, "team_domain": TEAM_DOMAIN, "channel_id": channel,
            "channel_name": channel_name, "user_id": user, "user_name": user_name,
            "command": command, "text": text.trim(), "api_app_id": APP,
            "is_enterprise_install": "false", "response_url": response_url,
            "trigger_id": self.new_trigger(user, None),
        })
    }

    pub(super) fn reply_to(&self, user: &str, channel: &str) -> ResponseUrl {
        ResponseUrl {
            user: user.to_owned(),
            channel: channel.to_owned(),
            thread_ts: None,
            message_ts: None,
            made: self.now(),
            uses: 0,
            is_expired: false,
        }
    }

    fn names(&self, user: &str, channel: &str) -> (String, String) {
        let state = self.lock();
        let user = state.users[user].name.clone();
        (user, state.channels[channel].name.clone())
    }

    /// Sends an event in its wrapping; its envelope.
    pub(super) fn event(&self, event: Value, source: Source) -> String {
        let seconds = self.seconds();
        let shared = self
            .lock()
            .channels
            .get(&source.channel)
            .is_some_and(|it| it.is_ext_shared);
        let (id, context) = self.change(|state| (state.id("Ev"), state.id("4-")));
        let payload = json!({
            "token": "fake", "team_id": TEAM, "context_team_id": TEAM, "context_enterprise_id": null,
            "api_app_id": APP, "event": event, "type": "event_callback", "event_id": id,
            "event_time": seconds, "is_ext_shared_channel": shared, "event_context": context,
            "authorizations": [{"enterprise_id": null, "team_id": TEAM, "user_id": BOT_USER,
                "is_bot": true, "is_enterprise_install": false}],
        });
        self.enqueue("events_api", payload, source)
    }

    /// `message` for what was posted, if the app asked for such events.
    pub(super) fn message_event(&self, channel: &str, message: Value) -> Option<String> {
        let kind = self.heard(channel)?;
        let mut event = message;
        let ts = event["ts"].clone();
        merge(
            &mut event,
            json!({"channel": channel, "channel_type": kind, "event_ts": ts}),
        );
        if event["files"].is_array() {
            event["subtype"] = json!("file_share");
        }
        let source = self.source(&event["user"], channel);
        Some(self.event(event, source))
    }

    /// `message` with `message_changed`.
    pub(super) fn changed_event(
        &self,
        channel: &str,
        before: Value,
        after: Value,
    ) -> Option<String> {
        let kind = self.heard(channel)?;
        let source = self.source(&after["user"], channel);
        let ts = after["edited"]["ts"].clone();
        let event = json!({
            "type": "message", "subtype": "message_changed", "hidden": true, "channel": channel,
            "channel_type": kind, "ts": ts, "event_ts": ts, "message": after,
            "previous_message": before,
        });
        Some(self.event(event, source))
    }

    fn heard(&self, channel: &str) -> Option<&'static str> {
        let kind = self.lock().channels[channel].kind();
        let plural = if kind == "im" {
            "im".to_owned()
        } else {
            format!("{kind}s")
        };
        self.app
            .events
            .contains(&format!("message.{plural}"))
            .then_some(kind)
    }

    pub(super) fn source(&self, user: &Value, channel: &str) -> Source {
        Source {
            user: user.as_str().unwrap_or("").to_owned(),
            channel: channel.to_owned(),
            view: None,
        }
    }

    /// What all interactions of somebody have.
    pub(super) fn interaction(&self, kind: &str, user: &str) -> Value {
        let name = self.lock().users[user].name.clone();
        json!({
            "type": kind, "token": "fake", "api_app_id": APP, "enterprise": null,
            "is_enterprise_install": false, "team": {"id": TEAM, "domain": TEAM_DOMAIN},
            "user": {"id": user, "username": name, "name": name, "team_id": TEAM},
        })
    }

    /// The members that an interaction with a message has besides.
    pub(super) fn around(&self, user: &str, channel: &str, ts: &str) -> Value {
        let (message, name, thread, ephemeral) = {
            let (state, base) = (self.lock(), self.base());
            let found = state.message(channel, ts).expect("no such message stands");
            let value = state.message_json(found, true, &base);
            let name = state.channels[channel].name.clone();
            (
                value,
                name,
                found.thread_ts.clone(),
                found.only_for.is_some(),
            )
        };
        let to = ResponseUrl {
            thread_ts: thread.clone(),
            message_ts: Some(ts.to_owned()),
            ..self.reply_to(user, channel)
        };
        let response_url = self.new_response_url("actions", to);
        let mut container = json!({"type": "message", "message_ts": ts, "channel_id": channel,
            "is_ephemeral": ephemeral});
        if let Some(thread) = thread {
            container["thread_ts"] = json!(thread);
        }
        json!({
            "trigger_id": self.new_trigger(user, None), "response_url": response_url,
            "channel": {"id": channel, "name": name}, "message": message, "message_ts": ts,
            "container": container,
        })
    }
}
