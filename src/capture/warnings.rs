//! What went wrong inside a capture that was read all the same: counted by kind, said once each.
//! Never stops the reading.

use std::collections::BTreeMap;
use std::io;

use crate::wire::tls::alert_words;

use super::gzip::Trouble;
use super::text::Note;

/// How many different warnings one file may raise; a hostile file could raise thousands.
const MOST_KINDS: usize = 32;

/// One kind of trouble inside a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Warning {
    /// The file ends inside its header or a frame.
    Cut,
    /// A length that cannot be; nothing after it can be found.
    Damaged,
    /// The system stopped giving bytes.
    ReadingStopped,
    /// Packed bytes that cannot be unpacked.
    BadGzip,
    /// Packed bytes that unpack to more than any capture would.
    Bomb,
    /// A pcapng packet block that contradicts itself.
    BadBlock,
    /// A pcapng packet of an interface that the file does not describe.
    UnknownInterface,
    /// A pcapng block larger than any frame.
    HugeBlock,
    /// A pcapng packet without a time.
    NoTime,
    /// A time that no calendar holds.
    BadTime,
    /// A link layer that is not read, by its LINKTYPE number.
    LinkLayer(u16),
    /// SIP in something between the link layer and UDP or TCP that is not read.
    Wrapped,
    /// A fragmented IP packet of which fragments were not captured.
    FragmentsMissing,
    /// A fragmented IP packet of which two fragments say different things.
    FragmentsContradict,
    /// A fragmented IP packet given up because memory is bounded.
    FragmentsDropped,
    /// More tunnels within one another than are followed.
    Tunnels,
    /// A HEP packet of which the capture holds the beginning only.
    HepCut,
    /// A HEP packet that contradicts its own lengths.
    HepDamaged,
    /// A HEP packet with SIP and without the addresses that belong to it.
    HepIncomplete,
    /// A packed message in a HEP packet that cannot be unpacked.
    HepNotUnpacked,
    /// A packed message in a HEP packet that unpacks to more than any message is long.
    HepBomb,
    /// A HEP packet that copies media, or what an agent says of them.
    HepMedia,
    /// A SIP message over TCP of which bytes are missing.
    CutMessage,
    /// Bytes between two SIP messages of a TCP stream that are no SIP.
    NotSip,
    /// A Content-Length that is no usable number, on TCP.
    BadContentLength,
    /// Bytes between two HEP packets of a TCP stream that are no HEP.
    NotHep,
    /// Bytes between two WebSocket frames of a TCP stream that are no frame.
    NotWebSocket,
    /// A SIP message over WebSocket that is compressed (RFC 7692).
    Compressed,
    /// A message over WebSocket that is longer than any SIP message.
    LongMessage,
    /// A TLS connection with SIP in it, by the server's port.
    Tls(u16),
    /// The same, where the capture does not show that its handshake succeeded, nor why not.
    TlsUnfinished(u16),
    /// The same, ended by an alert.
    TlsFailed {
        /// The server's.
        port: u16,
        /// Whether the client sent the alert; else the server did.
        by_client: bool,
        /// What it says (RFC 8446 section 6).
        description: u8,
    },
    /// A TCP stream's bytes given up because memory is bounded.
    Dropped,
    /// Something that a text trace does not say.
    Text(Note),
}

impl Warning {
    /// What an error while reading bytes means.
    pub(super) fn of(error: &io::Error) -> Warning {
        match Trouble::of(error) {
            Trouble::Cut => Warning::Cut,
            Trouble::Damaged => Warning::BadGzip,
            Trouble::Bomb => Warning::Bomb,
            Trouble::System => Warning::ReadingStopped,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Tally {
    count: u64,
    first_frame: u32,
}

/// The warnings of one file.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    tallies: BTreeMap<Warning, Tally>,
}

impl Warnings {
    /// Notes one occurrence, seen at this frame (counted from 1).
    pub(super) fn add(&mut self, warning: Warning, frame: u32) {
        if self.tallies.len() >= MOST_KINDS && !self.tallies.contains_key(&warning) {
            return;
        }
        let tally = self.tallies.entry(warning).or_insert(Tally {
            count: 0,
            first_frame: frame,
        });
        tally.count = tally.count.saturating_add(1);
        tally.first_frame = tally.first_frame.min(frame);
    }

    /// Takes in those of other frames of the same file.
    pub(super) fn merge(&mut self, other: Warnings) {
        for (warning, tally) in other.tallies {
            if self.tallies.len() >= MOST_KINDS && !self.tallies.contains_key(&warning) {
                continue;
            }
            let known = self.tallies.entry(warning).or_insert(Tally {
                count: 0,
                first_frame: tally.first_frame,
            });
            known.count = known.count.saturating_add(tally.count);
            known.first_frame = known.first_frame.min(tally.first_frame);
        }
    }

    /// One sentence a kind, in a fixed order.
    pub(super) fn sentences(&self) -> Vec<String> {
        self.tallies
            .iter()
            .map(|(warning, tally)| sentence(*warning, *tally))
            .collect()
    }
}

fn sentence(
    warning: Warning,
    Tally {
        count,
        first_frame: frame,
    }: Tally,
) -> String {
    match warning {
        Warning::Cut if frame <= 1 => "cut before its first frame ends: nothing to read".to_owned(),
        Warning::Cut => format!("cut in frame {frame}: the frames before it were read"),
        Warning::Damaged => {
            format!("damaged at frame {frame}: only the frames before it were read")
        }
        Warning::ReadingStopped => {
            format!("the disk gave an error at frame {frame}: only the frames before it were read")
        }
        Warning::BadGzip => {
            format!(
                "the gzip data is damaged at frame {frame}: only the frames before it were read"
            )
        }
        Warning::Bomb => format!(
            "unpacks to over 256 times its size, or over 64 GiB, at frame {frame}: only the frames before it were read; if it is sound, unpack it first",
        ),
        Warning::BadBlock => {
            format!(
                "{} skipped, the first at frame {frame}",
                counted(count, "damaged block")
            )
        }
        Warning::UnknownInterface => format!(
            "{} skipped, the first is {frame}: of an interface that the file does not describe",
            counted(count, "frame"),
        ),
        Warning::HugeBlock => {
            format!(
                "{} skipped, the first before frame {frame}",
                counted(count, "oversized block")
            )
        }
        Warning::NoTime => format!(
            "{} without a time, the first is {frame}: each was given that of the frame before",
            counted(count, "frame"),
        ),
        Warning::BadTime => {
            format!(
                "{} with an impossible time, the first is {frame}",
                counted(count, "frame")
            )
        }
        Warning::LinkLayer(number) => format!(
            "{} skipped, the first is {frame}: link layer {number}{} is not read",
            counted(count, "frame"),
            link_name(number),
        ),
        Warning::Wrapped => format!(
            "{} with SIP in something that is not read, or behind lengths that cannot be, the first is {frame}: what is in it is missing here",
            counted(count, "frame"),
        ),
        Warning::FragmentsMissing => format!(
            "{} of which fragments are missing from the capture, the first at frame {frame}: a message is shown as far as it goes",
            counted(count, "fragmented packet"),
        ),
        Warning::FragmentsContradict => format!(
            "{} of which fragments contradict one another, the first at frame {frame}: no message is made of it",
            counted(count, "fragmented packet"),
        ),
        Warning::FragmentsDropped => format!(
            "{} dropped to bound memory, the first at frame {frame}: a message is shown as far as it goes",
            counted(count, "unfinished fragmented packet"),
        ),
        Warning::Tunnels => format!(
            "{} with too many tunnels within one another, the first is {frame}",
            counted(count, "packet"),
        ),
        Warning::HepCut => format!(
            "{} cut short, the first at frame {frame}: a message is shown as far as it goes",
            counted(count, "HEP packet"),
        ),
        Warning::HepDamaged => format!(
            "{} with lengths that cannot be, the first at frame {frame}",
            counted(count, "HEP packet"),
        ),
        Warning::HepIncomplete => format!(
            "{} skipped, the first at frame {frame}: it does not say between which addresses",
            counted(count, "HEP packet"),
        ),
        Warning::HepNotUnpacked => format!(
            "{} skipped, the first at frame {frame}: the message in it cannot be unpacked",
            counted(count, "HEP packet"),
        ),
        Warning::HepBomb => format!(
            "{} skipped, the first at frame {frame}: unpacks to more than any message",
            counted(count, "HEP packet"),
        ),
        Warning::HepMedia => format!(
            "{} with media or reports on them skipped, the first at frame {frame}: only those with SIP are read",
            counted(count, "HEP packet"),
        ),
        Warning::CutMessage => format!(
            "{} over TCP with bytes missing from the capture, the first at frame {frame}",
            counted(count, "message"),
        ),
        Warning::NotSip => format!(
            "{} of bytes between TCP messages that are not SIP, the first at frame {frame}",
            counted(count, "run"),
        ),
        Warning::BadContentLength => format!(
            "{} over TCP with an unusable Content-Length, the first at frame {frame}",
            counted(count, "message"),
        ),
        Warning::NotHep => format!(
            "{} of bytes between HEP packets over TCP that are not HEP, the first at frame {frame}",
            counted(count, "run"),
        ),
        Warning::NotWebSocket => format!(
            "{} of bytes between WebSocket frames that are none, the first at frame {frame}",
            counted(count, "run"),
        ),
        Warning::Compressed => format!(
            "{} over WebSocket skipped, the first at frame {frame}: permessage-deflate is not read",
            counted(count, "compressed message"),
        ),
        Warning::LongMessage => format!(
            "{} over WebSocket skipped, the first at frame {frame}",
            counted(count, "oversized message"),
        ),
        Warning::Tls(port) => format!(
            "{} to port {port}, the first at frame {frame}: encrypted, so no message can be read",
            counted(count, "TLS connection"),
        ),
        Warning::TlsUnfinished(port) => format!(
            "{} to port {port}, the first at frame {frame}: the handshake is not seen to succeed",
            counted(count, "TLS connection"),
        ),
        Warning::TlsFailed {
            port,
            by_client,
            description,
        } => format!(
            "{} to port {port} failed, the first at frame {frame}: the {} refused because of {}",
            counted(count, "TLS handshake"),
            if by_client { "client" } else { "server" },
            alert_words(description).map_or_else(|| format!("alert {description}"), str::to_owned),
        ),
        Warning::Dropped => format!(
            "{} dropped to bound memory, the first at frame {frame}",
            counted(count, "unfinished TCP stream"),
        ),
        Warning::Text(note) => note.sentence(count, frame),
    }
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}

/// The common ones among those that we do not read (tcpdump.org/linktypes.html).
fn link_name(number: u16) -> &'static str {
    match number {
        9 => " (PPP)",
        105 => " (IEEE 802.11)",
        127 => " (IEEE 802.11 with radiotap)",
        147..=162 => " (private use)",
        189 | 220 => " (USB)",
        239 => " (Linux NFLOG)",
        252 => " (Wireshark exported PDUs)",
        _ => "",
    }
}
