//! ConnexCS JSON, read as leniently as its thin documentation asks: one value for every shape that is
//! uncertain, nothing lost because of its neighbour, and everything that could not be read said.
//! Takes bytes that have arrived; fetches nothing.

mod access;
mod body;
mod call_log;
mod cdr;
mod customer;
mod fields;
mod lenient;
mod media_zone;
mod moment;
mod plain;
mod quality;
mod rates;
mod redacted;
mod rows;
mod service;
mod trace;
mod unreadable;

pub use access::{cli_entries, ip_entries, sip_users};
pub use body::error_text;
pub use call_log::call_records;
pub use cdr::{aggregates, cdrs};
pub use customer::{accounts, carriers, customers, packages, payments};
pub use media_zone::{doc_links, media_servers, media_zones};
pub use plain::{words, words_naming};
pub use quality::quality;
pub use rates::{cards, rate_rules, routes};
pub use redacted::redacted;
pub use rows::Rows;
pub use service::{agent_steps, service_events, utterances};
pub use trace::traced_messages;
pub use unreadable::Unreadable;
