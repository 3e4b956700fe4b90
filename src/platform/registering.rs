//! A device that registers, or tries to: who it says it is, from where, and what the platform's lists and
//! its register log tell of both. Holds values; concludes nothing.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{IpEntry, SipUser, Words};

/// What is known of a device that registers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Registering {
    /// The user name that it registers, where that is known.
    pub user: Option<String>,
    /// Its public address, where that is known.
    pub device: Option<IpAddr>,
    /// Whether the platform has a user of this name; nothing where it could not be asked, or no user is
    /// known.
    pub is_user_known: Option<bool>,
    /// The user as the platform has it.
    pub account: Option<SipUser>,
    /// The address entries that cover the device; nothing where they could not be asked for.
    pub entries: Option<Vec<IpEntry>>,
    /// What the register log has of the user and the device, the newest first; nothing where it could
    /// not be asked.
    pub log: Option<Vec<RegisterEntry>>,
    /// Who is registered now under the user name, in the platform's words; nothing where that was not asked.
    #[serde(default)]
    pub registered: Option<Words>,
    /// What the platform's firewall has of the device, in its words; nothing where that was not asked.
    #[serde(default)]
    pub firewall: Option<Words>,
}

/// An attempt to register, as the register log has it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RegisterEntry {
    /// Its Call-ID, under which its messages are found.
    pub call_id: Option<String>,
    /// Who was to be registered.
    #[serde(default)]
    pub user: Option<String>,
    /// Where it came from.
    pub from: Option<IpAddr>,
    /// When.
    pub at: Option<Timestamp>,
    /// The last answer.
    pub code: Option<u16>,
}

impl RegisterEntry {
    /// Whether it was accepted.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        matches!(self.code, Some(200..=299))
    }
}

impl Registering {
    /// The newest attempt that was accepted.
    #[must_use]
    pub fn last_good(&self) -> Option<&RegisterEntry> {
        self.log.as_ref()?.iter().find(|entry| entry.is_accepted())
    }

    /// The Call-IDs of the attempts of the user, from wherever.
    pub fn call_ids(&self) -> impl Iterator<Item = &str> {
        let log = self.log.as_deref().unwrap_or_default();
        log.iter().filter_map(|entry| entry.call_id.as_deref())
    }

    /// The attempts that are not known to have come from another address than the device's: a user may have several
    /// devices. Nothing where the log could not be asked.
    #[must_use]
    pub fn attempts(&self) -> Option<Vec<&RegisterEntry>> {
        let is_its = |entry: &&RegisterEntry| match (entry.from, self.device) {
            (Some(from), Some(device)) => from == device,
            _ => true,
        };
        Some(self.log.as_ref()?.iter().filter(is_its).collect())
    }
}
