//! What help says: every command that can be used here, and all about one.

use calltriage::chat::commands::Place;

use super::commands;

#[test]
fn the_overview_has_every_command_of_the_place() {
    let table = commands();
    let (chat, cli) = (table.help(Place::Chat), table.help(Place::Cli));
    for command in table.commands() {
        let line = |text: &str| {
            text.lines()
                .any(|line| line.starts_with(&format!("{} ", command.name)))
        };
        assert_eq!(
            line(&chat),
            command.available.contains(&Place::Chat),
            "{}",
            command.name
        );
        assert_eq!(
            line(&cli),
            command.available.contains(&Place::Cli),
            "{}",
            command.name
        );
        assert!(line(&chat) || line(&cli));
    }
}

#[test]
fn all_about_one() {
    let table = commands();
    let expected = "\
calls [SCOPE] [--all] [--kind call|registration|other] [--limit NUMBER]
List the calls that can be seen, with how each ended.

One line a call, the newest last. With a number, an address or a scope after it, only the calls that match.

  SCOPE                           A Call-ID, a number, an address or another scope.
  --all                           Keep-alives too, such as OPTIONS.
  --kind call|registration|other  Only these.
  --limit NUMBER                  At most so many.

Also: list, find, search

Examples:
  calls
  calls 441234567890
  list --kind registration --limit 10";
    // By name and by alias.
    let shown = table.help_for("calls").unwrap();
    assert_eq!(shown, expected);
    assert_eq!(table.help_for(" List "), Some(shown));
    assert_eq!(table.help_for("nothing"), None);
}
