//! `calltriage diagnose`: one question, one answer; or every call in turn.

use std::sync::Arc;

use jiff::Timestamp;

use super::interrupt::Interrupts;
use super::{Ended, Session};
use crate::call::{CallQuery, Reading};
use crate::chat::{Desk, Reply, answer, local, new_id};
use crate::diagnosis::investigator::cancel::{Canceller, Course};
use crate::diagnosis::investigator::progress::unwatched;
use crate::diagnosis::{Investigated, Investigation};
use crate::render::csv;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A Call-ID, a number, an address, or a sentence with one of them.
    #[arg(value_name = "QUERY", required_unless_present = "all")]
    query: Vec<String>,
    /// Print a line a call, as comma-separated values for a spreadsheet.
    #[arg(long, conflicts_with_all = ["all", "json"])]
    csv: bool,
    /// Every call instead of one query.
    #[arg(long, conflicts_with = "query")]
    all: bool,
}

pub async fn diagnose(mut session: Session, args: Args) -> anyhow::Result<Ended> {
    let now = Timestamp::now();
    if args.all {
        return all(session, now).await;
    }
    let desk = session.desk_for_one()?;
    let typed = args.query.join(" ");
    // To read the question may take a pass over large captures: the store is opened meanwhile.
    let (store, query) = tokio::join!(session.store(now), chosen(&desk, &typed, now));
    let desk = desk.keeping_in(store);
    let query = match query {
        Ok(query) => query,
        Err(why) => {
            session.output.note(&why);
            return Ok(Ended::Incomplete);
        }
    };
    let steps = super::progress::steps();
    let canceller = Canceller::default();
    let running = canceller.begin();
    let work = desk.run(&typed, &query, now, Course::new(&*steps, &running));
    let Ok(done) = Interrupts::heard()?.during(&canceller, work).await else {
        return Ok(Ended::Incomplete);
    };
    let ended = match session.output.unread(&done.unread) {
        Ended::Answered if running.is_cancelled() => Ended::Incomplete,
        ended => ended,
    };
    if args.csv {
        let traits = desk.investigator().traits(&done);
        let (not_found, not_asked) = (&done.investigation.not_found, &done.investigation.not_asked);
        let table = csv::calls(&traits, not_found, not_asked);
        session.output.show(&table)?;
        // A table has no room for sentences, and who reads it must not miss them.
        let investigation = &done.investigation;
        for said in investigation.lead.iter().chain(&investigation.notes) {
            session.output.note(said);
        }
        if investigation.lead.is_some() {
            return Ok(Ended::Incomplete);
        }
    } else if session.output.is_json() {
        session.output.json(&done.investigation)?;
    } else {
        let cards = answer::cards_shown(&done, desk.investigator().peers(), desk.zone());
        let reply = Reply::Investigation(Box::new(done.investigation), cards);
        session
            .output
            .line(&local::text(&reply, session.output.style()))?;
    }
    Ok(ended)
}

/// Looks for the calls of a question once and keeps nothing; says why where it asks for nothing.
pub async fn look(session: &Session, desk: &Desk, words: &[String]) -> Option<Investigated> {
    let (now, typed) = (Timestamp::now(), words.join(" "));
    match chosen(desk, &typed, now).await {
        Ok(query) => {
            let investigator = desk.investigator();
            let found = investigator.investigate(new_id(now), &typed, &query, now, &unwatched);
            Some(found.await)
        }
        Err(why) => {
            session.output.note(&why);
            None
        }
    }
}

/// What a text asks for, or why it asks for nothing. Nobody can be asked which reading was meant:
/// it is the first one under which there is something.
async fn chosen(desk: &Desk, typed: &str, now: Timestamp) -> Result<CallQuery, String> {
    let question = match desk.read(typed, now).await {
        Reading::Query(query) => return Ok(query),
        Reading::Nothing(why) => return Err(why),
        Reading::Ambiguous(question) => question,
    };
    let mut chosen = CallQuery::default();
    for query in question.choices.into_iter().map(|choice| choice.query) {
        let found = !desk.investigator().matching(&query, now).await.0.is_empty();
        if found || chosen.is_empty() {
            chosen = query;
        }
        if found {
            break;
        }
    }
    Ok(chosen)
}

async fn all(session: Session, now: Timestamp) -> anyhow::Result<Ended> {
    let desk = session.desk(None)?;
    let is_json = session.output.is_json();
    let render = move |investigation: &Investigation| {
        if is_json {
            // Plain data with string keys always has a JSON form.
            serde_json::to_string(investigation).unwrap_or_default()
        } else {
            local::one_line(investigation)
        }
    };
    let lines = session.output.lines();
    let printing = lines.clone();
    let take = move |line: String| printing.add(&line);
    let unread = desk
        .investigator()
        .investigate_each(new_id(now), now, Arc::new(render), Box::new(take))
        .await;
    lines.finish()?;
    Ok(session.output.unread(&unread))
}
