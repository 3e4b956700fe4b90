//! `manifest`: how a chat platform has to know the app. Prints; installs nothing.

use anyhow::bail;
use clap::ValueEnum;

use super::{Ended, Session};
use crate::chat::commands::Table;
use crate::chat::discord::manifest as discord;
use crate::chat::slack::manifest as slack;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Of which chat.
    #[arg(value_enum)]
    chat: Chat,
    /// Where the chat reaches the bot over HTTPS; without it, over a socket that the bot opens.
    #[arg(long, value_name = "URL")]
    url: Option<url::Url>,
    /// Say why each scope, event, intent and permission is needed, instead.
    #[arg(long)]
    reasons: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Chat {
    /// Slack.
    Slack,
    /// Discord.
    Discord,
}

impl Chat {
    fn name(self) -> &'static str {
        match self {
            Chat::Slack => "Slack",
            Chat::Discord => "Discord",
        }
    }

    /// Everything that it is asked for, and why.
    fn reasons(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Chat::Slack => slack::SCOPES.into_iter().chain(slack::EVENTS).collect(),
            Chat::Discord => {
                let permissions = discord::PERMISSIONS.map(|(name, _, why)| (name, why));
                let asked = discord::SCOPES.into_iter().chain(permissions);
                asked.chain(discord::INTENTS).collect()
            }
        }
    }
}

pub fn manifest(session: &Session, args: &Args) -> anyhow::Result<Ended> {
    if args.reasons {
        let reasons = args.chat.reasons();
        let width = reasons.iter().map(|(name, _)| name.len()).max();
        let width = width.unwrap_or_default();
        for (name, why) in reasons {
            session.output.line(&format!("{name:<width$} {why}"))?;
        }
        return Ok(Ended::Answered);
    }
    let base = args
        .url
        .as_ref()
        .map(|url| url.as_str().trim_end_matches('/'));
    if let Some(base) = base.filter(|base| !base.starts_with("https://")) {
        let chat = args.chat.name();
        bail!("{base} does not begin with https://; {chat} calls no other address");
    }
    let table = Table::embedded()?;
    let manifest = match args.chat {
        Chat::Slack => slack::manifest(base.map_or(slack::Way::Socket, slack::Way::Http), &table),
        Chat::Discord => discord::manifest(session.config.discord.as_ref(), base, &table),
    };
    session
        .output
        .line(&serde_json::to_string_pretty(&manifest)?)?;
    Ok(Ended::Answered)
}
