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
use tokio::time::timeout;

use super::incoming::{self, Incoming};
use super::{Answer, Slack};
use crate::config::Secret;

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
    let Some(fields) = shared.proved(request).await.map(|text| form(&text)) else {
        return refused();
    };
    let now = Timestamp::now();
    shared.taken(incoming::command(&fields, now), now).await
}

async fn interactions(State(shared): State<Shared>, request: Request) -> Response {
    let Some(fields) = shared.proved(request).await.map(|text| form(&text)) else {
        return refused();
    };
    let payload = fields.get("payload").and_then(Value::as_str);
    let Ok(payload) = serde_json::from_str::<Value>(payload.unwrap_or_default()) else {
        return unreadable();
    };
    let now = Timestamp::now();
    shared
        .taken(incoming::interaction(&payload, now), now)
        .await
}

async fn events(State(shared): State<Shared>, request: Request) -> Response {
    let Some(text) = shared.proved(request).await else {
        return refused();
    };
    let Ok(callback) = serde_json::from_str::<Value>(&text) else {
        return unreadable();
    };
    // Slack asks so when the address is configured: <https://docs.slack.dev/reference/events/url_verification>.
    if callback.get("type").and_then(Value::as_str) == Some("url_verification") {
        let challenge = callback.get("challenge").cloned().unwrap_or_default();
        return json(&json!({ "challenge": challenge }));
    }
    let now = Timestamp::now();
    let incoming = incoming::event(&callback, shared.slack.own(), now);
    shared.taken(incoming, now).await
}

impl Shared {
    /// The body, where its signature proves that Slack wrote it, and lately.
    async fn proved(&self, request: Request) -> Option<String> {
        let (head, body) = request.into_parts();
        let one = |name: &str| {
            let mut all = head.headers.get_all(name).iter();
            let first = all.next()?.to_str().ok()?;
            all.next().is_none().then_some(first)
        };
        let (signature, at) = (one("x-slack-signature")?, one("x-slack-request-timestamp")?);
        let sent: i64 = at.parse().ok()?;
        let age = Timestamp::now().as_second().checked_sub(sent)?;
        if age.checked_abs()? > WINDOW_SECONDS {
            return None;
        }
        let body = timeout(WHOLE_BODY, to_bytes(body, LARGEST_BODY)).await;
        let text = String::from_utf8(body.ok()?.ok()?.to_vec()).ok()?;
        let secret = SlackSigningSecret(self.secret.expose().to_owned());
        let verifier = SlackEventSignatureVerifier::new(&secret);
        verifier
            .verify(signature, &text, at)
            .is_ok()
            .then_some(text)
    }

    async fn taken(&self, incoming: Incoming, now: Timestamp) -> Response {
        match self.slack.take(incoming, now).await {
            Ok(Answer::Taken) => StatusCode::OK.into_response(),
            Ok(Answer::Wrong(fields)) => {
                let errors: Map<String, Value> = fields
                    .into_iter()
                    .map(|(name, why)| (name, why.into()))
                    .collect();
                json(&json!({ "response_action": "errors", "errors": errors }))
            }
            Err(error) => {
                tracing::error!(%error, "a request of Slack could not be kept");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
        }
    }
}

fn json(answer: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
}

/// Whatever is wrong with it, the answer is the same.
fn refused() -> Response {
    tracing::warn!("a request that is not proved to be Slack's was refused");
    (StatusCode::UNAUTHORIZED, "not proved to be Slack's").into_response()
}

fn unreadable() -> Response {
    tracing::warn!("a request of Slack could not be read");
    (StatusCode::BAD_REQUEST, "not readable").into_response()
}

/// The fields of a form.
fn form(body: &str) -> Value {
    let fields = url::form_urlencoded::parse(body.as_bytes());
    let fields: Map<String, Value> = fields
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect();
    Value::Object(fields)
}
