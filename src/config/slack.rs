//! `[slack]`: the workspace's app, its secrets and the way its messages come in. Contacts nothing.

use std::time::Duration;

use url::Url;

use super::address::WebAddress;
use super::reader::{Choice, Section};
use super::secret::Secret;
use super::values::limit;

/// Where Slack's Web API is: <https://docs.slack.dev/apis/web-api>.
const API_URL: &str = "https://slack.com/api";

/// A renewal takes seconds; people notice minutes.
const SOCKET_LIMIT: Duration = Duration::from_secs(30);

/// A Slack app, as it is configured.
#[derive(Debug, Clone)]
pub struct Slack {
    /// The token of the bot user (`xoxb-`), for the Web API.
    pub bot_token: Secret,
    /// How messages come in, with the secret that this way needs.
    pub way_in: SlackWayIn,
    /// Where the Web API is, without a slash at its end. Another than Slack's only on this machine, and then its
    /// host counts as Slack's for everything else.
    pub api_url: Url,
    /// Without a connection of Socket Mode for longer than this, the program says that it is not ready.
    pub socket_limit: Duration,
}

/// How Slack hands over what people write.
#[derive(Debug, Clone)]
pub enum SlackWayIn {
    /// Socket Mode, opened with the app's token (`xapp-`, scope `connections:write`).
    Socket(Secret),
    /// Requests of Slack to our HTTP listener, proved by the signing secret.
    Http(Secret),
}

#[derive(Debug, Clone, Copy)]
enum Mode {
    Socket,
    Http,
}

impl Choice for Mode {
    const WORDS: &'static [(&'static str, Self)] =
        &[("socket", Mode::Socket), ("http", Mode::Http)];
}

pub(super) fn read(root: &mut Section<'_>) -> Option<Option<Slack>> {
    root.optional_table("slack", |section| {
        let bot_token = section.required("bot_token");
        let mode = section.optional("mode").unwrap_or(Mode::Socket);
        // Both may stand there, so that one word switches; only that of the mode must.
        let (app_token, signing_secret) = match mode {
            Mode::Socket => (
                section.required("app_token"),
                section.optional("signing_secret"),
            ),
            Mode::Http => (
                section.optional("app_token"),
                section.required("signing_secret"),
            ),
        };
        let api_url = match section.optional::<WebAddress>("api_url") {
            Some(WebAddress(url)) if url.scheme() == "https" && url.as_str() != API_URL => {
                section.refuse(
                    "api_url",
                    "found another host than Slack's".to_owned(),
                    format!("{API_URL:?}, or an http:// address on this machine"),
                );
                None
            }
            Some(WebAddress(url)) => Some(url),
            None => Url::parse(API_URL).ok(),
        };
        let socket_limit = limit(section, "socket_limit", SOCKET_LIMIT);
        let way_in = match mode {
            Mode::Socket => app_token.map(SlackWayIn::Socket),
            Mode::Http => signing_secret.map(SlackWayIn::Http),
        };
        Some(Slack {
            bot_token: bot_token?,
            way_in: way_in?,
            api_url: api_url?,
            socket_limit,
        })
    })
}
