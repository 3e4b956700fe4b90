//! What an investigation comes to in numbers: how long it took, how its steps ended, what was found. Keeps no text that
//! came from outside.

use std::time::Duration;

use crate::diagnosis::Investigation;
use crate::metrics::{self, Metrics};

/// Counts one.
pub(super) fn count(metrics: &Metrics, done: &Investigation, took: Duration) {
    metrics.observe(&metrics::INVESTIGATIONS, &[], took);
    for step in &done.steps {
        let name = step.step.label();
        metrics.count(&metrics::STEPS, &[name, step.outcome.word()]);
        let took = Duration::from_millis(step.took_ms);
        metrics.observe(&metrics::STEP_SECONDS, &[name], took);
    }
    for finding in done.calls.iter().flat_map(|it| &it.findings) {
        let labels = [finding.rule.as_str(), finding.party.label()];
        metrics.count(&metrics::FINDINGS, &labels);
    }
}
