//! The fake's REST API: what Discord answers, and what it refuses.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::buckets::Room;
use super::state::{ATTACH, Message, READ_HISTORY, SEND, SEND_IN_THREADS, State, VIEW};
use super::{APPLICATION, BOT, Inner, TOKEN, checks};

/// An answer has to come within this, and may be changed for a quarter of an hour.
const FIRST_ANSWER: Duration = Duration::from_secs(3);
const TOKEN_LASTS: Duration = Duration::from_secs(15 * 60);

pub async fn serve(inner: Arc<Inner>, listener: TcpListener) {
    let app = Router::new().fallback(answer).with_state(inner);
    axum::serve(listener, app).await.unwrap();
}

/// A refusal, as Discord words it.
struct Refusal(u16, i64, &'static str);

type Answered = Result<Value, Refusal>;

const MISSING_ACCESS: Refusal = Refusal(403, 50_001, "Missing Access");
const MISSING_PERMISSIONS: Refusal = Refusal(403, 50_013, "Missing Permissions");
const NOT_THERE: Refusal = Refusal(400, 50_024, "Cannot execute action on this channel type");
const MAY_NOT_REPLY: Refusal = Refusal(
    400,
    160_002,
    "Cannot reply without permission to read message history",
);
const TOO_LATE: Refusal = Refusal(404, 10_062, "Unknown interaction");
const UNKNOWN_MESSAGE: Refusal = Refusal(404, 10_008, "Unknown Message");
const UNKNOWN_WEBHOOK: Refusal = Refusal(404, 10_015, "Unknown Webhook");

/// A request whose body was read.
struct Asked {
    method: String,
    path: Vec<String>,
    query: String,
    body: Value,
    files: Vec<(String, Vec<u8>)>,
}

async fn answer(Shared(inner): Shared<Arc<Inner>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let header = |name: &str| {
        let value = head.headers.get(name).and_then(|it| it.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    // Some clients write the @ of "@original" so.
    let full = head.uri.path().replace("%40", "@");
    let call = format!("{} {full}", head.method);
    let bytes = to_bytes(body, 64 << 20).await.unwrap();
    if let Some(name) = full.strip_prefix("/files/") {
        let file = inner.change(|state| {
            state.calls.push(call);
            state.files.get(name).cloned()
        });
        return match file {
            Some(bytes) => bytes.into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        };
    }
    let faulty = inner.change(|state| {
        state.calls.push(call.clone());
        let fault = state
            .faults
            .iter_mut()
            .find(|it| it.times > 0 && call.contains(it.path))?;
        if fault.after > 0 {
            fault.after -= 1;
            return None;
        }
        fault.times -= 1;
        Some((fault.status, fault.body))
    });
    if inner.lock().hanging.iter().any(|it| call.contains(it)) {
        // Until the test ends.
        std::future::pending::<()>().await;
    }
    if let Some((status, body)) = faulty {
        let status = StatusCode::from_u16(status).unwrap();
        return (status, [("content-type", "application/json")], body).into_response();
    }
    let by_token = full.starts_with("/api/v10/webhooks/") || full.ends_with("/callback");
    let room = inner.change(|state| state.buckets.take(&route(&head.method, &full), !by_token));
    if let Some(global) = room.refused {
        if room.is_fault {
            inner.change(|state| state.refused.push(format!("{call}: it was told to wait")));
        }
        let wait = room.reset_after.as_secs_f64();
        let body = json!({ "message": "You are being rate limited.", "retry_after": wait, "global": global });
        let mut response = (StatusCode::TOO_MANY_REQUESTS, body.to_string()).into_response();
        let whole = room.reset_after.as_secs() + 1;
        response.headers_mut().insert("retry-after", whole.into());
        limits(&room, &mut response);
        return response;
    }
    let path = full.trim_start_matches("/api/v10/").split('/');
    let (body, files) = match header("content-type") {
        kind if kind.starts_with("multipart/form-data") => multipart(&kind, &bytes),
        _ => (
            serde_json::from_slice(&bytes).unwrap_or_default(),
            Vec::new(),
        ),
    };
    let asked = Asked {
        method: head.method.to_string(),
        path: path.map(ToOwned::to_owned).collect(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        body,
        files,
    };
    let by_token = matches!(asked.path[0].as_str(), "interactions" | "webhooks");
    let is_known = by_token || header("authorization") == format!("Bot {TOKEN}");
    let now = inner.now();
    let answered = match is_known {
        true => inner.change(|state| {
            if !asked.body.is_null() {
                state.sent.push((call.clone(), asked.body.clone()));
            }
            state.answered(&asked, now, &inner)
        }),
        false => Err(Refusal(401, 0, "401: Unauthorized")),
    };
    let jump = inner.change(|state| state.jump.take_if(|(path, _)| call.contains(*path)));
    if let Some((_, by)) = jump {
        *inner.ahead.lock().unwrap() += by;
    }
    let date = inner.lock().date.clone();
    let mut response = match answered {
        Ok(Value::Null) => StatusCode::NO_CONTENT.into_response(),
        Ok(value) => ([("content-type", "application/json")], value.to_string()).into_response(),
        Err(Refusal(status, code, message)) => {
            // What is not there (any more), or not allowed, is no fault of the bot's; that it was too slow is.
            let is_fault = !matches!(status, 403 | 404) && code != MAY_NOT_REPLY.1;
            if is_fault || code == TOO_LATE.1 {
                inner.change(|state| state.refused.push(format!("{call}: {code} {message}")));
            }
            let status = StatusCode::from_u16(status).unwrap();
            let body = json!({ "code": code, "message": message }).to_string();
            (status, [("content-type", "application/json")], body).into_response()
        }
    };
    limits(&room, &mut response);
    if let Some(date) = date {
        response.headers_mut().insert("date", date.parse().unwrap());
    }
    response
}

/// What shares a bucket: a route of one channel, server or token.
fn route(method: &axum::http::Method, path: &str) -> String {
    let parts: Vec<&str> = path.trim_start_matches("/api/v10/").split('/').collect();
    let shared = match parts.as_slice() {
        ["channels", channel, "messages", _] => format!("channels/{channel}/messages/{{id}}"),
        parts => parts.join("/"),
    };
    format!("{method} {shared}")
}

/// Says how much room there is.
fn limits(room: &Room, response: &mut Response) {
    let told = [
        ("x-ratelimit-remaining", room.remaining.to_string()),
        (
            "x-ratelimit-reset-after",
            format!("{:.3}", room.reset_after.as_secs_f64()),
        ),
    ];
    for (name, value) in told {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
}

/// The payload and the files of a form.
fn multipart(kind: &str, bytes: &[u8]) -> (Value, Vec<(String, Vec<u8>)>) {
    let boundary = kind.split("boundary=").nth(1).unwrap_or_default();
    let mark = format!("--{boundary}").into_bytes();
    let starts: Vec<usize> = bytes
        .windows(mark.len())
        .enumerate()
        .filter(|(_, window)| *window == mark)
        .map(|(at, _)| at)
        .collect();
    let mut body = Value::Null;
    let mut files = Vec::new();
    for pair in starts.windows(2) {
        let part = &bytes[pair[0] + mark.len() + 2..pair[1] - 2];
        let end = part.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&part[..end]).into_owned();
        let content = &part[end + 4..];
        let value = |name: &str| {
            let rest = head.split(&format!(" {name}=\"")).nth(1)?;
            rest.split('"').next().map(ToOwned::to_owned)
        };
        match value("name").as_deref() {
            Some("payload_json") => body = serde_json::from_slice(content).unwrap(),
            Some(name) if name == format!("files[{}]", files.len()) => {
                files.push((value("filename").unwrap(), content.to_vec()));
            }
            _ => {}
        }
    }
    (body, files)
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_default()
}

impl State {
    fn answered(&mut self, asked: &Asked, now: Duration, inner: &Inner) -> Answered {
        let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
        match (asked.method.as_str(), path.as_slice()) {
            ("GET", ["users", "@me"]) => Ok(self.person(BOT)),
            ("GET", ["oauth2", "applications", "@me"]) => Ok(json!({
                "id": APPLICATION.to_string(), "name": "calltriage", "flags": self.application_flags,
                "verify_key": super::PUBLIC_KEY,
            })),
            ("GET", ["gateway"]) => Ok(json!({ "url": format!("ws://{}", inner.gateway) })),
            ("GET", ["gateway", "bot"]) => Ok(json!({
                "url": format!("ws://{}", inner.gateway), "shards": 1,
                "session_start_limit": {
                    "total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1,
                },
            })),
            (_, ["applications", _, "commands"]) => self.commands_of(0, asked),
            (_, ["applications", _, "guilds", server, "commands"]) => {
                self.commands_of(number(server), asked)
            }
            ("GET", ["channels", channel]) => {
                let id = number(channel);
                let seen = self
                    .channels
                    .get(&id)
                    .filter(|_| self.bot_may(id) & VIEW != 0);
                seen.cloned().ok_or(MISSING_ACCESS)
            }
            ("GET", ["users", "@me", "guilds"]) => {
                let all = self
                    .servers
                    .iter()
                    .map(|it| json!({ "id": it.to_string() }));
                Ok(all.collect())
            }
            ("GET", ["guilds", _]) => Ok(self.server()),
            ("GET", ["guilds", _, "roles"]) => Ok(self.roles.clone()),
            ("GET", ["guilds", _, "members", user]) => {
                let roles = self.members.get(&number(user));
                let roles = roles.ok_or(Refusal(404, 10_007, "Unknown Member"))?;
                let roles: Vec<String> = roles.iter().map(u64::to_string).collect();
                Ok(json!({ "user": self.person(number(user)), "roles": roles }))
            }
            ("POST", ["users", "@me", "channels"]) => {
                let user = number(asked.body["recipient_id"].as_str().unwrap_or_default());
                Ok(json!({ "id": (user + 500).to_string(), "type": 1 }))
            }
            ("GET", ["channels", channel, "messages"]) => self.listed(number(channel), asked),
            ("POST", ["channels", channel, "messages"]) => self.posted(number(channel), asked),
            ("PATCH", ["channels", _, "messages", message]) => self.edited(number(message), asked),
            ("POST", ["interactions", id, token, "callback"]) => {
                self.called_back(number(id), token, &asked.body, now)
            }
            (method, ["webhooks", _, token, "messages", "@original"]) => {
                self.original(method, token, asked, now)
            }
            ("POST", ["webhooks", _, token]) => self.followed_up(token, asked, now),
            _ => Err(Refusal(404, 0, "404: Not Found")),
        }
    }

    fn commands_of(&mut self, server: u64, asked: &Asked) -> Answered {
        if asked.method == "GET" {
            return Ok(self.commands.get(&server).cloned().unwrap_or(json!([])));
        }
        let wrong = checks::commands(&asked.body);
        if !wrong.is_empty() {
            self.refused.extend(wrong);
            return Err(Refusal(400, 50_035, "Invalid Form Body"));
        }
        self.registrations += 1;
        let mut all = asked.body.clone();
        for command in all.as_array_mut().unwrap() {
            command["id"] = json!(self.id().to_string());
            command["version"] = json!("1");
            command["default_permission"] = json!(true);
        }
        self.commands.insert(server, all.clone());
        Ok(all)
    }

    fn listed(&self, channel: u64, asked: &Asked) -> Answered {
        if !self.may_write(channel) {
            return Err(MISSING_ACCESS);
        }
        if self.channels.contains_key(&channel) && self.bot_may(channel) & READ_HISTORY == 0 {
            return Ok(json!([]));
        }
        let after = asked
            .query
            .split('&')
            .find_map(|it| it.strip_prefix("after="));
        let after = after.map_or(0, number);
        let mut found: Vec<Value> = self
            .messages
            .iter()
            .filter(|it| it.channel == channel && it.id > after && it.only_for.is_none())
            .map(|it| it.json(self))
            .collect();
        found.reverse();
        found.truncate(100);
        Ok(json!(found))
    }

    /// Whether the bot may write there: in the channels that it sees, and to people who let it.
    fn may_write(&self, channel: u64) -> bool {
        let user = channel.saturating_sub(500);
        self.channels.contains_key(&channel)
            || self.members.contains_key(&user) && !self.closed_to.contains(&user)
    }

    fn posted(&mut self, channel: u64, asked: &Asked) -> Answered {
        if !self.may_write(channel) {
            return Err(Refusal(403, 50_007, "Cannot send messages to this user"));
        }
        if let Some(known) = self.channels.get(&channel) {
            let may = self.bot_may(channel);
            let sends = match known["type"] == 11 {
                true => SEND_IN_THREADS,
                false => SEND,
            };
            if may & VIEW == 0 {
                return Err(MISSING_ACCESS);
            }
            // A forum holds posts, and a post is a thread.
            if known["type"] == 15 {
                return Err(NOT_THERE);
            }
            if may & sends == 0 || !asked.files.is_empty() && may & ATTACH == 0 {
                return Err(MISSING_PERMISSIONS);
            }
            if asked.body.get("message_reference").is_some() && may & READ_HISTORY == 0 {
                return Err(MAY_NOT_REPLY);
            }
        }
        self.fits(asked)?;
        let nonce = asked.body["nonce"].as_str().unwrap_or_default().to_owned();
        if asked.body["enforce_nonce"] == true
            && let Some(known) = self.nonces.get(&nonce)
        {
            let known = self.message(*known).cloned().unwrap();
            return Ok(known.json(self));
        }
        let replies_to = asked.body["message_reference"]["message_id"]
            .as_str()
            .map(number);
        let id = self.write(channel, asked, |it| {
            it.by = "channel";
            it.replies_to = replies_to;
        });
        self.nonces.insert(nonce, id);
        Ok(self.message(id).unwrap().json(self))
    }

    fn edited(&mut self, message: u64, asked: &Asked) -> Answered {
        let known = self.message(message).cloned().ok_or(UNKNOWN_MESSAGE)?;
        if !self.may_write(known.channel) {
            return Err(MISSING_ACCESS);
        }
        self.fits(asked)?;
        self.rewrite(message, asked);
        Ok(self.message(message).unwrap().json(self))
    }

    fn called_back(&mut self, id: u64, token: &str, body: &Value, now: Duration) -> Answered {
        let at = self
            .asked
            .iter()
            .position(|it| it.id == id && it.token == token);
        let at = at.ok_or(Refusal(404, 10_062, "Unknown interaction"))?;
        self.first_answer(at, body, now)
    }

    /// Takes the first answer to an interaction, whichever way it came.
    fn first_answer(&mut self, at: usize, body: &Value, now: Duration) -> Answered {
        let took = now - self.asked[at].sent_at;
        if self.asked[at].answered.is_some() {
            return Err(Refusal(
                400,
                40_060,
                "Interaction has already been acknowledged.",
            ));
        }
        if took > FIRST_ANSWER {
            return Err(TOO_LATE);
        }
        let wrong = checks::callback(body);
        if !wrong.is_empty() {
            self.refused.extend(wrong);
            return Err(Refusal(400, 50_035, "Invalid Form Body"));
        }
        self.asked[at].answered = Some((body.clone(), took));
        if matches!(body["type"].as_u64(), Some(4 | 5)) {
            let (user, channel) = (self.asked[at].user, self.asked[at].channel);
            let interaction = self.asked[at].id;
            let is_private = body["data"]["flags"] == 64;
            let asked = Asked {
                method: "POST".to_owned(),
                path: Vec::new(),
                query: String::new(),
                body: body.get("data").cloned().unwrap_or(json!({})),
                files: Vec::new(),
            };
            let id = self.write(channel, &asked, |it| {
                it.by = "callback";
                it.interaction = Some(interaction);
                it.only_for = is_private.then_some(user);
            });
            self.asked[at].message = Some(id);
        }
        Ok(Value::Null)
    }

    /// The first answer to an interaction that came as the answer to a request.
    pub fn answered_at_once(&mut self, id: u64, body: &Value, now: Duration) {
        let at = self.asked.iter().position(|it| it.id == id).unwrap();
        if let Err(Refusal(_, code, message)) = self.first_answer(at, body, now) {
            self.refused.push(format!("first answer: {code} {message}"));
        }
    }

    fn by_token(&self, token: &str, now: Duration) -> Result<usize, Refusal> {
        let at = self.asked.iter().position(|it| it.token == token);
        let at = at.filter(|at| self.asked[*at].answered.is_some());
        let at = at.ok_or(UNKNOWN_WEBHOOK)?;
        match now - self.asked[at].sent_at > TOKEN_LASTS {
            true => Err(Refusal(401, 50_027, "Invalid Webhook Token")),
            false => Ok(at),
        }
    }

    fn original(&mut self, method: &str, token: &str, asked: &Asked, now: Duration) -> Answered {
        let at = match self.by_token(token, now) {
            // That its time is over is no fault of the bot's.
            Err(Refusal(401, code, said)) => return Err(Refusal(404, code, said)),
            other => other?,
        };
        let message = self.asked[at].message.ok_or(UNKNOWN_MESSAGE)?;
        match method {
            "PATCH" => {
                self.fits(asked)?;
                self.rewrite(message, asked);
            }
            "DELETE" => {
                self.messages.retain(|it| it.id != message);
                self.asked[at].message = None;
                return Ok(Value::Null);
            }
            _ => {}
        }
        Ok(self.message(message).ok_or(UNKNOWN_MESSAGE)?.json(self))
    }

    fn followed_up(&mut self, token: &str, asked: &Asked, now: Duration) -> Answered {
        let at = self.by_token(token, now)?;
        self.fits(asked)?;
        let (user, channel) = (self.asked[at].user, self.asked[at].channel);
        let interaction = self.asked[at].id;
        let is_private = asked.body["flags"] == 64;
        self.asked[at].follow_ups += 1;
        let id = self.write(channel, asked, |it| {
            it.by = "follow-up";
            it.interaction = Some(interaction);
            it.only_for = is_private.then_some(user);
        });
        Ok(self.message(id).unwrap().json(self))
    }

    fn fits(&mut self, asked: &Asked) -> Result<(), Refusal> {
        if asked.files.iter().any(|it| it.1.len() > self.file_bytes) {
            return Err(Refusal(413, 40_005, "Request entity too large"));
        }
        let names: Vec<String> = asked.files.iter().map(|it| it.0.clone()).collect();
        let wrong = checks::message(&asked.body, &names);
        if wrong.is_empty() {
            return Ok(());
        }
        self.refused.extend(wrong);
        Err(Refusal(400, 50_035, "Invalid Form Body"))
    }

    fn write(&mut self, channel: u64, asked: &Asked, set: impl FnOnce(&mut Message)) -> u64 {
        let id = self.id();
        // Its files have ids of their own.
        self.id();
        let mut message = Message {
            id,
            channel,
            author: BOT,
            body: asked.body.clone(),
            before: Vec::new(),
            files: asked.files.clone(),
            only_for: None,
            interaction: None,
            replies_to: None,
            by: "channel",
        };
        set(&mut message);
        self.messages.push(message);
        id
    }

    fn rewrite(&mut self, message: u64, asked: &Asked) {
        if let Some(known) = self.messages.iter_mut().find(|it| it.id == message) {
            let before = std::mem::replace(&mut known.body, asked.body.clone());
            known.before.push(before);
            known.files.clone_from(&asked.files);
        }
    }
}
