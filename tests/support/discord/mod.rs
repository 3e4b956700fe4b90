//! Discord over real HTTP and WebSocket for tests: it plays the service towards the bot and the people towards the test,
//! and it refuses and notes what Discord would refuse. It lives in the test, so a bot may be killed and started again
//! while all that it wrote stands.

#![allow(
    dead_code,
    reason = "a whole service: what no test asks for yet is there all the same"
)]

pub mod buckets;
mod checks;
pub mod fields;
pub mod gateway;
mod rest;
pub mod state;
pub mod user;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::watch;

use super::bot::Chat;
use gateway::Line;
pub use state::State;
use state::{Fault, Message};

/// Only to end a test that would otherwise wait for ever.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub const TOKEN: &str = "fake-discord-token";
pub const APPLICATION: u64 = 1_088_000_000_000_000_001;
pub const BOT: u64 = 1_088_000_000_000_000_001;

/// The server, its role of everybody (by the server's own id), and the role of our own people.
pub const SERVER: u64 = 1_088_000_000_000_000_100;
pub const STAFF: u64 = 1_088_000_000_000_000_110;
pub const VISITORS: u64 = 1_088_000_000_000_000_111;
/// The role that the bot got with its invitation; it has the bot's name.
pub const BOT_ROLE: u64 = 1_088_000_000_000_000_112;

/// Two engineers, and somebody who only visits.
pub const ANN: u64 = 1_088_000_000_000_000_201;
pub const BEN: u64 = 1_088_000_000_000_000_202;
pub const VISITOR: u64 = 1_088_000_000_000_000_203;
/// Another bot, which tells of alarms.
pub const MONITOR: u64 = 1_088_000_000_000_000_204;

/// A channel that only our own people view, one for everybody, a thread in the first, and a forum of our own people.
pub const NOC: u64 = 1_088_000_000_000_000_301;
pub const LOBBY: u64 = 1_088_000_000_000_000_302;
pub const THREAD: u64 = 1_088_000_000_000_000_303;
pub const FORUM: u64 = 1_088_000_000_000_000_304;

/// The key with which it signs what it sends by HTTP: RFC 8032 section 7.1, test 2.
pub const SIGNING_SEED: [u8; 32] = [
    0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11, 0x4e, 0x0f,
    0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb,
];
/// The public part of it.
pub const PUBLIC_KEY: &str = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";

/// The service; ends with the runtime of its test.
#[derive(Clone)]
pub struct Fake {
    inner: Arc<Inner>,
}

pub struct Inner {
    rest: SocketAddr,
    gateway: SocketAddr,
    state: Mutex<State>,
    /// Counts changes of the state, for those who wait.
    changes: watch::Sender<u64>,
    line: Mutex<Line>,
    /// Where interactions go by HTTP; `None`: over the gateway.
    http: Mutex<Option<String>>,
    started: Instant,
    ahead: Mutex<Duration>,
    pace: Pace,
}

/// How it goes by time.
struct Pace {
    /// How often a bot has to beat, in milliseconds.
    beat_ms: u64,
    /// Whether time passes by itself.
    has_clock: bool,
    /// How long anything is waited for.
    patience: Duration,
}

/// Heartbeats come so often that a test sees what comes of silence.
const BRISK: Pace = Pace {
    beat_ms: 400,
    has_clock: true,
    patience: PATIENCE,
};

/// Heartbeats as Discord itself has them, and no other time than what a test lets pass: whoever is slow only because the
/// machine is, is not too late.
const UNHURRIED: Pace = Pace {
    beat_ms: 41_250,
    has_clock: false,
    patience: Duration::from_secs(180),
};

impl Inner {
    /// The fake's clock: real time since the start, and what a test let pass.
    fn now(&self) -> Duration {
        let passed = match self.pace.has_clock {
            true => self.started.elapsed(),
            false => Duration::ZERO,
        };
        passed + *self.ahead.lock().unwrap()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(|broken| broken.into_inner())
    }

    /// Changes the state and tells those who wait.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.changes.send_modify(|count| *count += 1);
        result
    }
}

impl Fake {
    pub async fn start() -> Fake {
        Fake::at(BRISK).await
    }

    /// For a bot that may be as slow as it likes.
    pub async fn unhurried() -> Fake {
        Fake::at(UNHURRIED).await
    }

    async fn at(pace: Pace) -> Fake {
        let rest = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let inner = Arc::new(Inner {
            rest: rest.local_addr().unwrap(),
            gateway: gateway.local_addr().unwrap(),
            state: Mutex::new(State::new()),
            changes: watch::Sender::new(0),
            line: Mutex::default(),
            http: Mutex::default(),
            started: Instant::now(),
            ahead: Mutex::default(),
            pace,
        });
        tokio::spawn(rest::serve(Arc::clone(&inner), rest));
        tokio::spawn(gateway::serve(Arc::clone(&inner), gateway));
        Fake { inner }
    }

    /// What `api_url` is set to.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.inner.rest)
    }

    pub fn user(&self, id: u64) -> user::User {
        user::User {
            fake: self.clone(),
            id,
        }
    }

    /// From now on interactions go to this address.
    pub fn by_http(&self, url: &str) {
        *self.inner.http.lock().unwrap() = Some(url.to_owned());
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        *self.inner.ahead.lock().unwrap() += by;
    }

    /// Looks at what is there.
    pub fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.inner.lock())
    }

    /// Changes what is there.
    pub fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        self.inner.change(change)
    }

    /// The next calls whose path contains this get another answer.
    pub fn fail(&self, path: &'static str, status: u16, body: &'static str, times: usize) {
        self.fail_after(0, path, status, body, times);
    }

    /// The same once so many were answered well.
    pub fn fail_after(
        &self,
        after: usize,
        path: &'static str,
        status: u16,
        body: &'static str,
        times: usize,
    ) {
        self.change(|state| {
            state.faults.push(Fault {
                path,
                status,
                body,
                after,
                times,
            });
        });
    }

    /// Once a call whose path contains this was answered, so much time passes.
    pub fn jump_after(&self, path: &'static str, by: Duration) {
        self.change(|state| state.jump = Some((path, by)));
    }

    /// From now on calls whose path contains this are not answered.
    pub fn hang(&self, path: &'static str) {
        self.change(|state| state.hanging.push(path));
    }

    /// Waits for something.
    pub async fn until<T>(&self, what: &str, find: impl Fn(&State) -> Option<T>) -> T {
        let mut changes = self.inner.changes.subscribe();
        let look = async {
            loop {
                if let Some(found) = self.look(&find) {
                    return found;
                }
                changes.changed().await.unwrap();
            }
        };
        match tokio::time::timeout(self.inner.pace.patience, look).await {
            Ok(found) => found,
            Err(_) => panic!("never: {what}; there is\n{}", self.look(State::told)),
        }
    }

    /// Waits for a message of the bot in a channel that says this.
    pub async fn answer(&self, channel: u64, words: &str) -> Message {
        self.until(words, |state| {
            let mut all = state.of_bot(channel);
            all.find(|it| it.only_for.is_none() && it.readable().contains(words))
                .cloned()
        })
        .await
    }

    /// Waits for what one person alone is shown.
    pub async fn whisper(&self, user: u64, words: &str) -> Message {
        self.until(words, |state| {
            let mut all = state.messages.iter();
            all.find(|it| it.only_for == Some(user) && it.readable().contains(words))
                .cloned()
        })
        .await
    }

    /// Waits until the bot is there.
    pub async fn until_connected(&self) {
        self.until("a connection", |state| (state.sessions > 0).then_some(()))
            .await;
    }

    /// That nothing was refused so far.
    #[track_caller]
    pub fn nothing_refused(&self) {
        let refused = self.look(|state| state.refused.clone());
        assert_eq!(refused, Vec::<String>::new());
    }
}

impl Chat for Fake {
    fn section(&self, mode: &str) -> String {
        format!(
            "[discord]\nmode = \"{mode}\"\ntoken = {{ value = \"{TOKEN}\" }}\napplication_id = \"{APPLICATION}\"\n\
             public_key = \"{PUBLIC_KEY}\"\nservers = [\"{SERVER}\"]\napi_url = \"{}\"\ngateway_limit = \"3s\"\n",
            self.api_url()
        )
    }
}
