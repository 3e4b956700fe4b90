//! Socket Mode: envelopes come over connections that the bot opens. Each is stored beside the others and acknowledged
//! as soon as it is safe; a connection that falls silent is built anew. Reads no payload.
//!
//! <https://docs.slack.dev/apis/events-api/using-socket-mode>

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout, timeout_at};
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::incoming::CHAT;
use super::{Answer, Kind, Slack};
use crate::config::Secret;
use crate::metrics;

/// While one connection is renewed another one stands. Slack lets an app have ten.
const CONNECTIONS: usize = 2;

/// A connection stands and says hello within this time, or never.
const OPENING: Duration = Duration::from_secs(20);

/// Slack answers our pings, so a connection that lives is never silent for long.
const PING: Duration = Duration::from_secs(5);

/// After so long without anything a connection is taken for dead.
const SILENCE: Duration = Duration::from_secs(15);

/// How long a frame may take to leave.
const WRITING: Duration = Duration::from_secs(5);

/// Slack closes a connection that is renewed within seconds; it is not kept for longer.
const RENEWING: Duration = Duration::from_secs(60);

/// A connection that stood for less was none: the next one is not tried at once.
const STOOD: Duration = Duration::from_millis(500);

/// The wait before a failed connection is tried again, doubled with each failure.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// No wait is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// Without any connection for so long it gives up, so that whoever keeps it going begins afresh.
const GIVING_UP: Duration = Duration::from_secs(180);

/// A connection to Slack.
type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Listens until `stopped`, or until no connection can be had any more. `ready` is told why nothing can be taken once
/// no connection stood for `limit`.
///
/// # Errors
/// One sentence, when it gave up.
pub async fn listen(
    slack: Arc<Slack>,
    app_token: &Secret,
    limit: Duration,
    ready: watch::Sender<Option<String>>,
    stopped: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let standing = watch::Sender::new(0_usize);
    // They end with this function.
    let mut lines = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let line = Line {
            slack: Arc::clone(&slack),
            app_token: app_token.clone(),
            standing: standing.clone(),
        };
        lines.spawn(line.keep());
    }
    tokio::select! {
        why = watched(standing.subscribe(), limit, &ready) => anyhow::bail!(why),
        () = stopped => Ok(()),
    }
}

/// Says whether a connection stands, until none did for too long; then why it ends.
async fn watched(
    mut standing: watch::Receiver<usize>,
    limit: Duration,
    ready: &watch::Sender<Option<String>>,
) -> String {
    ready.send_replace(Some("no connection to Slack stands yet".to_owned()));
    let mut is_told = true;
    loop {
        let since = Instant::now();
        let last = GIVING_UP.max(limit);
        loop {
            tokio::select! {
                // The sender lives in every line; they live as long as this is waited for.
                _ = standing.wait_for(|count| *count > 0) => break,
                () = sleep_until(since + limit), if !is_told => {
                    is_told = true;
                    let seconds = limit.as_secs_f64();
                    ready.send_replace(Some(format!("no connection to Slack has stood for {seconds} s")));
                    tracing::warn!(?limit, "no connection to Slack stands");
                }
                () = sleep_until(since + last) => return format!(
                    "no connection of Socket Mode has stood for {} s; check app_token and the network",
                    last.as_secs()
                ),
            }
        }
        ready.send_replace(None);
        is_told = false;
        let _ = standing.wait_for(|count| *count == 0).await;
    }
}

/// One connection, and those that follow it.
struct Line {
    slack: Arc<Slack>,
    app_token: Secret,
    /// How many connections stand.
    standing: watch::Sender<usize>,
}

impl Line {
    /// Keeps a connection standing. Ends never.
    async fn keep(self) {
        let mut wait = FIRST_WAIT;
        let mut renewed = JoinSet::new();
        loop {
            while renewed.try_join_next().is_some() {}
            let has_failed = match self.opened().await {
                Ok(mut connection) => {
                    let since = Instant::now();
                    match connection.serve(&self.slack).await {
                        End::Renewed => {
                            // What it still carries is taken while the next one is opened.
                            let slack = Arc::clone(&self.slack);
                            renewed.spawn(async move {
                                let rest = async {
                                    while let End::Renewed = connection.serve(&slack).await {}
                                };
                                let _ = timeout(RENEWING, rest).await;
                            });
                        }
                        End::Over(why) => tracing::debug!(why, "a connection to Slack ended"),
                    }
                    since.elapsed() < STOOD
                }
                Err(why) => {
                    let metrics = self.slack.metrics();
                    metrics.count(&metrics::SOCKETS_FAILED, &[CHAT]);
                    tracing::warn!(%why, "no connection to Slack");
                    true
                }
            };
            if has_failed {
                sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            } else {
                wait = FIRST_WAIT;
            }
        }
    }

    /// A connection over which Slack has said hello.
    async fn opened(&self) -> anyhow::Result<Connection> {
        let address = self.slack.api().open_socket(&self.app_token).await?;
        let greeted = timeout(OPENING, async {
            // The error's own words could tell the address, which is a secret.
            let connected = connect_async(address.as_str()).await;
            let (mut socket, _) = connected.map_err(|_| "it cannot be opened")?;
            while let Some(Ok(frame)) = socket.next().await {
                if let Frame::Text(text) = frame
                    && kind_of(&serde_json::from_str(&text).unwrap_or_default()) == "hello"
                {
                    return Ok(socket);
                }
            }
            Err("it ended before it said hello")
        });
        let socket = match greeted.await {
            Ok(Ok(socket)) => socket,
            Ok(Err(why)) => anyhow::bail!(why),
            Err(_) => anyhow::bail!("it does not say hello"),
        };
        let (acks, to_send) = mpsc::unbounded_channel();
        Ok(Connection {
            socket,
            acks,
            to_send,
            _stands: Stands::new(self),
        })
    }
}

/// Counts a connection for as long as it stands.
struct Stands {
    slack: Arc<Slack>,
    standing: watch::Sender<usize>,
}

impl Stands {
    fn new(line: &Line) -> Stands {
        let metrics = line.slack.metrics();
        let now = Timestamp::now().as_duration().as_secs_f64();
        metrics.add(&metrics::SOCKETS, &[CHAT], 1.0);
        metrics.set(&metrics::SOCKET_SINCE, &[CHAT], now);
        metrics.count(&metrics::SOCKETS_BUILT, &[CHAT]);
        line.standing.send_modify(|count| *count += 1);
        Stands {
            slack: Arc::clone(&line.slack),
            standing: line.standing.clone(),
        }
    }
}

impl Drop for Stands {
    fn drop(&mut self) {
        let metrics = self.slack.metrics();
        metrics.add(&metrics::SOCKETS, &[CHAT], -1.0);
        self.standing.send_modify(|count| *count -= 1);
    }
}

/// A connection that stands.
struct Connection {
    socket: Socket,
    /// Where acknowledgements go that are to leave over it.
    acks: mpsc::UnboundedSender<Value>,
    to_send: mpsc::UnboundedReceiver<Value>,
    _stands: Stands,
}

/// Why a connection is not served any more.
enum End {
    /// Slack will close it soon, and wants another one before.
    Renewed,
    /// It is gone.
    Over(&'static str),
}

impl Connection {
    async fn serve(&mut self, slack: &Arc<Slack>) -> End {
        let mut pings = interval(PING);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            let to_write = tokio::select! {
                frame = timeout_at(heard + SILENCE, self.socket.next()) => match frame {
                    Ok(Some(Ok(frame))) => {
                        heard = Instant::now();
                        match frame {
                            Frame::Text(text) if self.hears(slack, &text) => return End::Renewed,
                            Frame::Close(_) => return End::Over("Slack closed it"),
                            // The library has its answer ready, which leaves with the next write.
                            Frame::Ping(_) => None,
                            _ => continue,
                        }
                    }
                    Ok(Some(Err(_))) => return End::Over("it broke"),
                    Ok(None) => return End::Over("it was cut"),
                    Err(_) => return End::Over("it was silent"),
                },
                Some(ack) = self.to_send.recv() => Some(Frame::text(ack.to_string())),
                _ = pings.tick() => Some(Frame::Ping(Vec::new().into())),
            };
            let written = async {
                match to_write {
                    Some(frame) => self.socket.send(frame).await,
                    None => self.socket.flush().await,
                }
            };
            if !matches!(timeout(WRITING, written).await, Ok(Ok(()))) {
                return End::Over("nothing can be sent over it");
            }
        }
    }

    /// Takes what Slack sent, beside what was sent before. Says whether the connection is to be renewed.
    fn hears(&self, slack: &Arc<Slack>, text: &str) -> bool {
        let read_at = Instant::now();
        let Ok(mut frame) = serde_json::from_str::<Value>(text) else {
            slack.unreadable("frame");
            return false;
        };
        let kind = match kind_of(&frame) {
            "hello" => return false,
            "disconnect" => return true,
            "slash_commands" => Some(Kind::Command),
            "events_api" => Some(Kind::Event),
            "interactive" => Some(Kind::Interaction),
            _ => None,
        };
        let id = frame.get("envelope_id").and_then(Value::as_str);
        let id = id.unwrap_or_default().to_owned();
        let payload = frame.get_mut("payload").map(Value::take);
        let (slack, acks) = (Arc::clone(slack), self.acks.clone());
        tokio::spawn(async move {
            let answer = match (kind, payload) {
                (Some(kind), Some(payload)) => slack.receive(kind, &payload, read_at).await,
                _ => {
                    slack.unreadable("frame");
                    Ok(Answer::Taken)
                }
            };
            // What is not kept is not acknowledged: Slack sends it again, or tells who asked.
            if let Ok(answer) = answer.as_ref()
                && !id.is_empty()
            {
                // Where the connection has ended meanwhile there is nobody to tell.
                let _ = acks.send(ack(&id, answer));
            }
        });
        false
    }
}

fn kind_of(frame: &Value) -> &str {
    frame
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// What acknowledges an envelope.
fn ack(id: &str, answer: &Answer) -> Value {
    match answer {
        Answer::Taken => json!({ "envelope_id": id }),
        Answer::Wrong(fields) => {
            json!({ "envelope_id": id, "payload": objections(fields) })
        }
    }
}

/// What tells a form which of its fields cannot stand.
#[must_use]
pub fn objections(fields: &[(String, String)]) -> Value {
    let errors: Map<String, Value> = fields
        .iter()
        .map(|(name, why)| (name.clone(), Value::from(why.as_str())))
        .collect();
    json!({ "response_action": "errors", "errors": errors })
}
