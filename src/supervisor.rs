//! Keeps long tasks going: one that panics, fails or ends before it is told to is begun again after a wait, and counted.
//! Knows none of them but by name.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use crate::metrics::{self, Metrics};

/// Waits between two beginnings of a task.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The first wait; it doubles with each end that comes soon.
    pub first: Duration,
    /// No wait is longer.
    pub longest: Duration,
    /// A task that went on for so long is well again: the next wait is the first one.
    pub well_after: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Pace {
            first: Duration::from_secs(1),
            // Discord lets a bot begin a thousand times a day.
            longest: Duration::from_secs(120),
            well_after: Duration::from_secs(300),
        }
    }
}

/// Ready once the task is to end.
pub type Stopped = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Why tasks are not going at the moment, by their names.
type Down = BTreeMap<&'static str, String>;

/// The tasks of one run.
#[derive(Debug)]
pub struct Supervisor {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
    down: watch::Sender<Down>,
    metrics: Metrics,
    pace: Pace,
}

impl Supervisor {
    /// Without a task yet.
    #[must_use]
    pub fn new(metrics: Metrics, pace: Pace) -> Supervisor {
        Supervisor {
            tasks: JoinSet::new(),
            stop: watch::Sender::new(false),
            down: watch::Sender::default(),
            metrics,
            pace,
        }
    }

    /// Begins a task, and begins it again whenever it is over. `begin` gets what tells it to end.
    pub fn keep<F>(
        &mut self,
        name: &'static str,
        mut begin: impl FnMut(Stopped) -> F + Send + 'static,
    ) where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let (stopped, down) = (self.stop.subscribe(), self.down.clone());
        let (metrics, pace) = (self.metrics.clone(), self.pace);
        self.tasks.spawn(async move {
            let mut wait = pace.first;
            loop {
                let began = Instant::now();
                let task = AssertUnwindSafe(begin(until(stopped.clone())));
                let outcome = task.catch_unwind().await;
                if *stopped.borrow() {
                    if let Ok(Err(error)) = outcome {
                        tracing::warn!(
                            task = name,
                            error = format!("{error:#}"),
                            "while it was stopped"
                        );
                    }
                    return;
                }
                let (how, why) = match outcome {
                    Ok(Ok(())) => ("ended", "it ended".to_owned()),
                    Ok(Err(error)) => ("failed", format!("{error:#}")),
                    Err(panic) => ("panicked", said(panic.as_ref())),
                };
                metrics.count(&metrics::TASK_RESTARTS, &[name, how]);
                if began.elapsed() >= pace.well_after {
                    wait = pace.first;
                }
                tracing::error!(task = name, how, why, wait = ?wait, "a task is begun again");
                down.send_modify(|down| {
                    down.insert(name, format!("{name}: {why}; it is begun again"));
                });
                tokio::select! {
                    () = until(stopped.clone()) => return,
                    () = sleep(wait) => {}
                }
                down.send_modify(|down| {
                    down.remove(name);
                });
                wait = (wait * 2).min(pace.longest);
            }
        });
    }

    /// What tells that all is to end, for what is no task of its own.
    #[must_use]
    pub fn stopped(&self) -> Stopped {
        until(self.stop.subscribe())
    }

    /// Which tasks are not going at the moment, and why.
    #[must_use]
    pub fn down(&self) -> watch::Receiver<Down> {
        self.down.subscribe()
    }

    /// Tells all tasks to end and waits for them until `deadline`; whether all of them did.
    pub async fn stop(mut self, deadline: Instant) -> bool {
        self.stop.send_replace(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        timeout_at(deadline, all).await.is_ok()
    }
}

fn until(mut stopped: watch::Receiver<bool>) -> Stopped {
    Box::pin(async move {
        // A supervisor that is gone tells nobody anything any more.
        let _ = stopped.wait_for(|stopped| *stopped).await;
    })
}

/// What a panic said of itself.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|it| (*it).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "it panicked".to_owned())
}
