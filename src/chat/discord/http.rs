//! Discord's requests to our listener: proved by their signature, read, stored, answered. A request that is not proved
//! learns nothing but that.
//!
//! <https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint>

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
use serde_json::Value;
use serenity::interactions_endpoint::Verifier;
use tokio::time::{Instant, timeout};

use super::{CHAT, Discord, incoming};
use crate::chat::beliefs::Beliefs;
use crate::config::PublicKey;
use crate::metrics;

/// Larger than anything that Discord sends.
const LARGEST_BODY: usize = 1024 * 1024;

/// How long a body may take to come: a client that never ends it must not hold anything up.
const WHOLE_BODY: Duration = Duration::from_secs(3);

/// A request older than this is a replay: Discord itself sets no limit.
const WINDOW: Duration = Duration::from_secs(300);

/// What the route needs.
#[derive(Clone)]
struct Shared {
    discord: Arc<Discord>,
    verifier: Arc<Verifier>,
    /// The interactions that came lately. Discord sends none twice; whoever heard one may.
    seen: Arc<Beliefs<u64, ()>>,
}

/// The route of HTTP mode.
///
/// # Errors
/// One sentence, where the key is none.
pub fn routes(discord: Arc<Discord>, key: PublicKey) -> anyhow::Result<Router> {
    let verifier = Verifier::try_new(key.0)
        .map_err(|_| anyhow::anyhow!("[discord] public_key is no key: copy it from the portal"))?;
    let shared = Shared {
        discord,
        verifier: Arc::new(verifier),
        // As long into the past as into the future.
        seen: Arc::new(Beliefs::lasting(WINDOW * 2)),
    };
    Ok(Router::new()
        .route("/discord/interactions", post(interactions))
        .with_state(shared))
}

async fn interactions(State(shared): State<Shared>, request: Request) -> Response {
    let read_at = Instant::now();
    let body = match shared.proved(request).await {
        Ok(body) => body,
        Err(why) => return shared.refused(why),
    };
    let Ok(payload) = serde_json::from_slice::<Value>(&body) else {
        shared.discord.unreadable("interaction");
        return StatusCode::BAD_REQUEST.into_response();
    };
    if let Some(id) = incoming::id(&payload, "id") {
        if shared.seen.of(&id).is_some() {
            return shared.refused(Unproved::Replayed);
        }
        shared.seen.learn([(id, ())]);
    }
    let answer = shared.discord.receive(&payload, read_at).await;
    ([(CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
}

/// What is wrong with a request that is not proved to be Discord's.
#[derive(Debug, Clone, Copy)]
enum Unproved {
    /// Its headers are not those of Discord.
    Malformed,
    /// It is too old, or from the future.
    Stale,
    /// Its body did not come whole, or is too large.
    Truncated,
    /// Its signature is not by the application's key.
    Forged,
    /// It was here before.
    Replayed,
}

impl Unproved {
    fn name(self) -> &'static str {
        match self {
            Unproved::Malformed => "malformed",
            Unproved::Stale => "stale",
            Unproved::Truncated => "truncated",
            Unproved::Forged => "forged",
            Unproved::Replayed => "replayed",
        }
    }
}

impl Shared {
    /// The body, where its signature proves that Discord wrote it, and lately.
    async fn proved(&self, request: Request) -> Result<Vec<u8>, Unproved> {
        let (head, body) = request.into_parts();
        let one = |name: &str| {
            let mut all = head.headers.get_all(name).iter();
            let first = all.next()?.to_str().ok()?;
            all.next().is_none().then_some(first)
        };
        let signature = one("x-signature-ed25519").ok_or(Unproved::Malformed)?;
        let at = one("x-signature-timestamp").ok_or(Unproved::Malformed)?;
        let is_hex = signature.len() == 128 && signature.bytes().all(|it| it.is_ascii_hexdigit());
        if !is_hex {
            return Err(Unproved::Malformed);
        }
        let sent: i64 = at.parse().map_err(|_| Unproved::Malformed)?;
        let age = Timestamp::now().as_second().checked_sub(sent);
        let age = age.map(i64::unsigned_abs);
        if age.is_none_or(|age| age > WINDOW.as_secs()) {
            return Err(Unproved::Stale);
        }
        let body = timeout(WHOLE_BODY, to_bytes(body, LARGEST_BODY)).await;
        let body = body.ok().and_then(Result::ok).ok_or(Unproved::Truncated)?;
        match self.verifier.verify(signature, at, &body) {
            Ok(()) => Ok(body.to_vec()),
            Err(()) => Err(Unproved::Forged),
        }
    }

    /// Whatever is wrong with it, the answer is the same.
    fn refused(&self, why: Unproved) -> Response {
        let why = why.name();
        self.discord
            .metrics()
            .count(&metrics::REFUSED, &[CHAT, why]);
        tracing::warn!(
            why,
            "a request that is not proved to be Discord's was refused"
        );
        (StatusCode::UNAUTHORIZED, "not proved to be Discord's").into_response()
    }
}
