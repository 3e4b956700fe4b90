//! The log, and what `run` says of itself: lines for people on a terminal, JSON elsewhere, on stderr. Never a word of
//! libraries: they log the addresses, keys and bytes that they work on, and so numbers and tokens.

use std::io::{self, IsTerminal as _};
use std::panic;

use tracing::Metadata;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use super::output::Output;
use crate::config::{Log, LogFormat, LogLevel};

/// What sets the level whatever the configuration says, as in `debug`.
const VARIABLE: &str = "CALLTRIAGE_LOG";

/// What hears of the same beside the log.
pub type Beside = Box<dyn Layer<Registry> + Send + Sync>;

/// How a process that goes on speaks: in one form throughout.
#[derive(Debug, Clone, Copy)]
pub struct Voice {
    output: Output,
    is_json: bool,
}

impl Voice {
    /// Says how it goes on.
    pub fn note(self, text: &str) {
        if self.is_json {
            tracing::info!("{text}");
        } else {
            self.output.note(text);
        }
    }

    /// Says that something is wrong.
    pub fn wrong(self, text: &str) {
        if self.is_json {
            tracing::error!("{text}");
        } else {
            self.output.note(text);
        }
    }
}

/// For commands that answer and end: errors alone, for people.
pub fn start() {
    begin(LogLevel::Error, false, None);
}

/// For a process that goes on.
pub fn start_serving(log: Log, output: Output, beside: Option<Beside>) -> Voice {
    let is_json = match log.format {
        LogFormat::Auto => !io::stderr().is_terminal(),
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    begin(log.level, is_json, beside);
    if is_json {
        // A line of another form would be lost where lines are read by a program.
        panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string);
            tracing::error!(place, "a defect of the program: a panic");
        }));
    }
    Voice { output, is_json }
}

/// Whether something is said by this program, not by a library.
pub fn is_ours(about: &Metadata<'_>) -> bool {
    about.target().starts_with(env!("CARGO_CRATE_NAME"))
}

fn begin(level: LogLevel, is_json: bool, beside: Option<Beside>) {
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new(level.word()));
    let layer = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let layer = match is_json {
        true => layer.json().flatten_event(true).boxed(),
        false => layer.boxed(),
    };
    let layer = layer.with_filter(filter_fn(is_ours)).with_filter(filter);
    let layers: Vec<Beside> = [layer.boxed()].into_iter().chain(beside).collect();
    tracing_subscriber::registry().with(layers).init();
}
