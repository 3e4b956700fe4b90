//! Timers of a call, the platform's and SIP's own, and how long a change takes until it counts. What somebody set
//! instead is not known here.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::reasons::{about, wordless};
use super::table::Entry;

/// A timer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timer {
    /// What the panel or the RFC calls it.
    pub name: String,
    /// Other names.
    #[serde(default)]
    pub also: Vec<String>,
    /// Seconds: how long it is unless somebody sets it.
    pub default: Option<f64>,
    /// What to set it to, in words.
    pub recommended: Option<String>,
    /// What it times, in a sentence or more.
    pub note: String,
    /// Where that stands; empty where nobody said.
    #[serde(default)]
    pub source: String,
}

impl Timer {
    /// How long it is unless somebody sets it, where that is one length.
    #[must_use]
    pub fn length(&self) -> Option<Duration> {
        Duration::try_from_secs_f64(self.default?).ok()
    }
}

/// How long a change takes until it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// What was changed.
    pub change: String,
    /// How many seconds to wait.
    pub seconds: u32,
}

impl Entry for Timer {
    const SECTION: &'static str = "timers";

    fn about(&self) -> String {
        about(&self.name)
    }

    fn texts(&self) -> Vec<&str> {
        let also = self.also.iter().map(String::as_str);
        [self.name.as_str()].into_iter().chain(also).collect()
    }

    fn flaw(&self) -> Option<(&'static str, String)> {
        let is_length = self.default.is_none() || self.length().is_some();
        let length = || (!is_length).then(|| ("default", "is no number of seconds".to_owned()));
        let also = || self.also.iter().find_map(|name| wordless("also", name));
        wordless("name", &self.name).or_else(also).or_else(length)
    }
}

impl Entry for Wait {
    const SECTION: &'static str = "waits";

    fn about(&self) -> String {
        about(&self.change)
    }
}
