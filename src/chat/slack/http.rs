//! Slack's requests to our listener: proved by their signature, read, stored, acknowledged. A request that is not
//! proved learns nothing but that.
//!
//! <https://docs.slack.dev/authentication/verifying-requests-from-slack>

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use slack_morphism::prelude::SlackSigningSecret;
use slack_morphism::signature_verifier::SlackEventSignatureVerifier;

use super::Slack;
use super::incoming::{self, Incoming};
use crate::config::Secret;

/// A body, or that it is cut or too large.
type Body = Result<Bytes, BytesRejection>;

/// Larger than anything that Slack sends.
const LARGEST_BODY: usize = 1024 * 1024;

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
        .layer(axum::extract::DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(shared)
}

async fn commands(State(shared): State<Shared>, headers: HeaderMap, body: Body) -> Response {
    let Some(fields) = shared.proved(&headers, &body).map(|text| form(&text)) else {
        return refused();
    };
    let now = Timestamp::now();
    shared.taken(incoming::command(&fields, now), now).await
}

async fn interactions(State(shared): State<Shared>, headers: HeaderMap, body: Body) -> Response {
    let Some(fields) = shared.proved(&headers, &body).map(|text| form(&text)) else {
        return refused();
    };
    let payload = fields
        .get("payload")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let Ok(payload) = serde_json::from_str::<Value>(payload) else {
        return unreadable();
    };
    let now = Timestamp::now();
    shared
        .taken(incoming::interaction(&payload, now), now)
        .await
}

async fn events(State(shared): State<Shared>, headers: HeaderMap, body: Body) -> Response {
    let Some(text) = shared.proved(&headers, &body) else {
        return refused();
    };
    let Ok(callback) = serde_json::from_str::<Value>(&text) else {
        return unreadable();
    };
    // Slack asks so when the address is configured: <https://docs.slack.dev/reference/events/url_verification>.
    if callback.get("type").and_then(Value::as_str) == Some("url_verification") {
        let challenge = callback.get("challenge").cloned().unwrap_or_default();
        let answer = json!({ "challenge": challenge }).to_string();
        return ([(CONTENT_TYPE, "application/json")], answer).into_response();
    }
    let now = Timestamp::now();
    let incoming = incoming::event(&callback, shared.slack.own(), now);
    shared.taken(incoming, now).await
}

impl Shared {
    /// The body, where its signature proves that Slack wrote it, and lately.
    fn proved(&self, headers: &HeaderMap, body: &Body) -> Option<String> {
        let body = body.as_ref().ok()?;
        let one = |name: &str| {
            let mut all = headers.get_all(name).iter();
            let first = all.next()?.to_str().ok()?;
            all.next().is_none().then_some(first)
        };
        let (signature, at) = (one("x-slack-signature")?, one("x-slack-request-timestamp")?);
        let sent: i64 = at.parse().ok()?;
        let age = Timestamp::now().as_second().checked_sub(sent)?;
        let text = String::from_utf8(body.to_vec()).ok()?;
        let verifier =
            SlackEventSignatureVerifier::new(&SlackSigningSecret(self.secret.expose().to_owned()));
        let is_proved =
            verifier.verify(signature, &text, at).is_ok() && age.abs() <= WINDOW_SECONDS;
        is_proved.then_some(text)
    }

    async fn taken(&self, incoming: Incoming, now: Timestamp) -> Response {
        match self.slack.take(incoming, now).await {
            Ok(()) => StatusCode::OK.into_response(),
            Err(error) => {
                tracing::error!(%error, "a request of Slack could not be kept");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
        }
    }
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
