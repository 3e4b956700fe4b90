//! The connection to Discord: what is lost with it, and what becomes of a bot that hears nothing any more.

use std::time::Duration;

use serde_json::json;

use super::killed::{acknowledged, answered_once, ask};
use super::talk::first_answer;
use super::{BUSY, OURS, in_discord};
use crate::support::discord::{ANN, NOC, PATIENCE};

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
