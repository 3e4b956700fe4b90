//! `calltriage run`: everything that is configured, until it is told to stop.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::watch;

use super::{Ended, Session};
use crate::chat::slack::socket as slack_socket;
use crate::chat::slack::{Slack, http};
use crate::config::{self, SlackWayIn};
use crate::incidents::Keeper;
use crate::incidents::poster::{Poster, Terminal};
use crate::metrics::Metrics;
use crate::store::Store;
use crate::store::socket::{self, RemoteStore};
use crate::web::hooks;
use crate::{app, web};

/// How long to wait for another process to leave the store.
const STORE_PATIENCE: Duration = Duration::from_secs(5);

pub async fn run(session: Session) -> anyhow::Result<Ended> {
    // First of all: who stops it while it starts must not leave the store in disorder.
    let stop_asked = stop_asked()?;
    let output = session.output;
    let dir = app::store_path(&session.config)
        .context("set [store] path: neither it nor a home folder is set")?
        .to_owned();
    if let Ok(Some(_)) = RemoteStore::connect(&socket::path_in(&dir)).await {
        anyhow::bail!(
            "another calltriage is running on the store in {}; stop it, or set [store] path to \
             another folder",
            dir.display()
        );
    }
    let opening = Store::open(&dir, Timestamp::now(), STORE_PATIENCE).await?;
    if let Some(notice) = opening.notice {
        output.note(&notice);
    }
    let (stop, stopped) = watch::channel(false);
    let until_stopped = || {
        let mut stopped = stopped.clone();
        async move {
            // The sender lives as long as this function: an error means that it is over, too.
            let _ = stopped.wait_for(|stopped| *stopped).await;
        }
    };
    let server = socket::Server::bind(&socket::path_in(&dir)).await?;
    let socket = tokio::spawn(server.serve(opening.store.clone(), until_stopped()));

    let courier = app::courier(&session.config, opening.store.clone())?;
    tokio::spawn(courier.serve(until_stopped()));

    let listen = session.config.http.listen;
    let (listener, address) = web::bind(listen).await.with_context(|| {
        format!("cannot listen on {listen}; set [http] listen to a free address")
    })?;
    let (ready, is_ready) = watch::channel(Some("starting".to_owned()));
    let metrics = Metrics::default();
    let investigator = session.investigator()?;
    let in_background = investigator.over(investigator.sources().to_vec());
    let desk = app::desk(&session.config, investigator, Some(opening.store.clone()))?;
    let (desk, access) = app::heart(&session.config, desk);
    let slack = match &session.config.slack {
        None => None,
        Some(settings) => {
            let entering = Slack::enter(
                settings,
                Arc::clone(&desk),
                access,
                opening.store.clone(),
                metrics.clone(),
                Timestamp::now(),
            );
            let slack = entering.await.context("Slack")?;
            Some((slack, settings))
        }
    };
    let mut posters: Vec<Arc<dyn Poster>> = vec![Arc::new(Terminal::default())];
    if let Some((slack, _)) = &slack {
        posters.push(Arc::new(slack.poster()));
    }
    let watching = app::watching(&session.config)?;
    let parts = app::keeping(
        &session.config,
        watching,
        in_background,
        opening.store.clone(),
        posters,
        metrics.clone(),
    )?;
    let keeper = Keeper::start(parts).await?;
    desk.keep_incidents(Arc::clone(&keeper));
    let hooks = hooks::routes(
        &session.config.incidents.hooks,
        Arc::clone(&keeper),
        metrics.clone(),
    );
    let keeping = tokio::spawn(keeper.run(until_stopped()));
    // Not before: what was asked of incidents is answered anew by whoever keeps them.
    if let Some((slack, _)) = &slack {
        let left = slack.resume(Timestamp::now()).await?;
        if left > 0 {
            output.note(&format!(
                "{left} requests of the last run are being answered"
            ));
        }
    }
    let routes = match &slack {
        Some((
            slack,
            config::Slack {
                way_in: SlackWayIn::Http(secret),
                ..
            },
        )) => http::routes(Arc::clone(slack), secret),
        _ => Router::new(),
    };
    let http = tokio::spawn(web::serve(
        listener,
        is_ready,
        metrics,
        routes.merge(hooks),
        until_stopped(),
    ));
    let mut listening = std::pin::pin!(async {
        let Some((slack, settings)) = &slack else {
            return std::future::pending().await;
        };
        let SlackWayIn::Socket(token) = &settings.way_in else {
            return std::future::pending().await;
        };
        let (limit, ready) = (settings.socket_limit, ready.clone());
        slack_socket::listen(Arc::clone(slack), token, limit, ready, until_stopped()).await
    });
    // With Socket Mode only its connection says that all is ready.
    let by_socket = slack
        .as_ref()
        .is_some_and(|(_, it)| matches!(it.way_in, SlackWayIn::Socket(_)));
    if !by_socket {
        ready.send_replace(None);
    }
    output.note(&format!("listening on http://{address}"));
    if output.is_json() {
        output.json(&json!({ "http": address }))?;
    }

    let (stopped_by, outcome) = tokio::select! {
        by = stop_asked => (by, Ok(())),
        outcome = &mut listening => ("Slack", outcome),
    };
    output.note(&format!("{stopped_by}: stopping"));
    ready.send_replace(Some("stopping".to_owned()));
    stop.send_replace(true);
    http.await??;
    keeping.await?;
    socket.await?;
    outcome.map(|()| Ended::Answered)
}

/// Hears the signals that service managers and people at terminals send, from now on; the future
/// waits for one.
pub(super) fn stop_asked() -> io::Result<impl Future<Output = &'static str>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => "interrupted",
            _ = terminate.recv() => "terminated",
        }
    })
}
