//! The HTTP listener from outside: real requests over real sockets.

mod tls;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use calltriage::metrics::Metrics;
use calltriage::store::{Store, StoreError};
use calltriage::web::{self, Limits, Readiness};
use jiff::Timestamp;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Long enough for a loaded machine; nothing waits that long when all is well.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running listener.
struct Running {
    address: SocketAddr,
    ready: watch::Sender<Option<String>>,
    chat: watch::Sender<Option<String>>,
    down: watch::Sender<BTreeMap<&'static str, String>>,
    metrics: Metrics,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Running {
    async fn start() -> Running {
        Running::within(Limits::default(), Router::new()).await
    }

    async fn within(limits: Limits, more: Router) -> Running {
        let now = Timestamp::now();
        let dir = TempDir::new().unwrap();
        let opening = Store::open(dir.path(), now, PATIENCE).await;
        Running::keeping(opening.unwrap().store, limits, more).await
    }

    async fn keeping(store: Store, limits: Limits, more: Router) -> Running {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let (listener, address) = web::bind(any_port).await.unwrap();
        assert_ne!(address.port(), 0);
        let (ready, is_ready) = watch::channel(Some("starting".to_owned()));
        let (chat, chat_is_ready) = watch::channel(None);
        let (down, is_down) = watch::channel(BTreeMap::new());
        let (stop, stopped) = oneshot::channel::<()>();
        let metrics = Metrics::default();
        let readiness = Readiness {
            parts: vec![is_ready, chat_is_ready],
            down: is_down,
            store,
        };
        let routes = web::health(readiness)
            .merge(web::metrics(metrics.clone()))
            .merge(more);
        let task = tokio::spawn(web::serve(
            listener,
            None,
            routes,
            metrics.clone(),
            limits,
            async {
                let _ = stopped.await;
            },
        ));
        Running {
            address,
            ready,
            chat,
            down,
            metrics,
            stop,
            task,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// The status line and the body of the answer to `GET path`.
    async fn get(&self, path: &str) -> (String, String) {
        let mut stream = self.connect().await;
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = rest(&mut stream).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.lines().next().unwrap().to_owned(), body.to_owned())
    }

    async fn end(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap().unwrap();
        TcpStream::connect(self.address).await.unwrap_err();
    }
}

/// What still comes over a connection until it is closed.
async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = String::new();
    let read = timeout(PATIENCE, stream.read_to_string(&mut answer)).await;
    // A client that sent more than was read is cut off.
    read.expect("the connection is never closed").ok();
    answer
}

#[tokio::test]
async fn health() {
    let web = Running::start().await;
    let answer = |status: &str, body: &str| (status.to_owned(), body.to_owned());
    let ok = answer("HTTP/1.1 200 OK", "ok");
    let not_ready = |why: &str| {
        let body = format!("not ready: {why}");
        answer("HTTP/1.1 503 Service Unavailable", &body)
    };
    assert_eq!(web.get("/health/live").await, ok);
    assert_eq!(web.get("/health/ready").await, not_ready("starting"));
    web.ready.send_replace(None);
    assert_eq!(web.get("/health/ready").await, ok);
    // Every reason is said.
    web.chat.send_replace(Some("no connection".to_owned()));
    let why = "incidents: it ended; it is begun again".to_owned();
    web.down.send_modify(|down| {
        down.insert("incidents", why.clone());
    });
    let both = not_ready(&format!("no connection; {why}"));
    assert_eq!(web.get("/health/ready").await, both);
    assert_eq!(web.get("/health/live").await, ok);
    assert_eq!(web.get("/").await.0, "HTTP/1.1 404 Not Found");
    web.end().await;
}

/// Who cannot remember still answers.
#[tokio::test]
async fn a_store_that_keeps_nothing_is_said_and_takes_no_work_away() {
    let why = StoreError::Unwritable("the folder /x: Read-only file system".to_owned());
    let store = Store::forgetful(why);
    let web = Running::keeping(store, Limits::default(), Router::new()).await;
    assert!(
        web.get("/health/ready")
            .await
            .0
            .ends_with("503 Service Unavailable")
    );
    web.ready.send_replace(None);
    let said = "ok, but nothing is remembered: the store cannot be written: the folder /x: Read-only file system; make \
                room on its disk or make it writable, then restart calltriage";
    let ok = ("HTTP/1.1 200 OK".to_owned(), said.to_owned());
    assert_eq!(web.get("/health/ready").await, ok);
    web.end().await;
}

/// A client that never finishes its request does not keep the program from ending.
#[tokio::test]
async fn a_slow_client_does_not_hold_up_the_end() {
    let web = Running::start().await;
    let mut stream = web.connect().await;
    stream
        .write_all(b"GET /health/live HTTP/1.1\r\nHo")
        .await
        .unwrap();
    // So that the listener has taken the unfinished connection as well, which came first.
    web.get("/health/live").await;
    timeout(PATIENCE, web.end()).await.unwrap();
}

#[tokio::test]
async fn a_head_that_does_not_come_in_time_is_not_waited_for() {
    let limits = Limits {
        head: Duration::from_millis(100),
        ..Limits::default()
    };
    let web = Running::within(limits, Router::new()).await;
    let mut silent = web.connect().await;
    let mut half = web.connect().await;
    half.write_all(b"GET /health/live HTTP/1.1\r\nHo")
        .await
        .unwrap();
    let mut kept = web.connect().await;
    kept.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(rest(&mut silent).await, "");
    assert!(!rest(&mut half).await.contains("200 OK"));
    // One that is kept for more ends when no more comes.
    assert!(rest(&mut kept).await.starts_with("HTTP/1.1 200 OK"));
    web.end().await;
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let web = Running::start().await;
    let mut stream = web.connect().await;
    let long = "x".repeat(64 * 1024);
    let request = format!("GET /health/live HTTP/1.1\r\nHost: x\r\nX-Long: {long}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok();
    assert!(!rest(&mut stream).await.contains("200 OK"));
    assert_eq!(web.get("/health/live").await.1, "ok");
    web.end().await;
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_ended() {
    let limits = Limits {
        answer: Duration::from_millis(100),
        ..Limits::default()
    };
    let never = get(|| async {
        std::future::pending::<()>().await;
        "never"
    });
    let web = Running::within(limits, Router::new().route("/never", never)).await;
    let (status, said) = web.get("/never").await;
    assert_eq!(status, "HTTP/1.1 503 Service Unavailable");
    assert_eq!(said, "it took too long; ask again");
    web.end().await;
}

#[tokio::test]
async fn more_connections_than_there_is_room_for_wait() {
    let limits = Limits {
        connections: 2,
        ..Limits::default()
    };
    let web = Running::within(limits, Router::new()).await;
    let open = |metrics: &Metrics| {
        let text = metrics.text();
        text.contains("\ncalltriage_http_connections_open{} 2\n")
    };
    let held = [web.connect().await, web.connect().await];
    let full = async {
        while !open(&web.metrics) {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, full).await.unwrap();
    let mut third = web.connect().await;
    third
        .write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut byte = [0];
    let early = timeout(Duration::from_millis(200), third.peek(&mut byte)).await;
    assert!(early.is_err(), "it was answered while there was no room");
    drop(held);
    assert!(rest(&mut third).await.starts_with("HTTP/1.1 200 OK"));
    web.end().await;
}
