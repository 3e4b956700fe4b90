//! `calltriage watches` and `calltriage incidents`: what is watched and what goes on, out of the store. Reads; changes
//! nothing.

use jiff::Timestamp;
use serde_json::json;

use super::{Ended, Session};
use crate::app;
use crate::chat::watching::{list, watched};
use crate::incidents::board::Board;
use crate::incidents::shelf::Shelf;

/// An incident, or all of them.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The id of an incident; without it those that go on and those of the last day.
    #[arg(value_name = "ID")]
    id: Option<String>,
}

/// The board as it was last kept.
async fn board(session: &Session, now: Timestamp) -> anyhow::Result<Board> {
    let watching = app::watching(&session.config)?;
    let mut board = Board::new(watching.settings, watching.watches);
    let store = session.kept(now).await?;
    let kept = Shelf::new(store).read(now).await?;
    for watch in kept.watches {
        if !board.watches().iter().any(|it| it.name == watch.name) {
            board.add_watch(watch);
        }
    }
    board.restore(kept.held, kept.mutes, kept.baselines, None);
    Ok(board)
}

pub async fn watches(session: &Session) -> anyhow::Result<Ended> {
    let now = Timestamp::now();
    let board = board(session, now).await?;
    let output = session.output;
    if output.is_json() {
        let watch = |it: &crate::incidents::watch::Watch| {
            json!({
                "name": it.name, "scope": it.scope.to_string(), "when": it.condition.to_string(),
                "channel": it.channel, "by": it.by,
            })
        };
        let watches: Vec<_> = board.watches().iter().map(watch).collect();
        output.json(&json!({ "watches": watches, "mutes": board.mutes() }))?;
    } else {
        output.line(&watched(&board, now, &|at| clock(session, at)))?;
    }
    Ok(Ended::Answered)
}

pub async fn incidents(session: &Session, args: &Args) -> anyhow::Result<Ended> {
    let now = Timestamp::now();
    let board = board(session, now).await?;
    let output = session.output;
    if let Some(id) = &args.id {
        let (Some(held), Some(card)) = (board.held(id), board.card(id, "", now)) else {
            output.note(&format!(
                "there is no incident {id:?}; `calltriage incidents` lists them"
            ));
            return Ok(Ended::Incomplete);
        };
        if output.is_json() {
            output.json(&held.incident)?;
        } else {
            output.line(&card.lines().join("\n"))?;
            output.line(&held.incident.calls.join("\n"))?;
        }
        return Ok(Ended::Answered);
    }
    if output.is_json() {
        for incident in board.incidents() {
            output.json(incident)?;
        }
        return Ok(Ended::Answered);
    }
    let lines = list(board.incidents(), now, &|at| clock(session, at));
    match lines.is_empty() {
        true => output.line("No incident goes on, and there was none in the last 24 hours.")?,
        false => output.line(&lines.join("\n"))?,
    }
    Ok(Ended::Answered)
}

fn clock(session: &Session, at: Timestamp) -> String {
    at.to_zoned(session.config.timezone.clone())
        .strftime("%F %H:%M %Z")
        .to_string()
}
