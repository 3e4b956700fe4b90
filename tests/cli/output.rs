//! What goes where: JSON alone on stdout, notes on stderr, exit codes, and which captures a run
//! reads.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;

use serde_json::Value;

use super::{Desk, Done, PATIENCE, capture, example, examples};

const BUSY: &str = "441632960105";

/// A configuration whose source holds one call, leg `configured`.
fn configure(desk: &Desk) -> &'static str {
    desk.file(
        "conf/configured.pcap",
        capture("0 cust>plat INVITE leg=configured"),
    );
    desk.file(
        "named.pcap",
        capture("0 cust>plat INVITE leg=named\n 1 plat>cust 486 leg=named"),
    );
    desk.file(
        "conf/calltriage.toml",
        "[[sources]]\nname = \"edge\"\nkind = \"captures\"\npaths = [\"configured.pcap\"]\n",
    )
}

fn ids(done: Done) -> Vec<String> {
    let mut ids: Vec<String> = done
        .answered()
        .json()
        .iter()
        .map(|line| match &line["call_id"] {
            Value::String(id) => id.clone(),
            _ => line["calls"][0]["call_ids"][0].as_str().unwrap().to_owned(),
        })
        .map(|id| id.split('@').next().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

#[test]
fn json_on_every_subcommand() {
    let desk = Desk::new();
    let busy = example("busy-486.pcap");
    for (args, lines) in [
        (vec!["calls", &busy, "--json"], 2..3),
        (vec!["diagnose", BUSY, "--json"], 1..2),
        (
            vec!["--json", "diagnose", "--all", "--capture", &busy],
            1..2,
        ),
        (vec!["ladder", BUSY, "--json"], 1..2),
        (vec!["rules", "--json"], 10..1000),
        (vec!["rules", "busy", "--json"], 1..1000),
        (vec!["explain", "call-not-found", "--json"], 1..2),
        (vec!["explain", "503", "--json"], 1..2),
        (vec!["history", "--json"], 1..2),
        (vec!["chat", "--json"], 0..1),
        (vec!["--json"], 0..1),
    ] {
        let done = desk.run(&args).answered();
        assert!(lines.contains(&done.json().len()), "{args:?}: {done:?}");
    }
    let chat = "calls\nladder 441632960105\nhistory\nrules\nhelp\n404\n\nagain\nexplain 34\nwho?\n";
    for value in desk.say(&["--json"], chat).answered().json() {
        assert!(value.is_object(), "{value}");
    }
}

#[test]
fn notes_do_not_stand_among_json() {
    let desk = Desk::new();
    for args in [
        &["calls", "--json", "missing"][..],
        &["explain", "--json", "nonsense"],
        &["rules", "--json", "nonsense"],
        &["diagnose", "--json", "--all", "--capture", "missing"],
        &["ladder", "--json", "nothing@here"],
    ] {
        let done = desk.run(args);
        assert_eq!((done.code, &*done.out), (Some(1), ""), "{args:?}: {done:?}");
        assert!(done.err.starts_with("calltriage: "), "{args:?}: {done:?}");
    }
}

#[test]
fn a_rule_is_explained_however_it_is_written() {
    let desk = Desk::new();
    for asked in [
        "call-not-found",
        "CALL-NOT-FOUND",
        "what is call-not-found?",
    ] {
        let rule = desk
            .run(&["explain", "--json", asked])
            .answered()
            .one_json();
        assert_eq!(rule["id"], "call-not-found", "{asked}");
    }
}

#[test]
fn exit_codes() {
    let desk = Desk::new();
    for (args, code) in [
        (&["--help"][..], 0),
        (&["--version"], 0),
        (&["diagnose", "nothing@here"], 0),
        (&["explain", "486"], 0),
        (&["explain", "nonsense"], 1),
        (&["rules", "nonsense"], 1),
        (&["diagnose", "hello there"], 1),
        (&["diagnose", "nothing@here", "--capture", "missing"], 1),
        (&["calls", "missing"], 1),
        (&["calls", "--config", "missing.toml"], 1),
        (&["frobnicate"], 2),
        (&["diagnose"], 2),
        (&["diagnose", "--all", "x"], 2),
        (&["history", "--limit", "many"], 2),
        (&["explain"], 2),
        (&["calls", "--frobnicate"], 2),
    ] {
        let done = desk.run(args);
        assert_eq!(done.code, Some(code), "{args:?}: {done:?}");
        assert_eq!(done.err.is_empty(), code == 0, "{args:?}: {done:?}");
    }
}

#[test]
fn a_wrong_configuration_is_said() {
    let desk = Desk::new();
    let config = desk.file("bad.toml", "timezone = 7\nfrobnicate = true\n");
    let done = desk.run(&["calls", "--json", "--config", config]);
    assert_eq!((done.code, &*done.out), (Some(1), ""), "{done:?}");
    assert!(done.err.contains("timezone") && done.err.contains("frobnicate"));
}

#[test]
fn without_anything_the_examples_are_read() {
    let desk = Desk::new();
    let built_in = ids(desk.run(&["calls", "--json"]));
    assert!(built_in.len() > 12, "{built_in:?}");
    assert!(built_in.contains(&"busy-1".to_owned()), "{built_in:?}");
}

#[test]
fn captures_replace_configured_sources_unless_the_configuration_is_named_too() {
    let desk = Desk::new();
    let config = configure(&desk);
    let both = ["configured", "named"];
    for (args, expected) in [
        (&["calls", "--config", config][..], &both[..1]),
        (&["calls", "--capture", "named.pcap"], &both[1..]),
        (&["calls", "named.pcap"], &both[1..]),
        (
            &["calls", "--config", config, "--capture", "named.pcap"],
            &both,
        ),
        (&["diagnose", "--all", "--config", config], &both[..1]),
        (
            &["diagnose", "--all", "--capture", "named.pcap"],
            &both[1..],
        ),
        (
            &[
                "diagnose",
                "--all",
                "--capture",
                "named.pcap",
                "--config",
                config,
            ],
            &both,
        ),
    ] {
        let args = [args, &["--json"]].concat();
        assert_eq!(ids(desk.run(&args)), expected, "{args:?}");
    }
}

#[test]
fn captures_may_be_named_several_times() {
    let desk = Desk::new();
    configure(&desk);
    let args = [
        "calls",
        "--json",
        "--capture",
        "conf",
        "--capture",
        "named.pcap",
    ];
    assert_eq!(ids(desk.run(&args)), ["configured", "named"]);
    // One and the same file is read once.
    let args = ["calls", "--json", "--capture", "named.pcap", "named.pcap"];
    assert_eq!(ids(desk.run(&args)), ["named"]);
}

/// A reader that has seen enough (`| head -1`) is no failure.
#[test]
fn a_closed_pipe_ends_it_quietly() {
    let desk = Desk::new();
    let folder = examples();
    for args in [
        &[
            "diagnose",
            "--all",
            "--json",
            "--capture",
            folder.to_str().unwrap(),
        ][..],
        &["diagnose", "--all", "--capture", folder.to_str().unwrap()],
        &["calls", folder.to_str().unwrap()],
        &["rules"],
        &["ladder", BUSY],
        &["explain", "503"],
        &["history"],
    ] {
        let mut child = desk.command(args).spawn().unwrap();
        drop(child.stdout.take());
        let (done, is_done) = mpsc::channel();
        thread::spawn(move || done.send(child.wait_with_output().unwrap()));
        let output = is_done.recv_timeout(PATIENCE).unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), &*said), (Some(0), ""), "{args:?}");
    }
}

/// Each answer of the chat is there as soon as its question was read.
#[test]
fn a_program_can_talk_to_the_chat() {
    let desk = Desk::new();
    let mut command = desk.command(&["--json"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let (done, is_done) = mpsc::channel();
    thread::spawn(move || {
        use std::io::Write as _;
        for question in ["explain 486\n", "explain 487\n"] {
            stdin.write_all(question.as_bytes()).unwrap();
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            let answer: Value = serde_json::from_str(&line).unwrap();
            assert!(answer["text"].as_str().unwrap().starts_with("SIP 48"));
        }
        drop(stdin);
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
        done.send(child.wait().unwrap().code())
    });
    assert_eq!(is_done.recv_timeout(PATIENCE).unwrap(), Some(0));
}
