//! The page of the first diagnosis: the program, run as the page says, from nothing to a bot that answers. Its words are
//! what was printed, without what differs from run to run.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::check;
use crate::cli::{Desk, finish, signal};

/// No more may it take from nothing to a bot that answers.
const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// A process of the page. Killed when the test is over, however it is over.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts something that prints one line of JSON once it is up.
fn serving(desk: &Desk, args: &[&str], about: &str) -> (Running, Value) {
    use std::io::BufRead as _;
    let mut command = desk.command(args);
    command.env("CONNEXCS_TOKEN", "demo").stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let said = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{about}: {line}"));
    (Running(child), said)
}

/// A text without what differs: how long things took, when it was.
fn timeless(text: &str) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        let line = match line.rsplit_once(" (") {
            Some((before, after)) if after.ends_with(" ms)") => before,
            _ => line,
        };
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

const HEAD: &str = "# First diagnosis\n\nFrom nothing to a bot that answers, in under five minutes and without an account: \
    against a platform's API that the program itself serves over its example calls. Every word below was printed by the \
    program when the tests ran, which hold it to that time; made by `UPDATE_DOCS=1 cargo test docs::`.\n";

#[test]
fn the_page_of_the_first_diagnosis_is_fresh() {
    let began = Instant::now();
    let desk = Desk::new();
    let (_platform, said) = serving(
        &desk,
        &["demo-platform", "--json"],
        "the platform of the example calls",
    );
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (base_url, status_url) = (text(&said["base_url"]), text(&said["status_url"]));
    let host = base_url.split('/').nth(2).unwrap().to_owned();
    assert_eq!(said["token"], "demo");
    let plain = |text: &str| timeless(text).replace(&host, "127.0.0.1:8090");

    // Slack, country, store and captures stay at their defaults, and so does the time zone.
    let typed = format!("{base_url}\n\n\n{status_url}\n\n\n\n\n127.0.0.1:0\n\n");
    let mut command = desk.command(&["init"]);
    command.env("CONNEXCS_TOKEN", "demo");
    let init = finish(command, &typed);
    assert_eq!(init.code, Some(0), "{init:?}");
    // Both go to one terminal: what comes next is said after the checks.
    let (asked, next) = init.err.rsplit_once("calltriage: next: ").unwrap();
    let asked = plain(asked).replace("127.0.0.1:0\n", "\n");

    let in_place = |args: &[&str]| {
        let mut command = desk.command(args);
        command.env("CONNEXCS_TOKEN", "demo");
        finish(command, "")
    };
    let config = ["--config", "calltriage.toml"];
    let call = "4d7112070d2bab29143f000002504980@198.51.100.10";
    let diagnosed = in_place(&[&["diagnose", call], &config[..]].concat()).answered();
    let verdict: String = plain(&diagnosed.out)
        .lines()
        .take_while(|line| !line.is_empty())
        .map(|line| format!("{line}\n"))
        .collect();

    let (mut bot, at) = serving(
        &desk,
        &["run", "--json", "--config", "calltriage.toml"],
        "the bot",
    );
    let address = text(&at["http"]);
    desk.file("health.toml", format!("[http]\nlisten = \"{address}\"\n"));
    let health = in_place(&["health", "--ready", "--config", "health.toml"]).answered();
    signal(bot.0.id(), "TERM");
    assert!(bot.0.wait().unwrap().success());
    assert!(began.elapsed() < FIVE_MINUTES, "{:?}", began.elapsed());

    let page = format!(
        "{HEAD}\n## 1. A platform to ask\n\nIn one terminal; Ctrl-C stops it. With an account of your own, leave this \
         out.\n\n```text\n$ calltriage demo-platform --listen 127.0.0.1:8090\n```\n\n## 2. A configuration\n\nIn another \
         terminal. Enter takes what stands in brackets. It asks where a token stands, never for the token.\n\n```text\n\
         $ export CONNEXCS_TOKEN=demo\n$ calltriage init\n{asked}{}calltriage: next: {next}```\n\nThe file shows every \
         other setting beside those that were answered ([all of them](configuration.md)). What could not be checked \
         stands there with the key that would let it.\n\n## 3. A call\n\n```text\n$ calltriage diagnose --config \
         calltriage.toml {call}\n{verdict}…\n```\n\nWhat each line means, and how sure it is: [Rules](rules.md).\n\n\
         ## 4. The bot\n\n```text\n$ calltriage run --config calltriage.toml\ncalltriage: listening on \
         http://127.0.0.1:8080\n```\n\n```text\n$ calltriage health --ready --config calltriage.toml\n{}```\n\nFor \
         Slack give `init` the answer `socket`: it prints the app's manifest and asks where the tokens stand \
         ([Slack](slack.md)). To let it run for others: [Operations](operations.md).\n",
        plain(&init.out),
        health.out,
    );
    check("first-diagnosis.md", &page);
}
