//! What stands between serenity and Discord's gateway, within this process: serenity keeps the session, and what people
//! did is handed on as Discord sent it, because serenity's types lose what was filled in under a `Label`. Reads no
//! request and answers none.

use std::time::Duration;

use anyhow::Context as _;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message as Frame};
use tokio_tungstenite::{WebSocketStream, accept_async, connect_async};
use url::Url;

/// How long Discord may take to open a connection; serenity itself would wait for ever.
const OPENING: Duration = Duration::from_secs(10);

/// How long each side may take to say good bye.
const CLOSING: Duration = Duration::from_secs(1);

/// The version of the gateway that serenity speaks.
const VERSION: &str = "10";

/// What is handed on as it was sent.
const AS_SENT: [&str; 2] = ["INTERACTION_CREATE", "MESSAGE_CREATE"];

/// What its name begins with then: an event that serenity does not know it leaves as it is.
const MARK: &str = "AS_SENT_";

/// A way to the gateway, as long as it is held.
#[derive(Debug)]
pub struct Relay {
    address: Url,
    task: JoinHandle<()>,
}

impl Relay {
    /// To this gateway.
    ///
    /// # Errors
    /// Where this machine gives no port.
    pub async fn to(gateway: Url) -> anyhow::Result<Relay> {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.context("no port for the connection to Discord")?;
        let address = Url::parse(&format!("ws://{}", listener.local_addr()?))?;
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(connected(stream, gateway.clone()));
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Relay { address, task })
    }

    /// Where serenity connects.
    #[must_use]
    pub fn address(&self) -> &Url {
        &self.address
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The name by which Discord calls an event that was handed on as it was sent.
#[must_use]
pub fn name(kind: &str) -> &str {
    kind.strip_prefix(MARK).unwrap_or(kind)
}

async fn connected(stream: TcpStream, mut gateway: Url) {
    gateway.query_pairs_mut().append_pair("v", VERSION);
    let opened = timeout(OPENING, connect_async(gateway.as_str())).await;
    let told = match opened {
        Ok(Ok((theirs, _))) => match accept_async(stream).await {
            Ok(ours) => passed(theirs, ours).await,
            Err(error) => Err(error),
        },
        Ok(Err(error)) => Err(error),
        Err(_) => {
            tracing::warn!("Discord's gateway does not open a connection");
            return;
        }
    };
    if let Err(error) = told {
        tracing::debug!(%error, "a connection to Discord's gateway ended");
    }
}

/// Passes on what either side says, until one of them ends it.
async fn passed<T>(
    mut theirs: WebSocketStream<T>,
    mut ours: WebSocketStream<TcpStream>,
) -> Result<(), Error>
where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    loop {
        tokio::select! {
            told = theirs.next() => {
                let Some(frame) = told.transpose()? else { return Ok(()) };
                if frame.is_close() {
                    return closed(frame, &mut ours).await;
                }
                pass(told_on(frame), &mut ours).await?;
            }
            said = ours.next() => {
                let Some(frame) = said.transpose()? else { return Ok(()) };
                if frame.is_close() {
                    return closed(frame, &mut theirs).await;
                }
                pass(said_on(frame), &mut theirs).await?;
            }
        }
    }
}

async fn pass<T>(frame: Frame, to: &mut WebSocketStream<T>) -> Result<(), Error>
where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    match frame {
        // Each side's are answered where they come in.
        Frame::Ping(_) | Frame::Pong(_) => Ok(()),
        frame => to.send(frame).await,
    }
}

/// Passes on a good bye, with why, and hears the other side out, so that it is not cut off before it has read it.
async fn closed<T>(frame: Frame, to: &mut WebSocketStream<T>) -> Result<(), Error>
where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    to.send(frame).await?;
    let heard_out = async { while let Some(Ok(_)) = to.next().await {} };
    let _ = timeout(CLOSING, heard_out).await;
    Ok(())
}

/// What Discord tells, with the events of [`AS_SENT`] under names that serenity does not know.
fn told_on(frame: Frame) -> Frame {
    changed(frame, AS_SENT, |event| {
        let kind = event.get("t").and_then(Value::as_str);
        let name = kind
            .filter(|it| AS_SENT.contains(it))
            .map(|it| format!("{MARK}{it}"))?;
        event.as_object_mut()?.insert("t".to_owned(), json!(name));
        Some(())
    })
}

/// What serenity says, without its wish for compressed frames, which could not be looked into.
fn said_on(frame: Frame) -> Frame {
    changed(frame, ["\"compress\""], |said| {
        let wish = said.pointer_mut("/d/compress")?;
        *wish = json!(false);
        Some(())
    })
}

/// A frame that has one of these words, changed; as it is where there is nothing to change.
fn changed<const N: usize>(
    frame: Frame,
    words: [&str; N],
    change: impl FnOnce(&mut Value) -> Option<()>,
) -> Frame {
    let text = frame.to_text().unwrap_or_default();
    if !frame.is_text() || !words.iter().any(|it| text.contains(it)) {
        return frame;
    }
    let Ok(mut value) = serde_json::from_str::<Value>(text) else {
        return frame;
    };
    match change(&mut value) {
        Some(()) => Frame::text(value.to_string()),
        None => frame,
    }
}
