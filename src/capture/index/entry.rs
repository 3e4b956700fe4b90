//! What the index keeps of one call. Enough to find it and to read it again, nothing of its
//! messages.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use jiff::Timestamp;

use crate::sip::{Message, Packet};

/// All messages with one Call-ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The Call-ID as written, empty for messages that have none.
    pub call_id: String,
    /// When its first message was seen.
    pub first: Timestamp,
    /// When its last message was seen.
    pub last: Timestamp,
    /// How many messages were seen, copies at several capture points included.
    pub messages: u64,
    /// The user part of From in the first message, empty where there is none.
    pub from_user: String,
    /// The user part of To in the first message, empty where there is none.
    pub to_user: String,
    /// Every address that sent or was sent one of its messages.
    pub addresses: BTreeSet<SocketAddr>,
    /// The files that hold it, as `Index::files` counts them, ascending.
    pub files: Vec<u32>,
}

impl Entry {
    pub(super) fn new(packet: &Packet, message: &Message) -> Entry {
        Entry {
            call_id: message.call_id().into_owned(),
            first: packet.at,
            last: packet.at,
            messages: 1,
            from_user: message.from_user(),
            to_user: message.to_user(),
            addresses: BTreeSet::from([packet.source, packet.destination]),
            files: vec![packet.place.file],
        }
    }

    /// Takes in a further message. Files come in ascending order, times in any.
    pub(super) fn add(&mut self, packet: &Packet, message: &Message) {
        if packet.at < self.first {
            self.first = packet.at;
            self.from_user = message.from_user();
            self.to_user = message.to_user();
        }
        self.last = self.last.max(packet.at);
        self.messages += 1;
        self.addresses.insert(packet.source);
        self.addresses.insert(packet.destination);
        if self.files.last() != Some(&packet.place.file) {
            self.files.push(packet.place.file);
        }
    }
}
