//! Each thing that the Web API of the fake refuses, by the word that Slack has for it.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Socket, call, call_as, post};
use crate::support::slack::faults::Fault;
use crate::support::slack::{
    ANN, APP_TOKEN, App, BEN, BOT_TOKEN, ELSEWHERE, Fake, GROUP, GUEST, NOC, PRIVATE, SHARED,
    STRANGER,
};

/// Calls a method and expects this error.
#[track_caller]
fn refused(
    fake: &Fake,
    method: &'static str,
    arguments: Value,
    error: &'static str,
) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    let fake = fake.clone();
    async move {
        let answer = call(&fake, method, arguments).await;
        assert_eq!(answer["error"], error, "{caller}: {answer}");
        assert_eq!(fake.refused().last().unwrap(), error, "{caller}");
    }
}

async fn posted(fake: &Fake, text: &str) -> String {
    let answer = call(
        fake,
        "chat.postMessage",
        json!({"channel": NOC, "text": text}),
    )
    .await;
    answer["ts"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"))
        .to_owned()
}

#[tokio::test]
async fn tokens_and_scopes() {
    let fake = Fake::of(App::fast().without("users:read")).await;
    let none = json!({});
    let as_whom =
        |token: &'static str, method: &'static str| call_as(&fake, token, method, none.clone());
    assert_eq!(
        as_whom("xoxb-other", "auth.test").await["error"],
        "invalid_auth"
    );
    assert_eq!(
        as_whom(APP_TOKEN, "auth.test").await["error"],
        "not_allowed_token_type"
    );
    assert_eq!(
        as_whom(BOT_TOKEN, "apps.connections.open").await["error"],
        "not_allowed_token_type"
    );
    let url = format!("{}/auth.test", fake.api_url());
    let answer = post(&url, None, &none).await.bytes().await.unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&answer).unwrap()["error"],
        "not_authed"
    );
    let answer = call(&fake, "users.info", json!({"user": ANN})).await;
    assert_eq!(answer["error"], "missing_scope");
    assert_eq!(answer["needed"], "users:read");
    let answer = post(&url, Some(BOT_TOKEN), &none).await;
    let scopes = answer.headers()["x-oauth-scopes"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        scopes.contains("chat:write") && !scopes.contains("users:read"),
        "{scopes}"
    );
    refused(&fake, "chat.meMessage", none, "unknown_method").await;
}

#[tokio::test]
async fn places_and_messages() {
    let fake = Fake::fast().await;
    let ann = fake.user(ANN);
    let theirs = ann.message(NOC, "hello");
    let ours = posted(&fake, "here").await;
    for (arguments, error) in [
        (
            json!({"channel": "C0UNKNOWN0", "text": "x"}),
            "channel_not_found",
        ),
        (json!({"channel": ELSEWHERE, "text": "x"}), "not_in_channel"),
        (json!({"channel": NOC}), "no_text"),
        (json!({"channel": NOC, "text": " "}), "no_text"),
        (
            json!({"channel": NOC, "text": "x".repeat(40_001)}),
            "msg_too_long",
        ),
        (
            json!({"channel": NOC, "text": "x", "thread_ts": "1.000001"}),
            "thread_not_found",
        ),
        (
            json!({"channel": NOC, "text": "x", "metadata": {"event_type": 1}}),
            "invalid_metadata_format",
        ),
        (
            json!({"channel": NOC, "text": "x", "blocks": {}}),
            "invalid_blocks_format",
        ),
    ] {
        refused(&fake, "chat.postMessage", arguments, error).await;
    }
    for (arguments, error) in [
        (
            json!({"channel": NOC, "ts": "1.000001", "text": "x"}),
            "message_not_found",
        ),
        (
            json!({"channel": NOC, "ts": theirs, "text": "x"}),
            "cant_update_message",
        ),
        (
            json!({"channel": NOC, "ts": ours, "text": "x".repeat(4001)}),
            "msg_too_long",
        ),
    ] {
        refused(&fake, "chat.update", arguments, error).await;
    }
    let to_stranger = json!({"channel": NOC, "user": STRANGER, "text": "x"});
    refused(
        &fake,
        "chat.postEphemeral",
        to_stranger,
        "user_not_in_channel",
    )
    .await;
    let alone = json!({"channel": NOC, "user": ANN, "text": "x"});
    let ephemeral = call(&fake, "chat.postEphemeral", alone).await["message_ts"].clone();
    let change = json!({"channel": NOC, "ts": ephemeral, "text": "y"});
    refused(&fake, "chat.update", change, "message_not_found").await;
    refused(
        &fake,
        "conversations.history",
        json!({"channel": ELSEWHERE}),
        "not_in_channel",
    )
    .await;
    let unknown = json!({"channel": NOC, "ts": "1.000001"});
    refused(&fake, "conversations.replies", unknown, "thread_not_found").await;
    refused(
        &fake,
        "conversations.open",
        json!({"users": "U0NOBODY00"}),
        "user_not_found",
    )
    .await;
    refused(
        &fake,
        "usergroups.users.list",
        json!({"usergroup": "S1"}),
        "no_such_subteam",
    )
    .await;
    fake.arrange(|state| state.channels.get_mut(NOC).unwrap().is_archived = true);
    refused(
        &fake,
        "chat.postMessage",
        json!({"channel": NOC, "text": "x"}),
        "is_archived",
    )
    .await;
}

#[tokio::test]
async fn what_is_known_of_places_and_people() {
    let fake = Fake::fast().await;
    let info = call(&fake, "conversations.info", json!({"channel": ELSEWHERE})).await;
    assert_eq!(info["channel"]["is_member"], false);
    let info = call(&fake, "conversations.info", json!({"channel": SHARED})).await;
    assert_eq!(info["channel"]["is_ext_shared"], true);
    let info = call(&fake, "conversations.info", json!({"channel": PRIVATE})).await;
    assert_eq!(info["channel"]["is_private"], true);
    let guest = call(&fake, "users.info", json!({"user": GUEST})).await;
    assert_eq!(guest["user"]["is_restricted"], true);
    let home = json!({"user_id": ANN, "view": {"type": "home", "blocks": []}});
    assert_eq!(call(&fake, "views.publish", home).await["ok"], true);
    assert_eq!(call(&fake, "auth.test", json!({})).await["ok"], true);
    let ts = posted(&fake, "x").await;
    let link = json!({"channel": NOC, "message_ts": ts});
    let link = call(&fake, "chat.getPermalink", link).await;
    assert!(link["permalink"].as_str().unwrap().contains(NOC));
    let change = json!({"channel": NOC, "ts": ts, "text": "y"});
    assert_eq!(call(&fake, "chat.update", change).await["ok"], true);
    let group = call(&fake, "usergroups.users.list", json!({"usergroup": GROUP})).await;
    assert_eq!(group["users"], json!([ANN]));
    let members = call(
        &fake,
        "conversations.members",
        json!({"channel": ELSEWHERE}),
    )
    .await;
    assert_eq!(members["members"], json!([ANN, BEN]));
    let opened = call(
        &fake,
        "conversations.open",
        json!({"users": ANN, "return_im": true}),
    )
    .await;
    assert_eq!(opened["channel"]["is_im"], true);
    fake.nothing_refused();
}

#[tokio::test]
async fn metadata_is_read_back_when_it_is_asked_for() {
    let fake = Fake::fast().await;
    let metadata = json!({"event_type": "job", "event_payload": {"id": "j1"}});
    let message = json!({"channel": NOC, "text": "x", "metadata": metadata});
    let first = call(&fake, "chat.postMessage", message).await["ts"].clone();
    let reply = json!({"channel": NOC, "text": "y", "thread_ts": first, "metadata": metadata});
    call(&fake, "chat.postMessage", reply).await;
    let url = format!(
        "{}/conversations.history?channel={NOC}&include_all_metadata=true",
        fake.api_url()
    );
    let answer = reqwest::Client::new()
        .get(url)
        .bearer_auth(BOT_TOKEN)
        .send()
        .await
        .unwrap();
    let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(answer["messages"].as_array().unwrap().len(), 1);
    assert_eq!(answer["messages"][0]["metadata"], metadata);
    let plain = call(&fake, "conversations.history", json!({"channel": NOC})).await;
    assert_eq!(
        plain["messages"][0]["metadata"],
        json!({"event_type": "job"})
    );
    let thread = json!({"channel": NOC, "ts": first, "include_all_metadata": true});
    let thread = call(&fake, "conversations.replies", thread).await;
    assert_eq!(thread["messages"][1]["metadata"], metadata);
    assert_eq!(thread["messages"][0]["reply_count"], 1);
}

#[tokio::test]
async fn blocks() {
    let fake = Fake::fast().await;
    let plain = |length: usize| json!({"type": "plain_text", "text": "x".repeat(length)});
    let marked = |length: usize| json!({"type": "mrkdwn", "text": "x".repeat(length)});
    let button = |text: Value, id: &str| json!({"type": "button", "text": text, "action_id": id});
    let actions = |elements: Value| json!([{"type": "actions", "elements": elements}]);
    let section = |text: Value| json!([{"type": "section", "text": text}]);
    let option = |value: &str| json!({"text": plain(75), "value": value});
    let menu = |options: Vec<Value>| {
        actions(json!([{"type": "static_select", "action_id": "m", "options": options}]))
    };
    let good = [
        section(marked(3000)),
        json!([{"type": "header", "text": plain(150)}]),
        actions(json!([button(plain(75), "a"), button(plain(1), "b")])),
        menu(vec![option("a"); 100]),
        json!(vec![json!({"type": "divider"}); 50]),
    ];
    for blocks in good {
        let answer = call(
            &fake,
            "chat.postMessage",
            json!({"channel": NOC, "blocks": blocks}),
        )
        .await;
        assert_eq!(answer["ok"], true, "{answer}");
    }
    let bad = [
        section(marked(3001)),
        section(marked(0)),
        json!([{"type": "section"}]),
        json!([{"type": "section", "fields": vec![marked(1); 11]}]),
        json!([{"type": "section", "fields": [marked(2001)]}]),
        json!([{"type": "section", "text": marked(1), "colour": "red"}]),
        json!([{"type": "sektion", "text": marked(1)}]),
        json!([{"type": "header", "text": plain(151)}]),
        json!([{"type": "header", "text": marked(1)}]),
        actions(json!([button(plain(76), "a")])),
        actions(json!([button(marked(1), "a")])),
        actions(json!([button(plain(1), "a"), button(plain(1), "a")])),
        actions(json!([{"type": "button", "text": plain(1), "style": "loud"}])),
        actions(json!([{"type": "button", "text": plain(1), "value": "x".repeat(2001)}])),
        actions(json!(vec![json!({"type": "button", "text": plain(1)}); 26])),
        actions(json!([])),
        menu(vec![option("a"); 101]),
        menu(vec![option(&"x".repeat(151))]),
        json!([{"type": "context", "elements": vec![marked(1); 11]}]),
        json!([{"type": "divider", "block_id": "b"}, {"type": "divider", "block_id": "b"}]),
        json!(vec![json!({"type": "divider"}); 51]),
        json!([{"type": "image", "image_url": "https://x.example/a.png", "alt_text": ""}]),
    ];
    for blocks in bad {
        let answer = call(
            &fake,
            "chat.postMessage",
            json!({"channel": NOC, "blocks": blocks}),
        )
        .await;
        assert_eq!(answer["error"], "invalid_blocks", "{blocks}");
        assert!(answer["response_metadata"]["messages"][0].is_string());
    }
    let long = json!(vec![section(marked(2999))[0].clone(); 5]);
    refused(
        &fake,
        "chat.postMessage",
        json!({"channel": NOC, "blocks": long}),
        "msg_blocks_too_long",
    )
    .await;
}

#[tokio::test]
async fn forms() {
    let fake = Fake::fast().await;
    let mut socket = Socket::open(&fake).await;
    let title = json!({"type": "plain_text", "text": "Report"});
    let input = json!({"type": "input", "block_id": "what", "label": title,
        "element": {"type": "plain_text_input", "action_id": "text"}});
    let view = json!({"type": "modal", "title": title, "submit": title, "blocks": [input]});
    let unknown = json!({"trigger_id": "1.2", "view": view});
    refused(&fake, "views.open", unknown, "invalid_trigger_id").await;

    let ann = fake.user(ANN);
    ann.slash(NOC, "/triage report");
    let command = socket.next().await.unwrap();
    socket.ack(&command, None).await;
    let open = json!({"trigger_id": command["payload"]["trigger_id"], "view": view});
    let opened = call(&fake, "views.open", open.clone()).await;
    assert_eq!(opened["ok"], true, "{opened}");
    refused(&fake, "views.open", open, "exchanged_trigger_id").await;
    let update = json!({"view_id": opened["view"]["id"], "hash": "old", "view": view});
    refused(&fake, "views.update", update, "hash_conflict").await;
    let mut silent = view.clone();
    silent.as_object_mut().unwrap().remove("submit");
    let update = json!({"view_id": opened["view"]["id"], "view": silent});
    refused(&fake, "views.update", update, "invalid_arguments").await;
    let mut titled = view.clone();
    titled["title"]["text"] = json!("x".repeat(25));
    let update = json!({"view_id": opened["view"]["id"], "view": titled});
    refused(&fake, "views.update", update, "invalid_arguments").await;
    refused(
        &fake,
        "views.update",
        json!({"view_id": "V1", "view": view}),
        "not_found",
    )
    .await;

    ann.submit(&[("text", "one-way audio")]);
    let sent = socket.next().await.unwrap();
    let values = &sent["payload"]["view"]["state"]["values"];
    assert_eq!(values["what"]["text"]["value"], "one-way audio");
    let errors = json!({"response_action": "errors", "errors": {"what": "say more"}});
    socket.ack(&sent, Some(errors)).await;
    fake.until("errors", |state| {
        state.views[0].errors.is_object().then_some(())
    })
    .await;
    ann.submit(&[("text", "one-way audio since nine")]);
    let sent = socket.next().await.unwrap();
    socket.ack(&sent, None).await;
    fake.until("a closed form", |state| {
        state.views.is_empty().then_some(())
    })
    .await;

    ann.slash(NOC, "/triage report");
    let command = socket.next().await.unwrap();
    socket.ack(&command, None).await;
    fake.until_acked().await;
    fake.advance(Duration::from_secs(4));
    let late = json!({"trigger_id": command["payload"]["trigger_id"], "view": view});
    refused(&fake, "views.open", late, "expired_trigger_id").await;
}

#[tokio::test]
async fn answers_to_a_response_url() {
    let fake = Fake::fast().await;
    let mut socket = Socket::open(&fake).await;
    let ann = fake.user(ANN);
    ann.slash(ELSEWHERE, "/triage 1");
    let command = socket.next().await.unwrap();
    socket.ack(&command, None).await;
    let url = command["payload"]["response_url"]
        .as_str()
        .unwrap()
        .to_owned();
    for _ in 0..4 {
        let answer = post(&url, None, &json!({"text": "for you"})).await;
        assert_eq!(answer.status(), 200);
    }
    post(
        &url,
        None,
        &json!({"text": "for all", "response_type": "in_channel"}),
    )
    .await;
    let seen = fake.look(|state| {
        (
            state.ephemerals(ELSEWHERE, ANN).len(),
            state.bots(ELSEWHERE).len(),
        )
    });
    assert_eq!(seen, (4, 1));
    assert_eq!(
        post(&url, None, &json!({"text": "a sixth"})).await.status(),
        404
    );
    assert_eq!(fake.refused(), ["used_url"]);

    ann.slash(ELSEWHERE, "/triage 2");
    let command = socket.next().await.unwrap();
    socket.ack(&command, None).await;
    fake.until_acked().await;
    fake.advance(Duration::from_secs(31 * 60));
    let url = command["payload"]["response_url"].as_str().unwrap();
    assert_eq!(
        post(url, None, &json!({"text": "late"})).await.status(),
        404
    );
    assert_eq!(fake.refused(), ["used_url", "expired_url"]);
}

#[tokio::test]
async fn files() {
    let fake = Fake::fast().await;
    let announce = json!({"filename": "ladder.png", "length": 4});
    let made = call(&fake, "files.getUploadURLExternal", announce).await;
    let id = made["file_id"].clone();
    let complete = json!({"files": [{"id": id, "title": "Ladder"}], "channel_id": NOC});
    refused(
        &fake,
        "files.completeUploadExternal",
        complete.clone(),
        "file_not_found",
    )
    .await;
    let client = reqwest::Client::new();
    let upload = |bytes: &'static [u8]| {
        client
            .post(made["upload_url"].as_str().unwrap())
            .body(bytes)
            .send()
    };
    assert_eq!(upload(b"12345").await.unwrap().status(), 400);
    assert_eq!(upload(b"1234").await.unwrap().status(), 200);
    let done = call(&fake, "files.completeUploadExternal", complete).await;
    assert_eq!(done["files"][0]["title"], "Ladder");
    let message = fake.look(|state| state.bots(NOC)[0].clone());
    assert_eq!(json!(message.files), json!([id]));
    let url = done["files"][0]["url_private"].as_str().unwrap();
    call(&fake, "files.info", json!({"file": id})).await;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    assert_eq!(client.get(url).send().await.unwrap().status(), 302);
    let bytes = client
        .get(url)
        .bearer_auth(BOT_TOKEN)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(&bytes[..], b"1234");
}

#[tokio::test]
async fn rates() {
    let fake = Fake::start().await;
    for _ in 0..3 {
        posted(&fake, "x").await;
    }
    let url = format!("{}/chat.postMessage", fake.api_url());
    let message = json!({"channel": NOC, "text": "x"});
    let answer = post(&url, Some(BOT_TOKEN), &message).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["retry-after"]),
        (429, &"1".parse().unwrap())
    );
    let other = json!({"channel": PRIVATE, "text": "x"});
    assert_eq!(call(&fake, "chat.postMessage", other).await["ok"], true);
    fake.advance(Duration::from_secs(1));
    posted(&fake, "x").await;
    assert_eq!(fake.refused(), ["ratelimited"]);
}

#[tokio::test]
async fn faults() {
    let fake = Fake::fast().await;
    let method = "chat.postMessage";
    fake.faults().script(
        method,
        [
            Fault::BadGateway,
            Fault::TooMany(7),
            Fault::Unparsable,
            Fault::DropBefore,
            Fault::DropAfter,
            Fault::HalfBody,
        ],
    );
    let url = format!("{}/{method}", fake.api_url());
    let message = json!({"channel": NOC, "text": "x"});
    let answer = post(&url, Some(BOT_TOKEN), &message).await;
    assert_eq!(answer.status(), 502);
    let answer = post(&url, Some(BOT_TOKEN), &message).await;
    assert_eq!(answer.headers()["retry-after"], "7");
    let answer = post(&url, Some(BOT_TOKEN), &message)
        .await
        .bytes()
        .await
        .unwrap();
    assert!(serde_json::from_slice::<Value>(&answer).is_err());
    let send = || {
        let request = reqwest::Client::new().post(&url).bearer_auth(BOT_TOKEN);
        request
            .header("content-type", "application/json")
            .body(message.to_string())
            .send()
    };
    let standing = || fake.look(|state| state.bots(NOC).len());
    assert!(send().await.is_err());
    assert_eq!(standing(), 1);
    assert!(send().await.is_err());
    assert_eq!(standing(), 2);
    assert!(send().await.unwrap().bytes().await.is_err());
    assert_eq!(standing(), 3);
    posted(&fake, "x").await;
    fake.nothing_refused();
}
