//! The bot while it runs: its settings change, it is told to stop, its clock jumps, a request hangs. Nothing that was
//! acknowledged is lost or answered twice.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use calltriage::demo::{Behaviour, World};
use jiff::Timestamp;

use super::talk::{answer, said, whisper};
use super::{BUSY, Bot, in_slack};
use crate::support::connexcs;
use crate::support::slack::state::State;
use crate::support::slack::{ANN, Fake, NOC};

/// Only to end a test that would otherwise wait for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often the bot's numbers have this line.
fn has(bot: &Bot, line: &str) -> bool {
    let (_, text) = bot.get("/metrics");
    text.lines().any(|it| it == line)
}

/// Waits until something is so; what it was instead is in the bot's log.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "{what}");
        std::thread::yield_now();
    }
}

fn cards(state: &State) -> usize {
    let all = said(state, NOC);
    all.iter()
        .filter(|it| it.readable().contains("486"))
        .count()
}

const OPEN: &str =
    "[[permissions.rules]]\nsubjects = [\"*\"]\ncommands = [\"*\"]\ncustomers = [\"*\"]\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn permissions_knowledge_and_watches_change_while_it_runs() {
    let watch = "[[watches]]\nname = \"first\"\nwhen = \"no traffic in 10m\"\nchannel = \"slack:C0NOC00000\"\n";
    let (fake, bot) = in_slack(&format!("{OPEN}{watch}")).await;
    fake.user(ANN).slash(NOC, "/triage watches");
    answer(&fake, NOC, "first: ").await;

    // As a whole, at a signal.
    let entry = "[[reasons]]\ntext = \"Circuit Goblin Awake\"\ncodes = [503]\nparties = [\"carrier\"]\n\
                 meaning = \"A goblin sits in the circuit.\"\nnext = [\"Wait for the morning.\"]\nsource = \"our own\"\n";
    bot.write("knowledge.toml", entry);
    bot.reconfigure_all(&[
        (
            "commands = [\"*\"]",
            "commands = [\"watches\", \"explain\"]",
        ),
        ("name = \"first\"", "name = \"second\""),
        (
            "[[watches]]",
            "[knowledge]\nfiles = [\"knowledge.toml\"]\n[[watches]]",
        ),
    ]);
    bot.signal("HUP");
    until("the settings are taken", || {
        has(&bot, "calltriage_reloads_total{outcome=\"taken\"} 1")
    });
    fake.user(ANN).slash(NOC, "/triage watches");
    answer(&fake, NOC, "second: ").await;
    fake.user(ANN)
        .slash(NOC, "/triage explain Circuit Goblin Awake");
    answer(&fake, NOC, "A goblin sits in the circuit.").await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    fake.until("the refusal", |state| {
        let told = |it: &&crate::support::slack::state::Message| {
            it.readable().contains("You may not use diagnose")
        };
        state.messages.iter().find(told).map(|_| ())
    })
    .await;

    // Refused whole where one thing is wrong, and the old goes on.
    bot.reconfigure_all(&[
        ("name = \"second\"", "name = \"third\""),
        (
            "commands = [\"watches\", \"explain\"]",
            "commands = [\"wotches\"]",
        ),
    ]);
    until("the settings are refused", || {
        has(&bot, "calltriage_reloads_total{outcome=\"refused\"} 1")
    });
    let log = bot.log();
    let why = "the settings stay as they were, since [[permissions.rules]] commands: there is no command \"wotches\"";
    assert!(log.contains(why), "{log}");
    fake.user(ANN).slash(NOC, "/triage watches");
    answer(&fake, NOC, "second: ").await;

    // And taken once it is right again, without any signal.
    bot.reconfigure("commands = [\"wotches\"]", "commands = [\"*\"]");
    until("the settings are taken", || {
        has(&bot, "calltriage_reloads_total{outcome=\"taken\"} 2")
    });
    fake.user(ANN).slash(NOC, "/triage watches");
    answer(&fake, NOC, "third: ").await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    answer(&fake, NOC, "486").await;

    // What a change cannot reach is said.
    bot.reconfigure("listen = \"127.0.0.1:0\"", "listen = \"127.0.0.1:1\"");
    until("a restart is asked for", || {
        bot.log().contains("; a restart is needed for [http]")
    });
    assert_eq!(bot.get("/health/ready").0, 200);
    fake.nothing_refused();
}

/// The fake workspace with a bot that asks a platform which takes so long over each answer.
async fn with_slow_platform(slow: Duration) -> (Fake, Bot, connexcs::Fake) {
    let platform = connexcs::Fake::of(World::of_examples(Timestamp::now())).await;
    platform.platform.script().everywhere(Behaviour::Slow(slow));
    let settings = format!(
        "[[sources]]\nname = \"main\"\nkind = \"connexcs\"\nbase_url = \"{}\"\ntoken = {{ value = \"demo\" }}\n\
         deadline = \"60s\"\ncdr_deadline = \"60s\"\n[sources.limits]\nspacing = \"1ms\"\nburst = 100\n",
        platform.base_url()
    );
    let (fake, bot) = in_slack(&settings).await;
    (fake, bot, platform)
}

/// Waits until the workspace knows that a bot has ended.
async fn until_gone(fake: &Fake) {
    fake.until("the old connections are gone", |state| {
        state.record.open.is_empty().then_some(())
    })
    .await;
}

/// Starts the bot again, with a platform that is quick: it answers what was left, once.
async fn answered_once_by_the_next(fake: &Fake, bot: &mut Bot, platform: &connexcs::Fake) {
    platform
        .platform
        .script()
        .everywhere(Behaviour::Slow(Duration::ZERO));
    until_gone(fake).await;
    bot.start();
    fake.until_connected(2).await;
    answer(fake, NOC, "486").await;
    assert_eq!(fake.look(cards), 1);
    fake.nothing_refused();
}

/// Waits until a request is worked on.
fn until_at_work(bot: &Bot) {
    until("a request is worked on", || {
        has(bot, "calltriage_jobs_open{chat=\"slack\"} 1")
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_is_answered_before_it_ends() {
    let (fake, mut bot, _platform) = with_slow_platform(Duration::from_millis(300)).await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    until_at_work(&bot);
    bot.signal("TERM");
    let status = bot.ended();
    assert!(status.success(), "{status:?}");
    assert_eq!(fake.look(cards), 1);
    let log = bot.log();
    assert!(log.contains("calltriage: terminated: stopping"), "{log}");
    assert!(!log.contains("after the next start"), "{log}");
    fake.nothing_refused();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_answered_is_at_the_next_start() {
    let (fake, mut bot, platform) = with_slow_platform(Duration::from_secs(50)).await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    until_at_work(&bot);
    bot.signal("TERM");
    until("it stops", || bot.log().contains("terminated: stopping"));
    // Whoever is in a hurry says it twice.
    until("it ends at once", || {
        bot.signal("TERM");
        bot.is_over()
    });
    assert!(bot.ended().success());
    assert_eq!(fake.look(cards), 0);
    answered_once_by_the_next(&fake, &mut bot, &platform).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_answered_in_time_is_left_to_the_next_start() {
    let (fake, mut bot, platform) = with_slow_platform(Duration::from_secs(50)).await;
    bot.signal("TERM");
    assert!(bot.ended().success());
    bot.reconfigure("[log]\n", "stop_within = \"100ms\"\n[log]\n");
    until_gone(&fake).await;
    bot.start();
    fake.until_connected(2).await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    until_at_work(&bot);
    bot.signal("TERM");
    assert!(bot.ended().success());
    let log = bot.log();
    let said = "1 not answered in time: left to another replica or the next start";
    assert!(log.contains(said), "{log}");
    assert!(!log.contains("not everything ended in time"), "{log}");
    assert_eq!(fake.look(cards), 0);
    answered_once_by_the_next(&fake, &mut bot, &platform).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn channels_change_while_it_runs() {
    let (fake, bot) = in_slack(OPEN).await;
    let taken = |count: usize| {
        let line = format!("calltriage_reloads_total{{outcome=\"taken\"}} {count}");
        until("the settings are taken", || has(&bot, &line));
    };
    fake.user(ANN).slash(NOC, "/triage explain 486");
    answer(&fake, NOC, "Busy Here").await;

    // At a signal.
    let channel = format!("[[channels]]\nid = \"slack:{NOC}\"\nprivate = true\n[slack]\n");
    bot.reconfigure("[slack]\n", &channel);
    bot.signal("HUP");
    taken(1);
    fake.user(ANN).slash(NOC, "/triage explain 404");
    whisper(&fake, ANN, "Not Found").await;

    // Refused whole: what is right in it is not taken either.
    bot.reconfigure_all(&[
        ("private = true", "audience = \"customer\""),
        ("commands = [\"*\"]", "commands = [\"watches\"]"),
    ]);
    until("the settings are refused", || {
        has(&bot, "calltriage_reloads_total{outcome=\"refused\"} 1")
    });
    fake.user(ANN).slash(NOC, "/triage explain 480");
    whisper(&fake, ANN, "Temporarily Unavailable").await;

    // Without a signal.
    bot.reconfigure_all(&[
        ("audience = \"customer\"", "private = false"),
        ("commands = [\"watches\"]", "commands = [\"*\"]"),
    ]);
    taken(2);
    fake.user(ANN).slash(NOC, "/triage explain 503");
    answer(&fake, NOC, "Service Unavailable").await;
    assert!(!bot.log().contains("a restart is needed"), "{}", bot.log());
    fake.nothing_refused();
}

/// A library that lets the clock of a program jump: built here, since no such thing is on every machine.
fn clock_jump(folder: &Path) -> Option<std::path::PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/clock_jump.c");
    let library = folder.join("clock_jump.so");
    let mut command = Command::new("cc");
    command
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(source);
    let built = command.stdin(Stdio::null()).status();
    built.is_ok_and(|it| it.success()).then_some(library)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_loses_and_doubles_nothing() {
    let fake = Fake::fast().await;
    let mut bot = Bot::configured(&fake, "socket", "");
    let Some(library) = clock_jump(&bot.folder()) else {
        println!("skipped: no C compiler");
        return;
    };
    let jump = bot.folder().join("jump");
    std::fs::write(&jump, "0").unwrap();
    bot.start_with(|command| {
        command.env("LD_PRELOAD", &library).env("CLOCK_JUMP", &jump);
    });
    fake.until_connected(2).await;
    let jumps = [0_i64, 6 * 3600, -86_400, 400 * 86_400, 0];
    for (nth, seconds) in jumps.into_iter().enumerate() {
        std::fs::write(&jump, seconds.to_string()).unwrap();
        fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
        fake.until("one card more", |state| (cards(state) > nth).then_some(()))
            .await;
        assert_eq!(fake.look(cards), nth + 1, "{seconds}");
        assert_eq!(bot.get("/health/ready").0, 200, "{seconds}");
    }
    // The clock did jump: the log has lines of next year.
    let next_year = (Timestamp::now().as_second() + 400 * 86_400) / 86_400 * 86_400;
    let day = Timestamp::from_second(next_year).unwrap().to_string();
    assert!(bot.log().contains(&day[..8]), "{day}");
    bot.signal("TERM");
    assert!(bot.ended().success());
    fake.nothing_refused();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_id_leads_from_the_question_to_the_platforms_api_and_back() {
    let platform = connexcs::Fake::of(World::of_examples(Timestamp::now())).await;
    let fake = Fake::fast().await;
    let more = format!(
        "[[sources]]\nname = \"main\"\nkind = \"connexcs\"\nbase_url = \"{}\"\ntoken = {{ value = \"demo\" }}\n",
        platform.base_url()
    );
    let mut bot = Bot::configured(&fake, "socket", &more);
    bot.reconfigure("format = \"text\"", "format = \"json\"");
    bot.start();
    fake.until_connected(2).await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    answer(&fake, NOC, "486").await;
    bot.signal("TERM");
    assert!(bot.ended().success());
    let log = bot.log();
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect();
    let taken = lines
        .iter()
        .find(|it| it["message"] == "a request was taken");
    let job = taken.unwrap()["job"].as_str().unwrap();
    let of_job = |message: &str| {
        let its = lines.iter().filter(|it| it["span"]["id"] == job);
        its.filter(|it| it["message"] == message).count()
    };
    // What the platform was asked, and what Slack was told.
    assert!(of_job("asked") >= 3, "{log}");
    assert!(of_job("Slack was called") >= 2, "{log}");
    // No number, token or text of a call is in it.
    for secret in ["busy-1", "xoxb", "xapp", "demo\"", "Busy Here"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    let noted = bot.command(&["audit", "--json"]).output().unwrap();
    assert!(String::from_utf8_lossy(&noted.stdout).contains(job));
}
