//! Words of a report that were once untrue or unreadable: each sentence here was read by somebody as something else.

use std::sync::Arc;

use calltriage::chat::{Conversation, Reply};
use calltriage::diagnosis::Investigator;
use calltriage::examples;
use calltriage::peers::Peers;
use calltriage::report::Audience;
use calltriage::report::draft::{Draft, Drafts, State};
use calltriage::sources::{Captures, Source};
use calltriage::store::{PATIENCE_WITH_HISTORY, Store};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::{desk, made, text};
use crate::cli::{self, example};

/// Half an hour after the example calls: a carrier is told of fresh calls alone.
const SOON: &str = "2026-11-23T03:25:00Z";

fn of(captures: Captures) -> Investigator {
    Investigator::new(vec![Source::Captures(Arc::new(captures))], Peers::default())
}

/// What is written to `audience` of some calls of the examples.
async fn told(ask: &str, audience: Audience) -> String {
    let now = SOON.parse().unwrap();
    let bytes = std::fs::read(example("many-calls.pcap")).unwrap().into();
    let captures = [("many-calls.pcap".to_owned(), bytes)];
    let captures = Captures::in_memory("examples", captures, Peers::default());
    text(
        &made(&desk(of(captures), None), ask, audience, now).await,
        now,
    )
}

/// Two of the four calls, each to a number of its own, that the same carrier refuses alike.
const TWO: &str = "many-calls-7@198.51.100.10 many-calls-17@198.51.100.10";

#[tokio::test]
async fn calls_to_several_numbers_are_not_called_calls_to_one() {
    let carrier = told(TWO, Audience::Carrier).await;
    assert_eq!(
        carrier.lines().next(),
        Some(
            "4 calls, e.g. to 442079460216 (United Kingdom): 404 Not Found since 2026-11-23 02:55 UTC"
        )
    );
    let platform = told(TWO, Audience::Platform).await;
    assert_eq!(
        platform.lines().next(),
        Some(
            "[P3][Operational] Outbound calls, e.g. to 442079460216 (United Kingdom), fail with 404 Not Found since \
             2026-11-23 02:55 UTC"
        )
    );
}

#[test]
fn who_ended_a_call_is_the_platform_where_it_hung_up_on_both() {
    let desk = cli::Desk::new();
    let (pinged, good) = (
        example("ping-timeout.pcap"),
        example("answered-callee-ends.pcap"),
    );
    let calls = desk.run(&["calls", "--capture", &good]).out;
    let good_id = calls
        .lines()
        .nth(1)
        .unwrap()
        .split_whitespace()
        .last()
        .unwrap();
    let args = [
        "compare",
        "--capture",
        &pinged,
        "--capture",
        &good,
        "ping-timeout-1@198.51.100.10",
        good_id,
    ];
    let out = desk.run(&args).answered().out;
    let ended = out.lines().find(|it| it.contains("Ended by")).unwrap();
    let said: Vec<&str> = ended
        .split("  ")
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .collect();
    // At the edge: one BYE, of the called side.
    assert_eq!(
        said,
        [
            "Ended by",
            "the platform, on both sides",
            "the called side hung up"
        ]
    );
}

#[tokio::test]
async fn what_was_sent_keeps_the_hours_of_its_sending() {
    let sent: Timestamp = "2026-02-16T12:00:00Z".parse().unwrap();
    let night = sent + SignedDuration::from_hours(11);
    let dir = TempDir::new().unwrap();
    let opened = Store::open_or_join(dir.path(), PATIENCE_WITH_HISTORY, sent).await;
    let store = opened.store.unwrap();
    let captures = Captures::in_memory("examples", examples::captures(), Peers::default());
    let desk = desk(of(captures), Some(store.clone()));
    let made = made(&desk, "441632960106", Audience::Platform, sent).await;
    let mut draft = Draft::new("r-1".to_owned(), made.report, made.screen, None);
    let drafts = Drafts::new(store);
    let mut said = Vec::new();
    for state in [State::Draft, State::Sent] {
        if state == State::Sent {
            draft.is_taken(sent);
        }
        drafts.save(&mut draft, sent).await.unwrap();
        let mut conversation = Conversation::default();
        let reply = desk.answer(&mut conversation, "report r-1", night).await;
        let Reply::Report(preview) = reply else {
            panic!("{reply:?}")
        };
        let response = preview.facts.iter().find(|(label, _)| *label == "Response");
        said.push(response.unwrap().1.clone());
    }
    assert!(
        said[0].starts_with("Sent at 23:00 UTC, outside"),
        "{said:?}"
    );
    assert!(said[1].starts_with("Sent at 12:00 UTC, within"), "{said:?}");
}

#[test]
fn markdown_has_a_heading_where_text_has_one() {
    let desk = cli::Desk::new();
    let capture = example("no-circuits.pcap");
    let told = |format: &str| {
        let args = [
            "report",
            "--capture",
            &capture,
            "441632960106",
            "--for",
            "platform",
            "--format",
            format,
        ];
        desk.run(&args).answered().out
    };
    let (text, markdown) = (told("text"), told("md"));
    let is_heading = |it: &&str| {
        let letters: String = it.chars().filter(|c| c.is_alphabetic()).collect();
        letters.len() > 3 && letters.chars().all(char::is_uppercase)
    };
    let headings: Vec<&str> = text.lines().filter(is_heading).collect();
    assert!(headings.contains(&"NOT CHECKED"), "{text}");
    for heading in headings {
        let wanted = format!("## {}", heading.to_lowercase());
        let found = markdown.lines().any(|it| it.to_lowercase() == wanted);
        assert!(found, "{wanted}: {markdown}");
    }
    // A list ends before a paragraph begins: else the paragraph is a part of its last item.
    let lines: Vec<&str> = markdown.lines().collect();
    for pair in lines.windows(2) {
        let runs_on =
            pair[0].starts_with("- ") && !pair[1].is_empty() && !pair[1].starts_with("- ");
        assert!(!runs_on, "{pair:?}");
    }
}
