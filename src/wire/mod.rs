//! What was seen on the wire besides SIP messages: ICMP errors, TCP resets, TLS handshakes, DNS, media. Pure values
//! and the reading of bytes into them; knows neither calls nor capture files.

pub mod dns;
pub mod icmp;
pub mod media;
pub mod tcp;
pub mod tls;

use serde::{Deserialize, Serialize};

pub use dns::{DnsAnswer, DnsData, DnsKind, DnsMessage, DnsRecord};
pub use icmp::{IcmpError, IcmpKind};
pub use media::MediaStream;
pub use tcp::TcpReset;
pub use tls::{TlsAlert, TlsConnection};

/// Everything besides SIP messages that a source holds on the calls it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Observations {
    /// ICMP errors, in order of time.
    #[serde(default)]
    pub icmp: Vec<IcmpError>,
    /// Resets of TCP connections, in order of time.
    #[serde(default)]
    pub resets: Vec<TcpReset>,
    /// TLS connections whose handshake was seen, in order of time.
    #[serde(default)]
    pub tls: Vec<TlsConnection>,
    /// Questions to DNS servers and their answers, in order of time.
    #[serde(default)]
    pub dns: Vec<DnsMessage>,
    /// Streams of RTP and RTCP, in order of their first packet.
    #[serde(default)]
    pub media: Vec<MediaStream>,
}

impl Observations {
    /// Nothing at all.
    pub const NONE: &'static Observations = &Observations {
        icmp: Vec::new(),
        resets: Vec::new(),
        tls: Vec::new(),
        dns: Vec::new(),
        media: Vec::new(),
    };

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.icmp.is_empty()
            && self.resets.is_empty()
            && self.tls.is_empty()
            && self.dns.is_empty()
            && self.media.is_empty()
    }

    /// Takes in what another source saw, and keeps the order of time.
    pub fn add(&mut self, other: Observations) {
        self.icmp.extend(other.icmp);
        self.icmp.sort_by_key(|error| error.at);
        self.resets.extend(other.resets);
        self.resets.sort_by_key(|reset| reset.at);
        self.tls.extend(other.tls);
        self.tls.sort_by_key(|connection| connection.at);
        self.dns.extend(other.dns);
        self.dns.sort_by_key(|message| message.at);
        self.media.extend(other.media);
        self.media.sort_by_key(|stream| stream.first);
    }
}
