//! A whole dialogue, from a pasted Call-ID to a report, as the page of docs shows it. `UPDATE_DOCS=1` writes it.

use std::fmt::Write as _;

use serde_json::json;

use super::talk::first_answer;
use super::{BUSY, OURS, in_discord};
use crate::docs::check;
use crate::support::discord::state::Message;
use crate::support::discord::{ANN, BEN, NOC};

/// The text of a message without what differs from run to run: ids that the program makes, and how long steps took.
fn steady(message: &Message) -> String {
    let text = message.readable();
    let line = |line: &str| {
        let words = line.split(' ').map(|word| {
            let core = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            let is_id = core.len() >= 15
                && core.contains('-')
                && core.trim_start_matches("r-").starts_with("20")
                && core.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            match is_id {
                true => word.replace(core, "ID"),
                false => word.to_owned(),
            }
        });
        words.collect::<Vec<_>>().join(" ").trim_end().to_owned()
    };
    let today = jiff::Timestamp::now().strftime("%F").to_string();
    let lines = text
        .lines()
        .map(line)
        .filter(|it| !it.contains(&today) && !it.starts_with("**Response**"));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn told(page: &mut String, who: &str, does: &str) {
    let _ = writeln!(page, "**{who}** {does}\n");
}

fn answered(page: &mut String, message: &Message) {
    let labels = message.components();
    let labels: Vec<&str> = labels
        .iter()
        .filter_map(|it| it["label"].as_str())
        .collect();
    let _ = writeln!(page, "````text\n{}\n````\n", steady(message));
    if !labels.is_empty() {
        let _ = writeln!(page, "Buttons: {}\n", labels.join(" · "));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_call_id_to_a_report() {
    let (fake, _bot) = in_discord(OURS, "").await;
    let (ann, ben) = (fake.user(ANN), fake.user(BEN));
    let mut page = String::from(
        "# A dialogue in Discord\n\nRecorded from the program over the example captures by \
         `UPDATE_DOCS=1 cargo test discord::dialogue`; markdown is left out.\n\n",
    );
    told(
        &mut page,
        "Ann",
        &format!("uses `/triage diagnose call:{BUSY}`"),
    );
    ann.slash(NOC, "diagnose", &[("call", json!(BUSY))]);
    let card = fake.answer(NOC, "Proof").await;
    answered(&mut page, &card);

    told(&mut page, "Ben", "presses *Compare*");
    let pressed = ben.press(&card, &card.button("Compare"));
    let compared = fake
        .until("a comparison", |state| {
            let mut all = state.of_bot(NOC);
            all.find(|it| {
                it.interaction == Some(pressed)
                    && !it.before.is_empty()
                    && !it.readable().contains("asked:")
            })
            .cloned()
        })
        .await;
    answered(&mut page, &compared);

    told(
        &mut page,
        "Ann",
        "presses *Report*; a form opens, filled in as far as it can be",
    );
    let labels = card.components();
    let label = labels
        .iter()
        .filter_map(|it| it["label"].as_str())
        .find(|it| it.starts_with("Report"));
    let pressed = ann.press(&card, &card.button(label.unwrap()));
    let first = first_answer(&fake, pressed).await["data"].clone();
    for row in first["components"].as_array().unwrap() {
        let input = &row["components"][0];
        let value = input["value"].as_str().unwrap_or("(empty)");
        let _ = writeln!(page, "- {}: {value}", input["label"].as_str().unwrap());
    }
    page.push('\n');
    told(
        &mut page,
        "Ann",
        "writes what was noticed, and sends the first page",
    );
    let filled = [(
        "symptom",
        "Calls to our shop are refused as busy since nine.",
    )];
    ann.submit(NOC, &first, &filled);
    let between = fake.whisper(ANN, "Page 1 of 2 is kept").await;
    answered(&mut page, &between);
    told(&mut page, "Ann", "presses *Next* and sends the second page");
    let next = ann.press(&between, &between.button("Next"));
    let second = first_answer(&fake, next).await["data"].clone();
    ann.submit(
        NOC,
        &second,
        &[("tried", "We asked the shop: its line was free.")],
    );
    let preview = fake.answer(NOC, "Report:").await;
    answered(&mut page, &preview);
    fake.nothing_refused();
    check("discord-dialogue.md", &page);
}
