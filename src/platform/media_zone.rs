//! Where media goes through the platform, and where its documentation stands. Look-up values only.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Id;

/// A group of media servers in one place.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MediaZone {
    /// Under which number the platform keeps it.
    pub id: Id,
    /// What the platform calls it.
    pub name: Option<String>,
    /// Whether it takes calls.
    pub is_active: Option<bool>,
    /// The zone that takes over from it.
    pub failover_id: Option<Id>,
    /// Whether it can change codecs.
    pub can_transcode: Option<bool>,
    /// Where it stands, in the platform's short form (`lon`).
    pub location: Option<String>,
    /// Whether servers are added as they are needed.
    pub is_elastic: Option<bool>,
    /// How many media servers serve one SIP server; 0 is no limit.
    pub most_per_server: Option<u64>,
    /// The whole row as received.
    pub raw: Value,
}

/// A media server. Its addresses are others than those of SIP, and firewalls must let them in too.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MediaServer {
    /// Under which number the platform keeps it.
    pub id: Option<Id>,
    /// Its short name.
    pub alias: Option<String>,
    /// The zone that it stands in.
    pub zone: Option<String>,
    /// Every address that its row holds.
    pub addresses: Vec<IpAddr>,
    /// The whole row as received.
    pub raw: Value,
}

/// A page of the platform's documentation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DocLink {
    /// Where people read it; nothing where that is no plain address of the web.
    pub url: Option<String>,
    /// Where its text is found through the API.
    pub link: Option<String>,
    /// What was found of its text.
    pub body: Option<String>,
}
