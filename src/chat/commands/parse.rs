//! A text, turned into a command with its options and the rest. Pure; what the rest means is for others to read.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Command, CommandOption, OptionKind, Table, Verb};
use crate::nearest::nearest;

/// What a text says.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed<'t> {
    /// The command.
    pub command: &'t Command,
    /// The options that were given.
    pub options: Options,
    /// What else was written, as it was written.
    pub rest: String,
}

/// The options that were given, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options(BTreeMap<String, OptionValue>);

/// The value of an option that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionValue {
    /// It is a flag.
    Flag,
    /// A text.
    Text(String),
    /// A number.
    Number(u64),
    /// A time.
    Duration(Duration),
    /// One of the words that the command's file lists.
    Choice(String),
}

impl Options {
    /// Options that came as values, and the flags among them.
    #[must_use]
    pub fn given(
        texts: impl IntoIterator<Item = (&'static str, String)>,
        flags: impl IntoIterator<Item = &'static str>,
    ) -> Options {
        let texts = texts
            .into_iter()
            .map(|(name, text)| (name.to_owned(), OptionValue::Text(text)));
        let flags = flags
            .into_iter()
            .map(|name| (name.to_owned(), OptionValue::Flag));
        Options(texts.chain(flags).collect())
    }

    /// Whether the flag was given.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(OptionValue::Flag))
    }

    /// The text or the chosen word.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(OptionValue::Text(text) | OptionValue::Choice(text)) => Some(text),
            _ => None,
        }
    }

    /// The number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        match self.0.get(name) {
            Some(OptionValue::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// The time.
    #[must_use]
    pub fn duration(&self, name: &str) -> Option<Duration> {
        match self.0.get(name) {
            Some(OptionValue::Duration(time)) => Some(*time),
            _ => None,
        }
    }
}

/// Why a text is no command as it is, and how to write it. Each is one sentence for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Usage {
    /// One word that is nearly a command.
    #[error(
        "{word:?} is no command; did you mean {meant:?}? To look for a call by this word, write: {default} {word}"
    )]
    DidYouMean {
        /// The word.
        word: String,
        /// The command.
        meant: String,
        /// The command that looks for calls.
        default: String,
    },
    /// The command makes no sense alone.
    #[error("{command} needs more: {summary} Write: {usage}")]
    Missing {
        /// The command.
        command: String,
        /// What it needs.
        summary: String,
        /// How it is typed.
        usage: String,
    },
    /// The command has no such option.
    #[error("{command} has no option --{option}; write: {usage}{}", did_you_mean(.meant.as_deref()))]
    UnknownOption {
        /// The command.
        command: String,
        /// What was written.
        option: String,
        /// The option that was probably meant.
        meant: Option<String>,
        /// How it is typed.
        usage: String,
    },
    /// The option has a value that it cannot have, or none.
    #[error("--{option} cannot be {found}; allowed: {allowed}{}", did_you_mean(.meant.as_deref()))]
    BadValue {
        /// The option.
        option: String,
        /// What was written.
        found: String,
        /// What may be written.
        allowed: String,
        /// What was probably meant.
        meant: Option<String>,
    },
}

/// What asks for a diagnosis of a text that another person or program wrote: neither a command nor an option of one,
/// whatever stands in it.
#[must_use]
pub fn about(text: &str) -> String {
    match text.trim() {
        "" => String::new(),
        text => format!("diagnose -- {text}"),
    }
}

fn did_you_mean(meant: Option<&str>) -> String {
    meant
        .map(|meant| format!("; did you mean {meant}?"))
        .unwrap_or_default()
}

impl Table {
    /// Reads a text. It begins with a command's name, alias or word, or is a question about a call.
    /// An empty text asks for help.
    pub fn parse(&self, text: &str) -> Result<Parsed<'_>, Usage> {
        let text = text.trim();
        let Some((command, after)) = self.begins_with(text) else {
            let verb = if text.is_empty() {
                Verb::Help
            } else {
                Verb::DEFAULT
            };
            return self.sentence(verb, text);
        };
        let (options, rest) = take_options(command, after, Strictness::Command)?;
        match &command.rest {
            Some(needed) if needed.required && rest.is_empty() => Err(Usage::Missing {
                command: command.name.clone(),
                summary: needed.summary.clone(),
                usage: command.usage(),
            }),
            _ => Ok(Parsed {
                command,
                options,
                rest,
            }),
        }
    }

    /// A text that names no command.
    fn sentence(&self, verb: Verb, text: &str) -> Result<Parsed<'_>, Usage> {
        // A table without these two cannot be had but from a test's own files.
        let Some(command) = self.verb(verb).or_else(|| self.commands.first()) else {
            return Err(Usage::Missing {
                command: text.to_owned(),
                summary: "there are no commands.".to_owned(),
                usage: String::new(),
            });
        };
        if let Some(meant) = self.nearly_a_command(text) {
            return Err(Usage::DidYouMean {
                word: text.to_owned(),
                meant: meant.to_owned(),
                default: command.name.clone(),
            });
        }
        let (options, rest) = take_options(command, text, Strictness::Sentence)?;
        Ok(Parsed {
            command,
            options,
            rest,
        })
    }

    /// The command whose name, alias or phrase the text begins with (the longest counts), and what follows.
    fn begins_with<'s>(&self, text: &'s str) -> Option<(&Command, &'s str)> {
        let fitting = self.commands.iter().flat_map(|command| {
            let own = command
                .claims()
                .filter_map(move |claim| Some((claim, after(text, claim)?)));
            own.map(move |(claim, rest)| (claim.len(), command, rest))
        });
        // A command that stands alone does not take the first word of a sentence.
        let fitting = fitting.filter(|(_, command, rest)| {
            command.rest.is_some() || rest.is_empty() || rest.starts_with("--")
        });
        fitting
            .max_by_key(|(length, _, _)| *length)
            .map(|(_, command, rest)| (command, rest))
    }

    /// The command's name that a lone word was probably meant to be. Never for what could be a Call-ID or a number.
    fn nearly_a_command(&self, text: &str) -> Option<&str> {
        let word = text.strip_prefix('/').unwrap_or(text);
        if word.is_empty() || !word.chars().all(|c| c.is_ascii_alphabetic()) {
            return None;
        }
        nearest(word, self.commands.iter().flat_map(Command::names))
    }
}

/// What follows the words of `claim` at the beginning of `text`. Case, a leading `/` and a mark after the last word
/// (`help?`, `why:`) do not matter.
fn after<'s>(text: &'s str, claim: &str) -> Option<&'s str> {
    let mut left = text.strip_prefix('/').unwrap_or(text);
    let mut words = claim.split(' ').peekable();
    while let Some(word) = words.next() {
        let end = left.find(char::is_whitespace).unwrap_or(left.len());
        let (first, following) = left.split_at_checked(end)?;
        let last = words.peek().is_none();
        let same = |written: &str| written.to_lowercase() == word;
        if !(same(first) || last && same(first.trim_end_matches([':', ',', '?', '!', '.']))) {
            return None;
        }
        left = following.trim_start();
    }
    Some(left)
}

/// What to do with `--something` that is no option of the command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strictness {
    /// The command was named: say so.
    Command,
    /// It may be part of what was pasted: leave it.
    Sentence,
}

/// Takes the options out of a text and leaves the rest as it was written.
fn take_options(
    command: &Command,
    text: &str,
    strict: Strictness,
) -> Result<(Options, String), Usage> {
    let mut options = Options::default();
    let mut rest = String::new();
    let mut left = text;
    loop {
        let (gap, word, following) = split_word(left);
        if word == "--" && strict == Strictness::Command {
            // As shells have it: what follows is no option, whatever it looks like.
            rest.push_str(following);
            return Ok((options, rest.trim().to_owned()));
        }
        let Some(written) = option_name(word) else {
            rest.push_str(gap);
            rest.push_str(word);
            if word.is_empty() {
                return Ok((options, rest.trim().to_owned()));
            }
            left = following;
            continue;
        };
        let (name, inline) = match written.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (written, None),
        };
        let Some(option) = command
            .options
            .iter()
            .find(|option| option.name == name.to_lowercase())
        else {
            if strict == Strictness::Command {
                return Err(unknown_option(command, name));
            }
            rest.push_str(gap);
            rest.push_str(word);
            left = following;
            continue;
        };
        let (value, following) = match (&option.kind, inline) {
            (_, Some(value)) => (Some(value), following),
            (OptionKind::Flag, None) => (None, following),
            (_, None) => {
                let (_, value, following) = split_word(following);
                (
                    Some(value).filter(|value| option_name(value).is_none()),
                    following,
                )
            }
        };
        options.0.insert(option.name.clone(), option.value(value)?);
        left = following;
    }
}

/// The name and perhaps value of `--name=value`. Keyboards of phones and Macs turn two dashes into a long one.
fn option_name(word: &str) -> Option<&str> {
    let name = word.strip_prefix("--").or_else(|| word.strip_prefix('—'))?;
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        .then_some(name)
}

/// The white space at the beginning, the word after it, and what follows.
fn split_word(text: &str) -> (&str, &str, &str) {
    let word = text.trim_start();
    let (gap, _) = text
        .split_at_checked(text.len().saturating_sub(word.len()))
        .unwrap_or((text, ""));
    let end = word.find(char::is_whitespace).unwrap_or(word.len());
    let (word, following) = word.split_at_checked(end).unwrap_or((word, ""));
    (gap, word, following)
}

fn unknown_option(command: &Command, name: &str) -> Usage {
    let known = command.options.iter().map(|option| option.name.as_str());
    Usage::UnknownOption {
        command: command.name.clone(),
        option: name.to_owned(),
        meant: nearest(name, known).map(|name| format!("--{name}")),
        usage: command.usage(),
    }
}

impl CommandOption {
    /// Reads the value that was written.
    fn value(&self, written: Option<&str>) -> Result<OptionValue, Usage> {
        let refused = |meant: Option<&str>| Usage::BadValue {
            option: self.name.clone(),
            found: match written {
                Some(text) if !text.is_empty() => format!("{text:?}"),
                _ => "left empty".to_owned(),
            },
            allowed: self.kind.allowed(),
            meant: meant.map(str::to_owned),
        };
        let text = written.filter(|text| !text.is_empty());
        match (&self.kind, text) {
            (OptionKind::Flag, None) if written.is_none() => Ok(OptionValue::Flag),
            (OptionKind::Flag, _) | (_, None) => Err(refused(None)),
            (OptionKind::Text, Some(text)) => Ok(OptionValue::Text(text.to_owned())),
            (OptionKind::Number, Some(text)) => text
                .parse()
                .map(OptionValue::Number)
                .map_err(|_| refused(None)),
            (OptionKind::Duration, Some(text)) => crate::config::duration(text)
                .map(OptionValue::Duration)
                .ok_or_else(|| refused(None)),
            (OptionKind::Choice(words), Some(text)) => {
                let text = text.to_lowercase();
                match words.iter().find(|word| **word == text) {
                    Some(word) => Ok(OptionValue::Choice(word.clone())),
                    None => Err(refused(nearest(&text, words.iter().map(String::as_str)))),
                }
            }
        }
    }
}
