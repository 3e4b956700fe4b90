//! What the demo platform was asked: how, when, and how much of it at once. Keeps no credential.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::endpoint::Endpoint;

/// So many requests are remembered, the newest of them.
const MOST_REMEMBERED: usize = 10_000;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Sent {
    /// What it asked for.
    pub endpoint: Endpoint,
    /// The path and query as they were written.
    pub target: String,
    /// The body, as text.
    pub body: String,
    /// The scheme of its credentials, without them: `Bearer`, `Basic`, or nothing.
    pub scheme: String,
    /// When it arrived.
    pub at: Instant,
}

/// Counts requests.
#[derive(Debug, Clone, Default)]
pub struct Seen(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    sent: VecDeque<Sent>,
    in_flight: usize,
    max_in_flight: usize,
    cdr_in_flight: usize,
    max_cdr_in_flight: usize,
}

/// A request under way; ends when it is dropped.
pub(super) struct UnderWay {
    seen: Seen,
    is_cdr: bool,
}

impl Seen {
    fn counts(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a request.
    pub(super) fn begin(&self, sent: Sent) -> UnderWay {
        let is_cdr = sent.endpoint == Endpoint::Cdr;
        let mut counts = self.counts();
        counts.in_flight += 1;
        counts.max_in_flight = counts.max_in_flight.max(counts.in_flight);
        counts.cdr_in_flight += usize::from(is_cdr);
        counts.max_cdr_in_flight = counts.max_cdr_in_flight.max(counts.cdr_in_flight);
        counts.sent.push_back(sent);
        if counts.sent.len() > MOST_REMEMBERED {
            counts.sent.pop_front();
        }
        drop(counts);
        let seen = self.clone();
        UnderWay { seen, is_cdr }
    }

    /// The requests in the order in which they arrived.
    #[must_use]
    pub fn all(&self) -> Vec<Sent> {
        self.counts().sent.iter().cloned().collect()
    }

    /// Those that asked for this.
    #[must_use]
    pub fn of(&self, endpoint: Endpoint) -> Vec<Sent> {
        let mut all = self.all();
        all.retain(|sent| sent.endpoint == endpoint);
        all
    }

    /// How many are under way at this moment.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.counts().in_flight
    }

    /// How many were under way at once at most.
    #[must_use]
    pub fn max_in_flight(&self) -> usize {
        self.counts().max_in_flight
    }

    /// How many CDR queries were under way at once at most.
    #[must_use]
    pub fn max_cdr_in_flight(&self) -> usize {
        self.counts().max_cdr_in_flight
    }

    /// How long after the request before each one came.
    #[must_use]
    pub fn spacing(&self) -> Vec<Duration> {
        let all = self.all();
        let next = all.iter().skip(1);
        all.iter()
            .zip(next)
            .map(|(one, next)| next.at.saturating_duration_since(one.at))
            .collect()
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut counts = self.seen.counts();
        counts.in_flight = counts.in_flight.saturating_sub(1);
        counts.cdr_in_flight = counts
            .cdr_in_flight
            .saturating_sub(usize::from(self.is_cdr));
    }
}
