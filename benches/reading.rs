//! How long the program takes over a large capture, and how much memory: `cargo bench --bench
//! reading`. Writes the capture first; `-- --write FILE [CALLS]` does only that.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement, not the program"
)]

mod corpus;

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use memchr::memmem;

const CALLS: u32 = 36_000;

/// How often each command is run; the median counts.
const ROUNDS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|it| it == "--write") {
        let calls = arguments.get(at + 2).and_then(|it| it.parse().ok());
        return write(Path::new(&arguments[at + 1]), calls.unwrap_or(CALLS));
    }
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("corpus.pcap");
    write(&plain, CALLS);
    println!("{} bytes, {CALLS} calls", plain.metadata().unwrap().len());
    measure_all(&plain, CALLS);

    let large = folder.path().join("large.pcap");
    write(&large, CALLS * 10);
    println!(
        "{} bytes, {} calls",
        large.metadata().unwrap().len(),
        CALLS * 10
    );
    measure_all(&large, CALLS * 10);
}

fn write(path: &Path, calls: u32) {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
    corpus::write(calls, &mut file).unwrap();
    file.flush().unwrap();
}

fn measure_all(capture: &Path, calls: u32) {
    naive(capture, calls);
    let capture = capture.to_str().unwrap();
    let one = corpus::call_id(calls / 2);
    measure("list all calls", &["calls", "--json", capture]);
    measure(
        "diagnose one Call-ID",
        &["diagnose", "--json", "--capture", capture, &one],
    );
    measure(
        "write one Call-ID to pcap",
        &["pcap", "--capture", capture, &one, "-o", "/dev/null"],
    );
    measure(
        "diagnose every call",
        &["diagnose", "--json", "--capture", capture, "--all"],
    );
}

/// The least that could be done with a capture, to tell what a figure of this machine is worth: its records are
/// counted by the text behind `Call-ID:`, and nothing is read right.
fn naive(capture: &Path, calls: u32) {
    let mut seconds = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let file = std::fs::read(capture).unwrap();
        let label = memmem::Finder::new(b"Call-ID: ");
        let mut known: HashMap<&[u8], u32> = HashMap::new();
        let mut at = 24;
        while let Some(header) = file.get(at..at + 16) {
            let length =
                u32::from_le_bytes([header[8], header[9], header[10], header[11]]) as usize;
            let frame = &file[at + 16..at + 16 + length];
            if let Some(id) = label.find(frame).map(|it| &frame[it + 9..]) {
                let end = memchr::memchr(b'\r', id).unwrap_or(id.len());
                *known.entry(&id[..end]).or_default() += 1;
            }
            at += 16 + length;
        }
        assert!(known.len() >= calls as usize);
        seconds.push(began.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    println!(
        "{:28} {:6.2} s",
        "a naive pass on one core",
        seconds[ROUNDS / 2]
    );
}

/// Runs a command several times; GNU time says how long it took and how much it held at most.
fn measure(what: &str, arguments: &[&str]) {
    let mut seconds = Vec::new();
    let mut kilobytes = 0;
    for _ in 0..ROUNDS {
        let output = Command::new("/usr/bin/time")
            .args(["-f", "%e %M", env!("CARGO_BIN_EXE_calltriage")])
            .args(arguments)
            .env("XDG_STATE_HOME", "/nonexistent")
            .env_remove("HOME")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        let last = said.lines().last().unwrap();
        let (took, held) = last.split_once(' ').unwrap();
        seconds.push(took.parse::<f64>().unwrap());
        kilobytes = held.parse::<u64>().unwrap().max(kilobytes);
    }
    seconds.sort_by(f64::total_cmp);
    println!(
        "{what:28} {:6.2} s (from {:.2} to {:.2}), {:4} MB",
        seconds[ROUNDS / 2],
        seconds[0],
        seconds[ROUNDS - 1],
        kilobytes / 1024,
    );
}
