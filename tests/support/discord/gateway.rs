//! The fake's gateway: hello, heartbeats, sessions that are begun and resumed, events in order; and what goes wrong with
//! all of that.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::state::READS_TEXT;
use super::{APPLICATION, BOT, Fake, Inner, SERVER, TOKEN};

/// Who wants to be told of servers and their channels.
const GUILDS: u64 = 1;

/// Who wants to be told what people write to each other; the portal has to allow it.
pub const MESSAGE_CONTENT: u64 = 1 << 15;

/// Why a connection is ended that cannot be gone on with.
const NOT_THE_TOKEN: u16 = 4004;
const INTENT_NOT_ALLOWED: u16 = 4014;

/// The session of the bot, and the connection that carries it.
#[derive(Default)]
pub struct Line {
    /// All events of the session, as they were numbered from 1.
    events: Vec<Value>,
    to: Option<mpsc::UnboundedSender<Told>>,
    /// Heartbeats are not answered.
    pub is_deaf: bool,
    /// Connections are taken, and nothing is said in them.
    pub is_mute: bool,
}

enum Told {
    Frame(Value),
    Close(u16),
    Cut,
}

pub async fn serve(inner: Arc<Inner>, listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        tokio::spawn(connection(Arc::clone(&inner), stream));
    }
}

async fn connection(inner: Arc<Inner>, stream: TcpStream) {
    if inner.line.lock().unwrap().is_mute {
        // Until the test ends.
        std::future::pending::<()>().await;
    }
    let Ok(mut socket) = accept_async(stream).await else {
        return;
    };
    let (to, mut told) = mpsc::unbounded_channel();
    let hello = json!({ "op": 10, "d": { "heartbeat_interval": inner.pace.beat_ms } });
    let _ = socket.send(Frame::text(hello.to_string())).await;
    loop {
        let frame = tokio::select! {
            told = told.recv() => match told {
                Some(Told::Frame(frame)) => {
                    if socket.send(Frame::text(frame.to_string())).await.is_err() {
                        return;
                    }
                    continue;
                }
                Some(Told::Close(code)) => {
                    let frame = CloseFrame { code: code.into(), reason: "".into() };
                    let _ = socket.close(Some(frame)).await;
                    continue;
                }
                Some(Told::Cut) | None => return,
            },
            frame = socket.next() => frame,
        };
        let Some(Ok(frame)) = frame else { return };
        if frame.is_close() {
            let _ = socket.close(None).await;
            return;
        }
        let Ok(text) = frame.to_text() else { continue };
        let Ok(said) = serde_json::from_str::<Value>(text) else {
            continue;
        };
        match said["op"].as_u64() {
            Some(1) if !inner.line.lock().unwrap().is_deaf => {
                let _ = to.send(Told::Frame(json!({ "op": 11 })));
            }
            Some(2) => identified(&inner, &said["d"], &to),
            Some(6) => resumed(&inner, &said["d"], &to),
            _ => {}
        }
    }
}

fn identified(inner: &Inner, said: &Value, to: &mpsc::UnboundedSender<Told>) {
    let intents = said["intents"].as_u64().unwrap_or_default();
    let (flags, takes_token) = inner.change(|state| {
        state.identifies += 1;
        (state.application_flags, state.takes_token)
    });
    if !takes_token {
        let _ = to.send(Told::Close(NOT_THE_TOKEN));
        return;
    }
    if intents & MESSAGE_CONTENT != 0 && flags & READS_TEXT == 0 {
        let _ = to.send(Told::Close(INTENT_NOT_ALLOWED));
        return;
    }
    if said["token"]
        .as_str()
        .map(|it| it.trim_start_matches("Bot "))
        != Some(TOKEN)
    {
        inner.change(|state| state.refused.push("identify with another token".to_owned()));
        let _ = to.send(Told::Close(NOT_THE_TOKEN));
        return;
    }
    {
        let mut line = inner.line.lock().unwrap();
        line.events.clear();
        line.to = Some(to.clone());
    }
    let user = inner.lock().person(BOT);
    tell(
        inner,
        "READY",
        json!({
            "v": 10, "user": user, "guilds": [{ "id": SERVER.to_string(), "unavailable": true }], "session_id": "fake-session",
            "resume_gateway_url": format!("ws://{}", inner.gateway),
            "application": { "id": APPLICATION.to_string(), "flags": 0 }, "shard": [0, 1],
        }),
    );
    if intents & GUILDS != 0 {
        let server = inner.lock().server();
        tell(inner, "GUILD_CREATE", server);
    }
    inner.change(|state| {
        state.sessions += 1;
        state.intents = intents;
    });
}

fn resumed(inner: &Inner, said: &Value, to: &mpsc::UnboundedSender<Told>) {
    let after = usize::try_from(said["seq"].as_u64().unwrap_or_default()).unwrap();
    let missed: Vec<Value> = {
        let mut line = inner.line.lock().unwrap();
        line.to = Some(to.clone());
        line.events.iter().skip(after).cloned().collect()
    };
    for event in missed {
        let _ = to.send(Told::Frame(event));
    }
    tell(inner, "RESUMED", json!({}));
    inner.change(|state| state.resumed += 1);
}

/// Tells the bot of an event, at once or when it resumes.
pub fn tell(inner: &Inner, kind: &str, event: Value) {
    let mut line = inner.line.lock().unwrap();
    let seq = line.events.len() + 1;
    let frame = json!({ "op": 0, "t": kind, "s": seq, "d": event });
    line.events.push(frame.clone());
    if let Some(to) = &line.to {
        // Where nobody listens it is told on resuming.
        let _ = to.send(Told::Frame(frame));
    }
}

impl Fake {
    /// Asks the bot to connect anew and resume.
    pub fn reconnect(&self) {
        self.frame(json!({ "op": 7, "d": null }));
    }

    /// Says that the session is not valid any more.
    pub fn invalidate(&self) {
        self.frame(json!({ "op": 9, "d": false }));
    }

    fn frame(&self, frame: Value) {
        let line = self.inner.line.lock().unwrap();
        let _ = line.to.as_ref().unwrap().send(Told::Frame(frame));
    }

    /// Cuts the connection without a word.
    pub fn cut(&self) {
        let mut line = self.inner.line.lock().unwrap();
        if let Some(to) = line.to.take() {
            let _ = to.send(Told::Cut);
        }
    }

    /// Cuts the connection so many times, as soon as it stands and so much time has passed since the last time.
    pub fn cut_again_and_again(&self, every: Duration, times: usize) {
        let fake = self.clone();
        tokio::spawn(async move {
            let mut turns = interval(every);
            turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
            for _ in 0..times {
                turns.tick().await;
                let stands = |_: &super::State| {
                    let line = fake.inner.line.lock().unwrap();
                    line.to.as_ref().filter(|to| !to.is_closed()).map(|_| ())
                };
                fake.until("a connection to cut", stands).await;
                fake.cut();
                fake.change(|state| state.cuts += 1);
            }
        });
    }

    /// From now on heartbeats are not answered, or are again.
    pub fn deaf(&self, is_deaf: bool) {
        self.inner.line.lock().unwrap().is_deaf = is_deaf;
    }

    /// From now on connections are taken and nothing is said in them, or there is again.
    pub fn mute(&self, is_mute: bool) {
        self.inner.line.lock().unwrap().is_mute = is_mute;
    }

    /// Tells the bot of an event.
    pub fn tell(&self, kind: &str, event: Value) {
        tell(&self.inner, kind, event);
    }
}
