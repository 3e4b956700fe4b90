//! `calltriage patterns`: what only shows in many calls together.

use std::path::PathBuf;

use super::{Ended, Session};
use crate::render::survey;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Capture files and folders; without any, the sources of this run.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

pub async fn patterns(mut session: Session, args: Args) -> anyhow::Result<Ended> {
    session.evidence.with_configured &= args.paths.is_empty();
    session.evidence.captures.extend(args.paths);
    let desk = session.desk(None)?;
    let (found, unread) = desk.investigator().survey().await;
    if session.output.is_json() {
        session.output.json(&found)?;
    } else {
        session.output.line(&survey::lines(&found).join("\n"))?;
    }
    Ok(session.output.unread(&unread))
}
