//! What a voice platform's logging API tells, as values in the field's own terms. Pure: knows no
//! platform's JSON, no address of an API, no clock, and judges nothing.
//!
//! Everything is optional, because a platform may leave anything out: what is absent was not said.
//! Each value keeps the element that it was read from (`raw`), so that nothing said is lost.

mod incident;

pub use incident::{Call, Incident, MARGIN, Progress, Relation};
