//! TLS connections (RFC 5246, RFC 8446) as far as their handshake shows them in the clear: names,
//! version, alerts. Decrypts nothing and keeps no key material.

use std::net::SocketAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An alert that was sent in the clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsAlert {
    /// When it was seen.
    pub at: Timestamp,
    /// Which frame of the connection's file.
    pub frame: u32,
    /// Whether the client sent it; else the server did.
    pub by_client: bool,
    /// Whether it ends the connection.
    pub fatal: bool,
    /// The description's number (RFC 8446 section 6), as 42 for `bad_certificate`.
    pub description: u8,
}

/// One TLS connection of which the handshake, or a part of it, was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsConnection {
    /// When its first handshake message was seen.
    pub at: Timestamp,
    /// Which file, counted as `sip::Place` does.
    pub file: u32,
    /// The frame of its first handshake message.
    pub frame: u32,
    /// Who opened it.
    pub client: SocketAddr,
    /// Who was asked.
    pub server: SocketAddr,
    /// The name that the client asked for (SNI, RFC 6066 section 3).
    pub server_name: Option<String>,
    /// The version agreed, as in `TLS 1.2`; else the highest that the client offered.
    pub version: Option<String>,
    /// The names in the server's certificate, where it was sent in the clear (before TLS 1.3).
    pub certificate_names: Vec<String>,
    /// Alerts in the clear, in order.
    pub alerts: Vec<TlsAlert>,
    /// Whether encrypted application data was seen: the handshake succeeded.
    pub established: bool,
}

impl TlsConnection {
    /// The alert that ended it before anything could be said, where there is one.
    #[must_use]
    pub fn failure(&self) -> Option<&TlsAlert> {
        self.alerts
            .iter()
            .find(|alert| alert.fatal && !self.established)
    }
}
