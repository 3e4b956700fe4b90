//! What a voice platform's logging API tells, as values in the field's own terms. Pure: knows no
//! platform's JSON, no address of an API, no clock, and judges nothing.
//!
//! Everything is optional, because a platform may leave anything out: what is absent was not said.
//! Each value keeps the element that it was read from (`raw`), so that nothing said is lost.

mod access;
mod aggregate;
mod call_record;
mod cdr;
mod customer;
mod incident;
mod media_zone;
mod packets;
mod quality;
mod rates;
mod records;
mod region;
mod registering;
mod service;
mod trace;
mod words;

pub use access::{CliEntry, IpEntry, SipUser, covers};
pub use aggregate::Aggregate;
pub use call_record::{Answered, Attempt, CallRecord};
pub use cdr::{Cdr, Money};
pub use customer::{Account, Carrier, Customer, Package, Payment};
pub use incident::{Call, Incident, MARGIN, Progress, Relation, Used};
pub use media_zone::{DocLink, MediaServer, MediaZone};
pub use packets::{Converted, REBUILT_HEADER, is_rebuilt, packets};
pub use quality::{Quality, Sample};
pub use rates::{Card, CardRules, RateRule, Rates, Route, longest_prefix};
pub use records::{Records, TraceState, named};
pub use region::region;
pub use registering::{RegisterEntry, Registering};
pub use service::{AgentStep, ServiceEvent, Utterance};
pub use trace::TracedMessage;
pub use words::Words;

/// The number under which a platform keeps a customer, a carrier or another entry.
pub type Id = u64;
