//! What the index tells of one call: enough to find it and to read it again, nothing of its
//! messages. Reads no files.

use std::fmt;
use std::net::SocketAddr;

use jiff::Timestamp;

use super::Index;
use super::calls::Record;
use super::part::Part;
use super::together::{Seat, Seats, Several};

/// All messages with one Call-ID.
#[derive(Clone, Copy)]
pub struct Entry<'i> {
    index: &'i Index,
    /// Where its first message is, and what is kept there.
    opens: Seat,
    part: &'i Part,
    record: &'i Record,
    several: Option<&'i Several>,
}

impl Index {
    /// The call at this place in the order of all calls.
    pub(super) fn entry(&self, place: usize) -> Option<Entry<'_>> {
        let seats = *self.seats.get(place)?;
        let opens = self.opens(seats)?;
        let (part, record) = self.record(opens)?;
        let several = match seats {
            Seats::One(_) => None,
            Seats::Several(number) => self.several.get(number as usize),
        };
        Some(Entry {
            index: self,
            opens,
            part,
            record,
            several,
        })
    }
}

impl<'i> Entry<'i> {
    /// The Call-ID as written, empty for messages that have none.
    #[must_use]
    pub fn call_id(&self) -> &'i str {
        self.part.calls.call_id(self.record)
    }

    /// When its first message was seen.
    #[must_use]
    pub fn first(&self) -> Timestamp {
        self.record.first
    }

    /// When its last message was seen.
    #[must_use]
    pub fn last(&self) -> Timestamp {
        self.several.map_or(self.record.last, |it| it.last)
    }

    /// How many messages were seen, copies at several capture points included.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.several.map_or(self.record.messages, |it| it.messages)
    }

    /// The user part of From in the first message, empty where there is none.
    #[must_use]
    pub fn from_user(&self) -> &'i str {
        self.part.calls.users(self.record).0
    }

    /// The user part of To in the first message, empty where there is none.
    #[must_use]
    pub fn to_user(&self) -> &'i str {
        self.part.calls.users(self.record).1
    }

    /// Whether any of its messages is a REGISTER.
    #[must_use]
    pub fn registers(&self) -> bool {
        self.everywhere().any(|(_, _, record)| record.registers)
    }

    /// Every address that sent or was sent one of its messages, in the order in which they were met
    /// in each file.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let mut addresses = Vec::new();
        for (_, part, record) in self.everywhere() {
            for address in part.calls.addresses(record) {
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
        }
        addresses
    }

    /// The files that hold it, as [`Index::files`] counts them, ascending.
    pub fn files(&self) -> impl Iterator<Item = u32> {
        self.everywhere().map(|(seat, ..)| seat.part)
    }

    /// Whether any of its addresses is like that.
    pub(crate) fn goes_through(&self, like: &dyn Fn(SocketAddr) -> bool) -> bool {
        self.everywhere()
            .any(|(_, part, record)| part.calls.goes_through(record, like))
    }

    /// What is kept of it in each part, and where.
    pub(super) fn everywhere(
        &self,
    ) -> impl Iterator<Item = (Seat, &'i Part, &'i Record)> + use<'i> {
        let index = self.index;
        let (one, several) = match self.several {
            None => (Some(self.opens), [].as_slice()),
            Some(several) => (None, several.seats.as_slice()),
        };
        one.into_iter()
            .chain(several.iter().copied())
            .filter_map(move |seat| {
                let (part, record) = index.record(seat)?;
                Some((seat, part, record))
            })
    }
}

impl fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("call_id", &self.call_id())
            .field("first", &self.first())
            .field("last", &self.last())
            .field("messages", &self.messages())
            .finish_non_exhaustive()
    }
}
