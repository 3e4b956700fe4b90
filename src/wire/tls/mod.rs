//! TLS connections (RFC 5246, RFC 8446) as far as their handshake shows them in the clear: names,
//! version, alerts. Decrypts nothing and keeps no key material.

mod alert;
mod certificate;
mod hello;

use std::net::SocketAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use alert::{alert_name, alert_words};
pub use certificate::certificate_names;
pub use hello::{ClientHello, ServerHello, TLS_1_3, version_name};

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
    /// The names in the server's certificate, where it was sent in the clear (before TLS 1.3): the
    /// subject's common name, then those beside it.
    pub certificate_names: Vec<String>,
    /// Alerts in the clear, in order.
    pub alerts: Vec<TlsAlert>,
    /// Whether encrypted application data was seen: the handshake succeeded. TLS 1.3 makes its
    /// handshake look like such data; what is as short as an alert, or comes before both sides can
    /// have finished, does not count.
    pub established: bool,
}

impl TlsAlert {
    /// The name of its description, as in `unknown_ca`; `None` where no RFC gives it one.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        alert_name(self.description)
    }
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
