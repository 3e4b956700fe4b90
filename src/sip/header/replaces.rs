//! Transfers: the dialog that a new one takes the place of (RFC 3891), and where a REFER sends its
//! receiver (RFC 3515). Knows no dialogs.

use super::{Method, NameAddr};
use crate::sip::uri::{find_param, read_params};

/// Replaces: names the dialog to be replaced (RFC 3891 section 6.1). The tags are those of the side
/// that gets the request: `to-tag` its own, `from-tag` the other's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Replaces {
    /// The dialog's Call-ID.
    pub call_id: String,
    /// The receiver's own tag; empty where none is written.
    pub to_tag: String,
    /// The tag of the other side; empty where none is written. `0` is that of a party of RFC 2543.
    pub from_tag: String,
    /// Whether the dialog may only be replaced before it is confirmed.
    pub early_only: bool,
}

impl Replaces {
    /// Reads `id@host;to-tag=a;from-tag=b;early-only`; nothing where the Call-ID is missing.
    #[must_use]
    pub fn parse(value: &str) -> Option<Replaces> {
        let (call_id, params) = value.split_once(';').unwrap_or((value, ""));
        let call_id = call_id.trim();
        if call_id.is_empty() {
            return None;
        }
        let params = read_params(params);
        let tag = |name: &str| find_param(&params, name).unwrap_or_default().to_owned();
        Some(Replaces {
            call_id: call_id.to_owned(),
            to_tag: tag("to-tag"),
            from_tag: tag("from-tag"),
            early_only: find_param(&params, "early-only").is_some(),
        })
    }
}

/// Refer-To: the request that the receiver of a REFER is to send (RFC 3515 section 2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferTo {
    /// Whom to send it to.
    pub address: NameAddr,
    /// The method; INVITE where the URI says none.
    pub method: Method,
    /// The dialog to be replaced, for an attended transfer (RFC 5589 section 7).
    pub replaces: Option<Replaces>,
}

impl ReferTo {
    /// Reads `<sip:carol@host;method=INVITE?Replaces=id%3Bto-tag%3Da%3Bfrom-tag%3Db>`.
    #[must_use]
    pub fn parse(value: &str) -> ReferTo {
        let address = NameAddr::parse(value);
        ReferTo {
            method: address
                .uri
                .param("method")
                .filter(|method| !method.is_empty())
                .map_or(Method::Invite, Method::parse),
            replaces: address.uri.header("replaces").and_then(Replaces::parse),
            address,
        }
    }
}
