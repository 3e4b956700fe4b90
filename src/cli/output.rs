//! Where a command's words go: answers to stdout, notes to stderr, and JSON alone where it was
//! asked for. A closed pipe is an ordinary end.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use super::Ended;
use crate::render::card::Style;
use crate::sources::Unread;

/// Narrower than this no card is readable.
const NARROWEST: usize = 40;

/// Wider than this no sentence is readable.
const WIDEST: usize = 100;

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
