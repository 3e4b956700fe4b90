//! The pcapng container: sections of either byte order, several interfaces with their own link
//! layer, resolution and offset. Blocks other than packets and interfaces are passed over.

use std::io::Read;
use std::ops::Range;

use jiff::Timestamp;
use pcap_parser::{
    BOM_MAGIC, Block, EPB_MAGIC, IDB_MAGIC, InterfaceDescriptionBlock, SHB_MAGIC, SJE_MAGIC,
    SPB_MAGIC, parse_block_be, parse_block_le,
};

use super::container::{Frame, LONGEST_FRAME, Mark, timestamp};
use super::warnings::{Warning, Warnings};
use super::window::Window;

/// The obsolete Packet Block, which Wireshark still counts as a frame.
const PB_MAGIC: u32 = 2;
/// The bytes every block has around its content.
const SMALLEST_BLOCK: usize = 12;
/// A frame with room for its block's header and options.
const LARGEST_BLOCK: usize = LONGEST_FRAME + 64 * 1024;
/// Bytes before the first packet that may be read again each time the file is read on from a mark.
const LONGEST_HEAD: u64 = 1024 * 1024;
/// Where a packet stands in its block.
const ENHANCED_DATA_AT: usize = 28;
const SIMPLE_DATA_AT: usize = 12;

/// A pcapng file that is being read.
pub(super) struct PcapNg<R> {
    window: Window<R>,
    big_endian: bool,
    interfaces: Vec<Interface>,
    /// Bytes of the block handed out last, which go when the next one is asked for.
    taken: usize,
    number: u32,
    last_time: Timestamp,
    head: Head,
}

/// What has to be known before any packet can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Head {
    /// No packet was met: it may go on.
    Open,
    /// So many bytes at the beginning of the file.
    Ends(u64),
    /// It does not stand in one piece: sections or interfaces follow packets.
    Scattered,
}

#[derive(Debug, Clone, Copy)]
struct Interface {
    link: u16,
    /// Bytes of a frame that were kept at most, 0 for all.
    snap_length: u32,
    units_per_second: u64,
    offset_seconds: i64,
}

/// A packet in the block at the window's position.
struct Found {
    at: Timestamp,
    link: u16,
    data: Range<usize>,
}

impl<R: Read> PcapNg<R> {
    pub(super) fn new(window: Window<R>) -> PcapNg<R> {
        PcapNg {
            window,
            big_endian: false,
            interfaces: Vec::new(),
            taken: 0,
            number: 0,
            last_time: Timestamp::UNIX_EPOCH,
            head: Head::Open,
        }
    }

    pub(super) fn mark(&self) -> Option<Mark> {
        let at = self.window.position() + self.taken as u64;
        let head = match self.head {
            Head::Open => at,
            Head::Ends(head) if head <= LONGEST_HEAD => head,
            Head::Ends(_) | Head::Scattered => return None,
        };
        Some(Mark {
            head,
            at,
            number: self.number,
            last_time: self.last_time,
        })
    }

    pub(super) fn resume(&mut self, mark: &Mark) {
        (self.number, self.last_time) = (mark.number, mark.last_time);
    }

    pub(super) fn next(&mut self, warnings: &mut Warnings) -> Option<Frame<'_>> {
        let found = loop {
            self.window.consume(std::mem::take(&mut self.taken));
            if let Some(found) = self.next_block(warnings)? {
                break found;
            }
        };
        self.last_time = found.at;
        let block = self.window.peek(self.taken).ok()?;
        let bytes = block.get(found.data)?;
        Some(Frame {
            number: self.number,
            at: found.at,
            link: found.link,
            bytes,
        })
    }

    /// Takes in one block. The outer `None` is the end, the inner one a block without a packet.
    #[expect(
        clippy::option_option,
        reason = "the end and a block of no interest both occur"
    )]
    fn next_block(&mut self, warnings: &mut Warnings) -> Option<Option<Found>> {
        let frame = self.number.saturating_add(1);
        let head = match self.window.peek(SMALLEST_BLOCK) {
            Ok(head) => head,
            Err(error) => {
                warnings.add(Warning::of(&error), frame);
                return None;
            }
        };
        if head.is_empty() {
            return None;
        }
        let Some((raw_kind, raw_length, order)) = words(head) else {
            warnings.add(Warning::Cut, frame);
            return None;
        };
        if raw_kind == SHB_MAGIC.to_le_bytes() {
            self.big_endian = order == BOM_MAGIC.to_be_bytes();
            self.interfaces.clear();
        }
        let number = if self.big_endian {
            u32::from_be_bytes
        } else {
            u32::from_le_bytes
        };
        let (kind, length) = (number(raw_kind), number(raw_length) as usize);
        if length < SMALLEST_BLOCK || !length.is_multiple_of(4) {
            warnings.add(Warning::Damaged, frame);
            return None;
        }
        if length > LARGEST_BLOCK {
            return self.skip_huge_block(length, warnings);
        }
        match self.window.peek(length) {
            Ok(block) if block.len() >= length => self.taken = length,
            Ok(_) => {
                warnings.add(Warning::Cut, frame);
                return None;
            }
            Err(error) => {
                warnings.add(Warning::of(&error), frame);
                return None;
            }
        }
        Some(self.read_block(kind, length, warnings))
    }

    fn skip_huge_block(&mut self, length: usize, warnings: &mut Warnings) -> Option<Option<Found>> {
        let frame = self.number.saturating_add(1);
        match self.window.skip(length) {
            Ok(true) => {
                warnings.add(Warning::HugeBlock, frame);
                Some(None)
            }
            Ok(false) => {
                warnings.add(Warning::Cut, frame);
                None
            }
            Err(error) => {
                warnings.add(Warning::of(&error), frame);
                None
            }
        }
    }

    /// Reads the block of this kind and length that stands whole in the window.
    fn read_block(&mut self, kind: u32, length: usize, warnings: &mut Warnings) -> Option<Found> {
        if matches!(kind, EPB_MAGIC | SPB_MAGIC | PB_MAGIC | SJE_MAGIC) {
            self.number = self.number.saturating_add(1);
            if self.head == Head::Open {
                self.head = Head::Ends(self.window.position());
            }
        } else if matches!(kind, SHB_MAGIC | IDB_MAGIC) && self.head != Head::Open {
            self.head = Head::Scattered;
        }
        if !matches!(kind, EPB_MAGIC | SPB_MAGIC | IDB_MAGIC) {
            return None;
        }
        let frame = self.number;
        let block = self.window.peek(length).ok()?.get(..length)?;
        let parsed = if self.big_endian {
            parse_block_be(block)
        } else {
            parse_block_le(block)
        };
        match parsed {
            Ok((_, Block::InterfaceDescription(it))) => {
                let interface = Interface::new(&it, self.big_endian);
                self.interfaces.push(interface);
                None
            }
            Ok((_, Block::EnhancedPacket(it))) => {
                let index = usize::try_from(it.if_id).unwrap_or(usize::MAX);
                let Some(interface) = self.interfaces.get(index) else {
                    warnings.add(Warning::UnknownInterface, frame);
                    return None;
                };
                let units = u64::from(it.ts_high) << 32 | u64::from(it.ts_low);
                let (at, sound) = interface.time(units);
                if !sound {
                    warnings.add(Warning::BadTime, frame);
                }
                let captured = it.data.len().min(it.caplen as usize);
                let data = ENHANCED_DATA_AT..ENHANCED_DATA_AT + captured;
                Some(Found {
                    at,
                    link: interface.link,
                    data,
                })
            }
            Ok((_, Block::SimplePacket(it))) => {
                let Some(interface) = self.interfaces.first() else {
                    warnings.add(Warning::UnknownInterface, frame);
                    return None;
                };
                warnings.add(Warning::NoTime, frame);
                let kept = match interface.snap_length {
                    0 => it.origlen,
                    most => it.origlen.min(most),
                };
                let data = SIMPLE_DATA_AT..SIMPLE_DATA_AT + it.data.len().min(kept as usize);
                Some(Found {
                    at: self.last_time,
                    link: interface.link,
                    data,
                })
            }
            Ok(_) | Err(_) => {
                warnings.add(Warning::BadBlock, frame.max(1));
                None
            }
        }
    }
}

impl Interface {
    fn new(block: &InterfaceDescriptionBlock<'_>, big_endian: bool) -> Interface {
        Interface {
            link: (block.linktype.0 & 0xffff) as u16,
            snap_length: block.snaplen,
            units_per_second: units_per_second(block.if_tsresol),
            // pcap-parser reads the option as little endian in every section.
            offset_seconds: if big_endian {
                block.if_tsoffset.swap_bytes()
            } else {
                block.if_tsoffset
            },
        }
    }

    fn time(&self, units: u64) -> (Timestamp, bool) {
        let seconds = i64::try_from(units / self.units_per_second).unwrap_or(i64::MAX);
        let rest = u128::from(units % self.units_per_second) * 1_000_000_000
            / u128::from(self.units_per_second);
        timestamp(
            seconds.saturating_add(self.offset_seconds),
            u64::try_from(rest).unwrap_or_default(),
        )
    }
}

/// if_tsresol: a power of ten, or of two with the top bit set. Microseconds where it cannot be.
/// (pcap-parser's own function refuses every power of two.)
fn units_per_second(resolution: u8) -> u64 {
    let power = u32::from(resolution & 0x7f);
    let units = if resolution & 0x80 == 0 {
        10_u64.checked_pow(power)
    } else {
        1_u64.checked_shl(power)
    };
    units.unwrap_or(1_000_000)
}

/// The first three words of a block, bytes as they stand.
fn words(head: &[u8]) -> Option<([u8; 4], [u8; 4], [u8; 4])> {
    let (kind, rest) = head.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    Some((*kind, *length, *rest.first_chunk()?))
}
