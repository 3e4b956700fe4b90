//! `calltriage compare`: two calls side by side, or what a new interconnect has shown.

use jiff::Timestamp;

use super::{Ended, Session};
use crate::chat::{Conversation, Reply, local};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A call (its good twin is looked for), two calls, a number and two customers, or an address.
    #[arg(value_name = "CALLS", required = true)]
    what: Vec<String>,
}

pub async fn compare(session: Session, args: Args) -> anyhow::Result<Ended> {
    let desk = session.desk(None)?;
    let reply = desk
        .compare(
            &Conversation::default(),
            &args.what.join(" "),
            Timestamp::now(),
        )
        .await;
    match &reply {
        Reply::Comparison(comparison) if session.output.is_json() => {
            session.output.json(comparison)?;
        }
        Reply::TurnUp(checks) if session.output.is_json() => session.output.json(checks)?,
        Reply::Comparison(_) | Reply::TurnUp(_) => session
            .output
            .line(local::text(&reply, session.output.style()).trim_end())?,
        other => {
            let why = local::text(other, session.output.style());
            session.output.note(&why);
            return Ok(Ended::Incomplete);
        }
    }
    Ok(Ended::Answered)
}
