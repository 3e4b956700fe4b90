//! The contents of the book and its page of commands, made from what there is.

use std::fmt::Write as _;

use calltriage::chat::commands::{Permission, Place, Table};
use calltriage::diagnosis::rules;

use super::{cell, check};

/// The parts of the book, each page with its title; the pages of rules stand below theirs.
const PARTS: [(&str, &[(&str, &str)]); 5] = [
    (
        "Begin",
        &[
            ("Install", "install.md"),
            ("First diagnosis", "first-diagnosis.md"),
            ("Commands", "commands.md"),
        ],
    ),
    (
        "Use",
        &[
            ("Slack", "slack.md"),
            ("Slack: a dialogue", "slack-dialogue.md"),
            ("Slack: how answers look", "slack-pictures/README.md"),
            ("Discord", "discord.md"),
            ("Discord: a dialogue", "discord-dialogue.md"),
            ("Discord: how answers look", "discord-pictures/README.md"),
            ("What works where", "parity.md"),
            ("Problem reports", "reports.md"),
            ("Incidents", "incidents.md"),
            ("Comparing calls", "compare.md"),
            ("Formats that are read", "formats.md"),
        ],
    ),
    (
        "Run",
        &[
            ("Configuration", "configuration.md"),
            ("Operations", "operations.md"),
            ("Several replicas", "replicas.md"),
            ("Metrics", "metrics.md"),
            ("What is kept, and where", "data.md"),
            ("Security, and what is kept for how long", "security.md"),
            ("When the bot itself is in trouble", "troubleshooting.md"),
        ],
    ),
    (
        "Look up",
        &[
            ("What codes, causes and texts mean", "knowledge.md"),
            ("The figures of a call", "facts.md"),
            ("An investigation as JSON", "diagnose.md"),
            ("The example captures", "examples.md"),
            ("Scenarios", "scenarios.md"),
            ("All that rules find", "golden.md"),
            ("Rules", "rules.md"),
        ],
    ),
    (
        "Change it",
        &[
            ("Architecture", "architecture.md"),
            ("Contributing", "contributing.md"),
        ],
    ),
];

#[test]
fn the_contents_of_the_book_are_fresh() {
    let mut page = String::from("# Summary\n\n[What it is](index.md)\n");
    for (part, pages) in PARTS {
        write!(page, "\n# {part}\n\n").unwrap();
        for (title, file) in pages {
            writeln!(page, "- [{title}]({file})").unwrap();
            if *file == "rules.md" {
                let mut ids: Vec<&str> = rules::all().map(|rule| rule.id).collect();
                ids.sort_unstable();
                for id in ids {
                    writeln!(page, "  - [{id}](rules/{id}.md)").unwrap();
                }
            }
        }
    }
    check("SUMMARY.md", &page);
}

#[test]
fn the_page_of_commands_is_fresh() {
    let mut page = String::from(
        "# Commands\n\nWhat can be said in a chat, and what of it is a subcommand of the program too. Whatever begins with \
         no command is taken as a question about a call: a Call-ID, a number, or a sentence with one in it. Made from \
         `commands/` by `UPDATE_DOCS=1 cargo test docs::`.\n",
    );
    for command in Table::embedded().unwrap().commands() {
        let rest = command
            .rest
            .as_ref()
            .map_or_else(String::new, |rest| match rest.required {
                true => format!(" {}", rest.name),
                false => format!(" [{}]", rest.name),
            });
        write!(page, "\n## {}\n\n", command.name).unwrap();
        let summary = cell(&command.summary);
        write!(page, "`{}{rest}`: {summary}\n\n", command.name).unwrap();
        writeln!(page, "{}\n", command.help.trim().replace('<', "&lt;")).unwrap();
        let whose = match command.permission {
            Permission::Everyone => "everybody, unless `[permissions]` narrows it",
            Permission::Granted => "those to whom `[permissions]` grants it",
        };
        let place = |place| command.available.contains(&place);
        let places = match (place(Place::Chat), place(Place::Cli)) {
            (true, true) => "chats and the command line",
            (true, false) => "chats",
            _ => "the command line",
        };
        write!(page, "For {whose}; in {places}.").unwrap();
        if command.side_effect {
            page.push_str(
                " It changes something outside: it is shown first, and done on a person's word.",
            );
        }
        if !command.aliases.is_empty() {
            write!(page, " Also: `{}`.", command.aliases.join("`, `")).unwrap();
        }
        page.push_str("\n\n");
        for option in &command.options {
            let summary = &option.summary;
            writeln!(
                page,
                "- `--{}`: {}",
                option.name,
                summary.replace('<', "&lt;")
            )
            .unwrap();
        }
        if !command.options.is_empty() {
            page.push('\n');
        }
        let examples = command.examples.join("\n");
        writeln!(page, "```text\n{examples}\n```").unwrap();
    }
    check("commands.md", &page);
}
