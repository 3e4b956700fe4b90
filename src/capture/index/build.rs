//! Making the index: one pass over all captures, in which each message is looked at no further than
//! its entry needs.

use std::collections::HashMap;
use std::collections::hash_map;

use super::Index;
use super::entry::Entry;
use super::legs::Legs;
use crate::capture::files::{Files, report, sentence};
use crate::capture::item::Item;
use crate::capture::observed::{Beside, Observer};
use crate::capture::scan::{Event, Flow};
use crate::sip::Glance;
use crate::sip::join::{Settling, SetupReader, key};

/// What some frames hold.
#[derive(Default)]
struct Marked {
    calls: HashMap<u64, Growing>,
    besides: Vec<Beside>,
}

/// One Call-ID in some frames.
struct Growing {
    entry: Entry,
    setup: SetupReader,
}

/// One Call-ID while the index is made.
struct Known {
    call_id: u64,
    entry: Entry,
    setup: Settling,
}

/// How often, in batches, what is long past is settled.
const SETTLED_EVERY: u32 = 64;

impl Index {
    pub(super) fn of(files: Files, progress: &mut dyn FnMut(u64, u64)) -> Index {
        let all = files.bytes();
        progress(0, all);
        let mut index = Index::default();
        // Boxed, so that there is never a second copy of all of them.
        let mut known: Vec<Box<Known>> = Vec::new();
        let mut places: HashMap<u64, usize> = HashMap::new();
        let mut batches = 0_u32;
        let mut observer = Observer::default();
        files.scan(&|_| true, &mark, &mut |event| {
            match event {
                Event::Items(marked) => {
                    for beside in marked.besides {
                        observer.add(beside);
                    }
                    for (key, it) in marked.calls {
                        for file in &it.entry.files {
                            index.spans.add(*file, it.entry.first);
                            index.spans.add(*file, it.entry.last);
                        }
                        let place = *places.entry(key).or_insert(known.len());
                        match known.get_mut(place) {
                            Some(known) => known.merge(it),
                            None => known.push(Box::new(Known {
                                call_id: key,
                                entry: it.entry,
                                setup: Settling::of(it.setup),
                            })),
                        }
                    }
                }
                Event::Reached(_, at) => {
                    progress(files.bytes_read(), all);
                    batches = batches.wrapping_add(1);
                    if batches.is_multiple_of(SETTLED_EVERY) {
                        known.iter_mut().for_each(|it| it.setup.settle(at));
                    }
                }
                Event::Ended(number, Ok(ended)) => {
                    if let Some(path) = files.path(number) {
                        index.warnings.extend(report(path, &ended));
                    }
                }
                Event::Ended(_, Err(error)) => index.problems.push(sentence(&error)),
            }
            Flow::On
        });
        progress(all, all);
        index.warnings.extend(observer.finish());
        index.observer = observer;

        drop(places);
        known.sort_unstable_by(|a, b| {
            let (a, b) = (&a.entry, &b.entry);
            (a.first, &a.call_id).cmp(&(b.first, &b.call_id))
        });
        let mut setups = Vec::new();
        index.entries.reserve_exact(known.len());
        index.by_call_id.reserve(known.len());
        for (at, it) in known.into_iter().enumerate() {
            let Known {
                call_id,
                entry,
                setup,
            } = *it;
            index.by_call_id.insert(call_id, at);
            // What has no Call-ID is many calls, not one.
            let setup = setup.setup().filter(|_| !entry.call_id.is_empty());
            setups.extend(setup.map(|setup| (at, call_id, setup)));
            index.entries.push(entry);
        }
        let legs = Legs::join(&setups);
        Index {
            files,
            legs,
            ..index
        }
    }
}

fn mark(all: &mut Marked, item: Item<'_>) {
    let seen = match item {
        Item::Message(seen) => seen,
        other => return all.besides.extend(Beside::of(other)),
    };
    let glance = Glance::of(seen.bytes);
    let growing = match all.calls.entry(key(&glance.call_id())) {
        hash_map::Entry::Occupied(known) => {
            let known = known.into_mut();
            known.entry.add(&seen, &glance);
            known
        }
        hash_map::Entry::Vacant(empty) => empty.insert(Growing {
            entry: Entry::new(&seen, &glance),
            setup: SetupReader::default(),
        }),
    };
    growing.setup.look(&seen, &glance);
}

impl Known {
    fn merge(&mut self, other: Growing) {
        self.entry.merge(other.entry);
        self.setup.add(other.setup);
    }
}
