//! `completions` and `man`: what shells and manuals show of the command line, made from its own declaration. Installs
//! nothing.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Cli, Ended, Session};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Of which shell.
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// The folder that the pages are written to, one for the program and one for each subcommand; it is made if it is
    /// missing.
    folder: PathBuf,
}

/// Prints the script that a shell completes the command line by.
pub fn completions(args: &Args) -> anyhow::Result<Ended> {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    std::io::stdout().lock().write_all(&script)?;
    Ok(Ended::Answered)
}

/// Writes the manual's pages.
pub fn man(session: &Session, args: &ManArgs) -> anyhow::Result<Ended> {
    let folder = &args.folder;
    let cannot = || format!("cannot write to {}", folder.display());
    std::fs::create_dir_all(folder).with_context(cannot)?;
    clap_mangen::generate_to(Cli::command(), folder).with_context(cannot)?;
    let said = format!("the pages are in {}", folder.display());
    session.output.note(&said);
    Ok(Ended::Answered)
}
