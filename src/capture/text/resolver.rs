//! Gives each message its time, ends and transport, and hands it out. Keeps back, within bounds,
//! messages that later ones may tell more about; makes nothing up without noting it.

use bytes::Bytes;

use super::super::item::Item;
use super::super::warnings::{Warning, Warnings};
use super::addresses::Addresses;
use super::assembler::Found;
use super::clock::{Ahead, Clock};
use super::envelope::{self, End};
use super::notes::Note;
use super::timed::Timed;
use crate::sip::{Message, Place, Seen, Transport};

/// Messages kept back at most, and their bytes.
const MOST_WAITING: usize = 20_000;
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Host names told of at most.
const MOST_TOLD: usize = 8;

/// Hands out the messages of one text.
pub(super) struct Resolver<'a> {
    file: u32,
    sink: &'a mut dyn FnMut(Item<'_>),
    pub(super) warnings: Warnings,
    /// Messages handed out or kept back.
    pub(super) count: u32,
    waiting: Vec<Found>,
    bytes: usize,
    /// Whether more was kept back than fits, so that from here on each goes at once.
    full: bool,
    handed_out: u32,
    addresses: Addresses,
    clock: Clock,
    timed: Timed,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(file: u32, sink: &'a mut dyn FnMut(Item<'_>)) -> Resolver<'a> {
        Resolver {
            file,
            sink,
            warnings: Warnings::default(),
            count: 0,
            waiting: Vec::new(),
            bytes: 0,
            full: false,
            handed_out: 0,
            addresses: Addresses::default(),
            clock: Clock::new(file),
            timed: Timed::default(),
        }
    }

    /// Takes the next message of the text.
    pub(super) fn push(&mut self, found: Found) {
        self.count = self.count.saturating_add(1);
        for _ in 0..found.joined {
            self.warnings.add(Warning::Text(Note::Joined), self.count);
        }
        self.bytes += found.bytes.len();
        let goes = self.full || (self.waiting.is_empty() && found.is_complete());
        self.waiting.push(found);
        if self.waiting.len() >= MOST_WAITING || self.bytes >= MOST_BYTES {
            self.full = true;
        }
        if goes || self.full {
            self.hand_out();
        }
    }

    /// Hands out the rest, and gives what there is to say.
    pub(super) fn finish(mut self) -> Vec<String> {
        self.hand_out();
        let mut sentences = self.warnings.sentences();
        let names = self.addresses.names();
        let told = names.iter().take(MOST_TOLD);
        let told: Vec<_> = told.map(|(ip, name)| format!("{ip} for {name}")).collect();
        if !told.is_empty() {
            let more = match names.len().saturating_sub(MOST_TOLD) {
                0 => String::new(),
                more => format!(", and so on for {more} more"),
            };
            sentences.push(format!(
                "hosts without an address are shown as 0.0.0.x: {}{more}",
                told.join(", "),
            ));
        }
        sentences
    }

    fn hand_out(&mut self) {
        self.bytes = 0;
        let waiting: Vec<_> = std::mem::take(&mut self.waiting)
            .into_iter()
            .map(|found| {
                let message = Message::parse(Bytes::from(found.bytes));
                self.addresses.learn(&found.envelope, &message);
                (found.envelope, message)
            })
            .collect();
        for (envelope, message) in &waiting {
            if envelope.written.is_some() {
                self.timed.add(&message.call_id());
            }
        }
        let ahead = Ahead::of(waiting.iter().map(|(envelope, _)| envelope.written));
        for (envelope, message) in waiting {
            self.handed_out = self.handed_out.saturating_add(1);
            let number = self.handed_out;
            // A time of its call may still come where not all was kept back.
            let is_told = self.full || self.timed.has(&message.call_id());
            let at = self
                .clock
                .at(envelope.written, is_told, number, ahead, &mut self.warnings);
            let ends = self.addresses.of(&envelope, &message);
            let own = [&envelope.source, &envelope.destination].contains(&&Some(End::Here));
            let note = match (own, self.addresses.here()) {
                (true, Some(here)) => Some(Note::NearSide(here)),
                (true, None) => Some(Note::NearUnknown),
                (false, _) if envelope.source.is_none() => Some(Note::Guessed),
                (false, _) => None,
            };
            if let Some(note) = note {
                self.warnings.add(Warning::Text(note), number);
            }
            let said = envelope.transport.or_else(|| {
                let via = message.top_via()?;
                envelope::transport(&via.transport)
            });
            (self.sink)(Item::Message(Seen {
                at,
                source: ends.source,
                destination: ends.destination,
                transport: said.unwrap_or(Transport::Udp),
                place: Place {
                    file: self.file,
                    frame: number,
                },
                bytes: message.raw(),
            }));
        }
    }
}
