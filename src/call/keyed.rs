//! `key:value` pairs: pasted headers, JSON fields, and our own canonical text. Reads and writes
//! pairs; what a value means is decided by others.

use std::fmt;

/// The keys that are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    CallId,
    User,
    Digits,
    Customer,
    Carrier,
    Server,
    Prefix,
    Destination,
    Code,
    Direction,
    Symptom,
    Expect,
}

/// Every spelling of every key; the first of a key is the one we write.
const KEYS: &[(&str, Key)] = &[
    ("call-id", Key::CallId),
    ("callid", Key::CallId),
    ("call_id", Key::CallId),
    ("call-id-b", Key::CallId),
    ("callidb", Key::CallId),
    ("callid_b", Key::CallId),
    ("call_id_b", Key::CallId),
    // RFC 3261 20.8: the compact form of the header.
    ("i", Key::CallId),
    ("user", Key::User),
    ("sip-user", Key::User),
    ("ext", Key::User),
    ("extension", Key::User),
    ("digits", Key::Digits),
    ("customer", Key::Customer),
    ("client", Key::Customer),
    ("carrier", Key::Carrier),
    ("provider", Key::Carrier),
    ("vendor", Key::Carrier),
    ("server", Key::Server),
    ("prefix", Key::Prefix),
    ("destination", Key::Destination),
    ("country", Key::Destination),
    ("code", Key::Code),
    ("sip_code", Key::Code),
    ("sip-code", Key::Code),
    ("direction", Key::Direction),
    ("symptom", Key::Symptom),
    ("expect", Key::Expect),
];

/// Words that name what follows them even without a colon: quotes after them hold one value.
pub(super) fn names_next(plain: &str) -> bool {
    KEYS.iter()
        .any(|(name, key)| *name == plain && *key != Key::CallId)
}

/// The key of a word and what follows its colon or equals sign, which may be nothing.
pub(super) fn split(word: &str) -> Option<(Key, &str)> {
    for (at, separator) in word.match_indices([':', '=']) {
        let before = word.get(..at)?.trim_end_matches(['"', '\'', '\\']);
        let start = before
            .rfind(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
            .map_or(0, |i| i + 1);
        // A key opens the word, or a parameter of a link; else it is part of a Call-ID.
        let (lead, name) = (before.get(..start)?, before.get(start..)?);
        let is_parameter = separator == "=" && lead.ends_with(['?', '&']);
        if !is_parameter && !lead.chars().all(|c| "{[(\"'`*<\\".contains(c)) {
            continue;
        }
        let known = KEYS.iter().find(|(key, _)| name.eq_ignore_ascii_case(key));
        if let Some((name, key)) = known
            && (*name != "i" || separator == ":")
        {
            return Some((*key, word.get(at + 1..)?));
        }
    }
    None
}

/// The text of a quoted value (with JSON escapes), when it is one.
pub(super) fn unquote(value: &str) -> Option<String> {
    if !value.starts_with('"') {
        return None;
    }
    serde_json::Deserializer::from_str(value)
        .into_iter::<String>()
        .next()?
        .ok()
}

/// Writes a pair so that it is read back exactly.
pub(super) fn write(f: &mut fmt::Formatter<'_>, key: Key, value: &str) -> fmt::Result {
    let name = KEYS
        .iter()
        .find(|(_, k)| *k == key)
        .map_or("", |(name, _)| name);
    let simple = |c: char| c.is_ascii_alphanumeric() || "-_.@#".contains(c);
    let edge = |c: char| c.is_ascii_alphanumeric();
    let bare = value.chars().all(simple) && value.ends_with(edge) && !value.starts_with(['.', '_']);
    if bare {
        return write!(f, "{name}:{value}");
    }
    write!(f, "{name}:\"")?;
    for c in value.chars() {
        // What the chat unwrapping might change, or part into the cells of a table, is written as an escape.
        if c.is_alphanumeric() || " !%()*+-./:=?@[]^_{}~#".contains(c) {
            write!(f, "{c}")?;
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(f, "\\u{unit:04x}")?;
            }
        }
    }
    f.write_str("\"")
}
