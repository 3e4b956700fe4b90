//! A problem report in Slack: the button, the form that is filled in already, the preview, the word that sends it.

use super::talk::{answer, said, whisper};
use super::{Bot, in_slack};
use crate::support::http::{Server, answer as http};
use crate::support::slack::state::Message;
use crate::support::slack::{ANN, BEN, Fake, NOC};

/// A call of the examples that a carrier refused.
pub const REFUSED: &str = "441632960106";

/// This one may submit, anybody may draft; what is for the carrier goes to this address.
pub fn settings(who: &str, url: &str) -> String {
    format!(
        "[permissions]\nrules = [{{ subjects = [\"*\"], commands = [\"*\"] }}, {{ subjects = [\"{who}\"], \
         commands = [\"submit\"] }}]\n[reports]\ncontact = \"NOC, +44 20 7946 0018\"\n[[contacts]]\nname = \"tool\"\n\
         kind = \"carrier\"\npeer = \"Carrier One\"\nvia = \"webhook\"\nurl = \"{url}\"\nsecret = {{ value = \"k\" }}\n\
         [[peers]]\nname = \"Carrier One\"\nkind = \"carrier\"\naddresses = [\"203.0.113.0/24\"]\n"
    )
}

pub(super) fn actions(message: &Message) -> Vec<String> {
    let elements = message.elements().into_iter();
    elements
        .filter_map(|(_, it)| it["action_id"].as_str().map(ToOwned::to_owned))
        .collect()
}

/// A card, the form of its report opened and filled in, and the preview that it led to.
pub(super) async fn previewed(fake: &Fake, bot: &Bot) -> Message {
    let _ = bot;
    fake.user(BEN).slash(NOC, &format!("/triage {REFUSED}"));
    let card = fake
        .until("the card with its button", |state| {
            let all = said(state, NOC).into_iter();
            let mut carded = all.filter(|it| actions(it).iter().any(|it| it == "form:report"));
            carded.next()
        })
        .await;
    assert!(
        card.readable().contains("Report to carrier"),
        "{}",
        card.readable()
    );
    fake.user(BEN).click(NOC, &card.ts, "form:report");
    fake.until("the form", |state| (!state.views.is_empty()).then_some(()))
        .await;
    let view = fake.look(|state| state.views[0].view.to_string());
    assert!(view.contains("you returned 503"), "{view}");
    assert!(view.contains("+44 20 7946 0018"), "{view}");
    // What support would send back is said under its field.
    fake.user(BEN).submit(&[("symptom", "not working")]);
    fake.until("the objection", |state| {
        let all = state.record.envelopes.iter();
        let mut objected =
            all.filter(|it| format!("{:?}", it.outcome).contains("Support sends that back"));
        objected.next().map(|_| ())
    })
    .await;
    fake.user(BEN)
        .submit(&[("tried", "another carrier --takes\nthese calls")]);
    let preview = answer(fake, NOC, "Report: draft").await;
    assert_eq!(
        preview.thread_ts.as_ref(),
        Some(&card.ts),
        "in the thread of the call"
    );
    preview
}

#[tokio::test]
async fn from_the_button_to_the_ticket() {
    let server =
        Server::start(|_, _| http(200, &[], r#"{"id": "T-1", "url": "https://t.example/1"}"#))
            .await;
    let (fake, bot) = in_slack(&settings(&format!("slack:user:{ANN}"), &server.url())).await;
    let preview = previewed(&fake, &bot).await;
    assert!(
        preview.readable().contains("tool by webhook"),
        "{}",
        preview.readable()
    );
    fake.user(ANN).slash(NOC, "/triage open");
    let waits = answer(&fake, NOC, "Reports that nobody submitted:").await;
    assert!(
        !waits.readable().contains("wait for who"),
        "{}",
        waits.readable()
    );
    let submit = actions(&preview)
        .into_iter()
        .find(|it| it.starts_with("say:report"))
        .unwrap();
    // Who may not submit is told so, and nothing leaves.
    fake.user(BEN).click(NOC, &preview.ts, &submit);
    whisper(&fake, BEN, "You may not use submit").await;
    assert_eq!(server.asked().len(), 0);
    fake.user(ANN).click(NOC, &preview.ts, &submit);
    let sent = answer(&fake, NOC, "Report: sent").await;
    assert!(sent.readable().contains("T-1"), "{}", sent.readable());
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    let body: serde_json::Value = serde_json::from_str(&asked[0].body).unwrap();
    assert!(
        body["text"]
            .as_str()
            .unwrap()
            .contains("another carrier --takes")
    );
    assert!(
        !asked[0].body.contains("198.51.100.10"),
        "the customer's address"
    );
    let noted = actions(&sent)
        .into_iter()
        .find(|it| it.starts_with("say:report"))
        .unwrap();
    fake.user(BEN).click(NOC, &sent.ts, &noted);
    answer(&fake, NOC, "Report: acknowledged").await;
    fake.user(ANN).slash(NOC, "/triage open");
    answer(&fake, NOC, "Reports that wait for who they were sent to:").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn a_draft_survives_the_bot() {
    let server = Server::start(|_, _| http(200, &[], r#"{"id": "T-1"}"#)).await;
    let (fake, mut bot) = in_slack(&settings(&format!("slack:user:{ANN}"), &server.url())).await;
    let preview = previewed(&fake, &bot).await;
    bot.kill();
    fake.until("no socket", |state| {
        state.record.open.is_empty().then_some(())
    })
    .await;
    bot.start();
    fake.until_connected(2).await;
    let submit = actions(&preview)
        .into_iter()
        .find(|it| it.starts_with("say:report"))
        .unwrap();
    fake.user(ANN).click(NOC, &preview.ts, &submit);
    answer(&fake, NOC, "Report: sent").await;
    assert_eq!(server.asked().len(), 1);
    fake.nothing_refused();
}
