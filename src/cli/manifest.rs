//! `manifest`: how a chat platform has to know the app. Prints; installs nothing.

use anyhow::bail;
use clap::ValueEnum;

use super::{Ended, Session};
use crate::chat::commands::Table;
use crate::chat::slack::manifest::{EVENTS, SCOPES, Way, manifest as of_slack};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Of which chat.
    #[arg(value_enum)]
    chat: Chat,
    /// Where the chat reaches the bot over HTTPS; without it, over a socket that the bot opens.
    #[arg(long, value_name = "URL")]
    url: Option<url::Url>,
    /// Say why each scope and event is needed, instead.
    #[arg(long)]
    reasons: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Chat {
    /// Slack.
    Slack,
}

pub fn manifest(session: &Session, args: &Args) -> anyhow::Result<Ended> {
    let Chat::Slack = args.chat;
    if args.reasons {
        for (name, why) in SCOPES.iter().chain(&EVENTS) {
            session.output.line(&format!("{name:<18} {why}"))?;
        }
        return Ok(Ended::Answered);
    }
    let base = args
        .url
        .as_ref()
        .map(|url| url.as_str().trim_end_matches('/'));
    let way = match base {
        None => Way::Socket,
        Some(base) if base.starts_with("https://") => Way::Http(base),
        Some(base) => bail!("{base} does not begin with https://; Slack calls no other address"),
    };
    let manifest = of_slack(way, &Table::embedded()?);
    session
        .output
        .line(&serde_json::to_string_pretty(&manifest)?)?;
    Ok(Ended::Answered)
}
