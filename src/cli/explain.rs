//! `calltriage explain`: one rule, SIP code or Q.850 cause in words.

use serde_json::json;

use super::{Ended, Session};
use crate::chat::{self, Topic};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A rule's id, a SIP response code or a Q.850 cause.
    #[arg(value_name = "RULE|CODE", required = true)]
    what: Vec<String>,
}

pub fn explain(session: &Session, args: &Args) -> anyhow::Result<Ended> {
    let what = args.what.join(" ");
    let topics = Topic::all(&what);
    if topics.is_empty() {
        session.output.note(&chat::cannot_explain(&what));
        return Ok(Ended::Incomplete);
    }
    for topic in topics {
        match topic {
            _ if !session.output.is_json() => session.output.line(&topic.text())?,
            Topic::Rule(rule) => session.output.json(&super::rules::as_json(rule))?,
            Topic::Code(_) | Topic::Cause(_) => session
                .output
                .json(&json!({ "asked": what, "text": topic.text() }))?,
        }
    }
    Ok(Ended::Answered)
}
