//! HTTP mode of the fake: what it posts, how it signs, and how it spoils.

use std::sync::Arc;
use std::time::Duration;

use crate::support::http::{Server, answer};
use crate::support::slack::http_mode::sign;
use crate::support::slack::record::Outcome;
use crate::support::slack::{ANN, Fake, NOC, SIGNING_SECRET};

/// A bot by HTTP that answers each request with this status.
async fn bot(fake: &Fake, status: u16) -> Arc<Server> {
    let server = Server::start(move |_, _| answer(status, &[], "")).await;
    let url: url::Url = server.url().parse().unwrap();
    fake.deliver_by_http(url.socket_addrs(|| None).unwrap().first().copied());
    server
}

#[test]
fn signatures_are_as_in_slacks_example() {
    let body = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow\
        &channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner\
        &command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands\
        %2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    assert_eq!(sign(SIGNING_SECRET, "1531420618", body), signature);
}

#[tokio::test]
async fn a_command_is_posted_once_and_an_error_is_shown() {
    let fake = Fake::fast().await;
    let server = bot(&fake, 200).await;
    let id = fake.user(ANN).slash(NOC, "/triage 123@example.net");
    fake.until_acked().await;
    let asked = server.asked();
    assert_eq!(asked[0].target, "/slack/commands");
    assert!(
        asked[0].body.contains("text=123%40example.net"),
        "{}",
        asked[0].body
    );
    let outcome = fake.look(|state| state.record.envelope(&id).unwrap().outcome.clone());
    assert!(matches!(outcome, Outcome::Acked { .. }), "{outcome:?}");
    server.now(|_, _| answer(500, &[], ""));
    fake.user(ANN).slash(NOC, "/triage 2");
    fake.until("an error", |state| {
        state.record.errors_shown.first().cloned()
    })
    .await;
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn an_event_is_posted_again_until_it_is_taken() {
    let fake = Fake::fast().await;
    let server = bot(&fake, 500).await;
    fake.user(ANN).message(NOC, "hello");
    server.until_asked(2).await;
    server.now(|_, _| answer(200, &[], ""));
    fake.until("the second try", |state| {
        (state.record.http_answers.len() == 2).then_some(())
    })
    .await;
    fake.advance(Duration::from_secs(61));
    fake.until_acked().await;
    assert_eq!(server.asked().len(), 3);
    assert_eq!(server.asked()[0].body, server.asked()[2].body);
}

#[tokio::test]
async fn posts_can_be_spoilt() {
    let fake = Fake::fast().await;
    let good = fake.command_post(ANN, NOC, "/triage 1");
    assert_eq!(
        good.signature,
        sign(SIGNING_SECRET, &good.timestamp, &good.body)
    );
    let forged = good.clone().forged();
    assert_ne!(forged.signature, good.signature);
    let aged = good.clone().aged(600);
    assert_eq!(
        aged.signature,
        sign(SIGNING_SECRET, &aged.timestamp, &aged.body)
    );
    let server = bot(&fake, 200).await;
    let url: url::Url = server.url().parse().unwrap();
    let to = url.socket_addrs(|| None).unwrap()[0];
    assert_eq!(good.send(to).await, Some((200, String::new())));
    assert_eq!(good.truncated(5).send(to).await, None);
    assert_eq!(server.asked().len(), 1);
    assert!(fake.url_verification("abc").body.starts_with(b"{"));
}
