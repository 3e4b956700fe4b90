//! A bot without any library: plain HTTP calls and a plain socket.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use slack_morphism::api as models;
use slack_morphism::events::{
    SlackCommandEvent, SlackEventCallbackBody, SlackInteractionEvent, SlackPushEventCallback,
};
use slack_morphism::prelude::SlackBasicChannelInfo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::support::slack::{APP_TOKEN, BOT_TOKEN, Fake};

/// Calls a method with JSON; the answer.
pub async fn call(fake: &Fake, method: &str, arguments: Value) -> Value {
    call_as(fake, BOT_TOKEN, method, arguments).await
}

pub async fn call_as(fake: &Fake, token: &str, method: &str, arguments: Value) -> Value {
    let url = format!("{}/{method}", fake.api_url());
    let answer = post(&url, Some(token), &arguments).await;
    let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    if answer["ok"] == true {
        let read = read_answer(method, answer.clone());
        read.unwrap_or_else(|error| panic!("{method}: {error}: {answer}"));
    }
    answer
}

/// Reads an answer as the library of the bot does.
fn read_answer(method: &str, answer: Value) -> serde_json::Result<()> {
    fn read<T: serde::de::DeserializeOwned>(answer: Value) -> serde_json::Result<()> {
        serde_json::from_value::<T>(answer).map(drop)
    }
    match method {
        "auth.test" => read::<models::SlackApiAuthTestResponse>(answer),
        "chat.postMessage" => read::<models::SlackApiChatPostMessageResponse>(answer),
        "chat.update" => read::<models::SlackApiChatUpdateResponse>(answer),
        "chat.getPermalink" => read::<models::SlackApiChatGetPermalinkResponse>(answer),
        "conversations.history" => read::<models::SlackApiConversationsHistoryResponse>(answer),
        "conversations.replies" => read::<models::SlackApiConversationsRepliesResponse>(answer),
        "conversations.info" => read::<models::SlackApiConversationsInfoResponse>(answer),
        "conversations.members" => read::<models::SlackApiConversationsMembersResponse>(answer),
        "conversations.open" => {
            read::<models::SlackApiConversationsOpenResponse<SlackBasicChannelInfo>>(answer)
        }
        "users.info" => read::<models::SlackApiUsersInfoResponse>(answer),
        "usergroups.users.list" => read::<models::SlackApiUserGroupsUsersListResponse>(answer),
        "views.open" => read::<models::SlackApiViewsOpenResponse>(answer),
        "views.update" => read::<models::SlackApiViewsUpdateResponse>(answer),
        "views.publish" => read::<models::SlackApiViewsPublishResponse>(answer),
        "files.getUploadURLExternal" => {
            read::<models::SlackApiFilesGetUploadUrlExternalResponse>(answer)
        }
        "files.completeUploadExternal" => {
            read::<models::SlackApiFilesCompleteUploadExternalResponse>(answer)
        }
        "files.info" => read::<models::SlackApiFilesInfoResponse>(answer),
        _ => Ok(()),
    }
}

/// Reads the payload of a frame as the library of the bot does: what it does not understand it would
/// lose. It has no public name for the frames around.
fn read_payload(frame: &Value) {
    let payload = frame["payload"].clone();
    let read = match frame["type"].as_str().unwrap() {
        "slash_commands" => serde_json::from_value::<SlackCommandEvent>(payload).map(drop),
        "interactive" => serde_json::from_value::<SlackInteractionEvent>(payload).map(drop),
        "events_api" => serde_json::from_value::<SlackPushEventCallback>(payload).map(|it| {
            let unknown = matches!(it.event, SlackEventCallbackBody::Unknown(_));
            assert!(!unknown, "{frame}");
        }),
        _ => Ok(()),
    };
    read.unwrap_or_else(|error| panic!("{error}: {frame}"));
}

pub async fn post(url: &str, token: Option<&str>, body: &Value) -> reqwest::Response {
    let request = reqwest::Client::new()
        .post(url)
        .header("content-type", "application/json; charset=utf-8")
        .body(body.to_string());
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    request.send().await.unwrap()
}

/// A socket in Socket Mode, past its hello.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub hello: Value,
}

impl Socket {
    pub async fn open(fake: &Fake) -> Socket {
        let opened = call_as(fake, APP_TOKEN, "apps.connections.open", json!({})).await;
        let (stream, _) = connect_async(opened["url"].as_str().unwrap())
            .await
            .unwrap();
        let mut socket = Socket {
            stream,
            hello: Value::Null,
        };
        socket.hello = socket.next().await.unwrap();
        socket
    }

    /// The next frame of text; nothing when the connection ends.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            match self.stream.next().await? {
                Ok(Frame::Text(text)) => {
                    let frame = serde_json::from_str(&text).unwrap();
                    read_payload(&frame);
                    return Some(frame);
                }
                Ok(Frame::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    pub async fn ack(&mut self, envelope: &Value, payload: Option<Value>) {
        let mut ack = json!({"envelope_id": envelope["envelope_id"]});
        if let Some(payload) = payload {
            ack["payload"] = payload;
        }
        self.stream
            .send(Frame::text(ack.to_string()))
            .await
            .unwrap();
    }

    /// Ends without a word.
    pub fn drop_it(self) {}
}
