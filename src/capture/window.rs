//! A bounded window that slides over a stream of bytes. Never holds more than was asked for at
//! once plus one read; never looks at what the bytes mean.

use std::io::{self, ErrorKind, Read};

/// Bytes asked of the system at a time, where there is room.
const STEP: usize = 256 * 1024;

/// What is left to read, of which some bytes can be looked at.
pub(super) struct Window<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Bytes that were moved past.
    past: u64,
}

impl<R: Read> Window<R> {
    pub(super) fn new(source: R) -> Window<R> {
        Window {
            source,
            buffer: vec![0; STEP],
            start: 0,
            end: 0,
            past: 0,
        }
    }

    /// The bytes from the present position on: at least `wanted`, fewer only at the end.
    ///
    /// # Errors
    ///
    /// What the system said when it stopped giving bytes.
    pub(super) fn peek(&mut self, wanted: usize) -> io::Result<&[u8]> {
        if self.end - self.start < wanted {
            self.fill(wanted)?;
        }
        Ok(self.buffer.get(self.start..self.end).unwrap_or_default())
    }

    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        if self.start + wanted > self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            if wanted > self.buffer.len() {
                self.buffer.resize(wanted, 0);
            }
        }
        while self.end - self.start < wanted {
            let space = self.buffer.get_mut(self.end..).unwrap_or_default();
            match self.source.read(space) {
                Ok(0) => break,
                Ok(count) => self.end += count.min(space.len()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Moves on by some of the bytes that were looked at.
    pub(super) fn consume(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.past = self.past.saturating_add(count as u64);
    }

    /// How many bytes of the stream stand before the present position.
    pub(super) fn position(&self) -> u64 {
        self.past
    }

    /// Moves on by any number of bytes without keeping them. `false` when the end came before.
    ///
    /// # Errors
    ///
    /// What the system said when it stopped giving bytes.
    pub(super) fn skip(&mut self, mut count: usize) -> io::Result<bool> {
        while count > 0 {
            let there = self.peek(1)?.len();
            if there == 0 {
                return Ok(false);
            }
            self.consume(there.min(count));
            count -= there.min(count);
        }
        Ok(true)
    }
}
