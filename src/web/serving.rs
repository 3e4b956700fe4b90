//! Connections of HTTP, with limits on how many there are, how long a client may take and how long an answer. Knows no
//! route.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::tls::Tls;
use crate::metrics::{self, Metrics};

/// How much clients may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many connections stand at once; others wait in the system's queue.
    pub connections: usize,
    /// How long the head of a request may take to come, and a connection may be silent between two.
    pub head: Duration,
    /// How long an answer may take, the body that comes with the question included.
    pub answer: Duration,
    /// How long answers under way may take after the stop; a client that never finishes must not hold it up.
    pub last_answers: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 256,
            head: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            last_answers: Duration::from_secs(3),
        }
    }
}

/// The largest head of a request.
const LARGEST_HEAD: usize = 32 * 1024;

/// Out of file handles: nothing announces when one is free again.
const NO_HANDLE: Duration = Duration::from_millis(100);

/// Answers on `listener` by these routes until `stopped`; in the clear without `tls`.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    routes: Router,
    metrics: Metrics,
    limits: Limits,
    stopped: impl Future<Output = ()>,
) -> io::Result<()> {
    let within = limits.answer;
    let routes = routes.layer(from_fn(move |request, next| in_time(within, request, next)));
    let room = Arc::new(Semaphore::new(limits.connections));
    let ending = watch::Sender::new(false);
    let mut connections = JoinSet::new();
    let mut stopped = std::pin::pin!(stopped);
    loop {
        let next = async {
            // Closed never.
            let place = Arc::clone(&room).acquire_owned().await;
            (place, listener.accept().await)
        };
        tokio::select! {
            () = &mut stopped => break,
            Some(_) = connections.join_next() => {}
            (place, accepted) = next => match accepted {
                Ok((stream, _)) => {
                    let (tls, routes, ending) = (tls.clone(), routes.clone(), ending.subscribe());
                    let one = async move {
                        match tls {
                            None => connection(stream, routes, limits.head, ending).await,
                            // Whoever cannot shake hands, or not in time, is let go.
                            Some(tls) => {
                                let shaken = timeout(limits.head, tls.accept(stream)).await;
                                if let Ok(Ok(stream)) = shaken {
                                    connection(stream, routes, limits.head, ending).await;
                                }
                            }
                        }
                    };
                    let metrics = metrics.clone();
                    connections.spawn(async move {
                        metrics.add(&metrics::HTTP_CONNECTIONS, &[], 1.0);
                        one.await;
                        metrics.add(&metrics::HTTP_CONNECTIONS, &[], -1.0);
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection of HTTP could not be taken");
                    sleep(NO_HANDLE).await;
                }
            }
        }
    }
    drop(listener);
    ending.send_replace(true);
    let all = async { while connections.join_next().await.is_some() {} };
    // What is not finished by then is cut.
    let _ = timeout(limits.last_answers, all).await;
    Ok(())
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    routes: Router,
    head: Duration,
    mut ending: watch::Receiver<bool>,
) {
    let service = TowerToHyperService::new(routes);
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .max_buf_size(LARGEST_HEAD);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // What a client did wrong is its own trouble.
        _ = connection.as_mut() => return,
        // The sender lives until all connections are over.
        _ = ending.wait_for(|ending| *ending) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// Ends an answer that takes too long.
async fn in_time(within: Duration, request: Request, next: Next) -> Response {
    match timeout(within, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "it took too long; ask again",
        )
            .into_response(),
    }
}
