//! The HTTP listener: health, metrics and the routes of others. Holds no logic of its own.

pub mod hooks;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

use crate::metrics::Metrics;

/// How long answers under way may take after the stop; a client that never finishes its request must not hold it up.
const LAST_ANSWERS: Duration = Duration::from_secs(3);

/// Whether work can be taken at the moment: nothing, or in a few words why not.
pub type NotReady = Option<String>;

/// Takes the address. Where its port is 0, the address that comes back has the port that was free.
pub async fn bind(listen: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(listen).await?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

/// Answers on `listener` until `shutdown` comes. `ready` says whether work can be taken at the moment; `more` are the
/// routes of others.
pub async fn serve(
    listener: TcpListener,
    ready: watch::Receiver<NotReady>,
    metrics: Metrics,
    more: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopping, stopped) = oneshot::channel();
    let server = axum::serve(listener, router(ready, metrics).merge(more)).with_graceful_shutdown(
        async move {
            shutdown.await;
            // Nobody listens any more only when the server is gone too.
            let _ = stopping.send(());
        },
    );
    let overdue = async move {
        match stopped.await {
            Ok(()) => tokio::time::sleep(LAST_ANSWERS).await,
            // Never stopped: the server ended by itself, and the other branch has its outcome.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        outcome = server => outcome,
        () = overdue => Ok(()),
    }
}

fn router(ready: watch::Receiver<NotReady>, metrics: Metrics) -> Router {
    Router::new()
        .route("/health/live", get(|| async { "ok" }))
        .route("/health/ready", get(readiness).with_state(ready))
        .route("/metrics", get(numbers).with_state(metrics))
}

async fn readiness(State(ready): State<watch::Receiver<NotReady>>) -> (StatusCode, String) {
    match &*ready.borrow() {
        None => (StatusCode::OK, "ok".to_owned()),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}")),
    }
}

async fn numbers(State(metrics): State<Metrics>) -> impl IntoResponse {
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    ([(CONTENT_TYPE, content_type)], metrics.text())
}
