//! `calltriage audit`: who asked what in chats, and what came of it. Reads; changes nothing.

use jiff::Timestamp;
use serde_json::json;

use super::{Ended, Session};
use crate::chat::audit::{Audit, Entry, Outcome};
use crate::render::clean;

/// Who asked what in chats, the newest first.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many entries.
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

pub async fn audit(session: &Session, args: &Args) -> anyhow::Result<Ended> {
    let now = Timestamp::now();
    let store = session.kept(now).await?;
    let entries = Audit::new(store).newest(args.limit, now).await?;
    let output = session.output;
    if output.is_json() {
        output.json(&json!({ "audit": entries }))?;
    } else if entries.is_empty() {
        output.line("Nobody has asked anything yet.")?;
    } else {
        for entry in &entries {
            output.line(&line(entry))?;
        }
    }
    Ok(Ended::Answered)
}

fn line(entry: &Entry) -> String {
    let outcome = match &entry.outcome {
        Outcome::Answered(Some(id)) => format!("answered: {id}"),
        Outcome::Answered(None) => "answered".to_owned(),
        Outcome::Denied(why) => format!("denied: {why}"),
        Outcome::Failed(why) => format!("failed: {why}"),
    };
    let at = entry.at.strftime("%F %T UTC");
    let (user, channel) = (&entry.user, &entry.channel);
    let said = clean::cut(&clean::line(&entry.said), 100);
    format!(
        "{at}  {}:{user} in {channel}  {said}  -> {}",
        entry.chat,
        clean::line(&outcome)
    )
}
