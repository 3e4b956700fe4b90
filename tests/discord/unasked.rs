//! Messages that nobody asked the bot with: other bots, webhooks and edits get no answer and no offer, so that no two bots
//! talk to each other for ever.

use serde_json::json;

use super::{BUSY, OURS, in_discord};
use crate::support::discord::{ANN, BOT, Fake, MONITOR, NOC, THREAD};

/// Says all of it, and waits until what a person says after it is answered: events come in their order.
async fn is_silent_to(fake: &Fake, say: impl FnOnce(&Fake)) {
    say(fake);
    let asked = fake.user(ANN).mentions(NOC, "explain 486");
    fake.until("an answer to a person", |state| {
        let mut all = state.of_bot(NOC);
        all.find(|it| it.replies_to == Some(asked) && it.readable().contains("Busy"))
            .map(|_| ())
    })
    .await;
    let answers = fake.look(|state| state.messages.iter().filter(|it| it.is_bots()).count());
    assert_eq!(answers, 1, "{}", fake.look(|state| state.told()));
    fake.nothing_refused();
}

fn everything_but_a_question(fake: &Fake) {
    let hook = json!({ "webhook_id": "1088000000000000901" });
    for channel in [NOC, THREAD] {
        for text in [BUSY, "help"] {
            fake.user(MONITOR).mentions(channel, text);
            fake.user(BOT).mentions(channel, text);
            // A webhook's author is no bot's account.
            fake.user(ANN).mentions_with(channel, text, hook.clone());
        }
        fake.user(MONITOR).writes(channel, BUSY);
        fake.user(BOT).writes(channel, BUSY);
    }
    let monitor = fake.user(MONITOR);
    monitor.writes(monitor.direct_channel(), BUSY);
    let written = fake.user(ANN).writes(NOC, "good morning");
    fake.user(ANN).edits(NOC, written, BUSY);
    // Joins, pins and boosts are told as messages too.
    for notice in [6, 7, 8, 18, 21] {
        let more = json!({ "type": notice });
        fake.user(ANN).mentions_with(NOC, BUSY, more);
    }
}

#[tokio::test]
async fn bots_webhooks_edits_and_notices_are_not_answered() {
    let (fake, _bot) = in_discord(OURS, "").await;
    is_silent_to(&fake, everything_but_a_question).await;
}

#[tokio::test]
async fn bots_webhooks_edits_and_notices_are_offered_nothing_either() {
    let offering = format!("[[channels]]\nid = \"discord:{NOC}\"\noffer = true\n");
    let (fake, _bot) = in_discord(OURS, &offering).await;
    is_silent_to(&fake, everything_but_a_question).await;
}

#[tokio::test]
async fn a_card_that_is_replied_to_by_a_bot_goes_no_further() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.user(ANN).mentions(NOC, BUSY);
    let card = fake.answer(NOC, "486").await;
    fake.user(MONITOR).replies(&card, "70634039@192.168.0.204");
    let asked = fake.user(ANN).mentions(NOC, "explain 486");
    fake.until("an answer to a person", |state| {
        let mut all = state.of_bot(NOC);
        all.find(|it| it.replies_to == Some(asked)).map(|_| ())
    })
    .await;
    let shown = fake.look(|state| state.message(card.id).unwrap().readable());
    assert!(!shown.contains("70634039"), "{shown}");
    fake.nothing_refused();
}
