//! A day of 100 000 calls from the fake platform through adapter, diagnosis and the core of the incidents, and how soon a
//! hook is answered: `cargo bench --bench incidents`. Asserts nothing about time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement, not the program"
)]

#[allow(
    dead_code,
    unused_imports,
    clippy::all,
    reason = "shared with the tests, which use more of it"
)]
#[path = "../tests/incidents/mod.rs"]
mod incidents;

#[allow(
    dead_code,
    clippy::all,
    reason = "shared with the tests, which use more of it"
)]
#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Requests a second, and for so many seconds.
const PER_SECOND: u32 = 100;
const SECONDS: u32 = 10;

fn main() {
    let began = Instant::now();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let house = runtime.block_on(incidents::day::day(incidents::day::SEED, true));
    let messages = house.noc().len();
    println!(
        "a day of 100 000 calls: {:.2?}, {messages} messages, {} at most",
        began.elapsed(),
        peak()
    );
    hooks();
}

/// The most memory that this process had.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    line.unwrap_or("unknown").trim().to_owned()
}

fn hooks() {
    let dir = tempfile::tempdir().unwrap();
    let config = "[log]\nformat = \"text\"\n[http]\nlisten = \"127.0.0.1:0\"\n[incidents]\nchannel = \"terminal:log\"\n[[hooks]]\nname = \"alertmanager\"\n\
                  secret = { value = \"s\" }\n";
    std::fs::write(dir.path().join("c.toml"), config).unwrap();
    let mut bot = Command::new(env!("CARGO_BIN_EXE_calltriage"))
        .args(["--config", "c.toml", "run"])
        .env("XDG_STATE_HOME", dir.path())
        .current_dir(dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(bot.stderr.take().unwrap()).lines();
    let address = said
        .find_map(|it| it.unwrap().split("http://").nth(1).map(str::to_owned))
        .unwrap();
    let every = Duration::from_secs(1) / PER_SECOND;
    let began = Instant::now();
    let workers: Vec<_> = (0..PER_SECOND * SECONDS)
        .map(|n| {
            let due = began + every * n;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let address = address.clone();
            std::thread::spawn(move || {
                let body = format!("{{\"version\":\"4\",\"alerts\":[{{\"status\":\"firing\",\"fingerprint\":\"{n}\",\"labels\":{{\"alertname\":\"A{n}\"}}}}]}}");
                let began = Instant::now();
                let mut stream = TcpStream::connect(&address).unwrap();
                let head = format!("POST /hooks/alertmanager HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer s\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                stream.write_all(head.as_bytes()).unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).unwrap();
                assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
                began.elapsed()
            })
        })
        .collect();
    let mut times: Vec<Duration> = workers.into_iter().map(|it| it.join().unwrap()).collect();
    times.sort_unstable();
    let at = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)];
    println!(
        "a hook at {PER_SECOND}/s for {SECONDS} s: median {:.1?}, p99 {:.1?}, most {:.1?}",
        at(50),
        at(99),
        at(100)
    );
    bot.kill().unwrap();
    bot.wait().unwrap();
}
