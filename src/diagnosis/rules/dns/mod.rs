//! Rules on names that a call had to go to and on what DNS, as it was captured, said of them (RFC 3263). They go by the
//! packets of that time alone: what a look-up of today says proves nothing of yesterday.

mod back;
mod failed;
mod nowhere;
mod port;
mod stuck;

use super::Rule;

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &failed::DNS_LOOKUP_FAILED,
    &nowhere::SRV_POINTS_NOWHERE,
    &port::SRV_PORT_IGNORED,
    &back::NAME_LEADS_BACK,
];
