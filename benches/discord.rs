//! The bot in Discord under load: how soon interactions are acknowledged, and how much memory it takes: `cargo bench --bench
//! discord`. The real program against the fake service and a platform that answers after 500 ms. Asserts nothing about
//! time.
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
use serde_json::json;
use support::connexcs;
use support::discord::{ANN, APPLICATION, Fake, NOC, SERVER, STAFF, TOKEN};
use support::slack::{self, APP_TOKEN, BOT_TOKEN};
use tempfile::TempDir;

/// How long the platform takes over every answer.
const SLOW: Duration = Duration::from_millis(500);

/// Interactions that come at once.
const AT_ONCE: usize = 200;

const CALL: &str = "busy-1@198.51.100.10";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let platform = connexcs::Fake::of(World::of_examples(Timestamp::now())).await;
    platform.platform.script().everywhere(Behaviour::Slow(SLOW));
    let fake = Fake::start().await;
    let workspace = slack::Fake::fast().await;
    let dir = TempDir::new().unwrap();
    let bot = Bot(start(&dir, &fake, &workspace, &platform.base_url()));
    fake.until_connected().await;
    workspace.until_connected(2).await;
    println!("idle, with Slack and Discord: {}", bot.memory());

    let began = Instant::now();
    fake.user(ANN)
        .slash(NOC, "diagnose", &[("call", json!(CALL))]);
    fake.until("a first step", |state| {
        state
            .of_bot(NOC)
            .find(|it| !it.before.is_empty())
            .map(|_| ())
    })
    .await;
    println!("first step of one command: after {:?}", began.elapsed());

    for number in 0..AT_ONCE {
        let asked = format!("{CALL} since {}h", number + 1);
        fake.user(ANN)
            .slash(NOC, "diagnose", &[("call", json!(asked))]);
    }
    let mut times = acknowledged(&fake, AT_ONCE + 1).await;
    times.sort_unstable();
    println!(
        "{AT_ONCE} interactions at once, acknowledged after: median {:?}, p99 {:?}, last {:?}",
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times[times.len() - 1]
    );
    println!("then: {}", bot.memory());
}

/// Waits until so many interactions are acknowledged, and gives how long each took.
async fn acknowledged(fake: &Fake, all: usize) -> Vec<Duration> {
    fake.until("acknowledgements", move |state| {
        let answered = state.asked.iter().filter_map(|it| it.answered.as_ref());
        let times: Vec<Duration> = answered.map(|(_, after)| *after).collect();
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

fn start(dir: &TempDir, fake: &Fake, workspace: &slack::Fake, platform: &str) -> Child {
    let config = format!(
        "[http]\nlisten = \"127.0.0.1:0\"\n[discord]\ntoken = {{ value = \"{TOKEN}\" }}\n\
         application_id = \"{APPLICATION}\"\nservers = [\"{SERVER}\"]\nstaff_roles = [\"{STAFF}\"]\napi_url = \"{}\"\n\
         [slack]\nmode = \"socket\"\nbot_token = {{ value = \"{BOT_TOKEN}\" }}\n\
         app_token = {{ value = \"{APP_TOKEN}\" }}\napi_url = \"{}\"\n[[sources]]\nname = \"main\"\n\
         kind = \"connexcs\"\nbase_url = \"{platform}\"\ntoken = {{ value = \"demo\" }}\n",
        fake.api_url(),
        workspace.api_url()
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
