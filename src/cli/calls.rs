//! `calltriage calls`: the plain figures of every Call-ID.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Ended, Session};
use crate::app;
use crate::chat::local;
use crate::sip::Facts;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Capture files and folders; without any, the sources of this run.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Keep-alives such as OPTIONS too.
    #[arg(long)]
    all: bool,
}

pub async fn calls(mut session: Session, args: Args) -> anyhow::Result<Ended> {
    session.evidence.with_configured &= args.paths.is_empty();
    session.evidence.captures.extend(args.paths);
    let progress = super::progress::on_terminal();
    let sources = app::sources(&session.config, &session.evidence, progress.as_ref())?;
    let is_json = session.output.is_json();
    let render = move |facts: &Facts| {
        if is_json {
            // Plain data with string keys always has a JSON form.
            serde_json::to_string(facts).unwrap_or_default()
        } else {
            local::call_row(facts)
        }
    };
    let lines = session.output.lines();
    let printing = lines.clone();
    let take = move |line: String| {
        let is_first = printing.count() == 0 && !is_json;
        (!is_first || printing.add(&local::calls_heading())) && printing.add(&line)
    };
    let unread = app::investigator(
        &session.config,
        &session.knowledge,
        &session.tuning,
        sources,
    )?
    .facts_of_each(args.all, Arc::new(render), Box::new(take))
    .await;
    if lines.count() == 0 && !is_json {
        lines.add(&local::calls(&[], 0));
    }
    lines.finish()?;
    Ok(session.output.unread(&unread))
}
