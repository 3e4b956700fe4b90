//! Everything that a run is set up with: read and checked as a whole before anything is begun with it. Opens nothing but
//! the files that the configuration names.

use std::path::Path;
use std::sync::Arc;

use super::{Watching, tuning, watching};
use crate::chat::commands::Table;
use crate::config::{Config, ConfigError, Surroundings};
use crate::diagnosis::Tuning;
use crate::knowledge::Knowledge;
use crate::nearest::nearest;
use crate::report::template::Templates;

/// What a configuration and the files that it names come to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The configuration itself.
    pub config: Config,
    /// What codes, causes and texts mean.
    pub knowledge: Arc<Knowledge>,
    /// How the rules are tuned.
    pub tuning: Arc<Tuning>,
    /// What is watched.
    pub watching: Watching,
}

/// All that is wrong with a configuration and the files that it names, one sentence each.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Wrong(pub Vec<String>);

impl Settings {
    /// Reads the configuration in `path`, else the built-in one, and all that it names.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn read(path: Option<&Path>, around: &Surroundings<'_>) -> Result<Settings, Wrong> {
        let config = Config::load(path, around).map_err(|error| Wrong(sentences(&error)))?;
        Settings::of(config)
    }

    /// What this configuration comes to.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn of(config: Config) -> Result<Settings, Wrong> {
        let mut wrong = Vec::new();
        let mut note = |error: &ConfigError| wrong.extend(sentences(error));
        let knowledge = config.knowledge.read().map_err(|it| note(&it)).ok();
        let tuning = tuning(&config).map_err(|it| note(&it)).ok();
        let watching = watching(&config).map_err(|it| note(&it)).ok();
        if let Err(error) = Templates::load(config.reports.templates.as_deref()) {
            wrong.push(error.to_string());
        }
        wrong.extend(unknown_commands(&config));
        match (knowledge, tuning, watching) {
            (Some(knowledge), Some(tuning), Some(watching)) if wrong.is_empty() => Ok(Settings {
                config,
                knowledge: Arc::new(knowledge),
                tuning: Arc::new(tuning),
                watching,
            }),
            _ => Err(Wrong(wrong)),
        }
    }
}

/// What `[permissions]` grants that there is not.
fn unknown_commands(config: &Config) -> Vec<String> {
    let table = match Table::embedded() {
        Ok(table) => table,
        Err(error) => return vec![error.to_string()],
    };
    let rules = config.permissions.rules.iter().flatten();
    let named = rules.flat_map(|rule| &rule.commands);
    let names = || table.commands().iter().map(|it| it.name.as_str());
    let unknown = named.filter(|name| *name != "*" && !names().any(|it| it == *name));
    let said = unknown.map(|name| {
        let meant = nearest(name, names());
        let meant = meant.map_or_else(String::new, |it| format!("; did you mean {it:?}?"));
        format!("[[permissions.rules]] commands: there is no command {name:?}{meant}")
    });
    said.collect()
}

fn sentences(error: &ConfigError) -> Vec<String> {
    error.to_string().lines().map(str::to_owned).collect()
}
