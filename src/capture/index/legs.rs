//! Which Call-IDs of an index are legs of one call. Knows them by their places alone.

use std::collections::{HashMap, HashSet};

use super::{Entry, Index};
use crate::sip::join::{Candidate, Found, Match, Open, Setup, key, matches};

/// The joins among the calls of an index.
#[derive(Debug, Default)]
pub(super) struct Legs {
    matches: Vec<Match>,
    /// Which matches each place is part of.
    of: HashMap<usize, Vec<usize>>,
    /// Legs of which it is open to whom they belong.
    ties: Vec<Open>,
}

impl Legs {
    /// Finds the joins among all calls of an index.
    pub(super) fn join(index: &Index) -> Legs {
        let setups: Vec<(usize, u64, u32, Shown<'_>)> = (0..index.seats.len())
            .filter_map(|place| {
                let entry = index.entry(place)?;
                let (file, setup) = Shown::of(&entry)?;
                // What has no Call-ID is many calls, not one.
                let call_id = Some(entry.call_id()).filter(|it| !it.is_empty())?;
                Some((place, key(call_id), file, setup))
            })
            .collect();
        let candidates: Vec<Candidate<'_>> = setups
            .iter()
            .map(|(place, call_id, file, setup)| Candidate {
                place: *place,
                call_id: *call_id,
                file: *file,
                setup: match setup {
                    Shown::Once(setup) => setup,
                    Shown::Often(setup) => setup,
                },
            })
            .collect();
        let Found { matches, ties } = matches(&candidates, &HashSet::new());
        let mut of: HashMap<usize, Vec<usize>> = HashMap::new();
        for (at, found) in matches.iter().enumerate() {
            of.entry(found.a).or_default().push(at);
            of.entry(found.b).or_default().push(at);
        }
        Legs { matches, of, ties }
    }

    /// What is open of calls with legs at these places.
    pub(super) fn ties(&self, places: &[usize]) -> impl Iterator<Item = &Open> {
        let is_here = |place: &usize| places.contains(place);
        let ties = self.ties.iter();
        ties.filter(move |it| is_here(&it.leg) || it.of.iter().any(is_here))
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

/// How a call opens, as one part shows it or several do.
enum Shown<'i> {
    Once(&'i Setup),
    Often(Box<Setup>),
}

impl<'i> Shown<'i> {
    /// With the number of the file in which it opens.
    fn of(entry: &Entry<'i>) -> Option<(u32, Shown<'i>)> {
        let mut setups = entry.everywhere().filter_map(|(seat, part, _)| {
            let setup = part.setup(seat.call)?;
            Some((seat.part, setup))
        });
        let (file, first) = setups.next()?;
        let Some(second) = setups.next() else {
            return Some((file, Shown::Once(first)));
        };
        let mut whole = first.in_file(file);
        for (file, setup) in std::iter::once(second).chain(setups) {
            whole.merge(setup.in_file(file));
        }
        Some((whole.file(), Shown::Often(Box::new(whole))))
    }
}
