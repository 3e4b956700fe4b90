//! Paths and queries that come to nothing: one clear sentence each, and the rest still works.

use std::process::Command;

use super::{Desk, capture, example};

const BUSY: &str = "441632960105";

/// A path, the sentence for it, and whether it was made by hand.
fn bad_paths(desk: &Desk) -> Vec<(&'static str, &'static str)> {
    std::fs::create_dir(desk.path("empty")).unwrap();
    desk.file("texts/read.me", "hello\n");
    desk.file("text.txt", "hello\n");
    desk.file("zero.pcap", "");
    desk.file("zip.pcap", "\x1f\u{8b}");
    let made = Command::new("mkfifo").arg(desk.path("fifo")).status();
    assert!(made.unwrap().success());
    vec![
        ("missing", "missing: no such file or folder; check the path"),
        (
            "empty",
            "empty: no pcap or pcapng file in this folder; it holds no file at all",
        ),
        (
            "texts",
            "texts: no pcap or pcapng file in this folder; its only file is something else",
        ),
        (
            "text.txt",
            "text.txt: not a pcap or pcapng capture but text without a SIP message; check that whole SIP \
             messages stand in it, or record with tcpdump -w",
        ),
        (
            "zero.pcap",
            "zero.pcap: the file is empty; check that the recording ran and the disk was not full",
        ),
        (
            "fifo",
            "fifo: a named pipe, not a file; save the packets to a file first",
        ),
        (
            "/dev/null",
            "/dev/null: a device, not a file; save the packets to a file first",
        ),
    ]
}

#[test]
fn a_bad_path_is_said_in_one_sentence() {
    let desk = Desk::new();
    for (path, sentence) in bad_paths(&desk) {
        let expected = (Some(1), String::new(), format!("calltriage: {sentence}\n"));
        for args in [
            &["calls", "--json", path][..],
            &["diagnose", "--all", "--json", "--capture", path],
        ] {
            let done = desk.run(args);
            assert_eq!((done.code, done.out, done.err), expected, "{args:?}");
        }
        let done = desk.run(&["diagnose", "--json", BUSY, "--capture", path]);
        assert_eq!((done.code, &done.err), (Some(1), &expected.2), "{done:?}");
        let investigation = done.one_json();
        let call = &investigation["calls"][0];
        assert_eq!(call["verdict"]["rule"], "call-not-found");
        // What could not be looked at is not clean.
        assert_eq!(call["verdict"]["fact_certainty"], "possible");
        assert!(call["not_checked"][0].as_str().unwrap().contains(sentence));
        assert_eq!(investigation["steps"][3]["step"], "sip-trace");
        assert_eq!(investigation["steps"][3]["outcome"], "not-checked");
    }
}

#[test]
fn good_paths_are_read_beside_bad_ones() {
    let desk = Desk::new();
    let good = example("busy-486.pcap");
    for (path, sentence) in bad_paths(&desk) {
        let done = desk.run(&["calls", "--json", path, &good]);
        assert_eq!(done.json().len(), 2, "{done:?}");
        assert_eq!(
            (done.code, done.err),
            (Some(1), format!("calltriage: {sentence}\n"))
        );
        let done = desk.run(&[
            "diagnose",
            BUSY,
            "--json",
            "--capture",
            path,
            "--capture",
            &good,
        ]);
        assert_eq!(done.code, Some(1));
        assert_eq!(
            done.one_json()["calls"][0]["verdict"]["rule"],
            "called-busy"
        );
        assert_eq!(done.err, format!("calltriage: {sentence}\n"));
    }
}

/// In the chat, too, nobody is told that there is nothing where nothing could be read.
#[test]
fn the_chat_says_what_it_could_not_read() {
    let desk = Desk::new();
    let good = example("busy-486.pcap");
    let bad = &["--capture", "missing"][..];
    let beside_good = &["--capture", "missing", "--capture", &good][..];
    for (question, among) in [
        ("calls\n", &[bad, beside_good][..]),
        ("441632960105\n", &[bad, beside_good]),
        ("ladder 441632960105\n", &[bad]),
    ] {
        for args in among {
            let done = desk.say(args, question);
            assert_eq!(done.code, Some(0), "{done:?}");
            let said = done.out.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(said.contains("missing: no such file or folder"), "{said}");
        }
    }
}

#[test]
fn what_is_whole_in_a_cut_capture_is_read() {
    let desk = Desk::new();
    let whole = std::fs::read(example("busy-486.pcap")).unwrap();
    desk.file("cut.pcap", &whole[..3000]);
    let done = desk.run(&["calls", "--json", "cut.pcap"]);
    assert_eq!(done.json().len(), 2, "{done:?}");
    let verdict = desk.run(&["diagnose", "--json", BUSY, "--capture", "cut.pcap"]);
    assert_eq!(
        verdict.one_json()["calls"][0]["call_ids"][0],
        "busy-1@198.51.100.10"
    );
}

#[test]
fn a_folder_with_captures_and_other_files() {
    let desk = Desk::new();
    desk.file("folder/deep/good.pcap", capture("0 cust>plat INVITE"));
    desk.file("folder/notes.txt", "what happened\n");
    let done = desk.run(&["calls", "--json", "folder"]);
    assert_eq!(done.json().len(), 1, "{done:?}");
}

#[test]
fn a_capture_that_holds_no_call() {
    let desk = Desk::new();
    desk.file("ping.pcap", capture("0 cust>plat OPTIONS"));
    for args in [
        &["calls", "--json", "ping.pcap"][..],
        &["diagnose", "--all", "--json", "--capture", "ping.pcap"],
    ] {
        assert_eq!(desk.run(args).answered().out, "", "{args:?}");
    }
}

#[test]
fn a_query_that_matches_nothing() {
    let desk = Desk::new();
    for query in [
        "nothing@here",
        "+44 20 7946 0999",
        "203.0.113.77",
        "nosuchuser",
    ] {
        let found = desk
            .run(&["diagnose", "--json", query])
            .answered()
            .one_json();
        let calls = found["calls"].as_array().unwrap();
        assert_eq!(calls.len(), 1, "{query}");
        let verdict = &calls[0]["verdict"];
        assert_eq!(verdict["rule"], "call-not-found", "{query}");
        assert_eq!(verdict["fact_certainty"], "certain", "{query}");
        let summary = verdict["summary"].as_str().unwrap();
        assert!(summary.contains("in 13 captures"), "{summary}");
        let next = verdict["next"].to_string();
        assert!(
            next.contains("firewall") && next.contains("tcpdump"),
            "{next}"
        );

        let told = desk.run(&["diagnose", query]).answered().out;
        assert!(
            told.contains("was found.") && told.contains("tcpdump"),
            "{told}"
        );
    }
    let done = desk.run(&["ladder", "nothing@here"]);
    assert_eq!(done.code, Some(1));
    assert!(done.err.contains("No message of nothing@here"), "{done:?}");
}

#[test]
fn a_query_with_nothing_to_look_for() {
    let done = Desk::new().run(&["diagnose", "--json", "hello there"]);
    assert_eq!((done.code, &*done.out), (Some(1), ""), "{done:?}");
    assert!(done.err.contains("for example"), "{done:?}");
    assert_eq!(done.err.lines().count(), 1, "{done:?}");
}

#[test]
fn a_platform_that_cannot_be_reached_is_no_silence() {
    let desk = Desk::new();
    let config = "[[sources]]\nname = \"main\"\nkind = \"connexcs\"\nbase_url = \"http://127.0.0.1:1/\"\n\
                  token = { value = \"canary\" }\ndeadline = \"200ms\"\n[sources.limits]\nretries = 0\n";
    desk.file("c.toml", config);
    let done = desk.run(&["diagnose", "--json", "--config", "c.toml", BUSY]);
    let answer: serde_json::Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(done.code, Some(0));
    assert_eq!(answer["calls"][0]["verdict"]["rule"], "call-not-found");
    assert_eq!(answer["calls"][0]["verdict"]["fact_certainty"], "possible");
    for step in ["call-log", "sip-trace"] {
        let steps = answer["steps"].as_array().unwrap();
        let step = steps.iter().find(|it| it["step"] == step).unwrap();
        assert_eq!(step["outcome"], "not-checked", "{step}");
        assert!(
            step["detail"]
                .as_str()
                .unwrap()
                .contains("connection was refused"),
            "{step}"
        );
    }
    assert!(!format!("{}{}", done.out, done.err).contains("canary"));
}
