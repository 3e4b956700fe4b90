//! The connection to Discord: what is lost with it, and what becomes of a bot that hears nothing any more.

use std::time::Duration;

use serde_json::json;

use super::killed::{acknowledged, answered_once, ask};
use super::talk::first_answer;
use super::{BUSY, Bot, OURS, in_discord};
use crate::support::bot::{Chat as _, dropped_seconds};
use crate::support::discord::gateway::MESSAGE_CONTENT;
use crate::support::discord::{ANN, Fake, NOC, PATIENCE};
use crate::support::slack;

/// How often a connection is cut in quick succession, and how many ask meanwhile.
const CUTS: usize = 15;
const ASKED: usize = 30;

#[tokio::test]
async fn connections_that_are_cut_again_and_again_lose_nothing_that_was_acknowledged() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.cut_again_and_again(Duration::from_millis(100), CUTS);
    for number in 0..ASKED {
        // Spread over all cuts, some while no connection stands.
        fake.until("its turn", |state| {
            (state.cuts * ASKED >= number * CUTS).then_some(())
        })
        .await;
        ask(&fake);
    }
    fake.until("the last cut", |state| (state.cuts == CUTS).then_some(()))
        .await;
    // Events come in their order: what was told before this one was heard before it.
    let last = ask(&fake);
    first_answer(&fake, last).await;
    answered_once(&fake).await;
    let (acknowledged, resumed) = fake.look(|state| (acknowledged(state), state.resumed));
    println!(
        "acknowledged: {acknowledged} of {}, resumed {resumed} times",
        ASKED + 1
    );
    assert!(acknowledged >= CUTS, "{acknowledged}");
    assert!(resumed > 0);
    fake.nothing_refused();
}

#[tokio::test]
async fn a_connection_that_is_cut_every_second_loses_nothing_that_was_acknowledged() {
    let (fake, _bot) = in_discord(OURS, "").await;
    let seconds = dropped_seconds();
    fake.cut_again_and_again(Duration::from_secs(1), seconds);
    for second in 1..=seconds {
        fake.until("a cut", |state| (state.cuts >= second).then_some(()))
            .await;
        // Into the gap, and once the connection stands again.
        ask(&fake);
        let last = ask(&fake);
        first_answer(&fake, last).await;
        ask(&fake);
    }
    let last = ask(&fake);
    first_answer(&fake, last).await;
    answered_once(&fake).await;
    assert!(fake.look(|state| state.resumed) > 0);
    fake.nothing_refused();
}

#[tokio::test]
async fn what_was_asked_while_the_connection_was_down_is_answered() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.cut();
    // What is told meanwhile comes with the resumed session.
    fake.user(ANN).mentions(NOC, BUSY);
    fake.answer(NOC, "486").await;
    assert!(fake.look(|state| state.resumed > 0));
    fake.nothing_refused();
}

#[tokio::test]
async fn a_session_that_is_to_be_renewed_or_not_valid_goes_on() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.reconnect();
    fake.until("resumed", |state| (state.resumed > 0).then_some(()))
        .await;
    fake.invalidate();
    fake.until("a new session", |state| (state.sessions > 1).then_some(()))
        .await;
    fake.user(ANN)
        .slash(NOC, "diagnose", &[("call", json!(BUSY))]);
    fake.answer(NOC, "486").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn heartbeats_that_are_not_answered_bring_a_new_connection() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.deaf(true);
    // A connection that will be taken for dead tells all the same, and the next one tells it again.
    let asked = ask(&fake);
    first_answer(&fake, asked).await;
    fake.until("another connection", |state| {
        (state.resumed + state.sessions > 1).then_some(())
    })
    .await;
    fake.deaf(false);
    fake.user(ANN).mentions(NOC, BUSY);
    fake.answer(NOC, "486").await;
    answered_once(&fake).await;
    fake.nothing_refused();
}

#[tokio::test]
async fn where_a_new_connection_hangs_it_is_begun_anew() {
    let (fake, bot) = in_discord(OURS, "").await;
    fake.mute(true);
    fake.cut();
    let noticed = async {
        while !bot.log().contains("Discord has given no sign of life") {
            tokio::task::yield_now().await;
        }
    };
    let noticed = tokio::time::timeout(PATIENCE, noticed).await;
    noticed.expect("nobody notices");
    fake.mute(false);
    fake.until("a new session", |state| (state.sessions > 1).then_some(()))
        .await;
    fake.user(ANN).mentions(NOC, BUSY);
    fake.answer(NOC, "486").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_portals_leave_to_read_text_it_goes_on_without() {
    let fake = Fake::start().await;
    fake.change(|state| state.application_flags = 0);
    let offering = format!("{OURS}[[channels]]\nid = \"discord:{NOC}\"\noffer = true\n");
    let mut bot = Bot::configured(&fake, "gateway", &offering);
    bot.start();
    fake.until_connected().await;
    fake.user(ANN).mentions(NOC, BUSY);
    fake.answer(NOC, "486").await;
    let (identifies, intents) = fake.look(|state| (state.identifies, state.intents));
    assert_eq!((identifies, intents & MESSAGE_CONTENT), (2, 0));
    let log = bot.log();
    assert_eq!(
        log.matches("switch on Message Content Intent").count(),
        1,
        "{log}"
    );
    assert!(!log.contains("a task is begun again"), "{log}");
    let ready = async {
        while tokio::task::block_in_place(|| bot.get("/health/ready")).0 != 200 {
            tokio::task::yield_now().await;
        }
    };
    let ready = tokio::time::timeout(PATIENCE, ready).await;
    ready.expect("it is never ready");
    fake.nothing_refused();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_the_gateway_does_not_take_is_said_and_ends_nothing_else() {
    let fake = Fake::start().await;
    fake.change(|state| state.takes_token = false);
    let slack = slack::Fake::fast().await;
    let both = format!("{OURS}{}", slack.section("socket"));
    let mut bot = Bot::configured(&fake, "gateway", &both);
    bot.start();
    fake.until("three tries", |state| (state.identifies >= 3).then_some(()))
        .await;
    let words = "Discord does not take the bot's token any more: set [discord] token to what Bot, Reset Token shows in the \
                 portal, and start calltriage again";
    let told = async {
        loop {
            let (status, said) = tokio::task::block_in_place(|| bot.get("/health/ready"));
            if status == 503 && said.contains(words) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let told = tokio::time::timeout(PATIENCE, told).await;
    told.unwrap_or_else(|_| panic!("it is not said what to do: {}", bot.log()));
    // Each wait is twice the one before.
    let log = bot.log();
    for wait in ["wait=1s", "wait=2s", "wait=4s"] {
        assert_eq!(log.matches(wait).count(), 1, "{wait}: {log}");
    }
    assert_eq!(fake.look(|state| state.identifies), 3);
    assert!(!bot.is_over());
    slack.until_connected(2).await;
    slack
        .user(slack::ANN)
        .slash(slack::NOC, "/triage explain 486");
    crate::slack::talk::answer(&slack, slack::NOC, "Busy").await;
    // Who sets the token right elsewhere is not kept waiting for ever.
    fake.change(|state| state.takes_token = true);
    fake.until_connected().await;
    fake.user(ANN).mentions(NOC, BUSY);
    fake.answer(NOC, "486").await;
    fake.nothing_refused();
}

#[tokio::test]
async fn what_has_fields_of_another_form_is_answered_all_the_same() {
    let (fake, _bot) = in_discord(OURS, "").await;
    fake.change(|state| state.is_odd = true);
    fake.user(ANN)
        .slash(NOC, "diagnose", &[("call", json!(BUSY))]);
    fake.answer(NOC, "486").await;
    let said = fake.user(ANN).mentions(NOC, "explain 486");
    fake.until("an answer to what was written", |state| {
        let mut all = state.of_bot(NOC);
        all.find(|it| it.replies_to == Some(said) && it.readable().contains("Busy"))
            .map(|it| it.id)
    })
    .await;
    fake.nothing_refused();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_counted_and_answered_with_an_apology_and_its_content_is_not_logged()
{
    let (fake, bot) = in_discord(OURS, "").await;
    fake.change(|state| state.is_odd = true);
    let asked = fake
        .user(ANN)
        .slash_without_words(NOC, "secret-of-the-interaction");
    let first = first_answer(&fake, asked).await;
    assert_eq!(
        (&first["type"], &first["data"]["flags"]),
        (&json!(4), &json!(64))
    );
    fake.whisper(ANN, "Sorry, I could not read").await;
    let numbers = tokio::task::block_in_place(|| bot.get("/metrics")).1;
    let line = "calltriage_unreadable_total{chat=\"discord\",kind=\"interaction\"} 1";
    assert!(numbers.contains(line), "{numbers}");
    let log = bot.log();
    assert!(log.contains("what Discord sent could not be read"), "{log}");
    assert!(!log.contains("secret-of-the"), "{log}");
    fake.nothing_refused();
}
