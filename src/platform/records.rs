//! Everything that a platform's records say of one call, put together. Holds values; judges nothing.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    AgentStep, Attempt, CallRecord, Carrier, Cdr, CliEntry, Customer, Id, IpEntry, Quality, Rates,
    Registering, ServiceEvent, Words,
};

/// What became of the messages of a call on the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TraceState {
    /// They could not be asked for.
    #[default]
    NotAsked,
    /// There are messages.
    Held,
    /// There are none.
    None,
}

/// What a platform's records say of one call. What could not be asked for is absent, as is what the
/// platform does not know: the steps of the investigation tell the two apart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Records {
    /// The source that gave them.
    pub source: String,
    /// When they were asked for.
    pub asked_at: Timestamp,
    /// The row of the call log.
    pub row: Option<CallRecord>,
    /// Whether the platform holds the call's messages.
    pub trace: TraceState,
    /// For how long it keeps them.
    pub trace_kept: SignedDuration,
    /// What was billed.
    pub cdr: Option<Cdr>,
    /// What RTCP told of the media.
    pub quality: Option<Quality>,
    /// The steps through services of the platform itself.
    pub events: Vec<ServiceEvent>,
    /// Whose call it is.
    pub customer: Option<Customer>,
    /// The carriers that were tried, as far as they are known.
    pub carriers: Vec<Carrier>,
    /// The entries for the address that the call came from; nothing where they could not be asked
    /// for.
    pub source_entries: Option<Vec<IpEntry>>,
    /// What is known of a device that registers, where it was asked about one.
    #[serde(default)]
    pub registering: Option<Registering>,
    /// Rows of other calls to the same number; only of a call that failed.
    #[serde(default)]
    pub siblings: Vec<CallRecord>,
    /// Where the called number leads as it is set up, in the platform's words; nothing where no path for that
    /// is configured, or it could not be asked.
    #[serde(default)]
    pub did: Option<Words>,
    /// Who is registered now as the user whom an inbound call did not reach, and that user; nothing where that was
    /// not asked.
    #[serde(default)]
    pub registered: Option<(String, Words)>,
    /// What the list of calls that are up has of this one; nothing where that was not asked.
    #[serde(default)]
    pub dialog: Option<Words>,
    /// What the customer's rate cards have for the called number; nothing where that was not asked.
    #[serde(default)]
    pub rates: Option<Rates>,
    /// The allow-list entries of the caller number; nothing where that was not asked.
    #[serde(default)]
    pub callers: Option<Vec<CliEntry>>,
    /// The steps of an AI agent in the call.
    #[serde(default)]
    pub agent: Vec<AgentStep>,
    /// Addresses of the platform's own servers, those of media among them.
    pub servers: Vec<IpAddr>,
}

impl Records {
    /// Takes over what was told anew; what was not told anew stays as it was.
    pub fn renew(&mut self, new: Records) {
        fn list<T>(known: &mut Vec<T>, new: Vec<T>) {
            if !new.is_empty() {
                *known = new;
            }
        }
        fn value<T>(known: &mut Option<T>, new: Option<T>) {
            if new.is_some() {
                *known = new;
            }
        }
        self.asked_at = new.asked_at;
        self.trace = new.trace;
        self.trace_kept = new.trace_kept;
        value(&mut self.row, new.row);
        value(&mut self.cdr, new.cdr);
        value(&mut self.quality, new.quality);
        value(&mut self.customer, new.customer);
        value(&mut self.source_entries, new.source_entries);
        value(&mut self.registering, new.registering);
        value(&mut self.did, new.did);
        value(&mut self.registered, new.registered);
        value(&mut self.dialog, new.dialog);
        value(&mut self.rates, new.rates);
        value(&mut self.callers, new.callers);
        list(&mut self.events, new.events);
        list(&mut self.carriers, new.carriers);
        list(&mut self.siblings, new.siblings);
        list(&mut self.agent, new.agent);
        list(&mut self.servers, new.servers);
    }

    /// How old the call was when it was asked for.
    #[must_use]
    pub fn age(&self) -> Option<SignedDuration> {
        Some(self.asked_at.duration_since(self.row.as_ref()?.started?))
    }

    /// How long the platform still keeps the messages of the call; nothing where it has none, or
    /// its age is not known. Never below nothing.
    #[must_use]
    pub fn trace_left(&self) -> Option<SignedDuration> {
        let left = self.trace_kept.checked_sub(self.age()?)?;
        (self.trace == TraceState::Held).then_some(left.max(SignedDuration::ZERO))
    }

    /// The customer's number, as far as it is known.
    #[must_use]
    pub fn customer_id(&self) -> Option<Id> {
        let of_row = || self.row.as_ref()?.customer_id;
        self.customer.as_ref().map(|it| it.id).or_else(of_row)
    }

    /// The customer in words: its name and number, as far as they are known.
    #[must_use]
    pub fn customer_name(&self) -> Option<String> {
        let id = self.customer_id()?;
        let customer = self.customer.as_ref();
        Some(named(
            "customer",
            id,
            customer.and_then(|it| it.name.as_deref()),
        ))
    }

    /// Who was tried, in words: the platform's own, else the carrier's name and number. Nothing where the
    /// attempt names nobody.
    #[must_use]
    pub fn tried(&self, attempt: &Attempt) -> Option<String> {
        let by_id = || Some(self.carrier_name(attempt.carrier_id?));
        attempt.carrier.clone().or_else(by_id)
    }

    /// A carrier in words: its name and number, as far as they are known.
    #[must_use]
    pub fn carrier_name(&self, id: Id) -> String {
        let carrier = self.carriers.iter().find(|it| it.id == id);
        named("carrier", id, carrier.and_then(|it| it.name.as_deref()))
    }
}

/// A customer, a carrier or another entry in words: its name and number, else its kind and number.
#[must_use]
pub fn named(kind: &str, id: Id, name: Option<&str>) -> String {
    match name.map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => format!("{name} (#{id})"),
        None => format!("{kind} #{id}"),
    }
}
