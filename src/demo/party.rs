//! The customer and the carriers of the demo platform, behind the addresses of the recordings. Made up;
//! the addresses are for documentation (RFC 5737).

use std::net::IpAddr;

/// Somebody the demo platform exchanges calls with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Party {
    /// Under which number it is kept.
    pub id: u64,
    /// Its name.
    pub name: &'static str,
    /// Its address.
    pub ip: &'static str,
}

/// Who sends calls.
pub(super) const CUSTOMERS: [Party; 2] = [
    Party {
        id: 12,
        name: "Acme",
        ip: "198.51.100.10",
    },
    Party {
        id: 13,
        name: "Beispiel GmbH",
        ip: "198.51.100.128/25",
    },
];

/// Who takes calls.
pub(super) const CARRIERS: [Party; 2] = [
    Party {
        id: 105,
        name: "ExampleTel",
        ip: "203.0.113.9",
    },
    Party {
        id: 106,
        name: "Muster Telecom",
        ip: "203.0.113.19",
    },
];

/// The one of these who uses an address.
pub(super) fn behind(parties: &'static [Party], ip: IpAddr) -> Option<&'static Party> {
    parties.iter().find(|party| party.ip.parse() == Ok(ip))
}
