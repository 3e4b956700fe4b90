//! A platform over real HTTP for tests: the demo platform itself, on a port of its own, with a small
//! client to ask it by hand.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use calltriage::config::{self, Endpoints, Limits, Secret};
use calltriage::demo::{BASE_PATH, Behaviour, Credentials, Endpoint, Platform, Server, World};
use calltriage::sip::{calls, threads};
use calltriage::sources::{ConnexCs, Source};
use jiff::Timestamp;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::clock::HandClock;
use super::trace;

/// What time it is on the platform: three hours after every written call.
pub const NOW: i64 = trace::START + 3 * 3600;

/// The access token that it takes.
pub const TOKEN: &str = "Bearer demo";

/// A running platform; ends with the test.
pub struct Fake {
    pub platform: Arc<Platform>,
    pub address: SocketAddr,
    task: JoinHandle<std::io::Result<()>>,
}

/// An answer as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value)
    }
}

impl Fake {
    /// A platform over the built-in examples.
    pub async fn start() -> Fake {
        let now = Timestamp::from_second(NOW).unwrap();
        Fake::of(World::of_examples(now)).await
    }

    /// A platform over calls that are written as in [`trace`].
    pub async fn written(text: &str) -> Fake {
        let now = Timestamp::from_second(NOW).unwrap();
        let calls = calls(threads(trace::packets(text)), &[]);
        Fake::of(World::of_calls(calls, now)).await
    }

    /// A platform over a world.
    pub async fn of(world: World) -> Fake {
        Fake::letting_in(world, Credentials::default()).await
    }

    /// A platform over a world that takes these credentials.
    pub async fn letting_in(world: World, credentials: Credentials) -> Fake {
        let platform = Arc::new(Platform::new(world, credentials));
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = Server::bind(any_port, platform.clone()).await.unwrap();
        let address = server.address();
        let task = tokio::spawn(server.serve(std::future::pending()));
        Fake {
            platform,
            address,
            task,
        }
    }

    pub fn base_url(&self) -> String {
        format!("http://{}{BASE_PATH}", self.address)
    }

    /// What lets a program ask it, as fast as it may.
    pub fn section(&self) -> String {
        format!(
            "[[sources]]\nname = \"main\"\nkind = \"connexcs\"\nbase_url = \"{}\"\ntoken = {{ value = \"demo\" }}\n\
             [sources.limits]\nspacing = \"1ms\"\nburst = 100\nback_off = \"1ms\"\ncache = \"1ms\"\n",
            self.base_url()
        )
    }

    /// The same, with a path on which it simulates.
    pub fn section_that_simulates(&self) -> String {
        let own = self.section();
        format!("{own}[sources.endpoints]\nsimulate = \"demo/simulate\"\n")
    }

    /// The real adapter, aimed at it: as fast as it may be, and with no answer used twice.
    pub fn source(&self, endpoints: Endpoints) -> Source {
        self.source_by(endpoints, Arc::new(HandClock::new()))
    }

    /// The same by this clock.
    pub fn source_by(&self, endpoints: Endpoints, clock: Arc<HandClock>) -> Source {
        let configured = config::ConnexCs {
            base_url: self.base_url().parse().unwrap(),
            credentials: config::Credentials::Token(Secret::new("demo".to_owned())),
            deadline: Duration::from_secs(15),
            cdr_deadline: Duration::from_secs(30),
            support_phone: None,
            endpoints,
            limits: Limits {
                spacing: Duration::ZERO,
                cache: Duration::ZERO,
                ..Limits::default()
            },
        };
        let platform = ConnexCs::new("main", &configured, clock).unwrap();
        Source::ConnexCs(Arc::new(platform))
    }

    /// Answers an end point in these ways, one request each.
    pub fn next(&self, endpoint: Endpoint, behaviours: impl IntoIterator<Item = Behaviour>) {
        self.platform.script().next(endpoint, behaviours);
    }

    /// Answers an end point in this way from now on.
    pub fn always(&self, endpoint: Endpoint, behaviour: Behaviour) {
        self.platform.script().always(endpoint, behaviour);
    }

    /// Asks for a path below the base with the token; it must answer.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, TOKEN, "").await.unwrap()
    }

    /// Posts JSON to a path below the base with the token; it must answer.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, TOKEN, &body.to_string())
            .await
            .unwrap()
    }

    /// Sends a request below the base; nothing where the connection ends before an answer.
    pub async fn send(&self, method: &str, path: &str, auth: &str, body: &str) -> Option<Answer> {
        let target = format!("{BASE_PATH}{path}");
        exchange(self.address, method, &target, auth, body).await
    }

    /// Waits until so many requests are under way.
    pub async fn until_in_flight(&self, count: usize) {
        while self.platform.seen().in_flight() != count {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request on a connection of its own.
pub async fn exchange(
    address: SocketAddr,
    method: &str,
    target: &str,
    auth: &str,
    body: &str,
) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let auth = if auth.is_empty() {
        String::new()
    } else {
        format!("Authorization: {auth}\r\n")
    };
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{auth}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is cut ends in an error or not; what came is all there is.
    let _ = stream.read_to_end(&mut answer).await;
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n")?;
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1)?.parse().unwrap();
    Some(Answer {
        status,
        head,
        body: answer[end + 4..].to_vec(),
    })
}

/// The header of a user with a password.
pub fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", BASE64.encode(format!("{user}:{password}")))
}

/// A value as it must be written in a query.
pub fn encoded(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encode = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    value.bytes().map(encode).collect()
}
