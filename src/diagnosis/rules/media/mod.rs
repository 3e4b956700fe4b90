//! Media: where it should flow by what the session descriptions say, and where it was seen to.

mod address;
mod afterwards;
mod agreed;
mod announcement;
mod changed;
mod codecs;
mod description;
mod digits;
mod early;
mod elsewhere;
mod encryption;
mod family;
mod lines;
mod missing;
mod opening;
mod presses;
mod quality;
mod round_trip;
mod sound;
mod timing;
mod transcoding;
mod words;

use super::Rule;
use crate::sip::{Described, Hop, Name, Signal};

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &missing::ONE_WAY_AUDIO,
    &missing::NO_AUDIO,
    &timing::LATE_AUDIO,
    &timing::AUDIO_STOPPED,
    &afterwards::AUDIO_LOST_AFTER_CHANGE,
    &address::PRIVATE_MEDIA_ADDRESS,
    &family::ZERO_MEDIA_ADDRESS,
    &family::ADDRESS_FAMILY_DIFFERS,
    &description::ANSWER_WITHOUT_SDP,
    &description::STREAM_REFUSED,
    &lines::ANSWER_LINES_DIFFER,
    &changed::CHANGED_WITHOUT_VERSION,
    &changed::ANSWER_DIFFERS_FROM_EARLY,
    &early::NO_RINGBACK,
    &codecs::NO_COMMON_CODEC,
    &transcoding::CODEC_CHANGED,
    &codecs::SRTP_MISMATCH,
    &encryption::SRTP_KEYS_IN_CLEAR,
    &encryption::DTLS_ROLES_CLASH,
    &encryption::ICE_WITHOUT_PAIR,
    &opening::ICE_CHECKS_FAILED,
    &opening::DTLS_HANDSHAKE_FAILED,
    &elsewhere::RTP_FROM_ELSEWHERE,
    &elsewhere::UNANNOUNCED_PAYLOAD_TYPE,
    &digits::DIGITS_NOT_PASSED,
    &presses::DIGITS_SENT_TWICE,
    &presses::DIGITS_REFUSED,
    &presses::DIGIT_CLOCK_DIFFERS,
    &quality::PACKET_LOSS,
    &quality::HIGH_JITTER,
    &quality::LOSS_BEHIND_CAPTURE,
    &round_trip::LONG_ROUND_TRIP,
    &sound::POOR_SOUND_ESTIMATED,
    &announcement::ANNOUNCEMENT_BEFORE_REFUSAL,
];

/// The description of the calling side on a hop.
fn of_caller(hop: &Hop) -> Option<Described<'_>> {
    hop.decisive()?.described_by_client()
}

/// The description of the called side on a hop.
fn of_called(hop: &Hop) -> Option<Described<'_>> {
    hop.decisive()?.described_by_server()
}

/// Whether an answer from before the final one is acknowledged (RFC 3262).
fn is_reliable(answer: &Signal) -> bool {
    let required = answer.message().elements(Name::Require);
    let mut tags = required.iter();
    tags.any(|tag| tag.eq_ignore_ascii_case("100rel"))
}
