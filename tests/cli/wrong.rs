//! A verdict that an engineer marks as wrong: kept, shown with the call, counted by rule, written as a test.

use super::{Desk, example};

const CALL: &str = "441632960104";

/// A desk that has investigated a call, and the investigation's id.
fn investigated() -> (Desk, String) {
    let desk = Desk::new();
    let done = desk.run(&[
        "diagnose",
        "--json",
        "--capture",
        &example("not-found-404.pcap"),
        CALL,
    ]);
    let id = done.answered().one_json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    (desk, id)
}

#[test]
fn it_is_kept_shown_and_counted() {
    let (desk, id) = investigated();
    let reason = ["the", "carrier", "admits", "a", "fault"];
    let said = [&["wrong", "--party", "carrier"], &reason[..]].concat();
    let out = desk.run(&said).answered().out;
    assert_eq!(
        out,
        format!(
            "Kept: the verdict number-not-found of {id} is marked as wrong: the carrier admits a fault\n"
        )
    );

    let capture = example("not-found-404.pcap");
    let again = desk
        .run(&["diagnose", "--json", "--capture", &capture, CALL])
        .answered()
        .one_json();
    let correction = &again["calls"][0]["correction"];
    assert_eq!(correction["true_party"], "carrier");
    assert_eq!(correction["investigation"], *id);
    assert_eq!(
        again["calls"][0]["verdict"]["party"], "far-end",
        "it changes no verdict"
    );
    let card = desk
        .run(&["diagnose", "--capture", &capture, CALL])
        .answered()
        .out;
    assert!(card.contains("the carrier admits a fault on "), "{card}");

    let counted = desk
        .run(&["rules", "--accuracy", "--json"])
        .answered()
        .one_json();
    assert_eq!(counted["rule"], "number-not-found");
    assert_eq!(
        (&counted["verdicts"], &counted["wrong"]),
        (&3.into(), &1.into())
    );
    let counted = desk.say(&["chat"], "rules --accuracy\nquit\n").out;
    assert!(
        counted.contains("number-not-found: 1 of 3 marked as wrong"),
        "{counted}"
    );
}

#[test]
fn it_is_written_as_a_case_for_the_tests() {
    let (desk, id) = investigated();
    desk.run(&["wrong", "--call", &id, "--party", "carrier", "a", "fault"])
        .answered();
    let out = desk.run(&["wrong", "--export"]).answered().out;
    let case: toml::Table = out.parse().unwrap();
    let case = &case["capture"][0];
    assert_eq!(case["name"].as_str(), Some(format!("wrong-{id}").as_str()));
    assert_eq!(case["party"].as_str(), Some("carrier"));
    assert_eq!(case["happened"].as_str(), Some("a fault"));
    let query = case["query"].as_str().unwrap();
    assert_eq!(case["call_ids"][0][0].as_str(), Some(query));
    assert!(
        out.starts_with(&format!("# calltriage pcap {query:?}")),
        "{out}"
    );
}

#[test]
fn what_cannot_be_marked_is_said() {
    let (desk, _) = investigated();
    let said = |args: &[&str]| {
        let done = desk.run(args);
        assert_eq!(done.code, Some(1), "{done:?}");
        done.err
    };
    assert_eq!(
        said(&["wrong", "--party", "carier", "x"]),
        "calltriage: \"carier\" is no party; one of customer, configuration, platform, carrier, far-end, network, nobody.\n"
    );
    assert_eq!(
        said(&["wrong", "--rule", "mising-ack", "x"]),
        "calltriage: \"mising-ack\" is no rule. Did you mean missing-ack?\n"
    );
    assert_eq!(
        said(&["wrong", "--call", "nothing@here", "x"]),
        "calltriage: No investigation of \"nothing@here\" is kept; `history` lists them.\n"
    );
    assert_eq!(
        said(&["wrong", " "]),
        "calltriage: Say in a line why it is wrong: others will read it.\n"
    );
    let chat = desk.say(&["chat"], "not right --party carrier they said so\nquit\n");
    assert!(
        chat.out.contains("Kept: the verdict number-not-found of "),
        "{chat:?}"
    );
}

#[test]
fn of_many_calls_one_is_named() {
    let desk = Desk::new();
    let capture = example("many-calls.pcap");
    let done = desk
        .run(&["diagnose", "--json", "--capture", &capture, "198.51.100.10"])
        .answered();
    let answer = done.one_json();
    let (id, calls) = (
        answer["id"].as_str().unwrap(),
        answer["calls"].as_array().unwrap(),
    );
    assert!(calls.len() > 1, "{}", calls.len());
    let refused = desk.run(&["wrong", "--call", id, "x"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused
            .err
            .ends_with("name the one that is meant by its Call-ID.\n"),
        "{refused:?}"
    );
    let call = calls[1]["call_ids"][0].as_str().unwrap();
    let marked = desk
        .run(&["wrong", "--json", "--call", call, "x"])
        .answered()
        .one_json();
    assert_eq!(marked["call_ids"][0], call);
    assert_eq!(marked["rule"], calls[1]["verdict"]["rule"]);
}
