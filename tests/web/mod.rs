//! The HTTP listener from outside: real requests over real sockets.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

/// A running listener.
struct Running {
    address: SocketAddr,
    ready: watch::Sender<Option<String>>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Running {
    async fn start() -> Running {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let (listener, address) = calltriage::web::bind(any_port).await.unwrap();
        assert_ne!(address.port(), 0);
        let (ready, readiness) = watch::channel(Some("starting".to_owned()));
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(calltriage::web::serve(
            listener,
            readiness,
            calltriage::metrics::Metrics::default(),
            axum::Router::new(),
            async {
                let _ = stopped.await;
            },
        ));
        Running {
            address,
            ready,
            stop,
            task,
        }
    }

    /// The status line and the body of the answer to `GET path`.
    async fn get(&self, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.lines().next().unwrap().to_owned(), body.to_owned())
    }

    async fn end(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap().unwrap();
        TcpStream::connect(self.address).await.unwrap_err();
    }
}

#[tokio::test]
async fn health() {
    let web = Running::start().await;
    let answer = |status: &str, body: &str| (status.to_owned(), body.to_owned());
    assert_eq!(
        web.get("/health/live").await,
        answer("HTTP/1.1 200 OK", "ok")
    );
    let not_ready = answer("HTTP/1.1 503 Service Unavailable", "not ready: starting");
    assert_eq!(web.get("/health/ready").await, not_ready);
    web.ready.send_replace(None);
    assert_eq!(
        web.get("/health/ready").await,
        answer("HTTP/1.1 200 OK", "ok")
    );
    web.ready.send_replace(Some("starting".to_owned()));
    assert_eq!(web.get("/health/ready").await, not_ready);
    assert_eq!(web.get("/").await.0, "HTTP/1.1 404 Not Found");
    web.end().await;
}

/// A client that never finishes its request does not keep the program from ending.
#[tokio::test]
async fn a_slow_client_does_not_hold_up_the_end() {
    let web = Running::start().await;
    let mut stream = TcpStream::connect(web.address).await.unwrap();
    stream
        .write_all(b"GET /health/live HTTP/1.1\r\nHo")
        .await
        .unwrap();
    // So that the listener has taken the unfinished connection as well, which came first.
    web.get("/health/live").await;
    tokio::time::timeout(Duration::from_secs(30), web.end())
        .await
        .unwrap();
}
