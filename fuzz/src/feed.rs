//! Any bytes, taken as small numbers and pieces. Never runs out: what is not there is zero or empty.

/// The longest piece; more than a frame of Ethernet holds.
const LONGEST_PIECE: usize = 4095;

/// What is left of some bytes.
pub struct Feed<'a> {
    rest: &'a [u8],
}

impl<'a> Feed<'a> {
    pub fn new(bytes: &'a [u8]) -> Feed<'a> {
        Feed { rest: bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else {
            return 0;
        };
        self.rest = rest;
        *first
    }

    pub fn number(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    pub fn signed(&mut self) -> i16 {
        self.number().cast_signed()
    }

    /// Bytes with their length before them.
    pub fn piece(&mut self) -> &'a [u8] {
        let length = usize::from(self.number()) & LONGEST_PIECE;
        let (piece, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.rest = rest;
        piece
    }

    /// All that is left.
    pub fn rest(self) -> &'a [u8] {
        self.rest
    }
}
