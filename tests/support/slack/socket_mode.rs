//! Delivery: envelopes over sockets (or HTTP), their acks, and what happens without one. Knows no payload.
//!
//! <https://docs.slack.dev/apis/events-api/using-socket-mode>

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;

use super::record::{Envelope, Outcome, Source};
use super::state::{APP, ResponseUrl};
use super::{Fake, Inner};

pub(super) const PATH: &str = "/link";
/// So long the bot has to acknowledge.
pub const ACK: Duration = Duration::from_secs(3);
/// An event is sent again so long after it was given up: almost at once, a minute, five minutes.
const AGAIN: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_secs(60),
    Duration::from_secs(300),
];
/// Slack pings by itself; a client takes long silence for a dead connection.
const PING: Duration = Duration::from_secs(10);
/// How long delivery sleeps at most: time passes by itself, too.
const LOOK: Duration = Duration::from_millis(50);

/// What a socket is told to do.
#[derive(Debug)]
enum Order {
    Text(String),
    Ping,
    /// A close frame, as a polite server.
    Close,
    /// The connection ends without a word.
    Drop,
    /// The connection stays, and nothing is read or written any more.
    Freeze,
}

#[derive(Debug, Default)]
pub(super) struct Sockets {
    open: Mutex<BTreeMap<u64, (mpsc::UnboundedSender<Order>, usize)>>,
    last: AtomicU64,
    turn: AtomicU64,
}

impl Sockets {
    fn send(&self, socket: u64, order: Order) {
        if let Some((orders, _)) = self.open.lock().unwrap().get(&socket) {
            // It may just be ending.
            let _ = orders.send(order);
        }
    }

    /// The next one in turn.
    fn next(&self) -> Option<u64> {
        let open = self.open.lock().unwrap();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let count = u64::try_from(open.len()).unwrap();
        let at = turn.checked_rem(count)?;
        open.keys().nth(usize::try_from(at).unwrap()).copied()
    }
}

/// One socket, from its hello to its end.
pub(super) async fn serve(inner: Arc<Inner>, socket: WebSocketStream<TcpStream>) {
    let (mut write, mut read) = socket.split();
    let (orders, mut to_do) = mpsc::unbounded_channel();
    let id = inner.sockets.last.fetch_add(1, Ordering::Relaxed) + 1;
    let others = inner.sockets.open.lock().unwrap().len();
    let hello = json!({
        "type": "hello", "num_connections": others + 1, "connection_info": {"app_id": APP},
        "debug_info": {"host": "applink-fake", "started": "2026-02-16 09:00:00.000",
            "build_number": 1, "approximate_connection_time": 18060},
    });
    if write.send(Frame::text(hello.to_string())).await.is_err() {
        return;
    }
    inner.sockets.open.lock().unwrap().insert(id, (orders, 0));
    inner.change(|state| {
        state.record.connections_opened += 1;
        state.record.open.push(id);
    });
    let mut pings = tokio::time::interval(PING);
    pings.tick().await;
    loop {
        tokio::select! {
            _ = pings.tick() => {
                if write.send(Frame::Ping("Ping from applink-fake".into())).await.is_err() {
                    break;
                }
            }
            order = to_do.recv() => {
                let done = match order {
                    Some(Order::Text(text)) => write.send(Frame::text(text)).await,
                    Some(Order::Ping) => write.send(Frame::Ping("Ping from applink-fake".into())).await,
                    Some(Order::Close) => write.send(Frame::Close(None)).await,
                    Some(Order::Freeze) => {
                        while !matches!(to_do.recv().await, Some(Order::Drop) | None) {}
                        break;
                    }
                    Some(Order::Drop) | None => break,
                };
                if done.is_err() {
                    break;
                }
            }
            frame = read.next() => match frame {
                Some(Ok(Frame::Text(text))) => inner.acked(&text),
                Some(Ok(Frame::Pong(_))) => inner.change(|state| state.record.pongs += 1),
                // The library answers a ping by itself, with the next write.
                Some(Ok(Frame::Ping(_))) => {
                    let _ = write.flush().await;
                }
                Some(Ok(Frame::Close(_))) => {
                    // The library has an answer ready; whoever closes politely waits for it.
                    let _ = write.flush().await;
                    break;
                }
                Some(Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
        }
    }
    inner.closed(id);
}

/// Sends what waits, and gives up what waited too long, until the runtime ends.
pub(super) async fn deliver(inner: Arc<Inner>) {
    let mut changes = inner.changes.subscribe();
    loop {
        changes.borrow_and_update();
        inner.send_waiting();
        inner.give_up();
        let _ = tokio::time::timeout(LOOK, changes.changed()).await;
    }
}

impl Inner {
    /// Sends something to the bot, as soon as it can be reached.
    pub(super) fn enqueue(&self, kind: &'static str, payload: Value, source: Source) -> String {
        self.change(|state| {
            let id = format!("00000000-0000-4000-8000-{:0>12}", state.id("e"));
            state.record.envelopes.push(Envelope {
                id: id.clone(),
                kind,
                payload,
                sent: Vec::new(),
                connection: 0,
                outcome: Outcome::Waiting,
                again: None,
                retry_reason: "",
                source,
            });
            id
        })
    }

    fn send_waiting(self: &Arc<Inner>) {
        let now = self.now();
        let ready: Vec<Envelope> = {
            let state = self.lock();
            let all = state.record.envelopes.iter();
            let due = |it: &&Envelope| match (&it.outcome, it.again) {
                (Outcome::Waiting, again) => again.is_none_or(|at| at <= now),
                _ => false,
            };
            all.filter(due).cloned().collect()
        };
        for envelope in ready {
            if self.http.lock().unwrap().is_some() {
                self.mark_sent(&envelope.id, 0);
                tokio::spawn(super::http_mode::post(Arc::clone(self), envelope));
                continue;
            }
            let Some(socket) = self.sockets.next() else {
                // Slack sends events later; a person's click or command fails at once.
                if envelope.kind != "events_api" {
                    self.fail(&envelope.id, "dispatch_failed");
                }
                continue;
            };
            let mut frame = json!({
                "envelope_id": envelope.id, "type": envelope.kind, "payload": envelope.payload,
                "accepts_response_payload": envelope.kind != "events_api",
            });
            if envelope.kind == "events_api" {
                frame["retry_attempt"] = json!(envelope.sent.len());
                frame["retry_reason"] = json!(envelope.retry_reason);
            }
            self.mark_sent(&envelope.id, socket);
            self.sockets.send(socket, Order::Text(frame.to_string()));
            let mut open = self.sockets.open.lock().unwrap();
            if let Some((orders, carried)) = open.get_mut(&socket) {
                *carried += 1;
                if self.faults.drops_after(*carried) {
                    let _ = orders.send(Order::Drop);
                    open.remove(&socket);
                }
            }
        }
    }

    fn mark_sent(&self, id: &str, socket: u64) {
        let now = self.now();
        self.change(|state| {
            let envelope = envelope(state, id);
            envelope.sent.push(now);
            envelope.connection = socket;
            envelope.outcome = Outcome::Sent;
        });
    }

    /// What was sent and not acknowledged for 3 s.
    fn give_up(&self) {
        let now = self.now();
        let late: Vec<(String, &'static str)> = {
            let state = self.lock();
            let all = state.record.envelopes.iter().filter(|it| {
                let sent = it.sent.last().copied().unwrap_or(now);
                it.outcome == Outcome::Sent && now.saturating_sub(sent) > ACK
            });
            all.map(|it| (it.id.clone(), it.kind)).collect()
        };
        for (id, kind) in late {
            match kind {
                "events_api" => self.retry(&id, "timeout"),
                "slash_commands" => self.fail(&id, "operation_timeout"),
                _ => self.fail(&id, "no_response"),
            }
        }
    }

    /// A person is told that the app did not answer.
    pub(super) fn fail(&self, id: &str, error: &'static str) {
        self.change(|state| {
            let found = envelope(state, id);
            // Only once: the wait and the connection may both end.
            if !matches!(found.outcome, Outcome::Waiting | Outcome::Sent) {
                return;
            }
            found.outcome = Outcome::Failed(error);
            let user = found.source.user.clone();
            state.record.errors_shown.push((user, error.to_owned()));
        });
    }

    /// An event goes out again, or is given up after the third time.
    pub(super) fn retry(&self, id: &str, reason: &'static str) {
        let now = self.now();
        self.change(|state| {
            let found = envelope(state, id);
            if found.outcome != Outcome::Sent {
                return;
            }
            match AGAIN.get(found.sent.len().saturating_sub(1)) {
                Some(wait) => {
                    found.outcome = Outcome::Waiting;
                    found.again = Some(now + *wait);
                    found.retry_reason = reason;
                }
                None => found.outcome = Outcome::Failed("retries_exhausted"),
            }
        });
    }

    fn closed(&self, socket: u64) {
        self.sockets.open.lock().unwrap().remove(&socket);
        let left: Vec<(String, &'static str)> = self.change(|state| {
            state.record.open.retain(|it| *it != socket);
            let all = state.record.envelopes.iter();
            all.filter(|it| it.connection == socket && it.outcome == Outcome::Sent)
                .map(|it| (it.id.clone(), it.kind))
                .collect()
        });
        for (id, kind) in left {
            match kind {
                "events_api" => self.retry(&id, "connection_closed"),
                _ => self.fail(&id, "dispatch_failed"),
            }
        }
    }

    /// A frame of the bot: an ack, or something that should not be.
    fn acked(&self, text: &str) {
        let frame: Value = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
        let id = frame["envelope_id"].as_str().unwrap_or("").to_owned();
        self.settle(&id, frame["payload"].clone(), &frame);
    }

    /// Notes an ack, and does what its payload says.
    pub(super) fn settle(&self, id: &str, payload: Value, frame: &Value) {
        let now = self.now();
        let in_time = self.change(|state| {
            let known = state.record.envelopes.iter_mut().find(|it| it.id == id);
            let Some(known) = known.filter(|it| !it.sent.is_empty()) else {
                state.record.stray_acks.push(frame.clone());
                return None;
            };
            let after = now.saturating_sub(*known.sent.last().unwrap());
            let payload = payload.clone();
            match known.outcome {
                Outcome::Acked { .. } | Outcome::Late { .. } => {
                    state.record.stray_acks.push(frame.clone());
                    None
                }
                Outcome::Sent if after <= ACK => {
                    known.outcome = Outcome::Acked { after, payload };
                    Some((known.kind, known.source.clone()))
                }
                // An event may be acknowledged before it goes out again; a person has seen an error.
                _ if known.kind == "events_api" => {
                    known.outcome = Outcome::Late { after, payload };
                    None
                }
                _ => {
                    known.outcome = Outcome::Late { after, payload };
                    let shown = ("operation_timeout", known.source.user.clone());
                    state
                        .record
                        .errors_shown
                        .push((shown.1, shown.0.to_owned()));
                    None
                }
            }
        });
        if matches!(
            self.lock().record.envelope(id),
            Some(Envelope {
                outcome: Outcome::Late { .. },
                ..
            })
        ) {
            self.refuse("ack", "late_ack", id, frame);
        }
        match in_time {
            Some((_, source)) if source.view.is_some() => {
                self.after_submission(source.view.as_deref().unwrap(), &payload);
            }
            Some(("slash_commands", source)) if says_something(&payload) => {
                let to = ResponseUrl {
                    user: source.user,
                    channel: source.channel,
                    thread_ts: None,
                    message_ts: None,
                    made: now,
                    uses: 0,
                    is_expired: false,
                };
                if let Err((error, detail)) = self.say(&payload, &to, "ack") {
                    self.refuse("ack", error, &detail, &payload);
                }
            }
            _ => {}
        }
    }
}

fn says_something(payload: &Value) -> bool {
    payload["text"].is_string() || payload["blocks"].is_array()
}

fn envelope<'a>(state: &'a mut super::State, id: &str) -> &'a mut Envelope {
    let mut all = state.record.envelopes.iter_mut();
    all.find(|it| it.id == id).unwrap()
}

impl Fake {
    /// Tells all sockets that they will be (`warning`) or must be (`refresh_requested`) renewed.
    pub fn disconnect(&self, reason: &str) {
        let frame = json!({"type": "disconnect", "reason": reason,
            "debug_info": {"host": "applink-fake"}});
        self.order(|| Order::Text(frame.to_string()));
    }

    /// Closes all sockets politely.
    pub fn close_sockets(&self) {
        self.order(|| Order::Close);
    }

    /// Ends all connections without a word.
    pub fn drop_sockets(&self) {
        self.order(|| Order::Drop);
    }

    /// Ends all connections without a word again and again: so many times, each so long after the last.
    pub fn drop_sockets_every(&self, wait: Duration, times: usize) {
        let fake = self.clone();
        tokio::spawn(async move {
            let mut turns = tokio::time::interval(wait);
            turns.tick().await;
            for _ in 0..times {
                turns.tick().await;
                fake.drop_sockets();
                fake.inner.change(|state| state.record.drops += 1);
            }
        });
    }

    /// All sockets stay open and do nothing any more, until [`Fake::drop_sockets`]: a peer that died.
    pub fn freeze_sockets(&self) {
        self.order(|| Order::Freeze);
    }

    pub fn ping(&self) {
        self.order(|| Order::Ping);
    }

    /// Sends a frame as it is, also one that Slack never sends.
    pub fn send_raw(&self, text: &str) {
        self.order(|| Order::Text(text.to_owned()));
    }

    fn order(&self, order: impl Fn() -> Order) {
        let open = self.inner.sockets.open.lock().unwrap();
        for (orders, _) in open.values() {
            let _ = orders.send(order());
        }
    }
}
