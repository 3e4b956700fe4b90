//! Making the index: one pass over all captures, in which each message is looked at no further than
//! its entry needs.

use std::collections::HashMap;

use super::Index;
use super::entry::Entry;
use super::legs::Legs;
use crate::capture::files::{Files, report, sentence};
use crate::capture::item::Item;
use crate::capture::observed::{Beside, Observer};
use crate::capture::scan::{Event, Flow};
use crate::sip::join::{Part, SetupReader, key};
use crate::sip::{Glance, Packet};

/// What the index takes in of one item.
enum Taken {
    Message(Mark),
    Beside(Beside),
}

/// What the index takes in of one message.
struct Mark {
    key: u64,
    packet: Packet,
    part: Part,
}

/// One Call-ID while the index is made.
struct Growing {
    entry: Entry,
    setup: SetupReader,
}

impl Index {
    pub(super) fn of(files: Files, progress: &mut dyn FnMut(u64, u64)) -> Index {
        let all = files.bytes();
        progress(0, all);
        let mut index = Index::default();
        let mut growing: Vec<Growing> = Vec::new();
        let mut by_call_id: HashMap<u64, usize> = HashMap::new();
        let mut observer = Observer::default();
        files.scan(&|_| true, &mark, &mut |event| {
            match event {
                Event::Item(Taken::Beside(beside)) => observer.add(beside),
                Event::Item(Taken::Message(mark)) => {
                    index.spans.add(mark.packet.place.file, mark.packet.at);
                    let at = *by_call_id.entry(mark.key).or_insert(growing.len());
                    match growing.get_mut(at) {
                        Some(known) => known.add(mark),
                        None => growing.push(Growing::new(mark)),
                    }
                }
                Event::Reached(..) => progress(files.bytes_read(), all),
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

        growing.sort_by(|a, b| {
            let (a, b) = (&a.entry, &b.entry);
            (a.first, &a.call_id).cmp(&(b.first, &b.call_id))
        });
        let mut legs = Legs::default();
        for (at, it) in growing.into_iter().enumerate() {
            let call_id = key(&it.entry.call_id);
            index.by_call_id.insert(call_id, at);
            // What has no Call-ID is many calls, not one.
            if !it.entry.call_id.is_empty() {
                legs.add(at, call_id, it.setup);
            }
            index.entries.push(it.entry);
        }
        legs.join();
        Index {
            files,
            legs,
            ..index
        }
    }
}

fn mark(item: Item<'_>) -> Option<Taken> {
    let seen = match item {
        Item::Message(seen) => seen,
        other => return Beside::of(other).map(Taken::Beside),
    };
    let packet = seen.packet();
    let glance = Glance::of(seen.bytes);
    Some(Taken::Message(Mark {
        key: key(&glance.call_id),
        part: Part::of(&packet, &glance),
        packet,
    }))
}

impl Growing {
    fn new(mark: Mark) -> Growing {
        let mut setup = SetupReader::default();
        let entry = Entry::new(&mark.packet);
        setup.add(&mark.packet, mark.part);
        Growing { entry, setup }
    }

    fn add(&mut self, mark: Mark) {
        self.entry.add(&mark.packet);
        self.setup.add(&mark.packet, mark.part);
    }
}
