//! `calltriage explain`: one rule, SIP code or Q.850 cause in words.

use serde_json::json;

use super::{Ended, Session};
use crate::chat;
use crate::diagnosis::rules;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A rule's id, a SIP response code or a Q.850 cause.
    #[arg(value_name = "RULE|CODE", required = true)]
    what: Vec<String>,
}

pub fn explain(session: &Session, args: &Args) -> anyhow::Result<Ended> {
    let what = args.what.join(" ");
    let Some(text) = chat::explain(&what) else {
        session.output.note(&chat::cannot_explain(&what));
        return Ok(Ended::Incomplete);
    };
    if session.output.is_json() {
        match rules::find(&what) {
            Some(rule) => session.output.json(&super::rules::as_json(rule))?,
            None => session
                .output
                .json(&json!({ "asked": what, "text": text }))?,
        }
    } else {
        session.output.line(&text)?;
    }
    Ok(Ended::Answered)
}
