//! ConnexCS as a source: which of its paths answers what, and its JSON read into the values of
//! `platform`. Knows the platform's words; nothing above it does. Judges nothing.

mod aggregates;
mod cdr;
pub mod credentials;
mod directory;
mod logs;
mod pages;
mod probe;
pub mod read;
mod renewal;
mod undocumented;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use aggregates::{AggregateQuery, GroupBy};
pub use cdr::{CdrField, CdrQuery, Columns};
pub use credentials::{Credentials, Renewal};
pub use logs::MOST_ROWS;
pub use probe::{Probe, Probed};
pub use renewal::{RENEWED_WITHIN, whole_days};
pub use undocumented::{Simulated, Simulation};

use super::Lookup;
use super::api::{Api, Authority, Body, Class, Clock, Failure, Health, Path, Settings};
use crate::config::{self, Endpoints};
use crate::metrics::Metrics;
use read::{Rows, Unreadable};

/// How sentences call it.
const WHO: &str = "the platform's API";

/// Rows of an answer, and what has to be said about them.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<T> {
    /// The rows that could be read.
    pub rows: Vec<T>,
    /// What could not be read of it, a sentence each.
    pub notes: Vec<String>,
    /// Whether there may be more rows than the platform gives at once.
    pub is_full: bool,
}

/// One account on the platform.
pub struct ConnexCs {
    name: String,
    api: Api,
    credentials: Arc<Credentials>,
    endpoints: Endpoints,
    support_phone: Option<String>,
    pages: pages::Pages,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for ConnexCs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnexCs")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl ConnexCs {
    /// The account that a configuration names.
    ///
    /// # Errors
    /// Where this machine has no TLS, or the credential cannot be sent.
    pub fn new(
        name: &str,
        configured: &config::ConnexCs,
        clock: Arc<dyn Clock>,
    ) -> Result<ConnexCs, Failure> {
        let settings = Settings {
            name: name.to_owned(),
            base_url: configured.base_url.clone(),
            deadline: configured.deadline,
            cdr_deadline: configured.cdr_deadline,
            limits: configured.limits.clone(),
        };
        let credentials = Arc::new(Credentials::new(
            &configured.credentials,
            Arc::clone(&clock),
        )?);
        let authority: Arc<dyn Authority> = credentials.clone();
        Ok(ConnexCs {
            name: name.to_owned(),
            api: Api::new(settings, Some(authority), Arc::clone(&clock))?,
            credentials,
            endpoints: configured.endpoints.clone(),
            support_phone: configured.support_phone.clone(),
            pages: pages::Pages::default(),
            clock,
        })
    }

    /// What answers call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Counts its look-ups there from now on.
    pub fn count_in(&self, metrics: &Metrics) {
        self.api.count_in(metrics);
    }

    /// How its API has been doing.
    #[must_use]
    pub fn health(&self) -> Health {
        self.api.health()
    }

    /// Ends after so long by the clock by which its deadlines go.
    pub async fn sleep(&self, length: Duration) {
        self.clock.sleep(length).await;
    }

    /// In whose name it is asked.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Its undocumented paths, as far as they are configured.
    #[must_use]
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The platform's support by telephone.
    #[must_use]
    pub fn support_phone(&self) -> Option<&str> {
        self.support_phone.as_deref()
    }

    /// Forgets the answers of the last minute: whoever runs something again wants new ones.
    pub fn forget(&self) {
        self.api.forget();
    }

    /// Reads a list.
    async fn list<T>(
        &self,
        path: impl Into<Path>,
        params: &[(&str, &str)],
        read: fn(&[u8]) -> Result<Rows<T>, Unreadable>,
    ) -> Lookup<Answer<T>> {
        listed(self.api.get(path, params, Class::Log).await, read)
    }

    /// Reads the record with an id: where there is none, that is an answer.
    async fn record<T>(
        &self,
        path: Path,
        read: fn(&[u8]) -> Result<Rows<T>, Unreadable>,
    ) -> Lookup<T> {
        match self.api.get(path, &[], Class::Log).await {
            Ok(body) => first(answer(read(&body.bytes))),
            Err(Failure::NotFound { .. }) => Lookup::Empty,
            Err(failure) => Lookup::Unavailable(failure.sentence(WHO)),
        }
    }
}

/// What was answered, as a list. That there is no such path is no proof that there are no rows.
fn listed<T>(
    asked: Result<Body, Failure>,
    read: fn(&[u8]) -> Result<Rows<T>, Unreadable>,
) -> Lookup<Answer<T>> {
    match asked {
        Ok(body) => answer(read(&body.bytes)),
        Err(Failure::NotFound { said: Some(said) }) if is_no_record(&said) => Lookup::Empty,
        Err(failure) => Lookup::Unavailable(failure.sentence(WHO)),
    }
}

/// The platform says so of a record that is not there, with whatever status.
fn is_no_record(said: &str) -> bool {
    said.to_ascii_lowercase().contains("record not found")
}

/// Rows as a look-up: none that could be read of some that are there is no proof of absence.
fn answer<T>(read: Result<Rows<T>, Unreadable>) -> Lookup<Answer<T>> {
    match read {
        Err(Unreadable::Refused { text }) if is_no_record(&text) => Lookup::Empty,
        Err(unreadable) => Lookup::Unavailable(unreadable.to_string()),
        Ok(rows) => {
            let said = rows.sentence();
            if rows.are_lost() {
                return Lookup::Unavailable(said.unwrap_or_default());
            }
            if rows.rows.is_empty() {
                return Lookup::Empty;
            }
            Lookup::Found(Answer {
                rows: rows.rows,
                notes: said.into_iter().collect(),
                is_full: false,
            })
        }
    }
}

fn first<T>(answer: Lookup<Answer<T>>) -> Lookup<T> {
    match answer {
        Lookup::Found(answer) => match answer.rows.into_iter().next() {
            Some(row) => Lookup::Found(row),
            None => Lookup::Empty,
        },
        Lookup::Empty => Lookup::Empty,
        Lookup::Unavailable(why) => Lookup::Unavailable(why),
    }
}
