//! The way in by HTTP: what is signed is answered, what is not learns nothing.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;
use tokio::task::block_in_place;

use super::talk::first_answer;
use super::{BUSY, Bot, OURS};
use crate::support::discord::user::{send, send_signed, sign};
use crate::support::discord::{ANN, Fake, NOC};

async fn by_http() -> (Fake, Bot, String) {
    let fake = Fake::start().await;
    let mut bot = Bot::configured(&fake, "http", OURS);
    bot.start();
    let url = format!(
        "http://{}/discord/interactions",
        block_in_place(|| bot.address())
    );
    fake.by_http(&url);
    (fake, bot, url)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_and_a_button_are_answered() {
    let (fake, _bot, url) = by_http().await;
    assert_eq!(
        send_signed(&url, &json!({ "type": 1, "id": "7" })).await,
        (200, r#"{"type":1}"#.to_owned())
    );
    fake.user(ANN)
        .slash(NOC, "diagnose", &[("call", json!(BUSY))]);
    let card = fake.answer(NOC, "486").await;
    fake.user(ANN).press(&card, &card.button("Run again"));
    fake.until("the second card", |state| {
        let cards = state.of_bot(NOC).filter(|it| it.readable().contains("486"));
        (cards.count() == 2).then_some(())
    })
    .await;
    fake.nothing_refused();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_in_the_group_is_reached_and_completed() {
    let (fake, _bot, _) = by_http().await;
    let ann = fake.user(ANN);
    ann.slash(NOC, "list rules", &[("word", json!("missing-ack"))]);
    fake.answer(NOC, "missing-ack").await;
    ann.slash(NOC, "list patterns", &[]);
    fake.answer(NOC, "calls").await;
    ann.slash(NOC, "list watches", &[]);
    fake.answer(NOC, "watched").await;
    let typed = ann.types(NOC, "list rules", "word", "missing-a");
    let choices = first_answer(&fake, typed).await["data"]["choices"].clone();
    assert!(choices.to_string().contains("missing-ack"), "{choices}");
    fake.nothing_refused();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_forged_stale_replayed_or_cut_is_refused_in_the_same_words() {
    let (_fake, bot, url) = by_http().await;
    let body = json!({ "type": 1, "id": "8" }).to_string();
    let now = jiff::Timestamp::now().as_second();
    let at = now.to_string();
    let good = sign(&at, body.as_bytes());
    let headers = |signature: &str, at: &str| {
        [
            ("x-signature-ed25519", signature.to_owned()),
            ("x-signature-timestamp", at.to_owned()),
        ]
    };
    // Over a megabyte, and signed all the same.
    let large = format!("{body}{}", " ".repeat(1 << 20));
    let old = (now - 400).to_string();
    let ahead = (now + 400).to_string();
    let cases = [
        (headers(&sign(&at, b"another"), &at), body.clone()),
        (headers(&good, &at), format!("{body} ")),
        (headers(&"0".repeat(128), &at), body.clone()),
        (headers("abc", &at), body.clone()),
        (headers(&good, "yesterday"), body.clone()),
        (headers(&sign(&at, large.as_bytes()), &at), large),
        (headers(&sign(&old, body.as_bytes()), &old), body.clone()),
        (
            headers(&sign(&ahead, body.as_bytes()), &ahead),
            body.clone(),
        ),
    ];
    for (headers, body) in cases {
        let headers: Vec<(&str, &str)> = headers.iter().map(|it| (it.0, it.1.as_str())).collect();
        let answer = send(&url, &headers, body).await;
        assert_eq!(
            answer,
            (401, "not proved to be Discord's".to_owned()),
            "{headers:?}"
        );
    }
    assert_eq!(send(&url, &[], body.clone()).await.0, 401);
    let [signature, time] = headers(&good, &at);
    let twice = [&signature, &signature, &time].map(|it| (it.0, it.1.as_str()));
    assert_eq!(send(&url, &twice, body.clone()).await.0, 401, "said twice");
    let cut = block_in_place(|| {
        let mut stream = TcpStream::connect(bot.address()).unwrap();
        let length = body.len() + 1;
        let head = format!(
            "POST /discord/interactions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\
             x-signature-ed25519: {good}\r\nx-signature-timestamp: {at}\r\n\r\n{body}"
        );
        stream.write_all(head.as_bytes()).unwrap();
        // The last byte never comes.
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    assert!(cut.starts_with("HTTP/1.1 401"), "{cut}");
    assert!(cut.ends_with("not proved to be Discord's"), "{cut}");
    let signed = headers(&good, &at);
    let signed: Vec<(&str, &str)> = signed.iter().map(|it| (it.0, it.1.as_str())).collect();
    assert_eq!(send(&url, &signed, body.clone()).await.0, 200);
    assert_eq!(send(&url, &signed, body).await.0, 401, "heard twice");
    let metrics = format!("http://{}/metrics", block_in_place(|| bot.address()));
    let numbers = reqwest::get(metrics).await.unwrap().text().await.unwrap();
    for (why, times) in [
        ("forged", 3),
        ("malformed", 4),
        ("stale", 2),
        ("replayed", 1),
        ("truncated", 2),
    ] {
        let line =
            format!("calltriage_http_refused_total{{chat=\"discord\",why=\"{why}\"}} {times}\n");
        assert!(numbers.contains(&line), "{line} in\n{numbers}");
    }
}
