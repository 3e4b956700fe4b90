//! The conversation without a terminal: lines in, answers out, and the end of the input ends it.

use serde_json::Value;

use super::{Desk, capture};

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
