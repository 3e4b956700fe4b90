//! A run of frames out of a container, with bytes of its own: what is worked on at once. Reads
//! nothing of what the frames hold.

use std::io::Read;
use std::ops::Range;

use jiff::Timestamp;

use super::container::{Container, Frame, Mark};
use super::warnings::Warnings;

/// Bytes of frames in one batch. Small enough for a processor's cache, large enough that handing
/// it over costs nothing.
const BYTES: usize = 1024 * 1024;
/// More than nearly any frame has.
const ROOM: usize = 64 * 1024;
/// Frames in one batch, where they are short.
const FRAMES: usize = 16 * 1024;

/// Frames that stand one after another in a capture.
#[derive(Debug, Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    frames: Vec<Placed>,
    /// Where it begins, if it can be read again from there.
    mark: Option<Mark>,
}

#[derive(Debug)]
struct Placed {
    number: u32,
    at: Timestamp,
    link: u16,
    bytes: Range<usize>,
}

impl Batch {
    /// The next frames of a container; `None` at its end. Takes the place of a batch that is done
    /// with: fresh memory costs more than what is written into it.
    pub(super) fn fill<R: Read>(
        container: &mut Container<R>,
        warnings: &mut Warnings,
        spent: Batch,
    ) -> Option<Batch> {
        let mut batch = spent;
        batch.bytes.clear();
        batch.frames.clear();
        // With room for the frame that fills it.
        batch.bytes.reserve(BYTES + ROOM);
        batch.mark = container.mark();
        while batch.bytes.len() < BYTES && batch.frames.len() < FRAMES {
            let Some(frame) = container.next(warnings) else {
                break;
            };
            let start = batch.bytes.len();
            batch.bytes.extend_from_slice(frame.bytes);
            batch.frames.push(Placed {
                number: frame.number,
                at: frame.at,
                link: frame.link,
                bytes: start..batch.bytes.len(),
            });
        }
        (!batch.frames.is_empty()).then_some(batch)
    }

    /// Where it begins, if it can be read again from there.
    pub(super) fn mark(&self) -> Option<Mark> {
        self.mark
    }

    /// When its first frame was captured.
    pub(super) fn begins(&self) -> Option<Timestamp> {
        self.frames.first().map(|frame| frame.at)
    }

    /// The number of its last frame.
    pub(super) fn last_number(&self) -> u32 {
        self.frames.last().map_or(0, |frame| frame.number)
    }

    /// Its frames in order.
    pub(super) fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        (0..self.frames.len()).filter_map(|at| self.frame(at))
    }

    /// One of its frames, counted from 0.
    pub(super) fn frame(&self, at: usize) -> Option<Frame<'_>> {
        let placed = self.frames.get(at)?;
        Some(Frame {
            number: placed.number,
            at: placed.at,
            link: placed.link,
            bytes: self.bytes.get(placed.bytes.clone())?,
        })
    }
}
