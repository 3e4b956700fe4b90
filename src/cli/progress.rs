//! Tells a person at a terminal how far a long reading is. Silent anywhere else.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::chat::Watcher;
use crate::diagnosis::StepName;
use crate::diagnosis::investigator::progress::Tick;
use crate::render::card::headline_of;
use crate::sources::captures::Progress;

/// What is done sooner needs no progress.
const PATIENCE: Duration = Duration::from_millis(700);

/// Progress on stderr, where that is a terminal.
pub fn on_terminal() -> Option<Progress> {
    if !io::stderr().is_terminal() {
        return None;
    }
    let began = Instant::now();
    let shown = AtomicU64::new(u64::MAX);
    Some(Arc::new(move |done, all| {
        if began.elapsed() < PATIENCE || all == 0 {
            return;
        }
        let percent = done.saturating_mul(100) / all;
        if shown.swap(percent, Ordering::Relaxed) != percent {
            let end = if done >= all { "\r\x1b[K" } else { "" };
            let _ = write!(io::stderr(), "\rreading captures: {percent} %{end}");
        }
    }))
}

/// The steps of an investigation on one line of stderr, ticked off as they end and gone with the last;
/// where that is no terminal, nothing.
pub fn steps() -> Watcher {
    if !io::stderr().is_terminal() {
        return Arc::new(|_| {});
    }
    let known: Mutex<Vec<(StepName, char)>> = Mutex::default();
    Arc::new(move |tick| {
        let (step, sign) = match tick {
            Tick::Started(step) => (step, '…'),
            Tick::Ended(step) => (step.step, step.outcome.sign()),
            Tick::Judged(verdict) => {
                let said = headline_of(&verdict);
                let _ = writeln!(
                    io::stderr(),
                    "\r\x1b[K=> {said} (the calls around it are still counted)"
                );
                return;
            }
            Tick::Counted { done, all } => {
                let _ = write!(io::stderr(), "\r\x1b[K{done} of {all} calls");
                let _ = io::stderr().flush();
                return;
            }
        };
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.iter_mut().find(|(it, _)| *it == step) {
            Some(it) => it.1 = sign,
            None => known.push((step, sign)),
        }
        let is_last = step == StepName::Simulate;
        let line: Vec<String> = known
            .iter()
            .map(|(step, sign)| format!("{sign} {}", step.label()))
            .collect();
        let line = if is_last {
            String::new()
        } else {
            line.join("  ")
        };
        let _ = write!(io::stderr(), "\r\x1b[K{line}");
        let _ = io::stderr().flush();
        if is_last {
            known.clear();
        }
    })
}
