//! How an investigation goes on, told step by step while it runs: the terminal shows it, a chat edits its
//! message. Decides nothing.

use crate::diagnosis::investigation::{Step, StepName};
use crate::diagnosis::verdict::Verdict;

/// What is told of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tick {
    /// It is being looked at.
    Started(StepName),
    /// So many of all calls were looked at.
    Counted {
        /// How many.
        done: usize,
        /// Of how many.
        all: usize,
    },
    /// It was looked at; how it is judged may still change with the others.
    Ended(Step),
    /// The verdict on the one call that was asked about stands; only the calls around it are still counted.
    Judged(Box<Verdict>),
}

/// Who is told.
pub type Watch<'a> = &'a (dyn Fn(Tick) + Send + Sync);

/// Tells nobody.
pub fn unwatched(_: Tick) {}
