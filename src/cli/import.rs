//! `calltriage import`: takes in what `export` wrote, while the bot runs. Replaces nothing.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::json;

use super::{Ended, Session};
use crate::data::import::{self as file_in};

/// What is read.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A file that `calltriage export` wrote.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub async fn import(session: &Session, args: &Args) -> anyhow::Result<Ended> {
    let now = Timestamp::now();
    let store = session.kept(now).await?;
    let named = || args.file.display().to_string();
    let open = || File::open(&args.file).map(BufReader::new);
    let layout = file_in::check(open().with_context(named)?).with_context(named)?;
    let taken = file_in::import(&store, open().with_context(named)?, layout, now)
        .await
        .with_context(named)?;
    let output = session.output;
    if output.is_json() {
        let (new, there, over) = (&taken.new, &taken.there, &taken.over);
        output.json(&json!({ "new": new, "there": there, "over": over }))?;
        return Ok(Ended::Answered);
    }
    output.line(&format!("Taken in: {}", taken.new))?;
    if taken.there.sum() > 0 {
        output.line(&format!(
            "There already, and left as it is: {}",
            taken.there
        ))?;
    }
    if taken.over.sum() > 0 {
        output.line(&format!(
            "Not taken in, because its time is over: {}",
            taken.over
        ))?;
    }
    Ok(Ended::Answered)
}
