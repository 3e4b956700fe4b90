//! `init`: a first configuration by questions or flags, and what it never does.

use std::os::unix::fs::PermissionsExt as _;

use super::{Desk, finish};
use crate::support::connexcs::Fake;
use crate::support::discord::{APPLICATION, SERVER, STAFF, TOKEN};
use tokio::task::block_in_place;

#[test]
fn with_defaults_alone_it_contacts_nobody() {
    let desk = Desk::new();
    let done = desk.run(&["init", "--defaults"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    insta::assert_snapshot!(done.err, @r"
    calltriage: calltriage.toml is written
    calltriage: next: calltriage run --config calltriage.toml
    ");
    assert!(
        done.out
            .starts_with("✓ works        configuration: calltriage.toml\n"),
        "{done:?}"
    );
    let mode = desk
        .path("calltriage.toml")
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777 & !0o640, 0, "{mode:o}");
    // Every comment is there, and the file means what the built-in one does.
    let text = std::fs::read_to_string(desk.path("calltriage.toml")).unwrap();
    assert_eq!(
        text.lines().count(),
        calltriage::config::EMBEDDED.lines().count()
    );
    desk.run(&["check-config", "--config", "calltriage.toml"])
        .answered();
}

#[test]
fn what_is_there_is_not_written_over() {
    let desk = Desk::new();
    desk.file("calltriage.toml", "timezone = \"UTC\"\n");
    let done = desk.run(&["init", "--defaults"]);
    assert_eq!((done.code, &*done.out), (Some(1), ""));
    assert_eq!(
        done.err,
        "calltriage: calltriage.toml is there already; give --force to write over it, or another file with --config\n"
    );
    let text = std::fs::read_to_string(desk.path("calltriage.toml")).unwrap();
    assert_eq!(text, "timezone = \"UTC\"\n");
    let done = desk.run(&["init", "--defaults", "--force"]);
    assert_eq!(done.code, Some(0), "{done:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_asked_again_until_they_can_be_used() {
    let fake = Fake::start().await;
    let desk = Desk::new();
    desk.file("token", "demo\n");
    let base_url = fake.base_url();
    // A plain host, then a token instead of its place; the rest is good, and some of it left at its default.
    let typed = format!(
        "http://app.example.com/\n{base_url}\neyJhbGciOi\nfile:token\n\n\nsockets\nnone\nnone\nEurope/Berln\nEurope/Berlin\nGB\n\nstore\n"
    );
    let done = block_in_place(|| desk.say(&["init", "--config", "bot.toml"], &typed));
    assert_eq!(done.code, Some(0), "{done:?}");
    insta::assert_snapshot!(done.err.replace(&base_url, "BASE_URL/"), @r#"
    Address of a ConnexCS API (https://app.connexcs.com/api/cp/), or none [none]: (refused)
    calltriage: found http:// to another machine, where anybody on the way can read along; allowed: an address as in "https://example.com/api/"; http:// only for this machine, as in "http://127.0.0.1:8080/"
    Address of a ConnexCS API (https://app.connexcs.com/api/cp/), or none [none]: BASE_URL/
    Where its token stands (env:NAME or file:PATH) [env:CONNEXCS_TOKEN]: (refused)
    calltriage: write where the secret stands, not the secret: env:NAME (capital letters) or file:PATH
    Where its token stands (env:NAME or file:PATH) [env:CONNEXCS_TOKEN]: file:token
    Files or folders with captures, separated by commas, or none [none]: 
    Address of the platform's status page, or none [none]: 
    How Slack reaches the bot (socket, http), or none [none]: (refused)
    calltriage: found "sockets"; allowed: socket, http, none
    How Slack reaches the bot (socket, http), or none [none]: 
    How Discord reaches the bot (gateway, http), or none [none]: 
    Time zone of times that are written without one [UTC]: (refused)
    calltriage: found "Europe/Berln"; allowed: the name of a time zone, as in "UTC" or "Europe/Berlin"; did you mean "Europe/Berlin"?
    Time zone of times that are written without one [UTC]: Europe/Berlin
    Country whose numbers are written without its code (two letters), or none [none]: GB
    Where health and metrics are served [127.0.0.1:8080]: 
    Folder of what must survive a restart, or none for your own state folder [none]: store
    calltriage: bot.toml is written
    calltriage: next: calltriage run --config bot.toml
    "#);
    assert!(!done.err.contains("eyJ"));
    assert!(done.out.contains("main credential: taken"), "{done:?}");
    let text = std::fs::read_to_string(desk.path("bot.toml")).unwrap();
    let set: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .collect();
    insta::assert_snapshot!(set.join("\n").replace(&base_url, "BASE_URL/"), @r#"
    timezone = "Europe/Berlin"
    home_country = "GB"
    stop_within = "10s"
    [http]
    listen = "127.0.0.1:8080"
    [log]
    [store]
    path = "store"
    [retention]
    [knowledge]
    [rules]
    [[sources]]
    name = "main"
    kind = "connexcs"
    base_url = "BASE_URL/"
    token = { file = "token" }
    [reports]
    [incidents]
    "#);
}

#[test]
fn flags_that_cannot_be_used_are_refused() {
    let desk = Desk::new();
    let cases = [
        (vec!["--platform", "http://app.example.com/"], "http://"),
        (vec!["--timezone", "Mars"], "found \"Mars\""),
        (vec!["--slack", "carrier-pigeon"], "socket, http, none"),
        (vec!["--discord", "socket"], "gateway, http, none"),
        (vec!["--discord", "gateway"], "an id of Discord's"),
        (
            vec![
                "--discord",
                "http",
                "--discord-application",
                "1088506190374604890",
                "--discord-public-key",
                "beef",
            ],
            "64 hexadecimal digits",
        ),
        (
            vec!["--slack", "http", "--slack-url", "http://bot.example.com"],
            "an address with https://",
        ),
        (
            vec![
                "--platform",
                "https://app.example.com/",
                "--token",
                "eyJhbGciOi",
            ],
            "env:NAME",
        ),
    ];
    for (flags, said) in cases {
        let args = [&["init", "--defaults"], flags.as_slice()].concat();
        let done = desk.run(&args);
        assert_eq!(
            (done.code, &*done.out),
            (Some(1), ""),
            "{flags:?}: {done:?}"
        );
        assert!(done.err.contains(said), "{flags:?}: {}", done.err);
        assert!(!done.err.contains("eyJ"), "{}", done.err);
        assert!(!desk.path("calltriage.toml").exists(), "{flags:?}");
    }
}

#[test]
fn the_manifest_and_the_missing_tokens_are_told() {
    let desk = Desk::new();
    let args = [
        "init",
        "--defaults",
        "--slack",
        "http",
        "--slack-url",
        "https://bot.example.com/",
    ];
    let done = desk.run(&args);
    assert_eq!((done.code, &*done.out), (Some(0), ""), "{done:?}");
    assert!(
        done.err.contains("https://api.slack.com/apps?new_app=1"),
        "{}",
        done.err
    );
    assert!(
        done.err.contains("https://bot.example.com/slack/commands"),
        "{}",
        done.err
    );
    let last = done.err.lines().last().unwrap();
    assert_eq!(
        last,
        "calltriage: next: set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET, then see what works: \
         calltriage doctor --config calltriage.toml"
    );
    // With them the file is right.
    let mut command = desk.command(&["check-config", "--config", "calltriage.toml"]);
    command
        .env("SLACK_BOT_TOKEN", "x")
        .env("SLACK_SIGNING_SECRET", "x");
    finish(command, "").answered();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_discord_application_is_invited_and_let_in() {
    let fake = crate::support::discord::Fake::start().await;
    let desk = Desk::new();
    let application = APPLICATION.to_string();
    let (servers, staff) = (SERVER.to_string(), STAFF.to_string());
    let args = [
        "init",
        "--defaults",
        "--discord",
        "gateway",
        "--discord-application",
        &application,
        "--discord-servers",
        &servers,
        "--discord-staff",
        &staff,
    ];
    let done = block_in_place(|| desk.run(&args));
    assert_eq!((done.code, &*done.out), (Some(0), ""), "{done:?}");
    insta::assert_snapshot!(done.err, @r"
    calltriage: calltriage.toml is written
    calltriage: this invites the bot into a Discord server, with what it needs and no more: https://discord.com/oauth2/authorize?client_id=1088000000000000001&scope=bot+applications.commands&permissions=274878024704
    calltriage: next: set DISCORD_TOKEN, then see what works: calltriage doctor --config calltriage.toml
    ");
    // Its token is tried as soon as it is there: here at a Discord of the test's own.
    let path = desk.path("calltriage.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let own = format!("\n[discord]\napi_url = \"{}\"\n", fake.api_url());
    assert!(text.contains("\n[discord]\n"), "{text}");
    std::fs::write(&path, text.replace("\n[discord]\n", &own)).unwrap();
    let mut command = desk.command(&["doctor", "--config", "calltriage.toml"]);
    command.env("DISCORD_TOKEN", TOKEN);
    let done = block_in_place(|| finish(command, ""));
    assert!(done.out.contains("discord token: taken: user"), "{done:?}");
    assert!(
        done.out
            .contains("discord application: the id is that of the token"),
        "{done:?}"
    );
}

#[test]
fn answers_that_end_too_soon_leave_nothing() {
    let desk = Desk::new();
    let done = desk.say(&["init"], "none\n");
    assert_eq!((done.code, &*done.out), (Some(1), ""));
    assert!(
        done.err
            .contains("the answers ended; give the others as flags"),
        "{}",
        done.err
    );
    assert!(!desk.path("calltriage.toml").exists());
}
