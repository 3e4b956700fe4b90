//! Both chats in one process, under load: neither waits for the other.

use serde_json::json;

use super::{Bot, OURS};
use crate::slack::BUSY;
use crate::support::discord::{ANN, Fake, NOC};
use crate::support::slack::{self, APP_TOKEN, BOT_TOKEN};

/// How many commands come at once in each.
const MANY: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_in_both_are_all_answered_once() {
    let discord = Fake::start().await;
    let slack = slack::Fake::fast().await;
    let settings = format!(
        "[slack]\nmode = \"socket\"\nbot_token = {{ value = \"{BOT_TOKEN}\" }}\n\
         app_token = {{ value = \"{APP_TOKEN}\" }}\napi_url = \"{}\"\n",
        slack.api_url()
    );
    let mut bot = Bot::configured(&discord, "gateway", OURS, &settings);
    bot.start();
    discord.until_connected().await;
    slack.until_connected(2).await;
    for _ in 0..MANY {
        discord
            .user(ANN)
            .slash(NOC, "diagnose", &[("call", json!(BUSY))]);
        slack
            .user(slack::ANN)
            .slash(slack::NOC, &format!("/triage {BUSY}"));
    }
    discord
        .until("all cards in Discord", |state| {
            let cards = state.of_bot(NOC).filter(|it| it.readable().contains("486"));
            (cards.count() == MANY).then_some(())
        })
        .await;
    slack
        .until("all cards in Slack", |state| {
            let all = state.messages.iter();
            let cards = all.filter(|it| {
                it.channel == slack::NOC && it.is_bots() && it.readable().contains("486")
            });
            (cards.count() == MANY).then_some(())
        })
        .await;
    assert_eq!(discord.look(|state| state.of_bot(NOC).count()), MANY);
    discord.nothing_refused();
    slack.nothing_refused();
}
