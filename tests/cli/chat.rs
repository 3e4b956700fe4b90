//! The conversation without a terminal: lines in, answers out, and the end of the input ends it.

use serde_json::Value;
use tokio::task::block_in_place;

use super::{Desk, capture};
use crate::support::connexcs::Fake;

/// What the chat answers to each line, as JSON.
fn answers(desk: &Desk, args: &[&str], lines: &str) -> Vec<Value> {
    desk.say(&[args, &["--json"]].concat(), lines)
        .answered()
        .json()
}

#[test]
fn it_ends_with_the_input() {
    let desk = Desk::new();
    for args in [&[][..], &["chat"]] {
        assert_eq!(desk.run(args).answered().out, "");
        assert_eq!(desk.say(args, "\n  \n").answered().out, "");
    }
    // A last line without a line end counts.
    let said = desk.say(&[], "explain 486").answered().out;
    assert!(said.starts_with("SIP 486 Busy Here"), "{said}");
}

#[test]
fn it_ends_when_told_to() {
    let desk = Desk::new();
    for word in ["quit", "exit", "q", "QUIT", " quit \r"] {
        let done = desk.say(&[], &format!("{word}\nexplain 486\n")).answered();
        assert_eq!(done.out, "", "{word:?}");
    }
}

#[test]
fn a_call_id_is_enough() {
    let desk = Desk::new();
    let said = desk.say(&[], "busy-1@198.51.100.10\n").answered().out;
    assert!(
        said.starts_with("Far end: carrier 203.0.113.9:5060 answered 486"),
        "{said}"
    );
    // No colours without a terminal.
    assert!(!said.contains('\x1b'), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_captures_it_is_said_how_to_ask_the_platform() {
    let fake = Fake::start().await;
    let desk = Desk::new();
    let settings = format!(
        "[[sources]]\nname = \"main\"\nkind = \"connexcs\"\nbase_url = \"{}\"\ntoken = {{ value = \"demo\" }}\n",
        fake.base_url()
    );
    desk.file("run.toml", settings);
    let args = ["--config", "run.toml"];
    for asked in ["calls\n", "calls 441632960999\n"] {
        let said = block_in_place(|| desk.say(&args, asked)).answered().out;
        assert!(
            said.starts_with("`calls` lists the calls of capture files, and none are configured."),
            "{said}"
        );
    }
}

#[test]
fn any_bytes_are_read() {
    let desk = Desk::new();
    let long = "x".repeat(300_000);
    let lines = format!("\u{1b}[2J\u{0}\u{202e}\n{long}\n\u{feff}\nexplain 486\n");
    let said = desk.say(&[], &lines).answered().out;
    assert!(said.contains("SIP 486 Busy Here"), "{said}");
    assert!(!said.contains(['\x1b', '\0', '\u{202e}']), "{said}");
}

fn extensions(desk: &Desk) -> &'static str {
    desk.file(
        "extensions.pcap",
        capture(
            "0 cust>plat INVITE leg=user from=1001
             1 plat>cust 486 leg=user
             900 cust>plat INVITE leg=other
             901 plat>cust 404 leg=other",
        ),
    )
}

#[test]
fn an_ambiguous_question_is_asked_back_and_a_number_answers_it() {
    let desk = Desk::new();
    let file = extensions(&desk);
    let said = answers(&desk, &["--capture", file], "1001\n1\n1001\n2\n1\n");
    assert_eq!(
        said[0]["choices"],
        serde_json::json!(["SIP user 1001", "Number ending in 1001"])
    );
    assert_eq!(said[1]["calls"][0]["call_ids"][0], "user@198.51.100.10");
    assert_eq!(said[2], said[0]);
    assert_eq!(said[1]["read_as"], "user:1001");
    assert_eq!(said[3]["read_as"], "digits:1001");
    // Once answered, a number is a question again.
    assert!(said[4].get("calls").is_none(), "{}", said[4]);

    let shown = desk.say(&["--capture", file], "1001\n").answered().out;
    assert_eq!(
        shown,
        "Is 1001 a SIP user/extension or the end of a number?\n  1  SIP user 1001\n  \
         2  Number ending in 1001\nAnswer with the number of your choice.\n"
    );
}

/// A one-shot command cannot ask back: it takes the first reading under which there is a call.
#[test]
fn a_command_takes_the_reading_under_which_there_is_something() {
    let desk = Desk::new();
    let file = extensions(&desk);
    desk.file(
        "user.pcap",
        capture("0 cust>plat INVITE leg=named from=404\n 1 plat>cust 486 leg=named"),
    );
    for (query, file, id) in [
        ("1001", file, "user@198.51.100.10"),
        ("404", file, "other@198.51.100.10"),
        ("404", "user.pcap", "named@198.51.100.10"),
    ] {
        for command in ["diagnose", "ladder"] {
            let done = desk.run(&[command, "--json", query, "--capture", file]);
            let value = done.answered().one_json();
            let call = value.get("calls").map_or(&value, |calls| &calls[0]);
            assert_eq!(call["call_ids"][0], id, "{command} {query}");
        }
    }
    // There is neither: the first reading is told, and that nothing was found.
    let done = desk.run(&["diagnose", "--json", "2002", "--capture", file]);
    let none = done.answered().one_json();
    assert_eq!(none["calls"][0]["verdict"]["rule"], "call-not-found");
}

#[test]
fn again_and_ladder_go_by_what_was_asked_last() {
    let desk = Desk::new();
    let lines = "again\n441632960105\nagain\nladder\n";
    let said = answers(&desk, &[], lines);
    assert!(
        said[0]["text"]
            .as_str()
            .unwrap()
            .contains("nothing to run again")
    );
    assert_eq!(said[1]["calls"], said[2]["calls"]);
    assert_ne!(said[1]["id"], said[2]["id"]);
    assert!(said[3]["ladders"][0].as_str().unwrap().contains("486"));
}

#[test]
fn an_answer_goes_on_with_the_command_that_asked() {
    let desk = Desk::new();
    let file = extensions(&desk);
    let lines = "ladder 1001\n1\ncalls 1001 --limit 5\n1\ncalls 1001 --kind other\n2\n";
    let said = answers(&desk, &["--capture", file], lines);
    let choices = serde_json::json!(["SIP user 1001", "Number ending in 1001"]);
    for asked in [0, 2, 4] {
        assert_eq!(said[asked]["choices"], choices, "{}", said[asked]);
    }
    let ladder = said[1]["ladders"][0].as_str().unwrap();
    assert!(ladder.contains("486"), "{ladder}");
    assert_eq!(said[3]["calls"][0]["call_id"], "user@198.51.100.10");
    assert_eq!(said[3]["calls"].as_array().unwrap().len(), 1);
    // With the options that were given.
    assert_eq!(said[5]["calls"], serde_json::json!([]));
}

#[test]
fn any_other_message_takes_the_question_back() {
    let desk = Desk::new();
    let file = extensions(&desk);
    for between in ["help quit", "rules", "laddr", "explain 486"] {
        let lines = format!("1001\n{between}\n1\n");
        let said = answers(&desk, &["--capture", file], &lines);
        assert_ne!(said[2]["read_as"], "user:1001", "{between}");
    }
    // Another command asks anew, and the number is an answer to that.
    let said = answers(&desk, &["--capture", file], "1001\nladder 1001\n1\n");
    assert!(said[2]["ladders"][0].is_string(), "{}", said[2]);
}

#[test]
fn a_question_about_a_call_is_no_question_about_a_code() {
    let desk = Desk::new();
    for line in [
        "what is wrong with 441632960105",
        "what does busy-1@198.51.100.10 say",
        "what is wrong with 441632960105 since 30 years",
        "explain 441632960105",
    ] {
        let said = answers(&desk, &[], &format!("{line}\n"));
        let verdict = &said[0]["calls"][0]["verdict"]["rule"];
        assert_eq!(verdict, "called-busy", "{line}: {}", said[0]);
    }
    for line in ["explain nonsense", "what does 799 mean", "explain cause 0"] {
        let said = desk.say(&[], &format!("{line}\n")).answered().out;
        assert!(said.starts_with("Nothing is known of"), "{line}: {said}");
    }
}

#[test]
fn a_number_is_what_the_word_before_it_says() {
    let desk = Desk::new();
    let said = |line: &str| desk.say(&[], &format!("{line}\n")).answered().out;
    let headlines = |line: &str| -> Vec<String> {
        let text = said(line);
        let heads = text
            .lines()
            .filter(|line| line.starts_with("SIP ") || line.starts_with("Q.850 "));
        heads
            .map(|line| line.split([':', '(']).next().unwrap().trim().to_owned())
            .collect()
    };
    assert!(said("explain 100").starts_with("SIP 100 Trying"));
    for line in [
        "explain cause 100",
        "explain Q.850 cause 100",
        "explain Q.850;cause=100",
        "what is cause code 100?",
    ] {
        assert_eq!(headlines(line), ["Q.850 cause 100"], "{line}");
    }
    for line in ["explain code 503 cause 34", "explain 503 and 34, 503"] {
        assert_eq!(
            headlines(line),
            ["SIP 503 Service Unavailable", "Q.850 cause 34"],
            "{line}"
        );
    }
    let cause = said("explain cause 34");
    assert!(
        cause.ends_with(" Where to look first: the carrier.\n"),
        "{cause}"
    );
    assert!(said("explain cause 16").ends_with("hung up. Nobody has to act.\n"));
}

#[test]
fn where_nothing_fits_it_is_said_what_was_looked_for() {
    let desk = Desk::new();
    let said = |line: &str| desk.say(&[], &format!("{line}\n")).answered().out;
    assert_eq!(said("history"), "Nothing has been investigated yet.\n");
    desk.run(&["diagnose", "441632960105"]).answered();
    assert_eq!(
        said("history nothinglikeit"),
        "No past investigation is about nothinglikeit; `history` lists all that are kept.\n"
    );
    assert_eq!(
        said("history --limit 0"),
        "1 past investigation; `history --limit N` shows the newest.\n"
    );
    desk.run(&["diagnose", "441632960105"]).answered();
    let one = said("history --limit 1");
    let left_out = "\n1 older one is left out; `history --limit N` shows more.\n";
    assert!(one.ends_with(left_out), "{one}");

    let calls = said("calls nobody@nowhere.example");
    assert_eq!(
        calls,
        "No call matches nobody@nowhere.example; `calls` lists all there are, `calls --all` \
         keep-alives too.\n"
    );
    let none = said("calls 441632960105 --limit 0");
    assert_eq!(none, "1 call; `calls --limit N` shows the newest.\n");

    let help = said("help nope");
    assert!(help.starts_with("\"nope\" is no command.\n\n"), "{help}");
    assert_eq!(help.split_once("\n\n").unwrap().1, said("help"));
}

#[test]
fn again_goes_on_where_the_last_session_ended() {
    let desk = Desk::new();
    for query in ["441632960104", "busy-1@198.51.100.10"] {
        desk.run(&["diagnose", query]).answered();
    }
    let said = answers(&desk, &[], "again\nladder\n");
    assert_eq!(said[0]["query"], "busy-1@198.51.100.10");
    assert_eq!(said[0]["calls"][0]["verdict"]["rule"], "called-busy");
    assert!(said[1]["ladders"][0].as_str().unwrap().contains("486"));
}

#[test]
fn a_list_is_as_long_in_the_chat_as_on_the_command_line() {
    let long = calltriage::chat::HISTORY_LENGTH.to_string();
    let help = Desk::new().run(&["history", "--help"]).answered().out;
    assert!(help.contains(&format!("[default: {long}]")), "{help}");
}
