//! The Call-IDs in some frames or in one file, small: one record each, of one size, their words in
//! one text. Keeps nothing of their messages.

use std::net::SocketAddr;
use std::ops::Range;

use jiff::Timestamp;

use super::ways::{Way, Ways};
use crate::capture::keyed::Keyed;
use crate::sip::join::key;
use crate::sip::{Glance, Seen};

/// Call-IDs in the order in which they were met.
#[derive(Debug, Clone, Default)]
pub(super) struct Calls {
    pub(super) records: Vec<Record>,
    /// Call-ID, From user and To user of each record, one after another.
    words: String,
    ways: Ways,
    /// Where each key stands; kept only while records are made.
    places: Keyed<u32>,
}

/// All messages with one Call-ID.
#[derive(Debug, Clone)]
pub(super) struct Record {
    /// The key of the Call-ID.
    pub(super) key: u64,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    pub(super) messages: u64,
    /// Where its words begin, and how long each is.
    words: usize,
    call_id: u32,
    from_user: u32,
    to_user: u32,
    way: Way,
    /// Whether any of its messages is a REGISTER.
    pub(super) registers: bool,
    /// From which mark on all of its messages are met, where each stands alone; else
    /// [`Record::FROM_START`].
    pub(super) mark: u32,
}

impl Record {
    /// Stands for a mark: the file has to be read from its beginning.
    pub(super) const FROM_START: u32 = u32::MAX;
}

impl Calls {
    /// Takes in a message; gives the place of its record.
    pub(super) fn add(&mut self, seen: &Seen<'_>, glance: &Glance<'_>) -> usize {
        let call_id = glance.call_id();
        let key = key(&call_id);
        let place = match self.places.get(&key) {
            Some(place) => *place as usize,
            None => {
                let words = [&*call_id, &glance.from_user(), &glance.to_user()];
                self.push(key, words, seen.at)
            }
        };
        if let Some(record) = self.records.get_mut(place) {
            if seen.at < record.first {
                record.first = seen.at;
                let users = (glance.from_user(), glance.to_user());
                rename(&mut self.words, record, &users.0, &users.1);
            }
            record.last = record.last.max(seen.at);
            record.messages = record.messages.saturating_add(1);
            record.registers |= glance.start.starts_with(b"REGISTER ");
            let way = self.ways.reach(record.way, seen.source);
            record.way = self.ways.reach(way, seen.destination);
        }
        place
    }

    /// Takes in a record of frames that stand later in the same file. `mark` is that of those
    /// frames. Gives its place here.
    pub(super) fn merge(&mut self, other: &Calls, record: &Record, mark: u32) -> usize {
        let users = other.users(record);
        let place = match self.places.get(&record.key) {
            Some(place) => *place as usize,
            None => {
                let words = [other.call_id(record), users.0, users.1];
                let place = self.push(record.key, words, record.first);
                if let Some(record) = self.records.get_mut(place) {
                    record.mark = mark;
                }
                place
            }
        };
        if let Some(own) = self.records.get_mut(place) {
            if record.first < own.first {
                own.first = record.first;
                rename(&mut self.words, own, users.0, users.1);
            }
            own.last = own.last.max(record.last);
            own.messages = own.messages.saturating_add(record.messages);
            own.registers |= record.registers;
            if mark == Record::FROM_START {
                own.mark = mark;
            }
            let is_known = |address| self.ways.back(own.way).any(|it| it == address);
            if !other.ways.back(record.way).all(is_known) {
                for address in other.ways.of(record.way) {
                    own.way = self.ways.reach(own.way, address);
                }
            }
        }
        place
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Keeps no more than is needed to tell what is there.
    pub(super) fn finish(&mut self) {
        self.places = Keyed::default();
        self.ways.finish();
        self.records.shrink_to_fit();
        self.words.shrink_to_fit();
    }

    /// The Call-ID as written, empty for messages that have none.
    pub(super) fn call_id(&self, record: &Record) -> &str {
        self.words
            .get(record.place_of_call_id())
            .unwrap_or_default()
    }

    /// The user parts of From and To in the first message, empty where there are none.
    pub(super) fn users(&self, record: &Record) -> (&str, &str) {
        let of = |range: Range<usize>| self.words.get(range).unwrap_or_default();
        (of(record.place_of_from()), of(record.place_of_to()))
    }

    /// Every address that sent or was sent one of its messages, in the order in which they were
    /// met.
    pub(super) fn addresses(&self, record: &Record) -> Vec<SocketAddr> {
        self.ways.of(record.way)
    }

    /// Whether any of its addresses is like that.
    pub(super) fn goes_through(&self, record: &Record, like: &dyn Fn(SocketAddr) -> bool) -> bool {
        self.ways.back(record.way).any(like)
    }

    fn push(&mut self, key: u64, words: [&str; 3], first: Timestamp) -> usize {
        let place = self.records.len();
        let [call_id, from_user, to_user] = words;
        let mut record = Record {
            key,
            first,
            last: first,
            messages: 0,
            words: self.words.len(),
            call_id: length(call_id),
            from_user: 0,
            to_user: 0,
            way: 0,
            registers: false,
            mark: 0,
        };
        self.words.push_str(call_id);
        append_users(&mut self.words, &mut record, from_user, to_user);
        self.records.push(record);
        self.places
            .insert(key, u32::try_from(place).unwrap_or(u32::MAX));
        place
    }
}

/// Gives a record other users. What it had stays in the text, where nothing points to it any more:
/// messages are hardly ever met in another order than that of time.
fn rename(words: &mut String, record: &mut Record, from_user: &str, to_user: &str) {
    let call_id = words
        .get(record.place_of_call_id())
        .unwrap_or_default()
        .to_owned();
    record.words = words.len();
    words.push_str(&call_id);
    append_users(words, record, from_user, to_user);
}

fn append_users(words: &mut String, record: &mut Record, from_user: &str, to_user: &str) {
    (record.from_user, record.to_user) = (length(from_user), length(to_user));
    words.push_str(from_user);
    words.push_str(to_user);
}

/// No message is longer than that can tell.
fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

impl Record {
    fn place_of_call_id(&self) -> Range<usize> {
        self.words..self.words.saturating_add(self.call_id as usize)
    }

    fn place_of_from(&self) -> Range<usize> {
        let from = self.place_of_call_id().end;
        from..from.saturating_add(self.from_user as usize)
    }

    fn place_of_to(&self) -> Range<usize> {
        let from = self.place_of_from().end;
        from..from.saturating_add(self.to_user as usize)
    }
}
