//! What somebody does not want to hear of, and until when. Pure; every mute ends, and its end is told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::life::Incident;
use super::watch::Scope;

/// What is muted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// One incident.
    Incident(String),
    /// Everything about a customer, a carrier, a destination or a server.
    Scope(Scope),
    /// What a watch finds.
    Watch(String),
}

/// A mute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// Its id.
    pub id: String,
    /// Of what.
    pub target: Target,
    /// Until when; without it until the incident is over.
    pub until: Option<Timestamp>,
    /// Who asked for it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The channel that hears of its end.
    pub channel: String,
}

impl Mute {
    /// Whether it keeps an incident quiet now.
    #[must_use]
    pub fn covers(&self, incident: &Incident, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
            && match &self.target {
                Target::Incident(id) => incident.id == *id,
                Target::Watch(name) => incident.measure.watch == *name,
                Target::Scope(scope) => {
                    scope.covers(&incident.cause)
                        || incident.joined.iter().any(|it| scope.covers(it))
                }
            }
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// What it is about, in words.
    #[must_use]
    pub fn about(&self) -> String {
        match &self.target {
            Target::Incident(id) => id.clone(),
            Target::Scope(scope) => scope.to_string(),
            Target::Watch(name) => format!("watch {name}"),
        }
    }
}
