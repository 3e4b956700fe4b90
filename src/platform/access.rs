//! Who may send calls in: SIP users, addresses and caller numbers that the platform knows. Compares
//! what was configured; resolves no names.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Id;
use crate::peers::{Network, NetworkError};

/// Whether an entry as configured (an address or a block in CIDR notation) covers an address.
/// Nothing where the entry is neither, such as a host name: then it cannot be told from here.
#[must_use]
pub fn covers(entry: &str, address: IpAddr) -> Option<bool> {
    let network = match entry.trim().parse::<Network>() {
        Ok(network) => network,
        // Bits beyond the prefix make it no other block.
        Err(NetworkError::BeginsElsewhere(network)) => network,
        Err(NetworkError::Unreadable) => return None,
    };
    Some(network.contains(address.to_canonical()))
}

/// A user name under which a device registers and calls.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SipUser {
    /// The user name.
    pub name: String,
    /// Whose it is.
    pub customer_id: Option<Id>,
    /// How many calls it may have at once; 0 is no limit.
    pub channels: Option<u64>,
    /// The addresses it may come from, as configured; empty is any.
    pub ip_whitelist: Vec<String>,
    /// The whole row as received.
    pub raw: Value,
}

impl SipUser {
    /// Whether it may come from this address. Nothing where only a host name in its list could say.
    #[must_use]
    pub fn may_come_from(&self, address: IpAddr) -> Option<bool> {
        if self.ip_whitelist.is_empty() {
            return Some(true);
        }
        let covered = || self.ip_whitelist.iter().map(|it| covers(it, address));
        if covered().any(|it| it == Some(true)) {
            return Some(true);
        }
        covered().all(|it| it.is_some()).then_some(false)
    }
}

/// An address whose calls are taken as a customer's or a carrier's without asking for credentials.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct IpEntry {
    /// An address, a block in CIDR notation or a host name, as configured.
    pub address: String,
    /// Whose it is.
    pub customer_id: Option<Id>,
    /// The whole row as received.
    pub raw: Value,
}

impl IpEntry {
    /// Whether it covers this address. Nothing where it is a host name.
    #[must_use]
    pub fn covers(&self, address: IpAddr) -> Option<bool> {
        covers(&self.address, address)
    }
}

/// A caller number that a customer may use.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CliEntry {
    /// The number or pattern, as configured.
    pub cli: Option<String>,
    /// Whose it is.
    pub customer_id: Option<Id>,
    /// The whole row as received.
    pub raw: Value,
}
