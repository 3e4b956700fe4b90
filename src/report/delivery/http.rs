//! One request to a configured host, and whether it was taken: shared by everything that is sent over HTTP. Follows no
//! redirect, uses no proxy out of the environment, and shows no credential.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::Value;

use super::Undelivered;
use crate::render::clean;

/// Nobody waits longer for a report.
const PATIENCE: Duration = Duration::from_secs(60);

/// More than this of an answer is not read, in bytes.
const LARGEST: usize = 1024 * 1024;

/// What came back.
pub(super) struct Answered {
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; nothing where it is none.
    pub body: Value,
}

pub(super) fn client() -> Result<Client, Undelivered> {
    let client = Client::builder()
        .user_agent(concat!("calltriage/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .no_proxy()
        .timeout(PATIENCE);
    client
        .build()
        .map_err(|_| Undelivered::Passing("no TLS is to be had on this machine.".to_owned()))
}

/// Sends a request. `twice` says that the receiver knows it again, so that it may be sent once more whatever became of
/// the first.
pub(super) async fn ask(
    request: RequestBuilder,
    whom: &str,
    twice: bool,
) -> Result<Answered, Undelivered> {
    let unsure = |why: String| match twice {
        true => Undelivered::Passing(why),
        false => Undelivered::Unsure(why),
    };
    let mut response = request.send().await.map_err(|error| {
        let is_unsent = error.is_connect() || error.is_builder();
        match is_unsent {
            true => Undelivered::Passing(format!("{whom} cannot be reached.")),
            false => unsure(format!("{whom} did not answer.")),
        }
    })?;
    let status = response.status();
    let headers = response.headers().clone();
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LARGEST {
            break;
        }
    }
    let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    if status.is_success() {
        return Ok(Answered { headers, body });
    }
    let said = ["message", "error", "errorMessage", "error_human"]
        .iter()
        .find_map(|key| body.get(key).and_then(Value::as_str))
        .map_or_else(String::new, |it| {
            format!(": {}", clean::cut(&clean::line(it), 200))
        });
    let why = format!("{whom} answered {}{said}.", status.as_u16());
    Err(match status {
        StatusCode::REQUEST_TIMEOUT
        | StatusCode::TOO_EARLY
        | StatusCode::TOO_MANY_REQUESTS
        | StatusCode::SERVICE_UNAVAILABLE => Undelivered::Passing(why),
        status if status.is_server_error() => unsure(why),
        _ => Undelivered::Final(why),
    })
}
