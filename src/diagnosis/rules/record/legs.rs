//! Which leg of the call a report of RTCP is about, by the addresses in it. How the platform calls the fields that
//! hold them is not documented: any value that is an address counts, under whatever name. Finds nothing itself.

use std::net::{IpAddr, SocketAddr};

use serde_json::Value;

use crate::diagnosis::case::Case;
use crate::platform::Sample;

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

/// The leg of a report: the one of whose end an address stands in it, that which it described for audio or that
/// from which it signals. Nothing where it names neither end or both, or the two share one address.
pub(super) fn leg_of(case: &Case<'_>, sample: &Sample) -> Option<Leg> {
    let way = case.way();
    // With one hop there is no leg to tell from another.
    let (first, last) = match way.as_slice() {
        [first, .., last] => (first.decisive()?, last.decisive()?),
        _ => return None,
    };
    let of_caller = [
        first
            .described_by_client()
            .and_then(|it| it.audio_address()),
        Some(first.request()?.source().ip()),
    ];
    let of_called = [
        last.described_by_server().and_then(|it| it.audio_address()),
        Some(last.request()?.destination().ip()),
    ];
    let mut told = Vec::new();
    addresses(&sample.raw, &mut told, 0);
    let names = |own: &[Option<IpAddr>], other: &[Option<IpAddr>]| {
        let own = own.iter().flatten();
        own.filter(|it| !other.contains(&Some(**it)))
            .any(|it| told.contains(it))
    };
    match (names(&of_caller, &of_called), names(&of_called, &of_caller)) {
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
