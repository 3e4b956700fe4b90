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

#[path = "load/mod.rs"]
mod load;

use std::time::{Duration, Instant};

use support::slack::record::Outcome;
use support::slack::{ANN, Fake};

/// Commands that come at once, and how many more wait for their turn in the last part.
const AT_ONCE: usize = 200;
const QUEUED: usize = 1_000;

/// Each channel takes a message a second.
const CHANNELS: usize = 100;

const CALL: &str = "busy-1@198.51.100.10";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let platform = load::slow_platform().await;
    let fake = Fake::fast().await;
    let channels = load::channels(&fake, CHANNELS);
    let bot = load::started(&fake, "socket", &platform, "");
    fake.until_connected(2).await;
    println!("idle: {}", load::memory(&bot));

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
    let times = acknowledged(&fake, AT_ONCE + 1).await;
    println!("{AT_ONCE} commands at once, {}", load::spread(times));
    for number in 0..QUEUED {
        let channel = &channels[number % CHANNELS];
        fake.user(ANN)
            .slash(channel, &format!("/triage {CALL} since {}h", number + 1));
    }
    acknowledged(&fake, AT_ONCE + 1 + QUEUED).await;
    println!("{QUEUED} more queued: {}", load::memory(&bot));
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
