//! A session description as it is compared: codecs, packet time, whether the address is of use
//! outside, direction, DTMF, encryption, fax. The keys are nobody's business.

use super::profile::Entry;
use crate::sip::address::is_private;
use crate::sip::sdp::{Direction, Media, Sdp};
use crate::sip::{Described, Hop};

/// What the sender of the INVITE describes on a hop; nothing where it describes nothing.
pub(super) fn of_client(hop: &Hop) -> Option<Vec<Entry>> {
    described(hop.decisive()?.described_by_client())
}

/// What its answerer describes.
pub(super) fn of_server(hop: &Hop) -> Option<Vec<Entry>> {
    described(hop.decisive()?.described_by_server())
}

fn described(by: Option<Described<'_>>) -> Option<Vec<Entry>> {
    Some(of_sdp(&by?.sdp))
}

fn of_sdp(sdp: &Sdp) -> Vec<Entry> {
    let fax = if sdp.media.iter().any(Media::is_t38) {
        "T.38"
    } else {
        "none"
    };
    let mut entries = vec![Entry::said("Fax", fax)];
    match sdp.audio() {
        None => entries.push(Entry::said("Audio", "none")),
        Some(audio) => {
            entries.push(Entry::said("Audio", "described"));
            entries.extend(of_audio(audio));
        }
    }
    entries
}

fn of_audio(audio: &Media) -> Vec<Entry> {
    let ms = |time: Option<u32>| time.map_or("not said".to_owned(), |ms| format!("{ms} ms"));
    let address = match audio.ip() {
        None => "none, or a name",
        Some(ip) if is_private(ip) => "private",
        Some(_) => "public",
    };
    let direction = match audio.direction {
        Direction::SendRecv => "both ways",
        Direction::SendOnly => "sends only",
        Direction::RecvOnly => "receives only",
        Direction::Inactive => "inactive",
    };
    let suites: Vec<&str> = audio
        .security
        .crypto
        .iter()
        .map(|it| it.suite.as_str())
        .collect();
    let encryption = if audio.is_dtls() {
        "DTLS-SRTP".to_owned()
    } else if audio.is_srtp() || !suites.is_empty() {
        format!("SRTP {}", suites.join(", ")).trim_end().to_owned()
    } else {
        "none".to_owned()
    };
    let digits = audio.telephone_events().next().is_some();
    let codecs = audio.codecs().join(", ");
    vec![
        Entry::said(
            "Codecs",
            if codecs.is_empty() {
                "none known".to_owned()
            } else {
                codecs
            },
        ),
        Entry::said("Packet time", ms(audio.ptime)),
        Entry::said("Longest packet time", ms(audio.maxptime)),
        Entry::said("Address", address),
        Entry::said("Direction", direction),
        Entry::said(
            "DTMF",
            if digits {
                "telephone-event"
            } else {
                "no telephone-event"
            },
        ),
        Entry::said("Encryption", encryption),
        Entry::said(
            "Port",
            if audio.port == 0 {
                "0: refused"
            } else {
                "given"
            },
        ),
    ]
}
