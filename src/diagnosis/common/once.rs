//! Each call once: what shares a Call-ID is one call, however often it was found.

use std::collections::HashMap;

use super::traits::Traits;

/// The calls in the order in which they were given; of several with one id the one with most
/// evidence, where the first of them stood.
pub(super) fn once(calls: &[Traits]) -> Vec<&Traits> {
    let mut kept: Vec<&Traits> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for call in calls {
        let known = call
            .call_ids
            .iter()
            .find_map(|id| places.get(id.as_str()).copied());
        let place = known.unwrap_or(kept.len());
        match kept.get_mut(place) {
            Some(before) if call.worth() > before.worth() => *before = call,
            Some(_) => {}
            None => kept.push(call),
        }
        // Messages without a Call-ID say nothing of belonging together.
        for id in call.call_ids.iter().filter(|id| !id.is_empty()) {
            places.entry(id).or_insert(place);
        }
    }
    kept
}
