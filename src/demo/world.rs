//! What the demo platform knows: its calls, and what time it is there. Made once; answers are worked out
//! of it when they are asked for.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::call::{last, moved};
use super::traffic::{Stretch, Traffic, merge};
use super::{billing, log_row, trace_row};
use crate::capture::Index;
use crate::examples;
use crate::sip::{Call, Kind, calls, threads};

/// How long before now the newest call ended, and how far apart the ends of calls lie.
const APART: SignedDuration = SignedDuration::from_mins(3);

/// The calls of a platform at a moment.
#[derive(Debug)]
pub struct World {
    now: Mutex<Timestamp>,
    calls: Vec<Call>,
    /// Many more of which few facts are known.
    traffic: Option<Traffic>,
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
            now: Mutex::new(now),
            calls,
            traffic: None,
            simulated: Mutex::default(),
        }
    }

    /// So many calls that they are only made out when somebody asks for one.
    #[must_use]
    pub fn of_traffic(traffic: Traffic, now: Timestamp) -> World {
        World {
            traffic: Some(traffic),
            ..World::of_calls(Vec::new(), now)
        }
    }

    /// What time it was there when somebody last said so.
    pub(super) fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets it be that time there. Calls that are not over by then have no record yet.
    pub fn pass(&self, now: Timestamp) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Its customers and carriers besides those of the recordings, by number and name.
    pub(super) fn further(&self) -> [&[(u64, String)]; 2] {
        self.traffic
            .as_ref()
            .map_or([&[], &[]], |it| [&it.customers, &it.carriers])
    }

    /// The calls, in order of time.
    #[must_use]
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// The row of the log of one call among many.
    pub(super) fn row_of(&self, call_id: &str) -> Option<Value> {
        let (call, otherwise) = self.traffic.as_ref()?.played(call_id)?;
        let mut row = log_row::of(&call)?;
        merge(row.get_mut("routing")?, otherwise);
        Some(row)
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
        let mut rows: Vec<Value> = numbered
            .flat_map(|(call, number)| trace_row::of(call, number, call_ids))
            .collect();
        let traffic = self.traffic.iter();
        let played = traffic.flat_map(|it| call_ids.iter().find_map(|id| it.played(id)));
        rows.extend(played.flat_map(|(call, _)| trace_row::of(&call, 0, call_ids)));
        rows
    }

    /// The call detail records of a stretch at least, the oldest first, with these columns at least.
    pub(super) fn cdrs(&self, asked: Stretch<'_>, columns: &[&str]) -> Vec<Value> {
        match &self.traffic {
            Some(traffic) => traffic.records(asked, columns, self.now()),
            None => self.with(Kind::Call).filter_map(billing::record).collect(),
        }
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
