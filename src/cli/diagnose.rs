//! `calltriage diagnose`: one question, one answer; or every call in turn.

use jiff::Timestamp;

use super::{Ended, Session};
use crate::call::{CallQuery, Reading};
use crate::chat::{Desk, Reply, answer, local, new_id};
use crate::diagnosis::Investigated;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A Call-ID, a number, an address, or a sentence with one of them.
    #[arg(value_name = "QUERY", required_unless_present = "all")]
    query: Vec<String>,
    /// Every call instead of one query.
    #[arg(long, conflicts_with = "query")]
    all: bool,
}

pub async fn diagnose(session: Session, args: Args) -> anyhow::Result<Ended> {
    let now = Timestamp::now();
    if args.all {
        return all(session, now).await;
    }
    let desk = session.desk(true, now).await?;
    let typed = args.query.join(" ");
    let done = match desk.read(&typed, now).await {
        Reading::Query(query) => desk.run(&typed, &query, now).await,
        Reading::Ambiguous(question) => {
            let queries = question
                .choices
                .into_iter()
                .map(|choice| choice.query)
                .collect();
            first_found(&desk, &typed, queries, now).await
        }
        Reading::Nothing(why) => {
            session.output.note(&why);
            return Ok(Ended::Incomplete);
        }
    };
    for problem in &done.problems {
        session.output.note(problem);
    }
    let ended = if done.problems.is_empty() {
        Ended::Answered
    } else {
        Ended::Incomplete
    };
    if session.output.is_json() {
        session.output.json(&done.investigation)?;
    } else {
        let cards = answer::cards(&done, desk.investigator().peers(), desk.zone());
        let reply = Reply::Investigation(Box::new(done.investigation), cards);
        session
            .output
            .line(&local::text(&reply, session.output.style()))?;
    }
    Ok(ended)
}

/// Nobody can be asked which reading was meant: the first one under which there is something.
async fn first_found(
    desk: &Desk,
    typed: &str,
    queries: Vec<CallQuery>,
    now: Timestamp,
) -> Investigated {
    let mut chosen = CallQuery::default();
    for query in queries {
        let found = !desk.investigator().matching(&query).await.is_empty();
        if found || chosen.is_empty() {
            chosen = query;
        }
        if found {
            break;
        }
    }
    desk.run(typed, &chosen, now).await
}

async fn all(session: Session, now: Timestamp) -> anyhow::Result<Ended> {
    let desk = session.desk(false, now).await?;
    let base = new_id(now);
    let mut count = 0_u32;
    let id = || {
        count += 1;
        format!("{base}-{count}")
    };
    let (investigations, problems) = desk.investigator().investigate_all(id, now).await;
    for investigation in &investigations {
        if session.output.is_json() {
            session.output.json(investigation)?;
        } else {
            session.output.line(&local::one_line(investigation))?;
        }
    }
    for problem in &problems {
        session.output.note(problem);
    }
    Ok(if problems.is_empty() {
        Ended::Answered
    } else {
        Ended::Incomplete
    })
}
