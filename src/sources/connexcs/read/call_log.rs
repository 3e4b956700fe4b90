//! Answers of log search, read into call records. The documentation and the authors' own code put the
//! fields in different places, so each is looked for in `routing`, then its `params`, then at the top.

use serde_json::Value;

use super::fields::Fields;
use super::lenient;
use super::rows::{Rows, read, read_each};
use super::unreadable::Unreadable;
use crate::platform::{Answered, Attempt, CallRecord, Id};

/// Reads the answer to a log search.
///
/// # Errors
/// Where the answer as a whole is nothing that a log search gives.
pub fn call_records(body: &[u8]) -> Result<Rows<CallRecord>, Unreadable> {
    read(body, |top| {
        let routing = top.object("routing");
        let inner = routing.map(|routing| top.within(vec![routing]));
        let params = inner.as_ref().and_then(|it| it.object("params"));
        let params = params.or_else(|| top.object("params"));
        let opaque = inner.as_ref().and_then(|it| it.object("p"));
        let places = [routing, params, Some(top.element())];
        let fields = top.within(places.into_iter().flatten().collect());
        let with_opaque = [routing, params, Some(top.element()), opaque];
        let customers = top.within(with_opaque.into_iter().flatten().collect());
        record(&fields, &customers)
    })
}

/// Nothing where the element has none of the fields by which a call is known.
fn record(fields: &Fields<'_>, customers: &Fields<'_>) -> Option<CallRecord> {
    let record = CallRecord {
        call_id: fields.text(&["callid"]),
        outgoing_call_id: fields.text(&["callidb", "callid_b"]),
        code: fields.code(&["sip_code"]),
        reason: fields.text(&["sip_reason"]),
        started: fields.moment(&["start_time"]),
        ended: fields.moment(&["end_time"]),
        from: fields.text(&["cli", "fU"]),
        to: fields.text(&["ou", "oU"]),
        source_ip: fields.ip(&["si"]),
        source_port: fields.port(&["sp"]),
        transport: fields.transport(&["proto"]),
        server: fields.text(&["server"]),
        server_ip: fields.ip(&["csIp"]),
        switch: fields.text(&["switch"]),
        engine: fields.text(&["re"]),
        user_agent: fields.text(&["userAgent"]),
        auth_user: fields.text(&["au"]),
        offer_auth: fields.flag(&["offer_auth"]),
        rtp_ip: fields.ip(&["rtp_ip"]),
        customer_id: customers.id(&["customer_id", "company_id"]),
        direction: fields.text(&["direction"]),
        log: fields.texts("log"),
        routes: read_each(fields.list("egress_routing"), fields.notes(), attempt),
        attempts: read_each(fields.list("attempts"), fields.notes(), attempt),
        answered: answered(fields),
        is_of_billing: false,
        is_silent_on_attempts: !fields.has("attempts"),
        raw: fields.raw(),
    };
    let is_known = record.call_id.is_some()
        || record.outgoing_call_id.is_some()
        || record.started.is_some()
        || record.from.is_some()
        || record.to.is_some();
    is_known.then_some(record)
}

fn answered(fields: &Fields<'_>) -> Option<Answered> {
    let ok = fields.within(vec![fields.object("ok")?]);
    Some(Answered {
        duration_ms: ok.milliseconds(&["duration"]),
        release_reason: ok.text(&["release_reason"]),
        carrier_id: ok.id(&["provider_id"]),
        outgoing_call_id: ok.text(&["callid_b", "callidb"]),
    })
}

/// The keys of an attempt are not documented: they are picked by how they end.
#[expect(
    clippy::unnecessary_wraps,
    reason = "whatever object stands there is an attempt"
)]
fn attempt(fields: &Fields<'_>) -> Option<Attempt> {
    let no_other = |_: &str| false;
    // Dial codes and why an answered call ended are something else.
    let of_place = |key: &str| {
        ["dest", "country", "area", "currency", "dial"]
            .iter()
            .any(|word| key.contains(word))
    };
    let of_release = |key: &str| key.contains("release");
    let carriers = ["provider_id", "carrier_id", "provider", "carrier"];
    let names = [
        "provider_name",
        "carrier_name",
        "provider",
        "carrier",
        "name",
    ];
    let of_others = |key: &str| {
        ["user", "customer", "file", "host", "dest"]
            .iter()
            .any(|word| key.contains(word))
    };
    Some(Attempt {
        carrier_id: fields.ending(&carriers, no_other, an_id),
        carrier: fields.ending(&names, of_others, a_name),
        customer_id: fields.ending(&["customer_id", "company_id"], no_other, an_id),
        code: fields.ending(&["sip_code", "code"], of_place, lenient::code),
        reason: fields.ending(&["sip_reason", "reason"], of_release, lenient::text),
        outgoing_call_id: fields.ending(
            &["callidb", "callid_b", "callid"],
            no_other,
            lenient::text,
        ),
        raw: fields.raw(),
    })
}

/// An id; a text names a carrier, and that is read elsewhere.
fn an_id(value: &Value) -> lenient::Said<Id> {
    Ok(lenient::id(value).unwrap_or_default())
}

/// A name; a number names a carrier by its id, and that is read elsewhere.
fn a_name(value: &Value) -> lenient::Said<String> {
    let text = lenient::text(value)?;
    Ok(text.filter(|text| text.parse::<f64>().is_err()))
}
