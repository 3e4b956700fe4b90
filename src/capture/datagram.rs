//! What one UDP datagram holds: a SIP message, HEP, DNS, a tunnel, or media. Decided from the datagram
//! alone; nothing is kept between two of them.

use crate::sip::{Seen, Transport};

use super::hep;
use super::item::{Datagram, Item};
use super::start_line::begins_message;
use super::tunnel;
use super::warnings::{Warning, Warnings};
use crate::wire::media::opening::Step;
use crate::wire::{DnsMessage, dns};

/// Version 2 in the first two bits of RTP and RTCP alike (RFC 3550 sections 5.1 and 6.4.1).
const MEDIA_VERSION: u8 = 2;
/// The shortest RTCP packet, a receiver report without blocks; a header of RTP has 12 bytes.
const SHORTEST_MEDIA: usize = 8;

/// Hands out what the datagram holds. A tunnel gives its IP packet back, which goes through the
/// layers again.
pub(super) fn hand_out<'a>(
    datagram: &Datagram<'a>,
    warnings: &mut Warnings,
    sink: &mut dyn FnMut(Item<'_>),
) -> Option<&'a [u8]> {
    let payload = datagram.payload;
    if begins_message(payload) {
        sink(Item::Message(Seen {
            at: datagram.at,
            source: datagram.source,
            destination: datagram.destination,
            transport: Transport::Udp,
            place: datagram.place,
            bytes: payload,
        }));
        return None;
    }
    let carrier = hep::Carrier {
        at: datagram.at,
        place: datagram.place,
    };
    if hep::datagram(payload, carrier, warnings, sink) {
        return None;
    }
    let inner = tunnel::in_datagram(datagram.destination.port(), payload);
    if inner.is_some() {
        return inner;
    }
    // A server's port is below that of its client.
    if datagram.source.port().min(datagram.destination.port()) == dns::PORT {
        dns(datagram, sink);
    } else if is_media(payload) {
        sink(Item::Media(*datagram));
    } else if has_sip(payload) {
        warnings.add(Warning::Wrapped, datagram.place.frame);
    }
    None
}

/// Whether there is SIP somewhere in it.
pub(super) fn has_sip(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"SIP/2.0").is_some()
}

fn dns(datagram: &Datagram<'_>, sink: &mut dyn FnMut(Item<'_>)) {
    let Some(read) = dns::read(datagram.payload, datagram.missing > 0) else {
        return;
    };
    sink(Item::Dns(DnsMessage {
        at: datagram.at,
        file: datagram.place.file,
        frame: datagram.place.frame,
        source: datagram.source,
        destination: datagram.destination,
        id: read.id,
        name: read.name,
        kind: read.kind,
        answer: read.answer,
    }));
}

fn is_media(payload: &[u8]) -> bool {
    payload.len() >= SHORTEST_MEDIA
        && payload
            .first()
            .is_some_and(|first| first >> 6 == MEDIA_VERSION)
        || Step::read(payload).is_some()
}
