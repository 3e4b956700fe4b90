//! How the demo platform answers when it is told to answer otherwise than it should: every fault and
//! every uncertain shape that a client has to live with.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use serde_json::Value;

use super::endpoint::Endpoint;

/// One way of answering a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Behaviour {
    /// As documented.
    Serve,
    /// The other shape of each pair that is uncertain: fields at the top, a plain list, a list of one.
    Flat,
    /// As documented, wrapped in an object with this key.
    Wrapped(&'static str),
    /// As documented, without a content type.
    Untyped,
    /// As documented, after this long.
    Slow(Duration),
    /// As documented, but only once the script is released.
    Hang,
    /// The connection ends without an answer.
    Drop,
    /// The connection ends in the middle of the body.
    CutOff,
    /// A status, with what else an answer of its kind has.
    Refuse {
        /// The HTTP status.
        status: u16,
        /// The Retry-After header: seconds or an HTTP date.
        retry_after: Option<String>,
        /// The body as it is; HTML where it begins with `<`.
        body: String,
    },
    /// The first half of the JSON, as if it were whole.
    HalfJson,
    /// JSON of a shape that nobody asked for.
    WrongShape,
    /// So many rows, copies of the first with other Call-IDs.
    Rows(usize),
    /// A redirect to this URL.
    Redirect(String),
    /// Nothing at all, with status 200.
    Empty,
    /// A row with ten megabytes of hostile text in it.
    Huge,
    /// This JSON instead.
    Json(Value),
    /// This text instead, with status 200.
    Text(String),
}

impl Behaviour {
    fn refuse(status: u16, retry_after: Option<&str>, body: &str) -> Behaviour {
        Behaviour::Refuse {
            status,
            retry_after: retry_after.map(str::to_owned),
            body: body.to_owned(),
        }
    }

    /// 401: our credential is not accepted.
    #[must_use]
    pub fn unauthorised() -> Behaviour {
        Behaviour::refuse(401, None, r#"{"message":"Unauthorized"}"#)
    }

    /// 403: our permission does not reach.
    #[must_use]
    pub fn forbidden() -> Behaviour {
        Behaviour::refuse(403, None, r#"{"error":"Access Denied"}"#)
    }

    /// 429: we ask too often; with or without a word on when to come again.
    #[must_use]
    pub fn too_many(retry_after: Option<&str>) -> Behaviour {
        Behaviour::refuse(429, retry_after, r#"{"message":"Too Many Requests"}"#)
    }

    /// 500 with a web page.
    #[must_use]
    pub fn broken() -> Behaviour {
        let page =
            "<!DOCTYPE html><html><head><title>500 Internal Server Error</title></head></html>";
        Behaviour::refuse(500, None, page)
    }
}

/// Which behaviours are still to come. What is not scripted is served as documented.
#[derive(Debug, Default)]
pub struct Script {
    next: HashMap<Endpoint, VecDeque<Behaviour>>,
    always: HashMap<Endpoint, Behaviour>,
    everywhere: Option<Behaviour>,
}

impl Script {
    /// Answers an end point in these ways, one request each, and after them as before.
    pub fn next(&mut self, endpoint: Endpoint, behaviours: impl IntoIterator<Item = Behaviour>) {
        self.next.entry(endpoint).or_default().extend(behaviours);
    }

    /// Answers an end point in this way from now on.
    pub fn always(&mut self, endpoint: Endpoint, behaviour: Behaviour) {
        self.always.insert(endpoint, behaviour);
    }

    /// Answers every end point in this way from now on that has none of its own.
    pub fn everywhere(&mut self, behaviour: Behaviour) {
        self.everywhere = Some(behaviour);
    }

    /// Forgets everything: all is served as documented.
    pub fn clear(&mut self) {
        *self = Script::default();
    }

    /// How the next request is answered.
    pub(super) fn take(&mut self, endpoint: Endpoint) -> Behaviour {
        let next = self.next.get_mut(&endpoint).and_then(VecDeque::pop_front);
        let always = || {
            self.always
                .get(&endpoint)
                .or(self.everywhere.as_ref())
                .cloned()
        };
        next.or_else(always).unwrap_or(Behaviour::Serve)
    }
}
