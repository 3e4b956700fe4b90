//! Offers and answers (RFC 3264): which side described its media in which message. Compares
//! nothing; what two descriptions mean together is for others to say.

use std::net::IpAddr;
use std::sync::Arc;

use super::sdp::Sdp;
use super::signal::Signal;
use super::transaction::Transaction;

/// A session description with the message that carried it.
#[derive(Debug, Clone)]
pub struct Described<'a> {
    /// The message.
    pub signal: &'a Arc<Signal>,
    /// What it describes.
    pub sdp: Arc<Sdp>,
}

impl<'a> Described<'a> {
    /// A message with the description it carries; nothing where it carries none.
    #[must_use]
    pub fn of(signal: &'a Arc<Signal>) -> Option<Described<'a>> {
        let sdp = signal.message().sdp()?;
        Some(Described { signal, sdp })
    }

    /// Where its sender wants to get audio.
    #[must_use]
    pub fn audio_address(&self) -> Option<IpAddr> {
        self.sdp.audio()?.ip()
    }
}

/// An offer, and the answer to it where one was seen.
#[derive(Debug, Clone)]
pub struct OfferAnswer<'a> {
    /// What one side proposed.
    pub offer: Described<'a>,
    /// What the other side made of it.
    pub answer: Option<Described<'a>>,
}

fn first<'a>(mut signals: impl Iterator<Item = &'a Arc<Signal>>) -> Option<Described<'a>> {
    signals.find_map(Described::of)
}

impl Transaction {
    /// The description of the side that sent the request: in the request, else in its ACK.
    #[must_use]
    pub fn described_by_client(&self) -> Option<Described<'_>> {
        first(self.requests.iter().chain(&self.acks))
    }

    /// The description of the side that answered: in a 2xx, else in an early answer. A 488 may
    /// describe what would have been accepted: no media follows from that.
    #[must_use]
    pub fn described_by_server(&self) -> Option<Described<'_>> {
        let success = |s: &&Arc<Signal>| matches!(s.message().code(), Some(200..=299));
        first(self.responses.iter().filter(success).chain(self.progress()))
    }

    /// The offer of this transaction with its answer. Where the request describes nothing, the
    /// answering side makes the offer and the ACK answers it (RFC 3261 section 13.2.1).
    #[must_use]
    pub fn offer_answer(&self) -> Option<OfferAnswer<'_>> {
        let (client, server) = (self.described_by_client(), self.described_by_server());
        let offers_first = first(self.requests.iter()).is_some();
        match (offers_first, server) {
            (true, answer) => Some(OfferAnswer {
                offer: client?,
                answer,
            }),
            (false, Some(offer)) => Some(OfferAnswer {
                offer,
                answer: client,
            }),
            (false, None) => None,
        }
    }
}
