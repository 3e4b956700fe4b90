//! The annotated file: it is the default, it contacts no host, and it shows every key there is.

use std::path::{Path, PathBuf};

use calltriage::config::{Config, EMBEDDED, SourceKind, Surroundings};

use super::parse;

/// Whether a line is a key that is switched off.
fn is_off(line: &str) -> bool {
    let key = line.strip_prefix('#');
    key.is_some_and(|key| key.starts_with(|c: char| c.is_ascii_lowercase() || c == '['))
}

/// An environment that has the token which the file names.
fn with_token(name: &str) -> Option<String> {
    if name == "CALLTRIAGE_STORE_URL" {
        return Some("postgres://calltriage:x@db.example.net/calltriage".to_owned());
    }
    let kinds = [
        "SLACK_",
        "DISCORD_",
        "CONNEXCS_TOKEN",
        "SMTP_PASSWORD",
        "REPORT_WEBHOOK_SECRET",
        "FREESCOUT_KEY",
    ];
    let more = [
        "ZAMMAD_TOKEN",
        "JIRA_TOKEN",
        "HOOK_SECRET",
        "OTEL_TOKEN",
        "PAGER_TOKEN",
    ];
    let is_secret = kinds.iter().chain(&more).any(|it| name.starts_with(it));
    is_secret.then(|| "x".to_owned())
}

/// The file with those keys switched on that `chosen` wants, by the number of the line.
fn switched_on(chosen: impl Fn(usize) -> bool) -> String {
    let lines = EMBEDDED.lines().enumerate();
    let lines = lines.map(|(n, line)| {
        if is_off(line) && chosen(n) {
            &line[1..]
        } else {
            line
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_default_is_what_an_empty_file_means() {
    let embedded = parse(EMBEDDED).unwrap();
    assert_eq!(format!("{embedded:?}"), format!("{:?}", parse("").unwrap()));
    assert!(embedded.http.listen.ip().is_loopback());
    assert!(embedded.sources.is_empty(), "it contacts no host");
}

#[test]
fn it_shows_every_key() {
    let around = Surroundings::new("", &with_token);
    let reading = Config::reading("c.toml", &switched_on(|_| true), &around).unwrap();
    assert_eq!(
        reading.unset,
        Vec::<String>::new(),
        "keys without a line in config/calltriage.toml"
    );
    assert_eq!(reading.value.peers.iter().count(), 1);
    assert_eq!(reading.value.sources.len(), 2);
}

#[test]
fn each_switched_off_part_parses_by_itself() {
    // A repeated section goes to the next empty line, another key is a part of its own.
    let lines: Vec<_> = EMBEDDED.lines().collect();
    let mut parts = 0;
    let mut next = 0;
    while let Some(begin) = (next..lines.len()).find(|n| is_off(lines[*n])) {
        let section = lines[begin].starts_with("#[");
        let end = (begin + 1..lines.len()).find(|n| !section || lines[*n].is_empty());
        next = end.unwrap_or(lines.len());
        let mut text = switched_on(|n| (begin..next).contains(&n));
        if !text.contains("\n[slack]") {
            // Channels of it are named in other parts.
            text.push_str(
                "\n[slack]\nbot_token = { value = \"t\" }\napp_token = { value = \"t\" }\n",
            );
        }
        let around = Surroundings::new("/etc/calltriage", &with_token);
        Config::parse("c.toml", &text, &around)
            .unwrap_or_else(|error| panic!("{}: {error}", lines[begin]));
        parts += 1;
    }
    assert!(parts >= 6, "{parts}");
}

#[test]
fn the_store_is_in_the_state_folder() {
    let path = |variables: &'static [(&str, &str)]| {
        let variable = |name: &str| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Config::parse("c.toml", "", &Surroundings::new("", &variable))
            .unwrap()
            .store
            .path
    };
    assert_eq!(path(&[]), None);
    let under_home = Some(PathBuf::from("/home/ann/.local/state/calltriage"));
    assert_eq!(path(&[("HOME", "/home/ann")]), under_home);
    assert_eq!(
        path(&[("HOME", "/home/ann"), ("XDG_STATE_HOME", "relative")]),
        under_home
    );
    assert_eq!(
        path(&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")]),
        Some("/s/calltriage".into())
    );
}

#[test]
fn paths_start_at_the_folder_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.toml");
    let text = "[[sources]]\nname = \"a\"\nkind = \"captures\"\npaths = [\"x\", \"/y\", \"~/z\"]\n";
    std::fs::write(&file, text).unwrap();
    let around = Surroundings::new("", &|name| (name == "HOME").then(|| "/home/ann".to_owned()));
    let config = Config::load(Some(&file), &around).unwrap();
    let SourceKind::Captures { paths } = &config.sources[0].kind else {
        panic!("{config:?}");
    };
    let expected = [
        folder.path().join("x"),
        "/y".into(),
        Path::new("/home/ann/z").to_owned(),
    ];
    assert_eq!(*paths, expected);
}
