//! A bot without any library: plain HTTP calls and a plain socket.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::support::slack::{APP_TOKEN, BOT_TOKEN, Fake};

/// Calls a method with JSON; the answer.
pub async fn call(fake: &Fake, method: &str, arguments: Value) -> Value {
    call_as(fake, BOT_TOKEN, method, arguments).await
}

pub async fn call_as(fake: &Fake, token: &str, method: &str, arguments: Value) -> Value {
    let answer = post(
        &format!("{}/{method}", fake.api_url()),
        Some(token),
        &arguments,
    )
    .await;
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
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
                Ok(Frame::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
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
