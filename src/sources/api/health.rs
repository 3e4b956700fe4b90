//! How an API has been doing: since when which failures, and its last good answer, so that an answer
//! can begin with it. Remembers the present trouble only, and asks nothing.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::failure::{Blame, Failure};

/// How an API is doing, seen from here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// When it last gave a good answer.
    pub last_good: Option<Timestamp>,
    /// How far our clock was ahead of its own then, give or take a second, if it said what time it is.
    pub ahead: Option<SignedDuration>,
    troubles: BTreeMap<Blame, Trouble>,
}

/// One kind of failure that has come since the last good answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// When it first came.
    pub since: Timestamp,
    /// How often it came.
    pub times: u64,
    /// The latest of them.
    pub last: Failure,
}

impl Health {
    /// The trouble of one kind, if there is any since the last good answer.
    #[must_use]
    pub fn trouble(&self, blame: Blame) -> Option<&Trouble> {
        self.troubles.get(&blame)
    }

    /// Whether the latest that is known of the platform is that it does not answer in time.
    #[must_use]
    pub fn is_too_slow(&self) -> bool {
        let trouble = self.trouble(Blame::Platform);
        trouble.is_some_and(|it| matches!(it.last, Failure::TooSlow { .. }))
    }

    /// What an answer should begin with, if look-ups fail altogether, with `time` saying a moment
    /// as its readers do: "the platform: unreachable from here since 09:10 (...)".
    #[must_use]
    pub fn headline(&self, who: &str, time: impl Fn(Timestamp) -> String) -> Option<String> {
        let (blame, trouble) = [Blame::Credential, Blame::Rate, Blame::Platform]
            .into_iter()
            .find_map(|blame| Some((blame, self.troubles.get(&blame)?)))?;
        let state = match (blame, &trouble.last) {
            (Blame::Credential, _) => "refuses our credential",
            (Blame::Rate, _) => "refuses our rate",
            (_, Failure::Failed { .. }) => "fails",
            (_, Failure::TooSlow { .. }) => "too slow",
            _ => "unreachable from here",
        };
        let since = time(trouble.since);
        let last_good = match self.last_good {
            Some(at) => format!("last good answer {}", time(at)),
            None => "no good answer yet".to_owned(),
        };
        let why = trouble.last.sentence(who);
        Some(format!("{who}: {state} since {since}, {last_good}: {why}"))
    }

    /// Notes a good answer, which came when it was that time `there`: whatever kept others from one is over.
    pub(super) fn good(&mut self, now: Timestamp, there: Option<Timestamp>) {
        self.last_good = Some(now);
        self.ahead = there.map(|there| now.duration_since(there));
        self.troubles.clear();
    }

    /// Notes a failure. One that is an answer ends that it could not be reached.
    pub(super) fn bad(&mut self, failure: &Failure, now: Timestamp) {
        let blame = failure.blame();
        if failure.is_answer() {
            self.troubles.remove(&Blame::Platform);
        }
        let trouble = self.troubles.entry(blame).or_insert_with(|| Trouble {
            since: now,
            times: 0,
            last: failure.clone(),
        });
        trouble.times = trouble.times.saturating_add(1);
        trouble.last = failure.clone();
    }
}
