//! Forms: opened at once, five fields a page, joined by a button where they have more, and what is said once they are sent.

use serde_json::{Value, json};

use super::talk::first_answer;
use super::{BUSY, OURS, in_discord};
use crate::support::discord::state::Message;
use crate::support::discord::{ANN, Fake, NOC, fields};

async fn card(fake: &Fake) -> Message {
    fake.user(ANN)
        .slash(NOC, "diagnose", &[("call", json!(BUSY))]);
    fake.answer(NOC, "486").await
}

/// The form that an interaction opened.
pub async fn form(fake: &Fake, id: u64) -> Value {
    let first = first_answer(fake, id).await;
    assert_eq!(first["type"], 9, "{first}");
    first["data"].clone()
}

#[tokio::test]
async fn a_verdict_is_marked_as_wrong() {
    let (fake, _bot) = in_discord(OURS, "").await;
    let card = card(&fake).await;
    let pressed = fake.user(ANN).press(&card, &card.button("Not right"));
    let modal = form(&fake, pressed).await;
    let filled = [
        ("reason", "the shop says its line was free"),
        ("party", "carrier"),
    ];
    fake.user(ANN).submit(NOC, &modal, &filled);
    fake.answer(NOC, "the shop says its line was free").await;
    fake.nothing_refused();
}

/// The first page of the form of a report.
async fn report(fake: &Fake) -> Value {
    let card = card(fake).await;
    let labels = card.components();
    let mut labels = labels.iter().filter_map(|it| it["label"].as_str());
    let label = labels.find(|it| it.starts_with("Report"));
    let pressed = fake.user(ANN).press(&card, &card.button(label.unwrap()));
    form(fake, pressed).await
}

#[tokio::test]
async fn what_support_sends_back_is_asked_for_again_with_all_that_was_chosen() {
    let (fake, _bot) = in_discord(OURS, "").await;
    let first = report(&fake).await;
    let level = fields::named(&first, "level");
    assert_eq!((&level["type"], fields::value(level)), (&json!(3), "P4"));
    let filled = [
        ("symptom", "not working"),
        ("level", "P5"),
        ("reach", "some-calls"),
    ];
    fake.user(ANN).submit(NOC, &first, &filled);
    let asked = fake.whisper(ANN, "This cannot stand as it is").await;
    let again = fake.user(ANN).press(&asked, &asked.button("Correct it"));
    let again = form(&fake, again).await;
    for (name, value) in filled {
        assert_eq!(fields::value(fields::named(&again, name)), value, "{again}");
    }
    fake.nothing_refused();
}

#[tokio::test]
async fn a_report_is_filled_in_page_by_page() {
    let (fake, _bot) = in_discord(OURS, "").await;
    let first = report(&fake).await;
    assert!(
        first["title"].as_str().unwrap().contains("(1 of 2)"),
        "{first}"
    );
    let filled = [(
        "symptom",
        "Calls to our shop are refused as busy since nine.",
    )];
    fake.user(ANN).submit(NOC, &first, &filled);
    let between = fake.whisper(ANN, "Page 1 of 2 is kept").await;
    let next = fake.user(ANN).press(&between, &between.button("Next"));
    let second = form(&fake, next).await;
    fake.user(ANN).submit(
        NOC,
        &second,
        &[
            ("tried", "We asked the shop --twice: its line was free."),
            ("contact", "NOC, +44 20 7946 0018"),
        ],
    );
    let preview = fake.answer(NOC, "Report:").await;
    let text = preview.readable();
    assert!(text.contains("refused as busy since nine"), "{text}");
    assert!(text.contains("its line was free"), "{text}");
    fake.nothing_refused();
}
