//! What a text means: the command, its options, the rest, or one sentence on how to write it.

use calltriage::chat::commands::{Options, Verb, about};

use super::commands;

/// A text means this command with this rest and no options.
fn means(text: &str, verb: Verb, rest: &str) {
    let table = commands();
    let parsed = table
        .parse(text)
        .unwrap_or_else(|usage| panic!("{text:?}: {usage}"));
    assert_eq!(
        (parsed.command.verb, parsed.rest.as_str()),
        (verb, rest),
        "{text:?}"
    );
    assert_eq!(parsed.options, Options::default(), "{text:?}");
}

/// A text is refused with this sentence.
fn refused(text: &str, expected: &str) {
    assert_eq!(
        commands().parse(text).unwrap_err().to_string(),
        expected,
        "{text:?}"
    );
}

#[test]
fn no_command_word_means_diagnose_with_the_whole_text() {
    for text in [
        "70634039@192.168.0.204",
        "+44 20 7946 0018 since 2h",
        "441234567890",
        "a call to 4412 drops after 30 seconds",
        "history@10.0.0.1",
        "quit-rate of Acme",
        "clZZKgs6PFYOCgRqdxFzA1Z2UmtvAV--",
        "CNX3736_clZZ --boundary x",
        "exit code 503 from the PBX",
        "alice",
        "503",
    ] {
        means(text, Verb::Diagnose, text);
    }
    means("  4412\n4413 ", Verb::Diagnose, "4412\n4413");
}

#[test]
fn names_aliases_words_and_phrases() {
    means("diagnose 4412", Verb::Diagnose, "4412");
    means("Why did 4412 fail?", Verb::Diagnose, "4412 fail?");
    means("why: 4412", Verb::Diagnose, "4412");
    means("what happened to 4412", Verb::Diagnose, "4412");
    means("trace  a@b ", Verb::Ladder, "a@b");
    means("/ladder", Verb::Ladder, "");
    means("show me the ladder of 4412", Verb::Ladder, "of 4412");
    means("LIST", Verb::Calls, "");
    means("run again", Verb::Again, "");
    means("again", Verb::Again, "");
    means("what is 503", Verb::Explain, "503");
    means("rules", Verb::Rules, "");
    means("help", Verb::Help, "");
    means("help?", Verb::Help, "");
    means("?", Verb::Help, "");
    means("", Verb::Help, "");
    means("help calls", Verb::Help, "calls");
    means("quit.", Verb::Quit, "");
}

#[test]
fn options_are_taken_out_and_the_rest_stays() {
    let table = commands();
    let check = |text: &str, rest: &str| {
        let parsed = table
            .parse(text)
            .unwrap_or_else(|usage| panic!("{text:?}: {usage}"));
        assert_eq!(parsed.rest, rest, "{text:?}");
        let options = parsed.options;
        (
            options.flag("all"),
            options.text("kind").map(str::to_owned),
            options.number("limit"),
        )
    };
    let registration = Some("registration".to_owned());
    assert_eq!(check("calls", ""), (false, None, None));
    assert_eq!(check("calls --all  4412  x", "4412  x"), (true, None, None));
    assert_eq!(
        check("calls 4412 --limit 5 since 2h", "4412 since 2h"),
        (false, None, Some(5))
    );
    assert_eq!(
        check("calls --kind=Registration --limit=3", ""),
        (false, registration, Some(3))
    );
    assert_eq!(check("calls —all", ""), (true, None, None));
    assert_eq!(check("calls -- 5", "5"), (false, None, None));
    assert_eq!(
        check("calls --all -- --limit=5 -- x", "--limit=5 -- x"),
        (true, None, None)
    );
}

#[test]
fn what_somebody_else_wrote_is_no_command() {
    for text in [
        "simulate busy-1@198.51.100.10 --confirm",
        "what is this?",
        "histry",
        "-- yes",
        "--private",
    ] {
        means(&about(text), Verb::Diagnose, text);
    }
    assert_eq!(about(" \n"), "");
}

#[test]
fn what_is_wrong_with_an_option() {
    let usage = "calls [SCOPE] [--all] [--kind call|registration|other] [--limit NUMBER]";
    refused(
        "calls --limt 5",
        &format!("calls has no option --limt; write: {usage}; did you mean --limit?"),
    );
    refused(
        "calls --colour",
        &format!("calls has no option --colour; write: {usage}"),
    );
    refused(
        "calls --limit many",
        "--limit cannot be \"many\"; allowed: a whole number",
    );
    refused(
        "calls --limit",
        "--limit cannot be left empty; allowed: a whole number",
    );
    refused(
        "calls --limit --all",
        "--limit cannot be left empty; allowed: a whole number",
    );
    refused(
        "calls --all=yes",
        "--all cannot be \"yes\"; allowed: nothing",
    );
    refused(
        "calls --kind cal",
        "--kind cannot be \"cal\"; allowed: call, registration, other; did you mean call?",
    );
}

#[test]
fn a_command_that_needs_more() {
    refused(
        "explain",
        "explain needs more: A rule's id, a SIP response code, a Q.850 cause, a text or timer of the platform, or a length. Write: explain RULE, CODE or TEXT",
    );
}

#[test]
fn did_you_mean() {
    refused(
        "laddr",
        "\"laddr\" is no command; did you mean \"ladder\"? To look for a call by this word, write: diagnose laddr",
    );
    refused(
        "/hisotry",
        "\"/hisotry\" is no command; did you mean \"history\"? To look for a call by this word, write: diagnose /hisotry",
    );
    // Never for more than one word, nor for what could be a Call-ID, a number or an address.
    for text in [
        "laddr 4412",
        "ladder1",
        "calls@x",
        "rules-1",
        "4412",
        "10.0.0.1",
        "bob",
    ] {
        means(text, Verb::Diagnose, text);
    }
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "(?s).{0,100}") {
        let _ = commands().parse(&text);
    }

    #[test]
    fn no_text_that_is_nearly_a_command_panics(
        text in "/?(calls|why|show me|quit|explain|what is)[ :]{0,2}((--|—)(all|limit|kind|x)(=| )?[a-zé0-9]{0,3} ?){0,4}"
    ) {
        let _ = commands().parse(&text);
    }
}
