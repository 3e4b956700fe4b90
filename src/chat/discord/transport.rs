//! How calls of Discord's REST API are made: every one has an end, is made again where that is safe, and waits as long as
//! Discord says. Knows routes, not what they are for.
//!
//! Answers are read leniently, as JSON: serenity's typed answers refuse a whole message for one field that they do not
//! know. Routes and their buckets are serenity's. What goes by the token of an interaction or carries files goes around
//! its limiter: that has one bucket for the tokens of all interactions, where Discord has one each, and it cannot send two
//! files at once.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, DATE, HeaderMap, RETRY_AFTER, USER_AGENT};
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use serenity::all::ApplicationId;
use serenity::http::{Http, HttpBuilder, HttpError, LightMethod, Request, Route};
use tokio::time::{sleep, timeout};
use url::{Host, Url};

use super::CHAT;
use super::pauses::Pauses;
use crate::chat::outlet::Failure;
use crate::chat::show::files::Attachment;
use crate::config::{self, Secret};
use crate::metrics::{self, Metrics};

/// How long one call may take, files and all.
const CALL: Duration = Duration::from_secs(30);

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(5);

/// How often a call is tried that may be made twice.
const TRIES: u32 = 4;

/// The first wait before it is tried again.
const FIRST_WAIT: Duration = Duration::from_millis(300);

/// No wait for a rate limit is longer: what Discord asks beyond it is tried again by whoever called.
const LONGEST_LIMIT: Duration = Duration::from_secs(60);

/// Who we say we are: <https://docs.discord.com/developers/reference#user-agent>.
const AGENT: &str = concat!(
    "DiscordBot (https://github.com/calltriage/calltriage, ",
    env!("CARGO_PKG_VERSION"),
    ")"
);

/// How long the content of a file may take.
const DOWNLOAD: Duration = Duration::from_secs(60);

/// Where Discord's files are, besides its own host: <https://docs.discord.com/developers/reference#image-formatting>.
const FILE_HOSTS: [&str; 2] = ["cdn.discordapp.com", "media.discordapp.net"];

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// Discord refused it.
    #[error("Discord refused {what}: {status} {code} {said}")]
    Refused {
        /// What was asked of it.
        what: &'static str,
        /// The status of the answer.
        status: u16,
        /// Discord's own code; 0 where it gives none.
        code: i64,
        /// What it says.
        said: String,
    },
    /// Discord could not be reached, or said nothing that can be read.
    #[error("Discord could not be asked for {what}: {why}")]
    Unreachable {
        /// What was asked of it.
        what: &'static str,
        /// Why, without anything secret.
        why: String,
    },
}

impl ApiError {
    /// The status of the answer, where Discord refused.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            ApiError::Refused { status, .. } => *status,
            ApiError::Unreachable { .. } => 0,
        }
    }

    /// Whether it may be over soon.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self.status(), 0 | 429 | 500..)
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Failure {
        match error.is_passing() {
            true => Failure::Passing(error.to_string()),
            false => Failure::Final(error.to_string()),
        }
    }
}

/// Whether a call may be made again when it is not known whether it was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twice {
    /// It reads, sets what it set before, or has a nonce by which Discord knows it again.
    Harmless,
    /// It would be seen twice.
    Seen,
}

/// One call.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) what: &'static str,
    pub(super) route: Route<'a>,
    pub(super) method: LightMethod,
    pub(super) body: Option<&'a Value>,
    pub(super) files: &'a [Attachment],
    pub(super) params: &'a [(&'static str, String)],
    pub(super) twice: Twice,
    /// Whether it goes by serenity's limiter.
    pub(super) limited: bool,
}

impl<'a> Call<'a> {
    pub(super) fn new(what: &'static str, route: Route<'a>, method: LightMethod) -> Call<'a> {
        Call {
            what,
            route,
            method,
            body: None,
            files: &[],
            params: &[],
            twice: Twice::Harmless,
            limited: true,
        }
    }

    /// By the token of an interaction.
    pub(super) fn by_token(what: &'static str, route: Route<'a>, method: LightMethod) -> Call<'a> {
        Call {
            limited: false,
            ..Call::new(what, route, method)
        }
    }

    pub(super) fn sending(self, body: &'a Value, files: &'a [Attachment]) -> Call<'a> {
        Call {
            body: Some(body),
            files,
            limited: self.limited && files.is_empty(),
            ..self
        }
    }
}

/// The way to Discord.
#[derive(Debug)]
pub(super) struct Transport {
    http: Http,
    client: reqwest::Client,
    token: Secret,
    base: Url,
    is_real: bool,
    /// No wait for a rate limit is longer, the call that it holds up with it.
    pub(super) patience: Duration,
    pauses: Pauses,
    metrics: Metrics,
}

impl Transport {
    pub(super) fn new(
        client: reqwest::Client,
        settings: &config::Discord,
        metrics: Metrics,
    ) -> Transport {
        Transport {
            http: http(&client, settings),
            client,
            token: settings.token.clone(),
            base: settings.api_url.clone(),
            is_real: settings.is_real(),
            patience: LONGEST_LIMIT,
            pauses: Pauses::default(),
            metrics,
        }
    }

    /// What makes its connections: with an end to everything, and to no other host than the one that is asked.
    pub(super) fn client() -> reqwest::ClientBuilder {
        reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(CALL)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
    }

    /// The content of a file that somebody handed over, up to so many bytes.
    pub(super) async fn download(&self, url: &str, most: u64) -> Result<Vec<u8>, ApiError> {
        const WHAT: &str = "files.get";
        let refused = |said: &str| ApiError::Refused {
            what: WHAT,
            status: 400,
            code: 0,
            said: said.to_owned(),
        };
        let unreachable = |error: reqwest::Error| ApiError::Unreachable {
            what: WHAT,
            why: error.without_url().to_string(),
        };
        let url = Url::parse(url).ok().filter(|url| self.is_own(url));
        let url = url.ok_or_else(|| refused("the address of the file is not Discord's"))?;
        let asked = self.client.get(url).timeout(DOWNLOAD).send().await;
        let mut answer = asked.map_err(unreachable)?;
        let status = answer.status().as_u16();
        self.metrics
            .count(&metrics::CALLS, &[CHAT, WHAT, outcome(status)]);
        if !answer.status().is_success() {
            return Err(ApiError::Refused {
                what: WHAT,
                status,
                code: 0,
                said: "it does not give the file".to_owned(),
            });
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            bytes.extend_from_slice(&chunk);
            if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
                return Err(refused("the file is larger than it was said to be"));
            }
        }
        Ok(bytes)
    }

    /// What time it is there, as HTTP writes it, by an answer that needs no token.
    pub(super) async fn date(&self, route: Route<'_>) -> Result<Option<String>, ApiError> {
        let unreachable = |why: String| ApiError::Unreachable { what: "date", why };
        let url = self.address(&route);
        let url = url.ok_or_else(|| unreachable("the address is none".to_owned()))?;
        let asked = self.client.get(url).header(USER_AGENT, AGENT).send().await;
        let answer = asked.map_err(|error| unreachable(error.without_url().to_string()))?;
        let date = answer.headers().get(DATE);
        Ok(date.and_then(|it| Some(it.to_str().ok()?.to_owned())))
    }

    /// Where a route is.
    fn address(&self, route: &Route<'_>) -> Option<Url> {
        let path = route.path();
        let path = path.strip_prefix("https://discord.com").unwrap_or(&path);
        self.base.join(path).ok()
    }

    /// Whether a file's address is Discord's; of another host on this machine, exactly that.
    fn is_own(&self, url: &Url) -> bool {
        if self.is_real {
            let host = match url.host() {
                Some(Host::Domain(name)) => name,
                _ => return false,
            };
            return url.scheme() == "https" && FILE_HOSTS.contains(&host);
        }
        url.origin() == self.base.origin()
    }

    /// A client of serenity's that goes where this goes, for its gateway.
    pub(super) fn for_gateway(&self, settings: &config::Discord) -> Http {
        http(&self.client, settings)
    }

    /// Makes a call, and again where that is safe and may help.
    pub(super) async fn made(&self, call: Call<'_>) -> Result<Value, ApiError> {
        let mut wait = FIRST_WAIT;
        let mut tries = 1;
        loop {
            let (error, asked_to_wait) = match self.once(call).await {
                Ok(answer) => {
                    self.metrics
                        .count(&metrics::CALLS, &[CHAT, call.what, "ok"]);
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            let status = error.status();
            self.metrics
                .count(&metrics::CALLS, &[CHAT, call.what, outcome(status)]);
            // A rate limit is never passed on unheard: nothing was done.
            let again = status == 429 || call.twice == Twice::Harmless && error.is_passing();
            if !again || tries >= TRIES || asked_to_wait.is_some_and(|it| it > self.patience) {
                return Err(error);
            }
            tracing::debug!(what = call.what, %error, "tried again");
            self.metrics
                .count(&metrics::RETRIES, &[CHAT, call.what, outcome(status)]);
            sleep(asked_to_wait.unwrap_or(wait)).await;
            wait *= 2;
            tries += 1;
        }
    }

    async fn once(&self, call: Call<'_>) -> Result<Value, (ApiError, Option<Duration>)> {
        match call.limited && self.is_real {
            true => match timeout(self.patience, self.by_limiter(call)).await {
                Ok(made) => made.map_err(|error| (error, None)),
                Err(_) => Err(impatient(call.what)),
            },
            false => self.directly(call).await,
        }
    }

    /// By serenity, which waits for the buckets of its routes.
    async fn by_limiter(&self, call: Call<'_>) -> Result<Value, ApiError> {
        let unreachable = |why: String| ApiError::Unreachable {
            what: call.what,
            why,
        };
        let body = call.body.map(Value::to_string).map(String::into_bytes);
        let params = (!call.params.is_empty()).then(|| call.params.to_vec());
        let request = Request::new(call.route, call.method)
            .body(body)
            .params(params);
        let answer = self
            .http
            .request(request)
            .await
            .map_err(|error| match error {
                serenity::Error::Http(HttpError::UnsuccessfulRequest(answer)) => {
                    ApiError::Refused {
                        what: call.what,
                        status: answer.status_code.as_u16(),
                        code: i64::try_from(answer.error.code).unwrap_or_default().max(0),
                        said: answer.error.message,
                    }
                }
                serenity::Error::Http(HttpError::Request(error)) => {
                    unreachable(error.without_url().to_string())
                }
                // Its own words could tell the address, which may be a secret.
                _ => unreachable("the request could not be made".to_owned()),
            })?;
        let bytes = answer.bytes().await;
        let bytes = bytes.map_err(|error| unreachable(error.without_url().to_string()))?;
        read(&bytes).ok_or_else(|| unreachable("the answer cannot be read".to_owned()))
    }

    /// By ourselves: with as many files as there are, and waiting as long as Discord says.
    async fn directly(&self, call: Call<'_>) -> Result<Value, (ApiError, Option<Duration>)> {
        let unreachable = |why: String| {
            let what = call.what;
            (ApiError::Unreachable { what, why }, None)
        };
        let of_reqwest = |error: reqwest::Error| unreachable(error.without_url().to_string());
        let url = self.address(&call.route);
        let url = url.ok_or_else(|| unreachable("the address is none".to_owned()))?;
        let mut request = self
            .client
            .request(method(call.method), url)
            .query(call.params)
            .header(USER_AGENT, AGENT);
        if !is_by_token(&call) {
            let token = format!("Bot {}", self.token.expose());
            request = request.header(AUTHORIZATION, token);
        }
        request = match call.body {
            Some(body) if call.files.is_empty() => request
                .header("content-type", "application/json")
                .body(body.to_string()),
            Some(body) => request.multipart(form(body, call.files).map_err(of_reqwest)?),
            None => request,
        };
        let bucket = bucket(&call);
        let turn = self
            .pauses
            .turn(&bucket, !is_by_token(&call), self.patience);
        let mut turn = turn.await.ok_or_else(|| impatient(call.what))?;
        let answer = request.send().await.map_err(of_reqwest)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let bytes = answer.bytes().await.map_err(of_reqwest)?;
        let said = read(&bytes);
        if let Some(wait) = room_after(&headers) {
            turn.shut_for(wait);
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            let said = said.as_ref().unwrap_or(&Value::Null);
            let wait = asked_to_wait(&headers, said).unwrap_or(FIRST_WAIT);
            match said.get("global").and_then(Value::as_bool) {
                Some(true) => self.pauses.shut_everywhere(wait),
                _ => turn.shut_for(wait),
            }
        }
        drop(turn);
        if status.is_success() {
            return said.ok_or_else(|| unreachable("the answer cannot be read".to_owned()));
        }
        let said = said.unwrap_or_default();
        let refused = ApiError::Refused {
            what: call.what,
            status: status.as_u16(),
            code: said.get("code").and_then(Value::as_i64).unwrap_or_default(),
            said: said
                .get("message")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .chars()
                .take(200)
                .collect(),
        };
        Err((refused, asked_to_wait(&headers, &said)))
    }
}

/// Whether it goes by the token of an interaction, which is all that proves it.
fn is_by_token(call: &Call<'_>) -> bool {
    matches!(
        call.route,
        Route::InteractionResponse { .. }
            | Route::WebhookOriginalInteractionResponse { .. }
            | Route::WebhookFollowupMessages { .. }
    )
}

/// What shares a limit: a route of one channel, server or token.
fn bucket(call: &Call<'_>) -> String {
    let path = call.route.path();
    // Messages of a channel share theirs.
    let path = match call.route {
        Route::ChannelMessage { .. } => path.rsplit_once('/').map_or(&*path, |it| it.0),
        _ => &*path,
    };
    format!("{} {path}", method(call.method))
}

/// That Discord wants to be left alone for longer than anybody waits: to try it again at once would be to wait.
fn impatient(what: &'static str) -> (ApiError, Option<Duration>) {
    let why = "its rate limit asks for a longer wait".to_owned();
    (ApiError::Unreachable { what, why }, Some(Duration::MAX))
}

/// When a bucket that has no room has some again.
fn room_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    if text("x-ratelimit-remaining")? != "0" {
        return None;
    }
    Duration::try_from_secs_f64(text("x-ratelimit-reset-after")?.parse().ok()?).ok()
}

fn http(client: &reqwest::Client, settings: &config::Discord) -> Http {
    let http = HttpBuilder::new(settings.token.expose())
        .client(client.clone())
        .application_id(ApplicationId::new(settings.application_id.max(1)));
    match settings.is_real() {
        true => http.build(),
        // serenity's limiter knows no other address than Discord's.
        false => http
            .proxy(settings.api_url.as_str())
            .ratelimiter_disabled(true)
            .build(),
    }
}

fn method(method: LightMethod) -> reqwest::Method {
    match method {
        LightMethod::Delete => reqwest::Method::DELETE,
        LightMethod::Get => reqwest::Method::GET,
        LightMethod::Patch => reqwest::Method::PATCH,
        LightMethod::Post => reqwest::Method::POST,
        LightMethod::Put => reqwest::Method::PUT,
    }
}

fn form(body: &Value, files: &[Attachment]) -> Result<Form, reqwest::Error> {
    let mut form = Form::new().text("payload_json", body.to_string());
    for (id, file) in files.iter().enumerate() {
        let part = Part::bytes(file.bytes.clone()).file_name(file.name.clone());
        let kind = match file.name.rsplit('.').next() {
            Some("png") => "image/png",
            Some("txt") => "text/plain",
            _ => "application/octet-stream",
        };
        form = form.part(format!("files[{id}]"), part.mime_str(kind)?);
    }
    Ok(form)
}

/// What an answer says; an empty one says nothing.
fn read(bytes: &[u8]) -> Option<Value> {
    match bytes.is_empty() {
        true => Some(Value::Null),
        false => serde_json::from_slice(bytes).ok(),
    }
}

/// How long Discord asks to wait; its body has it more exactly than the header.
fn asked_to_wait(headers: &HeaderMap, said: &Value) -> Option<Duration> {
    let in_header = || headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok();
    let seconds: f64 = match said.get("retry_after").and_then(Value::as_f64) {
        Some(seconds) => Some(seconds),
        None => in_header(),
    }?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// The word for an answer in numbers.
fn outcome(status: u16) -> &'static str {
    match status {
        0 => "unreachable",
        200..300 => "ok",
        429 => "limited",
        500.. => "unreachable",
        _ => "refused",
    }
}
