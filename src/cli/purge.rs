//! `calltriage purge`: rids what is kept of a number or a person, and says what went. Decides nothing of what that is.

use jiff::Timestamp;
use serde_json::json;

use super::{Ended, Session};
use crate::chat::audit::{Entry, Outcome};
use crate::chat::new_id;
use crate::data::purge::{self as purging, Target};

/// Whom or what.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false, id = "target")]
pub struct Whom {
    /// A telephone number: investigations, reports and threads about it go, elsewhere it is masked. Of a longer number
    /// the end is enough, however it is written.
    #[arg(long, value_name = "N", value_parser = Target::number)]
    number: Option<Target>,
    /// A person by chat and id, as in slack:U012AB3CD: what only they may know goes, elsewhere they are masked.
    #[arg(long, value_name = "U", value_parser = Target::user)]
    user: Option<Target>,
}

/// Whom or what, and whether it is meant.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    whom: Whom,
    /// Only say what would go.
    #[arg(long)]
    dry_run: bool,
}

pub async fn purge(session: &Session, args: &Args) -> anyhow::Result<Ended> {
    let now = Timestamp::now();
    let store = session.kept(now).await?;
    let Some(target) = args.whom.number.as_ref().or(args.whom.user.as_ref()) else {
        anyhow::bail!("say what is to go: --number or --user");
    };
    let purged = purging::purge(&store, target, args.dry_run, now).await?;
    if !args.dry_run {
        // That it happened is kept; of whom is what was to go.
        let entry = Entry {
            at: now,
            chat: "terminal".to_owned(),
            user: std::env::var("USER").unwrap_or_default(),
            channel: String::new(),
            command: "purge".to_owned(),
            said: String::new(),
            request: new_id(now),
            outcome: Outcome::Answered(None),
        };
        store.apply(vec![entry.added(now)], now).await?;
    }
    let output = session.output;
    let (removed, masked, left) = (&purged.removed, &purged.masked, purged.left);
    if output.is_json() {
        let dry_run = args.dry_run;
        output.json(
            &json!({ "removed": removed, "masked": masked, "left": left, "dry_run": dry_run }),
        )?;
        return Ok(Ended::Answered);
    }
    let (remove, mask) = match args.dry_run {
        true => ("Would remove", "Would mask"),
        false => ("Removed", "Masked"),
    };
    output.line(&format!("{remove}: {removed}"))?;
    output.line(&format!("{mask}: {masked}"))?;
    if left > 0 {
        output.line(&format!(
            "Left, because it is on its way: {left}; run this again in a day, when it is through."
        ))?;
    }
    Ok(Ended::Answered)
}
