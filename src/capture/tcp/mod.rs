//! SIP over TCP: segments put in order, a direction of a connection at a time (`stream`), and cut
//! into messages (`framer`). Here: all directions at once, within a bound of memory.

mod framer;
mod stream;

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::sip::{Place, Transport};

use super::container::Stamp;
use super::item::{Item, Seen};
use super::transport::Segment;
use super::warnings::{Warning, Warnings};
use stream::Stream;

/// Directions remembered. Beyond this the longest silent half is finished and forgotten.
const MOST_STREAMS: usize = 16 * 1024;
/// Bytes held for all directions together.
const MOST_MEMORY: usize = 64 * 1024 * 1024;

/// Where messages and warnings go while segments are taken in.
struct Out<'a> {
    message: &'a mut dyn FnMut(&[u8], Stamp),
    warnings: &'a mut Warnings,
}

type Direction = (SocketAddr, SocketAddr);

/// All TCP directions of one capture.
pub(super) struct Streams {
    file: u32,
    streams: HashMap<Direction, Stream>,
    memory: usize,
    /// Counts segments, to tell which stream has been silent longest.
    clock: u64,
}

impl Streams {
    pub(super) fn new(file: u32) -> Streams {
        Streams {
            file,
            streams: HashMap::new(),
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
        let file = self.file;
        let mut message = |bytes: &[u8], stamp| sink(message_item(direction, file, bytes, stamp));
        let mut out = Out {
            message: &mut message,
            warnings,
        };
        stream.push(segment, stamp, &mut out);
        if self.memory - before + stream.memory() > MOST_MEMORY {
            out.warnings.add(Warning::Dropped, stamp.frame);
            stream.finish(&mut out);
        }
        self.memory = self.memory - before + stream.memory();
    }

    /// Hands out what is held back for segments that will not come any more.
    pub(super) fn finish(&mut self, warnings: &mut Warnings, sink: &mut dyn FnMut(Item<'_>)) {
        let mut rest: Vec<_> = self.streams.drain().collect();
        // The same capture gives the same packets in the same order.
        rest.sort_unstable_by_key(|(direction, _)| *direction);
        for (direction, stream) in rest {
            finish(direction, stream, self.file, warnings, sink);
        }
        self.memory = 0;
    }

    fn forget_silent(&mut self, warnings: &mut Warnings, sink: &mut dyn FnMut(Item<'_>)) {
        let mut by_use: Vec<_> = self
            .streams
            .iter()
            .map(|(key, it)| (it.used, *key))
            .collect();
        by_use.sort_unstable();
        for (_, direction) in by_use.into_iter().take(MOST_STREAMS / 2) {
            if let Some(stream) = self.streams.remove(&direction) {
                self.memory -= stream.memory();
                finish(direction, stream, self.file, warnings, sink);
            }
        }
    }
}

fn finish(
    direction: Direction,
    mut stream: Stream,
    file: u32,
    warnings: &mut Warnings,
    sink: &mut dyn FnMut(Item<'_>),
) {
    let mut message = |bytes: &[u8], stamp| sink(message_item(direction, file, bytes, stamp));
    stream.finish(&mut Out {
        message: &mut message,
        warnings,
    });
}

fn message_item(
    (source, destination): Direction,
    file: u32,
    bytes: &[u8],
    stamp: Stamp,
) -> Item<'_> {
    Item::Message(Seen {
        at: stamp.at,
        source,
        destination,
        transport: Transport::Tcp,
        place: Place {
            file,
            frame: stamp.frame,
        },
        bytes,
    })
}
