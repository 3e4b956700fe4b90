//! The lines of a text, one at a time, whatever its length and encoding. Keeps one line of bounded
//! length; never looks at what it says.

use std::io::{self, Read};

use memchr::memchr;

use super::super::window::Window;

/// Bytes kept of one line. A message written into one log line is far shorter: syslog and journald
/// cut at 64 KiB or before.
pub(super) const LONGEST: usize = 256 * 1024;
/// Bytes of UTF-16 turned into UTF-8 at a time.
const STEP: usize = 64 * 1024;

/// The lines of a source.
pub(super) struct Lines<'a> {
    window: Window<Box<dyn Read + 'a>>,
    line: Vec<u8>,
}

impl<'a> Lines<'a> {
    /// Reads UTF-16 (Notepad's and PowerShell's "Unicode") where the text begins so, else bytes.
    ///
    /// # Errors
    ///
    /// What kept the first bytes from being read.
    pub(super) fn new(mut window: Window<Box<dyn Read + 'a>>) -> io::Result<Lines<'a>> {
        let wide = Endian::of(window.peek(4)?);
        let window = match wide {
            None => window,
            Some(endian) => Window::new(Box::new(Wide::new(window, endian)) as Box<dyn Read>),
        };
        Ok(Lines {
            window,
            line: Vec::new(),
        })
    }

    /// The next line without its end, and whether it was longer than is kept; `None` at the end.
    ///
    /// # Errors
    ///
    /// What the system said when it stopped giving bytes.
    pub(super) fn next(&mut self) -> io::Result<Option<(&[u8], bool)>> {
        self.line.clear();
        let (mut cut, mut any) = (false, false);
        loop {
            let there = self.window.peek(1)?;
            if there.is_empty() {
                return Ok(any.then_some((&*self.line, cut)));
            }
            any = true;
            let end = memchr(b'\n', there);
            let piece = there.get(..end.unwrap_or(there.len())).unwrap_or_default();
            let room = LONGEST - self.line.len();
            cut |= piece.len() > room;
            self.line
                .extend_from_slice(piece.get(..room).unwrap_or(piece));
            let read = piece.len() + usize::from(end.is_some());
            self.window.consume(read);
            if end.is_some() {
                return Ok(Some((&self.line, cut)));
            }
        }
    }
}

/// Which byte of a UTF-16 unit comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endian {
    Little,
    Big,
}

impl Endian {
    /// By the byte order mark, or by the zero bytes of what must be ASCII at the beginning of a trace.
    pub(super) fn of(beginning: &[u8]) -> Option<Endian> {
        match beginning {
            [0xff, 0xfe, ..] => Some(Endian::Little),
            [0xfe, 0xff, ..] => Some(Endian::Big),
            [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some(Endian::Little),
            [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some(Endian::Big),
            _ => None,
        }
    }

    fn unit(self, pair: &[u8]) -> u16 {
        match (self, pair) {
            (Endian::Little, [low, high, ..]) => u16::from_le_bytes([*low, *high]),
            (Endian::Big, [high, low, ..]) => u16::from_be_bytes([*high, *low]),
            _ => 0xfffd,
        }
    }

    /// The units as UTF-8; half a pair becomes the replacement character.
    pub(super) fn decode(self, bytes: &[u8]) -> Vec<u8> {
        let units = bytes.chunks_exact(2).map(|pair| self.unit(pair));
        char::decode_utf16(units)
            .map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect::<String>()
            .into_bytes()
    }
}

/// UTF-16 read as UTF-8.
struct Wide<R> {
    window: Window<R>,
    endian: Endian,
    decoded: Vec<u8>,
    given: usize,
}

impl<R: Read> Wide<R> {
    fn new(window: Window<R>, endian: Endian) -> Wide<R> {
        Wide {
            window,
            endian,
            decoded: Vec::new(),
            given: 0,
        }
    }
}

impl<R: Read> Read for Wide<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given >= self.decoded.len() {
            let there = self.window.peek(4)?;
            let mut whole = there.len().min(STEP) & !1;
            let last = whole.checked_sub(2).and_then(|at| there.get(at..whole));
            // The first half of a surrogate pair waits for the second.
            if whole > 2 && last.is_some_and(|it| self.endian.unit(it) & 0xfc00 == 0xd800) {
                whole -= 2;
            }
            self.decoded = self.endian.decode(there.get(..whole).unwrap_or_default());
            self.given = 0;
            self.window.consume(whole);
        }
        let rest = self.decoded.get(self.given..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}
