//! `calltriage reports`: what was reported, what became of it, and what could not be delivered.

use jiff::Timestamp;

use super::{Ended, Session};
use crate::chat::{Conversation, Reply, local};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A state (draft, waiting, sent, acknowledged, fixed, verified, failed, unsure), a Call-ID, a number or a name.
    #[arg(value_name = "ABOUT")]
    about: Vec<String>,
}

pub async fn reports(session: Session, args: Args) -> anyhow::Result<Ended> {
    let now = Timestamp::now();
    let desk = session.desk(session.store(now).await)?;
    let (about, conversation) = (args.about.join(" "), Conversation::default());
    let output = session.output;
    if !output.is_json() {
        let reply: Reply = desk.reports(&conversation, &about, now).await;
        output.line(&local::text(&reply, output.style()))?;
        return Ok(Ended::Answered);
    }
    match desk.kept_reports(&conversation, &about, now).await {
        Ok(drafts) => {
            for draft in drafts {
                output.json(&serde_json::json!({
                    "id": draft.id, "state": draft.state, "contact": draft.contact, "ticket": draft.ticket,
                    "subject": draft.report.full_subject(), "events": draft.events,
                }))?;
            }
            Ok(Ended::Answered)
        }
        Err(why) => {
            output.note(&why);
            Ok(Ended::Incomplete)
        }
    }
}
