//! Tells a person at a terminal how far a long reading is. Silent anywhere else.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

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
