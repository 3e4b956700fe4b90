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

#[path = "load/mod.rs"]
mod load;

use std::time::{Duration, Instant};

use serde_json::json;
use support::bot::Chat as _;
use support::discord::{ANN, Fake, NOC, STAFF};
use support::slack;

/// Interactions that come at once.
const AT_ONCE: usize = 200;

const CALL: &str = "busy-1@198.51.100.10";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let platform = load::slow_platform().await;
    let fake = Fake::start().await;
    let workspace = slack::Fake::fast().await;
    let more = format!(
        "staff_roles = [\"{STAFF}\"]\n{}",
        workspace.section("socket")
    );
    let bot = load::started(&fake, "gateway", &platform, &more);
    fake.until_connected().await;
    workspace.until_connected(2).await;
    println!("idle, with Slack and Discord: {}", load::memory(&bot));

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
    let times = acknowledged(&fake, AT_ONCE + 1).await;
    println!("{AT_ONCE} interactions at once, {}", load::spread(times));
    println!("then: {}", load::memory(&bot));
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
