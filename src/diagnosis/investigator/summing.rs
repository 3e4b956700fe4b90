//! Sums up the calls of an investigation: what each is compared by, the groups, and the ids that no
//! source holds. Fetches nothing.

use super::gathered::{Gathered, Unasked};
use crate::call::{CallQuery, Term};
use crate::diagnosis::case::Case;
use crate::diagnosis::common::Traits;
use crate::diagnosis::investigation::{Diagnosis, Investigation};
use crate::peers::Peers;
use crate::sources::Known;

/// The same investigation with its calls summed up; `found` are its calls in their order. Of one call nothing is worked
/// out: the countries of its numbers alone take longer than its diagnosis.
pub(super) fn summed_up(
    investigation: Investigation,
    peers: &Peers,
    found: &[Known],
) -> Investigation {
    if found.len() < 2 {
        return investigation;
    }
    let diagnosed = found.iter().zip(&investigation.calls);
    let traits: Vec<Traits> = diagnosed
        .map(|(known, diagnosis)| traits(peers, known, diagnosis))
        .collect();
    investigation.summed_up(&traits)
}

/// By what a diagnosed call is compared.
pub(super) fn traits(peers: &Peers, known: &Known, diagnosis: &Diagnosis) -> Traits {
    let case = Case::new(&known.call, peers, None).recorded(known.records.as_ref());
    Traits::of_diagnosed(&case, diagnosis)
}

/// The Call-IDs of a query under which nothing was found, and those that could not be asked for everywhere; of neither
/// those that nobody looked at because somebody cancelled.
pub(super) fn missing(query: &CallQuery, gathered: &Gathered) -> (Vec<String>, Vec<Unasked>) {
    let asked = query.terms.iter().filter_map(Term::call_id);
    let records = &gathered.evidence.records;
    let of_records: Vec<String> = records
        .iter()
        .flat_map(|it| Traits::of_records(it).call_ids)
        .collect();
    let unlooked = gathered.cut.iter().flat_map(|cut| &cut.unlooked);
    let known: Vec<&String> = unlooked
        .chain(&gathered.matched)
        .chain(&of_records)
        .collect();
    let (mut not_found, mut not_asked) = (Vec::new(), Vec::new());
    for id in asked.filter(|id| !known.iter().any(|known| known == id)) {
        match gathered.unasked.iter().find(|it| it.call_id == id) {
            Some(unasked) => not_asked.push(unasked.clone()),
            None => not_found.push(id.to_owned()),
        }
    }
    (not_found, not_asked)
}
