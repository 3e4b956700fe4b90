//! A row of the platform's SIP trace, with all its columns. Does not read the message in it.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::sip::Transport;

/// One SIP message as the platform recorded it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TracedMessage {
    /// The platform's number of it; later ones are higher.
    pub id: Option<u64>,
    /// When it was seen by one of the row's two clocks, to the millisecond.
    pub date: Option<Timestamp>,
    /// When it was seen by the other one, to the microsecond. The two may disagree.
    pub micro_ts: Option<Timestamp>,
    /// The Call-ID of the message.
    pub call_id: Option<String>,
    /// The method of a request, or the code of a response as text.
    pub method: Option<String>,
    /// The reason phrase of a response.
    pub reply_reason: Option<String>,
    /// The Request-URI.
    pub request_uri: Option<String>,
    /// The user of the Request-URI.
    pub request_user: Option<String>,
    /// The user of the To header.
    pub to_user: Option<String>,
    /// The user of the From header.
    pub from_user: Option<String>,
    /// User-Agent of a request, Server of a response.
    pub user_agent: Option<String>,
    /// The address that sent it.
    pub source_ip: Option<IpAddr>,
    /// The port that it was sent from.
    pub source_port: Option<u16>,
    /// The address it was sent to.
    pub destination_ip: Option<IpAddr>,
    /// The port it was sent to.
    pub destination_port: Option<u16>,
    /// What carried it.
    pub transport: Option<Transport>,
    /// The whole message with its body, as recorded. May hold digests: blank them before they are
    /// kept or shown (`sip::redact`).
    pub message: Option<String>,
    /// Microseconds since the message before, as the row says.
    pub delta_us: Option<i64>,
    /// What the row says besides.
    pub extra: Map<String, Value>,
}
