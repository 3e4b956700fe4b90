//! The connection to Discord: what is lost with it, and what becomes of a bot that hears nothing any more.

use serde_json::json;

use super::{BUSY, OURS, in_discord};
use crate::support::discord::{ANN, NOC, PATIENCE};

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
    fake.until("another connection", |state| {
        (state.resumed + state.sessions > 1).then_some(())
    })
    .await;
    fake.deaf(false);
    fake.user(ANN).mentions(NOC, BUSY);
    fake.answer(NOC, "486").await;
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
