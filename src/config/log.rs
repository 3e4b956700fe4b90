//! `[log]`: how the program says what it does. Writes nothing.

use super::reader::{Choice, Section};

/// `[log]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// In which form.
    pub format: LogFormat,
    /// How much of it `run` says.
    pub level: LogLevel,
}

/// The form of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people on a terminal, JSON elsewhere.
    Auto,
    /// Lines for people.
    Text,
    /// A JSON object a line.
    Json,
}

impl Choice for LogFormat {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("auto", LogFormat::Auto),
        ("text", LogFormat::Text),
        ("json", LogFormat::Json),
    ];
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// What somebody has to mend.
    Error,
    /// What did not work, and may by itself later.
    Warn,
    /// One line for what was asked and what came of it.
    Info,
    /// Each request to an API too.
    Debug,
}

impl LogLevel {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        let mut words = LogLevel::WORDS.iter();
        words.find(|it| it.1 == self).map_or("error", |it| it.0)
    }
}

impl Choice for LogLevel {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("error", LogLevel::Error),
        ("warn", LogLevel::Warn),
        ("info", LogLevel::Info),
        ("debug", LogLevel::Debug),
    ];
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Log> {
    Some(Log {
        format: section.optional("format").unwrap_or(LogFormat::Auto),
        level: section.optional("level").unwrap_or(LogLevel::Info),
    })
}
