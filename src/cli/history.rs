//! `calltriage history`: past investigations, the newest first.

use jiff::Timestamp;

use super::{Ended, Session};
use crate::chat::reader::Reader;
use crate::chat::{HISTORY_LENGTH, Reply, local};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only those about this Call-ID or number.
    #[arg(value_name = "CALL")]
    about: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = HISTORY_LENGTH)]
    limit: usize,
}

pub async fn history(session: Session, args: Args) -> anyhow::Result<Ended> {
    let now = Timestamp::now();
    let about = args.about.as_deref().unwrap_or_default();
    let reply = session
        .desk(session.store(now).await)?
        .history(about, args.limit, &Reader::Operator, now)
        .await;
    match &reply {
        Reply::History { list, .. } if session.output.is_json() => {
            for summary in list {
                session.output.json(summary)?;
            }
        }
        Reply::History { .. } => session
            .output
            .line(&local::text(&reply, session.output.style()))?,
        other => {
            session
                .output
                .note(&local::text(other, session.output.style()));
            return Ok(Ended::Incomplete);
        }
    }
    Ok(Ended::Answered)
}
