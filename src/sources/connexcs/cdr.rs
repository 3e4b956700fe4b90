//! Queries of call detail records: bounded in time always, since the platform answers an unbounded one
//! with an error. Source: its API's `cdr`.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::read::cdrs;
use super::{Answer, ConnexCs, WHO, answer, first};
use crate::call::Window;
use crate::platform::{Cdr, Id};
use crate::sources::Lookup;
use crate::sources::api::Class;

/// What is read of each record.
const FIELDS: &[&str] = &[
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
    "customer_card_currency",
    "provider_charge",
    "provider_card_currency",
    "customer_duration",
    "provider_duration",
    "customer_card_rate",
    "customer_card_dest_code",
    "customer_card_dest_name",
    "provider_card_dest_name",
];

/// What is read of each record by those who watch many calls and judge none: no prices, no words.
const FEW: &[&str] = &[
    "dt",
    "callid",
    "source_cli",
    "source_dest_number",
    "dest_number",
    "duration",
    "pdd_in",
    "pdd_out",
    "sip_code",
    "release_reason",
    "customer_id",
    "provider_id",
];

/// How far around a call its record is looked for.
const AROUND: SignedDuration = SignedDuration::from_hours(6);

/// The platform gives no more at once.
const MOST: usize = 5000;

/// Something that a record must equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CdrField {
    /// The Call-ID that came in.
    CallId(String),
    /// The caller as sent out, in digits.
    From(String),
    /// The called number as sent out, in digits.
    To(String),
    /// The called number as it came in.
    Dialled(String),
    /// Who paid.
    Customer(Id),
    /// Who carried it.
    Carrier(Id),
    /// The final code.
    Code(u16),
    /// Not equal, but at least: how long it was up, in seconds.
    LastedAtLeast(u32),
}

/// How much of each record is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Columns {
    /// Everything that is known what it means.
    #[default]
    All,
    /// When, who, how it ended.
    Few,
}

/// Which records are wanted: all of the conditions hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CdrQuery {
    /// When the calls were.
    pub window: Window,
    /// What they must equal.
    pub fields: Vec<CdrField>,
    /// How many at most, the newest first.
    pub most: usize,
    /// How much of each.
    pub columns: Columns,
}

impl CdrQuery {
    pub(super) fn body(&self) -> Value {
        let rule = |field: &str, condition: &str, data: Value| json!({"field": field, "condition": condition, "data": data});
        let mut rules = vec![
            rule("dt", ">=", json!(utc(self.window.from))),
            rule("dt", "<=", json!(utc(self.window.to))),
        ];
        rules.extend(self.fields.iter().map(|field| match field {
            CdrField::CallId(id) => rule("callid", "=", json!(id)),
            CdrField::From(number) => rule("dest_cli", "=", json!(number)),
            CdrField::To(number) => rule("dest_number", "=", json!(number)),
            CdrField::Dialled(number) => rule("source_dest_number", "=", json!(number)),
            CdrField::Customer(id) => rule("customer_id", "=", json!(id)),
            CdrField::Carrier(id) => rule("provider_id", "=", json!(id)),
            CdrField::Code(code) => rule("sip_code", "=", json!(code)),
            CdrField::LastedAtLeast(seconds) => rule("duration", ">=", json!(seconds)),
        }));
        json!({
            "field": match self.columns {
                Columns::All => FIELDS,
                Columns::Few => FEW,
            },
            "where": {"rules": rules},
            "limit": self.most.clamp(1, MOST),
            "order": [{"field": "dt", "direction": "DESC"}],
        })
    }
}

/// A moment as the platform writes it.
pub(super) fn utc(at: Timestamp) -> String {
    at.strftime("%F %T").to_string()
}

impl ConnexCs {
    /// The records that a query describes, the newest first. Records of calls that were not answered
    /// may be among them, or may not.
    pub async fn cdrs(&self, query: &CdrQuery) -> Lookup<Answer<Cdr>> {
        match self.api.post_json("cdr", &query.body(), Class::Cdr).await {
            Ok(body) => answer(cdrs(&body.bytes)),
            Err(failure) => Lookup::Unavailable(failure.sentence(WHO)),
        }
    }

    /// The record of the call with this incoming Call-ID, which began about then.
    pub async fn cdr_of(&self, call_id: &str, at: Timestamp) -> Lookup<Cdr> {
        let from = at.checked_sub(AROUND).unwrap_or(at);
        let query = CdrQuery {
            window: Window::new(from, at.checked_add(AROUND).unwrap_or(at)),
            fields: vec![CdrField::CallId(call_id.to_owned())],
            most: 1,
            columns: Columns::All,
        };
        first(self.cdrs(&query).await)
    }
}
