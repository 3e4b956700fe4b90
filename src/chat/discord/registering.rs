//! Which commands stand where, against where they have to: everywhere, or in the servers that are named, and nowhere
//! else. Makes no command; changes nothing that is as it has to be.

use serde_json::{Value, json};

use super::api::{Api, ApiError};
use super::incoming::id;
use super::manifest::{self, COMMAND, MESSAGE_COMMAND, invite};
use crate::chat::commands::Table;
use crate::config;

/// What Discord keeps of a command, an option or a choice as it was told; all else there is its own.
const KEPT: [&str; 15] = [
    "type",
    "name",
    "description",
    "default_member_permissions",
    "nsfw",
    "options",
    "required",
    "autocomplete",
    "choices",
    "value",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
    "channel_types",
];

/// The same, for which Discord puts in what it likes where nothing is told.
const DEFAULTED: [&str; 2] = ["contexts", "integration_types"];

/// Where commands can stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    /// The server; nothing for everywhere.
    pub server: Option<u64>,
    /// The commands that have to stand there; nothing where they stand elsewhere.
    wanted: Option<Value>,
}

impl Scope {
    /// Where commands have to stand.
    #[must_use]
    pub fn wanted(settings: &config::Discord, table: &Table) -> Vec<Scope> {
        let everywhere = settings.servers.is_empty();
        let wanted = Some(manifest::commands(table, everywhere));
        let scope = |server| Scope {
            server,
            wanted: wanted.clone(),
        };
        match everywhere {
            true => vec![scope(None)],
            false => settings.servers.iter().map(|it| scope(Some(*it))).collect(),
        }
    }

    /// Where an earlier run may have left some: people would see them twice.
    ///
    /// # Errors
    /// Where Discord does not say in which servers the bot is.
    pub async fn left(api: &Api, settings: &config::Discord) -> Result<Vec<Scope>, ApiError> {
        let told = api.servers().await?;
        let servers = told.as_array().into_iter().flatten();
        let others = servers
            .filter_map(|it| id(it, "id"))
            .filter(|it| !settings.servers.contains(it));
        let scope = |server| Scope {
            server,
            wanted: None,
        };
        let everywhere = (!settings.servers.is_empty()).then(|| scope(None));
        Ok(everywhere
            .into_iter()
            .chain(others.map(|it| scope(Some(it))))
            .collect())
    }

    /// The commands that have to be put there in place of those that stand there; nothing where all is well.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn change(&self, api: &Api) -> Result<Option<Value>, ApiError> {
        let known = api.commands(self.server).await?;
        Ok(match &self.wanted {
            Some(wanted) => (!is_registered(wanted, &known)).then(|| wanted.clone()),
            None => has_ours(&known).then(|| json!([])),
        })
    }

    /// Whether none of ours belong there.
    #[must_use]
    pub fn is_left(&self) -> bool {
        self.wanted.is_none()
    }

    async fn set(&self, api: &Api) -> Result<(), ApiError> {
        if let Some(commands) = self.change(api).await? {
            api.register(self.server, &commands).await?;
            tracing::info!(server = ?self.server, "commands were registered");
        }
        Ok(())
    }
}

/// Registers the commands where they are not registered so, and takes away what an earlier run left elsewhere. A server
/// that refuses keeps nobody from the others.
///
/// # Errors
/// Where Discord cannot be asked now.
pub async fn register(
    api: &Api,
    settings: &config::Discord,
    table: &Table,
) -> Result<(), ApiError> {
    for scope in Scope::wanted(settings, table) {
        match scope.set(api).await {
            Err(error) if error.is_passing() => return Err(error),
            Err(error) => {
                let todo = todo(scope.server, &error, settings.application_id);
                tracing::warn!(%error, todo, "commands are not registered");
            }
            Ok(()) => {}
        }
    }
    for scope in Scope::left(api, settings).await? {
        match scope.set(api).await {
            Err(error) if error.is_passing() => return Err(error),
            // There the bot has no commands.
            Err(error) => tracing::debug!(%error, server = ?scope.server, "commands are not read"),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// What to do where Discord refuses commands.
#[must_use]
pub fn todo(server: Option<u64>, error: &ApiError, application: u64) -> String {
    match (server, error.status()) {
        (Some(server), 403 | 404) => format!(
            "the bot is not in the server {server}: invite it with {}, or take the server out of [discord] servers",
            invite(&application.to_string())
        ),
        _ => format!("{error}: look it up in Discord's list of errors"),
    }
}

/// Whether some of these are ours.
fn has_ours(known: &Value) -> bool {
    let mut names = known
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|it| it.get("name")?.as_str());
    names.any(|it| it == COMMAND || it == MESSAGE_COMMAND)
}

/// Whether the commands that are registered are these, and say no more.
#[must_use]
pub fn is_registered(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Array(ours), Value::Array(theirs)) => {
            // Discord gives commands in an order of its own.
            let named = |it: &Value| it.get("name").cloned();
            ours.len() == theirs.len()
                && ours.iter().enumerate().all(|(at, own)| {
                    let same_name = theirs
                        .iter()
                        .find(|it| own.get("name").is_some() && named(it) == named(own));
                    let same = same_name.or_else(|| theirs.get(at));
                    same.is_some_and(|it| is_registered(own, it))
                })
        }
        (Value::Object(own), Value::Object(_)) => {
            let kept = KEPT
                .iter()
                .chain(DEFAULTED.iter().filter(|name| own.contains_key(**name)));
            kept.into_iter()
                .all(|name| is_registered(said(ours, name), said(theirs, name)))
        }
        (Value::Number(ours), Value::Number(theirs)) => ours.as_f64() == theirs.as_f64(),
        (ours, theirs) => ours == theirs,
    }
}

/// What a field says: one that is false or empty says as little as one that is not there.
fn said<'v>(of: &'v Value, name: &str) -> &'v Value {
    let says_nothing =
        |it: &&Value| **it == Value::Bool(false) || **it == json!([]) || **it == json!("");
    of.get(name)
        .filter(|it| !says_nothing(it))
        .unwrap_or(&Value::Null)
}
