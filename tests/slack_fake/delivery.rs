//! Delivery: which envelope goes where, what an ack does, and what happens without one.

use std::time::Duration;

use serde_json::json;

use super::client::{Socket, call};
use crate::support::slack::record::Outcome;
use crate::support::slack::{ANN, ELSEWHERE, Fake, NOC};

#[tokio::test]
async fn a_command_is_answered_through_its_ack() {
    let fake = Fake::fast().await;
    let mut socket = Socket::open(&fake).await;
    assert_eq!(socket.hello["type"], "hello");
    assert_eq!(socket.hello["num_connections"], 1);
    fake.user(ANN).slash(ELSEWHERE, "/triage 123@example.net");
    let envelope = socket.next().await.unwrap();
    assert_eq!(envelope["type"], "slash_commands");
    assert_eq!(envelope["payload"]["text"], "123@example.net");
    socket
        .ack(&envelope, Some(json!({"text": "looking"})))
        .await;
    fake.until_acked().await;
    let text = fake.look(|state| state.ephemerals(ELSEWHERE, ANN)[0].text.clone());
    assert_eq!(text, "looking");
    fake.nothing_refused();
}

#[tokio::test]
async fn a_command_without_an_ack_is_an_error_and_never_sent_again() {
    let fake = Fake::fast().await;
    let mut socket = Socket::open(&fake).await;
    let id = fake.user(ANN).slash(NOC, "/triage 1");
    let envelope = socket.next().await.unwrap();
    fake.advance(Duration::from_secs(4));
    fake.until("an error", |state| {
        state.record.errors_shown.first().cloned()
    })
    .await;
    socket.ack(&envelope, None).await;
    fake.until("a late ack", |state| {
        let outcome = &state.record.envelope(&id).unwrap().outcome;
        matches!(outcome, Outcome::Late { .. }).then_some(())
    })
    .await;
    assert_eq!(fake.refused(), ["late_ack"]);
    let sent = fake.look(|state| state.record.envelope(&id).unwrap().sent.len());
    assert_eq!(sent, 1);
}

#[tokio::test]
async fn a_mention_is_two_events_and_each_is_sent_again_without_an_ack() {
    let fake = Fake::fast().await;
    let mut socket = Socket::open(&fake).await;
    let ts = fake.user(ANN).mention(NOC, None, "why 123");
    let first = socket.next().await.unwrap();
    let second = socket.next().await.unwrap();
    assert_eq!(first["payload"]["event"]["type"], "message");
    assert_eq!(first["payload"]["event"]["channel_type"], "channel");
    assert_eq!(second["payload"]["event"]["type"], "app_mention");
    assert_eq!(second["payload"]["event"]["ts"], ts.as_str());
    socket.ack(&first, None).await;
    fake.until("one ack", |state| {
        (state.record.ack_times().len() == 1).then_some(())
    })
    .await;
    fake.advance(Duration::from_secs(4));
    let again = socket.next().await.unwrap();
    assert_eq!(again["payload"]["event_id"], second["payload"]["event_id"]);
    assert_eq!(again["retry_attempt"], 1);
    assert_eq!(again["retry_reason"], "timeout");
    socket.ack(&again, None).await;
    fake.until_acked().await;
}

#[tokio::test]
async fn an_event_on_a_dropped_socket_comes_again_and_a_command_does_not() {
    let fake = Fake::fast().await;
    let mut socket = Socket::open(&fake).await;
    fake.user(ANN).slash(NOC, "/triage 1");
    fake.user(ANN).message(NOC, "hello");
    socket.next().await.unwrap();
    socket.next().await.unwrap();
    socket.drop_it();
    fake.until("an error", |state| {
        state.record.errors_shown.first().cloned()
    })
    .await;
    let mut socket = Socket::open(&fake).await;
    let again = socket.next().await.unwrap();
    assert_eq!(again["payload"]["event"]["text"], "hello");
    assert_eq!(again["retry_attempt"], 1);
    socket.ack(&again, None).await;
    fake.until_acked().await;
}

#[tokio::test]
async fn what_the_bot_posts_it_hears_itself() {
    let fake = Fake::fast().await;
    let mut socket = Socket::open(&fake).await;
    let posted = call(
        &fake,
        "chat.postMessage",
        json!({"channel": NOC, "text": "here"}),
    )
    .await;
    assert_eq!(posted["ok"], true, "{posted}");
    let heard = socket.next().await.unwrap();
    assert_eq!(heard["payload"]["event"]["ts"], posted["ts"]);
    assert!(heard["payload"]["event"]["bot_id"].is_string());
    socket.ack(&heard, None).await;
    fake.until_acked().await;
    fake.nothing_refused();
}
