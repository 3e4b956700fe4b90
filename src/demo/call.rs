//! One recorded call, moved to another time and given an outgoing Call-ID as the platform forms them.
//! What happened in it stays as it was recorded.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use crate::sip::{Call, Join, Packet, calls, threads};

/// The server whose number outgoing Call-IDs bear.
const SERVER_NUMBER: u32 = 3736;

/// Where the mask of outgoing Call-IDs begins; any value does.
const FIRST_MASK: u8 = 0x2d;

/// The call later by so much, its further legs under Call-IDs of the platform's own form.
pub(super) fn moved(call: &Call, by: SignedDuration) -> Option<Call> {
    let first = call.first_leg()?.call_id.clone();
    let further = call.legs.iter().skip(1).map(|leg| leg.call_id.as_str());
    let renamed: Vec<(&str, String)> = further
        .enumerate()
        .map(|(number, old)| (old, outgoing_call_id(&first, number)))
        .collect();
    let packets = call.signals.iter().map(|(_, signal)| {
        let packet = &signal.packet;
        let bytes = renamed
            .iter()
            .fold(packet.bytes.to_vec(), |bytes, (old, new)| {
                replaced(&bytes, old.as_bytes(), new.as_bytes())
            });
        Packet {
            at: packet.at.checked_add(by).unwrap_or(packet.at),
            bytes: Bytes::from(bytes),
            ..packet.clone()
        }
    });
    let known: Vec<Join> = renamed
        .iter()
        .map(|(_, new)| Join::known(&first, new))
        .collect();
    calls(threads(packets.collect()), &known).into_iter().next()
}

/// When the last message of a call was seen.
pub(super) fn last(call: &Call) -> Timestamp {
    call.ended().unwrap_or_default()
}

/// A Call-ID as a platform makes it that hides topology: its server and the first Call-ID, masked.
/// May hold `/` and `+`.
fn outgoing_call_id(call_id: &str, number: usize) -> String {
    let masked: Vec<u8> = call_id
        .bytes()
        .scan(FIRST_MASK, |mask, byte| {
            *mask = mask.wrapping_mul(5).wrapping_add(7);
            Some(byte ^ *mask)
        })
        .collect();
    let server = SERVER_NUMBER.saturating_add(u32::try_from(number).unwrap_or_default());
    let body = BASE64.encode(masked).replace('=', "-");
    format!("CNX{server}_{body}")
}

/// The bytes with each occurrence of `old` replaced.
fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    for at in memchr::memmem::find_iter(bytes, old) {
        let done = bytes.len() - rest.len();
        out.extend_from_slice(bytes.get(done..at).unwrap_or_default());
        out.extend_from_slice(new);
        rest = bytes.get(at + old.len()..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}
