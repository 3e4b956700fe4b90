//! What the index keeps of one call. Enough to find it and to read it again, nothing of its
//! messages.

use std::net::SocketAddr;

use jiff::Timestamp;

use crate::sip::{Glance, Seen};

/// More addresses under one Call-ID are not kept: no call goes through so many nodes.
const MOST_ADDRESSES: usize = 256;

/// All messages with one Call-ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The Call-ID as written, empty for messages that have none.
    pub call_id: Box<str>,
    /// When its first message was seen.
    pub first: Timestamp,
    /// When its last message was seen.
    pub last: Timestamp,
    /// How many messages were seen, copies at several capture points included.
    pub messages: u64,
    /// The user part of From in the first message, empty where there is none.
    pub from_user: Box<str>,
    /// The user part of To in the first message, empty where there is none.
    pub to_user: Box<str>,
    /// Every address that sent or was sent one of its messages, in the order in which they were
    /// met.
    pub addresses: Vec<SocketAddr>,
    /// The files that hold it, as `Index::files` counts them, ascending.
    pub files: Vec<u32>,
}

impl Entry {
    pub(super) fn new(seen: &Seen<'_>, glance: &Glance<'_>) -> Entry {
        let mut entry = Entry {
            call_id: (&*glance.call_id()).into(),
            first: seen.at,
            last: seen.at,
            messages: 1,
            from_user: glance.from_user().into(),
            to_user: glance.to_user().into(),
            addresses: Vec::with_capacity(2),
            files: vec![seen.place.file],
        };
        entry.reach(seen.source);
        entry.reach(seen.destination);
        entry
    }

    /// Takes in a further message of the same file.
    pub(super) fn add(&mut self, seen: &Seen<'_>, glance: &Glance<'_>) {
        if seen.at < self.first {
            self.first = seen.at;
            self.from_user = glance.from_user().into();
            self.to_user = glance.to_user().into();
        }
        self.last = self.last.max(seen.at);
        self.messages += 1;
        self.reach(seen.source);
        self.reach(seen.destination);
    }

    /// Takes in what was read elsewhere of the same Call-ID.
    pub(super) fn merge(&mut self, other: Entry) {
        if other.first < self.first {
            self.first = other.first;
            self.from_user = other.from_user;
            self.to_user = other.to_user;
        }
        self.last = self.last.max(other.last);
        self.messages += other.messages;
        for address in other.addresses {
            self.reach(address);
        }
        for file in other.files {
            if let Err(at) = self.files.binary_search(&file) {
                self.files.insert(at, file);
            }
        }
    }

    fn reach(&mut self, address: SocketAddr) {
        if !self.addresses.contains(&address) && self.addresses.len() < MOST_ADDRESSES {
            self.addresses.push(address);
        }
    }
}
