//! Which setups share a number, a tag or an origin, found without a search for each. Knows not what
//! that is worth.

use super::matching::Candidate;
use super::setup::Setup;

/// How many of the latest calls that share a number, a tag or an origin with a new INVITE are
/// looked at.
const MOST_SHARING: usize = 512;

/// Which candidates share something with others, and what.
pub(super) struct Shared {
    /// What is shared and the place among the candidates, ascending.
    sorted: Vec<(u64, u32)>,
    /// Where each candidate stands there; beyond the end where it shares nothing.
    of: Vec<u32>,
}

impl Shared {
    /// Of all candidates, those for which the key is not 0.
    pub(super) fn of(candidates: &[Candidate<'_>], key: fn(&Setup) -> u64) -> Shared {
        let numbered = candidates.iter().zip(0_u32..);
        let mut sorted: Vec<(u64, u32)> = numbered
            .map(|(it, place)| (key(it.setup), place))
            .filter(|(key, _)| *key != 0)
            .collect();
        sorted.sort_unstable();
        // Most calls share nothing.
        sorted = sorted
            .chunk_by(|(one, _), (other, _)| one == other)
            .filter(|same| same.len() > 1)
            .flatten()
            .copied()
            .collect();
        let mut of = vec![
            u32::MAX;
            if sorted.is_empty() {
                0
            } else {
                candidates.len()
            }
        ];
        for ((_, place), at) in sorted.iter().zip(0_u32..) {
            if let Some(of) = of.get_mut(*place as usize) {
                *of = at;
            }
        }
        Shared { sorted, of }
    }

    /// The places of those that share what the one at this place has, from the last one on for
    /// which `began` says that it began in time.
    pub(super) fn with<'s, F: Fn(u32) -> bool>(
        &'s self,
        place: u32,
        began: F,
    ) -> impl Iterator<Item = u32> + use<'s, F> {
        let here = self
            .of
            .get(place as usize)
            .map_or(usize::MAX, |it| *it as usize);
        let own = self.sorted.get(here).map(|(key, _)| *key);
        let is_same = move |it: &&(u64, u32)| Some(it.0) == own;
        let (before, from) = self.sorted.split_at_checked(here).unwrap_or_default();
        let in_time = from
            .iter()
            .take_while(is_same)
            .take_while(|(_, place)| began(*place))
            .count();
        let here = from.get(..in_time).unwrap_or_default();
        let latest = here
            .iter()
            .rev()
            .chain(before.iter().rev().take_while(is_same));
        latest.take(MOST_SHARING).map(|(_, place)| *place)
    }
}
