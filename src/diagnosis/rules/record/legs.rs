//! Which leg of the call a report of RTCP is about, by the addresses in it. How the platform calls the fields that
//! hold them is not documented: any value that is an address counts, under whatever name. Finds nothing itself.

use std::net::{IpAddr, SocketAddr};

use serde_json::Value;

use crate::diagnosis::case::Case;
use crate::platform::Sample;
use crate::sip::Transaction;

/// One of the two ends of the call with the leg that leads to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leg {
    /// Between the caller and the platform.
    Caller,
    /// Between the platform and the called side.
    Called,
}

/// Values of one report that are looked at.
const MOST: usize = 64;

/// The leg of a report: the one whose end described an address that stands in it. Nothing where it names neither
/// end or both, or the two described one address.
pub(super) fn leg_of(case: &Case<'_>, sample: &Sample) -> Option<Leg> {
    let way = case.way();
    // With one hop there is no leg to tell from another.
    let (first, last) = match way.as_slice() {
        [first, .., last] => (first, last),
        _ => return None,
    };
    let of_caller = |it: &Transaction| it.described_by_client()?.audio_address();
    let of_called = |it: &Transaction| it.described_by_server()?.audio_address();
    let caller = of_caller(first.decisive()?)?;
    let called = of_called(last.decisive()?)?;
    let mut told = Vec::new();
    addresses(&sample.raw, &mut told, 0);
    match (told.contains(&caller), told.contains(&called)) {
        (true, false) => Some(Leg::Caller),
        (false, true) => Some(Leg::Called),
        _ => None,
    }
}

/// The values that are addresses, with a port or without.
fn addresses(value: &Value, told: &mut Vec<IpAddr>, depth: usize) {
    const DEEPEST: usize = 3;
    if told.len() >= MOST || depth > DEEPEST {
        return;
    }
    match value {
        Value::String(text) => {
            let with_port = || text.parse().map(|it: SocketAddr| it.ip());
            told.extend(text.parse().or_else(|_| with_port()));
        }
        Value::Array(items) => items
            .iter()
            .take(MOST)
            .for_each(|item| addresses(item, told, depth + 1)),
        Value::Object(fields) => fields
            .values()
            .take(MOST)
            .for_each(|field| addresses(field, told, depth + 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
