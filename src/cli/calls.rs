//! `calltriage calls`: the plain figures of every Call-ID.

use std::path::PathBuf;

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
    let sources = app::sources(&session.config, &session.evidence, progress.as_ref());
    let (calls, unread) = app::investigator(&session.config, sources)
        .all_calls()
        .await;
    let mut facts: Vec<Facts> = calls
        .into_iter()
        .flat_map(|call| {
            let listed = |leg: &usize| args.all || !call.is_leg_keep_alive_only(*leg);
            let legs = (0..call.legs.len()).filter(listed).collect::<Vec<_>>();
            call.legs
                .into_iter()
                .enumerate()
                .filter(move |(at, _)| legs.contains(at))
                .map(|(_, leg)| leg.facts)
        })
        .collect();
    facts.sort_by(|a, b| (a.started, &a.call_id).cmp(&(b.started, &b.call_id)));
    if session.output.is_json() {
        for facts in &facts {
            session.output.json(facts)?;
        }
    } else {
        session.output.line(&local::calls(&facts, 0))?;
    }
    Ok(session.output.unread(&unread))
}
