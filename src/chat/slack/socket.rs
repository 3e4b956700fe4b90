//! Socket Mode: envelopes come over a connection that the bot opens. Each is stored, acknowledged and left to others
//! within milliseconds, because the crate reads nothing else meanwhile; a connection that stays silent is built anew.
//!
//! <https://docs.slack.dev/apis/events-api/using-socket-mode>

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use slack_morphism::errors::SlackClientError;
use slack_morphism::prelude::*;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::Slack;
use super::api::{Connector, api_token};
use super::incoming;
use crate::config::Secret;

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
    /// Counts hellos and envelopes.
    heard: watch::Sender<u64>,
    /// Counts envelopes that could not be read.
    unread: Arc<AtomicU64>,
}

impl State {
    fn heard(&self) {
        self.heard.send_modify(|count| *count += 1);
    }
}

type Taken<T> = Result<T, Box<dyn Error + Send + Sync>>;

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
    let (heard, mut hears) = watch::channel(0_u64);
    let state = State {
        slack: Arc::clone(&slack),
        heard,
        unread: Arc::default(),
    };
    let go_on = async {
        let mut failures = 0;
        let mut wait = FIRST_WAIT;
        let mut before: Option<SlackClientSocketModeListener<Connector>> = None;
        loop {
            let listener = listener(&state);
            hears.mark_unchanged();
            listener.listen_for(&token).await?;
            listener.start().await;
            let greeted = timeout(HELLO, hears.changed()).await.is_ok();
            // The old connections go only when new ones stand: nothing is missed between them.
            if let Some(old) = before.take() {
                old.shutdown().await;
            }
            if greeted {
                failures = 0;
                wait = FIRST_WAIT;
                slack.connected(true);
                while timeout(SILENCE, hears.changed()).await.is_ok() {}
                tracing::debug!("Slack has been silent; the connection is built anew");
            } else {
                failures += 1;
                slack.connected(false);
                tracing::warn!(failures, "Slack does not greet");
                if failures >= MOST_FAILURES {
                    listener.shutdown().await;
                    anyhow::bail!(
                        "Slack did not answer Socket Mode {failures} times in a row; check app_token and the network"
                    );
                }
                sleep(wait).await;
                wait *= 2;
            }
            before = Some(listener);
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
                state.heard();
            }
        })
        .with_command_events(command)
        .with_interaction_events(interaction)
        .with_push_events(event);
    let config = SlackClientSocketModeConfig::new()
        .with_max_connections_count(2)
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
) -> Taken<SlackCommandEventResponse> {
    let state = state_in(&states).await.ok_or("no state")?;
    state.heard();
    let now = Timestamp::now();
    let fields = serde_json::to_value(&command)?;
    state
        .slack
        .take(incoming::command(&fields, now), now)
        .await?;
    Ok(SlackCommandEventResponse::new(SlackMessageContent::new()))
}

async fn interaction(
    payload: SlackInteractionEvent,
    _: Arc<SlackClient<Connector>>,
    states: SlackClientEventsUserState,
) -> Taken<()> {
    let state = state_in(&states).await.ok_or("no state")?;
    state.heard();
    let now = Timestamp::now();
    let payload = serde_json::to_value(&payload)?;
    state
        .slack
        .take(incoming::interaction(&payload, now), now)
        .await?;
    Ok(())
}

async fn event(
    callback: SlackPushEventCallback,
    _: Arc<SlackClient<Connector>>,
    states: SlackClientEventsUserState,
) -> Taken<()> {
    let state = state_in(&states).await.ok_or("no state")?;
    state.heard();
    let now = Timestamp::now();
    let callback = serde_json::to_value(&callback)?;
    let own = state.slack.own().clone();
    state
        .slack
        .take(incoming::event(&callback, &own, now), now)
        .await?;
    Ok(())
}

/// What could not be read or kept. Not acknowledged, so that Slack sends it again where it does such a thing; its
/// content reaches no log.
fn unreadable(
    error: Box<dyn Error + Send + Sync>,
    _: Arc<SlackClient<Connector>>,
    states: SlackClientEventsUserState,
) -> http::StatusCode {
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
    http::StatusCode::SERVICE_UNAVAILABLE
}
