//! A platform's page of incidents as a source: one look, one adapter a kind of page. Whatever is not
//! exactly understood is "not verified", never "all is well"; judges nothing.

mod feed;
mod instatus;
mod moment;
mod plain;
mod statuspage;
mod uptime_kuma;

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use serde_json::Value;

use super::Lookup;
use super::api::{Api, Body, Class, Clock, Failure, Path, Settings};
use super::link::web_link;
use crate::config::{self, Limits, StatusPageKind};
use crate::metrics::Metrics;
use crate::platform::Incident;

/// No page of incidents is larger.
const LARGEST: u64 = 4_000_000;

/// There is no time for more than one more try.
const BACK_OFF: Duration = Duration::from_millis(300);

/// How sentences call it.
const WHO: &str = "the status page";

/// A page of incidents.
#[derive(Debug)]
pub struct StatusPage {
    api: Api,
    kind: StatusPageKind,
    url: Url,
}

/// Which incidents a page lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lists {
    /// Those that go on at this moment: of a call that is past it tells little.
    Open,
    /// Those of the last days or weeks too.
    Past,
}

impl StatusPage {
    /// The page that a configuration names.
    ///
    /// # Errors
    /// Where this machine has no TLS.
    pub fn new(
        configured: &config::StatusPage,
        clock: Arc<dyn Clock>,
    ) -> Result<StatusPage, Failure> {
        let mut base_url = configured.url.clone();
        base_url.set_query(None);
        if let Ok(mut segments) = base_url.path_segments_mut() {
            segments.pop().push("");
        }
        let limits = Limits {
            retries: 1,
            back_off: BACK_OFF,
            largest_body: LARGEST,
            ..Limits::default()
        };
        let settings = Settings {
            name: "status page".to_owned(),
            base_url,
            deadline: configured.deadline,
            cdr_deadline: configured.deadline,
            limits,
        };
        Ok(StatusPage {
            api: Api::new(settings, None, clock)?,
            kind: configured.kind,
            url: configured.url.clone(),
        })
    }

    /// Counts its look-ups there from now on.
    pub fn count_in(&self, metrics: &Metrics) {
        self.api.count_in(metrics);
    }

    /// Where people read it: without its query, which may hold a key.
    #[must_use]
    pub fn link(&self) -> String {
        let mut link = self.url.clone();
        link.set_query(None);
        link.to_string()
    }

    /// Which incidents it lists.
    #[must_use]
    pub fn lists(&self) -> Lists {
        let has_history = self.url.path().ends_with("/incidents.json");
        match self.kind {
            StatusPageKind::Feed => Lists::Past,
            StatusPageKind::Statuspage if has_history => Lists::Past,
            _ => Lists::Open,
        }
    }

    /// The incidents that it lists now. `Empty` means that the page was read and lists none, and
    /// that all it shows is said to be well.
    pub async fn incidents(&self) -> Lookup<Vec<Incident>> {
        match self.read().await {
            Ok(incidents) if incidents.is_empty() => Lookup::Empty,
            Ok(incidents) => Lookup::Found(incidents),
            Err(why) => Lookup::Unavailable(format!(
                "not verified: {why}; look for yourself at {}",
                self.link()
            )),
        }
    }

    async fn read(&self) -> Result<Vec<Incident>, String> {
        let name = self.url.path().rsplit('/').next().unwrap_or_default();
        let query = self
            .url
            .query()
            .map_or_else(String::new, |q| format!("?{q}"));
        let body = self.get(&format!("{name}{query}")).await;
        match self.kind {
            StatusPageKind::Statuspage => statuspage::incidents(&json(&body?)?),
            StatusPageKind::Instatus => instatus::incidents(&json(&body?)?),
            StatusPageKind::Feed => feed::incidents(&body?.text()),
            StatusPageKind::UptimeKuma => {
                let page = json(&body?)?;
                let beats = self.get(&format!("heartbeat/{name}{query}")).await;
                uptime_kuma::incidents(&page, beats.and_then(|body| json(&body)))
            }
        }
    }

    async fn get(&self, path: &str) -> Result<Body, String> {
        let body = self.api.get(Path::from(path), &[], Class::Log).await;
        body.map_err(|failure| failure.sentence(WHO))
    }
}

fn json(body: &Body) -> Result<Value, String> {
    serde_json::from_str(&body.text()).map_err(|_| other_form("JSON"))
}

/// What is said of a page that is not what it was configured to be.
fn other_form(expected: &str) -> String {
    format!("{WHO} is not in the form that is configured ({expected}): check kind and url")
}

/// The text at a key; empty where there is none.
fn text(value: &Value, key: &str) -> String {
    let text = value.get(key).and_then(Value::as_str).unwrap_or_default();
    plain::line(text)
}

/// The elements at a key; none where there is no list.
fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The link at a key, if it is one.
fn link(value: &Value, key: &str) -> Option<String> {
    web_link(value.get(key)?.as_str()?)
}

/// A page's word for a state, as people read it: "major_outage" is "major outage".
fn spoken(word: &str) -> String {
    word.replace(['_', '-'], " ").to_lowercase()
}

/// A headline, even where the page has none.
fn title(written: String) -> String {
    if written.is_empty() {
        "(an incident without a title)".to_owned()
    } else {
        written
    }
}
