//! Addresses that people are shown and may open. Lets nothing through but plain addresses of the web, and opens none.

use reqwest::Url;

/// No address that is meant for people is longer, in bytes.
const LONGEST: usize = 300;

/// What formats, quotes or ends an address somewhere.
const MARKUP: [char; 14] = [
    '<', '>', '"', '\'', '`', '|', '*', '\\', '(', ')', '[', ']', '{', '}',
];

/// The address in a text of somebody else's; nothing where it has another scheme, a user's name in it, or
/// characters that a chat may take for markup.
pub(super) fn web_link(text: &str) -> Option<String> {
    let text = text.trim();
    let is_strange = |c: char| c.is_whitespace() || c.is_control() || MARKUP.contains(&c);
    let url = Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let names_nobody = url.username().is_empty() && url.password().is_none();
    let is_short = url.as_str().len() <= LONGEST;
    (is_web && names_nobody && is_short && !text.contains(is_strange)).then(|| url.to_string())
}
