//! The command line: one file a subcommand. Parses arguments and prints; the work is done elsewhere.

mod audit;
mod calls;
mod chat;
mod check_config;
mod compare;
mod completions;
mod demo_platform;
mod diagnose;
mod doctor;
mod explain;
mod export;
mod health;
mod history;
mod import;
mod incidents;
mod init;
mod interrupt;
mod ladder;
mod log;
mod manifest;
mod output;
mod patterns;
mod pcap;
mod progress;
mod purge;
mod reload;
mod report;
mod reports;
mod rules;
mod run;
mod simulate;
mod traces;
mod wrong;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use jiff::Timestamp;

use crate::app::{self, Evidence, Settings, Watching};
use crate::chat::Desk;
use crate::config::{Config, Surroundings};
use crate::diagnosis::{Investigator, Tuning};
use crate::knowledge::Knowledge;
use crate::latest::Latest;
use crate::store::{PATIENCE_WITH_HISTORY, PATIENCE_WITH_STORE, Store};
use output::Output;

/// Diagnoses failed phone calls from their SIP signalling.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    after_help = "Without a subcommand it opens a chat over example captures."
)]
struct Cli {
    /// The configuration file; without it the built-in defaults, which contact no host.
    #[arg(long, global = true, value_name = "PATH")]
    config: Option<PathBuf>,
    /// A capture file or folder; may be repeated. Replaces the configured sources unless --config is given too.
    #[arg(long, global = true, value_name = "PATH")]
    capture: Vec<PathBuf>,
    /// Print JSON alone on stdout.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start everything that is configured and serve until stopped.
    Run,
    /// Chat in the terminal.
    Chat,
    /// List the Call-IDs in captures with their plain figures.
    Calls(calls::Args),
    /// Say what happened to a call, who has to act and what to do next.
    Diagnose(diagnose::Args),
    /// Set two calls side by side, or go through what a new interconnect has shown.
    Compare(compare::Args),
    /// Let the platform route a call without placing it; shows the values first.
    Simulate(simulate::Args),
    /// Draw the ladder of a call.
    Ladder(ladder::Args),
    /// Write the messages of a call to a capture file.
    Pcap(pcap::Args),
    /// Say what only shows in many calls together: attacks, fraud, what fails more than the rest.
    Patterns(patterns::Args),
    /// Write the problem report of a call for the platform, a carrier or a customer.
    Report(report::Args),
    /// List problem reports and what became of them.
    Reports(reports::Args),
    /// List the rules of the catalogue.
    Rules(rules::Args),
    /// Mark a verdict as wrong and say why, or write all that were as cases for the tests.
    Wrong(wrong::Args),
    /// Explain a rule, a code, a cause, a text or timer of the platform, or how long a call lasted.
    Explain(explain::Args),
    /// Ask a few questions and write a configuration, checked, with what to do next.
    Init(Box<init::Args>),
    /// Check a configuration without asking anybody; exits with 1 where something is wrong.
    CheckConfig,
    /// Check what is configured: what works, what does not, and what to do about it.
    Doctor,
    /// Ask whether a running bot is well; exits with 1 where it is not.
    Health(health::Args),
    /// List past investigations.
    History(history::Args),
    /// List what is watched, and what is muted.
    Watches,
    /// List incidents, or show one with all its calls.
    Incidents(incidents::Args),
    /// List who asked what in chats, and what came of it.
    Audit(audit::Args),
    /// Write out everything that is kept, also while the bot runs.
    Export(export::Args),
    /// Take in what `export` wrote; what is there stays.
    Import(import::Args),
    /// Remove or mask what is kept of a number or a person.
    Purge(purge::Args),
    /// Print how a chat platform has to know the app.
    Manifest(manifest::Args),
    /// Serve a platform's API over example captures, to try the bot without an account.
    DemoPlatform(demo_platform::Args),
    /// Print the script by which a shell completes this command line.
    Completions(completions::Args),
    /// Write the manual's pages.
    Man(completions::ManArgs),
}

/// What every subcommand gets.
struct Session {
    config: Config,
    knowledge: Latest<Knowledge>,
    tuning: Arc<Tuning>,
    watching: Watching,
    evidence: Evidence,
    output: Output,
}

/// How a subcommand ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// It did what was asked.
    Answered,
    /// Something of it could not be done; it was said on stderr.
    Incomplete,
}

/// Runs the program with the arguments of the process: 0 answered, 1 could not, 2 wrong command
/// line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // A process that goes on says how it logs once its configuration is read.
    if !matches!(cli.command, Some(Command::Run)) {
        log::start();
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let outcome = runtime.block_on(dispatch(cli));
    // A thread that still reads from a terminal must not keep the program from ending.
    runtime.shutdown_background();
    match outcome {
        Ok(Ended::Answered) => ExitCode::SUCCESS,
        Ok(Ended::Incomplete) => ExitCode::FAILURE,
        // Whoever read our output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<Ended> {
    let with_configured = cli.config.is_some() || cli.capture.is_empty();
    let evidence = Evidence {
        captures: cli.capture,
        with_configured,
        asked_once: false,
    };
    let (path, output) = (cli.config.as_deref(), Output::new(cli.json));
    // Before anything is read that may be wrong: that is what these are asked for.
    match &cli.command {
        Some(Command::Doctor) => return doctor::doctor(path, &evidence, output).await,
        Some(Command::CheckConfig) => return check_config::check_config(path, output),
        Some(Command::Init(args)) => return init::init(args, path, output).await,
        _ => {}
    }
    // Whatever is asked: what is wrong is told before it is missed.
    let settings = Settings::read(cli.config.as_deref(), &Surroundings::of_process())?;
    let session = Session {
        config: settings.config,
        knowledge: Latest::new(settings.knowledge),
        tuning: settings.tuning,
        watching: settings.watching,
        evidence,
        output: Output::new(cli.json),
    };
    match cli.command {
        None | Some(Command::Chat) => chat::chat(session).await,
        Some(Command::Run) => run::run(session, cli.config).await,
        // Answered above.
        Some(Command::Doctor | Command::CheckConfig | Command::Init(_)) => Ok(Ended::Answered),
        Some(Command::Calls(args)) => calls::calls(session, args).await,
        Some(Command::Diagnose(args)) => diagnose::diagnose(session, args).await,
        Some(Command::Compare(args)) => compare::compare(session, args).await,
        Some(Command::Simulate(args)) => simulate::simulate(session, args).await,
        Some(Command::Ladder(args)) => ladder::ladder(session, args).await,
        Some(Command::Pcap(args)) => pcap::pcap(session, args).await,
        Some(Command::Patterns(args)) => patterns::patterns(session, args).await,
        Some(Command::Wrong(args)) => wrong::wrong(session, args).await,
        Some(Command::Watches) => incidents::watches(&session).await,
        Some(Command::Incidents(args)) => incidents::incidents(&session, &args).await,
        Some(Command::Audit(args)) => audit::audit(&session, &args).await,
        Some(Command::Export(args)) => export::export(&session, &args).await,
        Some(Command::Import(args)) => import::import(&session, &args).await,
        Some(Command::Purge(args)) => purge::purge(&session, &args).await,
        Some(Command::Report(args)) => report::report(session, args).await,
        Some(Command::Reports(args)) => reports::reports(session, args).await,
        Some(Command::Rules(args)) => rules::rules(session, args).await,
        Some(Command::Explain(args)) => explain::explain(&session, &args),
        Some(Command::Health(args)) => health::health(&session, &args).await,
        Some(Command::Completions(args)) => completions::completions(&args),
        Some(Command::Man(args)) => completions::man(&session, &args),
        Some(Command::History(args)) => history::history(session, args).await,
        Some(Command::Manifest(args)) => manifest::manifest(&session, &args),
        Some(Command::DemoPlatform(args)) => demo_platform::serve(&session, &args).await,
    }
}

impl Session {
    /// The store that investigations go to; what has to be said about it goes to stderr.
    async fn store(&self, now: Timestamp) -> Option<Store> {
        self.joined(PATIENCE_WITH_HISTORY, now).await
    }

    async fn joined(&self, patience: Duration, now: Timestamp) -> Option<Store> {
        let (store, notice) = app::join_store(&self.config, patience, now).await;
        if let Some(notice) = notice {
            self.output.note(&notice);
        }
        store
    }

    /// The store, for a command that is about nothing else.
    async fn kept(&self, now: Timestamp) -> anyhow::Result<Store> {
        let store = self.joined(PATIENCE_WITH_STORE, now).await;
        store.context(
            "there is no store; set [store] path, or run this as the user whom the bot runs as",
        )
    }

    /// The desk over this run's sources for one question and no other; it keeps nothing yet.
    fn desk_for_one(&mut self) -> anyhow::Result<Desk> {
        self.evidence.asked_once = true;
        self.desk(None)
    }

    /// The desk over this run's sources; without a store it keeps nothing.
    fn desk(&self, store: Option<Store>) -> anyhow::Result<Desk> {
        app::desk(&self.config, self.investigator()?, store)
    }

    /// The investigator over this run's sources.
    fn investigator(&self) -> anyhow::Result<Investigator> {
        let progress = progress::on_terminal();
        let sources = app::sources(&self.config, &self.evidence, progress.as_ref())?;
        app::investigator(&self.config, &self.knowledge, &self.tuning, sources)
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    // Sentences of our own are whole; only what the system adds is a chain.
    Output::new(false).note(&format!("{error:#}"));
    ExitCode::FAILURE
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
