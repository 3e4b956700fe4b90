//! HTTP mode: what Slack posts to the bot, signed; and the same forged, aged, replayed or cut short.
//! A plain client written by hand, so that any bytes can go out.
//!
//! <https://docs.slack.dev/authentication/verifying-requests-from-slack>

use std::net::SocketAddr;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::record::{Envelope, Source};
use super::socket_mode::ACK;
use super::user::encoded;
use super::{Fake, Inner, SIGNING_SECRET};

/// A request to the bot, which a test may spoil before it goes out.
#[derive(Debug, Clone)]
pub struct Post {
    pub path: String,
    pub content_type: String,
    pub body: Vec<u8>,
    /// Seconds since 1970, as in the header.
    pub timestamp: String,
    pub signature: String,
    pub more: Vec<(String, String)>,
    /// How many bytes of the body are sent, where that is fewer than announced.
    pub cut: Option<usize>,
}

/// `v0=` and the HMAC of the signing secret over `v0:timestamp:body`.
pub fn sign(secret: &str, timestamp: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("v0:{timestamp}:").as_bytes());
    mac.update(body);
    let digest = mac.finalize().into_bytes();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("v0={hex}")
}

impl Post {
    /// Signed by somebody else.
    pub fn forged(mut self) -> Post {
        self.signature = sign("somebody else's secret", &self.timestamp, &self.body);
        self
    }

    /// Signed well, so many seconds ago.
    pub fn aged(mut self, seconds: i64) -> Post {
        self.timestamp = (self.timestamp.parse::<i64>().unwrap() - seconds).to_string();
        self.signature = sign(SIGNING_SECRET, &self.timestamp, &self.body);
        self
    }

    /// Announced whole, sent in part; the connection then ends.
    pub fn truncated(mut self, bytes: usize) -> Post {
        self.cut = Some(bytes);
        self
    }

    /// Sends it: status and body of the answer; nothing where there was none.
    pub async fn send(&self, to: SocketAddr) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(to).await.ok()?;
        let mut head = format!(
            "POST {} HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\ncontent-type: {}\r\n\
             content-length: {}\r\nx-slack-request-timestamp: {}\r\nx-slack-signature: {}\r\n\
             user-agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n",
            self.path,
            self.content_type,
            self.body.len(),
            self.timestamp,
            self.signature
        );
        for (name, value) in &self.more {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let sent = &self.body[..self.cut.unwrap_or(self.body.len())];
        let bytes = [head.as_bytes(), b"\r\n", sent].concat();
        stream.write_all(&bytes).await.ok()?;
        if self.cut.is_some() {
            stream.shutdown().await.ok()?;
        }
        let mut answer = Vec::new();
        // A connection that is cut ends in an error or not; what came is all there is.
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, body.to_owned()))
    }
}

impl Inner {
    fn post_of(&self, kind: &str, payload: &Value, retries: usize, reason: &str) -> Post {
        let (path, content_type, body) = match kind {
            "slash_commands" => {
                let pairs = payload.as_object().into_iter().flatten();
                let pairs: Vec<_> = pairs
                    .map(|(name, value)| {
                        format!("{name}={}", encoded(value.as_str().unwrap_or("")))
                    })
                    .collect();
                (
                    "/slack/commands",
                    "application/x-www-form-urlencoded",
                    pairs.join("&"),
                )
            }
            "interactive" => {
                let body = format!("payload={}", encoded(&payload.to_string()));
                (
                    "/slack/interactions",
                    "application/x-www-form-urlencoded",
                    body,
                )
            }
            _ => ("/slack/events", "application/json", payload.to_string()),
        };
        let timestamp = self.seconds().to_string();
        let mut more = Vec::new();
        if retries > 0 {
            more.push(("x-slack-retry-num".to_owned(), retries.to_string()));
            more.push(("x-slack-retry-reason".to_owned(), reason.to_owned()));
        }
        Post {
            path: path.to_owned(),
            content_type: content_type.to_owned(),
            signature: sign(SIGNING_SECRET, &timestamp, body.as_bytes()),
            body: body.into_bytes(),
            timestamp,
            more,
            cut: None,
        }
    }
}

/// Posts an envelope to the bot and takes its answer for an ack.
pub(super) async fn post(inner: Arc<Inner>, envelope: Envelope) {
    let Some(to) = inner.http.lock().unwrap().clone() else {
        return;
    };
    let retries = envelope.sent.len();
    let post = inner.post_of(
        envelope.kind,
        &envelope.payload,
        retries,
        envelope.retry_reason,
    );
    let answer = tokio::time::timeout(ACK, post.send(to.parse().unwrap())).await;
    let reason = match answer {
        Ok(Some((status, body))) => {
            let note = (post.path.clone(), status, body.clone());
            inner.change(|state| state.record.http_answers.push(note));
            if (200..300).contains(&status) {
                let payload: Value = match serde_json::from_str(&body) {
                    Ok(payload) => payload,
                    Err(_) if body.trim().is_empty() => Value::Null,
                    Err(_) => json!({"text": body}),
                };
                inner.settle(&envelope.id, payload, &json!({"envelope_id": envelope.id}));
                return;
            }
            "http_error"
        }
        Ok(None) => "connection_failed",
        Err(_) => "http_timeout",
    };
    match envelope.kind {
        "events_api" => inner.retry(&envelope.id, reason),
        _ if reason == "http_timeout" => inner.fail(&envelope.id, "operation_timeout"),
        _ => inner.fail(&envelope.id, "dispatch_failed"),
    }
}

impl Fake {
    /// From now on, everything goes to this address by HTTP; `None`: over sockets again.
    pub fn deliver_by_http(&self, bot: Option<SocketAddr>) {
        *self.inner.http.lock().unwrap() = bot.map(|it| it.to_string());
    }

    /// What Slack asks first of an address for events.
    pub fn url_verification(&self, challenge: &str) -> Post {
        let payload = json!({"token": "fake", "challenge": challenge, "type": "url_verification"});
        self.inner.post_of("events_api", &payload, 0, "")
    }

    /// A good post of an envelope that was sent before, as Slack sends it again.
    pub fn post_again(&self, envelope: &str) -> Post {
        let found = self.look(|state| state.record.envelope(envelope).cloned().unwrap());
        let sent = found.sent.len();
        self.inner
            .post_of(found.kind, &found.payload, sent, "http_timeout")
    }

    /// A good post of a command, which is not sent by itself.
    pub fn command_post(&self, user: &str, channel: &str, line: &str) -> Post {
        let payload = self.inner.command(user, channel, line);
        self.inner.post_of("slash_commands", &payload, 0, "")
    }

    /// Anything to the bot, as one kind of envelope; its id.
    pub fn send(&self, kind: &'static str, payload: Value) -> String {
        self.inner.enqueue(kind, payload, Source::default())
    }
}
