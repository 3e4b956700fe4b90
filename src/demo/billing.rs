//! A recorded call as a call detail record, with prices that are made up.

use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::{Value, json};

use super::log_row::{connected, dialled, release_reason, talk_seconds};
use super::party::{CARRIERS, CUSTOMERS, behind};
use crate::sip::Call;

/// What a minute costs a customer and is paid to a carrier, in US dollars.
const RATE: f64 = 0.012;
const COST: f64 = 0.009;

/// The columns that there are.
pub(super) const COLUMNS: [&str; 27] = [
    "dt",
    "callid",
    "source_cli",
    "source_dest_number",
    "dest_cli",
    "dest_number",
    "duration",
    "pdd_in",
    "pdd_out",
    "ring_duration",
    "sip_code",
    "sip_reason",
    "release_reason",
    "customer_id",
    "provider_id",
    "branch_idx",
    "customer_charge",
    "provider_charge",
    "customer_card_currency",
    "provider_card_currency",
    "customer_duration",
    "provider_duration",
    "customer_card_rate",
    "customer_card_dest_code",
    "customer_card_dest_name",
    "provider_card_dest_name",
    "recording_cost",
];

/// The record of a call.
pub(super) fn record(call: &Call) -> Option<Value> {
    let facts = &call.first_leg()?.facts;
    let ingress = call.ingress()?;
    let received = ingress.first_invite()?.message();
    let hops: Vec<_> = call.downstream(ingress).collect();
    let carried = connected(call, ingress).or_else(|| hops.last().copied());
    let branch = hops.iter().position(|hop| Some(*hop) == carried);
    let sent = carried
        .and_then(|hop| hop.first_invite())
        .map(|it| it.message());
    let sent = sent.unwrap_or(received);
    let carrier = carried.and_then(|hop| behind(&CARRIERS, hop.server.ip()));
    let reason = ingress
        .final_response()
        .map(|it| it.message().reason_phrase());
    let seconds = talk_seconds(call).unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "no call lasts that long")]
    let minutes = seconds as f64 / 60.0;
    Some(json!({
        "dt": written(facts.started), "callid": facts.call_id,
        "source_cli": received.from_user(), "source_dest_number": dialled(received),
        "dest_cli": sent.from_user(), "dest_number": dialled(sent),
        "duration": seconds, "pdd_in": facts.pdd_ms, "pdd_out": facts.pdd_ms,
        "ring_duration": 0, "sip_code": ingress.final_code(), "sip_reason": reason,
        "release_reason": release_reason(call),
        "customer_id": behind(&CUSTOMERS, ingress.client.ip()).map(|it| it.id),
        "provider_id": carrier.map(|it| it.id), "branch_idx": branch,
        // The platform writes some numbers as text.
        "customer_charge": format!("{:.4}", minutes * RATE),
        "provider_charge": format!("{:.4}", minutes * COST),
        "customer_card_currency": "USD", "provider_card_currency": "USD",
        "customer_duration": seconds, "provider_duration": seconds,
        "customer_card_rate": RATE, "customer_card_dest_code": "44", "recording_cost": 0,
        "customer_card_dest_name": "United Kingdom", "provider_card_dest_name": "UK Fixed",
    }))
}

/// A moment as records write it.
pub(super) fn written(at: Timestamp) -> String {
    Offset::UTC
        .to_datetime(at)
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}
