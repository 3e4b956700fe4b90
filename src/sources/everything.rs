//! Every call that the captures of all sources hold, one after another. Judges nothing, and keeps no
//! call longer than it takes to work on it.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use jiff::Timestamp;

use super::captures::{Progress, tell};
use super::{Source, Unread};
use crate::capture::{Files, Limits, Line, Plan, Unit, Which};
use crate::wire::Observations;

/// Everything that the sources hold, counted and not yet looked at.
pub struct Everything {
    plan: Plan,
    progress: Option<Progress>,
    took_ms: u64,
}

/// Where everything is to be found.
pub struct Finder {
    contents: Vec<super::captures::Content>,
    progress: Option<Progress>,
    limits: Limits,
}

impl Finder {
    /// Keeps to other bounds of memory.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Finder {
        Finder { limits, ..self }
    }

    /// Reads all captures once and counts what belongs to each call. `joined` says whether the
    /// legs of a call belong together. Blocks.
    #[must_use]
    pub fn count(self, joined: bool) -> Everything {
        let began = Instant::now();
        let mut files = Files::default();
        for content in &self.contents {
            files.add(content.files());
        }
        let progress = self.progress;
        let plan = Plan::of(files, joined, &mut |done, all| {
            tell(progress.as_ref(), done, all)
        });
        Everything {
            plan: plan.with_limits(self.limits),
            progress,
            took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl Everything {
    /// What the sources hold, to be counted where blocking is allowed.
    #[must_use]
    pub fn finder(sources: &[Source]) -> Finder {
        let captures = || sources.iter().filter_map(Source::captures);
        Finder {
            contents: captures().map(|it| it.content().clone()).collect(),
            progress: captures().find_map(|it| it.progress().cloned()),
            limits: Limits::default(),
        }
    }

    /// Until when calls whose last message came then would have been seen.
    #[must_use]
    pub fn seen_until(&self, last: Timestamp) -> Option<Timestamp> {
        self.plan.seen_until(last)
    }

    /// What was seen besides messages, and what of it was not looked at. Blocks.
    #[must_use]
    pub fn observed(&self) -> (Observations, Option<String>) {
        self.plan.observed()
    }

    /// How long counting took, in milliseconds.
    #[must_use]
    pub fn took_ms(&self) -> u64 {
        self.took_ms
    }

    /// What could not be read.
    #[must_use]
    pub fn unread(&self) -> Unread {
        let mut lost = self.plan.problems().to_vec();
        if self.plan.is_empty() && lost.is_empty() {
            lost.push("no capture could be read".to_owned());
        }
        Unread {
            lost,
            damaged: self.plan.warnings().to_vec(),
        }
    }

    /// Hands each call to `work`, on any thread, and the lines that come of it to `take` in the
    /// order in which the calls begin, for as long as that wants more. Gives what could not be
    /// read. Blocks.
    pub fn gather(
        &self,
        work: &(dyn Fn(Unit) -> Vec<Line> + Sync),
        take: &mut dyn FnMut(String) -> bool,
    ) -> Unread {
        let cut: Mutex<Vec<String>> = Mutex::default();
        let work = |unit: Unit| {
            if unit.is_cut {
                let mut cut = cut.lock().unwrap_or_else(PoisonError::into_inner);
                cut.push(format!(
                    "{}: more messages than one call has, only the first of them were looked at",
                    unit.name()
                ));
            }
            work(unit)
        };
        let mut progress = |done, all| tell(self.progress.as_ref(), done, all);
        let lost = self.plan.gather(Which::All, &work, take, &mut progress);
        let mut unread = self.unread();
        unread.lost.extend(lost);
        let mut cut = cut.into_inner().unwrap_or_else(PoisonError::into_inner);
        cut.sort();
        unread.damaged.extend(cut);
        unread
    }

    /// The same of the registrations alone; reads nothing where there are none.
    pub fn registrations(
        &self,
        work: &(dyn Fn(Unit) -> Vec<Line> + Sync),
        take: &mut dyn FnMut(String) -> bool,
    ) {
        if self.plan.has_registrations() {
            let which = Which::Registrations;
            // What cannot be read again is said when all calls are gathered.
            let _ = self.plan.gather(which, work, take, &mut |_, _| {});
        }
    }
}
