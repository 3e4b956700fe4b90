//! What a bot does whose Slack cannot be asked while it starts, or refuses it.

use tokio::task::block_in_place;

use super::talk::answer;
use super::{BUSY, Bot};
use crate::discord::OURS;
use crate::support::bot::Chat as _;
use crate::support::discord;
use crate::support::slack::faults::Fault;
use crate::support::slack::{ANN, Fake, NOC};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slack_that_is_away_at_the_start_ends_nothing() {
    let fake = Fake::fast().await;
    fake.faults().always("auth.test", Some(Fault::BadGateway));
    let mut bot = Bot::configured(&fake, "socket", "");
    bot.start();
    fake.until_connected(2).await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    answer(&fake, NOC, "486").await;
    fake.faults().always("auth.test", None);
    // Only who knows its own user knows a mention.
    fake.user(ANN).mention(NOC, None, "help");
    answer(&fake, NOC, "diagnose").await;
    assert!(!bot.is_over());
    fake.nothing_refused();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slack_that_does_not_answer_holds_nobody_up() {
    let slack = Fake::fast().await;
    slack.faults().always("auth.test", Some(Fault::Never));
    let fake = discord::Fake::start().await;
    let both = format!("{OURS}{}", slack.section("socket"));
    let mut bot = Bot::configured(&fake, "gateway", &both);
    bot.start();
    fake.until_connected().await;
    fake.user(discord::ANN).mentions(discord::NOC, BUSY);
    fake.answer(discord::NOC, "486").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_not_taken_ends_it_with_a_word() {
    let fake = Fake::fast().await;
    let mut bot = Bot::configured(&fake, "socket", "");
    bot.reconfigure("xoxb-", "xoxb-another-");
    bot.start();
    assert!(!block_in_place(|| bot.ended()).success());
    assert!(bot.log().contains("invalid_auth"), "{}", bot.log());
}
