//! The outgoing webhook for a total outage that nobody took note of. Goes to the configured address alone.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde_json::json;

use crate::config::Secret;
use crate::render::incident::IncidentCard;

/// How long a call may take.
const CALL: Duration = Duration::from_secs(10);

/// The pager.
#[derive(Debug)]
pub struct Pager {
    client: Client,
    url: Url,
    token: Option<Secret>,
}

impl Pager {
    /// At this address; the token is sent as a bearer's.
    ///
    /// # Errors
    /// Where this machine has no TLS.
    pub fn new(url: Url, token: Option<Secret>) -> anyhow::Result<Pager> {
        let client = Client::builder()
            .timeout(CALL)
            .redirect(Policy::none())
            .no_proxy()
            .build()?;
        Ok(Pager { client, url, token })
    }

    /// Calls it once. The incident's id lets the receiver see that two calls are one.
    ///
    /// # Errors
    /// In one sentence, why nobody was called.
    pub async fn call(&self, incident: &str, card: &IncidentCard) -> Result<(), String> {
        let body = json!({
            "id": incident,
            "severity": "total",
            "headline": card.headline,
            "state": card.state,
            "text": card.lines().join("\n"),
        });
        let mut request = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .body(body.to_string());
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose());
        }
        let answer = request
            .send()
            .await
            .map_err(|error| error.without_url().to_string())?;
        match answer.status().is_success() {
            true => Ok(()),
            false => Err(format!("it answered {}", answer.status().as_u16())),
        }
    }
}
