//! What a path that the platform does not document answered: words, of which only the addresses and names in
//! them can be looked for. Guesses no shape.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// So many characters are shown.
const SHOWN: usize = 200;

/// Words that may deny what they stand beside. With one of them a text has to be read by a person.
const DENIALS: [&str; 12] = [
    "accept",
    "accepted",
    "allow",
    "allowed",
    "false",
    "never",
    "no",
    "none",
    "not",
    "permit",
    "permitted",
    "unblocked",
];

/// An answer in the platform's own words, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Words {
    /// The text on one line; empty where the answer holds nothing.
    text: String,
    /// Whether the answer went on.
    is_cut: bool,
}

impl Words {
    /// A text without secrets, which `is_cut` where the answer went on.
    #[must_use]
    pub fn new(text: String, is_cut: bool) -> Words {
        Words { text, is_cut }
    }

    /// Whether the answer holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text, or its beginning, for people: of JSON its keys and values, without the signs around them.
    #[must_use]
    pub fn shown(&self) -> String {
        let text = match serde_json::from_str::<Value>(&self.text) {
            Ok(value) => plain(&value),
            Err(_) => self.text.clone(),
        };
        let start: String = text.chars().take(SHOWN).collect();
        let is_more = self.is_cut || text.chars().nth(SHOWN).is_some();
        format!("{start}{}", if is_more { "…" } else { "" })
    }

    /// The addresses that stand in it, blocks by their first one.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        let is_of_address = |c: char| c.is_ascii_hexdigit() || ".:".contains(c);
        let parts = self.text.split(move |c| !is_of_address(c));
        parts.filter_map(|part| {
            let part = part.trim_matches('.');
            let with_port = || part.parse().ok().map(|it: std::net::SocketAddr| it.ip());
            let alone = part.trim_end_matches(':').parse().ok();
            alone.or_else(with_port)
        })
    }

    /// Whether this very address stands in it.
    #[must_use]
    pub fn names_address(&self, ip: IpAddr) -> bool {
        self.addresses()
            .any(|it| it.to_canonical() == ip.to_canonical())
    }

    /// Whether this very word, such as a user or a number, stands in it.
    #[must_use]
    pub fn names(&self, word: &str) -> bool {
        let is_of_word = |c: char| c.is_alphanumeric() || "_-".contains(c);
        let edge = |c: Option<char>| c.is_none_or(|c| !is_of_word(c));
        let mut found = self.text.match_indices(word);
        !word.is_empty()
            && found.any(|(at, _)| {
                let (before, rest) = self.text.split_at_checked(at).unwrap_or_default();
                let after = rest.get(word.len()..).unwrap_or_default();
                edge(before.chars().next_back()) && edge(after.chars().next())
            })
    }

    /// Whether a word in it may deny what it is about, so that what stands there proves nothing.
    #[must_use]
    pub fn may_deny(&self) -> bool {
        let words = self.text.split(|c: char| !c.is_alphanumeric());
        words
            .map(str::to_ascii_lowercase)
            .any(|word| DENIALS.contains(&word.as_str()))
    }

    /// Whether all of the answer is here, so that what does not stand in it was not said.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.is_cut
    }
}

/// A value as people read it: `ip 198.51.100.7, action Block`; elements apart by a semicolon.
fn plain(value: &Value) -> String {
    let joined = |parts: Vec<String>, between: &str| {
        let said: Vec<String> = parts.into_iter().filter(|it| !it.is_empty()).collect();
        said.join(between)
    };
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(list) => joined(list.iter().map(plain).collect(), "; "),
        Value::Object(object) => {
            let said = |(key, value): (&String, &Value)| match plain(value).as_str() {
                "" => String::new(),
                value => format!("{key} {value}"),
            };
            joined(object.iter().map(said).collect(), ", ")
        }
    }
}
