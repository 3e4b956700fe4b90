//! Where the media of calls was announced to go, and when: the addresses of all audio descriptions
//! with the time in which they hold. Looks at no media and judges nothing.

use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};

use super::name::Method;
use super::packet::Packet;
use super::sdp::{Media, Sdp};
use super::signal::{Signal, Thread, threads};

/// Media goes on for a moment after the last message of a call.
pub const TAIL: SignedDuration = SignedDuration::from_secs(5);

/// An address at which one side of a call awaits audio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Where RTP should go.
    pub address: SocketAddr,
    /// Where RTCP should go that does not share the port of RTP.
    pub rtcp: SocketAddr,
    /// When it was first announced under its Call-ID.
    pub from: Timestamp,
    /// [`TAIL`] after the last message under that Call-ID; the end of time where the call was
    /// answered and no BYE was seen, as it may have gone on.
    pub to: Timestamp,
    /// When the first 2xx to an INVITE was seen under the Call-ID.
    pub answered: Option<Timestamp>,
    /// The formats that were announced for it.
    pub formats: Vec<AnnouncedFormat>,
}

/// What a payload type was announced to mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnnouncedFormat {
    /// The payload type.
    pub payload_type: u8,
    /// The clock of its timestamps in Hz; 0 where the description does not say.
    pub clock_rate: u32,
    /// Whether these are telephone events (RFC 4733).
    pub is_event: bool,
    /// Whether it is of the audio. Video and text may share its port (RFC 9143).
    pub is_audio: bool,
}

/// The audio endpoints that the messages of some calls announce, one an address and Call-ID, in
/// the order in which the Call-IDs begin.
#[must_use]
pub fn endpoints(packets: &[Packet]) -> Vec<Endpoint> {
    threads(packets.to_vec())
        .iter()
        .flat_map(of_thread)
        .collect()
}

/// The same for the messages of one Call-ID.
#[must_use]
pub fn of_thread(thread: &Thread) -> Vec<Endpoint> {
    let signals = &thread.signals;
    let is_answer = |signal: &&Signal| matches!(signal.answer_to(&Method::Invite), Some(200..=299));
    let answered = signals.iter().find(is_answer).map(Signal::at);
    let has_ended = signals.iter().any(|signal| signal.is_request(&Method::Bye));
    let last = signals.last().map(Signal::at);
    let to = match (answered, has_ended) {
        (Some(_), false) => Timestamp::MAX,
        _ => last
            .and_then(|last| last.checked_add(TAIL).ok())
            .unwrap_or(Timestamp::MAX),
    };
    let mut found: Vec<Endpoint> = Vec::new();
    for signal in signals {
        // A refusal may describe what would have been accepted: no media follows from that.
        if signal.message().code().is_some_and(|code| code >= 300) {
            continue;
        }
        let Some(sdp) = signal.message().sdp() else {
            continue;
        };
        for media in sdp.media.iter().filter(|media| media.kind == "audio") {
            let (Some(address), Some(rtcp)) = (media.endpoint(), media.rtcp_endpoint()) else {
                continue;
            };
            let known = found.iter().position(|known| known.address == address);
            let at = known.unwrap_or_else(|| {
                found.push(Endpoint {
                    address,
                    rtcp,
                    from: signal.at(),
                    to,
                    answered,
                    formats: Vec::new(),
                });
                found.len() - 1
            });
            let Some(endpoint) = found.get_mut(at) else {
                continue;
            };
            // What was said last of the port of RTCP holds.
            endpoint.rtcp = rtcp;
            endpoint.add(&sdp, media);
        }
    }
    found
}

impl Endpoint {
    /// Takes in the formats of an audio line, and those of the other lines as what is no audio.
    fn add(&mut self, sdp: &Sdp, audio: &Media) {
        for format in announced(audio, true) {
            match self.place(format.payload_type) {
                Some(known) if !known.is_audio => *known = format,
                Some(_) => {}
                None => self.formats.push(format),
            }
        }
        let others = sdp.media.iter().filter(|media| media.kind != "audio");
        for format in others.flat_map(|media| announced(media, false)) {
            if self.place(format.payload_type).is_none() {
                self.formats.push(format);
            }
        }
    }

    fn place(&mut self, payload_type: u8) -> Option<&mut AnnouncedFormat> {
        let mut formats = self.formats.iter_mut();
        formats.find(|it| it.payload_type == payload_type)
    }
}

/// The formats of a line that have a payload type.
fn announced(media: &Media, is_audio: bool) -> impl Iterator<Item = AnnouncedFormat> {
    media.formats.iter().filter_map(move |format| {
        Some(AnnouncedFormat {
            payload_type: format.token.parse().ok()?,
            clock_rate: format.clock.unwrap_or(0),
            is_event: format.codec.as_deref() == Some("TELEPHONE-EVENT"),
            is_audio,
        })
    })
}
