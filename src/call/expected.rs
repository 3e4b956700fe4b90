//! Where a call should have gone, as somebody said it, and whether it is a place, a number or a name. Holds
//! the words as they were typed; compares them with no call.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::keyed::{self, Key};
use super::numbers;

/// Longer words are no address, user, number or customer.
const MAX_CHARS: usize = 255;

/// Where a call should have gone: an address, a user, a number or a customer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Expected(Box<str>);

impl Expected {
    /// What stands behind `expect=`; nothing where that is nothing, or no such word.
    pub(super) fn read(value: &str) -> Option<Expected> {
        let is_word = !value.trim().is_empty() && value.chars().count() <= MAX_CHARS;
        let is_clean = !value.chars().any(char::is_control);
        (is_word && is_clean).then(|| Expected(value.trim().into()))
    }

    /// The words.
    #[must_use]
    pub fn words(&self) -> &str {
        &self.0
    }

    /// The words as the name of a place in a sentence: a number sign alone is no name.
    #[must_use]
    pub fn said(&self) -> String {
        match self.0.strip_prefix('#') {
            Some(_) => format!("customer {}", self.0),
            None => self.0.to_string(),
        }
    }

    /// What it says of user and place: `1001@192.0.2.7` both, other words one that is either.
    #[must_use]
    pub fn parts(&self) -> (&str, Option<&str>) {
        let text = ["sips:", "sip:", "tel:"]
            .iter()
            .find_map(|scheme| self.0.strip_prefix(scheme))
            .unwrap_or(&self.0);
        let text = text.split([';', '?']).next().unwrap_or(text);
        match text.split_once('@') {
            Some((user, host)) => (user, Some(host)),
            None => (text, None),
        }
    }

    /// The address and port that a part of it is; nothing where it is none.
    #[must_use]
    pub fn address(part: &str) -> Option<(IpAddr, Option<u16>)> {
        let bare = part.trim_start_matches('[').trim_end_matches(']');
        let alone = bare.parse::<IpAddr>().ok().map(|ip| (ip, None));
        let with_port = || part.parse::<SocketAddr>().ok();
        alone.or_else(|| with_port().map(|it| (it.ip(), Some(it.port()))))
    }

    /// The digits of a part that is a phone number, however it is written, without what is dialled before a
    /// country or an area; nothing where it is none.
    #[must_use]
    pub fn number(part: &str) -> Option<String> {
        let is_number = part
            .chars()
            .all(|c| c.is_ascii_digit() || "+-. ()".contains(c));
        let digits: String = part.chars().filter(char::is_ascii_digit).collect();
        let digits = digits.trim_start_matches('0');
        (is_number && digits.len() >= numbers::MIN_DIGITS).then(|| digits.to_owned())
    }
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        keyed::write(f, Key::Expect, &self.0)
    }
}
