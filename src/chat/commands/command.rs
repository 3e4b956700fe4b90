//! One command as its file describes it. Checks the file; matches no text.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::Verb;

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Which one it is.
    pub verb: Verb,
    /// Its name.
    pub name: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Words and phrases that a sentence may begin with to mean it.
    pub words: Vec<String>,
    /// What it does, in one sentence.
    pub summary: String,
    /// How it is used, in a few sentences.
    pub help: String,
    /// Messages that use it, as one would type them.
    pub examples: Vec<String>,
    /// Who may use it.
    pub permission: Permission,
    /// Whether it changes anything outside calltriage.
    pub side_effect: bool,
    /// Where it can be used.
    pub available: Vec<Place>,
    /// What may follow it. Without this it stands alone: the same word with more after it is a sentence.
    pub rest: Option<Rest>,
    /// Its options.
    pub options: Vec<CommandOption>,
}

/// Who may use a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// Everybody, unless the configuration narrows it.
    Everyone,
    /// Only those to whom the configuration grants it.
    Granted,
}

/// Where a command can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In a chat, the terminal's included.
    Chat,
    /// As a subcommand of the program.
    Cli,
}

/// What may follow a command besides its options.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rest {
    /// How the usage line names it.
    pub name: String,
    /// What it is.
    pub summary: String,
    /// Whether the command makes no sense without.
    pub required: bool,
}

/// An option of a command, written `--name` or `--name value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandOption {
    /// Its name, without the dashes.
    pub name: String,
    /// What it does.
    pub summary: String,
    /// What its value is.
    pub kind: OptionKind,
}

/// What the value of an option is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionKind {
    /// There is none: it is given or not.
    Flag,
    /// Any text.
    Text,
    /// A whole number, not negative.
    Number,
    /// A time such as `2h`.
    Duration,
    /// One of these words.
    Choice(Vec<String>),
}

impl OptionKind {
    /// What may be written, completing "allowed: …".
    #[must_use]
    pub fn allowed(&self) -> String {
        match self {
            OptionKind::Flag => "nothing".to_owned(),
            OptionKind::Text => "a text".to_owned(),
            OptionKind::Number => "a whole number".to_owned(),
            OptionKind::Duration => "a time with its unit, as in 30s, 15m or 2h".to_owned(),
            OptionKind::Choice(words) => words.join(", "),
        }
    }
}

impl Command {
    /// The name and the aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.name)
            .chain(&self.aliases)
            .map(String::as_str)
    }

    /// Everything a text may begin with to mean this command.
    pub(super) fn claims(&self) -> impl Iterator<Item = &str> {
        self.names().chain(self.words.iter().map(String::as_str))
    }

    /// How it is typed, as in `calls [SCOPE] [--all]`.
    #[must_use]
    pub fn usage(&self) -> String {
        let mut usage = self.name.clone();
        match &self.rest {
            Some(rest) if rest.required => usage.push_str(&format!(" {}", rest.name)),
            Some(rest) => usage.push_str(&format!(" [{}]", rest.name)),
            None => {}
        }
        for option in &self.options {
            usage.push_str(&format!(" [{}]", option.usage()));
        }
        usage
    }

    /// Reads a command's file; the error says what is wrong with it.
    pub(super) fn read(verb: Verb, file: &str, text: &str) -> Result<Command, String> {
        let written: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let options: Result<_, _> = written
            .options
            .into_iter()
            .map(WrittenOption::checked)
            .collect();
        let command = Command {
            verb,
            name: written.name,
            aliases: written.aliases,
            words: written.words,
            summary: written.summary.trim().to_owned(),
            help: written.help.trim().to_owned(),
            examples: written.examples,
            permission: written.permission,
            side_effect: written.side_effect,
            available: written.available,
            rest: written.rest,
            options: options?,
        };
        command.check(file)?;
        Ok(command)
    }

    fn check(&self, file: &str) -> Result<(), String> {
        let name = &self.name;
        if format!("{name}.toml") != file {
            return Err(format!(
                "its name is {name:?}, and the file of a command is called by its name"
            ));
        }
        // Texts are compared word by word in lower case.
        let compared = |word: &str| {
            word.to_lowercase()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        };
        if let Some(word) = self
            .claims()
            .find(|word| word.is_empty() || *word != compared(word))
        {
            return Err(format!(
                "{word:?} must be lower-case words with single spaces"
            ));
        }
        if let Some(name) = self.names().find(|name| name.contains(' ')) {
            return Err(format!("{name:?} has a space; put it under words"));
        }
        if self.side_effect && self.permission == Permission::Everyone {
            return Err("it has a side effect, so its permission must be \"granted\"".to_owned());
        }
        if self.summary.is_empty() || self.examples.is_empty() || self.available.is_empty() {
            return Err("summary, examples and available must not be empty".to_owned());
        }
        let mut names = BTreeSet::new();
        match self
            .options
            .iter()
            .find(|option| !names.insert(&option.name))
        {
            Some(option) => Err(format!("the option {:?} stands in it twice", option.name)),
            None => Ok(()),
        }
    }
}

impl CommandOption {
    /// How it is typed, as in `--limit NUMBER`.
    #[must_use]
    pub fn usage(&self) -> String {
        let name = &self.name;
        match &self.kind {
            OptionKind::Flag => format!("--{name}"),
            OptionKind::Text => format!("--{name} TEXT"),
            OptionKind::Number => format!("--{name} NUMBER"),
            OptionKind::Duration => format!("--{name} TIME"),
            OptionKind::Choice(words) => format!("--{name} {}", words.join("|")),
        }
    }
}

/// The file of a command.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    aliases: Vec<String>,
    words: Vec<String>,
    summary: String,
    help: String,
    examples: Vec<String>,
    permission: Permission,
    side_effect: bool,
    available: Vec<Place>,
    rest: Option<Rest>,
    #[serde(default)]
    options: Vec<WrittenOption>,
}

/// An option as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOption {
    name: String,
    summary: String,
    #[serde(rename = "type")]
    kind: WrittenKind,
    #[serde(default)]
    choices: Vec<String>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum WrittenKind {
    Flag,
    Text,
    Number,
    Duration,
    Choice,
}

impl WrittenOption {
    fn checked(self) -> Result<CommandOption, String> {
        let name = self.name;
        if (self.kind == WrittenKind::Choice) == self.choices.is_empty() {
            return Err(format!(
                "the option {name:?} must have choices if and only if it is a choice"
            ));
        }
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c == '-') {
            return Err(format!(
                "the option {name:?} must be lower-case letters and dashes"
            ));
        }
        let kind = match self.kind {
            WrittenKind::Flag => OptionKind::Flag,
            WrittenKind::Text => OptionKind::Text,
            WrittenKind::Number => OptionKind::Number,
            WrittenKind::Duration => OptionKind::Duration,
            WrittenKind::Choice => OptionKind::Choice(self.choices),
        };
        Ok(CommandOption {
            name,
            summary: self.summary,
            kind,
        })
    }
}
