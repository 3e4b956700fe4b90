//! ICE (RFC 8839): the addresses at which the sender of a description may be reached. Tries none of
//! them, and keeps no password.

use std::net::IpAddr;

/// More candidates than this are no offer and only cost time.
const MOST: usize = 64;

/// The ICE attributes of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ice {
    /// Whether there is a user fragment: without one there is no ICE (RFC 8839 section 5.4).
    pub has_ufrag: bool,
    /// The candidates in the order written.
    pub candidates: Vec<Candidate>,
    /// Whether no more candidates follow (RFC 8840 section 8.2).
    pub is_complete: bool,
}

/// One `a=candidate` line (RFC 8839 section 5.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Candidate {
    /// 1 for RTP, 2 for RTCP.
    pub component: u16,
    /// In upper case: `UDP`, `TCP`.
    pub transport: String,
    /// As written: an IP address, or a name ending in `.local`.
    pub address: String,
    /// The port.
    pub port: u16,
    /// In lower case: `host`, `srflx`, `prflx`, `relay`.
    pub kind: String,
}

impl Candidate {
    /// Reads `1 1 UDP 2130706431 192.0.2.1 8998 typ host`.
    fn parse(value: &str) -> Option<Candidate> {
        let mut words = value.split_whitespace().skip(1);
        let component = words.next()?.parse().ok()?;
        let transport = words.next()?.to_ascii_uppercase();
        let address = words.nth(1)?.to_owned();
        let port = words.next()?.parse().ok()?;
        let kind = words.next().filter(|word| *word == "typ");
        Some(Candidate {
            component,
            transport,
            address,
            port,
            kind: kind.and(words.next())?.to_ascii_lowercase(),
        })
    }

    /// The address, where it is an IP address.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.address.parse().ok()
    }
}

impl Ice {
    /// Takes an attribute in; whether it was one of these.
    pub(super) fn attribute(&mut self, name: &str, value: &str) -> bool {
        match name {
            "ice-ufrag" => self.has_ufrag = true,
            "candidate" if self.candidates.len() < MOST => {
                self.candidates.extend(Candidate::parse(value));
            }
            "candidate" => {}
            "end-of-candidates" => self.is_complete = true,
            _ => return false,
        }
        true
    }

    /// A user fragment of the session holds for every stream.
    pub(super) fn inherit(&mut self, session: &Ice) {
        self.has_ufrag |= session.has_ufrag;
        self.is_complete |= session.is_complete;
    }
}
