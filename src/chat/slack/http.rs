//! Slack's requests to our listener: proved by their signature, read, stored, acknowledged. A request that is not
//! proved learns nothing but that.
//!
//! <https://docs.slack.dev/authentication/verifying-requests-from-slack>

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use slack_morphism::prelude::SlackSigningSecret;
use slack_morphism::signature_verifier::SlackEventSignatureVerifier;
use tokio::time::{Instant, timeout};

use super::incoming::CHAT;
use super::socket::objections;
use super::{Answer, Kind, Slack};
use crate::config::Secret;
use crate::metrics;

/// Larger than anything that Slack sends.
const LARGEST_BODY: usize = 1024 * 1024;

/// How long a body may take to come: a client that never ends it must not hold anything up.
const WHOLE_BODY: Duration = Duration::from_secs(3);

/// A request older than this is a replay.
const WINDOW_SECONDS: i64 = 300;

/// What the routes share.
#[derive(Clone)]
struct Shared {
    slack: Arc<Slack>,
    secret: Arc<Secret>,
}

/// The routes of HTTP mode.
pub fn routes(slack: Arc<Slack>, signing_secret: &Secret) -> Router {
    let shared = Shared {
        slack,
        secret: Arc::new(signing_secret.clone()),
    };
    Router::new()
        .route("/slack/commands", post(commands))
        .route("/slack/interactions", post(interactions))
        .route("/slack/events", post(events))
        .with_state(shared)
}

async fn commands(State(shared): State<Shared>, request: Request) -> Response {
    let read_at = Instant::now();
    match shared.proved(request).await {
        Ok(text) => shared.taken(Kind::Command, &form(&text), read_at).await,
        Err(why) => shared.refused(why),
    }
}

async fn interactions(State(shared): State<Shared>, request: Request) -> Response {
    let read_at = Instant::now();
    let fields = match shared.proved(request).await {
        Ok(text) => form(&text),
        Err(why) => return shared.refused(why),
    };
    let payload = fields.get("payload").and_then(Value::as_str);
    match serde_json::from_str::<Value>(payload.unwrap_or_default()) {
        Ok(payload) => shared.taken(Kind::Interaction, &payload, read_at).await,
        Err(_) => shared.unreadable(Kind::Interaction),
    }
}

async fn events(State(shared): State<Shared>, request: Request) -> Response {
    let read_at = Instant::now();
    let text = match shared.proved(request).await {
        Ok(text) => text,
        Err(why) => return shared.refused(why),
    };
    let Ok(callback) = serde_json::from_str::<Value>(&text) else {
        return shared.unreadable(Kind::Event);
    };
    // Slack asks so when the address is configured: <https://docs.slack.dev/reference/events/url_verification>.
    if callback.get("type").and_then(Value::as_str) == Some("url_verification") {
        let challenge = callback.get("challenge").cloned().unwrap_or_default();
        return json(&json!({ "challenge": challenge }));
    }
    shared.taken(Kind::Event, &callback, read_at).await
}

/// What is wrong with a request that is not proved to be Slack's.
#[derive(Debug, Clone, Copy)]
enum Unproved {
    /// Its headers are not those of Slack.
    Malformed,
    /// It is too old, or from the future.
    Stale,
    /// Its body did not come whole, or is too large.
    Truncated,
    /// Its signature is not by our secret.
    Forged,
}

impl Unproved {
    fn name(self) -> &'static str {
        match self {
            Unproved::Malformed => "malformed",
            Unproved::Stale => "stale",
            Unproved::Truncated => "truncated",
            Unproved::Forged => "forged",
        }
    }
}

impl Shared {
    /// The body, where its signature proves that Slack wrote it, and lately.
    async fn proved(&self, request: Request) -> Result<String, Unproved> {
        let (head, body) = request.into_parts();
        let one = |name: &str| {
            let mut all = head.headers.get_all(name).iter();
            let first = all.next()?.to_str().ok()?;
            all.next().is_none().then_some(first)
        };
        let signature = one("x-slack-signature").ok_or(Unproved::Malformed)?;
        let at = one("x-slack-request-timestamp").ok_or(Unproved::Malformed)?;
        let sent: i64 = at.parse().map_err(|_| Unproved::Malformed)?;
        let age = Timestamp::now().as_second().checked_sub(sent);
        let age = age.and_then(i64::checked_abs);
        if age.is_none_or(|age| age > WINDOW_SECONDS) {
            return Err(Unproved::Stale);
        }
        let body = timeout(WHOLE_BODY, to_bytes(body, LARGEST_BODY)).await;
        let body = body.ok().and_then(Result::ok).ok_or(Unproved::Truncated)?;
        let text = String::from_utf8(body.to_vec()).map_err(|_| Unproved::Malformed)?;
        let secret = SlackSigningSecret(self.secret.expose().to_owned());
        let verifier = SlackEventSignatureVerifier::new(&secret);
        match verifier.verify(signature, &text, at) {
            Ok(()) => Ok(text),
            Err(_) => Err(Unproved::Forged),
        }
    }

    async fn taken(&self, kind: Kind, payload: &Value, read_at: Instant) -> Response {
        match self.slack.receive(kind, payload, read_at).await {
            Ok(Answer::Taken) => StatusCode::OK.into_response(),
            Ok(Answer::Wrong(fields)) => json(&objections(&fields)),
            Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    }

    /// Whatever is wrong with it, the answer is the same.
    fn refused(&self, why: Unproved) -> Response {
        let why = why.name();
        let labels = [CHAT, why];
        self.slack.metrics().count(&metrics::REFUSED, &labels);
        tracing::warn!(
            why,
            "a request that is not proved to be Slack's was refused"
        );
        (StatusCode::UNAUTHORIZED, "not proved to be Slack's").into_response()
    }

    /// It is Slack's, and never reads better: sent again it would only be counted again.
    fn unreadable(&self, kind: Kind) -> Response {
        self.slack.unreadable(kind.name());
        StatusCode::OK.into_response()
    }
}

fn json(answer: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
}

/// The fields of a form.
fn form(body: &str) -> Value {
    let fields = url::form_urlencoded::parse(body.as_bytes());
    let fields: Map<String, Value> = fields
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect();
    Value::Object(fields)
}
