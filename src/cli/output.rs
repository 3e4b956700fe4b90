//! Where a command's words go: answers to stdout, notes to stderr, and JSON alone where it was
//! asked for. A closed pipe is an ordinary end.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use super::Ended;
use crate::render::card::Style;
use crate::sources::Unread;

/// Narrower than this no card is readable.
const NARROWEST: usize = 40;

/// Wider than this no sentence is readable.
const WIDEST: usize = 100;

/// Lines for stdout, which may come from another thread. What keeps them from being written is kept
/// until it is asked for.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<u8>,
    written: usize,
    failed: Option<io::Error>,
}

impl Lines {
    /// Bytes that are written at once.
    const ROOM: usize = 64 * 1024;

    /// Takes in a line; `false` once nothing more can be written.
    pub fn add(&self, line: &str) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting.extend_from_slice(line.as_bytes());
        state.waiting.push(b'\n');
        state.written += 1;
        if state.waiting.len() >= Lines::ROOM || io::stdout().is_terminal() {
            state.write();
        }
        state.failed.is_none()
    }

    /// How many lines were taken in.
    pub fn count(&self) -> usize {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.written
    }

    /// Writes what is left, and says what kept lines from being written.
    pub fn finish(&self) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.write();
        state.failed.take().map_or(Ok(()), Err)
    }
}

impl State {
    fn write(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        if self.failed.is_none() {
            let mut stdout = io::stdout().lock();
            self.failed = stdout
                .write_all(&waiting)
                .and_then(|()| stdout.flush())
                .err();
        }
    }
}

/// The output of one run.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
}

impl Output {
    /// With `json`, stdout carries JSON and nothing else.
    pub fn new(json: bool) -> Output {
        Output { json }
    }

    /// Whether JSON was asked for.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// Prints text with a line end.
    pub fn line(self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{text}")
    }

    /// Prints text as it is and shows it at once.
    pub fn show(self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    }

    /// Prints one JSON value on one line.
    pub fn json(self, value: &impl Serialize) -> anyhow::Result<()> {
        let text = serde_json::to_string(value)?;
        self.line(&text)?;
        Ok(())
    }

    /// Where lines go that come one after another from another thread.
    pub fn lines(self) -> Lines {
        Lines::default()
    }

    /// Says something that is not part of the answer.
    pub fn note(self, text: &str) {
        // Nobody can be told that stderr is closed.
        let _ = writeln!(io::stderr().lock(), "calltriage: {text}");
    }

    /// Says what could not be read, and how a command that met it has ended: what is damaged was
    /// read all the same, what is lost leaves the answer incomplete.
    pub fn unread(self, unread: &Unread) -> Ended {
        for sentence in unread.sentences() {
            self.note(sentence);
        }
        if unread.lost.is_empty() {
            Ended::Answered
        } else {
            Ended::Incomplete
        }
    }

    /// How cards look here: colours where there is a terminal that wants them.
    pub fn style(self) -> Style {
        let color = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let columns = std::env::var("COLUMNS")
            .ok()
            .and_then(|columns| columns.parse().ok());
        Style {
            color,
            width: columns.unwrap_or(80).clamp(NARROWEST, WIDEST),
        }
    }
}
