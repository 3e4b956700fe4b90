//! The classic pcap container: both byte orders, micro- and nanoseconds, Kuznetzov's variant.
//! Knows nothing of what a frame holds.

use std::io::Read;

use jiff::Timestamp;
use pcap_parser::nom;
use pcap_parser::{
    LegacyPcapBlock, PcapError, PcapHeader, parse_pcap_frame, parse_pcap_frame_be,
    parse_pcap_frame_modified, parse_pcap_header,
};

use super::container::{Frame, LONGEST_FRAME, Mark, timestamp};
use super::warnings::{Warning, Warnings};
use super::window::Window;

const HEADER_LENGTH: usize = 24;
/// The longest header of a frame: Kuznetzov's variant adds eight bytes to the sixteen.
const LONGEST_FRAME_HEADER: usize = 24;

type ParseFrame = fn(&[u8]) -> nom::IResult<&[u8], LegacyPcapBlock<'_>, PcapError<&[u8]>>;

/// A pcap file that is being read.
pub(super) struct Pcap<R> {
    window: Window<R>,
    header: Option<PcapHeader>,
    /// Bytes of the frame handed out last, which go when the next one is asked for.
    taken: usize,
    number: u32,
}

impl<R: Read> Pcap<R> {
    pub(super) fn new(window: Window<R>) -> Pcap<R> {
        Pcap {
            window,
            header: None,
            taken: 0,
            number: 0,
        }
    }

    pub(super) fn mark(&self) -> Option<Mark> {
        Some(Mark {
            head: HEADER_LENGTH as u64,
            // Nothing but the head is read before the first frame.
            at: (self.window.position() + self.taken as u64).max(HEADER_LENGTH as u64),
            number: self.number,
            last_time: Timestamp::UNIX_EPOCH,
        })
    }

    pub(super) fn resume(&mut self, mark: &Mark) {
        self.number = mark.number;
    }

    pub(super) fn next(&mut self, warnings: &mut Warnings) -> Option<Frame<'_>> {
        self.window.consume(std::mem::take(&mut self.taken));
        let header = match self.header.take() {
            Some(header) => header,
            None => self.read_header(warnings)?,
        };
        let header = self.header.insert(header);
        let parse: ParseFrame = match (header.is_modified_format(), header.is_bigendian()) {
            (true, _) => parse_pcap_frame_modified,
            (false, true) => parse_pcap_frame_be,
            (false, false) => parse_pcap_frame,
        };
        let nanoseconds = if header.is_nanosecond_precision() {
            1
        } else {
            1000
        };
        // The upper bits say whether frames end with a checksum; the trailer does not disturb us.
        let link = (header.network.0 & 0xffff) as u16;

        let number = self.number.saturating_add(1);
        self.taken = frame_length(&mut self.window, parse, number, warnings)?;
        self.number = number;
        let (_, block) = parse(self.window.peek(self.taken).ok()?).ok()?;
        let (at, sound) = timestamp(
            i64::from(block.ts_sec),
            u64::from(block.ts_usec) * nanoseconds,
        );
        if !sound {
            warnings.add(Warning::BadTime, number);
        }
        Some(Frame {
            number,
            at,
            link,
            bytes: block.data,
        })
    }

    fn read_header(&mut self, warnings: &mut Warnings) -> Option<PcapHeader> {
        match self.window.peek(HEADER_LENGTH).map(parse_pcap_header) {
            Ok(Ok((_, header))) => {
                self.window.consume(HEADER_LENGTH);
                Some(header)
            }
            Ok(Err(_)) => {
                warnings.add(Warning::Cut, 0);
                None
            }
            Err(error) => {
                warnings.add(Warning::of(&error), 0);
                None
            }
        }
    }
}

/// How many bytes the next frame takes with its header, all of them in the window.
fn frame_length<R: Read>(
    window: &mut Window<R>,
    parse: ParseFrame,
    number: u32,
    warnings: &mut Warnings,
) -> Option<usize> {
    let mut wanted = 1;
    loop {
        let there = match window.peek(wanted) {
            Ok(there) => there,
            Err(error) => {
                warnings.add(Warning::of(&error), number);
                return None;
            }
        };
        if there.is_empty() {
            return None;
        }
        if there.len() < wanted {
            warnings.add(Warning::Cut, number);
            return None;
        }
        wanted = match parse(there) {
            Ok((rest, _)) => return Some(there.len() - rest.len()),
            Err(nom::Err::Incomplete(nom::Needed::Size(more))) => {
                there.len().saturating_add(more.get())
            }
            Err(_) => usize::MAX,
        };
        if wanted > LONGEST_FRAME + LONGEST_FRAME_HEADER {
            warnings.add(Warning::Damaged, number);
            return None;
        }
    }
}
