//! `check-config`: whether a configuration can be used, with all that is wrong in it, for people and for CI. Asks nobody
//! and opens no store: that is `doctor`'s.

use std::path::Path;

use serde_json::json;

use super::Ended;
use super::output::Output;
use crate::app::{self, Settings, Wrong};
use crate::config::{DiscordWayIn, SlackWayIn, Surroundings};

/// Exit code 0 where it can be used, 1 where not; what is wrong goes to stdout, a line each.
pub fn check_config(path: Option<&Path>, output: Output) -> anyhow::Result<Ended> {
    let read = Settings::read(path, &Surroundings::of_process());
    let read = read.and_then(|settings| match app::identity(&settings.config) {
        Ok(_) => Ok(settings),
        Err(error) => Err(Wrong(vec![error.to_string()])),
    });
    let (wrong, told) = match &read {
        Ok(settings) => (&[][..], told(settings)),
        Err(Wrong(sentences)) => (sentences.as_slice(), String::new()),
    };
    if output.is_json() {
        output.json(&json!({ "works": wrong.is_empty(), "problems": wrong }))?;
    } else if wrong.is_empty() {
        let file = path.map_or_else(|| "(built-in)".to_owned(), |it| it.display().to_string());
        output.line(&format!("{file}: nothing is wrong; it configures {told}"))?;
    }
    if !output.is_json() {
        for sentence in wrong {
            output.line(sentence)?;
        }
    }
    Ok(match wrong {
        [] => Ended::Answered,
        _ => Ended::Incomplete,
    })
}

/// What a configuration sets up, in one line.
fn told(settings: &Settings) -> String {
    let config = &settings.config;
    let slack = config.slack.as_ref().map(|it| match it.way_in {
        SlackWayIn::Socket(_) => "Slack by socket".to_owned(),
        SlackWayIn::Http(_) => "Slack by HTTP".to_owned(),
    });
    let discord = config.discord.as_ref().map(|it| match it.way_in {
        DiscordWayIn::Gateway => "Discord by gateway".to_owned(),
        DiscordWayIn::Http(_) => "Discord by HTTP".to_owned(),
    });
    let page = config.status_page.as_ref();
    let rules = config.permissions.rules.as_ref().map_or(0, Vec::len);
    let counted = [
        counted(config.sources.len(), "source", "sources"),
        page.map(|_| "a status page".to_owned()),
        slack,
        discord,
        counted(rules, "permission", "permissions"),
        counted(settings.watching.watches.len(), "watch", "watches"),
        counted(config.incidents.hooks.len(), "hook", "hooks"),
        counted(config.contacts.len(), "contact", "contacts"),
        config.telemetry.as_ref().map(|_| "traces".to_owned()),
    ];
    let counted: Vec<String> = counted.into_iter().flatten().collect();
    match counted.as_slice() {
        [] => "nothing that contacts another host".to_owned(),
        parts => parts.join(", "),
    }
}

fn counted(count: usize, one: &str, many: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    }
}
