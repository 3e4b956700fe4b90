//! What a platform's API tells, read from its JSON: the documented shapes, the uncertain ones, and
//! answers that are none.

// Says nothing new to the compiler; tells clippy that the helpers here are tests too.
#![cfg(test)]

mod call_log;
mod errors;
mod packets;
mod properties;
mod rows;
mod values;

use calltriage::platform::CallRecord;
use calltriage::sources::connexcs::read::{Rows, call_records};
use jiff::Timestamp;
use serde_json::Value;

/// A moment as people write it.
pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The call records of a JSON answer.
#[track_caller]
pub fn records(json: &Value) -> Rows<CallRecord> {
    call_records(json.to_string().as_bytes()).unwrap()
}

/// The one call record of a JSON answer, read without any loss.
#[track_caller]
pub fn record(json: &Value) -> CallRecord {
    let mut read = records(json);
    assert_eq!(read.sentence(), None);
    assert_eq!(read.rows.len(), 1);
    read.rows.remove(0)
}
