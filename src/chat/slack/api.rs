//! Slack's Web API as this bot uses it: every call has an end, a turn in its channel, and one sentence if it fails.
//! Knows no job and no reply.
//!
//! Answers are read leniently, as JSON: the crate's typed answers refuse a whole listing for one block it does not know.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value};
use slack_morphism::errors::SlackClientError;
use slack_morphism::prelude::{
    SlackApiToken, SlackApiTokenValue, SlackClient, SlackClientHyperConnector,
};
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep_until, timeout};
use url::{Host, Url};

use super::incoming::CHAT;
use crate::chat::outlet::Failure;
use crate::config::Secret;
use crate::metrics::{self, Metrics};

/// The connector to Slack, TLS or on this machine not.
pub type Connector = SlackClientHyperConnector<HttpsConnector<HttpConnector>>;

/// How long one call may take.
const CALL: Duration = Duration::from_secs(10);

/// What answers and numbers call the content of a file.
const FILE: &str = "files.download";

/// How long the content of a file may take.
const DOWNLOAD: Duration = Duration::from_secs(60);

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(5);

/// How often a call is tried that may be made twice.
const TRIES: u32 = 3;

/// The first wait before it is tried again.
const FIRST_WAIT: Duration = Duration::from_millis(300);

/// One message a second and channel: <https://docs.slack.dev/apis/web-api/rate-limits>.
const BETWEEN_POSTS: Duration = Duration::from_secs(1);

/// So many posts may follow one another at once before they are spaced.
const BURST: u32 = 3;

/// No wait for a rate limit is longer: what Slack asks beyond it is tried again by whoever called.
const LONGEST_LIMIT: Duration = Duration::from_secs(60);

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// Slack refused it, with this code of its own.
    #[error("Slack refused {method}: {code}")]
    Refused {
        /// The method.
        method: String,
        /// The code, as in `not_in_channel`.
        code: String,
    },
    /// Slack could not be reached, or said nothing that can be read.
    #[error("Slack could not be asked for {method}: {why}")]
    Unreachable {
        /// The method.
        method: String,
        /// Why, without anything secret.
        why: String,
    },
}

impl ApiError {
    fn refused(method: &str, code: &str) -> ApiError {
        ApiError::Refused {
            method: method.to_owned(),
            code: code.to_owned(),
        }
    }

    fn unreachable(method: &str, why: impl Into<String>) -> ApiError {
        ApiError::Unreachable {
            method: method.to_owned(),
            why: why.into(),
        }
    }

    /// Slack's code, where it refused.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            ApiError::Refused { code, .. } => code,
            ApiError::Unreachable { .. } => "",
        }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Failure {
        /// What may be over soon, by Slack's list of common errors.
        const PASSING: [&str; 6] = [
            "ratelimited",
            "rate_limited",
            "internal_error",
            "fatal_error",
            "service_unavailable",
            "request_timeout",
        ];
        match &error {
            ApiError::Refused { code, .. } if !PASSING.contains(&code.as_str()) => {
                Failure::Final(error.to_string())
            }
            _ => Failure::Passing(error.to_string()),
        }
    }
}

/// Whether a call may be made again when it is not known whether it was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twice {
    /// It reads, or sets what it set before.
    Harmless,
    /// It would be seen twice.
    Seen,
}

/// What a method answered, and what its answer says beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The answer.
    pub said: Value,
    /// What the token is allowed, with commas between.
    pub scopes: Option<String>,
    /// What time it is at Slack's, as HTTP writes it.
    pub date: Option<String>,
}

/// The Web API of one workspace.
#[derive(Debug)]
pub struct Api {
    client: Arc<SlackClient<Connector>>,
    token: SlackApiToken,
    base: Url,
    http: reqwest::Client,
    metrics: Metrics,
    own_user: OnceCell<String>,
    lanes: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Lane>>>>,
}

/// The turns of one channel.
#[derive(Debug)]
struct Lane {
    next: Instant,
    left: u32,
}

impl Api {
    /// Towards this address with the bot's token.
    ///
    /// # Errors
    /// One sentence, where this machine has no certificates to know Slack by.
    pub fn new(base: &Url, token: &Secret, metrics: Metrics) -> anyhow::Result<Api> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(Some(CONNECT));
        let tls = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(|error| {
                anyhow::anyhow!(
                    "no certificates to know Slack by: install ca-certificates ({error})"
                )
            })?;
        let connector = tls
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(http);
        let connector = SlackClientHyperConnector::with_connector(connector);
        let address = base.as_str().trim_end_matches('/');
        let plain = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(CALL)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Api {
            client: Arc::new(SlackClient::new(connector.with_slack_api_url(address))),
            token: api_token(token),
            base: base.clone(),
            http: plain,
            metrics,
            own_user: OnceCell::new(),
            lanes: Mutex::default(),
        })
    }

    /// The id of the bot's user, which is asked for until it is known.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn own_user(&self) -> Result<&str, ApiError> {
        const METHOD: &str = "auth.test";
        let asked = self.own_user.get_or_try_init(|| async {
            let known = self.get(METHOD, &[]).await?;
            let user = known.get("user_id").and_then(Value::as_str);
            user.map(str::to_owned)
                .ok_or_else(|| ApiError::unreachable(METHOD, "the answer names no user"))
        });
        asked.await.map(String::as_str)
    }

    /// Where a connection of Socket Mode can be opened, once and at once.
    ///
    /// # Errors
    /// See [`ApiError`]; `Refused` with `not_slack` for an address of somebody else.
    pub async fn open_socket(&self, app_token: &Secret) -> Result<Url, ApiError> {
        const METHOD: &str = "apps.connections.open";
        let token = api_token(app_token);
        let opened = self.tried(METHOD, Twice::Harmless, || {
            let session = self.client.open_session(&token);
            async move {
                let body = Value::Object(Map::new());
                session
                    .http_session_api
                    .http_post::<Value, Value>(METHOD, &body, None)
                    .await
            }
        });
        let opened = opened.await?;
        let url = opened.get("url").and_then(Value::as_str);
        self.own(METHOD, url.unwrap_or_default())
    }

    /// Asks a method once, as somebody who wants to know how it is answered; nothing is tried again.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn look(
        &self,
        method: &str,
        token: &Secret,
        params: &[(&str, &str)],
    ) -> Result<Seen, ApiError> {
        let unreachable = |why: String| ApiError::unreachable(method, why);
        let address = format!("{}/{method}", self.base.as_str().trim_end_matches('/'));
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(params)
            .finish();
        let sent = self
            .http
            .post(address)
            .header("content-type", "application/x-www-form-urlencoded")
            .bearer_auth(token.expose())
            .body(form)
            .send()
            .await;
        let answer = sent.map_err(|error| unreachable(error.without_url().to_string()))?;
        let header = |name: &str| {
            let value = answer.headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let (status, scopes, date) = (answer.status(), header("x-oauth-scopes"), header("date"));
        let body = answer.bytes().await.ok();
        let said = body.and_then(|it| serde_json::from_slice::<Value>(&it).ok());
        let Some(said) = said.filter(|_| status.is_success()) else {
            return Err(unreachable(format!("status {}", status.as_u16())));
        };
        if said.get("ok").and_then(Value::as_bool) != Some(true) {
            let code = said.get("error").and_then(Value::as_str);
            return Err(ApiError::refused(method, code.unwrap_or_default()));
        }
        Ok(Seen { said, scopes, date })
    }

    /// Calls a method that changes something, with a JSON body.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn post(&self, method: &str, body: &Value, twice: Twice) -> Result<Value, ApiError> {
        self.tried(method, twice, || {
            let session = self.client.open_session(&self.token);
            async move {
                session
                    .http_session_api
                    .http_post::<Value, Value>(method, body, None)
                    .await
            }
        })
        .await
    }

    /// Calls a method that only reads: these take no JSON.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn get(&self, method: &str, params: &[(&str, String)]) -> Result<Value, ApiError> {
        let params: Vec<(&str, Option<String>)> = params
            .iter()
            .map(|(name, value)| (*name, Some(value.clone())))
            .collect();
        let params = &params;
        self.tried(method, Twice::Harmless, || {
            let session = self.client.open_session(&self.token);
            async move {
                session
                    .http_session_api
                    .http_get::<Value, _, String>(method, params, None)
                    .await
            }
        })
        .await
    }

    async fn tried<F>(
        &self,
        method: &str,
        twice: Twice,
        call: impl Fn() -> F,
    ) -> Result<Value, ApiError>
    where
        F: Future<Output = Result<Value, SlackClientError>>,
    {
        let mut wait = FIRST_WAIT;
        let mut tries = 0;
        loop {
            tries += 1;
            let unreachable = |why: String| ApiError::unreachable(method, why);
            let outcome = timeout(CALL, call()).await;
            let (error, again) = match outcome {
                Ok(Ok(value)) => {
                    self.called(method, "ok");
                    return Ok(value);
                }
                // Not carried out: it may be tried again, whatever it is, when Slack allows it.
                Ok(Err(SlackClientError::RateLimitError(limit))) => {
                    self.called(method, "limited");
                    let asked = limit.retry_after.unwrap_or(BETWEEN_POSTS);
                    if asked > LONGEST_LIMIT {
                        return Err(unreachable(format!(
                            "it allows it again in {} s",
                            asked.as_secs()
                        )));
                    }
                    let (chat, seconds) = (CHAT, asked.as_secs_f64());
                    let of_method = [chat, method];
                    self.metrics.add(&metrics::LIMIT_WAITS, &of_method, seconds);
                    self.again(method, "limited");
                    sleep_until(Instant::now() + asked).await;
                    continue;
                }
                Ok(Err(SlackClientError::ApiError(error))) => {
                    self.called(method, "refused");
                    return Err(ApiError::Refused {
                        method: method.to_owned(),
                        code: error.code,
                    });
                }
                Ok(Err(error)) => (unreachable(reason(&error)), twice == Twice::Harmless),
                Err(_) => {
                    let why = format!("no answer within {} s", CALL.as_secs());
                    (unreachable(why), twice == Twice::Harmless)
                }
            };
            self.called(method, "unreachable");
            if !again || tries >= TRIES {
                return Err(error);
            }
            self.again(method, "unreachable");
            sleep_until(Instant::now() + wait).await;
            wait *= 2;
        }
    }

    /// Notes how a call ended. In a job's span the log says for which job it was made.
    fn called(&self, method: &str, outcome: &str) {
        let labels = [CHAT, method, outcome];
        self.metrics.count(&metrics::CALLS, &labels);
        tracing::debug!(method, outcome, "Slack was called");
    }

    /// Notes that a call will be made again.
    fn again(&self, method: &str, outcome: &str) {
        let labels = [CHAT, method, outcome];
        self.metrics.count(&metrics::RETRIES, &labels);
    }

    /// Waits for the turn of a channel: messages there keep their order and their distance.
    pub async fn turn(&self, channel: &str) -> tokio::sync::OwnedMutexGuard<impl Sized + use<>> {
        let lane = {
            let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
            let lane = lanes.entry(channel.to_owned()).or_insert_with(|| {
                Arc::new(tokio::sync::Mutex::new(Lane {
                    next: Instant::now(),
                    left: BURST,
                }))
            });
            Arc::clone(lane)
        };
        let mut lane = lane.lock_owned().await;
        let now = Instant::now();
        if now >= lane.next + BETWEEN_POSTS * BURST {
            lane.left = BURST;
        }
        if lane.left > 0 {
            lane.left -= 1;
            lane.next = now + BETWEEN_POSTS;
        } else {
            sleep_until(lane.next).await;
            lane.next = Instant::now() + BETWEEN_POSTS;
        }
        lane
    }

    /// Whether an address is Slack's own, or the configured machine's where that stands for Slack.
    #[must_use]
    pub fn is_slacks(&self, address: &Url) -> bool {
        let is_local = self.base.scheme() == "http";
        match address.host() {
            _ if is_local => address.host() == self.base.host(),
            Some(Host::Domain(name)) => {
                let is_safe = matches!(address.scheme(), "https" | "wss");
                is_safe && (name == "slack.com" || name.ends_with(".slack.com"))
            }
            _ => false,
        }
    }

    /// Posts JSON to an address that Slack gave with a request, without any token.
    ///
    /// # Errors
    /// `Refused` with `not_slack` for any other host, with `gone` where it takes nothing more.
    pub async fn post_to(&self, address: &str, body: &Value) -> Result<(), ApiError> {
        const METHOD: &str = "response_url";
        let url = self.own(METHOD, address)?;
        let asked = self
            .http
            .post(url)
            .header("content-type", "application/json")
            .body(body.to_string());
        let outcome = answered(METHOD, asked.send().await).map(|_| ());
        self.ended(METHOD, &outcome);
        outcome
    }

    /// The content of a file that somebody uploaded, up to so many bytes: with the bot's token, and so from Slack's own
    /// hosts only (`url_private`, <https://docs.slack.dev/reference/objects/file-object>).
    ///
    /// # Errors
    /// See [`ApiError`]; `Refused` where the file is gone, is larger or may not be read.
    pub async fn download(&self, address: &str, most: u64) -> Result<Vec<u8>, ApiError> {
        let outcome = self.downloaded(address, most).await;
        self.ended(FILE, &outcome);
        outcome
    }

    async fn downloaded(&self, address: &str, most: u64) -> Result<Vec<u8>, ApiError> {
        let url = self.own(FILE, address)?;
        let token = &self.token.token_value.0;
        let asked = self.http.get(url).bearer_auth(token).timeout(DOWNLOAD);
        let mut answer = answered(FILE, asked.send().await)?;
        // Where the token may not read the file, Slack shows a page to log in.
        let kind = answer.headers().get("content-type");
        if kind.is_some_and(|it| it.as_bytes().starts_with(b"text/html")) {
            let why = "the app may not read it (scope files:read)";
            return Err(ApiError::refused(FILE, why));
        }
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let mut bytes = Vec::new();
        loop {
            let chunk = answer.chunk().await;
            let Some(chunk) = chunk.map_err(|error| cut_off(FILE, error))? else {
                return Ok(bytes);
            };
            if bytes.len().saturating_add(chunk.len()) > most {
                return Err(ApiError::refused(FILE, "it is larger than Slack said"));
            }
            bytes.extend_from_slice(&chunk);
        }
    }

    /// Puts the content of a file where Slack said.
    ///
    /// # Errors
    /// As [`Api::post_to`].
    pub async fn upload(&self, address: &str, bytes: Vec<u8>) -> Result<(), ApiError> {
        const METHOD: &str = "upload";
        let url = self.own(METHOD, address)?;
        let sent = self.http.post(url).body(bytes).send().await;
        let sent = sent.map_err(|error| cut_off(METHOD, error));
        let outcome = sent.and_then(|answer| match answer.status().as_u16() {
            200..=299 => Ok(()),
            status => Err(ApiError::unreachable(METHOD, format!("status {status}"))),
        });
        self.ended(METHOD, &outcome);
        outcome
    }

    /// An address that Slack gave, where it is Slack's own.
    fn own(&self, method: &str, address: &str) -> Result<Url, ApiError> {
        let url = Url::parse(address).ok().filter(|url| self.is_slacks(url));
        url.ok_or_else(|| ApiError::refused(method, "not_slack"))
    }

    fn ended<T>(&self, method: &str, outcome: &Result<T, ApiError>) {
        let outcome = match outcome {
            Ok(_) => "ok",
            Err(ApiError::Refused { .. }) => "refused",
            Err(ApiError::Unreachable { .. }) => "unreachable",
        };
        self.called(method, outcome);
    }
}

/// What an address of Slack's answered: 200, or why not.
fn answered(
    method: &str,
    sent: Result<reqwest::Response, reqwest::Error>,
) -> Result<reqwest::Response, ApiError> {
    let answer = sent.map_err(|error| cut_off(method, error))?;
    match answer.status().as_u16() {
        200 => Ok(answer),
        status @ (429 | 500..=599) => {
            Err(ApiError::unreachable(method, format!("status {status}")))
        }
        _ => Err(ApiError::refused(method, "gone")),
    }
}

/// The address is a secret: the error's own words would tell it.
fn cut_off(method: &str, error: reqwest::Error) -> ApiError {
    ApiError::unreachable(method, error.without_url().to_string())
}

/// A token as the crate wants it.
#[must_use]
pub fn api_token(secret: &Secret) -> SlackApiToken {
    SlackApiToken::new(SlackApiTokenValue(secret.expose().to_owned()))
}

/// What went wrong, without the body that came with it.
fn reason(error: &SlackClientError) -> String {
    match error {
        SlackClientError::HttpError(error) => format!("status {}", error.status_code.as_u16()),
        SlackClientError::ProtocolError(_) => "the answer cannot be read".to_owned(),
        _ => "the connection failed".to_owned(),
    }
}
