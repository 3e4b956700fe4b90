//! Whether everything that is configured works: one check a thing, with what to do where it does not.
//! Reads only, but for a probe in the store that it takes away again; prints nothing.

mod clock;
mod discord;
mod evidence;
mod listener;
mod platform;
mod slack;
mod store;

use std::time::{Duration, Instant};

use serde::Serialize;

pub use discord::discord;
pub use evidence::{captures, status_page};
pub use platform::platform;
pub use slack::slack;
pub use store::store;

/// How one thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It works.
    Works,
    /// It works, but will not for long, or not for all.
    Warns,
    /// It does not.
    Fails,
    /// Nobody can say, or nothing is configured.
    NotChecked,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What it belongs to: `configuration`, `store`, or the configured name of a source.
    pub part: String,
    /// What was looked at; empty where that is the part as a whole.
    pub what: String,
    /// How it is.
    pub state: State,
    /// What was seen, in one sentence; where it does not work, with what to do. From outside in part:
    /// whoever shows it cleans it.
    pub said: String,
    /// How long it took, in milliseconds, where something was asked.
    pub took_ms: Option<u64>,
}

impl Check {
    /// A thing that nothing had to be asked for.
    #[must_use]
    pub fn new(part: &str, what: &str, state: State, said: impl Into<String>) -> Check {
        Check {
            part: part.to_owned(),
            what: what.to_owned(),
            state,
            said: said.into(),
            took_ms: None,
        }
    }

    /// The same, which took so long.
    #[must_use]
    pub fn within(self, took: Duration) -> Check {
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Check {
            took_ms: Some(millis),
            ..self
        }
    }

    /// The same, which began then.
    #[must_use]
    fn since(self, began: Instant) -> Check {
        self.within(began.elapsed())
    }
}
