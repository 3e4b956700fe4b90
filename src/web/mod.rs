//! The HTTP listeners: health, metrics and the routes of others. Holds no logic of its own.

pub mod hooks;
mod serving;
mod tls;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::metrics::Metrics;
use crate::store::Store;
pub use serving::{Limits, serve};
pub use tls::{Identity, Tls, TlsError};

/// Whether work can be taken at the moment: nothing, or in a few words why not.
pub type NotReady = Option<String>;

/// All that has to be well before work can be taken.
#[derive(Debug, Clone)]
pub struct Readiness {
    /// Each part by itself.
    pub parts: Vec<watch::Receiver<NotReady>>,
    /// What is begun again at the moment, by its name.
    pub down: watch::Receiver<BTreeMap<&'static str, String>>,
    /// What ought to keep what is done. Where it cannot, work is taken all the same, and that is said.
    pub store: Store,
}

impl Readiness {
    /// Why work cannot be taken, everything that is in the way; empty where it can.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        let parts = self.parts.iter().filter_map(|it| it.borrow().clone());
        let down = self.down.borrow();
        parts.chain(down.values().cloned()).collect()
    }
}

/// Takes the address. Where its port is 0, the address that comes back has the port that was free.
pub async fn bind(listen: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(listen).await?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

/// Whether it runs, and whether it can take work.
pub fn health(ready: Readiness) -> Router {
    Router::new()
        .route("/health/live", get(|| async { "ok" }))
        .route("/health/ready", get(readiness).with_state(ready))
}

/// The numbers.
pub fn metrics(metrics: Metrics) -> Router {
    Router::new().route("/metrics", get(numbers).with_state(metrics))
}

async fn readiness(State(ready): State<Readiness>) -> (StatusCode, String) {
    match (ready.reasons().as_slice(), ready.store.trouble()) {
        ([], None) => (StatusCode::OK, "ok".to_owned()),
        ([], Some(why)) => (
            StatusCode::OK,
            format!("ok, but nothing is remembered: {why}"),
        ),
        (why, _) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("not ready: {}", why.join("; ")),
        ),
    }
}

async fn numbers(State(metrics): State<Metrics>) -> impl IntoResponse {
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    ([(CONTENT_TYPE, content_type)], metrics.text())
}
