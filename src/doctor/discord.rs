//! The Discord application: its token and ids, its commands, its intents, its way in, the channels that are configured and
//! who reads there. Reads only, and writes to nobody.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::Value;

use super::clock::clock;
use super::listener::listener;
use super::{Check, State};
use crate::chat::commands::Table;
use crate::chat::discord::api::{Api, ApiError};
use crate::chat::discord::directory::Directory;
use crate::chat::discord::registering::{Scope, todo};
use crate::chat::discord::{CHAT, incoming, manifest};
use crate::config::{Channel, Config, Discord, DiscordWayIn};
use crate::metrics::Metrics;

/// The flags of an application that may read the text of messages, in many servers or in few.
const READS_TEXT: u64 = 1 << 18 | 1 << 19;

/// Looks at the application, and at the channels for which `config` has settings or incidents.
pub async fn discord(
    settings: &Discord,
    config: &Config,
    table: &Table,
    now: impl Fn() -> Timestamp,
) -> Vec<Check> {
    let api = match Api::new(settings, Metrics::default()) {
        Ok(api) => Arc::new(api),
        Err(error) => return vec![check("", State::Fails, error.to_string())],
    };
    let channels = config.channels.iter().filter(|it| it.chat == CHAT);
    let channels: Vec<&Channel> = channels.collect();
    let told = config.incidents.channels();
    let told: Vec<&str> = told
        .into_iter()
        .filter_map(|it| it.strip_prefix(CHAT)?.strip_prefix(':'))
        .filter(|id| !channels.iter().any(|it| it.id == *id))
        .collect();
    let began = Instant::now();
    let user = api.own_user().await;
    let mut checks = vec![token(&user).since(began)];
    if user.is_err() {
        let rest = ["application", "commands", "way in"].map(str::to_owned);
        let ids = channels.iter().map(|it| it.id.as_str());
        let rest = rest
            .into_iter()
            .chain(ids.chain(told.iter().copied()).map(channel_name));
        checks.extend(rest.map(|what| {
            check(
                &what,
                State::NotChecked,
                "not tried, since Discord did not take the token",
            )
        }));
        return checks;
    }
    let began = Instant::now();
    let known = api.own_application().await;
    let listens = channels.iter().any(|it| it.offer);
    checks.push(application(settings, &known, listens).since(began));
    checks.push(commands(&api, settings, table).await);
    checks.push(way_in(&api, settings, config.http.listen).await);
    let date = api.date().await.ok().flatten();
    let by_http = matches!(settings.way_in, DiscordWayIn::Http(_));
    checks.push(clock(CHAT, "Discord", date.as_deref(), by_http, now()));
    let directory = Directory::new(Arc::clone(&api), settings);
    let with_settings = channels
        .iter()
        .map(|it| (it.id.as_str(), it.customer.is_some()));
    let told = told.into_iter().map(|id| (id, false));
    for (channel, is_for_a_customer) in with_settings.chain(told) {
        checks.push(readers(&directory, channel, is_for_a_customer).await);
        checks.push(permissions(&directory, channel).await);
    }
    checks
}

fn check(what: &str, state: State, said: impl Into<String>) -> Check {
    Check::new(CHAT, what, state, said)
}

fn channel_name(id: &str) -> String {
    format!("channel {id}")
}

/// What to do where Discord could not be asked or said something unexpected.
fn other(error: &ApiError) -> String {
    match error.is_passing() {
        true => format!("{error}: let this machine reach Discord by HTTPS, or ask again later"),
        false => format!("{error}: look it up in Discord's list of errors"),
    }
}

fn token(user: &Result<Value, ApiError>) -> Check {
    let (state, said) = match user {
        Ok(user) => {
            let name = user.get("username").and_then(Value::as_str);
            (State::Works, format!("taken: {}", name.unwrap_or("?")))
        }
        Err(error) if error.status() == 401 => (
            State::Fails,
            "Discord does not take it: reset the token in the portal, under Bot, and put it into [discord] token"
                .to_owned(),
        ),
        Err(error) => (State::Fails, other(error)),
    };
    check("token", state, said)
}

fn application(settings: &Discord, known: &Result<Value, ApiError>, listens: bool) -> Check {
    const WHAT: &str = "application";
    let known = match known {
        Ok(known) => known,
        Err(error) => return check(WHAT, State::Fails, other(error)),
    };
    if incoming::id(known, "id") != Some(settings.application_id) {
        let said = "the token is another application's: copy the Application ID, under General Information, into \
                    [discord] application_id";
        return check(WHAT, State::Fails, said);
    }
    if let DiscordWayIn::Http(key) = settings.way_in {
        let ours: String = key.0.iter().map(|it| format!("{it:02x}")).collect();
        let theirs = known.get("verify_key").and_then(Value::as_str);
        if theirs.is_some_and(|it| !it.eq_ignore_ascii_case(&ours)) {
            let said = "public_key is another application's: copy the Public Key, under General Information, into \
                        [discord] public_key";
            return check(WHAT, State::Fails, said);
        }
    }
    let flags = known
        .get("flags")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    if listens && flags & READS_TEXT == 0 {
        let said = "a channel has offer = true, and the application may not read what people write: switch on Message \
                    Content Intent in the portal, under Bot, or take offer away";
        return check(WHAT, State::Fails, said);
    }
    check(WHAT, State::Works, "the id is that of the token")
}

async fn commands(api: &Api, settings: &Discord, table: &Table) -> Check {
    const WHAT: &str = "commands";
    let began = Instant::now();
    let mut scopes = Scope::wanted(settings, table);
    match Scope::left(api, settings).await {
        Ok(left) => scopes.extend(left),
        Err(error) => return check(WHAT, State::Fails, other(&error)).since(began),
    }
    for scope in scopes {
        match scope.change(api).await {
            Ok(None) => {}
            Ok(Some(_)) => {
                let said = "not all of them are registered as they are now; `calltriage run` registers them";
                return check(WHAT, State::Warns, said).since(began);
            }
            // There the bot has no commands.
            Err(error) if scope.is_left() && !error.is_passing() => {}
            Err(error) => {
                let said = match error.is_passing() {
                    true => other(&error),
                    false => todo(scope.server, &error, settings.application_id),
                };
                return check(WHAT, State::Fails, said).since(began);
            }
        }
    }
    check(WHAT, State::Works, "registered as they are").since(began)
}

async fn way_in(api: &Api, settings: &Discord, listen: SocketAddr) -> Check {
    let began = Instant::now();
    match settings.way_in {
        DiscordWayIn::Gateway => {
            let (state, said) = match api.gateway().await {
                Ok(_) => (State::Works, "Discord says where it is".to_owned()),
                Err(error) => (State::Fails, other(&error)),
            };
            check("gateway", state, said).since(began)
        }
        DiscordWayIn::Http(_) => {
            let unseen = "whether Discord reaches it from outside only Discord can show (General Information, \
                          Interactions Endpoint URL)";
            let (state, said) = listener(listen, "the public key is set", unseen).await;
            check("HTTP", state, said)
        }
    }
}

async fn readers(directory: &Directory, id: &str, is_for_a_customer: bool) -> Check {
    let what = channel_name(id);
    let began = Instant::now();
    let channel = id.parse().unwrap_or_default();
    let (state, said) = match directory.outsiders_read(channel).await {
        Ok(false) => (State::Works, "only our own people read there".to_owned()),
        Ok(true) if is_for_a_customer => (
            State::Works,
            "people from outside read there: they see the calls of its customer alone".to_owned(),
        ),
        Ok(true) => (
            State::Warns,
            "people from outside read there, so nothing is shown: name the roles that may view it under staff_roles, \
             or bind it to its customer"
                .to_owned(),
        ),
        Err(error) => (State::Fails, unseen(&error)),
    };
    check(&what, state, said).since(began)
}

/// Whether the bot may do in a channel what it has to.
async fn permissions(directory: &Directory, id: &str) -> Check {
    let what = format!("permissions in {id}");
    let began = Instant::now();
    let allowed = directory.allowed(id.parse().unwrap_or_default()).await;
    let (state, said) = match allowed {
        Ok(allowed) => {
            let needed = manifest::PERMISSIONS.iter();
            let missing = needed.filter(|(_, bit, _)| allowed & bit == 0);
            let missing: Vec<String> = missing
                .map(|(name, _, why)| format!("{name} ({why})"))
                .collect();
            match missing.is_empty() {
                true => (State::Works, "it may do there what it has to".to_owned()),
                false => (
                    State::Fails,
                    format!(
                        "missing: {}. Give them to its role in the channel's settings",
                        missing.join(", ")
                    ),
                ),
            }
        }
        Err(error) => (State::Fails, unseen(&error)),
    };
    check(&what, state, said).since(began)
}

/// What to do where a channel could not be looked at.
fn unseen(error: &ApiError) -> String {
    match error.status() {
        403 | 404 => {
            "the bot does not see it: give it View Channel there, or correct the channel's id in the configuration"
                .to_owned()
        }
        _ => other(error),
    }
}
