//! The files of the commands: all are embedded, all are sound, and two that claim one word are refused.

use std::collections::BTreeSet;
use std::path::Path;

use calltriage::chat::commands::{FILES, Permission, Table, TableError, Verb};

use super::commands;

#[test]
fn every_file_is_embedded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("commands");
    let names = std::fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap());
    let embedded: BTreeSet<_> = FILES
        .iter()
        .map(|(_, file, _)| (*file).to_owned())
        .collect();
    assert_eq!(names.collect::<BTreeSet<_>>(), embedded);
}

#[test]
fn every_example_means_its_command() {
    let table = commands();
    for command in table.commands() {
        for example in &command.examples {
            let parsed = table
                .parse(example)
                .unwrap_or_else(|usage| panic!("{example}: {usage}"));
            assert_eq!(parsed.command.verb, command.verb, "{example}");
        }
    }
}

#[test]
fn what_has_a_side_effect_is_granted_and_confirmed() {
    let table = commands();
    let (with, without): (Vec<_>, Vec<_>) = table.commands().iter().partition(|it| it.side_effect);
    let names: Vec<&str> = with.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["simulate", "submit"]);
    for command in with {
        assert_eq!(command.permission, Permission::Granted);
        assert!(command.options.iter().any(|it| it.name == "confirm"));
    }
    assert!(
        without
            .iter()
            .all(|it| it.permission == Permission::Everyone)
    );
}

/// A small command file.
fn file(name: &str, more: &str) -> String {
    format!(
        "name = \"{name}\"\naliases = [\"{name}x\"]\nwords = []\nsummary = \"s\"\nhelp = \"h\"\n\
         examples = [\"{name}\"]\npermission = \"everyone\"\nside_effect = false\navailable = [\"chat\"]\n{more}"
    )
}

fn refusal(files: &[(&str, String)]) -> TableError {
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (Verb::Help, *name, text.as_str()))
        .collect();
    Table::read(&files).unwrap_err()
}

#[test]
fn collisions_name_both_files() {
    let second = file("b", "").replace("words = []", "words = [\"ax\"]");
    assert_eq!(
        refusal(&[("a.toml", file("a", "")), ("b.toml", second)]).to_string(),
        "commands/a.toml and commands/b.toml both claim \"ax\"; take it out of one of them"
    );
}

#[test]
fn mistakes_in_a_file() {
    let check = |text: String, expected: &str| {
        let said = refusal(&[("a.toml", text)]).to_string();
        assert!(
            said.starts_with("commands/a.toml: ") && said.contains(expected),
            "{said}"
        );
    };
    check(file("b", ""), "its name is \"b\"");
    check(file("a", "colour = 1"), "unknown field `colour`");
    check(
        file("a", "").replace("\"ax\"", "\"A x\""),
        "must be lower-case words",
    );
    check(
        file("a", "").replace("\"ax\"", "\"a x\""),
        "put it under words",
    );
    check(
        file("a", "").replace("effect = false", "effect = true"),
        "permission must be \"granted\"",
    );
    let option = "[[options]]\nname = \"n\"\nsummary = \"s\"\ntype = \"flag\"\n";
    check(
        file("a", &option.repeat(2)),
        "the option \"n\" stands in it twice",
    );
    check(
        file("a", &option.replace("flag", "choice")),
        "must have choices",
    );
    check(
        file("a", &option.replace("\"n\"", "\"N\"")),
        "lower-case letters and dashes",
    );
}
