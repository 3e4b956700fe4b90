//! What is wrong with a configuration, one line a problem. Says it; finds nothing itself.

use std::fmt;
use std::path::PathBuf;

/// One thing that is wrong with a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it was named to us.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1, where the file is not TOML at all.
    pub column: Option<usize>,
    /// The key's path, as in `peers[1].addresses[0]`; empty where the file is not TOML.
    pub key: String,
    /// What stands there.
    pub found: String,
    /// What may stand there; empty where the file is not TOML.
    pub allowed: String,
    /// What was probably meant.
    pub did_you_mean: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if let Some(column) = self.column {
            write!(f, "column {column}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", visible(&self.key))?;
        }
        write!(f, "{}", visible(&self.found))?;
        if !self.allowed.is_empty() {
            write!(f, "; allowed: {}", self.allowed)?;
        }
        match &self.did_you_mean {
            Some(meant) => write!(f, "; did you mean {meant}?"),
            None => Ok(()),
        }
    }
}

/// A text whose every character can be seen: a quoted key may hold any.
fn visible(text: &str) -> String {
    let shown = |c: char| match c {
        '"' | '\'' | '\\' => c.to_string(),
        _ => c.escape_debug().to_string(),
    };
    text.chars().map(shown).collect()
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read at all.
    #[error("cannot read the configuration {}: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// A file that `[knowledge]` names could not be read at all.
    #[error("[knowledge] files: cannot read {}: {why}", path.display())]
    UnreadableKnowledge {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The file could be read, and these things are wrong with it: all that were found, in the order of the lines.
    #[error("{}", one_a_line(.0))]
    Invalid(Vec<Problem>),
}

fn one_a_line(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(Problem::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}
