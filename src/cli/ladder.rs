//! `calltriage ladder`: the ladder of a call, and nothing else.

use jiff::Timestamp;

use super::{Ended, Session};
use crate::chat::{answer, new_id};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A Call-ID, a number, an address, or a sentence with one of them.
    #[arg(value_name = "QUERY", required = true)]
    query: Vec<String>,
}

pub async fn ladder(session: Session, args: Args) -> anyhow::Result<Ended> {
    let now = Timestamp::now();
    let desk = session.desk(None)?;
    let typed = args.query.join(" ");
    let query = match super::diagnose::chosen(&desk, &typed, now).await {
        Ok(query) => query,
        Err(why) => {
            session.output.note(&why);
            return Ok(Ended::Incomplete);
        }
    };
    let done = desk
        .investigator()
        .investigate(new_id(now), &typed, &query, now)
        .await;
    let ended = session.output.unread(&done.unread);
    let cards = answer::cards(&done, desk.investigator().peers(), desk.zone());
    let mut drawn = 0;
    for (card, call) in cards.iter().zip(&done.investigation.calls) {
        if card.ladder.is_empty() {
            continue;
        }
        drawn += 1;
        if session.output.is_json() {
            let value = serde_json::json!({ "call_ids": call.call_ids, "ladder": card.ladder });
            session.output.json(&value)?;
        } else {
            session.output.line(&card.ladder)?;
        }
    }
    if drawn == 0 {
        let why = done
            .investigation
            .calls
            .first()
            .map(|call| call.verdict.summary.as_str());
        session.output.note(why.unwrap_or("nothing was found"));
    }
    Ok(if drawn > 0 { ended } else { Ended::Incomplete })
}
