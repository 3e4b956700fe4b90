//! Who had a part in a call, by the names that answers use: whom a report of it may go to, and whose names its reader is
//! not told. Judges nothing.

use crate::diagnosis::{Case, Diagnosis, Party};

/// The customers and carriers of a call, each once.
pub(super) fn involved(diagnosis: &Diagnosis, case: Option<&Case<'_>>) -> Vec<String> {
    let log = diagnosis.logged.as_ref();
    let logged = log.into_iter().flat_map(|log| {
        let carriers = log.attempts.iter().filter_map(|it| it.carrier.clone());
        carriers.chain(log.customer.clone())
    });
    let seen = case.into_iter().flat_map(|case| {
        let nodes = case.call.hops.iter().flat_map(|it| [it.client, it.server]);
        let others =
            nodes.filter(|node| case.roles.party(case.roles.side(*node)) != Party::Platform);
        others.filter_map(|node| case.roles.name(node).map(str::to_owned))
    });
    let mut names: Vec<String> = Vec::new();
    for name in logged.chain(seen) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
