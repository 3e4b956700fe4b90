//! Incidents in Discord: one message each, edited as it goes on, in channels that only our own people view.

use super::{Bot, OURS, in_discord};
use crate::slack::incidents::world;
use crate::support::connexcs;
use crate::support::discord::{ANN, Fake, LOBBY, NOC};

async fn watching(channel: u64) -> (Fake, Bot, connexcs::Fake) {
    let platform = connexcs::Fake::of(world()).await;
    let settings = format!(
        "[incidents]\nchannel = \"discord:{channel}\"\nevery = \"5s\"\n[[watches]]\nname = \"all\"\n\
         when = \"failures >= 5 in 15m\"\nchannel = \"discord:{channel}\"\n{}",
        platform.section()
    );
    let (fake, bot) = in_discord(OURS, &settings).await;
    (fake, bot, platform)
}

#[tokio::test]
async fn lost_calls_become_one_message_whose_buttons_are_heard() {
    let (fake, mut bot, _platform) = watching(NOC).await;
    let card = fake.answer(NOC, "Calls looked at").await;
    assert!(
        card.body["content"]
            .as_str()
            .unwrap()
            .contains("ExampleTel")
    );
    let key = card.body["embeds"].as_array().unwrap().last().unwrap()["footer"]["text"].clone();
    assert!(key.as_str().is_some_and(|it| !it.is_empty()), "{key}");
    bot.kill();
    bot.start();
    fake.until("it is back", |state| (state.sessions > 1).then_some(()))
        .await;
    fake.user(ANN).press(&card, &card.button("Acknowledge"));
    fake.until("it is acknowledged", |state| {
        let text = state.message(card.id)?.readable();
        text.to_lowercase().contains("acknowledged").then_some(())
    })
    .await;
    let posted = fake.look(|state| {
        let all = state.of_bot(NOC).filter(|it| it.interaction.is_none());
        all.filter(|it| it.readable().contains("ExampleTel"))
            .count()
    });
    assert_eq!(posted, 1);
    fake.nothing_refused();
}

#[tokio::test]
async fn where_outsiders_read_no_incident_is_told() {
    let (fake, bot, _platform) = watching(LOBBY).await;
    let refused = async {
        while !bot.log().contains("people from outside can read there") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::support::discord::PATIENCE, refused)
        .await
        .expect("it is not said why");
    assert_eq!(fake.look(|state| state.of_bot(LOBBY).count()), 0);
}
