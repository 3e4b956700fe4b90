//! `run`: the bot as a process, with its listener, its socket and its end.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use serde_json::Value;

use super::{Desk, PATIENCE, signal};

const BUSY: &str = "441632960105";

/// A running bot. Killed when the test is over, however it is over.
struct Bot {
    pid: u32,
    address: String,
    said: Receiver<String>,
    ended: Receiver<ExitStatus>,
    is_over: bool,
}

impl Bot {
    fn start(desk: &Desk) -> Bot {
        let config = desk.file(
            "run.toml",
            "[log]\nformat = \"text\"\n[http]\nlisten = \"127.0.0.1:0\"\n",
        );
        let mut child = desk.command(&["run", "--config", config]).spawn().unwrap();
        let said = lines(&mut child);
        let pid = child.id();
        let (end, ended) = mpsc::channel();
        thread::spawn(move || end.send(child.wait().unwrap()));
        let mut bot = Bot {
            pid,
            address: String::new(),
            said,
            ended,
            is_over: false,
        };
        let line = bot.said.recv_timeout(PATIENCE).unwrap();
        let address = line.strip_prefix("calltriage: listening on http://");
        bot.address = address.unwrap_or_else(|| panic!("{line}")).to_owned();
        assert!(!bot.address.ends_with(":0"), "{line}");
        bot
    }

    /// The status line and the body of the answer to `GET path`.
    fn get(&self, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.lines().next().unwrap().to_owned(), body.to_owned())
    }

    /// Ends it with a signal; what it said until then and how it ended.
    fn end(mut self, name: &str) -> (Vec<String>, ExitStatus) {
        signal(self.pid, name);
        let status = self.ended.recv_timeout(PATIENCE).unwrap();
        self.is_over = true;
        (self.said.iter().collect(), status)
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        if !self.is_over {
            signal(self.pid, "KILL");
        }
    }
}

/// The lines of stderr as they come.
fn lines(child: &mut Child) -> Receiver<String> {
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let (line, lines) = mpsc::channel();
    thread::spawn(move || stderr.lines().try_for_each(|it| line.send(it.unwrap())));
    lines
}

fn diagnose(desk: &Desk) -> Value {
    desk.run(&["diagnose", "--json", BUSY])
        .answered()
        .one_json()
}

fn history(desk: &Desk) -> Vec<Value> {
    let kept = desk.run(&["history", "--json"]).answered().json();
    kept.iter().map(|one| one["id"].clone()).collect()
}

#[test]
fn it_serves_until_it_is_told_to_stop() {
    for name in ["TERM", "INT"] {
        let desk = Desk::new();
        let bot = Bot::start(&desk);
        for path in ["/health/live", "/health/ready"] {
            let expected = ("HTTP/1.1 200 OK".to_owned(), "ok".to_owned());
            assert_eq!(bot.get(path), expected, "{path}");
        }
        let address = bot.address.clone();
        let (said, status) = bot.end(name);
        assert!(status.success(), "{name}: {status:?}");
        let why = if name == "TERM" {
            "terminated"
        } else {
            "interrupted"
        };
        assert_eq!(said, [format!("calltriage: {why}: stopping")]);
        TcpStream::connect(address).unwrap_err();
        // It leaves no socket that nobody answers.
        let left: Vec<_> = std::fs::read_dir(desk.store())
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| !entry.file_type().unwrap().is_dir())
            .filter(|entry| !entry.file_type().unwrap().is_file())
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn commands_beside_it_keep_their_history_through_it() {
    let desk = Desk::new();
    let bot = Bot::start(&desk);
    let first = diagnose(&desk);
    assert_eq!(history(&desk), [first["id"].clone()]);

    let both = thread::scope(|scope| {
        let one = scope.spawn(|| diagnose(&desk));
        let two = scope.spawn(|| diagnose(&desk));
        [one.join().unwrap(), two.join().unwrap()]
    });
    let kept = history(&desk);
    assert_eq!(kept.len(), 3, "{kept:?}");
    for one in &both {
        assert!(kept.contains(&one["id"]), "{kept:?}");
        assert_eq!(one["calls"], first["calls"]);
    }
    // `again` in a chat beside it finds what was kept.
    let line = format!("again {}\n", first["id"].as_str().unwrap());
    let fresh = desk.say(&["--json"], &line).answered().one_json();
    assert_eq!(fresh["calls"], first["calls"]);

    let (_, status) = bot.end("TERM");
    assert!(status.success());
    assert_eq!(history(&desk).len(), 4);
}

/// Two commands and no bot: one gets the store, both answer.
#[test]
fn two_commands_at_once_both_answer() {
    let desk = Desk::new();
    let both = thread::scope(|scope| {
        let run = || desk.run(&["diagnose", "--json", BUSY]);
        let one = scope.spawn(run);
        let two = scope.spawn(run);
        [one.join().unwrap(), two.join().unwrap()]
    });
    let mut kept = 0;
    for done in &both {
        assert_eq!(done.code, Some(0), "{done:?}");
        assert_eq!(
            done.one_json()["calls"][0]["verdict"]["rule"],
            "called-busy"
        );
        if done.err.is_empty() {
            kept += 1;
        } else {
            let said = &done.err;
            assert!(
                said.starts_with("calltriage: going on without history: "),
                "{said}"
            );
        }
    }
    assert!(kept >= 1);
    assert_eq!(history(&desk).len(), kept);
}

#[test]
fn a_second_one_on_the_same_store_is_refused() {
    let desk = Desk::new();
    let bot = Bot::start(&desk);
    let done = desk.run(&["run", "--config", "run.toml"]);
    assert_eq!((done.code, &*done.out), (Some(1), ""), "{done:?}");
    let sentence = format!(
        "calltriage: another calltriage is running on the store in {}; stop it, or set [store] \
         path to another folder\n",
        desk.store().display()
    );
    assert_eq!(done.err, sentence);
    // The first one goes on.
    assert_eq!(bot.get("/health/ready").1, "ok");
    assert_eq!(history(&desk), [diagnose(&desk)["id"].clone()][..0]);
}

#[test]
fn a_taken_address_is_said() {
    let desk = Desk::new();
    let bot = Bot::start(&desk);
    let text = format!(
        "[http]\nlisten = \"{}\"\n[store]\npath = \"other\"\n",
        bot.address
    );
    let config = desk.file("second.toml", text);
    let done = desk.run(&["run", "--config", config]);
    assert_eq!((done.code, &*done.out), (Some(1), ""), "{done:?}");
    assert!(done.err.contains(&bot.address), "{done:?}");
    assert!(done.err.contains("set [http] listen"), "{done:?}");
}

#[test]
fn after_a_kill_everything_still_works() {
    let desk = Desk::new();
    let bot = Bot::start(&desk);
    let first = diagnose(&desk);
    let (_, status) = bot.end("KILL");
    assert_eq!(status.code(), None);

    // The dead bot's socket is no obstacle, and nothing that was acknowledged is lost.
    let second = diagnose(&desk);
    assert_eq!(history(&desk), [second["id"].clone(), first["id"].clone()]);
    let bot = Bot::start(&desk);
    assert_eq!(bot.get("/health/ready").1, "ok");
    let third = diagnose(&desk);
    assert_eq!(history(&desk)[0], third["id"]);
    let (_, status) = bot.end("TERM");
    assert!(status.success());
}

#[test]
fn its_address_as_json() {
    let desk = Desk::new();
    let config = desk.file(
        "run.toml",
        "[log]\nformat = \"text\"\n[http]\nlisten = \"127.0.0.1:0\"\n",
    );
    let mut command = desk.command(&["run", "--json", "--config", config]);
    let mut child = command.spawn().unwrap();
    let said = lines(&mut child);
    let address = said.recv_timeout(PATIENCE).unwrap();
    signal(child.id(), "TERM");
    let (end, ended) = mpsc::channel();
    thread::spawn(move || end.send(child.wait_with_output().unwrap()));
    let output = ended.recv_timeout(PATIENCE).unwrap();
    assert!(output.status.success());
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let address = address.strip_prefix("calltriage: listening on http://");
    assert_eq!(printed["http"], address.unwrap());
}

/// Elsewhere than on a terminal every line is an object, from the first to the last.
#[test]
fn its_log_is_json_where_nobody_looks() {
    let desk = Desk::new();
    let config = desk.file(
        "run.toml",
        "[http]\nlisten = \"127.0.0.1:0\"\nmetrics = \"127.0.0.1:0\"\n",
    );
    let mut child = desk.command(&["run", "--config", config]).spawn().unwrap();
    let said = lines(&mut child);
    let read =
        |line: String| serde_json::from_str::<Value>(&line).unwrap_or_else(|_| panic!("{line}"));
    let next = || read(said.recv_timeout(PATIENCE).unwrap());
    let address = |line: &Value, before: &str, after: &str| {
        assert_eq!(line["level"], "INFO", "{line}");
        let message = line["message"].as_str().unwrap().to_owned();
        let inner = message
            .strip_prefix(before)
            .and_then(|it| it.strip_suffix(after));
        inner.unwrap_or_else(|| panic!("{line}")).to_owned()
    };
    let metrics = address(&next(), "metrics on http://", "/metrics");
    let http = address(&next(), "listening on http://", "");
    let asked = |address: &str, path: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    // Numbers stand on their own address alone, and nothing else does there.
    assert!(
        asked(&metrics, "/metrics").contains("calltriage_settings_taken_timestamp_seconds{} 1")
    );
    assert!(asked(&metrics, "/health/live").starts_with("HTTP/1.1 404"));
    assert!(asked(&http, "/metrics").starts_with("HTTP/1.1 404"));
    assert!(asked(&http, "/health/live").starts_with("HTTP/1.1 200"));
    desk.file("run.toml", "timezone = \"Mars\"\n");
    signal(child.id(), "HUP");
    let refused = next();
    assert_eq!(refused["level"], "ERROR", "{refused}");
    let why = refused["message"].as_str().unwrap();
    let begins = "the settings stay as they were, since run.toml:1: timezone: found \"Mars\"";
    assert!(why.starts_with(begins), "{why}");
    signal(child.id(), "TERM");
    assert_eq!(next()["message"], "terminated: stopping");
    assert!(child.wait().unwrap().success());
    assert_eq!(said.iter().collect::<Vec<_>>(), Vec::<String>::new());
}

/// Without a file there is nothing to read again, and a signal that asks for it does no harm.
#[test]
fn a_bot_without_a_file_stays_as_it_is() {
    let desk = Desk::new();
    let mut command = desk.command(&["run"]);
    command.env("CALLTRIAGE_LOG", "info");
    let mut child = command.spawn().unwrap();
    let said = lines(&mut child);
    let first = said.recv_timeout(PATIENCE).unwrap();
    if first.contains("set [http] listen to a free address") {
        println!("skipped: the built-in address is taken on this machine");
        return;
    }
    signal(child.id(), "HUP");
    let line = said.recv_timeout(PATIENCE).unwrap();
    assert!(
        line.contains("there is no configuration file to read again"),
        "{line}"
    );
    signal(child.id(), "TERM");
    assert!(child.wait().unwrap().success());
}
