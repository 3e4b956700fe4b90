//! HEP, the Homer Encapsulation Protocol: SIP messages that a proxy or an agent copied to a
//! collector, with the addresses and the time at which it saw them. Believes the header; says that there is media in it
//! or reports on them, and passes over in silence what else is no SIP.

mod unpack;
mod v2;
pub(super) mod v3;

use std::borrow::Cow;
use std::net::SocketAddr;

use jiff::Timestamp;

use crate::sip::{Place, Seen, Transport};

use super::item::Item;
use super::start_line::begins_message;
use super::warnings::{Warning, Warnings};

/// When and where a HEP packet itself was captured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carrier {
    pub(super) at: Timestamp,
    pub(super) place: Place,
}

/// What was copied.
struct Copied<'a> {
    /// When the agent saw it, if it says so.
    at: Option<Timestamp>,
    source: SocketAddr,
    destination: SocketAddr,
    transport: Transport,
    payload: Cow<'a, [u8]>,
}

/// Hands out what the HEP packets in a datagram copy; whether it is HEP at all.
pub(super) fn datagram(
    payload: &[u8],
    carrier: Carrier,
    warnings: &mut Warnings,
    sink: &mut dyn FnMut(Item<'_>),
) -> bool {
    if let Some(copied) = v2::read(payload) {
        hand_out(&copied, carrier, sink);
        return true;
    }
    let mut rest = payload;
    while v3::begins(rest) {
        let sound = packet(rest, carrier, warnings, sink);
        let Some(length) = v3::length(rest) else {
            break;
        };
        rest = rest.get(length.max(v3::MAGIC.len())..).unwrap_or_default();
        if !rest.is_empty() && !v3::begins(rest) && sound {
            warnings.add(Warning::HepDamaged, carrier.place.frame);
        }
    }
    v3::begins(payload)
}

/// Hands out what the one HEP packet of version 3 at the beginning of `bytes` copies; whether it
/// was sound.
pub(super) fn packet(
    bytes: &[u8],
    carrier: Carrier,
    warnings: &mut Warnings,
    sink: &mut dyn FnMut(Item<'_>),
) -> bool {
    let (copied, trouble) = v3::read(bytes);
    if let Some(warning) = trouble {
        warnings.add(warning, carrier.place.frame);
    }
    if let Some(copied) = copied.filter(|it| begins_message(&it.payload)) {
        hand_out(&copied, carrier, sink);
    }
    trouble != Some(Warning::HepDamaged)
}

fn hand_out(copied: &Copied<'_>, carrier: Carrier, sink: &mut dyn FnMut(Item<'_>)) {
    sink(Item::Message(Seen {
        at: copied.at.unwrap_or(carrier.at),
        source: copied.source,
        destination: copied.destination,
        transport: copied.transport,
        place: carrier.place,
        bytes: &copied.payload,
    }));
}

/// What a protocol number of IP means to an agent. There is none for TLS: Kamailio and FreeSWITCH
/// borrow one that nobody uses. Neither is there one for WebSocket.
fn transport(number: u8) -> Option<Transport> {
    const TCP: u8 = 6;
    const UDP: u8 = 17;
    const IDP_FOR_TLS: u8 = 22;
    const SCTP: u8 = 132;
    match number {
        UDP => Some(Transport::Udp),
        // What matters is that it repeats what was lost.
        TCP | SCTP => Some(Transport::Tcp),
        IDP_FOR_TLS => Some(Transport::Tls),
        _ => None,
    }
}
