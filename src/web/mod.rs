//! The HTTP listener: health now, webhooks later. Holds no logic of its own.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

/// How long answers under way may take after the stop; a client that never finishes its request must not hold it up.
const LAST_ANSWERS: Duration = Duration::from_secs(3);

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
    ready: watch::Receiver<bool>,
    more: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopping, stopped) = oneshot::channel();
    let server =
        axum::serve(listener, router(ready).merge(more)).with_graceful_shutdown(async move {
            shutdown.await;
            // Nobody listens any more only when the server is gone too.
            let _ = stopping.send(());
        });
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

fn router(ready: watch::Receiver<bool>) -> Router {
    Router::new()
        .route("/health/live", get(|| async { "ok" }))
        .route("/health/ready", get(readiness))
        .with_state(ready)
}

async fn readiness(State(ready): State<watch::Receiver<bool>>) -> (StatusCode, &'static str) {
    if *ready.borrow() {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    }
}
