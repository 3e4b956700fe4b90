//! One harmless question to each path of the API, so that somebody who sets it up learns what answers
//! and in which shape. Reads only, and little; never a path that leaves anything behind.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::aggregates::{AggregateQuery, GroupBy};
use super::cdr::{CdrQuery, Columns};
use super::read::{
    Rows, Unreadable, accounts, agent_steps, aggregates, call_records, cards, carriers, cdrs,
    cli_entries, customers, doc_links, ip_entries, media_servers, media_zones, payments, quality,
    routes, service_events, sip_users, traced_messages, utterances,
};
use super::undocumented::is_script;
use super::{ConnexCs, WHO, is_no_record};
use crate::call::Window;
use crate::sources::api::{Blame, Class, Failure, Path};

/// No call has this Call-ID, no customer this name.
const NOBODY: &str = "calltriage-doctor";

/// Enough to see that a list is one.
const FEW: &str = "1";

/// Calls of so long before now are counted.
const RECENT: SignedDuration = SignedDuration::from_mins(15);

/// Says what cannot be read of a good answer.
type Read = fn(&[u8]) -> Result<Option<String>, String>;

/// One question.
#[derive(Debug, Clone)]
pub struct Probe {
    path: String,
    ask: Ask,
    read: Read,
}

#[derive(Debug, Clone)]
enum Ask {
    Get(Path, Vec<(String, String)>),
    Post(Value),
    Script(Path),
}

/// What came of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// The shape of the answer, as in "a list of 3"; otherwise why there is none that can be used, in
    /// one sentence.
    pub outcome: Result<String, String>,
    /// Whom a failure speaks of; nothing where there was an answer, or one that cannot be read.
    pub blame: Option<Blame>,
    /// How long it took, its turn included.
    pub took: Duration,
}

impl Probe {
    /// The path, as the platform or the configuration writes it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whose account it is: the plainest question, which only the credential decides.
    #[must_use]
    pub fn account() -> Probe {
        Probe::get("setup/account", &[], |bytes| unread(accounts(bytes)))
    }

    /// The documented paths that the flow asks, what matters most first.
    #[must_use]
    pub fn documented(now: Timestamp) -> Vec<Probe> {
        let from = now.checked_sub(RECENT).unwrap_or(now);
        let window = Window::new(from, now);
        let sums = AggregateQuery {
            window,
            by: vec![GroupBy::Carrier],
            customer: None,
        };
        let records = CdrQuery {
            window,
            fields: Vec::new(),
            most: 1,
            columns: Columns::All,
        };
        let of_call = [("callid", NOBODY)];
        let day = now.strftime("%F").to_string();
        let of_day = [("callid", NOBODY), ("d", day.as_str())];
        let few = [("_limit", FEW)];
        vec![
            Probe::get("log", &[("s", NOBODY)], |it| unread(call_records(it))),
            Probe::get("log/trace", &of_call, |it| unread(traced_messages(it))),
            Probe::get("log/rtcp", &of_call, |it| unread(quality(it))),
            Probe::get("log/class5", &of_call, |it| unread(service_events(it))),
            Probe::get("log/ai-agent", &of_day, |it| unread(agent_steps(it))),
            Probe::get("transcribe", &[("s", NOBODY)], |it| unread(utterances(it))),
            Probe {
                path: "cdr".to_owned(),
                ask: Ask::Post(records.body()),
                read: |it| unread(cdrs(it)),
            },
            Probe {
                path: "breakout-aggrid".to_owned(),
                ask: Ask::Get(Path::from("breakout-aggrid"), sums.params()),
                read: |it| unread(aggregates(it)),
            },
            Probe::get("customer", &[("s", ""), ("name", NOBODY)], |it| {
                unread(customers(it))
            }),
            Probe::get("carrier", &[], |it| unread(carriers(it))),
            Probe::get("switch/user", &few, |it| unread(sip_users(it))),
            Probe::get("switch/ip", &few, |it| unread(ip_entries(it))),
            Probe::get("cli", &[("cli", NOBODY)], |it| unread(cli_entries(it))),
            Probe::get("routing", &few, |it| unread(routes(it))),
            Probe {
                path: "card".to_owned(),
                ask: Ask::Get(Path::of(&["card", NOBODY]), Vec::new()),
                read: |it| unread(cards(it)),
            },
            Probe::get("payment", &few, |it| unread(payments(it))),
            Probe::get("setup/server/rtp-group", &[], |it| unread(media_zones(it))),
            Probe::get("setup/rtp", &[], |it| unread(media_servers(it))),
            Probe::get("docs", &[("s", NOBODY)], |it| unread(doc_links(it))),
        ]
    }

    /// A path that the platform does not document, as it is configured.
    #[must_use]
    pub fn configured(template: &str) -> Probe {
        let path = Path::template(template, &[("search", NOBODY)]);
        Probe {
            path: template.to_owned(),
            ask: match is_script(template) {
                true => Ask::Script(path),
                false => Ask::Get(path, Vec::new()),
            },
            // Nobody says what it should look like.
            read: |_| Ok(None),
        }
    }

    fn get(path: &str, params: &[(&str, &str)], read: Read) -> Probe {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Probe {
            path: path.to_owned(),
            ask: Ask::Get(Path::from(path), params.iter().map(owned).collect()),
            read,
        }
    }
}

impl ConnexCs {
    /// Whether its log can be searched now: one request, which finds nothing.
    pub async fn answers(&self) -> bool {
        let asked = self.api.get("log", &[("s", NOBODY)], Class::Probe).await;
        match asked {
            Ok(body) => call_records(&body.bytes).is_ok_and(|it| !it.are_lost()),
            Err(Failure::NotFound { said: Some(said) }) => is_no_record(&said),
            Err(_) => false,
        }
    }

    /// Leaves it alone for a while, after `times` that it was asked in vain: longer with each.
    pub async fn pause(&self, times: u32) {
        self.api.pause(times).await;
    }

    /// Asks one question.
    pub async fn probe(&self, probe: &Probe) -> Probed {
        let began = Instant::now();
        let answer = match &probe.ask {
            Ask::Get(path, params) => {
                let params: Vec<(&str, &str)> = params
                    .iter()
                    .map(|(key, value)| (key.as_str(), value.as_str()))
                    .collect();
                self.api.get(path.clone(), &params, Class::Log).await
            }
            Ask::Post(body) => {
                let path = probe.path.as_str();
                self.api.post_json(path, body, Class::Cdr).await
            }
            Ask::Script(path) => {
                let body = json!({ "search": NOBODY });
                self.api.post_json(path.clone(), &body, Class::Log).await
            }
        };
        let took = began.elapsed();
        let (outcome, blame) = match answer {
            Ok(body) => {
                let read = (probe.read)(&body.bytes);
                let told = |unread: Option<String>| match unread {
                    None => shape(&body.bytes),
                    Some(unread) => format!("{}; {unread}", shape(&body.bytes)),
                };
                (read.map(told), None)
            }
            Err(Failure::NotFound { said: Some(said) }) if is_no_record(&said) => {
                (Ok("no record".to_owned()), None)
            }
            Err(failure) => (Err(failure.sentence(WHO)), Some(failure.blame())),
        };
        Probed {
            outcome,
            blame,
            took,
        }
    }
}

/// What could not be read of rows; an error where that is all of them.
fn unread<T>(read: Result<Rows<T>, Unreadable>) -> Result<Option<String>, String> {
    let rows = read.map_err(|unreadable| unreadable.to_string())?;
    let sentence = rows.sentence();
    if rows.are_lost() {
        return Err(sentence.unwrap_or_default());
    }
    Ok(sentence)
}

/// The shape of an answer, in words.
fn shape(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if text.trim().is_empty() {
        return "an empty body".to_owned();
    }
    match serde_json::from_str(&text) {
        Ok(Value::Array(list)) => format!("a list of {}", list.len()),
        Ok(Value::Object(object)) => {
            let wrapped = object
                .iter()
                .find_map(|(key, value)| Some((key, value.as_array()?.len())));
            match wrapped.filter(|_| object.len() <= 2) {
                Some((key, many)) => format!("a list of {many} in `{key}`"),
                None => "an object".to_owned(),
            }
        }
        Ok(Value::Null) => "null".to_owned(),
        Ok(_) => "a single value".to_owned(),
        Err(_) => "text".to_owned(),
    }
}
