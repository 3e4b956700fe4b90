//! The table of commands, read from `commands/*.toml`: the one source of the grammar, of help and of "did you mean".
//! Says which command a text is; runs none.

mod command;
mod help;
mod parse;

use std::collections::BTreeMap;

pub use command::{Command, CommandOption, OptionKind, Permission, Place, Rest};
pub use parse::{OptionValue, Options, Parsed, Usage, about};

/// Declares each command once: its variant, and its file by name.
macro_rules! verbs {
    ($($(#[$doc:meta])* $verb:ident = $name:literal,)+) => {
        /// Which command it is. Closed, so that whoever runs them is told by the compiler of a new one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Verb {
            $($(#[$doc])* $verb,)+
        }

        /// The file of each command in the folder `commands`: the command, its file's name, its text.
        pub const FILES: &[(Verb, &str, &str)] = &[
            $((Verb::$verb, concat!($name, ".toml"), include_str!(concat!("../../../commands/", $name, ".toml"))),)+
        ];
    };
}

verbs! {
    /// Says what happened to a call.
    Diagnose = "diagnose",
    /// Sets two calls side by side.
    Compare = "compare",
    /// Lets the platform route a call without placing it.
    Simulate = "simulate",
    /// Draws a call's messages.
    Ladder = "ladder",
    /// Gives a call's messages as a capture.
    Pcap = "pcap",
    /// Lists calls.
    Calls = "calls",
    /// Says what many calls show together.
    Patterns = "patterns",
    /// Says who is behind an address, a number or an id.
    Whois = "whois",
    /// Counts the traffic of a scope.
    Stats = "stats",
    /// Says how things stand.
    Status = "status",
    /// Lists incidents, or shows one.
    Incidents = "incidents",
    /// Takes note of an incident.
    Acknowledge = "acknowledge",
    /// Keeps something quiet.
    Mute = "mute",
    /// Ends a mute.
    Unmute = "unmute",
    /// Watches calls.
    Watch = "watch",
    /// Lists what is watched.
    Watches = "watches",
    /// Says what waits for somebody.
    Open = "open",
    /// Lists past investigations.
    History = "history",
    /// Runs an investigation again.
    Again = "again",
    /// Fills in a problem report.
    Report = "report",
    /// Sends a problem report.
    Submit = "submit",
    /// Lists problem reports.
    Reports = "reports",
    /// Follows a problem report.
    Ticket = "ticket",
    /// Marks a verdict as wrong.
    Wrong = "wrong",
    /// Explains a rule or a code.
    Explain = "explain",
    /// Lists the rules.
    Rules = "rules",
    /// Says what can be asked.
    Help = "help",
    /// Leaves the terminal's chat.
    Quit = "quit",
}

impl Verb {
    /// What a text means that names no command.
    pub const DEFAULT: Verb = Verb::Diagnose;
}

/// Why the table cannot be used. Found at start, so never by somebody who asks about a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A file is not what the table expects.
    #[error("commands/{file}: {why}")]
    File {
        /// The file's name.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// One word would mean two commands.
    #[error(
        "commands/{first} and commands/{second} both claim {word:?}; take it out of one of them"
    )]
    Collision {
        /// The word.
        word: String,
        /// The file that has it first.
        first: String,
        /// The file that has it as well.
        second: String,
    },
}

/// All commands.
#[derive(Debug, Clone)]
pub struct Table {
    commands: Vec<Command>,
}

impl Table {
    /// The commands that are built in.
    pub fn embedded() -> Result<Table, TableError> {
        Table::read(FILES)
    }

    /// Reads commands, each from its file's name and text.
    pub fn read(files: &[(Verb, &str, &str)]) -> Result<Table, TableError> {
        let mut commands = Vec::new();
        let mut owners: BTreeMap<String, &str> = BTreeMap::new();
        for (verb, file, text) in files {
            let command = Command::read(*verb, file, text).map_err(|why| TableError::File {
                file: (*file).to_owned(),
                why,
            })?;
            for word in command.claims() {
                if let Some(first) = owners.insert(word.to_owned(), file) {
                    return Err(TableError::Collision {
                        word: word.to_owned(),
                        first: first.to_owned(),
                        second: (*file).to_owned(),
                    });
                }
            }
            commands.push(command);
        }
        Ok(Table { commands })
    }

    /// All commands, in the order of the overview.
    #[must_use]
    pub fn commands(&self) -> &[Command] {
        &self.commands
    }

    /// The command that has this name or alias.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Command> {
        let name = name.to_lowercase();
        self.commands
            .iter()
            .find(|command| command.names().any(|own| own == name))
    }

    fn verb(&self, verb: Verb) -> Option<&Command> {
        self.commands.iter().find(|command| command.verb == verb)
    }
}
