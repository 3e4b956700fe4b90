//! What the index keeps of one call. Enough to find it and to read it again, nothing of its
//! messages.

use std::net::SocketAddr;

use jiff::Timestamp;

use crate::sip::{Message, Packet};

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
    pub(super) fn new(packet: &Packet) -> Entry {
        let message = Message::parse(packet.bytes.clone());
        let mut entry = Entry {
            call_id: message.call_id().into(),
            first: packet.at,
            last: packet.at,
            messages: 1,
            from_user: message.from_user().into(),
            to_user: message.to_user().into(),
            addresses: Vec::with_capacity(2),
            files: Vec::with_capacity(1),
        };
        entry.place(packet);
        entry
    }

    /// Takes in a further message. Files come in ascending order, times in any.
    pub(super) fn add(&mut self, packet: &Packet) {
        if packet.at < self.first {
            let message = Message::parse(packet.bytes.clone());
            self.first = packet.at;
            self.from_user = message.from_user().into();
            self.to_user = message.to_user().into();
        }
        self.last = self.last.max(packet.at);
        self.messages += 1;
        self.place(packet);
    }

    fn place(&mut self, packet: &Packet) {
        for address in [packet.source, packet.destination] {
            if !self.addresses.contains(&address) && self.addresses.len() < MOST_ADDRESSES {
                self.addresses.push(address);
            }
        }
        if self.files.last() != Some(&packet.place.file) {
            self.files.push(packet.place.file);
        }
    }
}
