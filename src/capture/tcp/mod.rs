//! What TCP carries: segments put in order, a direction of a connection at a time (`stream`), and
//! led (`framer`) through the reader of what they turn out to be (`unknown`): SIP itself (`sip`),
//! HEP, WebSocket behind its HTTP heads, or TLS, which `connections` puts together from both
//! directions. Here: all directions at once, within a bound of memory, and who reset which connection.

mod connections;
mod framer;
mod hep;
mod http;
mod sip;
mod stream;
mod tls;
mod unknown;
mod websocket;

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::sip::{Place, Seen, Transport};
use crate::wire::TcpReset;

use super::container::Stamp;
use super::hep::{self as hep_packet, Carrier};
use super::item::Item;
use super::transport::Segment;
use super::warnings::{Warning, Warnings};
use connections::Connections;
use stream::Stream;
use tls::Event;

/// Directions remembered. Beyond this the longest silent half is finished and forgotten.
const MOST_STREAMS: usize = 16 * 1024;
/// Bytes held for all directions together.
const MOST_MEMORY: usize = 64 * 1024 * 1024;

/// From, to.
type Direction = (SocketAddr, SocketAddr);

/// Where messages and warnings go while segments of one direction are taken in.
struct Out<'a> {
    direction: Direction,
    file: u32,
    connections: &'a mut Connections,
    warnings: &'a mut Warnings,
    sink: &'a mut dyn FnMut(Item<'_>),
}

impl Out<'_> {
    fn message(&mut self, transport: Transport, bytes: &[u8], stamp: Stamp) {
        let (source, destination) = self.direction;
        let place = self.place(stamp);
        (self.sink)(Item::Message(Seen {
            at: stamp.at,
            source,
            destination,
            transport,
            place,
            bytes,
        }));
    }

    /// Hands out what a HEP packet copies; whether it was sound.
    fn hep(&mut self, packet: &[u8], stamp: Stamp) -> bool {
        let carrier = Carrier {
            at: stamp.at,
            place: self.place(stamp),
        };
        hep_packet::packet(packet, carrier, self.warnings, self.sink)
    }

    fn tls(&mut self, event: Event, stamp: Stamp) {
        self.connections
            .event(self.direction, event, stamp, self.warnings);
    }

    /// Nothing follows in this direction.
    fn closed(&mut self) {
        self.connections
            .closed(self.direction, self.warnings, self.sink);
    }

    /// Nothing follows in either direction.
    fn over(&mut self) {
        self.connections
            .over(self.direction, self.warnings, self.sink);
    }

    fn place(&self, stamp: Stamp) -> Place {
        Place {
            file: self.file,
            frame: stamp.frame,
        }
    }
}

/// All TCP directions of one capture.
pub(super) struct Streams {
    file: u32,
    streams: HashMap<Direction, Stream>,
    connections: Connections,
    memory: usize,
    /// Counts segments, to tell which stream has been silent longest.
    clock: u64,
}

impl Streams {
    pub(super) fn new(file: u32) -> Streams {
        Streams {
            file,
            streams: HashMap::new(),
            connections: Connections::new(file),
            memory: 0,
            clock: 0,
        }
    }

    /// Takes in one segment and hands out the messages that it completes.
    pub(super) fn push(
        &mut self,
        segment: &Segment<'_>,
        stamp: Stamp,
        warnings: &mut Warnings,
        sink: &mut dyn FnMut(Item<'_>),
    ) {
        let direction = (segment.source, segment.destination);
        if segment.rst
            && let Some(reset) = self.reset(segment, stamp)
        {
            sink(Item::Reset(reset));
        }
        if !self.streams.contains_key(&direction) {
            if segment.payload.is_empty() && !segment.syn {
                return;
            }
            if self.streams.len() >= MOST_STREAMS {
                self.forget_silent(warnings, sink);
            }
        }
        self.clock += 1;
        let stream = self
            .streams
            .entry(direction)
            .or_insert_with(|| Stream::new(segment));
        stream.used = self.clock;
        let before = stream.memory();
        let mut out = Out {
            direction,
            file: self.file,
            connections: &mut self.connections,
            warnings,
            sink,
        };
        stream.push(segment, stamp, &mut out);
        if self.memory > MOST_MEMORY / 2 {
            stream.settle(&mut out);
        }
        if self.memory - before + stream.memory() > MOST_MEMORY {
            out.warnings.add(Warning::Dropped, stamp.frame);
            stream.finish(&mut out);
        }
        self.memory = self.memory - before + stream.memory();
    }

    /// What a reset ends; nothing where no connection between the two was seen, or it had been reset before.
    fn reset(&mut self, segment: &Segment<'_>, stamp: Stamp) -> Option<TcpReset> {
        let (source, destination) = (segment.source, segment.destination);
        let own = self.streams.get(&(source, destination));
        let others = self.streams.get(&(destination, source));
        let is_open = |stream: &Stream| !stream.is_reset;
        if !own.is_some_and(is_open) && !others.is_some_and(is_open) {
            return None;
        }
        // Of one that only asked, and was not answered since, the asking is refused.
        let since = own.map_or(0, |own| own.used);
        let refuses = others.is_some_and(|asked| asked.is_only_asked() && asked.used > since);
        for direction in [(source, destination), (destination, source)] {
            if let Some(stream) = self.streams.get_mut(&direction) {
                stream.is_reset = true;
            }
        }
        Some(TcpReset {
            at: stamp.at,
            file: self.file,
            frame: stamp.frame,
            source,
            destination,
            refuses,
        })
    }

    /// Hands out what is held back for segments that will not come any more.
    pub(super) fn finish(&mut self, warnings: &mut Warnings, sink: &mut dyn FnMut(Item<'_>)) {
        let mut rest: Vec<_> = self.streams.drain().collect();
        // The same capture gives the same packets in the same order.
        rest.sort_unstable_by_key(|(direction, _)| *direction);
        for (direction, mut stream) in rest {
            stream.finish(&mut Out {
                direction,
                file: self.file,
                connections: &mut self.connections,
                warnings,
                sink,
            });
        }
        self.memory = 0;
        self.connections.finish(warnings, sink);
    }

    fn forget_silent(&mut self, warnings: &mut Warnings, sink: &mut dyn FnMut(Item<'_>)) {
        let mut by_use: Vec<_> = self
            .streams
            .iter()
            .map(|(key, it)| (it.used, *key))
            .collect();
        by_use.sort_unstable();
        for (_, direction) in by_use.into_iter().take(MOST_STREAMS / 2) {
            if let Some(mut stream) = self.streams.remove(&direction) {
                self.memory -= stream.memory();
                let mut out = Out {
                    direction,
                    file: self.file,
                    connections: &mut self.connections,
                    warnings,
                    sink,
                };
                stream.finish(&mut out);
                out.over();
            }
        }
    }
}
