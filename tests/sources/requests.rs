//! What goes out: addresses, encodings, bodies, and where a redirect is followed to.

use std::sync::Arc;

use calltriage::config::Limits;
use calltriage::sources::api::{Class, Failure, Path};
use serde_json::json;

use super::{api, said};
use crate::support::clock::HandClock;
use crate::support::http::{Server, answer};

#[tokio::test]
async fn ids_arrive_as_they_are() {
    let server = Server::start(|_, _| answer(200, &[], "[]")).await;
    let api = api(
        &server.url(),
        Limits::default(),
        &Arc::new(HandClock::new()),
    );
    let id = "CNX2863_ew/lYe+gJ p?&#%é--";
    let encoded = "CNX2863_ew%2FlYe%2BgJ%20p%3F%26%23%25%C3%A9--";
    let params = [("callid", id), ("_filterModel[dt][type]", "inRange")];
    api.get("log/trace", &params, Class::Log).await.unwrap();
    api.get(Path::of(&["docs", id]), &[], Class::Log)
        .await
        .unwrap();
    let template = Path::template("log/register?s={search}&x={other}{", &[("search", id)]);
    let more = [("_limit", "1")];
    api.get(template, &more, Class::Log).await.unwrap();
    api.get(Path::template("switch/user/", &[]), &[], Class::Log)
        .await
        .unwrap();
    let targets: Vec<_> = server
        .asked()
        .into_iter()
        .map(|asked| asked.target)
        .collect();
    assert_eq!(
        targets,
        [
            format!("/api/cp/log/trace?callid={encoded}&_filterModel%5Bdt%5D%5Btype%5D=inRange"),
            format!("/api/cp/docs/{encoded}"),
            format!("/api/cp/log/register?s={encoded}&x=%7Bother}}%7B&_limit=1"),
            "/api/cp/switch/user/".to_owned(),
        ]
    );
}

#[tokio::test]
async fn json_is_posted_and_answers_come_whole() {
    let text = "\u{feff}".to_owned() + &"[1]".repeat(100_000);
    let given = text.clone();
    let server = Server::start(move |_, _| answer(200, &[], &given)).await;
    // A base address without its last slash.
    let url = server.url();
    let api = api(
        url.trim_end_matches('/'),
        Limits::default(),
        &Arc::new(HandClock::new()),
    );
    let query = json!({"where": {"rules": []}, "limit": 1});
    let body = api.post_json("cdr", &query, Class::Cdr).await.unwrap();
    assert_eq!(body.bytes.len(), text.len());
    assert_eq!(body.text(), text.trim_start_matches('\u{feff}'));
    let asked = server.asked().pop().unwrap();
    assert_eq!(
        (asked.method.as_str(), asked.target.as_str()),
        ("POST", "/api/cp/cdr")
    );
    assert_eq!(asked.body, query.to_string());
    assert_eq!(asked.authorization, None);
}

#[tokio::test]
async fn redirects_are_followed_within_the_server_only() {
    let elsewhere = Server::start(|_, _| answer(200, &[], "stolen")).await;
    let there = elsewhere.url();
    let server = Server::start(move |asked, _| match asked.target.as_str() {
        "/api/cp/old" => answer(301, &[("Location", "/api/v2/new?x=1")], ""),
        "/api/v2/new?x=1" => answer(200, &[], "new"),
        "/api/cp/round" => answer(302, &[("Location", "round")], ""),
        _ => answer(307, &[("Location", &there)], ""),
    })
    .await;
    let api = api(
        &server.url(),
        Limits::default(),
        &Arc::new(HandClock::new()),
    );
    assert_eq!(said(api.get("old", &[], Class::Log).await), "new");
    assert!(matches!(
        api.get("round", &[], Class::Log).await,
        Err(Failure::Odd { .. })
    ));
    for outcome in [
        api.get("away", &[], Class::Log).await,
        api.post_json("old", &json!({}), Class::Cdr).await,
    ] {
        let to = Some("127.0.0.1".to_owned());
        assert_eq!(outcome, Err(Failure::SentOn { to }));
    }
    assert_eq!(elsewhere.asked().len(), 0);
}
