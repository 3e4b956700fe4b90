//! Sums over many calls: attempts, answers and minutes of a customer, a carrier or a destination.
//! Works out nothing that the platform did not count.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Id;

/// One row of a break-down. Which of the first five are there depends on what was grouped by.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Aggregate {
    /// The beginning of the stretch of time.
    pub at: Option<Timestamp>,
    /// Whose calls.
    pub customer_id: Option<Id>,
    /// Through which carrier.
    pub carrier_id: Option<Id>,
    /// To which destination, as the customers' rate card names it.
    pub destination: Option<String>,
    /// To which destination, as the carriers' rate card names it.
    pub carrier_destination: Option<String>,
    /// How many calls were tried.
    pub attempts: Option<u64>,
    /// How many were answered.
    pub connected: Option<u64>,
    /// How long they were up in all, in milliseconds.
    pub duration_ms: Option<i64>,
    /// Average call duration, in seconds.
    pub acd_seconds: Option<f64>,
    /// Answer-seizure ratio: answered of tried, in percent.
    pub asr_percent: Option<f64>,
    /// How many had DTMF.
    pub dtmf: Option<u64>,
    /// What customers were charged, by currency.
    pub customer_charge: BTreeMap<String, f64>,
    /// What carriers charge, by currency.
    pub carrier_charge: BTreeMap<String, f64>,
    /// The whole row as received.
    pub raw: Value,
}

impl Aggregate {
    /// How many were tried and not answered.
    #[must_use]
    pub fn failed(&self) -> Option<u64> {
        Some(self.attempts?.saturating_sub(self.connected?))
    }
}
