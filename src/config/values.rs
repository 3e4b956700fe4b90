//! How the types of other crates are written in a configuration. Each says what is allowed in words a person can use.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo};
use phonenumber::country;

use super::reader::{Refusal, Section, Setting, Value};
use crate::nearest::nearest;

impl Setting for String {
    fn allowed() -> String {
        "a text in quotes, on one line and not empty".to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let text = value.text()?.trim();
        if text.is_empty() || text.contains(char::is_control) {
            return Err(Refusal::plain());
        }
        Ok(text.to_owned())
    }
}

impl Setting for bool {
    fn allowed() -> String {
        "true, false".to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        value.raw.as_bool().ok_or_else(Refusal::plain)
    }
}

impl Setting for PathBuf {
    fn allowed() -> String {
        "a path in quotes; a relative one starts at the folder of this file, ~/ at the home folder"
            .to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let text = value.text()?;
        if text.is_empty() || text.contains('\0') {
            return Err(Refusal::plain());
        }
        Ok(value.around.path(text))
    }
}

impl Setting for SocketAddr {
    fn allowed() -> String {
        r#"an IP address with a port, as in "127.0.0.1:8080" or "[::1]:8080"; port 0 takes a free one"#.to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let text = value.text()?;
        text.parse().map_err(|_| {
            let meant = if let Some(port) = text.strip_prefix("localhost:") {
                format!("127.0.0.1:{port}")
            } else if text.starts_with(':') {
                format!("0.0.0.0{text}")
            } else {
                format!("{text}:8080")
            };
            // Only said where it would be taken.
            Refusal::maybe_meant(
                meant
                    .parse::<SocketAddr>()
                    .ok()
                    .map(|address| format!("\"{address}\"")),
            )
        })
    }
}

impl Setting for TimeZone {
    fn allowed() -> String {
        r#"the name of a time zone, as in "UTC" or "Europe/Berlin""#.to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let text = value.text()?;
        TimeZone::get(text).map_err(|_| {
            let known: Vec<_> = jiff::tz::db()
                .available()
                .map(|name| name.to_string())
                .collect();
            let meant = nearest(text, known.iter().map(String::as_str));
            Refusal::maybe_meant(meant.map(|name| format!("{name:?}")))
        })
    }
}

impl Setting for country::Id {
    fn allowed() -> String {
        r#"the two letters of a country in ISO 3166, as in "DE"; the United Kingdom is "GB""#
            .to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        value
            .text()?
            .to_ascii_uppercase()
            .parse()
            .map_err(|_| Refusal::plain())
    }
}

impl Setting for Duration {
    fn allowed() -> String {
        r#"a time with its unit, as in "500ms", "30s", "15m", "2h" or "90d""#.to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        if let Some(number) = value.raw.as_integer() {
            return Err(Refusal::maybe_meant(Some(format!("\"{number}s\""))));
        }
        duration(value.text()?).ok_or_else(Refusal::plain)
    }
}

/// How long something may take: a time longer than none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limit(Duration);

impl Setting for Limit {
    fn allowed() -> String {
        format!("{}; longer than nothing", Duration::allowed())
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        match Duration::read(value)? {
            Duration::ZERO => Err(Refusal::plain()),
            time => Ok(Limit(time)),
        }
    }
}

impl Setting for u32 {
    fn allowed() -> String {
        "a whole number, 0 or more".to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let number = value.raw.as_integer().ok_or_else(Refusal::plain)?;
        number.to_string().parse().map_err(|_| Refusal::plain())
    }
}

impl Setting for NonZeroU32 {
    fn allowed() -> String {
        "a whole number, 1 or more".to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        let number = u32::read(value)?;
        NonZeroU32::new(number).ok_or_else(Refusal::plain)
    }
}

/// How long something may take, where the configuration says it.
pub(super) fn limit(section: &mut Section<'_>, key: &'static str, usual: Duration) -> Duration {
    section.optional(key).map_or(usual, |Limit(time)| time)
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size(pub u64);

impl Setting for Size {
    fn allowed() -> String {
        r#"a size with its unit, as in "500kB", "32MB" or "1GB""#.to_owned()
    }

    fn read(value: &Value<'_>) -> Result<Self, Refusal> {
        const UNITS: [(&str, u64); 3] = [("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000)];
        let text = value.text()?.trim();
        let read = |(unit, bytes): &(&str, u64)| {
            let number: u64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
            number.checked_mul(*bytes).filter(|bytes| *bytes > 0)
        };
        let bytes = UNITS.iter().find_map(read);
        bytes.map(Size).ok_or_else(Refusal::plain)
    }
}

/// Reads a time such as `30s` or `1h 30m`. A day has 24 hours; months and years have no fixed length and are refused.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(length).ok()
}
