//! What the fake saw: calls, refusals, envelopes and what became of them. Only notes, never judges.

use std::time::Duration;

use serde_json::Value;

/// A call of the Web API, the upload or a `response_url`.
#[derive(Debug, Clone)]
pub struct Call {
    /// As in `chat.postMessage`; `response_url`, `upload` or `download` for what is no method.
    pub method: String,
    pub arguments: Value,
    pub answer: Value,
    pub at: Duration,
}

/// Something that Slack would have refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    pub method: String,
    /// Slack's word for it, as `invalid_blocks`.
    pub error: String,
    /// Why, in words for whoever reads a failing test.
    pub detail: String,
    pub arguments: Value,
}

/// What was sent to the bot.
#[derive(Debug, Clone)]
pub struct Envelope {
    pub id: String,
    /// `slash_commands`, `events_api` or `interactive`.
    pub kind: &'static str,
    pub payload: Value,
    /// When it was sent, on the fake's clock, each time that it was.
    pub sent: Vec<Duration>,
    /// The connection that carried it last; 0 before any did, or in HTTP mode.
    pub connection: u64,
    pub outcome: Outcome,
    /// When it is sent again, if unacknowledged.
    pub(super) again: Option<Duration>,
    pub(super) retry_reason: &'static str,
    /// What is done with the payload of the ack.
    pub(super) source: Source,
}

/// For whom an envelope speaks.
#[derive(Debug, Clone, Default)]
pub(super) struct Source {
    pub user: String,
    pub channel: String,
    pub view: Option<String>,
}

/// What became of an envelope.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Not yet sent: nobody is connected.
    Waiting,
    /// Sent, neither acknowledged nor given up.
    Sent,
    /// Acknowledged in time, after so long, with this payload (null: none).
    Acked { after: Duration, payload: Value },
    /// Acknowledged after more than 3 s: the person saw an error before.
    Late { after: Duration, payload: Value },
    /// Given up: the person saw an error, or all tries of an event went by.
    Failed(&'static str),
}

/// All of it.
#[derive(Debug, Default)]
pub struct Record {
    pub calls: Vec<Call>,
    pub refusals: Vec<Refusal>,
    pub envelopes: Vec<Envelope>,
    /// What people were shown instead of an answer, as (user, Slack's word).
    pub errors_shown: Vec<(String, String)>,
    /// Acks for what was never sent, or was acknowledged before.
    pub stray_acks: Vec<Value>,
    /// How many sockets were ever opened.
    pub connections_opened: u64,
    /// How often all of them were dropped by the fake's own timer.
    pub drops: usize,
    /// Which are open.
    pub open: Vec<u64>,
    /// Pongs that came.
    pub pongs: usize,
    /// HTTP mode: what the bot answered, as (path, status, body).
    pub http_answers: Vec<(String, u16, String)>,
}

impl Record {
    /// The calls of one method, oldest first.
    pub fn calls_of(&self, method: &str) -> Vec<&Call> {
        self.calls.iter().filter(|it| it.method == method).collect()
    }

    /// An envelope by its id.
    pub fn envelope(&self, id: &str) -> Option<&Envelope> {
        self.envelopes.iter().find(|it| it.id == id)
    }

    /// How long the acks took, in the order of the envelopes.
    pub fn ack_times(&self) -> Vec<Duration> {
        let acked = self.envelopes.iter().filter_map(|it| match &it.outcome {
            Outcome::Acked { after, .. } | Outcome::Late { after, .. } => Some(*after),
            _ => None,
        });
        acked.collect()
    }
}
