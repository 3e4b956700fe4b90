//! Slack over real HTTP and WebSocket for tests: it plays the service towards the bot and the people
//! towards the test, and it refuses and notes what Slack would refuse. It lives in the test, so a bot may
//! be killed and started again while all that it wrote stands.
//!
//! ```ignore
//! let fake = Fake::start().await;                      // api_url = fake.api_url()
//! let ann = fake.user(ANN);
//! ann.slash(NOC, "/triage 123@example.net");
//! fake.until("a card", |state| state.bots(NOC).last().map(|it| it.ts.clone())).await;
//! fake.nothing_refused();
//! ```

#![allow(
    dead_code,
    reason = "a whole service: what no test asks for yet is there all the same"
)]

mod chat;
mod checks;
mod conversations;
mod elements;
pub mod faults;
mod files;
pub mod http_mode;
mod limits;
mod payloads;
pub mod record;
mod response_url;
pub mod server;
pub mod socket_mode;
pub mod state;
pub mod user;
mod views;
mod web_api;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::bot::Chat;
use faults::Faults;
pub use limits::Speed;
use record::Refusal;
use server::{Answer, Request};
pub use state::State;
use state::{BOT_USER, Channel, User};

/// Only to end a test that would otherwise wait for ever.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub const BOT_TOKEN: &str = "xoxb-fake-bot";
pub const APP_TOKEN: &str = "xapp-fake-app";
pub const SIGNING_SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

/// People who are there from the start: two engineers, a guest, somebody of another workspace.
pub const ANN: &str = "U0ANN00000";
pub const BEN: &str = "U0BEN00000";
pub const GUEST: &str = "U0GUEST000";
pub const STRANGER: &str = "U0STRANGER";
/// A group of users: Ann alone.
pub const GROUP: &str = "S0NOCGROUP";

/// Channels that are there from the start: one with the bot, one without, a private one with it, one
/// with it that is shared with another workspace, one with it and a guest.
pub const NOC: &str = "C0NOC00000";
pub const ELSEWHERE: &str = "C0ELSEWHER";
pub const PRIVATE: &str = "C0PRIVATE0";
pub const SHARED: &str = "C0SHARED00";
pub const GUESTS: &str = "C0GUESTS00";

/// The scopes of a bot that may do all that the fake knows.
pub const SCOPES: &[&str] = &[
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "usergroups:read",
    "users:read",
];

/// How the app is installed.
#[derive(Debug, Clone)]
pub struct App {
    /// What the bot token may do. Without `chat:write.public`, which no bot should need, channels
    /// without the bot are closed to it.
    pub scopes: BTreeSet<String>,
    pub speed: Speed,
    /// Which events are sent, as in the manifest: `message.channels`, `app_mention` ...
    pub events: BTreeSet<String>,
}

impl Default for App {
    fn default() -> App {
        let events = [
            "app_home_opened",
            "app_mention",
            "message.channels",
            "message.groups",
            "message.im",
        ];
        let scopes = SCOPES.iter().filter(|it| **it != "chat:write.public");
        App {
            scopes: scopes.map(|it| (*it).to_owned()).collect(),
            speed: Speed::Real,
            events: events.iter().map(|it| (*it).to_owned()).collect(),
        }
    }
}

impl App {
    /// With rate limits switched off.
    pub fn fast() -> App {
        App {
            speed: Speed::Unlimited,
            ..App::default()
        }
    }

    /// Without a scope.
    pub fn without(mut self, scope: &str) -> App {
        self.scopes.remove(scope);
        self
    }
}

/// The service; ends with the runtime of its test.
#[derive(Clone)]
pub struct Fake {
    inner: Arc<Inner>,
}

pub struct Inner {
    address: SocketAddr,
    app: App,
    pub(crate) faults: Faults,
    state: Mutex<State>,
    /// Counts changes of the state, for those who wait.
    changes: watch::Sender<u64>,
    sockets: socket_mode::Sockets,
    rates: Mutex<limits::Rates>,
    /// Where events go by HTTP; `None`: over sockets.
    http: Mutex<Option<String>>,
    started: Instant,
    started_micros: u64,
    ahead: Mutex<Duration>,
    /// By how many seconds its answers name another time than it is.
    date_off: Mutex<i64>,
}

impl Inner {
    /// The fake's clock: real time since the start, and what a test let pass.
    fn now(&self) -> Duration {
        self.started.elapsed() + *self.ahead.lock().unwrap()
    }

    /// The same since 1970, in microseconds.
    fn micros(&self) -> u64 {
        self.started_micros + u64::try_from(self.now().as_micros()).unwrap()
    }

    fn seconds(&self) -> u64 {
        self.micros() / 1_000_000
    }

    /// What time it is, as the answers' `Date` has it.
    fn date(&self) -> String {
        let off = *self.date_off.lock().unwrap();
        let seconds = self.seconds().checked_add_signed(off).unwrap();
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
    }

    fn base(&self) -> String {
        format!("http://{}", self.address)
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

    fn refuse(&self, method: &str, error: &str, detail: &str, arguments: &Value) {
        let refusal = Refusal {
            method: method.to_owned(),
            error: error.to_owned(),
            detail: detail.to_owned(),
            arguments: arguments.clone(),
        };
        self.change(|state| state.record.refusals.push(refusal));
    }

    fn takes_ticket(&self, query: &str) -> bool {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let ticket = pairs.find(|(name, _)| name == "ticket");
        let ticket = ticket.map(|(_, value)| value.into_owned());
        let known = ticket.is_some_and(|ticket| self.change(|state| state.tickets.remove(&ticket)));
        if !known {
            self.refuse(
                "link",
                "invalid_ticket",
                "unknown, or used before",
                &json!(query),
            );
        }
        known
    }

    /// What is done with a request that no script spoils.
    fn answer(self: &Arc<Inner>, request: &Request) -> Answer {
        let path = request.path.as_str();
        if let Some(method) = path.strip_prefix("/api/") {
            return self.web_api(method, request);
        }
        if let Some(id) = path.strip_prefix("/upload/") {
            return self.upload(id, request);
        }
        if let Some(rest) = path.strip_prefix("/files-pri/") {
            return self.download(rest, request);
        }
        if path.starts_with("/commands/") || path.starts_with("/actions/") {
            return self.response_url(path, request);
        }
        self.refuse(path, "no_such_path", &request.method, &Value::Null);
        Answer::text(404, "text/html", "<html>Not found</html>")
    }
}

impl Fake {
    /// A workspace with all that Slack enforces, and the people and channels named above.
    pub async fn start() -> Fake {
        Fake::of(App::default()).await
    }

    /// The same without rate limits.
    pub async fn fast() -> Fake {
        Fake::of(App::fast()).await
    }

    /// The same for an app that is installed otherwise.
    pub async fn of(app: App) -> Fake {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let inner = Arc::new(Inner {
            address: listener.local_addr().unwrap(),
            app,
            faults: Faults::default(),
            state: Mutex::new(workspace()),
            changes: watch::Sender::new(0),
            sockets: socket_mode::Sockets::default(),
            rates: Mutex::default(),
            http: Mutex::default(),
            started: Instant::now(),
            started_micros: u64::try_from(since.as_micros()).unwrap(),
            ahead: Mutex::default(),
            date_off: Mutex::default(),
        });
        tokio::spawn(server::listen(Arc::clone(&inner), listener));
        tokio::spawn(socket_mode::deliver(Arc::clone(&inner)));
        Fake { inner }
    }

    /// What goes into `api_url`.
    pub fn api_url(&self) -> String {
        format!("{}/api", self.inner.base())
    }

    pub fn address(&self) -> SocketAddr {
        self.inner.address
    }

    /// The script of what goes wrong.
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// Looks at the state as it is now.
    pub fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.inner.lock())
    }

    /// Changes the workspace: more people, channels, members.
    pub fn arrange(&self, change: impl FnOnce(&mut State)) {
        self.inner.change(change);
    }

    /// The fake's clock: time since its start.
    pub fn now(&self) -> Duration {
        self.inner.now()
    }

    /// From now on its answers name a time that is off by so many seconds.
    pub fn date_is_off_by(&self, seconds: i64) {
        *self.inner.date_off.lock().unwrap() = seconds;
    }

    /// Lets time pass on the fake's clock: forms, acks, `response_url`s and rates grow old.
    pub fn advance(&self, by: Duration) {
        *self.inner.ahead.lock().unwrap() += by;
        self.inner.changes.send_modify(|count| *count += 1);
    }

    /// Waits until `look` finds what it looks for; fails with all that was seen after 20 s.
    #[track_caller]
    pub fn until<T>(
        &self,
        what: &str,
        look: impl Fn(&State) -> Option<T>,
    ) -> impl Future<Output = T> {
        let caller = std::panic::Location::caller();
        async move {
            let mut changes = self.inner.changes.subscribe();
            let found = tokio::time::timeout(PATIENCE, async {
                loop {
                    changes.borrow_and_update();
                    if let Some(found) = look(&self.inner.lock()) {
                        return found;
                    }
                    changes.changed().await.unwrap();
                }
            });
            match found.await {
                Ok(found) => found,
                Err(_) => panic!("{caller}: waited for {what}, saw\n{}", self.dump()),
            }
        }
    }

    /// Waits until so many sockets are open.
    #[track_caller]
    pub fn until_connected(&self, sockets: usize) -> impl Future<Output = ()> {
        self.until("sockets", move |state| {
            (state.record.open.len() >= sockets).then_some(())
        })
    }

    /// Waits until nothing that was sent to the bot is unanswered.
    #[track_caller]
    pub fn until_acked(&self) -> impl Future<Output = ()> {
        self.until("acks", |state| {
            let open = |it: &record::Envelope| {
                matches!(it.outcome, record::Outcome::Waiting | record::Outcome::Sent)
            };
            (!state.record.envelopes.iter().any(open)).then_some(())
        })
    }

    /// Fails if the bot did anything that Slack would have refused.
    #[track_caller]
    pub fn nothing_refused(&self) {
        let state = self.inner.lock();
        let refusals: Vec<_> = state.record.refusals.iter().collect();
        assert!(
            refusals.is_empty(),
            "Slack would have refused {refusals:#?}"
        );
    }

    /// What was refused so far, as Slack's words.
    pub fn refused(&self) -> Vec<String> {
        let state = self.inner.lock();
        let all = state.record.refusals.iter();
        all.map(|it| it.error.clone()).collect()
    }

    /// All that stands and happened, to read.
    pub fn dump(&self) -> String {
        use std::fmt::Write as _;
        let state = self.inner.lock();
        let mut text = format!("at {:?}\n", self.now());
        for it in &state.messages {
            let who = it.only_for.as_deref().unwrap_or("all");
            let thread = it.thread_ts.as_deref().unwrap_or("-");
            let gone = if it.deleted { " DELETED" } else { "" };
            writeln!(
                text,
                "message {} {} thread {thread} by {} ({}) for {who}{gone}: {:?}",
                it.channel,
                it.ts,
                it.user,
                it.by,
                it.readable()
            )
            .unwrap();
        }
        for it in &state.views {
            writeln!(
                text,
                "view {} of {}: {} {}",
                it.id, it.user, it.view, it.errors
            )
            .unwrap();
        }
        for it in &state.record.envelopes {
            writeln!(
                text,
                "envelope {} {} sent {:?}: {:?}",
                it.id, it.kind, it.sent, it.outcome
            )
            .unwrap();
        }
        for it in &state.record.calls {
            writeln!(
                text,
                "call {:?} {} {} -> {}",
                it.at, it.method, it.arguments, it.answer
            )
            .unwrap();
        }
        writeln!(text, "refused {:?}", state.record.refusals).unwrap();
        writeln!(text, "shown {:?}", state.record.errors_shown).unwrap();
        writeln!(text, "open sockets {:?}", state.record.open).unwrap();
        text
    }
}

fn workspace() -> State {
    let mut state = State::default();
    let people = [
        User::new(ANN, "ann"),
        User::new(BEN, "ben"),
        User {
            is_restricted: true,
            ..User::new(GUEST, "guest")
        },
        User {
            is_stranger: true,
            ..User::new(STRANGER, "stranger")
        },
        User {
            is_bot: true,
            ..User::new(BOT_USER, "calltriage")
        },
    ];
    state.users = people.map(|it| (it.id.clone(), it)).into();
    let channels = [
        Channel::new(NOC, "noc", &[ANN, BEN, BOT_USER]),
        Channel::new(ELSEWHERE, "elsewhere", &[ANN, BEN]),
        Channel {
            is_private: true,
            ..Channel::new(PRIVATE, "private", &[ANN, BOT_USER])
        },
        Channel {
            is_ext_shared: true,
            ..Channel::new(SHARED, "shared", &[ANN, STRANGER, BOT_USER])
        },
        Channel::new(GUESTS, "guests", &[ANN, GUEST, BOT_USER]),
    ];
    state.channels = channels.map(|it| (it.id.clone(), it)).into();
    state.groups = [(GROUP.to_owned(), vec![ANN.to_owned()])].into();
    state
}

impl Chat for Fake {
    fn section(&self, mode: &str) -> String {
        format!(
            "[slack]\nmode = \"{mode}\"\nbot_token = {{ value = \"{BOT_TOKEN}\" }}\n\
             app_token = {{ value = \"{APP_TOKEN}\" }}\nsigning_secret = {{ value = \"{SIGNING_SECRET}\" }}\n\
             api_url = \"{}\"\n",
            self.api_url()
        )
    }
}
