//! Folders of captures in which something is wrong or still being written: what can be read is, and
//! each trouble is said once.

use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdin, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use serde_json::Value;

use super::{Desk, PATIENCE, capture};
use crate::support::trace::packets;
use crate::support::traffic::{Traffic, busy};

/// Writes ten files of a busy platform into a folder.
fn ten(desk: &Desk, calls: usize) {
    for (number, bytes) in busy(calls).files(10).iter().enumerate() {
        desk.file(&format!("ten/{number}.pcap"), bytes);
    }
}

/// The frames of a written call, without the head of the file.
fn frames(call: &str) -> Vec<u8> {
    Traffic::of(&packets(call)).file()[24..].to_vec()
}

/// Ends a recorder when the test ends, however it ends.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// While a recorder writes on, the program reads what was there when it looked.
#[test]
fn a_folder_of_ten_while_one_grows() {
    let desk = Desk::new();
    ten(&desk, 120);
    let before = desk.run(&["calls", "--json", "ten"]).answered().out;
    let before: Vec<&str> = before.lines().collect();
    let growing = desk.path("ten/9.pcap");
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let _ends = Ends(&is_over);
        let (started, has_started) = mpsc::channel();
        scope.spawn(|| {
            /// A disk has an end.
            const MOST: usize = 8 * 1024 * 1024;
            let started = started;
            let mut file = OpenOptions::new().append(true).open(&growing).unwrap();
            let mut written = 0;
            for call in 0.. {
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                if written > MOST {
                    thread::yield_now();
                    continue;
                }
                let text = format!(
                    "6{call:05}.0 cust>plat INVITE leg=late{call}
                     6{call:05}.1 plat>cust 404 leg=late{call}"
                );
                // A recorder writes in blocks, which end anywhere.
                for part in frames(&text).chunks(333) {
                    file.write_all(part).unwrap();
                    written += part.len();
                }
                let _ = started.send(());
            }
        });
        has_started.recv_timeout(PATIENCE).unwrap();
        for _ in 0..5 {
            let done = desk.run(&["calls", "--json", "ten"]);
            assert_eq!(done.code, Some(0), "{}", done.err);
            let lines: Vec<&str> = done.out.lines().collect();
            assert_eq!(lines[..before.len()], before);
            let late = done.json().split_off(before.len());
            for (number, call) in late.iter().enumerate() {
                assert_eq!(call["call_id"], format!("late{number}@198.51.100.10"));
                // Of the last one, only a part may have been written.
                assert!(number + 1 == late.len() || call["messages"] == 2, "{call}");
            }
            // At most the frame that was being written.
            let said: Vec<&str> = done.err.lines().collect();
            assert!(said.len() <= 1, "{said:?}");
            assert!(
                said.iter()
                    .all(|it| it.starts_with("calltriage: ten/9.pcap: cut in frame ")),
                "{said:?}"
            );
        }
    });
}

/// A chat that goes on.
struct Chat {
    stdin: ChildStdin,
    answers: Receiver<String>,
    child: std::process::Child,
}

impl Chat {
    fn start(desk: &Desk, args: &[&str]) -> Chat {
        let mut command = desk.command(args);
        command.stdin(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (line, answers) = mpsc::channel();
        thread::spawn(move || stdout.lines().try_for_each(|it| line.send(it.unwrap())));
        Chat {
            stdin: child.stdin.take().unwrap(),
            answers,
            child,
        }
    }

    fn ask(&mut self, question: &str) -> Value {
        writeln!(self.stdin, "{question}").unwrap();
        let answer = self.answers.recv_timeout(PATIENCE).unwrap();
        serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{answer}"))
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Two questions in one chat: the second sees what was written meanwhile, and what was removed.
#[test]
fn a_chat_sees_what_was_written_meanwhile() {
    let desk = Desk::new();
    ten(&desk, 60);
    let mut chat = Chat::start(&desk, &["--json", "--capture", "ten"]);
    let id = "late@198.51.100.10";
    let known = |answer: &Value| answer["calls"][0]["verdict"]["rule"] != "call-not-found";
    let first = chat.ask("c0@198.51.100.10");
    assert!(known(&first), "{first}");
    assert!(!known(&chat.ask(id)));

    let call = frames("600.0 cust>plat INVITE leg=late\n600.1 plat>cust 404 leg=late");
    let mut file = OpenOptions::new()
        .append(true)
        .open(desk.path("ten/9.pcap"))
        .unwrap();
    let (most, rest) = call.split_at(call.len() - 20);
    file.write_all(most).unwrap();
    let half = chat.ask(id);
    assert_eq!(half["calls"][0]["facts"][0]["messages"], 1, "{half}");
    let notes = half["notes"].as_array().unwrap();
    assert_eq!(notes.len(), 1, "{half}");
    assert!(
        notes[0]
            .as_str()
            .unwrap()
            .starts_with("ten/9.pcap: cut in frame ")
    );
    file.write_all(rest).unwrap();
    let whole = chat.ask(id);
    assert_eq!(whole["calls"][0]["facts"][0]["final"], 404, "{whole}");
    assert_eq!(whole["notes"].as_array().unwrap().len(), 0, "{whole}");
    // What it knew before it knows still.
    assert_eq!(chat.ask("c0@198.51.100.10")["calls"], first["calls"]);

    fs::remove_file(desk.path("ten/9.pcap")).unwrap();
    // What was kept answers once the sources have lost it, and says so.
    let gone = chat.ask(id);
    assert!(known(&gone), "{gone}");
    let note = gone["notes"][0].as_str().unwrap();
    assert!(
        note.starts_with(
            "The sources hold its messages no more: judged anew from the evidence of "
        )
    );
    assert!(!known(&chat.ask("other@198.51.100.10")));
}

/// Files of which nothing, or not all, can be read, beside ten good ones.
#[test]
fn each_trouble_is_said_once() {
    let desk = Desk::new();
    ten(&desk, 60);
    let good = desk.run(&["calls", "--json", "ten"]).answered().out;
    let cut = capture("700.0 cust>plat INVITE leg=cut\n700.1 plat>cust 404 leg=cut");
    desk.file("ten/cut.pcap", &cut[..cut.len() - 20]);
    desk.file("ten/damaged.pcap", {
        let frames = cut[24..].len() / 2;
        [&cut[..24 + frames], &[0xff; 400][..]].concat()
    });
    desk.file("ten/empty.pcap", "");
    desk.file("ten/head.pcap", &cut[..24]);
    desk.file("ten/notes.txt", "not a capture\n");
    desk.file("named/empty.pcap", "");

    let troubles = |done: &super::Done| {
        let mut said: Vec<String> = done.err.lines().map(str::to_owned).collect();
        said.sort();
        said
    };
    let all = [
        &["calls", "--json", "ten"][..],
        &["diagnose", "--all", "--json", "--capture", "ten"],
        &["diagnose", "c0@198.51.100.10", "--json", "--capture", "ten"],
    ];
    for args in all {
        let done = desk.run(args);
        let said = troubles(&done);
        let about = |name: &str| said.iter().filter(|it| it.contains(name)).count();
        let counts = ["cut.pcap", "damaged.pcap", "head.pcap"].map(about);
        assert_eq!((counts, said.len()), ([1, 1, 1], 3), "{args:?}: {said:?}");
        // What is damaged was read as far as it goes: that is an answer.
        assert_eq!(done.code, Some(0), "{args:?}");
    }
    let done = desk.run(all[0]);
    let lines: Vec<&str> = done.out.lines().collect();
    let good: Vec<&str> = good.lines().collect();
    assert_eq!(lines[..good.len()], good);
    assert_eq!(lines.len(), good.len() + 1, "the cut call too");

    // A file that was named and holds nothing, and one that is not there.
    let source = [
        "--capture",
        "ten",
        "--capture",
        "named/empty.pcap",
        "--capture",
        "missing.pcap",
    ];
    for words in [
        &["diagnose", "--all", "--json"][..],
        &["diagnose", "c0@198.51.100.10", "--json"],
        &["calls", "--json"],
    ] {
        let done = desk.run(&[words, &source].concat());
        let said = troubles(&done);
        assert_eq!(done.code, Some(1), "{words:?}");
        assert_eq!(said.len(), 5, "{words:?}: {said:?}");
        assert!(!done.out.is_empty());
    }
}

/// A file that nobody may read is said, and the others are read.
#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    ten(&desk, 60);
    let good = desk.run(&["calls", "--json", "ten"]).answered().json();
    let path = desk.path("ten/5.pcap");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&path).is_ok() {
        // Whoever may read everything cannot test this: a link to nowhere stands for it.
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("5.pcap", &path).unwrap();
    }
    for args in [
        &["calls", "--json", "ten"][..],
        &["diagnose", "--all", "--json", "--capture", "ten"],
        &["diagnose", "c0@198.51.100.10", "--json", "--capture", "ten"],
    ] {
        let done = desk.run(args);
        assert_eq!(done.code, Some(1), "{done:?}");
        assert_eq!(done.err.lines().count(), 1, "{}", done.err);
        assert!(done.err.contains("ten/5.pcap"), "{}", done.err);
        assert!(!done.json().is_empty());
        if args[0] == "calls" {
            let messages = |calls: &[Value]| -> u64 {
                let counts = calls.iter().map(|it| it["messages"].as_u64().unwrap());
                counts.sum()
            };
            assert!(messages(&done.json()) < messages(&good));
        }
    }
}

#[test]
fn where_nobody_recorded_times_none_is_shown() {
    let desk = Desk::new();
    let head = "Via: SIP/2.0/UDP 198.51.100.10:5060;branch=z9hG4bKa\nFrom: <sip:441632960001@198.51.100.10>;tag=a\n\
                To: <sip:441632960002@192.0.2.5>\nCall-ID: timeless@198.51.100.10\nCSeq: 1 INVITE\nContent-Length: 0\n\n";
    let text = format!(
        "INVITE sip:441632960002@192.0.2.5 SIP/2.0\n{head}SIP/2.0 503 Service Unavailable\n{head}"
    );
    desk.file("trace.txt", text);
    let id = "timeless@198.51.100.10";
    for args in [
        &["calls", "trace.txt"][..],
        &["--capture", "trace.txt", "diagnose", id],
        &["--capture", "trace.txt", "ladder", id],
        &["--capture", "trace.txt", "diagnose", "441632960002"],
        &["--capture", "trace.txt", "compare", id],
        &["--capture", "trace.txt", "patterns"],
    ] {
        let out = desk.run(args).out;
        assert!(!out.contains("1970"), "{args:?}: {out}");
    }
    let out = desk.run(&["calls", "trace.txt"]).out;
    assert!(out.contains("time not recorded"), "{out}");
}
