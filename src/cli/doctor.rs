//! `calltriage doctor`: what of the set-up works, what does not, and what to do about it. Exit code 1
//! where something does not.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use super::output::Output;
use super::{Ended, progress};
use crate::app::{self, Evidence};
use crate::chat::commands::Table;
use crate::config::{Config, Surroundings};
use crate::diagnosis::Tuning;
use crate::doctor::{self, Check, State};
use crate::knowledge::Knowledge;
use crate::latest::Latest;
use crate::render::clean;
use crate::sources::Source;
use crate::store::PATIENCE_WITH_HISTORY;

/// Looks at everything, from the configuration on.
pub async fn doctor(
    path: Option<&Path>,
    evidence: &Evidence,
    output: Output,
) -> anyhow::Result<Ended> {
    let now = Timestamp::now();
    let checks = match Config::load(path, &Surroundings::of_process()) {
        // Without settings there is nothing else to look at.
        Err(error) => vec![configuration(State::Fails, error.to_string())],
        Ok(config) => {
            let said = path.map_or_else(
                || {
                    "none is given (--config): the built-in defaults, which contact no host"
                        .to_owned()
                },
                |path| path.display().to_string(),
            );
            let mut checks = vec![configuration(State::Works, said)];
            look(&config, evidence, now, &mut checks).await;
            checks
        }
    };
    let works = checks.iter().all(|check| check.state != State::Fails);
    if output.is_json() {
        output.json(&json!({ "works": works, "checks": checks }))?;
    } else {
        for check in &checks {
            output.line(&line(check))?;
        }
    }
    Ok(if works {
        Ended::Answered
    } else {
        Ended::Incomplete
    })
}

fn configuration(state: State, said: String) -> Check {
    Check::new("configuration", "", state, said)
}

async fn look(config: &Config, evidence: &Evidence, now: Timestamp, checks: &mut Vec<Check>) {
    let files = config.knowledge.files.len();
    let (knowledge, check) = match config.knowledge.read() {
        Ok(knowledge) => {
            let said = match files {
                0 => "what is built in; no file is configured".to_owned(),
                1 => "what is built in, and 1 file".to_owned(),
                files => format!("what is built in, and {files} files"),
            };
            (knowledge, Check::new("knowledge", "", State::Works, said))
        }
        Err(error) => (
            Knowledge::built_in().clone(),
            Check::new("knowledge", "", State::Fails, error.to_string()),
        ),
    };
    checks.push(check);
    let (store, notice) = app::join_store(config, PATIENCE_WITH_HISTORY, now).await;
    let why = notice.as_deref().unwrap_or("it cannot be opened");
    let why = format!("{why}; set [store] path to a folder that can be written");
    let opened = store.as_ref().ok_or(why.as_str());
    checks.push(doctor::store(opened, now).await);
    if let (Some(_), Some(notice)) = (&store, &notice) {
        checks.push(Check::new("store", "notice", State::NotChecked, notice));
    }
    if let Some(slack) = &config.slack {
        let (channels, listen) = (&config.channels, config.http.listen);
        checks.extend(doctor::slack(slack, channels, listen, Timestamp::now).await);
    }
    if let Some(discord) = &config.discord {
        match Table::embedded() {
            Ok(table) => {
                checks.extend(doctor::discord(discord, config, &table, Timestamp::now).await);
            }
            Err(error) => checks.push(Check::new("discord", "", State::Fails, error.to_string())),
        }
    }
    let (tuning, check) = match app::tuning(config) {
        Ok(tuning) => (tuning, None),
        Err(error) => {
            let check = Check::new("rules", "", State::Fails, error.to_string());
            (Tuning::default(), Some(check))
        }
    };
    checks.extend(check);
    let asked =
        app::sources(config, evidence, progress::on_terminal().as_ref()).and_then(|sources| {
            let knowledge = Latest::new(Arc::new(knowledge));
            app::investigator(config, &knowledge, &Arc::new(tuning), sources)
        });
    let investigator = match asked {
        Ok(investigator) => investigator,
        Err(error) => {
            checks.push(Check::new(
                "sources",
                "",
                State::Fails,
                format!("{error:#}"),
            ));
            return;
        }
    };
    checks.push(doctor::status_page(investigator.status_page()).await);
    for source in investigator.sources() {
        match source {
            Source::Captures(captures) => checks.push(doctor::captures(captures).await),
            Source::ConnexCs(platform) => checks.extend(doctor::platform(platform, now).await),
        }
    }
}

/// A check as people read it.
fn line(check: &Check) -> String {
    let state = match check.state {
        State::Works => "✓ works       ",
        State::Warns => "! beware      ",
        State::Fails => "✗ does not    ",
        State::NotChecked => "– not checked ",
    };
    let took = check
        .took_ms
        .map_or_else(String::new, |ms| format!(" ({ms} ms)"));
    let place = if check.what.is_empty() {
        check.part.clone()
    } else {
        format!("{} {}", check.part, check.what)
    };
    // A configuration that is wrong in several places says so in several lines.
    let said: Vec<String> = check.said.lines().map(clean::line).collect();
    format!("{state} {}: {}{took}", clean::line(&place), said.join("; "))
}
