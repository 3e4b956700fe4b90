//! What other programs post: proved by a secret of its own, bounded in size and rate, stored, then taken. Reads alerts;
//! judges none.
//!
//! Alertmanager: <https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>, Grafana:
//! <https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/>.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;

use crate::config::{Hook, HookKind, Mapping};
use crate::incidents::Keeper;
use crate::incidents::signal::{Alert, Status};
use crate::metrics::{self, Metrics};

/// How long a body may take to come.
const WHOLE_BODY: Duration = Duration::from_secs(5);

/// The headers that a signature may stand in: GitHub's, which others took over, and Grafana's.
const SIGNATURES: [&str; 2] = ["x-hub-signature-256", "x-grafana-alerting-signature"];

/// More alerts of one request are not read.
const MOST_ALERTS: usize = 2000;

/// No text of an alert is longer.
const LONGEST: usize = 500;

/// Labels beyond these are not kept.
const MOST_LABELS: usize = 30;

/// One hook, ready to be posted to.
struct Open {
    hook: Hook,
    pace: DefaultDirectRateLimiter,
}

/// What the routes share.
#[derive(Clone)]
struct Shared {
    hooks: Arc<BTreeMap<String, Open>>,
    keeper: Arc<Keeper>,
    metrics: Metrics,
}

/// The routes of these hooks.
pub fn routes(hooks: &[Hook], keeper: Arc<Keeper>, metrics: Metrics) -> Router {
    let open = |hook: &Hook| {
        let per_second = NonZeroU32::new(hook.per_second).unwrap_or(NonZeroU32::MIN);
        let pace = RateLimiter::direct(Quota::per_second(per_second));
        (
            hook.name.clone(),
            Open {
                hook: hook.clone(),
                pace,
            },
        )
    };
    let shared = Shared {
        hooks: Arc::new(hooks.iter().map(open).collect()),
        keeper,
        metrics,
    };
    Router::new()
        .route("/hooks/{name}", post(taken))
        .with_state(shared)
}

async fn taken(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    request: Request,
) -> (StatusCode, &'static str) {
    // A name that there is not and a secret that is wrong look alike.
    let Some(open) = shared.hooks.get(&name) else {
        return (StatusCode::UNAUTHORIZED, "not proved");
    };
    let count = |outcome: &str| {
        shared
            .metrics
            .count(&metrics::HOOKS, &[&open.hook.name, outcome])
    };
    let (parts, body) = request.into_parts();
    // Before the body is read: whoever has no secret costs nothing.
    if let Proof::Wrong = bearer(&parts.headers, &open.hook) {
        count("forged");
        return (StatusCode::UNAUTHORIZED, "not proved");
    }
    if open.pace.check().is_err() {
        count("too_often");
        return (
            StatusCode::TOO_MANY_REQUESTS,
            "too many requests; come again in a second",
        );
    }
    let largest = usize::try_from(open.hook.largest_body).unwrap_or(usize::MAX);
    let Ok(Ok(bytes)) = timeout(WHOLE_BODY, to_bytes(body, largest)).await else {
        count("too_large");
        return (
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is too large, or did not come whole",
        );
    };
    let is_proved = match bearer(&parts.headers, &open.hook) {
        Proof::Right => true,
        Proof::Wrong => false,
        Proof::None => is_signed(&parts.headers, &open.hook, &bytes),
    };
    if !is_proved {
        count("forged");
        return (StatusCode::UNAUTHORIZED, "not proved");
    }
    let Some(alerts) = read(&open.hook, &bytes) else {
        count("unreadable");
        return (
            StatusCode::BAD_REQUEST,
            "this is not what the hook is configured for",
        );
    };
    if alerts.is_empty() {
        count("taken");
        return (StatusCode::OK, "nothing in it");
    }
    match shared
        .keeper
        .accept(&request_id(&name, &bytes), &alerts)
        .await
    {
        Ok(()) => {
            count("taken");
            (StatusCode::ACCEPTED, "taken")
        }
        Err(error) => {
            tracing::error!(hook = name, %error, "alerts could not be kept");
            count("not_kept");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "could not be kept; send it again",
            )
        }
    }
}

/// What a bearer token proves.
enum Proof {
    /// It is the secret.
    Right,
    /// It is another.
    Wrong,
    /// There is none.
    None,
}

fn bearer(headers: &HeaderMap, hook: &Hook) -> Proof {
    let Some(value) = headers.get(AUTHORIZATION) else {
        return Proof::None;
    };
    let token = value
        .to_str()
        .ok()
        .and_then(|it| it.strip_prefix("Bearer "));
    match token {
        Some(token) if is_same(token, hook.secret.expose()) => Proof::Right,
        _ => Proof::Wrong,
    }
}

/// Whether two texts are the same, in a time that tells nothing of where they differ.
fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (
        Sha256::digest(one.as_bytes()),
        Sha256::digest(other.as_bytes()),
    );
    one.iter()
        .zip(other.iter())
        .fold(0_u8, |differs, (a, b)| differs | (a ^ b))
        == 0
}

fn is_signed(headers: &HeaderMap, hook: &Hook, body: &[u8]) -> bool {
    let header = SIGNATURES
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok());
    let Some(signature) = header.and_then(|it| unhex(it.strip_prefix("sha256=").unwrap_or(it)))
    else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(hook.secret.expose().as_bytes()) else {
        return false;
    };
    mac.update(body);
    mac.verify_slice(&signature).is_ok()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    if !text.len().is_multiple_of(2) || text.len() > 128 {
        return None;
    }
    let pairs = (0..text.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

/// The same body within the same minute is the same request, repeated.
fn request_id(name: &str, body: &[u8]) -> String {
    let now = Timestamp::now();
    let digest: String = Sha256::digest(body)
        .iter()
        .take(8)
        .map(|it| format!("{it:02x}"))
        .collect();
    format!("{:012}/{name}/{digest}", now.as_second() / 60)
}

/// The alerts of a body; nothing where it is not what the hook is for.
fn read(hook: &Hook, body: &[u8]) -> Option<Vec<Alert>> {
    let body: Value = serde_json::from_slice(body).ok()?;
    match &hook.kind {
        HookKind::Alertmanager => {
            (text(&body, "/version")? == "4").then_some(())?;
            alerts(&hook.name, &body)
        }
        HookKind::Grafana => alerts(&hook.name, &body),
        HookKind::Json(mapping) => mapped(&hook.name, &body, mapping),
    }
}

/// Alertmanager's and Grafana's form, which is the same as far as we read it.
fn alerts(hook: &str, body: &Value) -> Option<Vec<Alert>> {
    let list = body.get("alerts")?.as_array()?;
    let alert = |it: &Value| {
        let labels = labels(it.get("labels"));
        let name = labels.get("alertname").cloned();
        let said = [
            "/annotations/summary",
            "/annotations/description",
            "/annotations/message",
        ];
        let summary = said.iter().find_map(|at| text(it, at));
        let id = text(it, "/fingerprint")
            .unwrap_or_else(|| serde_json::to_string(&labels).unwrap_or_default());
        Alert {
            hook: hook.to_owned(),
            id: id.chars().take(200).collect(),
            status: match text(it, "/status").as_deref() {
                Some("resolved") => Status::Resolved,
                _ => Status::Firing,
            },
            title: name
                .or_else(|| summary.clone())
                .unwrap_or_else(|| "(an alert without a name)".to_owned()),
            text: summary.unwrap_or_default(),
            severity: labels.get("severity").cloned().unwrap_or_default(),
            starts: text(it, "/startsAt").and_then(|it| it.parse().ok()),
            labels,
        }
    };
    Some(list.iter().take(MOST_ALERTS).map(alert).collect())
}

/// A JSON of somebody else's form.
fn mapped(hook: &str, body: &Value, mapping: &Mapping) -> Option<Vec<Alert>> {
    let whole = std::slice::from_ref(body);
    let list = match &mapping.alerts {
        Some(at) => body.pointer(at)?.as_array()?.as_slice(),
        None => whole,
    };
    let at = |it: &Value, pointer: &Option<String>| text(it, pointer.as_deref()?);
    let alert = |it: &Value| {
        let title = at(it, &mapping.title)?;
        let is_over = at(it, &mapping.status)
            .zip(mapping.resolved.as_ref())
            .is_some_and(|(is, over)| is == *over);
        let scopes = [
            ("customer", &mapping.customer),
            ("carrier", &mapping.carrier),
            ("prefix", &mapping.prefix),
            ("number", &mapping.number),
            ("server", &mapping.server),
        ];
        let labels = scopes
            .into_iter()
            .filter_map(|(name, pointer)| Some((name.to_owned(), at(it, pointer)?)));
        Some(Alert {
            hook: hook.to_owned(),
            id: at(it, &mapping.id).unwrap_or_else(|| title.clone()),
            status: if is_over {
                Status::Resolved
            } else {
                Status::Firing
            },
            text: at(it, &mapping.text).unwrap_or_default(),
            severity: at(it, &mapping.severity).unwrap_or_default(),
            starts: at(it, &mapping.starts).and_then(|it| it.parse().ok()),
            labels: labels.collect(),
            title,
        })
    };
    // One that cannot be read is no reason to lose the others; where none can, it is something else.
    let read: Vec<Alert> = list.iter().take(MOST_ALERTS).filter_map(alert).collect();
    (!read.is_empty() || list.is_empty()).then_some(read)
}

fn labels(labels: Option<&Value>) -> BTreeMap<String, String> {
    let labels = labels.and_then(Value::as_object).into_iter().flatten();
    let kept = labels.take(MOST_LABELS).filter_map(|(name, value)| {
        let name: String = name.chars().take(60).collect();
        Some((name, short(value.as_str()?)))
    });
    kept.collect()
}

/// What stands at a place, as text.
fn text(value: &Value, at: &str) -> Option<String> {
    let found = match value.pointer(at)? {
        Value::String(text) => short(text),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!found.trim().is_empty()).then_some(found)
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}
