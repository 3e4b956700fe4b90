//! Which Call-IDs of an index are legs of one call. Knows them by their places alone.

use std::collections::{HashMap, HashSet};

use crate::sip::join::{Candidate, Match, Setup, matches};

/// The joins among the calls of an index.
#[derive(Debug, Default)]
pub(super) struct Legs {
    matches: Vec<Match>,
    /// Which matches each place is part of.
    of: HashMap<usize, Vec<usize>>,
}

impl Legs {
    /// Finds the joins among Call-IDs, given each by its place, its key and what it shows of itself,
    /// in the order of their places.
    pub(super) fn join(setups: &[(usize, u64, Box<Setup>)]) -> Legs {
        let candidates: Vec<Candidate<'_>> = setups.iter().map(Candidate::of).collect();
        let matches = matches(&candidates, &HashSet::new());
        let mut of: HashMap<usize, Vec<usize>> = HashMap::new();
        for (at, found) in matches.iter().enumerate() {
            of.entry(found.a).or_default().push(at);
            of.entry(found.b).or_default().push(at);
        }
        Legs { matches, of }
    }

    /// The places of all legs of the calls of which these are legs, ascending, and what joins them.
    pub(super) fn of(&self, places: impl IntoIterator<Item = usize>) -> (Vec<usize>, Vec<Match>) {
        let mut seen: HashSet<usize> = places.into_iter().collect();
        let mut open: Vec<usize> = seen.iter().copied().collect();
        let mut found: HashSet<usize> = HashSet::new();
        while let Some(place) = open.pop() {
            for at in self.of.get(&place).into_iter().flatten() {
                found.insert(*at);
                if let Some(found) = self.matches.get(*at) {
                    open.extend([found.a, found.b].into_iter().filter(|it| seen.insert(*it)));
                }
            }
        }
        let mut places: Vec<usize> = seen.into_iter().collect();
        places.sort_unstable();
        let mut found: Vec<usize> = found.into_iter().collect();
        found.sort_unstable();
        let matches = found.iter().filter_map(|at| self.matches.get(*at));
        (places, matches.copied().collect())
    }
}
