//! `calltriage export`: writes out everything that is kept, while the bot runs. Changes nothing.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::json;

use super::{Ended, Session};
use crate::data::Counts;
use crate::data::export::export as write;
use crate::store::Store;

/// What is written where.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file; "-" is stdout. It holds calls and numbers: only its owner can read it.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Also requests and reports that are on their way: to move to another store, with the bot stopped.
    #[arg(long)]
    with_work: bool,
}

pub async fn export(session: &Session, args: &Args) -> anyhow::Result<Ended> {
    let now = Timestamp::now();
    let store = session.kept(now).await?;
    let output = session.output;
    if args.file == Path::new("-") {
        write(&store, &mut io::stdout(), args.with_work, now).await?;
        return Ok(Ended::Answered);
    }
    let counts = to_file(&store, args, now)
        .await
        .with_context(|| format!("{}", args.file.display()))?;
    match output.is_json() {
        true => output.json(&json!({ "written": counts }))?,
        false => output.line(&format!("Written to {}: {counts}", args.file.display()))?,
    }
    Ok(Ended::Answered)
}

/// Under another name first: what stands under its own is whole.
async fn to_file(store: &Store, args: &Args, now: Timestamp) -> anyhow::Result<Counts> {
    let mut new = args.file.clone().into_os_string();
    new.push(".new");
    let new = PathBuf::from(new);
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    let mut file = BufWriter::new(file);
    let written = async {
        let counts = write(store, &mut file, args.with_work, now).await?;
        file.flush()?;
        file.get_ref().sync_all()?;
        fs::rename(&new, &args.file)?;
        anyhow::Ok(counts)
    };
    let written = written.await;
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}
