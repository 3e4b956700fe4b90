//! A call detail record: what was billed for one call. Knows no prices and no rounding; it says what
//! the platform says.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Id;

/// An amount in a currency, both as reported.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Money {
    /// How much.
    pub amount: f64,
    /// The currency as the platform writes it (`USD`), where it says.
    pub currency: Option<String>,
}

/// One call as billing has it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Cdr {
    /// When the call was.
    pub at: Option<Timestamp>,
    /// The Call-ID of the leg that came in.
    pub call_id: Option<String>,
    /// The caller as received.
    pub from_received: Option<String>,
    /// The called number as received.
    pub to_received: Option<String>,
    /// The caller as sent out, after rewriting.
    pub from_sent: Option<String>,
    /// The called number as sent out, after rewriting.
    pub to_sent: Option<String>,
    /// Talk time in milliseconds; 0 of a call that was not answered.
    pub duration_ms: Option<i64>,
    /// Post-dial delay on the incoming side, in milliseconds.
    pub pdd_in_ms: Option<f64>,
    /// Post-dial delay on the outgoing side, in milliseconds.
    pub pdd_out_ms: Option<f64>,
    /// How long it rang. The unit is not documented: as reported.
    pub ring_duration: Option<f64>,
    /// The final code.
    pub code: Option<u16>,
    /// The text that goes with it.
    pub reason: Option<String>,
    /// Why an answered call ended, in the platform's words.
    pub release_reason: Option<String>,
    /// Who paid.
    pub customer_id: Option<Id>,
    /// Who carried it.
    pub carrier_id: Option<Id>,
    /// Which of the routes in turn it was.
    pub branch: Option<u64>,
    /// What the customer was charged.
    pub customer_charge: Option<Money>,
    /// What the carrier charges.
    pub carrier_charge: Option<Money>,
    /// What the customer was billed for, in milliseconds.
    pub customer_billed_ms: Option<i64>,
    /// What the carrier bills, in milliseconds.
    pub carrier_billed_ms: Option<i64>,
    /// The customer's rate, as reported.
    pub customer_rate: Option<f64>,
    /// The dial code of the customer's rate.
    pub destination_code: Option<String>,
    /// The destination as the customer's rate card names it.
    pub destination: Option<String>,
    /// The destination as the carrier's rate card names it.
    pub carrier_destination: Option<String>,
    /// The whole row as received.
    pub raw: Value,
}

impl Cdr {
    /// Whether the call was answered: it has talk time. Records may hold unanswered calls too.
    /// Nothing where the row has no duration.
    #[must_use]
    pub fn is_answered(&self) -> Option<bool> {
        self.duration_ms.map(|duration| duration > 0)
    }
}
