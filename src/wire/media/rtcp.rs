//! RTCP packets (RFC 3550 section 6): sender and receiver reports and BYE. SRTCP (RFC 3711 section
//! 3.4) is encrypted after its first eight bytes: it is told from RTCP and not read.

use super::rtp::word;

/// What one datagram of RTCP says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rtcp {
    /// Sender reports (type 200).
    pub sender_reports: u32,
    /// Receiver reports (type 201).
    pub receiver_reports: u32,
    /// BYE packets (type 203): a source leaves.
    pub byes: u32,
    /// When its sender reports were sent.
    pub sent: Vec<SenderTime>,
    /// What its sender received, a block for each source.
    pub blocks: Vec<ReportBlock>,
}

/// By what the answer to a sender report names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderTime {
    /// The source that sent it.
    pub ssrc: u32,
    /// The middle 32 bits of its NTP time.
    pub middle: u32,
}

/// What the sender of a report received from one source (RFC 3550 section 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportBlock {
    /// The source it is about.
    pub ssrc: u32,
    /// The part lost since the report before, in 256ths.
    pub fraction_lost: u8,
    /// Packets lost since the beginning; copies make it negative.
    pub cumulative_lost: i32,
    /// The extended highest sequence number received.
    pub highest_sequence: u32,
    /// The interarrival jitter, in units of the reported stream's timestamp.
    pub jitter: u32,
    /// The middle 32 bits of the NTP time of the last sender report (LSR); 0 where none came.
    pub last_sender_report: u32,
    /// How long ago that came (DLSR), in 65536ths of a second.
    pub delay_since: u32,
}

/// More packets than this in one datagram are no report.
const MOST_PACKETS: usize = 64;

impl Rtcp {
    /// Reads a datagram of RTCP. Nothing where it cannot be read: encrypted, damaged, or cut
    /// short before its first report ends. `missing` is how many bytes were not captured.
    #[must_use]
    pub fn parse(datagram: &[u8], missing: usize) -> Option<Rtcp> {
        let mut rtcp = Rtcp::default();
        let mut rest = datagram;
        for _ in 0..MOST_PACKETS {
            let ([first, kind, l0, l1], after) = rest.split_first_chunk::<4>()?;
            // Behind an encrypted report no header is where the lengths say it is.
            if first >> 6 != 2 || !(192..=223).contains(kind) {
                return None;
            }
            let length = 4 * usize::from(u16::from_be_bytes([*l0, *l1]));
            let Some((body, next)) = after.split_at_checked(length) else {
                let is_cut = missing >= length - after.len();
                return (is_cut && rtcp != Rtcp::default()).then_some(rtcp);
            };
            rtcp.packet(first & 0x1f, *kind, body)?;
            rest = next;
            if rest.is_empty() {
                return Some(rtcp);
            }
        }
        None
    }

    /// Takes in one packet of a compound one.
    fn packet(&mut self, count: u8, kind: u8, body: &[u8]) -> Option<()> {
        let blocks = match kind {
            // The sender's SSRC; its NTP time, RTP time, packets and bytes.
            200 => {
                self.sender_reports += 1;
                let (ssrc, rest) = word(body)?;
                let middle = rest.get(2..).and_then(word)?.0;
                self.sent.push(SenderTime { ssrc, middle });
                body.get(24..)?
            }
            201 => {
                self.receiver_reports += 1;
                body.get(4..)?
            }
            203 => {
                self.byes += 1;
                return Some(());
            }
            _ => return Some(()),
        };
        let mut rest = blocks;
        for _ in 0..count {
            let (block, next) = ReportBlock::parse(rest)?;
            self.blocks.push(block);
            rest = next;
        }
        Some(())
    }
}

impl ReportBlock {
    fn parse(bytes: &[u8]) -> Option<(ReportBlock, &[u8])> {
        let (ssrc, rest) = word(bytes)?;
        let (lost, rest) = word(rest)?;
        let (highest_sequence, rest) = word(rest)?;
        let (jitter, rest) = word(rest)?;
        let (last_sender_report, rest) = word(rest)?;
        let (delay_since, rest) = word(rest)?;
        let [fraction_lost, c0, c1, c2] = lost.to_be_bytes();
        // 24 bits with a sign: shifted to the top and back.
        let cumulative_lost = i32::from_be_bytes([c0, c1, c2, 0]) >> 8;
        let block = ReportBlock {
            ssrc,
            fraction_lost,
            cumulative_lost,
            highest_sequence,
            jitter,
            last_sender_report,
            delay_since,
        };
        Some((block, rest))
    }
}
