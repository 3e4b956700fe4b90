//! What is remembered from run to run: past investigations, the evidence they rest on, and no
//! credentials.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Desk, capture, edited, example, examples, pcap};

const BUSY: &str = "441632960105";

fn history(desk: &Desk, args: &[&str]) -> Vec<Value> {
    let args = [&["history", "--json"], args].concat();
    desk.run(&args).answered().json()
}

#[test]
fn diagnoses_are_kept_the_newest_first() {
    let desk = Desk::new();
    assert_eq!(history(&desk, &[]), [] as [Value; 0]);
    let nothing = desk.run(&["history"]).answered().out;
    assert_eq!(nothing, "Nothing has been investigated yet.\n");

    let first = desk
        .run(&["diagnose", "--json", BUSY])
        .answered()
        .one_json();
    let second = desk.run(&["diagnose", "--json", "nothing@here"]).answered();
    let second = second.one_json();
    let kept = history(&desk, &[]);
    assert_eq!(kept.len(), 2, "{kept:?}");
    for (kept, (investigation, rule)) in kept
        .iter()
        .zip([(&second, "call-not-found"), (&first, "called-busy")])
    {
        assert_eq!(kept["id"], investigation["id"]);
        assert_eq!(kept["query"], investigation["query"]);
        assert_eq!(kept["asked_at"], investigation["asked_at"]);
        assert_eq!(kept["rule"], rule);
    }
    assert_eq!(history(&desk, &["--limit", "1"]), kept[..1]);
    let shown = desk.run(&["history"]).answered().out;
    assert!(
        shown.contains("called-busy: far end  441632960105"),
        "{shown}"
    );
}

#[test]
fn history_about_one_call() {
    let desk = Desk::new();
    for query in [BUSY, "nothing@here", "441632960104"] {
        desk.run(&["diagnose", query]).answered();
    }
    for (about, queries) in [
        (BUSY, &[BUSY][..]),
        ("+44 1632 960105", &[BUSY]),
        ("busy-1@198.51.100.10", &[BUSY]),
        ("nothing@here", &["nothing@here"]),
        ("441632960001", &["441632960104", BUSY]),
        ("somebody@else", &[]),
    ] {
        let found: Vec<Value> = history(&desk, &[about])
            .iter()
            .map(|one| one["query"].clone())
            .collect();
        assert_eq!(found, queries, "{about}");
    }
    let chat = desk.say(&["--json"], "history nothing@here\n").answered();
    assert_eq!(chat.one_json()["history"].as_array().unwrap().len(), 1);
}

/// Runs a kept investigation again in a chat.
fn again(desk: &Desk, args: &[&str], id: &Value) -> Value {
    let line = format!("again {}\n", id.as_str().unwrap());
    let done = desk.say(&[&["--json"], args].concat(), &line);
    assert_eq!(done.code, Some(0));
    done.one_json()
}

#[test]
fn again_looks_anew() {
    let desk = Desk::new();
    let file = desk.file("call.pcap", capture("0 cust>plat INVITE\n 1 plat>cust 404"));
    let args = ["--capture", file];
    let kept = desk.run(&["diagnose", "--json", "a@198.51.100.10", args[0], args[1]]);
    let kept = kept.answered().one_json();
    desk.file("call.pcap", capture("0 cust>plat INVITE\n 1 plat>cust 486"));
    let fresh = again(&desk, &args, &kept["id"]);
    assert_ne!(fresh["id"], kept["id"]);
    assert_eq!(fresh["calls"][0]["facts"][0]["final"], 486);
    assert_eq!(history(&desk, &[]).len(), 2);
}

/// Every example is judged from kept evidence as it was from its capture.
#[test]
fn again_after_the_captures_were_deleted() {
    let desk = Desk::new();
    let queries = [
        ("busy-486.pcap", "busy-1@198.51.100.10"),
        ("tcp-split.pcap", "441632960138"),
        ("ipv6-call.pcap", "441632960124"),
        ("register-wrong-password.pcap", "441632960115"),
        ("no-circuits.pcap", "441632960106"),
        ("private-media.pcap", "since 2026-01-01 441632960122"),
    ];
    for (name, query) in queries {
        let copy = desk.file("copy.pcap", fs::read(example(name)).unwrap());
        let args = ["--capture", copy];
        let done = desk.run(&["diagnose", "--json", query, args[0], args[1]]);
        let kept = done.answered().one_json();
        assert_ne!(
            kept["calls"][0]["verdict"]["rule"], "call-not-found",
            "{name}"
        );
        let before = history(&desk, &[]);
        fs::remove_file(desk.path(copy)).unwrap();

        let judged = again(&desk, &args, &kept["id"]);
        assert_eq!(judged["id"], kept["id"], "{name}");
        assert_eq!(judged["calls"], kept["calls"], "{name}");
        let notes = judged["notes"].to_string();
        assert!(
            notes.contains("judged anew from the evidence of"),
            "{notes}"
        );
        // Looking in vain is no investigation of its own.
        assert_eq!(history(&desk, &[]), before, "{name}");
    }
}

/// What was asked had two readings; the one that was taken is run again.
#[test]
fn again_of_an_ambiguous_question() {
    let desk = Desk::new();
    let file = desk.file(
        "call.pcap",
        capture("0 cust>plat INVITE from=1001\n 1 plat>cust 404"),
    );
    let args = ["--capture", file];
    let asked = desk.run(&["diagnose", "--json", "1001", args[0], args[1]]);
    let chosen = desk
        .say(&["--json", args[0], args[1]], "1001\n2\n")
        .answered()
        .json();
    for kept in [&asked.answered().one_json(), &chosen[1]] {
        let fresh = again(&desk, &args, &kept["id"]);
        assert_eq!(fresh["calls"], kept["calls"], "{fresh}");
    }
}

/// A Call-ID may look like anything; without the capture nothing says any more that it is one.
#[test]
fn again_of_a_call_id_that_looks_like_a_number() {
    let desk = Desk::new();
    let packets = edited("0 cust>plat INVITE", &[(0, "a@198.51.100.10", "404")]);
    let file = desk.file("call.pcap", pcap(&packets));
    let args = ["--capture", file];
    let kept = desk.run(&["diagnose", "--json", "404", args[0], args[1]]);
    let kept = kept.answered().one_json();
    assert_eq!(kept["calls"][0]["call_ids"][0], "404");
    fs::remove_file(desk.path(file)).unwrap();
    let judged = again(&desk, &args, &kept["id"]);
    assert_eq!(judged["calls"], kept["calls"], "{judged}");
}

#[test]
fn again_of_an_id_that_nobody_kept() {
    let desk = Desk::new();
    let said = again(&desk, &[], &"20260101-000000-abcdef".into());
    let text = said["text"].as_str().unwrap();
    assert!(
        text.contains("No investigation is called 20260101-000000-abcdef"),
        "{text}"
    );
}

/// Every byte that a folder holds, files in it and their names.
fn all_bytes(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        all.extend(entry.file_name().as_encoded_bytes());
        let path = entry.path();
        if path.is_dir() {
            all.extend(all_bytes(&path));
        } else if path.is_file() {
            all.extend(fs::read(path).unwrap());
        }
    }
    all
}

fn has(bytes: &[u8], what: &str) -> bool {
    memchr::memmem::find(bytes, what.as_bytes()).is_some()
}

#[test]
fn no_credentials_are_kept_or_shown() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    // A length that base64 cannot hide: each alignment of it is searched for.
    const CANARY: &str = "canary0123456789abcdefcanary0123456789abcdef";
    let text = "0.0 cust>plat INVITE
        0.1 plat>cust 407 | Proxy-Authenticate: Digest realm=\"x\", nonce=\"n\"
        0.2 cust>plat ACK
        0.3 cust>plat INVITE cseq=2 | Proxy-Authorization: Digest username=\"alice\", realm=\"x\", \
        nonce=\"n\", uri=\"sip:x\", response=\"SECRET\", cnonce=\"SECRET\"
        0.4 cust>plat INVITE cseq=3 | Authorization: Digest username=\"alice\",FOLDresponse=\"SECRET\"
        0.5 cust>plat INVITE cseq=4 | authorization: Basic SECRET
        0.9 plat>cust 403 cseq=4";
    let packets = edited(
        &text.replace("SECRET", CANARY),
        &[(4, "FOLD", "\r\n "), (0, "INVITE", "INVITE")],
    );
    let desk = Desk::new();
    let file = desk.file("call.pcap", pcap(&packets));
    let args = ["--capture", file];
    let mut outputs = String::new();
    for command in [
        &["diagnose", "a@198.51.100.10"][..],
        &["diagnose", "a@198.51.100.10", "--json"],
        &["ladder", "a@198.51.100.10"],
        &["calls", "--json"],
        &["diagnose", "--all"],
        &["history"],
    ] {
        let mut command = desk.command(&[command, &args].concat());
        command.env("CALLTRIAGE_LOG", "trace");
        let done = super::finish(command, "");
        assert_eq!(done.code, Some(0), "{done:?}");
        outputs.push_str(&done.out);
        outputs.push_str(&done.err);
    }
    fs::remove_file(desk.path(file)).unwrap();
    let id = &history(&desk, &[])[0]["id"];
    let judged = again(&desk, &args, id);
    assert_eq!(judged["id"], *id, "the evidence was kept");
    outputs.push_str(&judged.to_string());
    assert!(!outputs.contains("canary"), "{outputs}");

    let kept = all_bytes(&desk.store());
    assert!(has(&kept, "a@198.51.100.10"), "something is kept");
    assert!(!has(&kept, "canary"));
    // The middle of the canary's base64, at each of the three alignments.
    for lead in ["", "x", "xy"] {
        let coded = STANDARD.encode(format!("{lead}{CANARY}"));
        assert!(!has(&kept, &coded[8..coded.len() - 8]));
    }
    // The search finds what is there: the same of a word that is kept.
    let kept_word = "441632960001@198.51.100.10";
    let found = ["", "x", "xy"].iter().any(|lead| {
        let coded = STANDARD.encode(format!("{lead}{kept_word}"));
        has(&kept, &coded[4..coded.len() - 4])
    });
    assert!(found);
}

/// A store that cannot be used costs the history, not the answer.
#[test]
fn a_store_that_cannot_be_used_is_said() {
    let desk = Desk::new();
    desk.file("state", "a file where a folder should be");
    let done = desk.run(&["diagnose", "--json", BUSY]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(
        done.one_json()["calls"][0]["verdict"]["rule"],
        "called-busy"
    );
    assert!(
        done.err
            .starts_with("calltriage: going on without history: "),
        "{done:?}"
    );
    assert_eq!(done.err.lines().count(), 1, "{done:?}");
    let done = desk.run(&["history", "--json"]);
    assert_eq!((done.code, &*done.out), (Some(1), ""), "{done:?}");
}

#[test]
fn without_a_home_there_is_no_history() {
    let desk = Desk::new();
    let mut command = desk.command(&["diagnose", "--json", BUSY]);
    command.env_remove("XDG_STATE_HOME");
    let done = super::finish(command, "");
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.err.contains("no history"), "{done:?}");
    done.one_json();
}

/// Where the configuration says where the store is, it is there.
#[test]
fn the_store_is_where_the_configuration_says() {
    let desk = Desk::new();
    let config = desk.file("calltriage.toml", "[store]\npath = \"mine\"\n");
    desk.run(&["diagnose", BUSY, "--config", config]).answered();
    assert!(desk.path("mine").is_dir());
    assert!(!desk.store().exists());
    assert_eq!(history(&desk, &["--config", config]).len(), 1);
    assert_eq!(history(&desk, &[]).len(), 0);
}

/// A list is not kept: forty calls would bury what a person asked.
#[test]
fn diagnosing_all_calls_keeps_nothing() {
    let desk = Desk::new();
    let folder = examples();
    let done = desk.run(&["diagnose", "--all", "--capture", folder.to_str().unwrap()]);
    assert!(done.answered().out.lines().count() > 40);
    assert_eq!(history(&desk, &[]).len(), 0);
}
