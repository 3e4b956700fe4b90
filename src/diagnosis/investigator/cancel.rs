//! A person's word that what runs now is to end: what is done so far is the answer. Stops nothing by
//! itself; whoever works asks whether to go on.

use std::future::pending;
use std::sync::Arc;

use tokio::sync::watch;

use super::progress::{Tick, Watch};

/// Ends what runs at the moment. Clones end the same.
#[derive(Debug, Clone, Default)]
pub struct Canceller(Arc<watch::Sender<u64>>);

impl Canceller {
    /// Ends what runs now. What begins later is not ended.
    pub fn cancel(&self) {
        self.0.send_modify(|times| *times = times.wrapping_add(1));
    }

    /// Something that begins now.
    #[must_use]
    pub fn begin(&self) -> Running {
        Running(Some(self.0.subscribe()))
    }
}

/// Something under way.
#[derive(Debug, Clone)]
pub struct Running(Option<watch::Receiver<u64>>);

/// What nobody can cancel.
static TO_THE_END: Running = Running(None);

impl Running {
    /// Whether it was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        let changed = self.0.as_ref().map(watch::Receiver::has_changed);
        changed.is_some_and(|it| it.unwrap_or(false))
    }

    /// Does some of it; nothing comes of it once it is cancelled.
    pub async fn unless_cancelled<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let cancelled = async {
            if let Some(mut times) = self.0.clone()
                && times.changed().await.is_ok()
            {
                return;
            }
            pending().await
        };
        tokio::select! {
            biased;
            () = cancelled => None,
            done = work => Some(done),
        }
    }
}

/// How an investigation goes on: who is told, and whether it still runs.
#[derive(Clone, Copy)]
pub struct Course<'a> {
    watch: Watch<'a>,
    running: &'a Running,
}

impl<'a> Course<'a> {
    /// One that can be cancelled.
    #[must_use]
    pub fn new(watch: Watch<'a>, running: &'a Running) -> Course<'a> {
        Course { watch, running }
    }

    /// One that goes on to its end.
    #[must_use]
    pub fn to_the_end(watch: Watch<'a>) -> Course<'a> {
        Course::new(watch, &TO_THE_END)
    }

    /// Tells whoever watches.
    pub(super) fn tell(&self, tick: Tick) {
        (self.watch)(tick);
    }

    /// Whether it was cancelled, and how it is asked.
    pub(super) fn running(&self) -> &'a Running {
        self.running
    }
}
