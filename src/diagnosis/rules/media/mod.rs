//! Media: where it should flow by what the session descriptions say, and where it was seen to.

mod address;
mod announcement;
mod codecs;
mod description;
mod digits;
mod elsewhere;
mod missing;
mod quality;
mod timing;
mod words;

use super::Rule;
use crate::sip::{Described, Hop};

/// The rules of this family.
pub const RULES: &[&Rule] = &[
    &missing::ONE_WAY_AUDIO,
    &missing::NO_AUDIO,
    &timing::LATE_AUDIO,
    &timing::AUDIO_STOPPED,
    &address::PRIVATE_MEDIA_ADDRESS,
    &description::ANSWER_WITHOUT_SDP,
    &description::STREAM_REFUSED,
    &codecs::NO_COMMON_CODEC,
    &codecs::SRTP_MISMATCH,
    &elsewhere::RTP_FROM_ELSEWHERE,
    &elsewhere::UNANNOUNCED_PAYLOAD_TYPE,
    &digits::DIGITS_NOT_PASSED,
    &quality::PACKET_LOSS,
    &quality::HIGH_JITTER,
    &quality::LOSS_BEHIND_CAPTURE,
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
