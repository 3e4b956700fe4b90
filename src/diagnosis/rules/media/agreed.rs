//! Offer and answer of a hop that was answered 2xx, as rules compare them. Finds nothing itself.

use std::net::SocketAddr;

use crate::sip::sdp::Media;
use crate::sip::{Described, Hop};

/// What the two sides of an answered hop described.
pub(super) struct Agreed<'a> {
    pub hop: &'a Hop,
    pub offer: Described<'a>,
    pub answer: Described<'a>,
    /// Who made the answer to the offer.
    pub by: SocketAddr,
}

/// The offer and the answer of a hop; nothing where it was not answered or one of them was not seen.
pub(super) fn agreed(hop: &Hop) -> Option<Agreed<'_>> {
    let invite = hop.decisive()?;
    invite
        .final_code()
        .filter(|code| (200..300).contains(code))?;
    let exchange = invite.offer_answer()?;
    let offered_by_client = exchange.offer.signal.message().code().is_none();
    Some(Agreed {
        hop,
        answer: exchange.answer?,
        by: if offered_by_client {
            hop.server
        } else {
            hop.client
        },
        offer: exchange.offer,
    })
}

impl Agreed<'_> {
    /// Who made the offer.
    pub fn offerer(&self) -> SocketAddr {
        if self.by == self.hop.server {
            self.hop.client
        } else {
            self.hop.server
        }
    }

    /// Whether one of the two was cut short, so that what it lacks may have been there.
    pub fn is_cut(&self) -> bool {
        self.offer.signal.message().is_cut() || self.answer.signal.message().is_cut()
    }

    /// The audio streams, offered and answered, that both sides took. The streams of an answer stand in
    /// the order of the offer (RFC 3264 section 6).
    pub fn audio(&self) -> impl Iterator<Item = (&Media, &Media)> {
        let pairs = self.offer.sdp.media.iter().zip(&self.answer.sdp.media);
        pairs.filter(|(offer, answer)| {
            offer.kind == "audio" && answer.kind == "audio" && offer.port != 0 && answer.port != 0
        })
    }
}
