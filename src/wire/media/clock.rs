//! The clock of each static payload type (RFC 3551 section 6). A table, nothing else.

/// The clock of sound whose payload type nothing explains: that of nearly all telephone codecs.
pub(super) const ASSUMED: u32 = 8000;

/// The clock of a static payload type, in Hz. G.722 (9) counts 8000 by an old mistake that stays
/// (RFC 3551 section 4.5.2).
pub(super) fn of_static(payload_type: u8) -> Option<u32> {
    Some(match payload_type {
        0 | 3..=5 | 7..=9 | 12 | 13 | 15 | 18 | 19 => 8000,
        6 => 16_000,
        10 | 11 => 44_100,
        16 => 11_025,
        17 => 22_050,
        14 | 25 | 26 | 28 | 31..=34 => 90_000,
        _ => return None,
    })
}
