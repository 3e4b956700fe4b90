//! What every container hands over: frames with number, time and link layer. Which container it
//! is, its first four bytes say; names of files are not looked at.

use std::io::Read;

use jiff::Timestamp;

use super::pcap::Pcap;
use super::pcapng::PcapNg;
use super::warnings::Warnings;
use super::window::Window;

/// The longest frame believed: four times what tcpdump and Wireshark write at most (262 144), since a
/// longer one means that a length was damaged.
pub(super) const LONGEST_FRAME: usize = 1024 * 1024;

/// One captured frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    /// Its number in the file, from 1, as Wireshark counts.
    pub(super) number: u32,
    /// When it was captured.
    pub(super) at: Timestamp,
    /// The LINKTYPE number of what it begins with.
    pub(super) link: u16,
    /// The bytes that were captured, perhaps fewer than were on the wire.
    pub(super) bytes: &'a [u8],
}

impl Frame<'_> {
    pub(super) fn stamp(&self) -> Stamp {
        Stamp {
            at: self.at,
            frame: self.number,
        }
    }
}

/// When and where bytes were seen. What was put together bears that of the last part it needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) at: Timestamp,
    pub(super) frame: u32,
}

/// Where a container can be read on from, without what stands between there and its head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// Bytes at the beginning of the file that must be read first.
    pub(super) head: u64,
    /// Where the next frame stands.
    pub(super) at: u64,
    /// How many frames stand before it.
    pub(super) number: u32,
    /// When the one before it was captured.
    pub(super) last_time: Timestamp,
}

/// The two kinds of capture file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Pcap,
    PcapNg,
}

impl Kind {
    /// Recognises a file by how it begins.
    pub(super) fn of(beginning: &[u8]) -> Option<Kind> {
        match beginning.first_chunk()? {
            // Seconds with micro- or nanoseconds, little and big endian; then Kuznetzov's variant.
            [0xd4, 0xc3, 0xb2, 0xa1] | [0x4d, 0x3c, 0xb2, 0xa1] => Some(Kind::Pcap),
            [0xa1, 0xb2, 0xc3, 0xd4] | [0xa1, 0xb2, 0x3c, 0x4d] => Some(Kind::Pcap),
            [0x34, 0xcd, 0xb2, 0xa1] => Some(Kind::Pcap),
            [0x0a, 0x0d, 0x0d, 0x0a] => Some(Kind::PcapNg),
            _ => None,
        }
    }
}

/// A capture that is being read.
pub(super) enum Container<R> {
    Pcap(Pcap<R>),
    PcapNg(PcapNg<R>),
}

impl<R: Read> Container<R> {
    pub(super) fn new(kind: Kind, window: Window<R>) -> Container<R> {
        match kind {
            Kind::Pcap => Container::Pcap(Pcap::new(window)),
            Kind::PcapNg => Container::PcapNg(PcapNg::new(window)),
        }
    }

    /// Where the next frame stands; `None` where it cannot be understood without those before it.
    pub(super) fn mark(&self) -> Option<Mark> {
        match self {
            Container::Pcap(it) => it.mark(),
            Container::PcapNg(it) => it.mark(),
        }
    }

    /// Goes on from a mark, given a source that has the head and then what follows the mark.
    pub(super) fn resume(&mut self, mark: &Mark) {
        match self {
            Container::Pcap(it) => it.resume(mark),
            Container::PcapNg(it) => it.resume(mark),
        }
    }

    /// The next frame; `None` at the end, or where nothing more can be made out (then a warning
    /// says why).
    pub(super) fn next(&mut self, warnings: &mut Warnings) -> Option<Frame<'_>> {
        match self {
            Container::Pcap(it) => it.next(warnings),
            Container::PcapNg(it) => it.next(warnings),
        }
    }
}

/// A time of a file, with what is beyond any calendar moved to its edge.
pub(super) fn timestamp(seconds: i64, nanoseconds: u64) -> (Timestamp, bool) {
    let carried = seconds.saturating_add_unsigned(nanoseconds / 1_000_000_000);
    let rest = i32::try_from(nanoseconds % 1_000_000_000).unwrap_or_default();
    match Timestamp::new(carried, rest) {
        Ok(at) => (at, true),
        Err(_) if carried < 0 => (Timestamp::MIN, false),
        Err(_) => (Timestamp::MAX, false),
    }
}
