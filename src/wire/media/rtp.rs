//! The header of an RTP packet (RFC 3550 section 5.1), and what tells RTP from RTCP. Reads no
//! sound and no digit: what follows the header is not looked at.

/// What a datagram that may be media is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    /// An RTP packet.
    Rtp,
    /// An RTCP packet, or several in one.
    Rtcp,
}

/// Tells RTP from RTCP on any port (RFC 5761 section 4), and both from STUN, DTLS and ZRTP that
/// share it (RFC 7983 section 7). Nothing where it is neither.
#[must_use]
pub fn kind(payload: &[u8]) -> Option<MediaKind> {
    let (first, second) = (*payload.first()?, *payload.get(1)?);
    if first >> 6 != 2 || payload.len() < 8 {
        return None;
    }
    Some(match second {
        192..=223 => MediaKind::Rtcp,
        _ => MediaKind::Rtp,
    })
}

/// What the header of an RTP packet says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RtpHeader {
    /// What the payload is, 0 to 127.
    pub payload_type: u8,
    /// The marker: the first packet after silence, for most sound.
    pub marker: bool,
    /// The sequence number.
    pub sequence: u16,
    /// The timestamp, in units of the payload's clock.
    pub timestamp: u32,
    /// Who is the source of it.
    pub ssrc: u32,
    /// Payload bytes without header, extension and padding, as far as that can be told.
    pub payload_bytes: usize,
}

/// The fixed part of the header.
const FIXED: usize = 12;

impl RtpHeader {
    /// Reads the header. `missing` is how many bytes of the datagram were not captured: what
    /// stands in those is believed to be there. Nothing where the bytes cannot be RTP.
    #[must_use]
    pub fn parse(packet: &[u8], missing: usize) -> Option<RtpHeader> {
        if kind(packet) != Some(MediaKind::Rtp) {
            return None;
        }
        let [first, second, s0, s1, rest @ ..] = packet else {
            return None;
        };
        let (timestamp, rest) = word(rest)?;
        let (ssrc, _) = word(rest)?;
        let whole = packet.len() + missing;
        let mut header = FIXED + 4 * usize::from(first & 0x0f);
        if first & 0x10 != 0 {
            let length = packet.get(header + 2..header + 4);
            let words = match length {
                Some([high, low]) => usize::from(u16::from_be_bytes([*high, *low])),
                _ if missing > 0 => 0,
                _ => return None,
            };
            header += 4 + 4 * words;
        }
        let padding = match packet.last() {
            Some(last) if first & 0x20 != 0 && missing == 0 => usize::from(*last),
            _ => 0,
        };
        let payload_bytes = whole.checked_sub(header)?.checked_sub(padding)?;
        Some(RtpHeader {
            payload_type: second & 0x7f,
            marker: second & 0x80 != 0,
            sequence: u16::from_be_bytes([*s0, *s1]),
            timestamp,
            ssrc,
            payload_bytes,
        })
    }
}

/// Four bytes as a number, and what follows them.
pub(super) fn word(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (word, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*word), rest))
}
