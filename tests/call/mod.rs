//! What people paste and type, and how it is understood: tables of a text and its reading.

mod ids;
mod numbers;
mod properties;
mod questions;
mod scopes;
mod symptoms;
mod times;

use calltriage::call::{Context, Reading, parse};
use jiff::tz::TimeZone;

/// Monday noon in London, one o'clock in Berlin, where the channel is.
fn context() -> Context {
    Context {
        home_country: Some("GB".to_owned()),
        customers: ["Acme", "Acme Telecom", "Dual"].map(str::to_owned).to_vec(),
        carriers: ["ExampleTel", "Dual"].map(str::to_owned).to_vec(),
        ..Context::new(
            "2026-02-16T12:00:00Z".parse().unwrap(),
            TimeZone::get("Europe/Berlin").unwrap(),
        )
    }
}

/// The reading as text: the canonical query, with its notes in brackets; the question with the
/// queries to choose from; or the sentence.
fn shown(text: &str, context: &Context) -> String {
    match parse(text, context) {
        Reading::Query(query) => {
            let notes = query
                .notes
                .iter()
                .map(|note| format!(" ({note})"))
                .collect::<String>();
            format!("{query}{notes}")
        }
        Reading::Ambiguous(question) => {
            assert!((2..=5).contains(&question.choices.len()), "{question:?}");
            let choices = question
                .choices
                .iter()
                .map(|choice| choice.query.to_string());
            format!(
                "{} {}",
                question.asked,
                choices.collect::<Vec<_>>().join(" | ")
            )
        }
        Reading::Nothing(sentence) => sentence,
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    check_in(&context(), text, expected);
}

#[track_caller]
fn check_in(context: &Context, text: &str, expected: &str) {
    assert_eq!(shown(text, context), expected, "for {text:?}");
}

/// Every row is checked before any is reported, so that one run shows all that changed.
#[track_caller]
fn check_all(rows: &[(&str, &str)]) {
    let context = context();
    let wrong: Vec<String> = rows
        .iter()
        .filter(|(text, expected)| shown(text, &context) != *expected)
        .map(|(text, expected)| {
            format!(
                "{text:?}\n  read     {}\n  expected {expected}",
                shown(text, &context)
            )
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
