//! Answers about who may send calls in: SIP users, IP entries and caller numbers.

use super::rows::{Rows, read};
use super::unreadable::Unreadable;
use crate::platform::{CliEntry, IpEntry, SipUser};

/// Reads SIP users.
///
/// # Errors
/// Where the answer as a whole is no list of users.
pub fn sip_users(body: &[u8]) -> Result<Rows<SipUser>, Unreadable> {
    read(body, |fields| {
        Some(SipUser {
            name: fields.text(&["username"])?,
            customer_id: fields.id(&["company_id", "customer_id"]),
            channels: fields.count(&["channels"]),
            ip_whitelist: fields
                .texts("ip_whitelist")
                .iter()
                .flat_map(|entry| entry.split([',', ';', '\n', ' ']))
                .map(|entry| entry.trim().to_owned())
                .filter(|entry| !entry.is_empty())
                .collect(),
            raw: fields.raw(),
        })
    })
}

/// Reads the addresses that calls are taken from without credentials.
///
/// # Errors
/// Where the answer as a whole is no list of entries.
pub fn ip_entries(body: &[u8]) -> Result<Rows<IpEntry>, Unreadable> {
    read(body, |fields| {
        Some(IpEntry {
            address: fields.text(&["ip"])?,
            customer_id: fields.id(&["company_id", "customer_id"]),
            raw: fields.raw(),
        })
    })
}

/// Reads the caller numbers that customers may use.
///
/// # Errors
/// Where the answer as a whole is no list of entries.
pub fn cli_entries(body: &[u8]) -> Result<Rows<CliEntry>, Unreadable> {
    read(body, |fields| {
        let entry = CliEntry {
            cli: fields.text(&["cli"]),
            customer_id: fields.id(&["company_id", "customer_id"]),
            raw: fields.raw(),
        };
        (entry.cli.is_some() || entry.customer_id.is_some()).then_some(entry)
    })
}
