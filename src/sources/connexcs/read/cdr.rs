//! Answers of the CDR query and of the break-down over many calls. Numbers may come as text, and any
//! column may be absent, as each query names its own.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fields::Fields;
use super::lenient::{self, Said};
use super::rows::{Rows, read};
use super::unreadable::Unreadable;
use crate::platform::{Aggregate, Cdr, Money};

/// Reads the answer to a CDR query.
///
/// # Errors
/// Where the answer as a whole is no list of records.
pub fn cdrs(body: &[u8]) -> Result<Rows<Cdr>, Unreadable> {
    read(body, |fields| {
        let cdr = Cdr {
            at: fields.moment(&["dt"]),
            call_id: fields.text(&["callid"]),
            from_received: fields.text(&["source_cli"]),
            to_received: fields.text(&["source_dest_number"]),
            from_sent: fields.text(&["dest_cli"]),
            to_sent: fields.text(&["dest_number"]),
            duration_ms: fields.milliseconds(&["duration"]),
            pdd_in_ms: fields.number(&["pdd_in"]),
            pdd_out_ms: fields.number(&["pdd_out"]),
            ring_duration: fields.number(&["ring_duration"]),
            code: fields.code(&["sip_code"]),
            reason: fields.text(&["sip_reason"]),
            release_reason: fields.text(&["release_reason"]),
            customer_id: fields.id(&["customer_id", "company_id"]),
            carrier_id: fields.id(&["provider_id"]),
            branch: fields.count(&["branch_idx"]),
            customer_charge: money(fields, "customer_charge", "customer_card_currency"),
            carrier_charge: money(fields, "provider_charge", "provider_card_currency"),
            customer_billed_ms: fields.milliseconds(&["customer_duration"]),
            carrier_billed_ms: fields.milliseconds(&["provider_duration"]),
            customer_rate: fields.number(&["customer_card_rate"]),
            destination_code: fields.text(&["customer_card_dest_code"]),
            destination: fields.text(&["customer_card_dest_name"]),
            carrier_destination: fields.text(&["provider_card_dest_name"]),
            raw: Value::Null,
        };
        let raw = fields.raw();
        (cdr != Cdr::default()).then_some(Cdr { raw, ..cdr })
    })
}

fn money(fields: &Fields<'_>, amount: &str, currency: &str) -> Option<Money> {
    Some(Money {
        amount: fields.number(&[amount])?,
        currency: fields.text(&[currency]),
    })
}

/// Reads the answer to a query of sums by customer, carrier, destination or time.
///
/// # Errors
/// Where the answer as a whole is no list of rows.
pub fn aggregates(body: &[u8]) -> Result<Rows<Aggregate>, Unreadable> {
    read(body, |fields| {
        let charge = |name: &str| fields.read(&[name], by_currency).unwrap_or_default();
        let sums = Aggregate {
            at: fields.moment(&["dt"]),
            customer_id: fields.id(&["customer_id"]),
            carrier_id: fields.id(&["provider_id"]),
            destination: fields.text(&["customer_card_dest_name"]),
            carrier_destination: fields.text(&["provider_card_dest_name"]),
            attempts: fields.count(&["attempts"]),
            connected: fields.count(&["connected"]),
            duration_ms: fields.milliseconds(&["duration"]),
            acd_seconds: fields.number(&["acd"]),
            asr_percent: fields.number(&["asr"]),
            dtmf: fields.count(&["dtmf"]),
            customer_charge: charge("customer_charge"),
            carrier_charge: charge("provider_charge"),
            raw: Value::Null,
        };
        let raw = fields.raw();
        (sums != Aggregate::default()).then_some(Aggregate { raw, ..sums })
    })
}

/// Amounts by currency; a bare number names none.
fn by_currency(value: &Value) -> Said<BTreeMap<String, f64>> {
    let Value::Object(amounts) = value else {
        let amount = lenient::number(value)?;
        return Ok(amount.map(|amount| BTreeMap::from([(String::new(), amount)])));
    };
    let mut read = BTreeMap::new();
    for (currency, amount) in amounts {
        if let Some(amount) = lenient::number(amount)? {
            read.insert(currency.clone(), amount);
        }
    }
    Ok(Some(read))
}
