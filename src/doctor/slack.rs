//! The Slack app: its tokens, its scopes, its way in, the channels that are configured, our clock against Slack's.
//! Reads only, and writes to nobody.

use std::net::SocketAddr;
use std::time::Instant;

use jiff::Timestamp;

use super::clock::clock;
use super::{Check, State};
use crate::chat::slack::api::{Api, ApiError, Seen};
use crate::chat::slack::incoming::CHAT;
use crate::chat::slack::manifest::SCOPES;
use crate::config::{Channel, Secret, Slack, SlackWayIn};
use crate::metrics::Metrics;

/// Looks at the app; `listen` is where Slack's requests come in by HTTP, `channels` are those with settings.
pub async fn slack(
    settings: &Slack,
    channels: &[Channel],
    listen: SocketAddr,
    now: impl Fn() -> Timestamp,
) -> Vec<Check> {
    let api = match Api::new(&settings.api_url, &settings.bot_token, Metrics::default()) {
        Ok(api) => api,
        Err(error) => return vec![check("", State::Fails, error.to_string())],
    };
    let began = Instant::now();
    let known = api.look("auth.test", &settings.bot_token, &[]).await;
    let mut checks = vec![token(&known).since(began)];
    let known = known.ok();
    checks.push(scopes(known.as_ref()));
    let date = known.as_ref().and_then(|it| it.date.as_deref());
    let by_http = matches!(settings.way_in, SlackWayIn::Http(_));
    checks.push(clock(CHAT, "Slack", date, by_http, now()));
    checks.push(match &settings.way_in {
        SlackWayIn::Socket(app_token) => socket(&api, app_token).await,
        SlackWayIn::Http(secret) => listener(secret, listen).await,
    });
    for channel in channels.iter().filter(|it| it.chat == CHAT) {
        checks.push(match known {
            Some(_) => membership(&api, settings, &channel.id).await,
            None => not_tried(&format!("channel {}", channel.id)),
        });
    }
    checks
}

fn check(what: &str, state: State, said: impl Into<String>) -> Check {
    Check::new(CHAT, what, state, said)
}

fn not_tried(what: &str) -> Check {
    check(
        what,
        State::NotChecked,
        "not tried, since Slack did not take the token",
    )
}

/// What to do where Slack could not be asked or said something unexpected.
fn other(error: &ApiError) -> String {
    match error {
        ApiError::Refused { .. } => format!("{error}: look it up in Slack's list of errors"),
        ApiError::Unreachable { .. } => {
            format!("{error}: let this machine reach Slack by HTTPS, or ask again later")
        }
    }
}

fn token(known: &Result<Seen, ApiError>) -> Check {
    let (state, said) = match known {
        Ok(seen) => {
            let named = |name: &str| seen.said.get(name).and_then(|it| it.as_str());
            let (user, team) = (named("user"), named("team"));
            let (user, team) = (user.unwrap_or("?"), team.unwrap_or("?"));
            (
                State::Works,
                format!("taken: {user} in the workspace {team}"),
            )
        }
        Err(error) => (
            State::Fails,
            match error.code() {
                "invalid_auth"
                | "not_authed"
                | "token_revoked"
                | "token_expired"
                | "account_inactive"
                | "not_allowed_token_type" => format!(
                    "Slack does not take it ({}): copy the Bot User OAuth Token (xoxb-) of the app, under OAuth & \
                     Permissions, into [slack] bot_token",
                    error.code()
                ),
                _ => other(error),
            },
        ),
    };
    check("bot_token", state, said)
}

fn scopes(known: Option<&Seen>) -> Check {
    const WHAT: &str = "scopes";
    let Some(seen) = known else {
        return not_tried(WHAT);
    };
    let Some(granted) = &seen.scopes else {
        return check(
            WHAT,
            State::NotChecked,
            "Slack does not say what the token may do",
        );
    };
    let granted: Vec<&str> = granted.split(',').map(str::trim).collect();
    let needed = SCOPES.iter();
    let missing = needed.filter(|(name, _)| !granted.contains(name));
    let missing: Vec<String> = missing
        .map(|(name, why)| format!("{name} ({why})"))
        .collect();
    if missing.is_empty() {
        let said = format!("all {} of the manifest are granted", SCOPES.len());
        return check(WHAT, State::Works, said);
    }
    let said = format!(
        "missing: {}. Put what `calltriage manifest slack` prints into the app's manifest, then install the app again",
        missing.join(", ")
    );
    check(WHAT, State::Fails, said)
}

/// Whether a connection of Socket Mode may be opened. None is.
async fn socket(api: &Api, app_token: &Secret) -> Check {
    let began = Instant::now();
    let opened = api.look("apps.connections.open", app_token, &[]).await;
    let (state, said) = match opened {
        Ok(_) => (State::Works, "Slack lets it open a connection".to_owned()),
        Err(error) => (
            State::Fails,
            match error.code() {
                "invalid_auth"
                | "not_authed"
                | "token_revoked"
                | "token_expired"
                | "account_inactive"
                | "not_allowed_token_type"
                | "missing_scope" => format!(
                    "Slack does not take app_token ({}): make an app-level token (xapp-) with the scope \
                     connections:write, under Basic Information, and put it into [slack] app_token",
                    error.code()
                ),
                "forbidden_team" | "socket_mode_disabled" | "link_disabled" => format!(
                    "Socket Mode is off for the app ({}): switch it on under Socket Mode",
                    error.code()
                ),
                _ => other(&error),
            },
        ),
    };
    check("Socket Mode", state, said).since(began)
}

/// Whether Slack's requests find somebody, and their signatures a secret.
async fn listener(secret: &Secret, listen: SocketAddr) -> Check {
    const WHAT: &str = "HTTP";
    let secret = secret.expose();
    let is_one = secret.len() == 32 && secret.chars().all(|it| it.is_ascii_alphanumeric());
    if !is_one {
        let said = "signing_secret is none of Slack's, which have 32 letters and digits: copy the Signing Secret of \
                    the app, under Basic Information, into [slack] signing_secret";
        return check(WHAT, State::Fails, said);
    }
    let unseen =
        "whether Slack reaches it from outside only Slack can show (Event Subscriptions, Retry)";
    let (state, said) =
        super::listener::listener(listen, "the signing secret is set", unseen).await;
    check(WHAT, state, said)
}

/// Whether the bot is in a channel for which there are settings.
async fn membership(api: &Api, settings: &Slack, id: &str) -> Check {
    let what = format!("channel {id}");
    let began = Instant::now();
    let params = [("channel", id)];
    let info = api
        .look("conversations.info", &settings.bot_token, &params)
        .await;
    let (state, said) = match info {
        Ok(seen) => {
            let of = |name: &str| seen.said.pointer(&format!("/channel/{name}"));
            let name = of("name").and_then(|it| it.as_str()).unwrap_or(id);
            match of("is_member").and_then(serde_json::Value::as_bool) {
                Some(true) => (State::Works, format!("it is in #{name}")),
                _ => (
                    State::Fails,
                    format!("it is not in #{name}: write /invite @calltriage there"),
                ),
            }
        }
        Err(error) => (
            State::Fails,
            match error.code() {
                "channel_not_found" => {
                    "there is no such channel, or it is private and the bot is not in it: write \
                                        /invite @calltriage there, or correct id in [[channels]]"
                        .to_owned()
                }
                "missing_scope" => "the scopes do not let it look (see above)".to_owned(),
                _ => other(&error),
            },
        ),
    };
    check(&what, state, said).since(began)
}
