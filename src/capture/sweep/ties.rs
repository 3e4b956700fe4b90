//! Legs of which it is open to which of several calls they belong, by their Call-IDs, which are read again: the plan keeps
//! only their keys. Judges nothing.

use crate::capture::files::Files;
use crate::capture::item::Item;
use crate::capture::keyed::Keyed;
use crate::capture::scan::{Event, Flow, Start};
use crate::sip::join::{Open, key};
use crate::sip::map::Map;
use crate::sip::{Glance, Tie};

/// More ties than this are not told: where so many calls are alike, nothing tells them apart anyway.
const MOST: usize = 2048;

/// The ties of a set of captures.
#[derive(Debug, Default)]
pub(super) struct Ties {
    ties: Vec<Tie>,
    /// Which of them each Call-ID is part of, by its key.
    of: Map<u64, Vec<usize>>,
}

impl Ties {
    /// Reads the Call-IDs of all that may belong together; nothing is read where nothing does. `key_of` gives the key of
    /// the Call-ID at a place.
    pub(super) fn named(
        files: &Files,
        open: &[Open],
        key_of: impl Fn(usize) -> Option<u64>,
    ) -> Ties {
        let open = open.get(..MOST).unwrap_or(open);
        let places = || {
            open.iter()
                .flat_map(|it| it.of.iter().copied().chain([it.leg]))
        };
        let wanted: Keyed<()> = places().filter_map(|at| Some((key_of(at)?, ()))).collect();
        let names = names(files, &wanted);
        let name = |place: usize| names.get(&key_of(place)?).cloned();
        let ties: Vec<Tie> = open.iter().filter_map(|it| it.named(name)).collect();
        let mut of: Map<u64, Vec<usize>> = Map::default();
        for (at, tie) in ties.iter().enumerate() {
            for id in tie.of.iter().chain([&tie.leg]) {
                of.entry(key(id)).or_default().push(at);
            }
        }
        Ties { ties, of }
    }

    /// Those that these Call-IDs are part of, by their keys, each once.
    pub(super) fn concerning(&self, keys: &[u64]) -> Vec<Tie> {
        let mut found: Vec<usize> = keys
            .iter()
            .filter_map(|key| self.of.get(key))
            .flatten()
            .copied()
            .collect();
        found.sort_unstable();
        found.dedup();
        let found = found.iter().filter_map(|at| self.ties.get(*at));
        found.cloned().collect()
    }
}

/// The Call-IDs with these keys.
fn names(files: &Files, wanted: &Keyed<()>) -> Keyed<String> {
    let mut names: Keyed<String> = Keyed::default();
    if wanted.is_empty() {
        return names;
    }
    let pick = |picked: &mut Keyed<String>, item: Item<'_>| {
        let Item::Message(seen) = item else { return };
        let glance = Glance::of(seen.bytes);
        let call_id = glance.call_id();
        let key = key(&call_id);
        if wanted.contains_key(&key) {
            picked.entry(key).or_insert_with(|| call_id.into_owned());
        }
    };
    files.scan(&|_| Some(Start::Beginning), &pick, &mut |event| {
        if let Event::Items { made, .. } = event {
            names.extend(made);
        }
        if names.len() == wanted.len() {
            Flow::Enough
        } else {
            Flow::On
        }
    });
    names
}
