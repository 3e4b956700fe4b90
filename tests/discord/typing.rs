//! What is completed while somebody types: nothing that they might not see as an answer.

use serde_json::{Value, json};

use super::talk::first_answer;
use super::{BUSY, OURS, in_discord};
use crate::support::discord::{ANN, BEN, Fake, LOBBY, NOC, VISITOR};

/// What is offered to who types this in a call.
async fn choices(fake: &Fake, who: u64, channel: u64, so_far: &str) -> Vec<Value> {
    let id = fake.user(who).types(channel, "diagnose", "call", so_far);
    let first = first_answer(fake, id).await;
    assert_eq!(first["type"], 8, "{first}");
    first["data"]["choices"].as_array().unwrap().clone()
}

async fn asked_about_it(fake: &Fake, private: bool) {
    let options = [("call", json!(BUSY)), ("private", json!(private))];
    fake.user(ANN).slash(NOC, "diagnose", &options);
    match private {
        true => fake.whisper(ANN, "486").await,
        false => fake.answer(NOC, "486").await,
    };
}

#[tokio::test]
async fn who_may_not_look_into_the_past_is_completed_nothing_of_it() {
    let rules = format!(
        "[permissions]\nrules = [{{ subjects = [\"discord:user:{ANN}\"], commands = [\"*\"] }}, {{ subjects = \
         [\"discord:user:{BEN}\"], commands = [\"diagnose\"] }}]\n"
    );
    let (fake, _bot) = in_discord(OURS, &rules).await;
    asked_about_it(&fake, false).await;
    assert_eq!(choices(&fake, ANN, NOC, "busy").await[0]["value"], BUSY);
    assert!(choices(&fake, BEN, NOC, "busy").await.is_empty());
    assert!(choices(&fake, VISITOR, NOC, "").await.is_empty());
    fake.nothing_refused();
}

#[tokio::test]
async fn where_outsiders_read_and_to_outsiders_nothing_is_completed() {
    let (fake, _bot) = in_discord(OURS, "").await;
    asked_about_it(&fake, false).await;
    assert_eq!(choices(&fake, BEN, NOC, "busy").await[0]["value"], BUSY);
    assert!(choices(&fake, ANN, LOBBY, "busy").await.is_empty());
    assert!(choices(&fake, VISITOR, LOBBY, "").await.is_empty());
    let directly = fake.user(VISITOR).direct_channel();
    assert!(choices(&fake, VISITOR, directly, "").await.is_empty());
    fake.nothing_refused();
}

#[tokio::test]
async fn in_a_customers_channel_nobodys_questions_are_completed() {
    let bound = format!("[[channels]]\nid = \"discord:{LOBBY}\"\ncustomer = 12\n");
    let (fake, _bot) = in_discord(OURS, &bound).await;
    asked_about_it(&fake, false).await;
    assert!(choices(&fake, VISITOR, LOBBY, "").await.is_empty());
    assert!(choices(&fake, ANN, LOBBY, "busy").await.is_empty());
    fake.nothing_refused();
}

#[tokio::test]
async fn what_somebody_asked_privately_is_completed_to_them_alone() {
    let (fake, _bot) = in_discord(OURS, "").await;
    asked_about_it(&fake, true).await;
    assert_eq!(choices(&fake, ANN, NOC, "busy").await[0]["value"], BUSY);
    assert!(choices(&fake, BEN, NOC, "busy").await.is_empty());
    fake.nothing_refused();
}
