//! What is wrong with a file: all of it at once, each with its line, key, value and what is allowed.

use std::path::Path;

use calltriage::config::{Config, Surroundings};

use super::parse;

fn check(text: &str, expected: &[&str]) {
    let said = parse(text).unwrap_err().to_string();
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn all_problems_in_one_go() {
    check(
        r#"tiemzone = "UTC"
home_country = "Germany"
timezone = "Europe/Berln"
frobnicate = 1

[http]
listen = "localhost:99"
port = 8080

[[peers]]
name = ""
kind = "carier"
addresses = ["192.0.2.0/24", "10.0.0.5/24", "10.0.0.0/33", 7]
adresses = []

[[peers]]

[[sources]]
name = "a"
kind = "caputres"
paths = "x"
"#,
        &[
            r#"c.toml:1: tiemzone: unknown key; allowed: timezone, home_country, stop_within, http, log, telemetry, store, retention, peers, sources, status_page, knowledge, rules, slack, discord, permissions, channels, reports, contacts, watches, hooks, incidents; did you mean timezone?"#,
            r#"c.toml:2: home_country: found "Germany"; allowed: the two letters of a country in ISO 3166, as in "DE"; the United Kingdom is "GB""#,
            r#"c.toml:3: timezone: found "Europe/Berln"; allowed: the name of a time zone, as in "UTC" or "Europe/Berlin"; did you mean "Europe/Berlin"?"#,
            r#"c.toml:4: frobnicate: unknown key; allowed: timezone, home_country, stop_within, http, log, telemetry, store, retention, peers, sources, status_page, knowledge, rules, slack, discord, permissions, channels, reports, contacts, watches, hooks, incidents"#,
            r#"c.toml:7: http.listen: found "localhost:99"; allowed: an IP address with a port, as in "127.0.0.1:8080" or "[::1]:8080"; port 0 takes a free one; did you mean "127.0.0.1:99"?"#,
            r#"c.toml:8: http.port: unknown key; allowed: listen, metrics, tls"#,
            r#"c.toml:11: peers[0].name: found ""; allowed: a text in quotes, on one line and not empty"#,
            r#"c.toml:12: peers[0].kind: found "carier"; allowed: "customer", "carrier", "platform"; did you mean "carrier"?"#,
            r#"c.toml:13: peers[0].addresses[1]: found "10.0.0.5/24"; allowed: an IP address or a block of them, as in "192.0.2.1", "192.0.2.0/24" or "2001:db8::/32"; did you mean "10.0.0.0/24"?"#,
            r#"c.toml:13: peers[0].addresses[2]: found "10.0.0.0/33"; allowed: an IP address or a block of them, as in "192.0.2.1", "192.0.2.0/24" or "2001:db8::/32""#,
            r#"c.toml:13: peers[0].addresses[3]: found 7; allowed: an IP address or a block of them, as in "192.0.2.1", "192.0.2.0/24" or "2001:db8::/32""#,
            r#"c.toml:14: peers[0].adresses: unknown key; allowed: name, kind, addresses; did you mean addresses?"#,
            r#"c.toml:16: peers[1].name: missing; allowed: a text in quotes, on one line and not empty"#,
            r#"c.toml:16: peers[1].kind: missing; allowed: "customer", "carrier", "platform""#,
            r#"c.toml:16: peers[1].addresses: missing; allowed: a list, each of it an IP address or a block of them, as in "192.0.2.1", "192.0.2.0/24" or "2001:db8::/32""#,
            r#"c.toml:20: sources[0].kind: found "caputres"; allowed: "captures", "connexcs"; did you mean "captures"?"#,
        ],
    );
}

#[test]
fn sections_of_the_wrong_kind() {
    check(
        "http = 1\nsources = [1]\n[peers]\nname = \"x\"\n",
        &[
            "c.toml:1: http: found 1; allowed: a section [http]",
            "c.toml:2: sources[0]: found 1; allowed: sections [[sources]]",
            "c.toml:3: peers: found a section; allowed: sections [[peers]]; did you mean [[peers]]?",
        ],
    );
    check(
        "[[sources]]\nname = \"a\"\nkind = \"captures\"\npaths = \"x\"\n",
        &[
            r#"c.toml:4: sources[0].paths: found "x"; allowed: a list, each of it a path in quotes; a relative one starts at the folder of this file, ~/ at the home folder; did you mean ["x"]?"#,
        ],
    );
}

#[test]
fn what_must_be_unique() {
    check(
        r#"[[peers]]
name = "A"
kind = "carrier"
addresses = ["192.0.2.1"]
[[peers]]
name = "A"
kind = "customer"
addresses = ["192.0.2.1/32"]
"#,
        &[
            r#"c.toml:6: peers[1].name: found "A" a second time; allowed: a name of its own"#,
            r#"c.toml:8: peers[1].addresses: found 192.0.2.1/32, which "A" has too; allowed: each block once"#,
        ],
    );
}

#[test]
fn a_store_on_a_server() {
    let allowed =
        r#"the address of a PostgreSQL server, as in "postgres://USER:PASSWORD@HOST/DATABASE""#;
    for url in [
        "mysql://ann:canary@db/calls",
        "postgres://ann:canary@db:x/calls",
        "db",
    ] {
        check(
            &format!("[store]\nurl = {{ value = \"{url}\" }}\n"),
            &[&format!(
                "c.toml:2: store.url: found another address (not shown); allowed: {allowed}"
            )],
        );
    }
    check(
        "[retention]\naudit = \"long\"\nlogs = \"1d\"\n",
        &[
            r#"c.toml:2: retention.audit: found "long"; allowed: a time with its unit, as in "500ms", "30s", "15m", "2h" or "90d""#,
            "c.toml:3: retention.logs: unknown key; allowed: investigations, evidence, audit, threads, reports, incidents",
        ],
    );
}

#[test]
fn not_toml() {
    let said = parse("timezone = \"UTC\"\nhome_country = GB\n[http\nlisten = 1\n")
        .unwrap_err()
        .to_string();
    let places: Vec<_> = said
        .lines()
        .map(|line| &line[..line.find("not valid TOML").unwrap()])
        .collect();
    assert_eq!(
        places,
        ["c.toml:2: column 16: ", "c.toml:3: column 6: "],
        "{said}"
    );
}

#[test]
fn a_secret_beside_a_mistake_is_not_quoted() {
    let said = parse("token = \"canary\" x\nbot_tokn = { value = \"canary\" }\n")
        .unwrap_err()
        .to_string();
    assert!(!said.contains("canary"), "{said}");
    let said = parse("bot_tokn = { value = \"canary\" }\ntoken = \"canary\"\n")
        .unwrap_err()
        .to_string();
    assert!(!said.contains("canary"), "{said}");
}

#[test]
fn files_that_are_none() {
    let around = Surroundings::new("", &|_| None);
    let said = |path: &Path| Config::load(Some(path), &around).unwrap_err().to_string();
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().display();
    let missing = folder.path().join("no.toml");
    assert_eq!(
        said(&missing),
        format!("cannot read the configuration {at}/no.toml: it does not exist")
    );
    let expected = format!("cannot read the configuration {at}: it is not a regular file");
    assert_eq!(said(folder.path()), expected);
    let binary = folder.path().join("b.toml");
    std::fs::write(&binary, b"\xff\xfe").unwrap();
    let expected = format!("cannot read the configuration {at}/b.toml: it is not UTF-8 text");
    assert_eq!(said(&binary), expected);
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "(?s).{0,200}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_text_that_is_nearly_toml_panics(
        text in r#"((timezone|home_country|\[http\]|listen|\[\[peers\]\]|kind|addresses|sources|x)( = ("[a-z0-9./:]{0,8}"|\{ ?\}|\[\[?"[a-z0-9./:]{0,5}"\]?\]|-?[0-9]{1,3}|true|1979-05-27))?\n){0,8}"#
    ) {
        let _ = parse(&text);
    }
}
