//! The bot under mixed load for as long as is asked, and how much memory it takes meanwhile: `cargo bench --bench soak`,
//! a minute; `-- --seconds 1800` half an hour. The real program against fakes on this machine: commands of Slack, alerts
//! by hook, scrapes, requests that make no sense, diagnoses beside it, changes of its settings. Ends with 1 where an
//! answer was not what it has to be, or memory still grows at the end.
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

use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use calltriage::demo::World;
use jiff::Timestamp;
use support::bot::{Bot, asked, fetched};
use support::connexcs;
use support::slack::{ANN, Fake};
use tokio::time::{MissedTickBehavior, interval};

/// Commands come one after the other to so many channels.
const CHANNELS: usize = 20;

/// What is asked, in turn.
const ASKED: [&str; 6] = [
    "busy-1@198.51.100.10",
    "441632960106",
    "explain 503",
    "history",
    "no such thing as this",
    "rules",
];

/// How many commands pass between changes of its settings.
const CHANGES_EVERY: usize = 100;

/// Where alerts come in, and incidents go.
const HOOKS: &str = "[incidents]\nchannel = \"terminal:log\"\n[[hooks]]\nname = \"alertmanager\"\n\
                     secret = { value = \"s\" }\n";

/// How many lines of memory are printed.
const LINES: u32 = 12;

/// More than this between the middle and the end is growth.
const GROWTH: f64 = 1.15;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let lasting = Duration::from_secs(seconds());
    let platform = connexcs::Fake::of(World::of_examples(Timestamp::now())).await;
    let fake = Fake::fast().await;
    let channels = load::channels(&fake, CHANNELS);
    let bot = load::started(&fake, "socket", &platform, HOOKS);
    fake.until_connected(2).await;
    let address = bot.address();

    let began = Instant::now();
    let (mut ticks, mut n, mut sent) = (interval(Duration::from_millis(100)), 0, Sent::default());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut sizes, mut next) = (Vec::new(), Duration::ZERO);
    while began.elapsed() < lasting {
        ticks.tick().await;
        let text = format!("/triage {}", ASKED[n % ASKED.len()]);
        fake.user(ANN).slash(&channels[n % CHANNELS], &text);
        sent.commands += 1;
        sent.besides(n, &bot, &address);
        n += 1;
        if began.elapsed() >= next {
            next += lasting / LINES;
            let (size, threads) = (bot.figure("VmRSS"), bot.figure("Threads"));
            println!(
                "{:>5} s: {size:>7} kB, {threads} threads; {sent}",
                began.elapsed().as_secs()
            );
            sizes.push(size);
        }
    }
    let answered = fake.look(|state| state.messages.iter().filter(|it| it.is_bots()).count());
    let (_, numbers) = fetched(&address, "/metrics");
    let panics = numbers.lines().filter(|it| {
        it.starts_with("calltriage_request_panics") || it.starts_with("calltriage_task_restarts")
    });
    let panics: Vec<&str> = panics.collect();
    println!("{answered} messages of the bot; {} defects", panics.len());
    let grows = growth(&sizes);
    println!("memory at the end against the middle: {grows:.2}");
    match panics.is_empty() && sent.wrong == 0 && grows <= GROWTH {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// How long it is asked to take.
fn seconds() -> u64 {
    let mut args = std::env::args().skip_while(|it| it != "--seconds").skip(1);
    args.next()
        .map_or(60, |it| it.parse().expect("--seconds N"))
}

/// The mean of the last quarter against that of the quarter after the middle.
fn growth(sizes: &[u64]) -> f64 {
    let mean = |part: &[u64]| part.iter().sum::<u64>() as f64 / part.len().max(1) as f64;
    let (half, last) = (sizes.len() / 2, sizes.len() * 3 / 4);
    mean(&sizes[last..]) / mean(&sizes[half..last]).max(1.0)
}

/// What was sent so far.
#[derive(Default)]
struct Sent {
    commands: usize,
    alerts: usize,
    scrapes: usize,
    nonsense: usize,
    diagnoses: usize,
    changes: usize,
    wrong: usize,
}

impl std::fmt::Display for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Sent {
            commands,
            alerts,
            scrapes,
            nonsense,
            diagnoses,
            changes,
            wrong,
        } = self;
        write!(
            f,
            "{commands} commands, {alerts} alerts, {scrapes} scrapes, {nonsense} nonsense, {diagnoses} diagnoses beside, \
             {changes} changes, {wrong} wrong"
        )
    }
}

impl Sent {
    /// What comes besides commands, at the nth turn.
    fn besides(&mut self, n: usize, bot: &Bot, address: &str) {
        let mut expect = |is_right: bool| self.wrong += usize::from(!is_right);
        if n.is_multiple_of(3) {
            let body = format!(
                r#"{{"version":"4","alerts":[{{"status":"{}","fingerprint":"{}","labels":{{"alertname":"A"}}}}]}}"#,
                if n.is_multiple_of(2) {
                    "firing"
                } else {
                    "resolved"
                },
                n / 6 % 50
            );
            let head = format!(
                "authorization: Bearer s\r\ncontent-length: {}\r\n",
                body.len()
            );
            expect(asked(address, "POST", "/hooks/alertmanager", &head, &body).0 == 202);
            self.alerts += 1;
        }
        if n.is_multiple_of(5) {
            expect(fetched(address, "/metrics").0 == 200);
            self.scrapes += 1;
        }
        if n.is_multiple_of(7) {
            let head = "authorization: Bearer wrong\r\ncontent-length: 3\r\n";
            expect(asked(address, "POST", "/hooks/alertmanager", head, "xyz").0 == 401);
            expect(fetched(address, "/../../etc/passwd").0 == 404);
            self.nonsense += 2;
        }
        if n % 50 == 10 {
            expect(beside(bot, &["diagnose", "441632960105"]));
            self.diagnoses += 1;
        }
        if n % CHANGES_EVERY == 20 {
            change(bot, n);
            self.changes += 1;
        }
    }
}

/// Changes its settings: a watch more or less.
fn change(bot: &Bot, n: usize) {
    let watch = |n: usize| {
        format!(
            "[[watches]]\nname = \"w{}\"\nwhen = \"failures >= {} in 5m\"\nchannel = \"terminal:log\"\n",
            n % 3,
            n + 50
        )
    };
    let (before, after) = match n.checked_sub(CHANGES_EVERY) {
        Some(before) => (watch(before), watch(n)),
        None => (HOOKS.to_owned(), format!("{HOOKS}{}", watch(n))),
    };
    bot.reconfigure(&before, &after);
}

/// Runs the program beside it, on the same store; whether it answered.
fn beside(bot: &Bot, args: &[&str]) -> bool {
    let mut command = bot.command(args);
    let done = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    done.unwrap().success()
}
