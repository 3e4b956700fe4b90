//! Delivery: which envelope goes where, what an ack does, and what happens without one.

use std::time::Duration;

use serde_json::json;
use tokio_tungstenite::connect_async;

use super::client::{Socket, call, call_as};
use crate::support::slack::faults::Fault;
use crate::support::slack::record::Outcome;
use crate::support::slack::{ANN, APP_TOKEN, ELSEWHERE, Fake, NOC};

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

#[tokio::test]
async fn a_ticket_opens_one_socket() {
    let fake = Fake::fast().await;
    let opened = call_as(&fake, APP_TOKEN, "apps.connections.open", json!({})).await;
    let url = opened["url"].as_str().unwrap();
    let first = connect_async(url).await;
    assert!(first.is_ok());
    assert!(connect_async(url).await.is_err());
    assert_eq!(fake.refused(), ["invalid_ticket"]);
}

#[tokio::test]
async fn an_envelope_goes_to_one_of_several_sockets() {
    let fake = Fake::fast().await;
    let mut one = Socket::open(&fake).await;
    let mut two = Socket::open(&fake).await;
    assert_eq!(two.hello["num_connections"], 2);
    fake.until_connected(2).await;
    fake.user(ANN).message(NOC, "first");
    fake.user(ANN).message(NOC, "second");
    let (first, second) = (one.next().await.unwrap(), two.next().await.unwrap());
    assert_ne!(first["payload"]["event_id"], second["payload"]["event_id"]);
    one.ack(&first, None).await;
    two.ack(&second, None).await;
    fake.until_acked().await;
    fake.disconnect("warning");
    assert_eq!(one.next().await.unwrap()["reason"], "warning");
    fake.close_sockets();
    assert_eq!(one.next().await, None);
}

#[tokio::test]
async fn a_command_for_nobody_fails_at_once_and_an_event_waits() {
    let fake = Fake::fast().await;
    let ann = fake.user(ANN);
    ann.slash(NOC, "/triage 1");
    fake.until("an error", |state| {
        state.record.errors_shown.first().cloned()
    })
    .await;
    ann.message(NOC, "hello");
    let mut socket = Socket::open(&fake).await;
    let event = socket.next().await.unwrap();
    assert_eq!(event["payload"]["event"]["text"], "hello");
    assert_eq!(event["retry_attempt"], 0);
    socket.ack(&event, None).await;
    socket.ack(&event, None).await;
    fake.until("a stray ack", |state| {
        state.record.stray_acks.first().cloned()
    })
    .await;
}

#[tokio::test]
async fn a_socket_drops_after_as_many_envelopes_as_the_script_says() {
    let fake = Fake::fast().await;
    fake.faults().drop_socket_every(Some(2));
    let mut socket = Socket::open(&fake).await;
    fake.until_connected(1).await;
    for text in ["first", "second", "third"] {
        fake.user(ANN).message(NOC, text);
    }
    assert_eq!(
        socket.next().await.unwrap()["payload"]["event"]["text"],
        "first"
    );
    assert_eq!(
        socket.next().await.unwrap()["payload"]["event"]["text"],
        "second"
    );
    assert_eq!(socket.next().await, None);
    fake.faults().script("/link", [Fault::BadGateway]);
    let opened = call_as(&fake, APP_TOKEN, "apps.connections.open", json!({})).await;
    assert!(
        connect_async(opened["url"].as_str().unwrap())
            .await
            .is_err()
    );
    fake.faults().drop_socket_every(None);
    let mut socket = Socket::open(&fake).await;
    let mut texts = Vec::new();
    for _ in 0..3 {
        let event = socket.next().await.unwrap();
        texts.push(
            event["payload"]["event"]["text"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
        socket.ack(&event, None).await;
    }
    texts.sort();
    assert_eq!(texts, ["first", "second", "third"]);
    fake.until_acked().await;
}

#[tokio::test]
async fn people_do_the_rest_of_what_people_do() {
    let fake = Fake::fast().await;
    let mut socket = Socket::open(&fake).await;
    let ann = fake.user(ANN);
    let (channel, ts) = ann.direct("why 123");
    let event = socket.next().await.unwrap()["payload"]["event"].clone();
    assert_eq!(event["channel_type"], "im");
    ann.edit(&channel, &ts, "why 124");
    let event = socket.next().await.unwrap()["payload"]["event"].clone();
    assert_eq!(event["subtype"], "message_changed");
    assert_eq!(event["message"]["text"], "why 124");
    assert_eq!(event["previous_message"]["text"], "why 123");
    let ts = ann.upload(NOC, None, ("call.pcap", b"\xd4\xc3\xb2\xa1"), "");
    let event = socket.next().await.unwrap()["payload"]["event"].clone();
    assert_eq!(event["subtype"], "file_share");
    assert_eq!(event["files"][0]["size"], 4);
    ann.message_shortcut(NOC, &ts, "diagnose");
    let payload = socket.next().await.unwrap()["payload"].clone();
    assert_eq!(payload["type"], "message_action");
    assert_eq!(payload["message"]["files"][0]["name"], "call.pcap");
    ann.open_home();
    let event = socket.next().await.unwrap()["payload"]["event"].clone();
    assert_eq!(event["type"], "app_home_opened");
    let option = json!({"text": {"type": "plain_text", "text": "Two"}, "value": "2"});
    let menu = json!([{"type": "actions", "elements": [
        {"type": "static_select", "action_id": "which", "options": [option]}]}]);
    let card = json!({"channel": NOC, "text": "which?", "blocks": menu});
    let posted = call(&fake, "chat.postMessage", card).await;
    socket.next().await.unwrap();
    ann.select(NOC, posted["ts"].as_str().unwrap(), "which", "2");
    let payload = socket.next().await.unwrap()["payload"].clone();
    assert_eq!(payload["actions"][0]["selected_option"]["value"], "2");
    ann.mention(NOC, None, "why 123");
    let heard = [socket.next().await.unwrap(), socket.next().await.unwrap()];
    assert_eq!(heard[1]["payload"]["event"]["type"], "app_mention");
    fake.nothing_refused();
}
