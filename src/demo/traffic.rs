//! Calls by the hundred thousand: a few facts of each, out of which a record is made when somebody asks for it. The messages
//! of one are written by whoever made the traffic up, and only when they are asked for.

use std::collections::HashMap;
use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::billing::written;
use crate::sip::Call;

/// A call in a few facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Short {
    /// The Call-ID that came in.
    pub call_id: String,
    /// When it began.
    pub at: Timestamp,
    /// Whose call it is.
    pub customer: Option<u64>,
    /// The carrier that was tried last.
    pub carrier: Option<u64>,
    /// Who called, in digits.
    pub from: String,
    /// Who was called, in digits.
    pub to: String,
    /// The final code.
    pub code: u16,
    /// Post-dial delay in milliseconds.
    pub pdd_ms: u32,
    /// How long it was up, in seconds; none where it was not answered.
    pub seconds: u32,
}

impl Short {
    /// When it is over: before that nobody has a record of it.
    fn over(&self) -> Timestamp {
        let setup = SignedDuration::from_millis(i64::from(self.pdd_ms));
        let up = SignedDuration::from_secs(i64::from(self.seconds));
        self.at.checked_add(setup + up).unwrap_or(self.at)
    }

    /// One column of its record; nothing where the platform has none of the name, or no value.
    fn column(&self, name: &str) -> Option<Value> {
        Some(match name {
            "dt" => json!(written(self.at)),
            "callid" => json!(self.call_id),
            "source_cli" | "dest_cli" => json!(self.from),
            "source_dest_number" | "dest_number" => json!(self.to),
            "duration" | "customer_duration" | "provider_duration" => json!(self.seconds),
            "pdd_in" | "pdd_out" => json!(self.pdd_ms),
            "sip_code" => json!(self.code),
            "release_reason" if self.seconds > 0 => json!("Downstream BYE"),
            "customer_id" => json!(self.customer?),
            "provider_id" => json!(self.carrier?),
            "customer_card_dest_name" | "provider_card_dest_name" => {
                json!(self.to.get(..2).unwrap_or_default())
            }
            _ => return None,
        })
    }
}

/// How a call went, message by message, and what the row of the log says otherwise than these make it: a merge patch (RFC
/// 7396).
pub type Played = Box<dyn Fn(&Short) -> Option<(Call, Value)> + Send + Sync>;

/// Calls in order of time, with those who sent and took them.
pub struct Traffic {
    calls: Vec<Short>,
    places: HashMap<String, usize>,
    pub(super) customers: Vec<(u64, String)>,
    pub(super) carriers: Vec<(u64, String)>,
    played: Played,
}

impl fmt::Debug for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traffic")
            .field("calls", &self.calls.len())
            .finish_non_exhaustive()
    }
}

/// Which records are asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch<'a> {
    /// From when, as records write it.
    pub from: &'a str,
    /// Until when.
    pub to: &'a str,
    /// Of one call alone.
    pub call_id: Option<&'a str>,
    /// Of calls that were up at least so long, in seconds.
    pub least: u64,
}

impl Traffic {
    /// These calls, by number and name of the customers and carriers, with what writes their messages.
    #[must_use]
    pub fn new(
        mut calls: Vec<Short>,
        customers: Vec<(u64, String)>,
        carriers: Vec<(u64, String)>,
        played: Played,
    ) -> Traffic {
        calls.sort_by_key(|it| it.at);
        let places = calls.iter().zip(0..);
        let places = places.map(|(it, at)| (it.call_id.clone(), at)).collect();
        Traffic {
            calls,
            places,
            customers,
            carriers,
            played,
        }
    }

    /// The records of calls that were over by then, the oldest first, these columns of each.
    pub(super) fn records(
        &self,
        asked: Stretch<'_>,
        columns: &[&str],
        until: Timestamp,
    ) -> Vec<Value> {
        let (Some(from), Some(to)) = (moment(asked.from), moment(asked.to)) else {
            return Vec::new();
        };
        let found = match asked.call_id {
            Some(id) => {
                let at = self.places.get(id).copied();
                at.map_or(0..0, |at| at..at + 1)
            }
            None => {
                let first = self.calls.partition_point(|it| it.at < from);
                let end = to.checked_add(SignedDuration::from_secs(1)).unwrap_or(to);
                first..self.calls.partition_point(|it| it.at < end).max(first)
            }
        };
        let calls = self.calls.get(found).unwrap_or_default().iter();
        let record = |call: &Short| {
            let named = columns
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), call.column(name)?)));
            Value::Object(named.collect::<Map<_, _>>())
        };
        let is_there = |it: &&Short| it.over() <= until && u64::from(it.seconds) >= asked.least;
        calls.filter(is_there).map(record).collect()
    }

    /// How a call went, and what the row of the log says of it otherwise.
    pub(super) fn played(&self, call_id: &str) -> Option<(Call, Value)> {
        let call = self.calls.get(*self.places.get(call_id)?)?;
        (self.played)(call)
    }
}

/// A moment as records write it.
fn moment(text: &str) -> Option<Timestamp> {
    let read = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
    Some(read.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Changes a value as a merge patch says (RFC 7396).
pub fn merge(value: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *value = patch;
        return;
    };
    if !value.is_object() {
        *value = json!({});
    }
    let Some(fields) = value.as_object_mut() else {
        return;
    };
    for (key, change) in patch {
        if change.is_null() {
            fields.remove(&key);
        } else {
            merge(fields.entry(key).or_insert(Value::Null), change);
        }
    }
}
