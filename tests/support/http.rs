//! An HTTP server that does what a test tells it, also what no server should: half answers, silence,
//! cut connections. Notes what it was asked.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// Only to end a test that would otherwise wait for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is done with one request.
#[derive(Clone)]
pub enum Answer {
    /// These bytes are sent, and the connection is closed.
    Bytes(Vec<u8>),
    /// The same, once the test lets it go.
    Held(Vec<u8>),
    /// The connection is closed without a word.
    Drop,
}

/// An answer with a body of the right length.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    Answer::Bytes(bytes(status, headers, body))
}

/// A good answer that waits for [`Server::release`].
pub fn held(body: &str) -> Answer {
    Answer::Held(bytes(200, &[], body))
}

/// The beginning of an answer that promises more than it has.
pub fn half(body: &str) -> Answer {
    let length = body.len() + 1000;
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
    Answer::Bytes(head.into_bytes())
}

fn bytes(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} As The Test Wants\r\nConnection: close\r\n");
    head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    format!("{head}\r\n{body}").into_bytes()
}

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// The path with its query, as it stood in the first line.
    pub target: String,
    pub authorization: Option<String>,
    /// All of its first lines, as they came.
    pub head: String,
    pub body: String,
}

type Script = dyn Fn(&Asked, usize) -> Answer + Send + Sync;

/// The server. It ends with the runtime of its test.
pub struct Server {
    address: SocketAddr,
    asked: watch::Sender<Vec<Asked>>,
    gate: Semaphore,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
    script: Mutex<Arc<Script>>,
}

impl Server {
    /// Answers each request as `script` says, which is told how many came before.
    pub async fn start(
        script: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static,
    ) -> Arc<Server> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Arc::new(Server {
            address: listener.local_addr().unwrap(),
            asked: watch::Sender::default(),
            gate: Semaphore::new(0),
            under_way: AtomicUsize::new(0),
            most_under_way: AtomicUsize::new(0),
            script: Mutex::new(Arc::new(script)),
        });
        let serving = Arc::clone(&server);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(Arc::clone(&serving), stream));
            }
        });
        server
    }

    /// Its address, with a path of its own.
    pub fn url(&self) -> String {
        format!("http://{}/api/cp/", self.address)
    }

    /// Answers otherwise from now on.
    pub fn now(&self, script: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Arc::new(script);
    }

    /// All that it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.borrow().clone()
    }

    /// Waits until it was asked `count` times.
    pub async fn until_asked(&self, count: usize) {
        let mut asked = self.asked.subscribe();
        let enough = asked.wait_for(|asked| asked.len() >= count);
        let enough = tokio::time::timeout(PATIENCE, enough).await;
        enough.expect("it was asked less often").unwrap();
    }

    /// Lets `count` held answers go.
    pub fn release(&self, count: usize) {
        self.gate.add_permits(count);
    }

    /// How many requests it ever had in hand at once.
    pub fn most_under_way(&self) -> usize {
        self.most_under_way.load(Ordering::SeqCst)
    }
}

async fn serve(server: Arc<Server>, mut stream: TcpStream) {
    let Some(asked) = read(&mut stream).await else {
        return;
    };
    let before = server.asked.borrow().len();
    let now = server.under_way.fetch_add(1, Ordering::SeqCst) + 1;
    server.most_under_way.fetch_max(now, Ordering::SeqCst);
    let script = Arc::clone(&server.script.lock().unwrap());
    let answer = script(&asked, before);
    server.asked.send_modify(|list| list.push(asked));
    let bytes = match answer {
        Answer::Bytes(bytes) => bytes,
        Answer::Held(bytes) => {
            server.gate.acquire().await.unwrap().forget();
            bytes
        }
        Answer::Drop => Vec::new(),
    };
    // Before the last byte: whoever has it may ask again at once.
    server.under_way.fetch_sub(1, Ordering::SeqCst);
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let header = |wanted: &str| {
        head.lines().skip(1).find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted)
                .then(|| value.trim().to_owned())
        })
    };
    let length: usize = header("content-length").map_or(0, |text| text.parse().unwrap());
    while bytes.len() < end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let mut words = head.lines().next()?.split(' ');
    Some(Asked {
        method: words.next()?.to_owned(),
        target: words.next()?.to_owned(),
        authorization: header("authorization"),
        head: head.clone(),
        body: String::from_utf8_lossy(&bytes[end..end + length]).into_owned(),
    })
}
