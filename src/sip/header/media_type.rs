//! Content-Type and Content-Disposition (RFC 3261 sections 20.15 and 20.11): a word, then parameters.
//! Reads no body.

use crate::sip::uri::{find_param, read_params};

/// A media type, or a disposition, with its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MediaType {
    /// In lower case, without white space: `application/sdp`, `session`.
    pub kind: String,
    /// The parameters, names in lower case.
    pub params: Vec<(String, String)>,
}

impl MediaType {
    /// Reads `multipart/mixed;boundary="a b"`.
    #[must_use]
    pub fn parse(value: &str) -> MediaType {
        let (kind, params) = value.split_once(';').unwrap_or((value, ""));
        MediaType {
            kind: kind
                .split_whitespace()
                .collect::<String>()
                .to_ascii_lowercase(),
            params: read_params(params),
        }
    }

    /// A parameter, as `boundary`.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        find_param(&self.params, name)
    }

    /// Whether it is `multipart/mixed` or another of its kind.
    #[must_use]
    pub fn is_multipart(&self) -> bool {
        self.kind.starts_with("multipart/")
    }
}
