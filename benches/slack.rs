//! The bot in Slack under load: how soon commands are acknowledged and something is seen, and how much memory it takes:
//! `cargo bench --bench slack`. The real program against the fake workspace and a platform that answers after 500 ms.
//! Asserts nothing about time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement, not the program"
)]

#[allow(
    dead_code,
    clippy::all,
    reason = "shared with the tests, which use more of it"
)]
#[path = "../tests/support/mod.rs"]
mod support;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use calltriage::demo::{Behaviour, World};
use jiff::Timestamp;
use support::connexcs;
use support::slack::record::Outcome;
use support::slack::state::{BOT_USER, Channel};
use support::slack::{ANN, APP_TOKEN, BOT_TOKEN, Fake};
use tempfile::TempDir;

/// How long the platform takes over every answer.
const SLOW: Duration = Duration::from_millis(500);

/// Commands that come at once, and how many more wait for their turn in the last part.
const AT_ONCE: usize = 200;
const QUEUED: usize = 1_000;

/// Each channel takes a message a second.
const CHANNELS: usize = 100;

const CALL: &str = "busy-1@198.51.100.10";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let platform = connexcs::Fake::of(World::of_examples(Timestamp::now())).await;
    platform.platform.script().everywhere(Behaviour::Slow(SLOW));
    let fake = Fake::fast().await;
    let channels: Vec<String> = (0..CHANNELS).map(|it| format!("C0LOAD{it:04}")).collect();
    fake.arrange(|state| {
        for id in &channels {
            let channel = Channel::new(id, &id.to_lowercase(), &[ANN, BOT_USER]);
            state.channels.insert(id.clone(), channel);
        }
    });
    let dir = TempDir::new().unwrap();
    let bot = Bot(start(&dir, &fake, &platform.base_url()));
    fake.until_connected(2).await;
    println!("idle: {}", bot.memory());

    let began = Instant::now();
    fake.user(ANN)
        .slash(&channels[0], &format!("/triage {CALL}"));
    let first = channels[0].clone();
    fake.until("a message", move |state| {
        let its = state.messages.iter();
        its.filter(|it| it.is_bots())
            .any(|it| it.channel == first)
            .then_some(())
    })
    .await;
    println!("first message of one command: after {:?}", began.elapsed());

    for number in 0..AT_ONCE {
        let channel = &channels[number % CHANNELS];
        fake.user(ANN)
            .slash(channel, &format!("/triage {CALL} since {}h", number + 1));
    }
    let mut times = acknowledged(&fake, AT_ONCE + 1).await;
    times.sort_unstable();
    println!(
        "{AT_ONCE} commands at once, acknowledged after: median {:?}, p99 {:?}, last {:?}",
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times[times.len() - 1]
    );
    for number in 0..QUEUED {
        let channel = &channels[number % CHANNELS];
        fake.user(ANN)
            .slash(channel, &format!("/triage {CALL} since {}h", number + 1));
    }
    acknowledged(&fake, AT_ONCE + 1 + QUEUED).await;
    println!("{QUEUED} more queued: {}", bot.memory());
}

/// Waits until so many commands are acknowledged, and gives how long each took.
async fn acknowledged(fake: &Fake, all: usize) -> Vec<Duration> {
    fake.until("acknowledgements", move |state| {
        let commands = state.record.envelopes.iter();
        let commands = commands.filter(|it| it.kind == "slash_commands");
        let times: Vec<Duration> = commands
            .filter_map(|it| match it.outcome {
                Outcome::Acked { after, .. } => Some(after),
                _ => None,
            })
            .collect();
        (times.len() >= all).then_some(times)
    })
    .await
}

/// The running program.
struct Bot(Child);

impl Bot {
    /// What the system says that it takes now, and took at most.
    fn memory(&self) -> String {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()));
        let status = status.unwrap_or_default();
        let said = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name));
            line.unwrap_or_default()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        };
        format!("{}, {}", said("VmRSS"), said("VmHWM"))
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(dir: &TempDir, fake: &Fake, platform: &str) -> Child {
    let config = format!(
        "[http]\nlisten = \"127.0.0.1:0\"\n[slack]\nmode = \"socket\"\nbot_token = {{ value = \"{BOT_TOKEN}\" }}\n\
         app_token = {{ value = \"{APP_TOKEN}\" }}\napi_url = \"{}\"\n[[sources]]\nname = \"main\"\n\
         kind = \"connexcs\"\nbase_url = \"{platform}\"\ntoken = {{ value = \"demo\" }}\n",
        fake.api_url()
    );
    std::fs::write(dir.path().join("calltriage.toml"), config).unwrap();
    Command::new(env!("CARGO_BIN_EXE_calltriage"))
        .args(["--config", "calltriage.toml", "run"])
        .env_clear()
        .env("XDG_STATE_HOME", dir.path())
        .current_dir(dir.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}
