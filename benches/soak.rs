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

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use calltriage::demo::World;
use jiff::Timestamp;
use support::connexcs;
use support::slack::state::{BOT_USER, Channel};
use support::slack::{ANN, APP_TOKEN, BOT_TOKEN, Fake};
use tempfile::TempDir;
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

/// How many lines of memory are printed.
const LINES: u32 = 12;

/// More than this between the middle and the end is growth.
const GROWTH: f64 = 1.15;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let lasting = Duration::from_secs(seconds());
    let platform = connexcs::Fake::of(World::of_examples(Timestamp::now())).await;
    let fake = Fake::fast().await;
    let channels: Vec<String> = (0..CHANNELS).map(|it| format!("C0SOAK{it:04}")).collect();
    fake.arrange(|state| {
        for id in &channels {
            let channel = Channel::new(id, &id.to_lowercase(), &[ANN, BOT_USER]);
            state.channels.insert(id.clone(), channel);
        }
    });
    let dir = TempDir::new().unwrap();
    let bot = Bot::start(dir, &fake, &platform.base_url());
    fake.until_connected(2).await;

    let began = Instant::now();
    let (mut ticks, mut n, mut sent) = (interval(Duration::from_millis(100)), 0, Sent::default());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut sizes, mut next) = (Vec::new(), Duration::ZERO);
    while began.elapsed() < lasting {
        ticks.tick().await;
        let text = format!("/triage {}", ASKED[n % ASKED.len()]);
        fake.user(ANN).slash(&channels[n % CHANNELS], &text);
        sent.commands += 1;
        sent.besides(n, &bot);
        n += 1;
        if began.elapsed() >= next {
            next += lasting / LINES;
            let (size, threads) = bot.memory();
            println!(
                "{:>5} s: {size:>7} kB, {threads} threads; {sent}",
                began.elapsed().as_secs()
            );
            sizes.push(size);
        }
    }
    let answered = fake.look(|state| state.messages.iter().filter(|it| it.is_bots()).count());
    let (_, numbers) = bot.get("/metrics");
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
    fn besides(&mut self, n: usize, bot: &Bot) {
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
            expect(bot.ask("POST", "/hooks/alertmanager", &head, &body).0 == 202);
            self.alerts += 1;
        }
        if n.is_multiple_of(5) {
            expect(bot.get("/metrics").0 == 200);
            self.scrapes += 1;
        }
        if n.is_multiple_of(7) {
            let head = "authorization: Bearer wrong\r\ncontent-length: 3\r\n";
            expect(bot.ask("POST", "/hooks/alertmanager", head, "xyz").0 == 401);
            expect(bot.get("/../../etc/passwd").0 == 404);
            self.nonsense += 2;
        }
        if n % 50 == 10 {
            expect(bot.beside(&["diagnose", "441632960105"]));
            self.diagnoses += 1;
        }
        if n % 100 == 20 {
            bot.write(n);
            self.changes += 1;
        }
    }
}

/// The running program.
struct Bot {
    child: Child,
    dir: TempDir,
    config: String,
    address: String,
}

impl Bot {
    fn start(dir: TempDir, fake: &Fake, platform: &str) -> Bot {
        let config = format!(
            "[http]\nlisten = \"127.0.0.1:0\"\n[slack]\nmode = \"socket\"\nbot_token = {{ value = \"{BOT_TOKEN}\" }}\n\
             app_token = {{ value = \"{APP_TOKEN}\" }}\napi_url = \"{}\"\n[[sources]]\nname = \"main\"\n\
             kind = \"connexcs\"\nbase_url = \"{platform}\"\ntoken = {{ value = \"demo\" }}\n[sources.limits]\n\
             spacing = \"1ms\"\nburst = 100\n[incidents]\nchannel = \"terminal:log\"\n[[hooks]]\nname = \"alertmanager\"\n\
             secret = {{ value = \"s\" }}\n",
            fake.api_url()
        );
        std::fs::write(dir.path().join("c.toml"), &config).unwrap();
        let mut child = command(&dir, &["run", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut out, &mut line).unwrap();
        let said: serde_json::Value = serde_json::from_str(&line).unwrap();
        let address = said["http"].as_str().unwrap().to_owned();
        Bot {
            child,
            dir,
            config,
            address,
        }
    }

    /// Changes its settings: a watch more or less.
    fn write(&self, n: usize) {
        let watch = format!(
            "[[watches]]\nname = \"w{}\"\nwhen = \"failures >= {} in 5m\"\nchannel = \"terminal:log\"\n",
            n % 3,
            n + 50
        );
        std::fs::write(
            self.dir.path().join("c.toml"),
            format!("{}{watch}", self.config),
        )
        .unwrap();
    }

    /// Runs the program beside it, on the same store; whether it answered.
    fn beside(&self, args: &[&str]) -> bool {
        let done = command(&self.dir, args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        done.unwrap().success()
    }

    fn get(&self, path: &str) -> (u16, String) {
        self.ask("GET", path, "", "")
    }

    /// The status and the body of an answer.
    fn ask(&self, method: &str, path: &str, head: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request =
            format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}\r\n{body}");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (
            head.split(' ').nth(1).unwrap().parse().unwrap(),
            body.to_owned(),
        )
    }

    /// The memory that it takes now in kB, and its threads.
    fn memory(&self) -> (u64, u64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let said = |name: &str| {
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .unwrap();
            line.split_whitespace().next().unwrap().parse().unwrap()
        };
        (said("VmRSS:"), said("Threads:"))
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(dir: &TempDir, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_calltriage"));
    command
        .args(["--config", "c.toml"])
        .args(args)
        .env_clear()
        .env("XDG_STATE_HOME", dir.path())
        .current_dir(dir.path())
        .stdin(Stdio::null());
    command
}
