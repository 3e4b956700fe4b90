//! Answers of paths that nobody documents: whatever they hold, as words. Tells only an answer from an error
//! and from nothing at all; picks no field.

use serde_json::Value;

use super::body::{elements, parse};
use super::redacted::{redacted, without_secrets};
use super::unreadable::Unreadable;
use crate::platform::Words;

/// How the platform says to whoever has no permission at all that it will not say.
const DENIED: &str = "access denied";

/// Reads an answer as words; none where it holds nothing.
///
/// # Errors
/// Where it is a web page, an error, or breaks off.
pub fn words(body: &[u8]) -> Result<Words, Unreadable> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    match parse(body) {
        Ok(read) => match elements(read.value) {
            Ok(elements) if elements.is_empty() => return Ok(Words::default()),
            // A text or a number alone is an answer too.
            Ok(_) | Err(Unreadable::Shape { .. }) => {}
            Err(error) => return Err(error),
        },
        Err(Unreadable::NotJson { start }) if text.starts_with(['{', '[']) => {
            return Err(Unreadable::NotJson { start });
        }
        Err(Unreadable::NotJson { .. }) => {}
        Err(error) => return Err(error),
    }
    let start: String = text.chars().take(DENIED.len() + 1).collect();
    if start.to_ascii_lowercase().contains(DENIED) {
        return Err(Unreadable::Refused {
            text: redacted(text),
        });
    }
    let (text, is_cut) = without_secrets(text);
    Ok(Words::new(text, is_cut))
}

/// Reads an answer as the words of its smallest part that names one of these: an object, else a line. None where
/// none of it does.
///
/// # Errors
/// Where it is a web page, an error, or breaks off.
pub fn words_naming(body: &[u8], names: &[&str]) -> Result<Words, Unreadable> {
    words(body)?;
    let names_one = |text: &str| {
        names
            .iter()
            .any(|name| !name.is_empty() && text.contains(name))
    };
    let part = match parse(body) {
        Ok(read) => smallest(&read.value, &names_one).map(Value::to_string),
        Err(_) => {
            let text = String::from_utf8_lossy(body);
            text.lines().find(|line| names_one(line)).map(str::to_owned)
        }
    };
    let (text, is_cut) = without_secrets(&part.unwrap_or_default());
    Ok(Words::new(text, is_cut))
}

/// The deepest object in which a text fits.
fn smallest<'v>(value: &'v Value, fits: &dyn Fn(&str) -> bool) -> Option<&'v Value> {
    match value {
        Value::Array(elements) => elements.iter().find_map(|it| smallest(it, fits)),
        Value::Object(object) => {
            let is_here = || object.values().any(|it| it.as_str().is_some_and(fits));
            let inside = object.values().find_map(|it| smallest(it, fits));
            inside.or_else(|| is_here().then_some(value))
        }
        _ => None,
    }
}
