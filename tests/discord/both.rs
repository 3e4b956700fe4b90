//! Both chats in one process, under load: neither waits for the other, and each command is answered once.

use super::killed::{acknowledged, answered_once, ask};
use super::{Bot, OURS};
use crate::slack::killed::{answers, many_channels};
use crate::support::bot::Chat as _;
use crate::support::discord::Fake;
use crate::support::slack;

/// How many commands come at once in each.
const MANY: usize = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_in_both_are_all_answered_once() {
    let discord = Fake::start().await;
    let slack = slack::Fake::fast().await;
    let channels = many_channels(&slack);
    let both = format!("{OURS}{}", slack.section("socket"));
    let mut bot = Bot::configured(&discord, "gateway", &both);
    bot.start();
    discord.until_connected().await;
    slack.until_connected(2).await;
    for (number, channel) in channels.iter().take(MANY).enumerate() {
        ask(&discord);
        slack
            .user(slack::ANN)
            .slash(channel, &format!("/triage explain nobody-{number}"));
    }
    discord
        .until("all acknowledged in Discord", |state| {
            (acknowledged(state) == MANY).then_some(())
        })
        .await;
    answered_once(&discord).await;
    slack
        .until("all answered in Slack", |state| {
            (answers(state).len() == MANY).then_some(())
        })
        .await;
    assert!(slack.look(|state| answers(state).values().all(|it| *it == 1)));
    discord.nothing_refused();
    slack.nothing_refused();
}
