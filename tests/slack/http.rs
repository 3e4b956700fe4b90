//! HTTP mode: what is not proved to be Slack's changes nothing and learns nothing.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Stdio};

use super::{BUSY, Bot};
use crate::support::slack::state::State;
use crate::support::slack::{ANN, BEN, Fake, NOC};

struct Listening(Child, SocketAddr);

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn listening(fake: &Fake, more: &str) -> (Bot, Listening) {
    let bot = Bot::configured(fake, "http", more);
    let mut command = bot.command(&["--json", "run"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = child.stdout.take().unwrap();
    let line = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).map(|_| line)
    });
    let line = line.await.unwrap().unwrap();
    let said: serde_json::Value = serde_json::from_str(&line).unwrap();
    let address = said["http"].as_str().unwrap().parse().unwrap();
    fake.deliver_by_http(Some(address));
    (bot, Listening(child, address))
}

#[tokio::test]
async fn a_signed_command_is_answered() {
    let fake = Fake::fast().await;
    let (_bot, _running) = listening(&fake, "").await;
    fake.user(ANN).slash(NOC, &format!("/triage {BUSY}"));
    fake.until("the card", |state| {
        state
            .messages
            .iter()
            .find(|it| it.is_bots() && it.readable().contains("486"))
            .map(|_| ())
    })
    .await;
    fake.until_acked().await;
    fake.nothing_refused();
}

#[tokio::test]
async fn forged_old_and_cut_requests_are_refused_alike() {
    let fake = Fake::fast().await;
    let (_bot, running) = listening(&fake, "").await;
    let post = || fake.command_post(ANN, NOC, &format!("/triage {BUSY}"));
    let mut answers = Vec::new();
    for post in [
        post().forged(),
        post().aged(301),
        post().aged(-301),
        post().truncated(5),
    ] {
        answers.push(post.send(running.1).await.unwrap());
    }
    assert!(
        answers
            .iter()
            .all(|it| *it == (401, "not proved to be Slack's".to_owned())),
        "{answers:?}"
    );
    let (_, numbers) = super::fetched(&running.1.to_string(), "/metrics");
    for (why, count) in [("forged", 1), ("stale", 2), ("truncated", 1)] {
        let line =
            format!("calltriage_http_refused_total{{chat=\"slack\",why=\"{why}\"}} {count}\n");
        assert!(numbers.contains(&line), "{line} is not in {numbers}");
    }
    let challenge = fake.url_verification("3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P");
    let (status, body) = challenge.send(running.1).await.unwrap();
    assert_eq!(status, 200);
    assert!(body.contains("3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"));
    assert!(fake.look(|state| !state.messages.iter().any(|it| it.is_bots())));
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_answered_once() {
    let fake = Fake::fast().await;
    let (_bot, running) = listening(&fake, "").await;
    let post = fake.command_post(ANN, NOC, &format!("/triage {BUSY}"));
    let (first, again) = (post.clone(), post);
    assert_eq!(first.send(running.1).await.unwrap().0, 200);
    assert_eq!(again.send(running.1).await.unwrap().0, 200);
    let cards = |words: &'static str| {
        move |state: &State| {
            let all = state.messages.iter();
            let its = all.filter(|it| it.is_bots() && it.readable().contains(words));
            its.count()
        }
    };
    fake.until("the card", |state| (cards("486")(state) > 0).then_some(()))
        .await;
    // Another command that came later is answered: the second copy was heard before.
    fake.user(ANN).slash(NOC, "/triage help");
    fake.until("help", |state| (cards("diagnose")(state) > 0).then_some(()))
        .await;
    assert_eq!(
        fake.look(|state| state.record.calls_of("chat.postMessage").len()),
        2
    );
    fake.nothing_refused();
}

#[tokio::test]
async fn events_that_are_sent_again_are_heard_once() {
    let offering = format!("[[channels]]\nid = \"slack:{NOC}\"\noffer = true\n");
    let fake = Fake::fast().await;
    let (_bot, running) = listening(&fake, &offering).await;
    fake.user(ANN).mention(NOC, None, BUSY);
    fake.user(ANN).message(NOC, BUSY);
    let seen = |state: &State| {
        let cards = state.messages.iter();
        let cards = cards.filter(|it| it.is_bots() && it.only_for.is_none());
        let cards = cards.filter(|it| it.readable().contains("486")).count();
        (cards, state.ephemerals(NOC, ANN).len())
    };
    fake.until("the card and the offer", |state| {
        (seen(state) == (1, 1)).then_some(())
    })
    .await;
    fake.until_acked().await;
    let events: Vec<String> = fake.look(|state| {
        let all = state.record.envelopes.iter();
        all.map(|it| it.id.clone()).collect()
    });
    assert!(events.len() >= 3, "{events:?}");
    for event in &events {
        let again = fake.post_again(event);
        assert!(
            again
                .more
                .iter()
                .any(|(name, value)| name == "x-slack-retry-num" && value == "1")
        );
        assert_eq!(again.send(running.1).await.unwrap().0, 200);
    }
    // Another command that came later is answered: the second copies were heard before.
    fake.user(BEN).slash(NOC, "/triage help");
    fake.until("help", |state| {
        let mut all = state.messages.iter();
        all.find(|it| it.is_bots() && it.readable().contains("diagnose"))
            .map(|_| ())
    })
    .await;
    assert_eq!(fake.look(seen), (1, 1));
    fake.nothing_refused();
}
