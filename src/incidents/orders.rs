//! What the keeper was told to do by whoever runs it, as a value that can be replaced while it works.

use std::sync::Arc;

use jiff::SignedDuration;

use super::board::Settings;
use super::pager::Pager;
use super::schedule::Digest;
use super::watch::Watch;

/// How the keeper works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How often the log is read.
    pub every: SignedDuration,
    /// Requests an hour in all.
    pub requests: usize,
    /// Requests an hour for one incident or watch.
    pub requests_each: usize,
}

/// What the configuration says of incidents.
#[derive(Debug, Clone)]
pub struct Orders {
    /// What is watched by the configuration.
    pub watches: Vec<Watch>,
    /// How the board decides.
    pub settings: Settings,
    /// How fast.
    pub pace: Pace,
    /// Who is called in the end.
    pub pager: Option<Arc<Pager>>,
    /// When the day or week is told in figures.
    pub digests: Vec<Digest>,
}

impl Orders {
    /// Whether some channel hears of what the status page announces.
    #[must_use]
    pub fn announces(&self) -> bool {
        !self.settings.channel.is_empty()
    }

    /// Whether the configuration has a watch of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.watches.iter().any(|it| it.name == name)
    }
}
