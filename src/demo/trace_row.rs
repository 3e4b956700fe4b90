//! A message as a row of the platform's SIP trace, in its documented shape.

use serde_json::{Value, json};

use crate::sip::{Call, Signal, StartLine, Transport};

/// Rows are numbered from here, so many a call.
const FIRST_ID: u64 = 900_000;
const IDS_A_CALL: u64 = 10_000;

/// The messages of a call's legs with one of these Call-IDs. `number` is that of the call.
pub(super) fn of(call: &Call, number: u64, call_ids: &[&str]) -> Vec<Value> {
    let is_asked = |leg: &usize| {
        let leg = call.legs.get(*leg);
        leg.is_some_and(|leg| call_ids.contains(&leg.call_id.as_str()))
    };
    let mut before = None;
    let asked = call.signals.iter().filter(|(leg, _)| is_asked(leg));
    asked
        .map(|(_, signal)| {
            let micros = signal.at().as_microsecond();
            let delta = before
                .replace(micros)
                .map(|before| micros.saturating_sub(before));
            let first = FIRST_ID.saturating_add(number.saturating_mul(IDS_A_CALL));
            row(signal, first.saturating_add(signal.number as u64), delta)
        })
        .collect()
}

fn row(signal: &Signal, id: u64, delta: Option<i64>) -> Value {
    let message = signal.message();
    let (method, uri) = match message.start() {
        StartLine::Request { method, uri } => (method.to_string(), uri.as_str()),
        StartLine::Response { code, .. } => (code.to_string(), ""),
        StartLine::Garbled => (String::new(), ""),
    };
    let protocol = match signal.packet.transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
        Transport::Tls => "TLS",
        Transport::Ws => "WS",
    };
    let mut row = json!({
        "id": id, "date": format!("{:.3}", signal.at()), "micro_ts": signal.at().as_microsecond(),
        "callid": message.call_id(), "method": method, "reply_reason": message.reason_phrase(),
        "ruri": uri, "ruri_user": message.request_uri().and_then(|uri| uri.user).unwrap_or_default(),
        "to_user": message.to_user(), "from_user": message.from_user(),
        "user_agent": message.agent().unwrap_or_default(),
        "source_ip": signal.source().ip(), "source_port": signal.source().port(),
        "destination_ip": signal.destination().ip(),
        "destination_port": signal.destination().port(),
        "protocol": protocol, "msg": String::from_utf8_lossy(message.raw()),
    });
    if let (Some(delta), Some(row)) = (delta, row.as_object_mut()) {
        row.insert("delta".to_owned(), json!(delta));
    }
    row
}
