//! The form: what it takes, and what support would send back.

use calltriage::chat::filling;
use calltriage::diagnosis::Investigator;
use calltriage::examples;
use calltriage::peers::Peers;
use calltriage::report::severity::Level;
use calltriage::report::{Audience, Screen};
use calltriage::sources::{Captures, Source};
use std::sync::Arc;

use super::{desk, made};

async fn report(audience: Audience) -> (calltriage::report::Report, Screen) {
    let captures = Captures::in_memory("examples", examples::captures(), Peers::default());
    let desk = desk(
        Investigator::new(vec![Source::Captures(Arc::new(captures))], Peers::default()),
        None,
    );
    let now = "2026-02-16T12:00:00Z".parse().unwrap();
    let made = made(&desk, "441632960106", audience, now).await;
    (made.report, made.screen)
}

fn filled(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[tokio::test]
async fn it_is_filled_in_already_and_what_is_left_alone_is_nobodys_word() {
    let (mut report, screen) = report(Audience::Platform).await;
    let shown: Vec<(String, String)> = report
        .form()
        .fields
        .iter()
        .map(|it| (it.name.to_owned(), it.value.clone()))
        .collect();
    let symptom = &shown.iter().find(|(name, _)| name == "symptom").unwrap().1;
    assert!(symptom.contains("503"), "{symptom}");
    // Who is to be asked is the one thing that nobody but a person knows.
    assert_eq!(report.obstacles().len(), 1);
    let before = report.own.clone();
    report.fill(&screen, &shown, "").unwrap();
    assert_eq!(report.own, before);
}

#[tokio::test]
async fn a_wider_scope_raises_the_level_that_the_form_showed() {
    let (mut report, screen) = report(Audience::Platform).await;
    assert!(report.severity().level >= Level::P3);
    let shown = report.severity().level.word();
    report
        .fill(
            &screen,
            &filled(&[("level", shown), ("reach", "one-customer-down")]),
            "u",
        )
        .unwrap();
    assert_eq!(report.severity().level, Level::P2);
    let refused = report
        .fill(&screen, &filled(&[("level", "P0")]), "u")
        .unwrap_err();
    assert_eq!(refused[0].0, "level");
    report
        .fill(&screen, &filled(&[("setting", "new-interconnect")]), "u")
        .unwrap();
    assert_eq!(report.severity().level, Level::P3);
}

#[tokio::test]
async fn what_the_whole_platform_suffers_is_the_platforms_unless_somebody_says_otherwise() {
    let night = "2026-02-16T22:00:00Z".parse().unwrap();
    let (mut report, screen) = report(Audience::Platform).await;
    assert!(report.full_subject().starts_with("[P4][Operational]"));
    // The form sends what it showed along with what was changed.
    let down = filled(&[("category", "operational"), ("reach", "whole-platform")]);
    report.fill(&screen, &down, "u").unwrap();
    assert!(
        report.full_subject().starts_with("[P0][Platform]"),
        "{}",
        report.full_subject()
    );
    assert!(
        report
            .response(night)
            .unwrap()
            .said
            .starts_with("Worked on around the clock")
    );
    assert_eq!(report.public()["category"], "Platform");
    report
        .fill(&screen, &filled(&[("category", "operational")]), "u")
        .unwrap();
    assert!(report.full_subject().starts_with("[P0][Operational]"));
    let refused = report
        .fill(&screen, &filled(&[("category", "theirs")]), "u")
        .unwrap_err();
    assert_eq!(refused[0].1, "One of platform, operational.");
}

#[tokio::test]
async fn what_support_would_send_back_is_not_taken() {
    let (mut report, screen) = report(Audience::Platform).await;
    for vague in ["call is not going", "Not working.", "help"] {
        let refused = report
            .fill(&screen, &filled(&[("symptom", vague)]), "u")
            .unwrap_err();
        assert!(
            refused[0].1.contains("Support sends that back"),
            "{vague}: {refused:?}"
        );
    }
    let long = "x".repeat(501);
    assert!(
        report
            .fill(&screen, &filled(&[("changes", &long)]), "u")
            .is_err()
    );
    assert!(
        report
            .fill(&screen, &filled(&[("nothing", "x")]), "u")
            .is_err()
    );
    assert!(
        report
            .fill(&screen, &filled(&[("reach", "everything")]), "u")
            .is_err()
    );
}

#[tokio::test]
async fn a_carrier_is_not_told_what_it_must_not_see() {
    let (mut report, screen) = report(Audience::Carrier).await;
    let refused = report
        .fill(
            &screen,
            &filled(&[(
                "remarks",
                "ours is 4d7112070d2bab29143f000002504980@198.51.100.10",
            )]),
            "u",
        )
        .unwrap_err();
    assert_eq!(
        refused[0].1,
        "The carrier must not see \"4d7112070d2bab29143f000002504980@198.51.100.10\": it was on another leg of a call and \
         not on theirs; take it out."
    );
    let own = format!(
        "your {} answered",
        report.calls[0].between.as_ref().unwrap().1
    );
    report
        .fill(&screen, &filled(&[("remarks", &own)]), "u")
        .unwrap();
}

#[test]
fn any_text_fits_into_the_command_of_a_form() {
    let table = calltriage::chat::commands::Table::embedded().unwrap();
    let fields = filled(&[
        (
            "tried",
            "we --did\nthis — \"twice\" --set x\u{2028}\u{1F600}",
        ),
        ("contact", ""),
    ]);
    let command = filling("r-1", &fields);
    let parsed = table.parse(&command).unwrap();
    let json = parsed.options.text("filled").unwrap();
    let read: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).unwrap();
    assert_eq!(parsed.rest, "r-1");
    for (name, value) in fields {
        assert_eq!(read[&name], value);
    }
}
