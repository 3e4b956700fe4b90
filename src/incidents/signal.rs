//! What incidents are made of: calls with the few facts by which they are watched, alerts of other programs, and how a
//! source does. Values only; judges nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::watch::Scope;
use crate::diagnosis::common::Ended;
use crate::platform::{Carrier, Cdr, Customer, Id, named};

/// A customer or carrier, as a call names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// Its number on the platform.
    pub id: Id,
    /// What people read, as in `Acme (#12)`.
    pub name: String,
}

/// One call, as it is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The Call-ID of the leg that came in.
    pub call_id: String,
    /// When it was.
    pub at: Timestamp,
    /// Whose call it is.
    pub customer: Option<Named>,
    /// The carrier that was tried last.
    pub carrier: Option<Named>,
    /// The platform's server, where the source says.
    pub server: Option<String>,
    /// Who called, in digits.
    pub from: String,
    /// Who was called, in digits.
    pub to: String,
    /// The final code.
    pub code: Option<u16>,
    /// How it ended.
    pub ended: Ended,
    /// Whether it was answered.
    pub answered: bool,
    /// Post-dial delay in milliseconds.
    pub pdd_ms: Option<u32>,
}

impl Seen {
    /// A call as billing has it; nothing of a row without a Call-ID or a time.
    #[must_use]
    pub fn of_cdr(cdr: &Cdr, customers: &[Customer], carriers: &[Carrier]) -> Option<Seen> {
        let customer = cdr.customer_id.map(|id| {
            let known = customers.iter().find(|it| it.id == id);
            let name = named("customer", id, known.and_then(|it| it.name.as_deref()));
            Named { id, name }
        });
        let carrier = cdr.carrier_id.map(|id| {
            let known = carriers.iter().find(|it| it.id == id);
            let name = named("carrier", id, known.and_then(|it| it.name.as_deref()));
            Named { id, name }
        });
        let to = cdr.to_sent.as_ref().or(cdr.to_received.as_ref());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounded just before"
        )]
        let millis = |pdd: f64| (pdd > 0.0 && pdd < 600_000.0).then_some(pdd as u32);
        Some(Seen {
            call_id: cdr.call_id.clone().filter(|id| !id.is_empty())?,
            at: cdr.at?,
            customer,
            carrier,
            server: None,
            from: digits(cdr.from_received.as_deref().unwrap_or_default()),
            to: digits(to.map_or("", String::as_str)),
            code: cdr.code,
            ended: Ended::of_cdr(cdr),
            answered: cdr.is_answered().unwrap_or(false),
            pdd_ms: cdr.pdd_out_ms.or(cdr.pdd_in_ms).and_then(millis),
        })
    }

    /// Whether it was lost. A challenge that a known customer never answered counts: that is what a wrong password
    /// looks like in a record. Of strangers it does not: scanners leave thousands.
    #[must_use]
    pub fn failed(&self) -> bool {
        let unproved = matches!(self.code, Some(401 | 407)) && self.customer.is_some();
        self.ended == Ended::Failed || (unproved && !self.answered)
    }
}

/// The digits of a number.
#[must_use]
pub fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// A call that was diagnosed as an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// Its Call-ID.
    pub call_id: String,
    /// The investigation it stands in, if that was kept.
    pub investigation: String,
    /// When it began.
    pub at: Option<Timestamp>,
    /// What happened, in one sentence.
    pub headline: String,
    /// The rule that explains it.
    pub rule: String,
    /// Who owns the cause, in words; empty where that is undecided.
    pub party: String,
    /// Who has to act.
    pub to_act: String,
    /// What to do next.
    pub next: String,
    /// Names of what it used on the platform: servers, zones.
    pub places: Vec<String>,
}

/// Whether an alert goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It does.
    Firing,
    /// It is over.
    Resolved,
}

/// Something that another program noticed. Every text in it is from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The hook that it came in by.
    pub hook: String,
    /// What tells it from others of that hook.
    pub id: String,
    /// Whether it goes on.
    pub status: Status,
    /// What it says.
    pub title: String,
    /// More of it.
    pub text: String,
    /// How bad it is by its own word.
    pub severity: String,
    /// When it began by its own word.
    pub starts: Option<Timestamp>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

impl Alert {
    /// The calls that it is about, where its labels name a customer, a carrier, a prefix, a number or a server.
    #[must_use]
    pub fn scope(&self) -> Option<Scope> {
        let parts = ["customer", "carrier", "prefix", "number", "server"].into_iter();
        let named = parts.filter_map(|kind| {
            let value = self.labels.get(kind).map(|it| it.trim())?;
            (!value.is_empty() && !value.contains(char::is_whitespace))
                .then(|| format!("{kind}:{value}"))
        });
        let text: Vec<String> = named.collect();
        text.join(" ").parse().ok().filter(|_| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scanner_without_credentials_is_no_failure_and_a_customer_is() {
        let mut call = Seen {
            call_id: "1".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            customer: None,
            carrier: None,
            server: None,
            from: String::new(),
            to: String::new(),
            code: Some(401),
            ended: Ended::Undecided,
            answered: false,
            pdd_ms: None,
        };
        assert!(!call.failed());
        call.customer = Some(Named {
            id: 1,
            name: "A".to_owned(),
        });
        assert!(call.failed());
    }
}
