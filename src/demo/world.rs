//! What the demo platform knows: its calls, and what time it is there. Made once; answers are worked out
//! of it when they are asked for.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::call::{last, moved};
use super::{billing, log_row, trace_row};
use crate::capture::Index;
use crate::examples;
use crate::sip::{Call, Kind, calls, threads};

/// How long before now the newest call ended, and how far apart the ends of calls lie.
const APART: SignedDuration = SignedDuration::from_mins(3);

/// The calls of a platform at a moment.
#[derive(Debug)]
pub struct World {
    pub(super) now: Timestamp,
    calls: Vec<Call>,
    /// Rows of calls that were only simulated.
    simulated: Mutex<Vec<Value>>,
}

impl World {
    /// The built-in example captures, the newest of which ended three minutes before `now`, and each of
    /// the others three minutes before the next.
    #[must_use]
    pub fn of_examples(now: Timestamp) -> World {
        let mut recorded: Vec<Call> = examples::captures()
            .flat_map(|capture| {
                let index = Index::in_memory(&[capture]);
                let ids: Vec<String> = index.calls().map(|it| it.call_id().to_string()).collect();
                let loaded = index.load(&ids);
                calls(threads(loaded.packets), &loaded.joins)
            })
            .filter(|call| call.kind() != Kind::Other)
            .collect();
        recorded.sort_by_key(Call::started);
        let mut at = now;
        let mut calls: Vec<Call> = recorded
            .iter()
            .rev()
            .filter_map(|call| {
                at = at.checked_sub(APART).ok()?;
                moved(call, at.duration_since(last(call)))
            })
            .collect();
        calls.reverse();
        World::of_calls(calls, now)
    }

    /// These calls, as and when they are.
    #[must_use]
    pub fn of_calls(calls: Vec<Call>, now: Timestamp) -> World {
        World {
            now,
            calls,
            simulated: Mutex::default(),
        }
    }

    /// The calls, in order of time.
    #[must_use]
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// The rows of the call log, the oldest first: the real platform promises no order either.
    pub(super) fn log(&self) -> Vec<Value> {
        let simulated = self
            .simulated
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let calls = self.with(Kind::Call);
        calls
            .filter_map(log_row::of)
            .chain(simulated.clone())
            .collect()
    }

    /// The rows of the registration log.
    pub(super) fn registrations(&self) -> Vec<Value> {
        self.with(Kind::Registration)
            .filter_map(log_row::of_registration)
            .collect()
    }

    /// The trace of all legs with one of these Call-IDs.
    pub(super) fn trace(&self, call_ids: &[&str]) -> Vec<Value> {
        let numbered = self.calls.iter().zip(1_u64..);
        numbered
            .flat_map(|(call, number)| trace_row::of(call, number, call_ids))
            .collect()
    }

    /// The call detail records, the oldest first.
    pub(super) fn cdrs(&self) -> Vec<Value> {
        self.with(Kind::Call).filter_map(billing::record).collect()
    }

    /// Keeps the row of a simulated call.
    pub(super) fn keep_simulated(&self, row: Value) {
        let mut simulated = self
            .simulated
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        simulated.push(row);
    }

    fn with(&self, kind: Kind) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(move |call| call.kind() == kind)
    }
}
