//! What the fake does wrong, on a script: one fault a request, by the name of the method. Knows no method.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use super::Inner;
use super::server::Answer;

/// One misdeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Answers rightly, but only after so long of real time.
    Slow(Duration),
    /// 500 with a JSON body, nothing done.
    ServerError,
    /// 502 with an HTML body, nothing done.
    BadGateway,
    /// 429 with `Retry-After` in seconds, nothing done.
    TooMany(u64),
    /// The connection is closed, nothing done.
    DropBefore,
    /// It is done, and then the connection is closed.
    DropAfter,
    /// It is done, and half of the body is sent.
    HalfBody,
    /// It is done, and the answer is no JSON.
    Unparsable,
    /// Nothing done, no answer, and the connection stays open.
    Never,
}

impl Fault {
    /// What happens instead of handling; nothing where the request is handled.
    pub(super) async fn before(&self, _inner: &Inner) -> Option<Answer> {
        match self {
            Fault::Slow(length) => {
                tokio::time::sleep(*length).await;
                None
            }
            Fault::ServerError => Some(Answer::text(
                500,
                "application/json; charset=utf-8",
                "{\"ok\":false,\"error\":\"internal_error\"}",
            )),
            Fault::BadGateway => Some(Answer::text(
                502,
                "text/html",
                "<html><body>Bad Gateway</body></html>",
            )),
            Fault::TooMany(seconds) => Some(too_many(*seconds)),
            Fault::DropBefore => Some(Answer::text(200, "text/plain", "")),
            Fault::Never => std::future::pending().await,
            Fault::DropAfter | Fault::HalfBody | Fault::Unparsable => None,
        }
    }
}

/// Slack's answer to those who ask too often.
pub(super) fn too_many(seconds: u64) -> Answer {
    let body = "{\"ok\":false,\"error\":\"ratelimited\"}";
    Answer::text(429, "application/json; charset=utf-8", body)
        .with("retry-after", &seconds.to_string())
}

/// The script: what comes next for a method, and how often a socket is dropped.
#[derive(Debug, Default)]
pub struct Faults {
    next: Mutex<BTreeMap<String, VecDeque<Fault>>>,
    always: Mutex<BTreeMap<String, Fault>>,
    drop_every: Mutex<Option<usize>>,
}

impl Faults {
    /// The next requests of a method end like this, one each. Methods are named as in
    /// `chat.postMessage`; other paths as they are: `/link` is the upgrade to Socket Mode.
    pub fn script(&self, method: &str, faults: impl IntoIterator<Item = Fault>) {
        let mut next = self.next.lock().unwrap();
        next.entry(method.to_owned()).or_default().extend(faults);
    }

    /// All requests of a method end like this, after what is scripted; `None` ends it.
    pub fn always(&self, method: &str, fault: Option<Fault>) {
        let mut always = self.always.lock().unwrap();
        match fault {
            Some(fault) => always.insert(method.to_owned(), fault),
            None => always.remove(method),
        };
    }

    /// Drops a socket after each so many envelopes that it carried.
    pub fn drop_socket_every(&self, envelopes: Option<usize>) {
        *self.drop_every.lock().unwrap() = envelopes;
    }

    pub(super) fn drops_after(&self, envelopes: usize) -> bool {
        let every = *self.drop_every.lock().unwrap();
        every.is_some_and(|every| envelopes >= every)
    }

    /// By the name of the method, or of a family of paths (`/upload/…` is `/upload`).
    pub(super) fn next(&self, name: &str) -> Option<Fault> {
        let family = match name.strip_prefix('/') {
            Some(rest) => format!("/{}", rest.split('/').next().unwrap()),
            None => name.to_owned(),
        };
        let scripted = self
            .next
            .lock()
            .unwrap()
            .get_mut(&family)
            .and_then(VecDeque::pop_front);
        scripted.or_else(|| self.always.lock().unwrap().get(&family).cloned())
    }
}
