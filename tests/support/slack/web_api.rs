//! The door of the Web API: token, scope, rate, and which method is meant. What methods do stands elsewhere.

use std::sync::Arc;

use serde_json::{Value, json};

use super::record::Call;
use super::server::{Answer, Request};
use super::state::{BOT, BOT_USER, Channel, State, TEAM, TEAM_DOMAIN, merge};
use super::{APP_TOKEN, BOT_TOKEN, Inner, faults};

/// Why a call is refused.
#[derive(Debug)]
pub(super) struct No {
    pub error: &'static str,
    pub detail: String,
    /// More members of the answer.
    pub more: Value,
}

impl No {
    pub(super) fn because(error: &'static str, detail: impl Into<String>) -> No {
        No {
            error,
            detail: detail.into(),
            more: Value::Null,
        }
    }
}

impl From<&'static str> for No {
    fn from(error: &'static str) -> No {
        No::because(error, "")
    }
}

pub(super) type Done = Result<Value, No>;

/// A text argument that must be there.
pub(super) fn text<'a>(arguments: &'a Value, name: &str) -> Result<&'a str, No> {
    match &arguments[name] {
        Value::String(text) if !text.is_empty() => Ok(text),
        _ => Err(No::because("invalid_arguments", format!("no {name}"))),
    }
}

/// A flag, as JSON or as form text.
pub(super) fn flag(arguments: &Value, name: &str) -> bool {
    matches!(&arguments[name], Value::Bool(true))
        || matches!(arguments[name].as_str(), Some("true" | "1"))
}

/// A channel that the bot may know of.
pub(super) fn channel<'a>(state: &'a State, id: &str) -> Result<&'a Channel, No> {
    let found = state.channels.get(id);
    let visible = found.filter(|it| !(it.is_private || it.is_im) || it.has_bot());
    visible.ok_or_else(|| No::because("channel_not_found", id))
}

impl Inner {
    pub(super) fn web_api(self: &Arc<Inner>, method: &str, request: &Request) -> Answer {
        let arguments = match request.arguments() {
            Ok(arguments) => arguments,
            Err(error) => {
                self.refuse(method, error, "the body", &Value::Null);
                return Answer::json(&json!({"ok": false, "error": error}));
            }
        };
        let place = arguments["channel"].as_str().unwrap_or("");
        let granted = self.admits(method, request, &arguments);
        if granted.is_ok() {
            let mut rates = self.rates.lock().unwrap();
            let wait = rates.take(method, place, self.now(), self.app.speed);
            drop(rates);
            if let Some(seconds) = wait {
                self.refuse(method, "ratelimited", &format!("{seconds} s"), &arguments);
                return faults::too_many(seconds);
            }
        }
        let mut kept = arguments.clone();
        if let Value::Object(kept) = &mut kept {
            kept.remove("token");
        }
        let answer = match granted.and_then(|()| self.method(method, &arguments)) {
            Ok(done) => {
                let mut answer = json!({"ok": true});
                merge(&mut answer, done);
                answer
            }
            Err(no) => {
                self.refuse(method, no.error, &no.detail, &kept);
                let mut answer = json!({"ok": false, "error": no.error});
                merge(&mut answer, no.more);
                answer
            }
        };
        let call = Call {
            method: method.to_owned(),
            arguments: kept,
            answer: answer.clone(),
            at: self.now(),
        };
        self.change(|state| state.record.calls.push(call));
        let scopes: Vec<_> = self.app.scopes.iter().map(String::as_str).collect();
        Answer::json(&answer)
            .with("x-oauth-scopes", &scopes.join(","))
            .with("date", &self.date())
            .with("x-slack-req-id", "0123456789abcdef0123456789abcdef")
    }

    /// Whether the token is good for the method.
    fn admits(&self, method: &str, request: &Request, arguments: &Value) -> Result<(), No> {
        let token = request.token().or_else(|| arguments["token"].as_str());
        let Some(token) = token else {
            return Err("not_authed".into());
        };
        let app_wide = method == "apps.connections.open";
        match (token, app_wide) {
            (APP_TOKEN, true) | (BOT_TOKEN, false) => {}
            (APP_TOKEN | BOT_TOKEN, _) => return Err("not_allowed_token_type".into()),
            _ => return Err("invalid_auth".into()),
        }
        if let Some(scope) = self.missing(method, arguments) {
            let have: Vec<_> = self.app.scopes.iter().cloned().collect();
            return Err(No {
                more: json!({"needed": scope, "provided": have.join(",")}),
                ..No::because("missing_scope", scope)
            });
        }
        Ok(())
    }

    /// The scope that the method needs and the app has not.
    fn missing(&self, method: &str, arguments: &Value) -> Option<String> {
        let state = self.lock();
        let id = arguments["channel"].as_str().unwrap_or("");
        let family = match state.channels.get(id) {
            Some(channel) if channel.is_im => "im",
            Some(channel) if channel.is_private => "groups",
            _ => "channels",
        };
        let needed = match method {
            "chat.postMessage" | "chat.update" | "chat.postEphemeral" => "chat:write".to_owned(),
            "conversations.history" | "conversations.replies" => format!("{family}:history"),
            "conversations.info" | "conversations.members" => format!("{family}:read"),
            "conversations.open" => "im:write".to_owned(),
            "users.info" | "users.list" => "users:read".to_owned(),
            "usergroups.users.list" => "usergroups:read".to_owned(),
            "files.getUploadURLExternal" | "files.completeUploadExternal" => {
                "files:write".to_owned()
            }
            "files.info" => "files:read".to_owned(),
            _ => return None,
        };
        (!self.app.scopes.contains(&needed)).then_some(needed)
    }

    fn method(self: &Arc<Inner>, method: &str, arguments: &Value) -> Done {
        match method {
            "api.test" => Ok(json!({"args": {}})),
            "auth.test" => Ok(json!({
                "url": format!("https://{TEAM_DOMAIN}.slack.com/"), "team": TEAM_DOMAIN,
                "user": "calltriage", "team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT,
                "is_enterprise_install": false,
            })),
            "apps.connections.open" => Ok(self.open_connection()),
            "chat.postMessage" => self.post_message(arguments),
            "chat.postEphemeral" => self.post_ephemeral(arguments),
            "chat.update" => self.update(arguments),
            "chat.getPermalink" => self.permalink(arguments),
            "conversations.history" => self.history(arguments),
            "conversations.replies" => self.replies(arguments),
            "conversations.info" => self.channel_info(arguments),
            "conversations.open" => self.open_direct(arguments),
            "conversations.members" => self.members(arguments),
            "users.info" => self.user_info(arguments),
            "users.list" => self.users(arguments),
            "usergroups.users.list" => self.group(arguments),
            "views.open" => self.open_view(arguments, false),
            "views.push" => self.open_view(arguments, true),
            "views.update" => self.update_view(arguments),
            "views.publish" => self.publish_view(arguments),
            "files.getUploadURLExternal" => self.upload_url(arguments),
            "files.completeUploadExternal" => self.complete_upload(arguments),
            "files.info" => self.file_info(arguments),
            _ => Err(No::because("unknown_method", method)),
        }
    }

    fn open_connection(&self) -> Value {
        let ticket = self.change(|state| {
            let ticket = state.id("TICKET");
            state.tickets.insert(ticket.clone());
            ticket
        });
        let path = super::socket_mode::PATH;
        json!({"url": format!("ws://{}{path}?ticket={ticket}&app_id={}", self.address, super::state::APP)})
    }
}
