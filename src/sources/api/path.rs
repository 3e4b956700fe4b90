//! Where below an API's base address a look-up goes. Encodes whatever comes from outside, so that
//! no Call-ID and no number can change which place is asked; sends nothing.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;

/// All but the unreserved characters of RFC 3986 section 2.3. A blank becomes `%20`, not the `+` of
/// web forms, which not every server turns back.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A place below the base address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The path and perhaps a query, encoded, without a leading slash.
    text: String,
}

impl Path {
    /// The place that these segments lead to, each of them any text: a `/` in one stays in it.
    #[must_use]
    pub fn of(segments: &[&str]) -> Path {
        let encoded: Vec<_> = segments.iter().map(|segment| encoded(segment)).collect();
        Path {
            text: encoded.join("/"),
        }
    }

    /// A place as a configuration writes it, as in `log/register?s={search}`, with each `{name}`
    /// replaced by its value.
    #[must_use]
    pub fn template(template: &str, values: &[(&str, &str)]) -> Path {
        let mut text = String::new();
        let mut rest = template;
        // One pass: braces in a value are not looked at again.
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let named = after.split_once('}').and_then(|(name, beyond)| {
                let value = values.iter().find(|(known, _)| *known == name)?.1;
                Some((value, beyond))
            });
            match named {
                Some((value, beyond)) => {
                    text.push_str(&encoded(value));
                    rest = beyond;
                }
                None => {
                    text.push_str("%7B");
                    rest = after;
                }
            }
        }
        text.push_str(rest);
        Path { text }
    }

    /// The first segment: enough for a log, and never an id.
    pub(super) fn label(&self) -> &str {
        self.text.split(['/', '?']).next().unwrap_or_default()
    }

    /// The whole address, or nothing where the path would lead away from below `base`.
    pub(super) fn under(&self, base: &Url, params: &[(&str, &str)]) -> Option<Url> {
        let path = self.text.split('?').next().unwrap_or_default();
        let mut segments = path.trim_end_matches('/').split('/');
        // Two dots mean "one up" to whoever reads an address, encoded or not.
        if !path.is_empty() && segments.any(|segment| matches!(segment, "" | "." | "..")) {
            return None;
        }
        let mut text = format!("{base}{}", self.text);
        for (key, value) in params {
            text.push(if text.contains('?') { '&' } else { '?' });
            text.push_str(&encoded(key));
            text.push('=');
            text.push_str(&encoded(value));
        }
        let url = Url::parse(&text).ok()?;
        url.as_str().starts_with(base.as_str()).then_some(url)
    }
}

impl From<&str> for Path {
    /// A fixed path as the platform documents it, as in `log/trace`.
    fn from(fixed: &str) -> Path {
        Path {
            text: fixed.to_owned(),
        }
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}
