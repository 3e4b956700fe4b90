//! A whole dialogue as the page shows it: pasted, diagnosed, compared, reported, submitted.

use super::reports::{REFUSED, actions, previewed, settings};
use super::talk::{answer, said};
use super::{Bot, in_slack};
use crate::docs::check;
use crate::docs::dialogue::quoted;
use crate::support::http::{Server, answer as http};
use crate::support::slack::state::Message;
use crate::support::slack::{ANN, BEN, Fake, NOC};

/// What Ben did about the calls before he reported them.
const TRIED: &str = "Sent two of them over another carrier: both were answered.";

/// A message of the bot as the page shows it, without the text of its notification.
fn shown(message: &Message, again: bool) -> String {
    let readable = message.readable();
    let body = readable.split_once('\n').map_or("", |(_, body)| body);
    quoted(body.lines(), again)
}

async fn threaded(fake: &Fake, root: &str, words: &'static str) -> Message {
    let root = root.to_owned();
    fake.until(words, move |state| {
        let all = said(state, NOC).into_iter();
        let mut its = all.filter(|it| it.thread_ts.as_deref() == Some(&root));
        its.find(|it| it.readable().contains(words))
    })
    .await
}

#[tokio::test]
async fn the_page_of_a_dialogue_is_fresh() {
    let ticket = r#"{"id": "T-1", "url": "https://tickets.example/T-1"}"#;
    let server = Server::start(move |_, _| http(200, &[], ticket)).await;
    let (fake, _bot): (Fake, Bot) =
        in_slack(&settings(&format!("slack:user:{ANN}"), &server.url())).await;
    let preview = previewed(&fake, TRIED).await;
    let card = answer(&fake, NOC, "answered 503").await;
    fake.user(BEN).click(NOC, &card.ts, "say:compare");
    let compared = threaded(&fake, &card.ts, "good call").await;
    let submit = actions(&preview)
        .into_iter()
        .find(|it| it.starts_with("say:report"));
    fake.user(ANN).click(NOC, &preview.ts, &submit.unwrap());
    let sent = answer(&fake, NOC, "Report: sent").await;
    assert_eq!(server.asked().len(), 1);
    fake.user(ANN).slash(NOC, "/triage opne");
    let meant = answer(&fake, NOC, "did you mean").await;
    fake.user(ANN).slash(NOC, "/triage open");
    let open = answer(&fake, NOC, "wait for who they were sent to").await;
    fake.nothing_refused();

    let page = format!(
        "# A dialogue in Slack\n\n\
         From a number to the carrier's ticket, as the end-to-end test plays it against a Slack of its own over the \
         example captures: what people did, and what the bot's messages said in the end. Marks of Slack's are as they \
         were sent; pictures and files are left out. Made by `UPDATE_DOCS=1 cargo test dialogue`.\n\n\
         1. Ben writes `/triage {REFUSED}` in the channel. One message ticks and becomes the card:\n\n{}\n\n\
         2. Ben presses *Compare*. In the card's thread:\n\n{}\n\n\
         3. Ben presses *Report to carrier*. A form opens, filled in already. He writes \"not working\" as the symptom \
         and is told that support sends that back; he leaves the proposed one, adds what he tried, and sends the form. \
         In the thread:\n\n{}\n\n\
         4. Ben may not submit; Ann may, presses *Submit*, and confirms. The carrier's ticket system takes it:\n\n{}\n\n\
         5. At the end of the shift Ann writes `/triage opne`:\n\n{}\n\n\
         \x20  She meant `/triage open`:\n\n{}\n",
        shown(&card, false),
        shown(&compared, false),
        shown(&preview, false),
        shown(&sent, true),
        shown(&meant, false),
        shown(&open, false),
    );
    check("slack-dialogue.md", &page);
}
