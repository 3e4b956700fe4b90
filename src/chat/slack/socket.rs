//! Socket Mode: envelopes come over a connection that the bot opens. Each is stored, acknowledged and left to others
//! within milliseconds, because the crate reads nothing else meanwhile; a connection that stays silent is built anew.
//!
//! <https://docs.slack.dev/apis/events-api/using-socket-mode>

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use slack_morphism::errors::SlackClientError;
use slack_morphism::prelude::*;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::api::{Connector, api_token};
use super::incoming::{self, Incoming, Own};
use super::{Answer, Slack};
use crate::config::Secret;

/// The crate reads a connection one envelope after another, and each waits for the store: several do so side by side.
/// Slack lets an app have ten.
const CONNECTIONS: u32 = 4;

/// A connection says hello within this time, or never.
const HELLO: Duration = Duration::from_secs(30);

/// After so long without anything a connection is built anew: the crate does not notice one whose opening hangs.
const SILENCE: Duration = Duration::from_secs(5 * 60);

/// Connections that fail one after another until the process gives up, so that its supervisor starts a fresh one.
const MOST_FAILURES: u32 = 5;

/// The wait before a failed connection is tried again, doubled with each failure.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// What callbacks share: they are plain functions.
#[derive(Clone)]
struct State {
    slack: Arc<Slack>,
    /// Counts the greetings of new connections.
    hellos: watch::Sender<u64>,
    /// Counts all that was heard.
    heard: watch::Sender<u64>,
    /// Counts envelopes that could not be read.
    unread: Arc<AtomicU64>,
}

impl State {
    /// Takes an envelope as `incoming` reads its payload.
    async fn take(
        states: &SlackClientEventsUserState,
        payload: impl Serialize,
        incoming: impl FnOnce(&Value, &Own, Timestamp) -> Incoming,
    ) -> Result<Answer, Failed> {
        let state = state_in(states).await.ok_or("no state")?;
        state.heard.send_modify(|count| *count += 1);
        let now = Timestamp::now();
        let payload = serde_json::to_value(payload)?;
        let incoming = incoming(&payload, state.slack.own(), now);
        Ok(state.slack.take(incoming, now).await?)
    }
}

type Failed = Box<dyn Error + Send + Sync>;

/// Listens until `stopped`, or until no connection can be had any more.
///
/// # Errors
/// One sentence, when it gave up.
pub async fn listen(
    slack: Arc<Slack>,
    app_token: &Secret,
    stopped: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let token = api_token(app_token);
    let (hellos, mut greeted) = watch::channel(0_u64);
    let (heard, mut hears) = watch::channel(0_u64);
    let state = State {
        slack,
        hellos,
        heard,
        unread: Arc::default(),
    };
    let go_on = async {
        let mut failures = 0;
        let mut wait = FIRST_WAIT;
        let mut standing: Option<SlackClientSocketModeListener<Connector>> = None;
        loop {
            let listener = listener(&state);
            greeted.mark_unchanged();
            listener.listen_for(&token).await?;
            listener.start().await;
            if timeout(HELLO, greeted.changed()).await.is_ok() {
                // The old connections go only when new ones stand: nothing is missed between them.
                if let Some(old) = standing.replace(listener) {
                    old.shutdown().await;
                }
                (failures, wait) = (0, FIRST_WAIT);
                hears.mark_unchanged();
                while timeout(SILENCE, hears.changed()).await.is_ok() {}
                tracing::debug!("Slack has been silent; the connection is built anew");
                continue;
            }
            listener.shutdown().await;
            failures += 1;
            tracing::warn!(failures, "Slack does not greet");
            if failures >= MOST_FAILURES {
                anyhow::bail!(
                    "Slack did not answer Socket Mode {failures} times in a row; check app_token and the network"
                );
            }
            sleep(wait).await;
            wait *= 2;
        }
    };
    tokio::select! {
        outcome = go_on => outcome,
        () = stopped => Ok(()),
    }
}

fn listener(state: &State) -> SlackClientSocketModeListener<Connector> {
    let client = state.slack.api().client();
    let environment = SlackClientEventsListenerEnvironment::new(client)
        .with_error_handler(unreadable)
        .with_user_state(state.clone());
    let callbacks = SlackSocketModeListenerCallbacks::new()
        .with_hello_events(|_, _, states| async move {
            if let Some(state) = state_in(&states).await {
                state.hellos.send_modify(|count| *count += 1);
            }
        })
        .with_command_events(command)
        .with_interaction_events(interaction)
        .with_push_events(event);
    let config = SlackClientSocketModeConfig::new()
        .with_max_connections_count(CONNECTIONS)
        .with_initial_backoff_in_seconds(0)
        .with_reconnect_timeout_in_seconds(2)
        .with_ping_interval_in_seconds(5)
        .with_ping_failure_threshold_times(3);
    SlackClientSocketModeListener::new(&config, Arc::new(environment), callbacks)
}

async fn state_in(states: &SlackClientEventsUserState) -> Option<State> {
    let states = states.read().await;
    states.get_user_state::<State>().cloned()
}

async fn command(
    command: SlackCommandEvent,
    _: Arc<SlackClient<Connector>>,
    states: SlackClientEventsUserState,
) -> Result<SlackCommandEventResponse, Failed> {
    State::take(&states, command, |fields, _, now| {
        incoming::command(fields, now)
    })
    .await?;
    Ok(SlackCommandEventResponse::new(SlackMessageContent::new()))
}

async fn interaction(
    payload: SlackInteractionEvent,
    _: Arc<SlackClient<Connector>>,
    states: SlackClientEventsUserState,
) -> Result<SlackInteractionResponse, Failed> {
    let answer = State::take(&states, payload, |payload, _, now| {
        incoming::interaction(payload, now)
    });
    Ok(match answer.await? {
        Answer::Taken => SlackInteractionResponse::Empty,
        Answer::Wrong(fields) => {
            let errors = SlackViewSubmissionErrorsResponse::new(fields.into_iter().collect());
            SlackViewSubmissionResponse::Errors(errors).into()
        }
    })
}

async fn event(
    callback: SlackPushEventCallback,
    _: Arc<SlackClient<Connector>>,
    states: SlackClientEventsUserState,
) -> Result<(), Failed> {
    State::take(&states, callback, incoming::event).await?;
    Ok(())
}

/// What could not be read or kept. Not acknowledged, so that Slack sends it again where it does such a thing; its
/// content reaches no log.
fn unreadable(
    error: Failed,
    _: Arc<SlackClient<Connector>>,
    states: SlackClientEventsUserState,
) -> StatusCode {
    let kind = match error.downcast_ref::<SlackClientError>() {
        Some(SlackClientError::ProtocolError(_)) => "an envelope could not be read",
        Some(SlackClientError::SocketModeProtocolError(_)) => "the connection broke",
        Some(_) => "Slack could not be reached",
        None => "an envelope could not be kept",
    };
    let count = states.try_read().ok().and_then(|states| {
        let state = states.get_user_state::<State>()?;
        Some(state.unread.fetch_add(1, Ordering::Relaxed) + 1)
    });
    tracing::warn!(count, kind, "Slack");
    StatusCode::SERVICE_UNAVAILABLE
}
