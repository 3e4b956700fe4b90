//! A whole dialogue as the page shows it, the same as in Slack: asked, diagnosed, compared, reported, submitted.

use serde_json::Value;
use serde_json::json;

use super::talk::first_answer;
use super::{OURS, in_discord};
use crate::docs::check;
use crate::docs::dialogue::quoted;
use crate::slack::reports::{REFUSED, settings};
use crate::support::discord::state::Message;
use crate::support::discord::{ANN, BEN, Fake, NOC, fields};
use crate::support::http::{Server, answer as http};

/// What of a report to the platform depends on the hour.
const OF_THE_HOUR: [&str; 2] = ["**Response**", "**Ways**"];

/// A message of the bot as the page shows it: what it says, and what stands on its buttons.
fn shown(message: &Message, again: bool) -> String {
    let readable = message.readable();
    let is_steady = |line: &&str| !OF_THE_HOUR.iter().any(|it| line.starts_with(it));
    let buttons = message.components();
    let buttons = buttons.iter().filter_map(|it| it["label"].as_str());
    let lines = readable.trim().lines().filter(is_steady);
    quoted(lines.chain(buttons), again)
}

/// A form: what is told in it, and its fields with what stands in them.
fn form_shown(modal: &Value) -> String {
    let parts = modal["components"].as_array().unwrap().iter();
    let lines = parts.map(|part| match part.get("component") {
        None => part["content"].as_str().unwrap().to_owned(),
        Some(input) => {
            let value = match (fields::readable(input), input["placeholder"].as_str()) {
                ("", hint) => format!("({})", hint.unwrap_or("empty")),
                (value, _) => value.to_owned(),
            };
            format!("{}: {value}", part["label"].as_str().unwrap())
        }
    });
    let title = modal["title"].as_str().unwrap().to_owned();
    let lines: Vec<String> = std::iter::once(title).chain(lines).collect();
    quoted(lines.iter().map(String::as_str), false)
}

/// What stands in a field of a form.
fn value(modal: &Value, name: &str) -> String {
    fields::value(fields::named(modal, name)).to_owned()
}

/// The form that a button opens.
async fn opened(fake: &Fake, who: u64, message: &Message, label: &str) -> Value {
    let pressed = fake.user(who).press(message, &message.button(label));
    let first = first_answer(fake, pressed).await;
    assert_eq!(first["type"], 9, "{first}");
    first["data"].clone()
}

/// Presses the button that submits, and the one that confirms that it goes there.
async fn submitted(fake: &Fake, who: u64, preview: &Message, to: &str) -> Message {
    fake.user(who).press(preview, &preview.button("Submit"));
    let goes = format!("Send this report?** It goes to {to} ");
    let question = fake.whisper(who, &goes).await;
    fake.user(who).press(&question, &question.button("Send it"));
    question
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_a_dialogue_is_fresh() {
    let server = Server::start(|_, before| {
        let id = format!("T-{}", before + 1);
        let ticket = json!({ "id": id, "url": format!("https://tickets.example/{id}") });
        http(200, &[], &ticket.to_string())
    })
    .await;
    let support = format!(
        "[[contacts]]\nname = \"support\"\nkind = \"platform\"\nvia = \"webhook\"\nurl = \"{}\"\n\
         secret = {{ value = \"k\" }}\n",
        server.url()
    );
    let more = settings(&format!("discord:user:{ANN}"), &server.url()) + &support;
    let (fake, _bot) = in_discord(OURS, &more).await;
    let (ann, ben) = (fake.user(ANN), fake.user(BEN));
    ben.slash(NOC, "diagnose", &[("call", json!(REFUSED))]);
    let card = fake.answer(NOC, "answered 503").await;
    ben.press(&card, &card.button("Compare"));
    let compared = fake.answer(NOC, "good call").await;

    let form = opened(&fake, BEN, &card, "Report to carrier").await;
    assert!(form.to_string().contains("you returned 503"), "{form}");
    ben.submit(NOC, &form, &[("symptom", "not working")]);
    let objection = fake.whisper(BEN, "Support sends that back").await;
    let again = opened(&fake, BEN, &objection, "Correct it").await;
    assert_eq!(value(&again, "symptom"), "not working");
    let symptom = value(&form, "symptom");
    let filled = [
        ("symptom", symptom.as_str()),
        (
            "tried",
            "Sent two of them over another carrier: both were answered.",
        ),
    ];
    ben.submit(NOC, &again, &filled);
    let preview = fake.answer(NOC, "Report: draft").await;

    submitted(&fake, BEN, &preview, "tool").await;
    let denied = fake.whisper(BEN, "You may not use submit").await;
    assert_eq!(server.asked().len(), 0);
    let question = submitted(&fake, ANN, &preview, "tool").await;
    let sent = fake.answer(NOC, "Report: sent").await;
    assert_eq!(server.asked().len(), 1);

    let options = [("call", json!(REFUSED)), ("for", json!("platform"))];
    ann.slash(NOC, "report", &options);
    let draft = fake.answer(NOC, "**For**  platform").await;
    let first = opened(&fake, ANN, &draft, "Edit").await;
    let filled = [("reach", "some-calls"), ("changes", "nothing")];
    ann.submit(NOC, &first, &filled);
    let between = fake.whisper(ANN, "Page 1 of 2 is kept").await;
    let second = opened(&fake, ANN, &between, "Next").await;
    let filled = [("tried", "took the carrier out of the route")];
    ann.submit(NOC, &second, &filled);
    let changed = fake.answer(NOC, "took the carrier out of the route").await;
    assert!(changed.readable().contains("Recent changes: nothing"));
    assert_eq!(server.asked().len(), 1);
    submitted(&fake, ANN, &changed, "support").await;
    let reported = fake
        .until("the platform's report is sent", |state| {
            let mut all = state.of_bot(NOC);
            let is_it = |it: &&Message| it.id != sent.id && it.readable().contains("Report: sent");
            all.find(is_it).cloned()
        })
        .await;
    assert_eq!(server.asked().len(), 2);
    ann.mentions(NOC, "opne");
    let meant = fake.answer(NOC, "did you mean").await;
    ann.slash(NOC, "open", &[]);
    let open = fake.answer(NOC, "wait for who they were sent to").await;
    fake.nothing_refused();

    let page = format!(
        "# A dialogue in Discord\n\n\
         From a number to the carrier's ticket, as the end-to-end test plays it against a Discord of its own over the \
         example captures: what people did, and what the bot's messages said in the end. Discord's marks are as they \
         were sent; pictures, files and what depends on the hour are left out. The same [in Slack](slack-dialogue.md). Made by \
         `UPDATE_DOCS=1 cargo test dialogue`.\n\n\
         1. Ben uses `/triage diagnose call:{REFUSED}` in the channel. One message ticks and becomes the card:\n\n{}\n\n\
         2. Ben presses *Compare*:\n\n{}\n\n\
         3. Ben presses *Report to carrier*. A form opens, filled in already:\n\n{}\n\n\
         \x20  He writes \"not working\" as the symptom, and is told that support sends that back. Only he sees it:\n\n{}\n\n\
         \x20  *Correct it* opens the form again, with what he wrote. He puts the proposed symptom back, adds what he \
         tried, and sends the form:\n\n{}\n\n\
         4. Ben presses *Submit*, confirms, and is told, alone, that he may not:\n\n{}\n\n\
         \x20  Ann may. She presses *Submit* and is asked back:\n\n{}\n\n\
         \x20  The carrier's ticket system takes it:\n\n{}\n\n\
         5. The platform's form has more fields than Discord takes at once. Ann uses `/triage report call:{REFUSED} \
         for:platform`, and presses *Edit* on the draft. The first page:\n\n{}\n\n\
         \x20  It is several calls: she chooses that, and sends it. A form cannot follow a form, so a button that only she \
         sees joins them:\n\n{}\n\n\
         \x20  The second page:\n\n{}\n\n\
         \x20  Nothing was changed, she writes, adds what she did, and sends it; the draft has both pages:\n\n{}\n\n\
         \x20  She presses *Submit* and confirms:\n\n{}\n\n\
         6. At the end of the shift Ann writes `@calltriage opne`:\n\n{}\n\n\
         \x20  She meant `open`, and uses `/triage open`:\n\n{}\n",
        shown(&card, false),
        shown(&compared, false),
        form_shown(&form),
        shown(&objection, false),
        shown(&preview, false),
        shown(&denied, false),
        shown(&question, false),
        shown(&sent, true),
        form_shown(&first),
        shown(&between, false),
        form_shown(&second),
        shown(&changed, false),
        shown(&reported, true),
        shown(&meant, false),
        shown(&open, false),
    );
    check("discord-dialogue.md", &page);
}
