//! Sums up the calls of an investigation: what each is compared by, the groups, and the ids that no
//! source holds. Fetches nothing.

use super::gathered::Gathered;
use crate::call::{CallQuery, Term};
use crate::diagnosis::case::Case;
use crate::diagnosis::common::Traits;
use crate::diagnosis::investigation::{Diagnosis, Investigation};
use crate::peers::Peers;
use crate::platform::Records;
use crate::sip::Call;

/// The same investigation with its calls summed up; `found` are its calls in their order.
pub(super) fn summed_up(
    investigation: Investigation,
    peers: &Peers,
    found: &[Call],
    records: &[Records],
) -> Investigation {
    let diagnosed = found.iter().zip(&investigation.calls);
    let traits: Vec<Traits> = diagnosed
        .map(|(call, diagnosis)| traits(peers, call, diagnosis, records))
        .collect();
    investigation.summed_up(&traits)
}

/// By what a diagnosed call is compared. `records` may hold those of other calls.
pub(super) fn traits(
    peers: &Peers,
    call: &Call,
    diagnosis: &Diagnosis,
    records: &[Records],
) -> Traits {
    let is_its = |records: &&Records| {
        let ids = Traits::of_records(records).call_ids;
        ids.iter().any(|id| diagnosis.call_ids.contains(id))
    };
    let case = Case::new(call, peers, None).knowing(records.iter().find(is_its));
    Traits::of_diagnosed(&case, diagnosis)
}

/// The Call-IDs of a query under which nothing was found.
pub(super) fn not_found(query: &CallQuery, gathered: &Gathered) -> Vec<String> {
    let asked = query.terms.iter().filter_map(|term| match term {
        Term::CallId(id) | Term::OutgoingCallId(id) | Term::Simulated(id) => Some(id),
        _ => None,
    });
    let of_records = |id: &String| {
        let records = &gathered.evidence.records;
        let mut ids = records
            .iter()
            .flat_map(|it| Traits::of_records(it).call_ids);
        ids.any(|known| known == *id)
    };
    asked
        .filter(|id| !gathered.matched.contains(id) && !of_records(id))
        .cloned()
        .collect()
}
