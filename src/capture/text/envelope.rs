//! What the text says around a message: when it was seen, between which ends, over what. Only what
//! is written; what is missing stays missing here.

use std::net::{IpAddr, SocketAddr};

use super::time::Written;
use crate::sip::Transport;

/// What is written about the next message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Envelope {
    pub(super) written: Option<Written>,
    pub(super) source: Option<End>,
    pub(super) destination: Option<End>,
    pub(super) transport: Option<Transport>,
}

/// One end of a message's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    Address(SocketAddr),
    /// A host by name, in lower case, and a port.
    Named(String, u16),
    /// The machine that wrote the text.
    Here,
}

/// Which way a machine that logs its own messages saw one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Sent,
    Received,
}

impl Envelope {
    /// A message between the writer of the text and another machine.
    pub(super) fn own(direction: Direction, far: End, transport: Option<Transport>) -> Envelope {
        let (source, destination) = match direction {
            Direction::Sent => (End::Here, far),
            Direction::Received => (far, End::Here),
        };
        Envelope {
            written: None,
            source: Some(source),
            destination: Some(destination),
            transport,
        }
    }
}

/// The port where none is written (RFC 3261 section 19.1.2).
pub(super) const DEFAULT_PORT: u16 = 5060;

/// Reads `192.0.2.1:5060`, `[2001:db8::1]:5060`, `2001:db8::1:5060` (as ngrep and sngrep write it)
/// and an address alone.
pub(super) fn address(text: &str) -> Option<SocketAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let split = text.rsplit_once(':').and_then(|(host, port)| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        Some(SocketAddr::new(host.parse().ok()?, port.parse().ok()?))
    });
    let alone = || {
        let ip: IpAddr = text.trim_matches(['[', ']']).parse().ok()?;
        Some(SocketAddr::new(ip, DEFAULT_PORT))
    };
    split.or_else(alone)
}

/// Reads an address, or the name of a host with its port.
pub(super) fn end(text: &str) -> Option<End> {
    if let Some(address) = address(text) {
        return Some(End::Address(address));
    }
    let (host, port) = text.rsplit_once(':')?;
    is_host(host).then_some(End::Named(host.to_ascii_lowercase(), port.parse().ok()?))
}

/// Whether a text has the form of a host name (RFC 3261 section 25.1, and the `_` that is met).
pub(super) fn is_host(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    (1..=255).contains(&text.len()) && text.bytes().all(allowed)
}

/// Reads the name of a transport in any case.
pub(super) fn transport(name: &str) -> Option<Transport> {
    match name.to_ascii_lowercase().as_str() {
        "udp" => Some(Transport::Udp),
        "tcp" => Some(Transport::Tcp),
        "tls" => Some(Transport::Tls),
        "ws" | "wss" => Some(Transport::Ws),
        _ => None,
    }
}

/// Reads `UDP:192.0.2.1:5060`, the transport where there is one.
pub(super) fn with_transport(text: &str) -> Option<(End, Option<Transport>)> {
    let named = text
        .split_once(':')
        .and_then(|(name, rest)| Some((transport(name)?, rest)));
    match named {
        Some((transport, rest)) => Some((end(rest)?, Some(transport))),
        None => Some((end(text)?, None)),
    }
}
