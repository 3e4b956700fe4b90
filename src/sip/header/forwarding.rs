//! Where a call had been before it came here: Diversion (RFC 5806) and History-Info (RFC 7044).
//! Believes what they say; which of them is true is for others to judge.

use super::{NameAddr, Reason};
use crate::sip::uri::split_outside_quotes;

/// One value of Diversion (RFC 5806 section 10). The latest diversion stands first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diversion {
    /// Who diverted the call.
    pub address: NameAddr,
    /// Why, in lower case: `unconditional`, `user-busy`, `no-answer`, `deflection`; empty where
    /// it is not said.
    pub reason: String,
    /// How often it was diverted before this number, itself included.
    pub counter: Option<u32>,
    /// How often it may be diverted.
    pub limit: Option<u32>,
    /// In lower case: `full`, `name`, `uri`, `off`.
    pub privacy: Option<String>,
    /// Whether the diverting number was checked, in lower case: `yes` or `no`.
    pub screen: Option<String>,
}

impl Diversion {
    /// Reads `<sip:+15551002@h>;reason=user-busy;counter=1`.
    #[must_use]
    pub fn parse(value: &str) -> Diversion {
        let address = NameAddr::parse(value);
        let word = |name: &str| address.param(name).map(str::to_ascii_lowercase);
        let number = |name: &str| address.param(name)?.parse().ok();
        Diversion {
            reason: word("reason").unwrap_or_default(),
            counter: number("counter"),
            limit: number("limit"),
            privacy: word("privacy"),
            screen: word("screen"),
            address,
        }
    }
}

/// By which way an entry of History-Info came from another (RFC 7044 section 5.1). Each names the
/// index of the entry it came from, empty where that is not said.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Forwarded {
    /// `rc`: the same user, at a contact of theirs.
    Contact(String),
    /// `mp`: another user.
    OtherUser(String),
    /// `np`: the same target, no change.
    Unchanged(String),
}

/// One entry of History-Info (RFC 7044 section 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Where the request went.
    pub address: NameAddr,
    /// Its place in the tree of targets, as `1.2.1`; empty where none is written.
    pub index: String,
    /// How it came from another entry.
    pub forwarded: Option<Forwarded>,
    /// Why the request left this target: the Reason headers within the URI.
    pub reasons: Vec<Reason>,
    /// The cause within the URI (RFC 4458): why the call is sent to a service, as voicemail.
    pub cause: Option<u16>,
    /// Whether the entry is to be kept from others.
    pub is_private: bool,
}

impl HistoryEntry {
    /// Reads `<sip:bob@h?Reason=SIP%3Bcause%3D302>;index=1.1;rc=1`.
    #[must_use]
    pub fn parse(value: &str) -> HistoryEntry {
        let address = NameAddr::parse(value);
        let from = |name: &str| address.param(name).map(str::to_owned);
        let embedded = |name: &'static str| {
            let headers = address.uri.headers.iter();
            headers.filter(move |(key, _)| key == name)
        };
        HistoryEntry {
            index: from("index").unwrap_or_default(),
            forwarded: (from("rc").map(Forwarded::Contact))
                .or_else(|| from("mp").map(Forwarded::OtherUser))
                .or_else(|| from("np").map(Forwarded::Unchanged)),
            reasons: embedded("reason")
                .flat_map(|(_, value)| split_outside_quotes(value, ',').filter_map(Reason::parse))
                .collect(),
            cause: address
                .uri
                .param("cause")
                .and_then(|cause| cause.parse().ok()),
            is_private: embedded("privacy").any(|(_, value)| !value.eq_ignore_ascii_case("none")),
            address,
        }
    }

    /// The cause of the first reason of this protocol, as `SIP` or `Q.850`.
    #[must_use]
    pub fn reason_cause(&self, protocol: &str) -> Option<u16> {
        self.reasons
            .iter()
            .find(|reason| reason.protocol.eq_ignore_ascii_case(protocol))?
            .cause
    }
}
