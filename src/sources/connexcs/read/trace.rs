//! Answers of the SIP trace, read into traced messages. Makes no packets of them.

use serde_json::{Map, Value};

use super::fields::Fields;
use super::lenient::{self, Said};
use super::rows::{Rows, read};
use super::unreadable::Unreadable;
use crate::platform::TracedMessage;

/// The columns that are documented.
const COLUMNS: [&str; 18] = [
    "id",
    "date",
    "micro_ts",
    "callid",
    "method",
    "reply_reason",
    "ruri",
    "ruri_user",
    "to_user",
    "from_user",
    "user_agent",
    "source_ip",
    "source_port",
    "destination_ip",
    "destination_port",
    "protocol",
    "msg",
    "delta",
];

/// Reads the answer to a search for the trace of a call.
///
/// # Errors
/// Where the answer as a whole is nothing that a trace is.
pub fn traced_messages(body: &[u8]) -> Result<Rows<TracedMessage>, Unreadable> {
    read(body, traced_message)
}

fn traced_message(fields: &Fields<'_>) -> Option<TracedMessage> {
    let mut extra: Map<String, Value> = fields.element().clone();
    extra.retain(|key, _| !COLUMNS.contains(&key.as_str()));
    let message = TracedMessage {
        id: fields.count(&["id"]),
        date: fields.moment(&["date"]),
        micro_ts: fields.moment(&["micro_ts"]),
        call_id: fields.text(&["callid"]),
        method: fields.text(&["method"]),
        reply_reason: fields.text(&["reply_reason"]),
        request_uri: fields.text(&["ruri"]),
        request_user: fields.text(&["ruri_user"]),
        to_user: fields.text(&["to_user"]),
        from_user: fields.text(&["from_user"]),
        user_agent: fields.text(&["user_agent"]),
        source_ip: fields.ip(&["source_ip"]),
        source_port: fields.port(&["source_port"]),
        destination_ip: fields.ip(&["destination_ip"]),
        destination_port: fields.port(&["destination_port"]),
        transport: fields.transport(&["protocol"]),
        message: fields.read(&["msg"], lenient::verbatim),
        delta_us: fields.read(&["delta"], microseconds),
        extra,
    };
    (message.message.is_some() || message.method.is_some()).then_some(message)
}

/// Copies and clocks that were set back make it negative at times.
fn microseconds(value: &Value) -> Said<i64> {
    if let Some(whole) = value.as_i64() {
        return Ok(Some(whole));
    }
    let size = |value: f64| Value::from(value.abs());
    let Some(number) = lenient::number(value)? else {
        return Ok(None);
    };
    let magnitude = lenient::count(&size(number.trunc()))?;
    let magnitude = magnitude.and_then(|it| i64::try_from(it).ok());
    Ok(magnitude.map(|it| if number < 0.0 { -it } else { it }))
}
