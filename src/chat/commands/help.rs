//! What `help` says, made from the table. No text about a command stands here.

use super::{Command, Place, Table, Verb};

impl Table {
    /// The overview of all commands that can be used in `place`.
    #[must_use]
    pub fn help(&self, place: Place) -> String {
        let usable: Vec<_> = self
            .commands
            .iter()
            .filter(|it| it.available.contains(&place))
            .collect();
        let width = usable
            .iter()
            .map(|command| command.name.len())
            .max()
            .unwrap_or(0);
        let mut text = String::new();
        if let Some(default) = self.verb(Verb::DEFAULT) {
            text.push_str(&default.help);
            for example in &default.examples {
                text.push_str(&format!("\n  {example}"));
            }
            text.push_str("\n\n");
        }
        for command in usable {
            text.push_str(&format!("{:width$}  {}\n", command.name, command.summary));
        }
        text.push_str("\nMore about one of them: help COMMAND");
        text
    }

    /// All about one command, found by name or alias.
    #[must_use]
    pub fn help_for(&self, name: &str) -> Option<String> {
        self.named(name.trim()).map(Command::help_text)
    }
}

impl Command {
    /// All about this command.
    #[must_use]
    pub fn help_text(&self) -> String {
        let mut text = format!("{}\n{}\n\n{}\n", self.usage(), self.summary, self.help);
        let mut rows: Vec<(String, String)> = Vec::new();
        rows.extend(
            self.rest
                .iter()
                .map(|rest| (rest.name.clone(), rest.summary.clone())),
        );
        rows.extend(
            self.options
                .iter()
                .map(|option| (option.usage(), option.summary.clone())),
        );
        let width = rows.iter().map(|(left, _)| left.len()).max().unwrap_or(0);
        if !rows.is_empty() {
            text.push('\n');
        }
        for (left, right) in rows {
            text.push_str(&format!("  {left:width$}  {right}\n"));
        }
        if !self.aliases.is_empty() {
            text.push_str(&format!("\nAlso: {}\n", self.aliases.join(", ")));
        }
        text.push_str("\nExamples:");
        for example in &self.examples {
            text.push_str(&format!("\n  {example}"));
        }
        text
    }
}
