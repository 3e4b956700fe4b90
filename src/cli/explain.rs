//! `calltriage explain`: a rule or an entry of the tables in words.

use serde_json::json;

use super::{Ended, Session};
use crate::chat::{self, Topic};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A rule's id, a SIP response code, a Q.850 cause, a text or timer of the platform, or how long a call lasted.
    #[arg(value_name = "RULE|CODE|TEXT|LENGTH", required = true)]
    what: Vec<String>,
}

pub fn explain(session: &Session, args: &Args) -> anyhow::Result<Ended> {
    let what = args.what.join(" ");
    let knowledge = &session.knowledge.now();
    let topics = Topic::all(&what, knowledge);
    if topics.is_empty() {
        session.output.note(&chat::cannot_explain(&what, knowledge));
        return Ok(Ended::Incomplete);
    }
    if !session.output.is_json() {
        let texts: Vec<String> = topics
            .iter()
            .map(|it| it.text(knowledge, &session.tuning))
            .collect();
        session.output.line(&texts.join("\n\n"))?;
        return Ok(Ended::Answered);
    }
    for topic in topics {
        if let Topic::Rule(rule) = topic {
            session
                .output
                .json(&super::rules::as_json(rule, &session.tuning))?;
        } else {
            let (text, known) = (
                topic.text(knowledge, &session.tuning),
                topic.data(knowledge),
            );
            let answer = json!({ "asked": what, "text": text, "known": known });
            session.output.json(&answer)?;
        }
    }
    Ok(Ended::Answered)
}
